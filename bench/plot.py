#!/usr/bin/env python3
"""Draws the plots that README and docs show from a file of results.

  bench/plot.py [RESULTS.json [FOLDER]]     default: bench/results/latest.json docs/images

growth.svg: the processor time of a fire as the number of actions grows, and as the number of different schedules grows.
burst.svg: how many fires of one second come out in a second: of the scheduler, of bare librdkafka, of others.
Only Python's own library is needed.
"""
import html
import json
import math
import pathlib
import re
import sys

from fit import figures

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 40, 48
COLOURS = {"actions": "#1f6feb", "schedules": "#d1542f"}
BAR_LEFT, BAR_RIGHT, BAR_STEP, BAR_HEIGHT, BAR_GAP = 376, 76, 20, 16, 8
OURS, NO_RECEIVER = "Action Scheduler", ", neither with a receiver"
BAR_COLOURS = {"ours": "#1f6feb", "bare": "#7d8590", "other": "#d1542f"}
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #444; } .title { font-weight: 600; } .grid { stroke: #8884; }
@media (prefers-color-scheme: dark) { text { fill: #bbb; } }
</style>"""


def growth_points(results):
    """Two lists of (count, microseconds a fire): by actions with 40 schedules, by schedules of the most actions with other than 40."""
    found = []
    for figure in results["growth"]["figures"]:
        match = re.fullmatch(r"(\d+) actions, (\d+) schedules: CPU of a fire", figure["what"])
        if match:
            found.append((int(match[1]), int(match[2]), figure["value"]))
    most = max(actions for actions, schedules, _ in found if schedules != 40)
    by_actions = sorted((actions, value) for actions, schedules, value in found if schedules == 40)
    by_schedules = sorted((schedules, value) for actions, schedules, value in found if actions == most)
    return most, by_actions, by_schedules


def short(number):
    for unit, name in ((10**6, "M"), (10**3, "k")):
        if number >= unit:
            return f"{number / unit:g}{name}"
    return str(number)


def growth_svg(results):
    most, by_actions, by_schedules = growth_points(results)
    decades = math.ceil(math.log10(max(count for count, _ in by_actions + by_schedules)))
    top = max(value for _, value in by_actions + by_schedules) * 1.25
    x = lambda count: LEFT + (WIDTH - LEFT - RIGHT) * math.log10(count) / decades
    y = lambda value: HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
           'aria-label="Processor time of a fire as actions and schedules grow">', STYLE,
           f'<text class="title" x="{LEFT}" y="20">Processor time of a fire, microseconds (planned, message made, settled)</text>']
    step = 10 ** math.floor(math.log10(top))
    step = next(s for s in (step / 5, step / 2, step, step * 2) if top / s <= 6)
    for i in range(int(top / step) + 1):
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(i * step):.1f}" y2="{y(i * step):.1f}"/>'
                   f'<text x="{LEFT - 8}" y="{y(i * step) + 4:.1f}" text-anchor="end">{i * step:g}</text>')
    for decade in range(decades + 1):
        out.append(f'<text x="{x(10**decade):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{short(10**decade)}</text>')
    legend = ((by_actions, "actions", "by actions, 40 different schedules"),
              (by_schedules, "schedules", f"by different schedules of {short(most)} actions"))
    for i, (points, colour, label) in enumerate(legend):
        path = " ".join(f"{x(count):.1f},{y(value):.1f}" for count, value in points)
        out.append(f'<polyline fill="none" stroke="{COLOURS[colour]}" stroke-width="2" points="{path}"/>')
        out += [f'<circle cx="{x(count):.1f}" cy="{y(value):.1f}" r="3.5" fill="{COLOURS[colour]}"><title>{short(count)}: '
                f'{value:g} us</title></circle>' for count, value in points]
        at = LEFT + i * 300
        out.append(f'<rect x="{at}" y="{HEIGHT - 18}" width="12" height="4" fill="{COLOURS[colour]}"/>'
                   f'<text x="{at + 18}" y="{HEIGHT - 12}">{label}</text>')
    return "\n".join(out + ["</svg>", ""])


def burst_bars(results):
    """By the number of fires: {label: (kind, how many a second, whether they reached Kafka)}."""
    bars = {}

    def add(fires, label, kind, value, to_kafka=True):
        bars.setdefault(int(fires), {}).setdefault(label, (kind, value, to_kafka))

    for name in ("burst", "burst beside peers"):
        for _, report, figure in figures(results, name):
            match = re.fullmatch(r"(\d+) fires of one second: (.*)", figure["what"])
            if not match:
                continue
            fires, what = match.groups()
            to_kafka = "no Kafka" not in figure.get("note", "")
            if what == "rate to the last acknowledgement":
                add(fires, OURS, "ours", figure["value"])
                if "peer" in figure:
                    add(fires, report["peer"], "bare", figure["peer"])
            elif what.endswith(NO_RECEIVER):
                add(fires, f"{OURS} without a receiver", "ours", figure["value"], False)
                add(fires, what.removesuffix(NO_RECEIVER), "other", figure["peer"], False)
            elif name == "burst beside peers":
                add(fires, OURS, "ours", figure["value"])
                add(fires, what, "other", figure["peer"], to_kafka)
            elif figure["unit"].endswith("s/s"):
                add(fires, what, "other", figure["value"], to_kafka)
    return dict(sorted(bars.items()))


def burst_svg(results):
    groups = burst_bars(results)
    values = [value for bars in groups.values() for _, value, _ in bars.values()]
    low = 10 ** math.floor(math.log10(min(values)) - 0.3)
    decades = math.ceil(math.log10(max(values) / low))
    bottom = TOP + BAR_STEP * len(values) + BAR_GAP * len(groups)
    height = bottom + BOTTOM
    x = lambda value: BAR_LEFT + (WIDTH - BAR_LEFT - BAR_RIGHT) * math.log10(value / low) / decades
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
           'aria-label="Fires of one second: how many come out in a second">', STYLE,
           '<text class="title" x="16" y="20">Fires due in one second: how many a second until the last is out (logarithmic)</text>']
    for decade in range(decades + 1):
        at = f"{x(low * 10**decade):.1f}"
        out.append(f'<line class="grid" x1="{at}" x2="{at}" y1="{TOP - 6}" y2="{bottom}"/>'
                   f'<text x="{at}" y="{bottom + 18}" text-anchor="middle">{short(low * 10**decade)}</text>')
    top = TOP
    for fires, bars in groups.items():
        out.append(f'<text class="title" x="16" y="{top + 13}">{short(fires)}</text>')
        for label, (kind, value, to_kafka) in bars.items():
            fill = f'fill="{BAR_COLOURS[kind]}"' if to_kafka else f'fill="none" stroke="{BAR_COLOURS[kind]}"'
            out.append(f'<text x="{BAR_LEFT - 8}" y="{top + 13}" text-anchor="end">{html.escape(label)}</text>'
                       f'<rect x="{BAR_LEFT}" y="{top}" width="{x(value) - BAR_LEFT:.1f}" height="{BAR_HEIGHT}" {fill}/>'
                       f'<text x="{x(value) + 6:.1f}" y="{top + 13}">{value:,.0f}</text>')
            top += BAR_STEP
        top += BAR_GAP
    if not all(to_kafka for bars in groups.values() for *_, to_kafka in bars.values()):
        out.append(f'<text x="{BAR_LEFT}" y="{height - 8}">hollow: no Kafka behind</text>')
    return "\n".join(out + ["</svg>", ""])


def main(arguments):
    here = pathlib.Path(__file__).resolve().parent
    results = json.loads(pathlib.Path(arguments[0] if arguments else here / "results/latest.json").read_text())
    folder = pathlib.Path(arguments[1]) if len(arguments) > 1 else here.parent / "docs/images"
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in (("growth", growth_svg), ("burst", burst_svg)):
        if name in results:
            (folder / f"{name}.svg").write_text(draw(results))
            print(folder / f"{name}.svg")


if __name__ == "__main__":
    main(sys.argv[1:])

#!/usr/bin/env python3
"""Draws the plots that README and docs show from a file of results.

  bench/plot.py [RESULTS.json [FOLDER]]     default: bench/results/latest.json docs/images

growth.svg: the processor time of a fire as the number of actions grows, and as the number of different schedules grows.
Only Python's own library is needed.
"""
import json
import math
import pathlib
import re
import sys

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 40, 48
COLOURS = {"actions": "#1f6feb", "schedules": "#d1542f"}
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


def main(arguments):
    here = pathlib.Path(__file__).resolve().parent
    results = json.loads(pathlib.Path(arguments[0] if arguments else here / "results/latest.json").read_text())
    folder = pathlib.Path(arguments[1]) if len(arguments) > 1 else here.parent / "docs/images"
    folder.mkdir(parents=True, exist_ok=True)
    if "growth" in results:
        (folder / "growth.svg").write_text(growth_svg(results))
        print(folder / "growth.svg")


if __name__ == "__main__":
    main(sys.argv[1:])

#!/usr/bin/env python3
"""Fits the cost model of docs/capacity.md to a file of results.

  bench/fit.py [RESULTS.json] [--write PAGE.md]...     default: bench/results/latest.json

Prints tables in Markdown: the model, what it says for 10,000 to 100,000,000 actions, and the figures behind it. With --write they
take the place of what stands in that page between the comments `bench/fit.py: report` and `bench/fit.py: end`; a few sentences
that of what stands behind `bench/fit.py: summary`.

Sections that were measured by hand with other numbers, such as `burst of 10000000` and `load of 10000000`, count like those whose
names they begin with. The fit is by least squares of the relative errors, because the times lie decades apart. What was measured
at one number only is taken as proportional to it, and nothing is told to become cheaper beyond the largest number that was
measured. Only Python's own library is needed.
"""
import argparse
import json
import math
import pathlib
import re

BEGIN, END = "<!-- bench/fit.py: {} -->", "<!-- bench/fit.py: end -->"
SECTIONS = ("burst", "burst beside peers", "load", "polls", "service", "simulate")  # of the table of figures
COUNTS = [10**exponent for exponent in range(4, 9)]
TEXT_BYTES, REST_BYTES = 100, 64  # of an action at rest; the second is what engine_cost_test allows
USUAL_SCHEDULES = 40  # as in bench/growth.cc
KNEE_PERCENT = 10  # a curve that a logarithm describes within this has none


def figures(results, name):
    """Those of the section and of its variants, each with the variant's name, the oldest first."""
    found = [(key, report) for key, report in results.items() if key == name or key.startswith(name + " of ")]
    found.sort(key=lambda item: item[1].get("at", ""))
    return [(key, report, figure) for key, report in found for figure in report["figures"]]


def points(results, name, pattern, scale=1.0):
    """{number: value} of the figures whose text is `pattern`, with the number in its first group. The newest counts."""
    found = {}
    for _, _, figure in figures(results, name):
        match = re.fullmatch(pattern, figure["what"])
        if match and figure["value"] > 0:
            found[int(match[1])] = figure["value"] * scale
    return found


def solve(matrix):
    """The solution of linear equations, each a list of coefficients and the right side. Gauss, the largest pivot first."""
    size = len(matrix)
    for i in range(size):
        pivot = max(range(i, size), key=lambda row: abs(matrix[row][i]))
        matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
        matrix[i] = [value / matrix[i][i] for value in matrix[i]]
        for row in range(size):
            if row != i:
                matrix[row] = [a - matrix[row][i] * b for a, b in zip(matrix[row], matrix[i])]
    return [row[-1] for row in matrix]


LINE = (lambda n: 1.0, lambda n: float(n))  # a constant part, and one for each
GROWTH = (lambda n: 1.0 / n, lambda n: 1.0, lambda n: math.log10(n / COUNTS[0]))  # a tick's share, a fire, more each tenfold
CONSTANT = (lambda n: 1.0,)


class Fit:
    """value(n) = the sum of coefficient × term(n). Where there are fewer points than terms, the last terms count alone. The
    constant part of a line is not less than nothing."""

    def __init__(self, measured, terms):
        self.measured = dict(sorted(measured.items()))
        self.terms = terms
        self.coefficients = self._solved(max(0, len(terms) - len(measured)))
        if terms is LINE and self.coefficients[0] < 0:
            self.coefficients = self._solved(1)

    def _solved(self, left_out):
        terms = self.terms[left_out:]
        rows = [[term(n) / value for term in terms] for n, value in self.measured.items()]
        normal = [[sum(row[i] * row[j] for row in rows) for j in range(len(terms))] + [sum(row[i] for row in rows)]
                  for i in range(len(terms))]
        return [0.0] * left_out + solve(normal)

    def __call__(self, n):
        return sum(coefficient * term(n) for coefficient, term in zip(self.coefficients, self.terms))

    def worst(self):
        """The largest relative error; None where nothing is left to compare."""
        if len(self.measured) <= sum(coefficient != 0 for coefficient in self.coefficients):
            return None
        return max(abs(self(n) / value - 1) for n, value in self.measured.items())

    def at(self, n):
        """The value, and whether it was measured."""
        if n in self.measured:
            return self.measured[n], True
        most = max(self.measured)
        return (max(self(n), self.measured[most] / most * n) if self.terms is LINE and n > most else self(n)), False


def fits(results):
    """By name; None where there is no figure to fit."""
    burst = r"(\d+) fires of one second: "
    poll = r"0 of (\d+) rows changed, others write elsewhere: "
    rates = points(results, "burst", burst + "rate to the last acknowledgement")
    cpu = points(results, "burst", burst + "CPU of the process", 1e-6)
    measured = {
        "burst": ({n: n / rate for n, rate in rates.items()}, LINE),
        "burst cpu": ({n: n * cost for n, cost in cpu.items()}, LINE),
        "fire cpu": (points(results, "growth", rf"(\d+) actions, {USUAL_SCHEDULES} schedules: CPU of a fire", 1e-6), GROWTH),
        "load": (points(results, "load", r"first load of (\d+) rows: on disk and in effect"), LINE),
        "peak": (points(results, "load", r"first load of (\d+) rows: peak memory, a day's fires included", 2.0**30), LINE),
        "poll": (points(results, "polls", poll + "server's processor time", 1e-3), LINE),
        "poll here": (points(results, "polls", poll + "scheduler's processor time", 1e-3), CONSTANT),
    }
    return {name: Fit(values, terms) if values else None for name, (values, terms) in measured.items()}


def digits(number):
    """Two of them that count, with commas."""
    if number == 0:
        return "0"
    places = 1 - int(f"{number:.1e}".partition("e")[2])
    return f"{round(number, places):,.{max(0, places)}f}"


def seconds(value):
    if value >= 120:
        return digits(value / 60) + " minutes"
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if value * factor >= 0.1:
            return f"{digits(value * factor)} {unit}"
    return f"{digits(value * 1e6)} µs"


def size(value):
    for factor, unit in ((10**9, "GB"), (10**6, "MB")):
        if value >= factor:
            return f"{digits(value / factor)} {unit}"
    return f"{digits(value)} bytes"


def counts(numbers):
    return ", ".join(f"{n:,}" for n in numbers)


def table(header, rows):
    lines = ["| " + " | ".join(cells) + " |" for cells in (header, *rows)]
    return [lines[0], "|---" * len(header) + "|", *lines[1:], ""]


def quantity(value):
    return f"{value:,.0f}" if value >= 100 or value == round(value) else digits(value)


def figure_row(name, report, figure):
    what = re.sub(r"\d{4,}", lambda number: f"{int(number[0]):,}", figure["what"])
    note = figure.get("note", "")
    peer = report.get("peer", "the peer")
    # Of a section whose figures have different peers the note names the one that is meant.
    own_peer = re.fullmatch(r"beside (?:an? )?([^;]+)(?:; (.*))?", note)
    if own_peer:
        peer, note = own_peer[1], own_peer[2] or ""
    ratio = figure.get("ratio", "")
    if ratio != "":
        ratio = f"{ratio:.2f}" if ratio < 10 else quantity(ratio)
    asked = figure.get("asked", "")
    if "met" in figure:
        asked = f"{asked}: {'met' if figure['met'] else 'missed'}".removeprefix(": ")
    return [what + (f" ({note})" if note else ""), f"{quantity(figure['value'])} {figure['unit']}".replace("us/", "µs/"),
            f"{peer}: {quantity(figure['peer'])}" if "peer" in figure else "", ratio, asked, f"`bench_{name.split()[0]}`"]


def figures_table(results):
    rows = [figure_row(name, report, figure) for name in SECTIONS for _, report, figure in figures(results, name)]
    header = ["what", "measured", "beside", "times as good", "asked", "by"]
    if not any(row[4] for row in rows):
        header, rows = header[:4] + header[5:], [row[:4] + row[5:] for row in rows]
    return table(header, rows)


def growth_text(results, fit):
    """The curve in words, as straight as it is."""
    many = {n: value for n, value in fit.measured.items() if n >= COUNTS[0]} if fit else {}
    if len(many) < 2:
        return []
    low, high = min(many), max(many)
    out = [f"Without Kafka a fire takes {seconds(many[low])} of processor time with {low:,} actions of {USUAL_SCHEDULES} "
           f"schedules, and {seconds(many[high])} with {high:,}."]
    schedules = points(results, "growth", rf"{COUNTS[2]} actions, (\d+) schedules: CPU of a fire", 1e-6)
    if schedules:
        out.append(f"With {COUNTS[2]:,} actions of one schedule it takes {seconds(schedules[min(schedules)])}, "
                   f"where each has its own {seconds(schedules[max(schedules)])}." if set(schedules) >= {1, COUNTS[2]} else "")
    values = list(many.values())
    steps = [seconds(later - earlier) for earlier, later in zip(values, values[1:])]
    out.append(f"Step by step, from {' to '.join(f'{n:,}' for n in many)}: {', '.join(steps)} more.")
    if fit.worst() is not None:
        within = math.ceil(fit.worst() * 100)
        out.append(f"A logarithm describes that within {within} %" +
                   (": there is no knee." if within <= KNEE_PERCENT else ", so it is more than that."))
    return [" ".join(filter(None, out)), ""]


def model_table(fit):
    def line(name, what, each, shown):
        if fit[name] is None:
            return None
        constant, slope = fit[name].coefficients
        return [what, (f"{shown(constant)} and " if constant else "") + f"{shown(slope)} {each}"]

    rows = {
        "burst": line("burst", "a tick in which something fires, until Kafka has acknowledged the last", "a fire", seconds),
        "burst cpu": line("burst cpu", "the same in processor time, librdkafka's included", "a fire", seconds),
        "load": line("load", "the first load, until all are on disk and in effect", "an action", seconds),
        "peak": line("peak", f"peak memory of the first load and a day's fires, rows with some {TEXT_BYTES} bytes of text",
                     "an action", size),
        "poll": line("poll", "a poll after something was written, in the server", "an action", seconds),
    }
    if fit["poll here"] is not None:
        rows["poll here"] = ["the same in the scheduler", f"{seconds(fit['poll here'].coefficients[0])}, and what changed"]
    if fit["fire cpu"] is not None and len(fit["fire cpu"].measured) >= 3:
        tick, fire, tenfold = fit["fire cpu"].coefficients
        rows["fire cpu"] = ["processor time of a fire without Kafka, all actions due",
                            f"{seconds(fire)} with {COUNTS[0]:,} actions, {seconds(tenfold)} more for each tenfold, and "
                            f"{seconds(tick)} a tick"]
    found = [[*row, counts(fit[name].measured), "" if fit[name].worst() is None else f"{math.ceil(fit[name].worst() * 100)} %"]
             for name, row in rows.items() if row is not None]
    return table(["what", "costs", "measured at", "off by at most"], found)


def rules(fit):
    """What the model says for other numbers than those of the table."""
    first = (f", and {size(fit['peak'](COUNTS[2]) / COUNTS[2])} an action while a table like the measured one is first read"
             if fit["peak"] else "")
    found = [f"memory at rest is *A* × (*T* + {REST_BYTES} bytes) at most{first}"]
    if fit["burst cpu"]:
        cost = fit["burst cpu"].coefficients[1]
        found.append(f"processor time is *F* × {seconds(cost)} a second, librdkafka's included: one core sustains about "
                     f"{round(1 / cost, -4):,.0f} fires a second, if brokers and network do")
    if fit["burst"]:
        constant, slope = fit["burst"].coefficients
        found.append(f"the last of *B* fires of one second is acknowledged {f'{seconds(constant)} + ' if constant else ''}"
                     f"*B* × {seconds(slope)} later where scheduler and broker share that machine")
    if fit["poll"]:
        found.append(f"a poll costs the server *A* × {seconds(fit['poll'](COUNTS[2]) / COUNTS[2])} each time that anything was "
                     "written since the one before")
    return ["So for *A* actions of *T* bytes of text each, *F* fires a second in the mean and *B* in the busiest second:", "",
            ";\n".join("- " + rule for rule in found) + ".", ""]


def says_table(fit):
    columns = [(f"memory at rest, {TEXT_BYTES} bytes of text each", lambda n: (n * (TEXT_BYTES + REST_BYTES), False), size)]
    columns += [(title, fit[name].at, shown) for title, name, shown in (
        ("peak of the first load", "peak", size), ("first load", "load", seconds), ("poll, in the server", "poll", seconds),
        ("all due at once: the last one after", "burst", seconds), ("a fire without Kafka, processor time", "fire cpu", seconds))
        if fit[name]]
    rows = []
    for n in COUNTS:
        values = [(of(n), shown) for _, of, shown in columns]
        rows.append([f"{n:,}"] + [shown(value) if measured else f"*{shown(value)}*" for (value, measured), shown in values])
    return table(["actions"] + [title for title, _, _ in columns], rows)


def report(results):
    fit = fits(results)
    dates = sorted({report["at"][:10] for name in (*SECTIONS, "growth") for _, report, _ in figures(results, name)})
    if not dates:
        raise SystemExit("fit.py: the file has none of the sections " + ", ".join((*SECTIONS, "growth")))
    lines = ["## The model", "", "Fitted by least squares of the relative errors. What was measured at one number only is taken "
             "as proportional to it.", ""]
    lines += model_table(fit) + growth_text(results, fit["fire cpu"]) + rules(fit)
    lines += ["## What it says", "", "Measured where upright, *calculated* where slanted: by the model, and for more than was "
              "measured at least in proportion to the largest number.", ""] + says_table(fit)
    lines += ["## What was measured", "", f"Recorded on {' and '.join(dates)}.", ""] + figures_table(results)
    return "\n".join(lines).rstrip() + "\n"


def summary(results):
    """For those who want to know no more."""
    fit = fits(results)
    rates = {}
    for _, report, figure in figures(results, "burst"):
        match = re.fullmatch(r"(\d+) fires of one second: rate to the last acknowledgement", figure["what"])
        if match and "ratio" in figure:
            rates[int(match[1])] = (figure["value"], figure["ratio"], report)
    out = []
    if rates:
        fires = COUNTS[2] if COUNTS[2] in rates else max(rates)
        rate, ratio, report = rates.pop(fires)
        cores = report.get("machine", {}).get("cores", "the")
        others = ", ".join(f"{other:.2f} with {n:,}" for n, (_, other, _) in sorted(rates.items()))
        out.append(f"When {fires:,} actions are due in one second, Kafka has acknowledged the last after {seconds(fires / rate)},")
        out.append(f"on {cores} cores that it shares with the scheduler: {ratio:.2f} times the rate of a {report.get('peer')} loop")
        out.append(f"that sends the same bytes{f' ({others})' if others else ''}.")
    rows = COUNTS[2]
    if fit["load"] and rows in fit["load"].measured:
        out.append(f"{rows:,} rows of Postgres are read, on disk and in effect after {seconds(fit['load'].measured[rows])}.")
    return "\n".join(out) + "\n"


def write(page, texts):
    text = page.read_text(encoding="utf-8")
    wanted = [kind for kind in texts if BEGIN.format(kind) in text]
    if not wanted:
        raise SystemExit(f"{page}: it lacks the comment behind which the text belongs, {' or '.join(map(BEGIN.format, texts))}")
    for kind in wanted:
        before, begin, rest = text.partition(BEGIN.format(kind))
        _, end, after = rest.partition(END)
        if not end:
            raise SystemExit(f"{page}: behind {begin} there is no {END}")
        text = f"{before}{begin}\n\n{texts[kind]}\n{end}{after}"
    page.write_text(text, encoding="utf-8")


def main():
    latest = pathlib.Path(__file__).resolve().parent / "results/latest.json"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     usage=argparse.SUPPRESS)
    parser.add_argument("results", nargs="?", type=pathlib.Path, default=latest)
    parser.add_argument("--write", action="append", type=pathlib.Path, default=[])
    arguments = parser.parse_args()
    results = json.loads(arguments.results.read_text(encoding="utf-8"))
    texts = {"report": report(results), "summary": summary(results)}
    print("\n".join(texts.values()), end="")
    for page in arguments.write:
        write(page, texts)


if __name__ == "__main__":
    main()

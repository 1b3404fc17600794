#!/usr/bin/env python3
"""Compares two files of results, figure by figure, and looks whether the new one has what is asked.

  bench/compare.py OLD.json NEW.json [PERCENT]
  bench/compare.py NEW.json

Lists the figures that differ by more than PERCENT (10). Where a figure was measured beside a peer, its ratio to the peer is
compared, which says more than the figure on another machine or day; otherwise the figure. Then lists the new figures that miss
what is asked of them. Ends with 1 if a ratio became worse by more than that, or a figure misses what is asked.
"""
import json
import sys


def figures(path):
    with open(path, encoding="utf-8") as file:
        reports = json.load(file)
    return {(name, figure["what"]): figure for name, report in reports.items() for figure in report["figures"]}


def compare(old, new, limit):
    """Whether a ratio became worse."""
    worse = False
    for key in sorted(old.keys() | new.keys()):
        label = ": ".join(key)
        if key not in old or key not in new:
            print(f"{'new' if key in new else 'gone':>10}  {label}")
            continue
        by_ratio = "ratio" in old[key] and "ratio" in new[key]
        field, unit = ("ratio", "of the peer's") if by_ratio else ("value", new[key]["unit"])
        before, after = old[key][field], new[key][field]
        if before == 0 or abs(after / before - 1) * 100 <= limit:
            continue
        change = (after / before - 1) * 100
        if by_ratio and change < 0:
            worse = True
        print(f"{change:+9.0f}%  {label}: {before:g} -> {after:g} {unit}{' (better)' if by_ratio and change > 0 else ''}"
              f"{' (worse)' if by_ratio and change < 0 else ''}")
    return worse


def missed(new):
    """Whether a figure misses what is asked of it."""
    misses = [(key, figure) for key, figure in sorted(new.items()) if figure.get("met") is False]
    for key, figure in misses:
        beside = f", {figure['ratio']:g} of the peer's" if "ratio" in figure else ""
        print(f"{'missed':>10}  {': '.join(key)}: {figure['value']:g} {figure['unit']}{beside}; asked: {figure.get('asked', '?')}")
    return bool(misses)


def main(arguments):
    if len(arguments) not in (1, 2, 3):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    new = figures(arguments[min(len(arguments), 2) - 1])
    worse = False
    if len(arguments) > 1:
        worse = compare(figures(arguments[0]), new, float(arguments[2]) if len(arguments) == 3 else 10.0)
    return 1 if missed(new) or worse else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

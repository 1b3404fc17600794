#!/usr/bin/env python3
"""Asks this scheduler, APScheduler and croniter for the fire times of the same random schedules and compares the answers.

    scripts/oracles.sh [--seed N] [--count N]      makes the environment and calls this

The formats are those of the two: `apscheduler` and `interval` against APScheduler, `unix` against croniter. Schedules are drawn where
the meanings agree. Where they do not, the difference is deliberate, stands in docs/schedules.md and has a test of its own
(tests/core/differences_test.cc); each is named below where the generator goes around it.

Exit code 0: all agree. 1: some do not; each is printed with what replays it. 2: wrong usage, or nothing was compared.
"""

import argparse
import datetime
import json
import random
import subprocess
import sys
import zoneinfo

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from croniter import CroniterBadDateError, croniter

UTC = datetime.timezone.utc
FIRES = 5
# How far an oracle may search. They walk, so a schedule without a fire time would take them minutes.
HORIZON = datetime.timedelta(days=12 * 366)
# Zones with and without changes of the clock. Around a change the three go different ways (docs/schedules.md, "When the clock
# changes"), so in these zones only weeks without one are compared.
ZONES = ["UTC", "UTC", "UTC", "Asia/Kolkata", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "America/St_Johns"]
CALM_START = (1, 10)  # 10 January
CALM = datetime.timedelta(days=45)

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def span(draw, least, greatest):
    first = draw.randint(least, greatest)
    return first, draw.randint(first, greatest)


def any_case(draw, word):
    return draw.choice([word, word.upper(), word.capitalize()])


def apscheduler_item(draw, field, least, greatest):
    kind = draw.randrange(9)
    first, last = span(draw, least, greatest)
    if kind == 0:
        return "*"
    if kind == 1:
        return f"*/{draw.randint(1, greatest - least)}"
    if kind == 2 and first < last:
        return f"{first}-{last}/{draw.randint(1, last - first)}"
    if kind == 3:
        return f"{first}-{last}"
    if kind == 4 and first < greatest:
        return f"{first}/{draw.randint(1, greatest - first)}"
    names = {"month": MONTHS, "day_of_week": WEEKDAYS}.get(field)
    if kind in (5, 6) and names:
        a, b = span(draw, 0, len(names) - 1)
        # A range of names takes no step here; APScheduler takes "mon-fri/2" and drops "/2".
        return any_case(draw, names[a]) if kind == 5 else f"{names[a]}-{names[b]}"
    if kind in (5, 6, 7) and field == "day":
        position = draw.choice(["1st", "2nd", "3rd", "4th", "5th", "last"])
        return draw.choice(["last", f"{position} {draw.choice(WEEKDAYS)}"])
    return str(first)


APSCHEDULER_FIELDS = [
    ("year", 1970, 9999),
    ("month", 1, 12),
    ("day", 1, 31),
    ("week", 1, 53),
    ("day_of_week", 0, 6),
    ("hour", 0, 23),
    ("minute", 0, 59),
    ("second", 0, 59),
]


def random_after(draw, zone):
    if zone in ("UTC", "Asia/Kolkata", "Asia/Tokyo"):
        # Kolkata and Tokyo have kept their clocks since 1952.
        return datetime.datetime.fromtimestamp(draw.randrange(0, 4102444800), UTC)
    local = datetime.datetime(draw.randint(2008, 2036), *CALM_START, tzinfo=zoneinfo.ZoneInfo(zone))
    return local.astimezone(UTC) + datetime.timedelta(seconds=draw.randrange(0, 86400))


def horizon_of(zone, after):
    calm = zone in ("Europe/Berlin", "America/New_York", "America/St_Johns")
    return after + (CALM if calm else HORIZON)


def apscheduler_question(draw):
    zone = draw.choice(ZONES)
    after = random_after(draw, zone)
    fields = {}
    while not fields:
        for name, least, greatest in APSCHEDULER_FIELDS:
            if draw.random() > {"year": 0.1, "week": 0.15}.get(name, 0.45):
                continue
            if name == "year":  # near, or nothing would come before the horizon
                least, greatest = max(1970, after.year - 5), after.year + 9
                first, last = span(draw, least, greatest)
                fields[name] = draw.choice([str(first), f"{first}-{last}", f"*/{draw.randint(1, 4)}", "*"])
                continue
            items = [apscheduler_item(draw, name, least, greatest) for _ in range(draw.choice([1, 1, 1, 2, 3]))]
            text = draw.choice([",", ", ", " , "]).join(items)
            fields[name] = int(text) if text.isdigit() and draw.random() < 0.5 else text
    return {"format": "apscheduler", "params": fields}, zone, after


def broken_question(draw):
    """Texts that are often wrong: what is taken here, APScheduler takes too, and fires alike."""
    cron, zone, after = apscheduler_question(draw)
    name = draw.choice(sorted(cron["params"]))
    text = list(str(cron["params"][name]))
    for _ in range(draw.choice([1, 1, 2])):
        at = draw.randint(0, len(text))
        replaced = draw.choice([0, 1])
        text[at : at + replaced] = draw.choice(list("01234567890123456789*/-, ") + ["last", "2nd ", "mon", "jan", "99", "//", ""])
    cron["params"][name] = "".join(text)
    return cron, zone, after


def apscheduler_fires(cron, zone, after, horizon):
    trigger = CronTrigger(timezone=zoneinfo.ZoneInfo(zone), end_date=horizon, **cron["params"])
    return apscheduler_walk(trigger, zone, after, horizon)


def apscheduler_walk(trigger, zone, after, horizon):
    fires = []
    now = (after + datetime.timedelta(seconds=1)).astimezone(zoneinfo.ZoneInfo(zone))
    previous = None
    while len(fires) < FIRES:
        previous = trigger.get_next_fire_time(previous, now)
        if previous is None or previous > horizon:
            break
        fires.append(previous.astimezone(UTC))
        now = previous
    return fires


def interval_question(draw):
    zone = draw.choice(["UTC", "Asia/Kolkata"])
    after = random_after(draw, zone)
    params = {name: draw.randint(0, 40) for name in ("weeks", "days", "hours", "minutes", "seconds") if draw.random() < 0.4}
    if not any(params.values()):
        params = {"seconds": draw.randint(1, 100000)}
    # Without start_date APScheduler counts from the moment at which it was started.
    start = random_after(draw, zone).astimezone(zoneinfo.ZoneInfo(zone))
    params["start_date"] = start.strftime("%Y-%m-%dT%H:%M:%S")
    return {"format": "interval", "params": params}, zone, after


def interval_fires(cron, zone, after, horizon):
    return apscheduler_walk(IntervalTrigger(timezone=zoneinfo.ZoneInfo(zone), **cron["params"]), zone, after, horizon)


def unix_item(draw, field, least, greatest, begins):
    kind = draw.randrange(8)
    first, last = span(draw, least, greatest)
    # A `*` further on in a day field restricts nothing but is no star here, as in cronie; croniter takes it for one.
    star = begins or field not in ("day", "weekday")
    if kind in (0, 1) and star:
        return "*"
    if kind == 2 and star:
        # Counted from the field's least value by both.
        return f"*/{draw.randint(1, greatest - least)}"
    # `5-5` is 5 here and in cronie; croniter takes it for the whole field.
    if kind == 3 and first < last:
        return f"{first}-{last}"
    if kind == 4 and first < last:
        return f"{first}-{last}/{draw.randint(1, last - first)}"
    names = {"month": MONTHS, "weekday": ["sun"] + WEEKDAYS[:6]}.get(field)
    if kind in (5, 6) and names:
        a, b = (first, last) if field == "weekday" else (first - 1, last - 1)
        return any_case(draw, names[a]) if kind == 5 or a == b else f"{names[a]}-{names[b]}"
    return str(first)


def unix_question(draw):
    zone = draw.choice(ZONES)
    # A list of all weekdays is a restriction like any other here, as in cronie; croniter takes it for a star. And it finds nothing at
    # all where one of the days of the month never comes, such as `31` in November, although the day of the week would do.
    day = draw.choice([("day", 1, 28), ("day", 1, 31)])
    weekday = draw.choice([("weekday", 0, 5), ("weekday", 1, 6)]) if day[2] == 28 else ("weekday", None, None)
    fields = [("minute", 0, 59), ("hour", 0, 23), day, ("month", 1, 12), weekday]
    texts = [
        ",".join(unix_item(draw, *field, begins=i == 0) for i in range(draw.choice([1, 1, 1, 2, 3])))
        if field[1] is not None
        else draw.choice(["*", "*/2", "*/3"])
        for field in fields
    ]
    if day[2] == 28 and draw.random() < 0.1:
        texts[4] = draw.choice(["7", "5-7", "fri-sun", "1,7"])
    value = draw.choice([" ", "\t", "  "]).join(texts)
    if draw.random() < 0.03:
        value = draw.choice(["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"])
    return {"format": "unix", "params": {"value": value}}, zone, random_after(draw, zone)


def croniter_fires(cron, zone, after, horizon):
    # implement_cron_bug: a day field that begins with `*` makes both count, as in cronie and here.
    walk = croniter(
        cron["params"]["value"],
        after.astimezone(zoneinfo.ZoneInfo(zone)),
        ret_type=datetime.datetime,
        implement_cron_bug=True,
        max_years_between_matches=12,
    )
    fires = []
    try:
        while len(fires) < FIRES:
            fire = walk.get_next().astimezone(UTC)
            if fire > horizon:
                break
            fires.append(fire)
    except CroniterBadDateError:
        pass  # none within its years
    return fires


ORACLES = {
    "apscheduler": (apscheduler_question, apscheduler_fires),
    "broken": (broken_question, apscheduler_fires),
    "interval": (interval_question, interval_fires),
    "croniter": (unix_question, croniter_fires),
}


def utc_text(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def answers_of(program, questions):
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([program, "next", "--stdin"], input=lines, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"compare.py: {program} next --stdin ended with {done.returncode}: {done.stderr}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(questions):
        sys.exit(f"compare.py: {len(questions)} questions, {len(answers)} answers")
    return answers


def compare(name, program, seed, count):
    ask, oracle = ORACLES[name]
    draw = random.Random(f"{name} {seed}")
    cases = [ask(draw) for _ in range(count)]
    questions = [{"cron": cron, "timezone": zone, "after": utc_text(after), "count": FIRES} for cron, zone, after in cases]
    faults = fires = refused = 0
    for (cron, zone, after), question, answer in zip(cases, questions, answers_of(program, questions)):
        horizon = horizon_of(zone, after)
        try:
            expected = [utc_text(fire) for fire in oracle(cron, zone, after, horizon)]
        except ValueError as fault:
            expected = f"rejected: {fault}"
        end = utc_text(horizon)
        found = [fire for fire in answer["fires"] if fire <= end] if "fires" in answer else f"rejected: {answer.get('error')}"
        if found == expected:
            fires += len(found)
            continue
        if isinstance(found, str) and (isinstance(expected, str) or name == "broken"):
            refused += 1  # APScheduler takes some that are refused here
            continue
        faults += 1
        if faults <= 10:
            print(f"differs: {json.dumps(question)}\n    {name}: {expected}\n    here: {found}", file=sys.stderr)
    print(f"{name}: {count} schedules, {fires} fire times agree, {refused} refused, {faults} schedules do not agree")
    if faults:
        print(f"again: scripts/oracles.sh --only {name} --seed {seed} --count {count}", file=sys.stderr)
    if fires == 0:
        sys.exit(2)
    return faults


def main():
    parser = argparse.ArgumentParser(description="compares fire times with APScheduler and croniter")
    parser.add_argument("--program", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2000, help="schedules for each oracle")
    parser.add_argument("--only", choices=sorted(ORACLES))
    given = parser.parse_args()
    print(f"seed {given.seed}")
    names = [given.only] if given.only else sorted(ORACLES)
    sys.exit(1 if sum(compare(name, given.program, given.seed, given.count) for name in names) else 0)


if __name__ == "__main__":
    main()

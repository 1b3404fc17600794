"""Measures APScheduler and croniter on the cases in a file that bench_schedules writes, and prints what they did as JSON."""

import json
import sys
import time
from datetime import datetime, timezone
from importlib.metadata import version
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from croniter import croniter


def measure(least_s, call):
    """Nanoseconds of one call, in processor time."""
    call()
    calls = 1
    while True:
        begin = time.process_time()
        for _ in range(calls):
            call()
        used = time.process_time() - begin
        if used >= least_s:
            return used / calls * 1e9
        calls *= 2


def measured(next_after, start, instants, least_s):
    fires = []
    at = start
    while len(fires) < 5 and (at := next_after(at)) is not None:
        fires.append(int(at.timestamp()))
    state = {"at": start, "i": 0}

    def chained():
        state["at"] = next_after(state["at"]) or start

    def random():
        state["i"] = (state["i"] + 1) % len(instants)
        next_after(instants[state["i"]])

    return {"chained": measure(least_s, chained), "random": measure(least_s, random), "fires": fires}


def apscheduler_next(fields, zone):
    trigger = CronTrigger(timezone=zone, **fields)
    return lambda at: trigger.get_next_fire_time(at, at)


def croniter_next(expression, day_or):
    # The expression is read once; each call goes on from another instant.
    schedule = croniter(expression, datetime.now(timezone.utc), day_or=day_or, max_years_between_matches=60)

    def next_after(at):
        schedule.set_current(at, force=True)
        return schedule.get_next(datetime)

    return next_after


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    least_s = asked["min_ms"] / 1000
    apscheduler, cron = {}, {}
    for case in asked["cases"]:
        zone = ZoneInfo(case["zone"])
        start = datetime.fromtimestamp(asked["start"], zone)
        instants = [datetime.fromtimestamp(at, zone) for at in asked["instants"]]
        if case["apscheduler"] is not None:
            found = measured(apscheduler_next(case["apscheduler"], zone), start, instants, least_s)
            apscheduler[case["name"]] = found
        if case["croniter"] is not None:
            # All fields are ANDed as in the apscheduler format only if it is told so.
            found = measured(croniter_next(case["croniter"], case["either_day"]), start, instants, least_s)
            cron[case["name"]] = found
    print(json.dumps({f"APScheduler {version('APScheduler')}": apscheduler, f"croniter {version('croniter')}": cron}))


main()

"""So many entries of Celery beat due at one instant, sent to a broker in memory: without a network, the best case for it.

  celery_burst.py COUNT

Prints the messages a second until the last is sent.
"""
import datetime
import logging
import sys
import time

from celery import Celery
from celery.beat import Scheduler
from celery.schedules import schedule

count = int(sys.argv[1])
logging.disable(logging.CRITICAL)
app = Celery("burst", broker="memory://")
beat = Scheduler(app)
hour = datetime.timedelta(hours=1)
beat.update_from_dict(
    {f"job {i}": {"task": "fire", "schedule": schedule(hour, app=app), "args": [f"command{i}"]} for i in range(count)})
for entry in beat.schedule.values():
    entry.last_run_at = app.now() - hour
begin = time.monotonic()
sent = 0
while sent < count:
    if beat.tick() != 0:
        sys.exit(f"beat went to rest after {sent} of {count}")
    sent += 1
print(count / (time.monotonic() - begin))

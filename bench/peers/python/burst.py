"""So many APScheduler jobs due at one instant, each of which sends a Kafka message by kafka-python, as the Python program did.

  burst.py HOST:PORT TOPIC COUNT a-fire|for-all

With `a-fire` each fire makes a producer, sends, flushes and closes it; with `for-all` they share one. Prints the messages a second,
from the instant at which all are due to the last acknowledgement.
"""
import datetime
import json
import logging
import sys
import threading
import time

from apscheduler.schedulers.background import BackgroundScheduler
from kafka import KafkaProducer

address, topic, count, producers = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
logging.disable(logging.CRITICAL)
left = count
lock = threading.Lock()
done = threading.Event()


def new_producer():
    return KafkaProducer(bootstrap_servers=address, acks="all", value_serializer=lambda value: json.dumps(value).encode())


shared = new_producer() if producers == "for-all" else None


def acknowledged(*_):
    global left
    with lock:
        left -= 1
        if left == 0:
            done.set()


def fire(command):
    if shared is not None:
        shared.send(topic, {"command": command}).add_callback(acknowledged)
        return
    producer = new_producer()
    producer.send(topic, {"command": command}).get()
    producer.close()
    acknowledged()


scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"misfire_grace_time": None})
scheduler.start(paused=True)
due = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=2 + count // 2000)
for i in range(count):
    scheduler.add_job(fire, "date", run_date=due, args=[f"command{i}"])
scheduler.resume()
if not done.wait(600):
    sys.exit("not all messages were acknowledged")
print(count / (time.time() - due.timestamp()))
scheduler.shutdown(wait=False)

#!/usr/bin/env python3
"""Reads fires from Kafka and acts on each of them once.

    KAFKA_SERVER=localhost:9092 KAFKA_TOPIC=actions python3 consumer.py

Three things make it once: only committed messages are read, what has been done is remembered by fire id in the transaction of
the work itself, and the offset is committed afterwards. SIGTERM and Ctrl-C end it between two fires.
"""

import datetime
import json
import os
import signal
import sqlite3
import sys

from confluent_kafka import Consumer

REMEMBERED_DAYS = 30  # longer than the longest time after which a fire may be sent again


def work(database, fire_id, command):
    """What there is to do. What it writes into `database` and the note that it is done are one transaction."""
    print(f"{fire_id} {command}", flush=True)


def handle(database, message):
    headers = {name: value.decode() for name, value in message.headers() or []}
    # Without headers (kafka.headers: none) the place in the topic is the best id that there is.
    fire_id = headers.get("ce_id", f"{message.topic()}/{message.partition()}/{message.offset()}")
    expiry = headers.get("ce_expirytime")
    if expiry and datetime.datetime.fromisoformat(expiry.replace("Z", "+00:00")) < datetime.datetime.now(datetime.timezone.utc):
        print(f"{fire_id} is worth nothing any more", file=sys.stderr)
        return
    with database:  # commits, or rolls back if anything is raised
        done = database.execute("INSERT OR IGNORE INTO done (fire_id) VALUES (?)", (fire_id,)).rowcount == 0
        if done:
            print(f"{fire_id} was done before", file=sys.stderr)
        else:
            work(database, fire_id, json.loads(message.value())["command"])


def main():
    database = sqlite3.connect(os.environ.get("DONE_DATABASE", "done.db"))
    with database:
        database.execute("CREATE TABLE IF NOT EXISTS done (fire_id TEXT PRIMARY KEY, at TEXT DEFAULT CURRENT_TIMESTAMP)")
        database.execute("DELETE FROM done WHERE at < datetime('now', ?)", (f"-{REMEMBERED_DAYS} days",))

    consumer = Consumer({
        "bootstrap.servers": os.environ.get("KAFKA_SERVER", "localhost:9092"),
        "group.id": os.environ.get("KAFKA_GROUP", "python-example"),
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
    })
    ending = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, frame: ending.append(number))

    consumer.subscribe([os.environ.get("KAFKA_TOPIC", "actions")])
    while not ending:
        message = consumer.poll(0.5)
        if message is None:
            continue
        if message.error():
            print(f"Kafka: {message.error()}", file=sys.stderr)  # the client goes on by itself
            continue
        handle(database, message)  # what it raises ends the program; the message is read again after the restart
        consumer.commit(message, asynchronous=False)
    consumer.close()


if __name__ == "__main__":
    main()

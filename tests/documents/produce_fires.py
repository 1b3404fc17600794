"""produce_fires.py SERVER TOPIC: fires as a scheduler sends them that was killed: one of an aborted transaction, one sent again."""

import json
import sys

from confluent_kafka import Producer

server, topic = sys.argv[1:]
producer = Producer({"bootstrap.servers": server, "transactional.id": topic})
producer.init_transactions(30)


def fire(fire_id, command, **headers):
    headers = {"ce_specversion": "1.0", "ce_id": fire_id, **headers}
    producer.produce(topic, value=json.dumps({"command": command}), key=fire_id.split("@")[0],
                     headers=[(name, value.encode()) for name, value in headers.items()])


def transaction(*fires, commit=True):
    producer.begin_transaction()
    for one in fires:
        one()
    producer.flush(30)
    producer.commit_transaction(30) if commit else producer.abort_transaction(30)


transaction(lambda: fire("1@2026-11-21T10:00:00Z", "first"))
transaction(lambda: fire("2@2026-11-21T10:00:00Z", "aborted"), commit=False)
transaction(lambda: fire("1@2026-11-21T10:00:00Z", "first", ce_attempt="2"),
            lambda: fire("3@2026-11-21T10:00:00Z", "second", ce_expirytime="9999-01-01T00:00:00Z"),
            lambda: fire("4@2026-11-21T10:00:00Z", "expired", ce_expirytime="2026-11-21T10:00:01Z"))

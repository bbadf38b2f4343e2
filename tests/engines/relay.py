"""A plain consumer and producer: every record of the input topic goes to the output as it came.

Positions are committed after the output was acknowledged: at least once."""
import os
import signal

from kafka import KafkaConsumer, KafkaProducer

BATCH, WAIT_MS = 2000, 50


def main():
    going = [True]
    signal.signal(signal.SIGTERM, lambda *_: going.clear())
    brokers, topic = os.environ["WEIR_BROKERS"], os.environ["WEIR_TOPIC"]
    consumer = KafkaConsumer(topic, bootstrap_servers=brokers, group_id="relay",
                             auto_offset_reset="earliest", enable_auto_commit=False,
                             session_timeout_ms=6000, heartbeat_interval_ms=500,
                             max_poll_records=BATCH)
    producer = KafkaProducer(bootstrap_servers=brokers, acks="all", linger_ms=2)
    joined = os.environ["WEIR_OUTDIR"] + "/joined-" + os.environ["WEIR_ATTEMPT"]
    while going:
        polled = consumer.poll(timeout_ms=WAIT_MS)
        if consumer.assignment() and not os.path.exists(joined):
            open(joined, "w").close()
        for records in polled.values():
            for record in records:
                producer.send(os.environ["WEIR_OUTPUT_TOPIC"], value=record.value, key=record.key,
                              headers=record.headers, partition=record.partition)
        if polled:
            producer.flush()
            consumer.commit()
    consumer.close(autocommit=False)


if __name__ == "__main__":
    main()

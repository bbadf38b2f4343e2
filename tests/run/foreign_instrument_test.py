"""An instrument that is not weir's, on the output topic of a run: it counts and times the same events.

    foreign_instrument_test.py WEIR

kafka-python reads what weir stream forwards while weir run load goes on against a weir broker. For each record
it notes the time of day at which poll() returned it, minus the due time in the event's UUIDv7.

Why the two may differ: weir looks every 20 ms at most and both wait for the broker's answer, the reader here
decodes in Python, one record after the other, and both share this machine's one clock. So the medians must
agree within 60 ms and the 99th percentiles within 150 ms; counts and identities must be the same.
"""
import base64
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid
import zlib

from kafka import KafkaConsumer

WEIR = os.path.abspath(sys.argv[1])
RATE = 2000
MEDIAN_MS, TAIL_MS = 60, 150


def hlog_values(path):
    """(value in us, count) of an HdrHistogram V2 log, all intervals together."""
    counts = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            if line.startswith(("#", '"')):
                continue
            packed = base64.b64decode(line.rstrip("\n").rsplit(",", 1)[1])
            payload = zlib.decompress(packed[8:])
            size, digits = struct.unpack(">i", payload[4:8])[0], struct.unpack(">i", payload[12:16])[0]
            assert digits == 3, digits
            at, index = 40, 0
            while at < 40 + size:
                number, shift = 0, 0
                while True:   # ZigZag LEB128, nine bytes at most, the ninth whole
                    byte = payload[at]
                    at += 1
                    number |= (byte if shift == 56 else byte & 127) << shift
                    shift += 7
                    if shift > 56 or byte < 128:
                        break
                number = (number >> 1) ^ -(number & 1)
                if number < 0:
                    index -= number
                    continue
                bucket, sub = (index >> 10) - 1, (index & 1023) + 1024
                value = sub - 1024 if bucket < 0 else sub << bucket
                if number:
                    counts[value] = counts.get(value, 0) + number
                index += 1
    return sorted(counts.items())


def percentile(values, share):
    left = share * sum(count for _, count in values)
    for value, count in values:
        left -= count
        if left <= 0:
            return value / 1e3
    return None


class Reader(threading.Thread):
    """Reads every topic that ends in .weir-out, from its beginning."""

    def __init__(self, broker):
        super().__init__()
        self.broker, self.stopping = broker, threading.Event()
        self.seen, self.records, self.failure = {}, 0, None

    def run(self):
        try:
            consumer = KafkaConsumer(bootstrap_servers=self.broker, auto_offset_reset="earliest",
                                     metadata_max_age_ms=200, fetch_max_wait_ms=5, api_version=(2, 0, 0),
                                     enable_auto_commit=False)
            consumer.subscribe(pattern=r".*\.weir-out$")
            while not self.stopping.is_set():
                polled = consumer.poll(timeout_ms=20, max_records=5000)
                now = time.time() * 1e3
                for records in polled.values():
                    self.take(records, now)
            consumer.close()
        except Exception as failure:   # told by the test's own thread
            self.failure = failure

    def take(self, records, now):
        for record in records:
            if dict(record.headers).get("weir-kind") != b"event":
                continue
            number = uuid.UUID(record.key.decode()).int
            due = (number >> 80) + (number >> 64 & 0xFFF) / 4096
            self.records += 1
            self.seen.setdefault(number, now - due)


class ForeignInstrument(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="weir-foreign-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.broker = subprocess.Popen(
            [WEIR, "broker", "--listen", "127.0.0.1:0", "--data", os.path.join(self.folder, "data")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.stop)
        words = self.broker.stdout.readline().split()
        self.assertEqual(words[:4], ["weir", "broker", "ready", "on"])
        self.address = words[4].rstrip(",")

    def stop(self):
        self.broker.terminate()
        self.broker.wait(10)
        self.broker.stdout.close()

    def test_it_counts_and_times_what_weir_does(self):
        reader = Reader(self.address)
        reader.start()
        out = os.path.join(self.folder, "run")
        try:
            done = subprocess.run(
                [WEIR, "run", "load", "--quick", "--yes", "-b", self.address, "--out", out,
                 "--set", f"load.rates=[{RATE}]", "--set", "engine.workload=forward",
                 "--set", "engine.trigger=200ms", "--set", "topic.partitions=2"],
                capture_output=True, text=True, timeout=50, check=False, stdin=subprocess.DEVNULL)
        finally:
            reader.stopping.set()
            reader.join(10)
        self.assertIsNone(reader.failure)
        self.assertIn(done.returncode, (0, 3, 6), done.stdout + done.stderr)
        with open(os.path.join(out, "result.json"), encoding="utf-8") as file:
            step = json.load(file)["load"]["steps"][0]
        audit = step["audit"]
        self.assertEqual((audit["level"], audit["complete"], audit["verdict"]),
                         ("identity", True, "held"), audit)
        self.assertGreater(audit["acked"], RATE)
        # Counted: each event once, and not one that weir did not see.
        self.assertEqual(len(reader.seen), audit["processed"])
        self.assertEqual(reader.records, audit["processed"] + audit["duplicated"])
        weirs = hlog_values(os.path.join(out, step["folder"], "latency.hlog"))
        self.assertEqual(sum(count for _, count in weirs), audit["processed"])
        # Timed.
        foreign = sorted((latency * 1e3, 1) for latency in reader.seen.values())
        for share, bound in ((0.5, MEDIAN_MS), (0.99, TAIL_MS)):
            ours, theirs = percentile(weirs, share), percentile(foreign, share)
            print(f"p{100 * share:g}: weir {ours:.1f} ms, kafka-python {theirs:.1f} ms")
            self.assertGreater(ours, 1)
            self.assertLess(abs(ours - theirs), bound, f"p{100 * share:g}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

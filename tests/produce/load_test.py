#!/usr/bin/python3
"""What weir produce sends, counts and writes."""
import csv
import json
import signal
import time
import uuid

from broker_process import main
from produce_process import CLIENTS, ProduceTest


class Load(ProduceTest):
    def check_counts(self, summary):
        self.assertEqual(summary["scheduled"],
                         summary["handed_over"] + summary["refused"] + summary["late"])
        self.assertEqual(summary["handed_over"],
                         summary["acked"] + summary["failed"] + summary["unknown"])

    def test_every_event_is_stored_once_with_its_identity(self):
        for client in CLIENTS:
            with self.subTest(client):
                self.weir("topic", "create", client, "--partitions", "4")
                out, _ = self.weir("produce", "-t", client, "--rate", "1000", "--events", "2000", "--json",
                                   "-", "--producer-number", "77", "-X", f"weir.client={client}")
                summary = json.loads(out)
                self.check_counts(summary)
                self.assertEqual(2000, summary["acked"])
                self.assertIn(client, summary["settings"]["weir.client"])
                self.assertEqual("true", summary["settings"]["enable.idempotence"])
                total = 0
                for partition in range(4):
                    values = self.stored(client, partition)
                    total += len(values)
                    self.check_events(values, partition)
                self.assertEqual(2000, total)

    def check_events(self, values, partition):
        for sequence, value in enumerate(values):
            # 231 bytes where user_id, event_type and value have their usual lengths.
            self.assertTrue(220 <= len(value) <= 236, value)
            event = json.loads(value)
            self.assertEqual(["event_id", "created_ts", "user_id", "event_type", "value", "payload"],
                             list(event))
            identity = uuid.UUID(event["event_id"])
            self.assertEqual(7, identity.version)
            low = identity.int & (2**62 - 1)
            self.assertEqual((77, partition, sequence),
                             (low >> 48, low >> 36 & 0xFFF, low & (2**36 - 1)))
            self.assertEqual(event["created_ts"], identity.int >> 80)

    def test_the_record_of_a_load_adds_up(self):
        summary = self.produce("--rate", "2000", "--seconds", "2", "--producers", "2", "--out",
                               self.path("out"))
        self.assertEqual(4000, summary["scheduled"])
        self.assertEqual(2, len(summary["producers"]))
        with open(self.path("out", "offered.csv")) as file:
            rows = list(csv.DictReader(file))
        for column in ("scheduled", "handed_over", "refused", "late", "acked", "failed", "unknown"):
            self.assertEqual(summary[column], sum(int(row[column]) for row in rows), column)
        seconds = [int(row["second"]) for row in rows]
        self.assertEqual(sorted(set(seconds)), seconds)
        for number in summary["producers"]:
            with open(self.path("out", f"ledger-{number}.bin"), "rb") as file:
                self.assertTrue(file.read())
        with open(self.path("out", "produce.json")) as file:
            self.assertEqual(summary, json.load(file))
        self.assertEqual(4000, len(set(self.stored_ids())))

    def test_shares_of_two_processes_make_one_load(self):
        start = str(time.time_ns() + 1_000_000_000)
        halves = [self.start("produce", "-t", "events", "--rate", "1000", "--events", "1000",
                             "--start-at", start, "--first-index", str(n), "--stride", "2", "--json",
                             "-") for n in range(2)]
        for half in halves:
            self.assertEqual(500, json.loads(self.finish(half)[0])["acked"])
        users = sorted(json.loads(value)["user_id"] for value in self.stored())
        self.assertEqual(list(range(1000)), users)

    def test_rate_max_fills_a_topic_and_refuses_nothing(self):
        for client in CLIENTS:
            summary = self.produce("--rate", "max", "--events", "20000", "-X", f"weir.client={client}")
            self.assertEqual((20000, 0, 20000),
                             (summary["scheduled"], summary["refused"], summary["acked"]))
        self.assertEqual(40000, len(set(self.stored_ids())))

    def test_keyed_events_of_a_user_share_a_partition(self):
        self.produce("--rate", "max", "--events", "300", "--key", "user_id")
        lines = self.consume("events", "-f", "%k %p %s\n")
        self.assertEqual(300, len(lines))
        for line in lines:
            key, _, value = line.split(" ", 2)
            self.assertEqual(key, str(json.loads(value)["user_id"]))

    def test_a_signal_ends_the_load_and_keeps_its_outcomes(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            out = self.path(str(int(number)))
            process = self.start("produce", "-t", "events", "--rate", "500", "--minutes", "5",
                                 "--json", "-", "--out", out)
            self.until(lambda: len(self.stored()) > 0, what="the load")
            process.send_signal(number)
            summary = json.loads(self.finish(process, status)[0])
            self.check_counts(summary)
            self.assertEqual(summary["handed_over"], summary["acked"])
            self.assertEqual(int(number), summary["interrupted"])
            self.weir("topic", "delete", "events")
            self.weir("topic", "create", "events", "--partitions", "4")

    def test_without_all_acks_idempotence_is_off_and_said_so(self):
        _, err = self.weir("produce", "-t", "events", "--rate", "100", "--events", "10", "--acks", "1")
        self.assertIn("idempotence is off", err)
        summary = self.produce("--rate", "100", "--events", "10", "--acks", "0")
        self.assertEqual(10, summary["acked"])

    def test_the_summary_for_people_names_every_count(self):
        out, err = self.weir("produce", "-t", "events", "--rate", "100", "--events", "50")
        for word in ("scheduled", "handed over", "refused", "late", "acked", "failed", "unknown",
                     "send lag", "settings"):
            self.assertIn(word, out)
        self.assertIn("4 partitions", err)
        self.assertTrue(out.splitlines()[-1].startswith("50 of 50 events acked"), out)


if __name__ == "__main__":
    main()

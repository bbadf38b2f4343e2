#!/usr/bin/python3
"""Schedules, keys, sizes and payloads of weir produce, as they arrive at a broker."""
import collections
import csv
import json
import os

from broker_process import main
from produce_process import ProduceTest


class Content(ProduceTest):
    def stored_bytes(self, topic):
        """What the broker's log of this topic holds."""
        total = 0
        for folder, _, names in os.walk(self.broker.data):
            if os.path.basename(folder).startswith(topic + "-"):
                total += sum(os.path.getsize(os.path.join(folder, name))
                             for name in names if name.endswith(".log"))
        return total

    def ratio(self, payload, codec):
        """Bytes of the values for each byte stored, of events with 880 bytes of payload."""
        topic = f"{payload}-{codec}"
        self.weir("topic", "create", topic, "--partitions", "1")
        out, _ = self.weir("produce", "-t", topic, "--rate", "max", "--events", "20000", "--size", "1000",
                           "--payload", payload, "-X", f"compression.codec={codec}", "--json", "-")
        self.assertEqual(20000, json.loads(out)["acked"])
        return 20000 * 1031 / self.stored_bytes(topic)

    def test_payloads_compress_as_the_documentation_says(self):
        found = {(payload, codec): self.ratio(payload, codec)
                 for payload in ("constant", "text", "random") for codec in ("zstd", "lz4")}
        stated = {("constant", "zstd"): 98, ("constant", "lz4"): 30, ("text", "zstd"): 4.3,
                  ("text", "lz4"): 2.2, ("random", "zstd"): 1.5, ("random", "lz4"): 1.1}
        for key, ratio in stated.items():
            self.assertTrue(0.75 < found[key] / ratio < 1.33, found)

    def test_zipf_keys_lean_on_the_first_and_share_their_partition(self):
        self.produce("--rate", "max", "--events", "20000", "--keys", "zipf:1000:1.1")
        counts, places = collections.Counter(), collections.defaultdict(set)
        for line in self.consume("events", "-f", "%k %p %s\n"):
            key, partition, value = line.split(" ", 2)
            self.assertEqual(key, str(json.loads(value)["user_id"]))
            counts[int(key)] += 1
            places[key].add(partition)
        self.assertEqual(20000, sum(counts.values()))
        self.assertTrue(all(len(place) == 1 for place in places.values()))
        weight = sum(rank ** -1.1 for rank in range(1, 1001))
        for rank in (1, 2, 10):
            expected = 20000 * rank ** -1.1 / weight
            self.assertLess(abs(counts[rank - 1] - expected), 5 * expected ** 0.5, (rank, expected))

    def test_sizes_spread_and_the_user_s_template_is_filled(self):
        template = self.path("event.txt")
        with open(template, "w") as file:
            file.write('{"k":{{key}},"n":{{seq}},"p":"{{payload}}"}')
        self.produce("--rate", "max", "--events", "3000", "--template", template, "--id-header", "x",
                     "--keys", "uniform:50", "--sizes", "uniform:200..300", "--payload", "random")
        values = self.stored()
        sizes = [len(value) for value in values]
        self.assertEqual((200, 300), (min(sizes), max(sizes)))
        events = [json.loads(value) for value in values]
        self.assertEqual(set(range(50)), {event["k"] for event in events})
        self.assertEqual(set(range(3000)), {event["n"] for event in events})

    def test_a_ramp_and_steps_are_what_their_seconds_show(self):
        expected = {"ramp:0..1": [250, 750, 1250, 1750], "steps:1,0,3,0": [1000, 0, 3000, 0]}
        for form, counts in expected.items():
            out = self.path(form.split(":")[0])
            # On a whole second, so that its rows are the load's own seconds.
            start = (self.now_seconds() + 2) * 10 ** 9
            summary = self.produce("--rate", "1000", "--seconds", "4", "--schedule", form, "--out", out,
                                   "--start-at", str(start))
            self.assertEqual(4000, summary["acked"])
            with open(os.path.join(out, "offered.csv")) as file:
                rows = {int(row["second"]) - start // 10 ** 9: int(row["scheduled"])
                        for row in csv.DictReader(file)}
            for second, count in enumerate(counts):
                self.assertLessEqual(abs(rows.get(second, 0) - count), 1, (form, rows))
            for name in ("send-lag.hlog", "ack.hlog"):
                self.assertTrue(os.path.getsize(os.path.join(out, name)))

    @staticmethod
    def now_seconds():
        import time
        return int(time.time())

    def test_a_poisson_load_shared_by_two_processes_is_the_same_load(self):
        common = ["produce", "-t", "events", "--rate", "1000", "--schedule", "poisson", "--seed", "9",
                  "--events", "1000", "--json", "-"]
        start = str((self.now_seconds() + 2) * 10 ** 9)
        halves = [self.start(*common, "--start-at", start, "--first-index", str(n), "--stride", "2")
                  for n in range(2)]
        for half in halves:
            self.assertEqual(500, json.loads(self.finish(half)[0])["acked"])
        shared = self.dues(start)
        self.weir("topic", "delete", "events")
        self.weir("topic", "create", "events", "--partitions", "4")
        start = str((self.now_seconds() + 2) * 10 ** 9)
        self.weir(*common, "--start-at", start)
        self.assertEqual(shared, self.dues(start))
        self.assertGreater(len(set(shared.values())), 300)  # not evenly spread

    def dues(self, start):
        """Milliseconds from the start, by user."""
        events = [json.loads(value) for value in self.stored()]
        return {event["user_id"]: event["created_ts"] - int(start) // 10 ** 6 for event in events}

    def test_what_cannot_be_is_refused_in_three_parts(self):
        for flags in (["--schedule", "ramp:1"], ["--keys", "zipf:10"], ["--sizes", "uniform:9..10"],
                      ["--payload", "zeros"], ["--schedule", "burst:2x/1s/1s"],
                      ["--rate", "max", "--schedule", "poisson"]):
            _, err = self.weir("produce", "-t", "events", *flags, status=2)
            self.assertIn("why:", err, flags)
            self.assertIn("try:", err, flags)


if __name__ == "__main__":
    main()

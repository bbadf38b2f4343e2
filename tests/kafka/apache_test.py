#!/usr/bin/python3
"""weir topic, produce and stream on a real Apache Kafka: with both clients, over a SIGKILL of the
broker and of the engine, and behind transactions of Kafka's own producer."""
import collections
import csv
import json
import os
import re
import subprocess
import tempfile

import real_kafka
from real_kafka import java, main, wait_for, weir

CLIENTS = ["native", "librdkafka"]
SINGLE = "".join(f"transaction.state.log.{key}=1\n"
                 for key in ("replication.factor", "min.isr", "num.partitions"))


class Apache(real_kafka.SharedKafka):
    options = {"heap": 384, "settings": SINGLE}

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="weir-apache-")
        self.addCleanup(self.folder.cleanup)
        self.children = []
        self.addCleanup(self.end_children)

    def end_children(self):
        for child in self.children:
            child.kill()
            child.communicate()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def weir(self, *arguments, status=0):
        code, out, error = weir(*arguments, "-b", self.kafka.plain)
        self.assertEqual(status, code, error)
        return out, error

    def start(self, *arguments):
        child = subprocess.Popen([real_kafka.WEIR, *arguments, "-b", self.kafka.plain],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.children.append(child)
        return child

    def stream(self, topic, workload, *more):
        return self.start("stream", "--topic", topic, "--workload", workload, "--checkpoint",
                          self.path("checkpoint-" + workload), "--outdir", self.path(workload),
                          "--output-topic", f"{topic}.{workload}", "--trigger", "200 ms",
                          "--starting-offsets", "earliest", "--quiet", *more)

    def processed(self, workload):
        """How many events the batches of a query hold."""
        try:
            with open(os.path.join(self.path(workload), "batches.csv")) as file:
                return sum(int(row["batch_events"] or 0) for row in csv.DictReader(file))
        except (FileNotFoundError, KeyError, TypeError, ValueError):
            return 0   # not there yet, or its last line is being written

    def values(self, topic, shape="%s\n"):
        done = subprocess.run(["kcat", "-b", self.kafka.plain, "-C", "-t", topic, "-e", "-q", "-o",
                               "beginning", "-f", shape], capture_output=True, text=True,
                              timeout=60, check=True)
        return [line for line in done.stdout.splitlines() if line]

    def test_check_compares_the_brokers_clock(self):
        out, _ = self.weir("check", "load", "--quick")
        found = re.search(r"clocks +brokers minus this machine: ([+-][\d.]+) ms ± ([\d.]+) ms at most, 1 looked at",
                          out)
        self.assertTrue(found, out)
        self.assertLessEqual(abs(float(found[1])), float(found[2]))   # the same machine's clock
        self.assertIn("one could be created and deleted", out)
        self.assertNotIn("weir-check-", self.weir("topic", "list")[0])

    def test_topics_live_and_die(self):
        for client in CLIENTS:
            with self.subTest(client):
                use = ("-X", f"weir.client={client}")
                out, _ = self.weir("topic", "create", "new", "--partitions", "3", *use)
                self.assertIn("created topic new: 3 partitions", out)
                _, error = self.weir("topic", "create", "new", *use, status=2)
                self.assertIn("exists already", error)
                self.assertIn("new", self.weir("topic", "list", *use)[0].split())
                self.assertIn("3 partitions", self.weir("topic", "describe", "new", *use)[0])
                self.weir("topic", "delete", "new", *use)
                _, error = self.weir("topic", "describe", "new", *use, status=2)
                self.assertIn("does not exist", error)

    def test_nothing_is_lost_when_broker_and_engine_are_killed(self):
        self.weir("topic", "create", "load", "--partitions", "4")
        queries = {name: self.stream("load", name) for name in ("metrics", "forward")}
        producer = self.start("produce", "--topic", "load", "--rate", "3000", "--seconds", "12",
                              "--out", self.path("produce"), "--json", "-")
        wait_for(lambda: min(map(self.processed, queries)) > 3000, "no events before the fault")
        self.kafka.kill()
        self.kafka.start()
        self.kafka.wait_ready()
        before = {name: self.processed(name) for name in queries}
        wait_for(lambda: all(self.processed(name) > before[name] for name in queries),
                 "no events after the broker's restart")
        queries["forward"].kill()
        queries["forward"] = self.stream("load", "forward")
        out, error = producer.communicate(timeout=120)
        self.assertEqual(0, producer.returncode, error)
        summary = json.loads(out)
        self.assertEqual((36000, 0, 0),
                         tuple(summary[key] for key in ("acked", "failed", "unknown")))
        wait_for(lambda: [self.processed(name) for name in queries] == [36000, 36000],
                 f"not all was processed: {[self.processed(name) for name in queries]}")
        sent = collections.Counter(json.loads(value)["event_id"] for value in self.values("load"))
        self.assertEqual(36000, len(sent))
        self.assertEqual({1}, set(sent.values()))
        self.assertEqual(set(sent), self.accepted("load.forward"))

    def accepted(self, topic):
        """The keys that readers of the fence rule accept, each of which must come once."""
        highest, keys = collections.Counter(), collections.Counter()
        for line in self.values(topic, "%p %k %h\n"):
            partition, key, headers = line.split(" ", 2)
            headers = dict(header.split("=", 1) for header in headers.split(","))
            attempt = int(headers["weir-attempt"])
            if headers["weir-kind"] == "fence":
                highest[partition] = max(highest[partition], attempt)
            elif attempt >= highest[partition]:
                keys[key] += 1
        self.assertEqual({1}, set(keys.values()))
        return set(keys)

    def test_a_topic_that_ends_in_a_transactions_marker_is_read_to_its_end(self):
        self.weir("topic", "create", "transactions", "--partitions", "1")
        with open(self.path("events"), "w") as file:
            for i in range(100):
                print(json.dumps({"event_id": f"018f0000-0000-4000-8000-{i:012}", "user_id": i,
                                  "created_ts": 1700000000000 + i}), file=file)
        producer = java(self.kafka.jars, 128, "org.apache.kafka.tools.ProducerPerformance",
                        "--topic", "transactions", "--num-records", "1000", "--throughput", "-1",
                        "--payload-file", self.path("events"), "--transactional-id", "one",
                        "--transaction-duration-ms", "100", "--producer-props",
                        "bootstrap.servers=" + self.kafka.plain,
                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.children.append(producer)
        out, _ = producer.communicate(timeout=120)
        self.assertEqual(0, producer.returncode, out)
        for client, workload in zip(CLIENTS, ("metrics", "forward")):
            with self.subTest(client):
                self.stream("transactions", workload, "-X", f"weir.client={client}")
                wait_for(lambda: self.processed(workload) == 1000,
                         f"the batch does not end: {workload} through {client}")


if __name__ == "__main__":
    main()

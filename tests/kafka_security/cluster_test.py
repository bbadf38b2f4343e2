"""Three real brokers, three copies of each event, and one of them killed."""
import csv
import json
import os
import re
import signal
import subprocess
import tempfile
import unittest

import real_kafka
from real_kafka import Kafka, java, libraries, wait_for, weir

RATE, SECONDS = 2000, 20


class Cluster(unittest.TestCase):
    def setUp(self):
        self.kafka = Kafka(nodes=3, heap=256, settings="min.insync.replicas=2\n"
                           "broker.session.timeout.ms=3000\n"
                           "broker.heartbeat.interval.ms=500\n")
        self.addCleanup(self.kafka.close)
        self.folder = tempfile.TemporaryDirectory(prefix="weir-cluster-")
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def ok(self, *arguments):
        code, out, error = weir(*arguments, seconds=120)
        self.assertEqual(code, 0, error)
        return out

    def test_load_and_results_survive_a_killed_broker(self):
        brokers = self.kafka.plain
        too_few = weir("run", "load", "-b", brokers, "--yes", "--quick", "--out", self.path("few"))
        self.assertEqual(too_few[0], 2)
        self.assertIn("min.insync.replicas", too_few[2])
        for topic in ("events", "results"):
            self.ok("topic", "create", topic, "--partitions", "6", "--replication-factor", "3",
                    "-b", brokers)
        self.assertIn("replication 3", self.ok("topic", "describe", "events", "-b", brokers))
        engine = subprocess.Popen(
            [real_kafka.WEIR, "stream", "-b", brokers, "--topic", "events", "--output-topic",
             "results", "--checkpoint", self.path("checkpoint"), "--outdir", self.path("out"),
             "--trigger", "500 ms", "--workload", "forward", "--starting-offsets", "earliest"],
            stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.end, engine)
        load = subprocess.Popen(
            [real_kafka.WEIR, "produce", "-b", brokers, "--topic", "events", "--rate", str(RATE),
             "--seconds", str(SECONDS), "--json", "-", "--out", self.path("load"),
             "--drain-seconds", "60"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.end, load)
        def under_way():
            for process in (engine, load):
                self.assertIsNone(process.poll(), "it ended early")
            return self.processed() > RATE
        wait_for(under_way, "nothing is processed")
        self.kafka.kill(2)
        out, _ = load.communicate(timeout=SECONDS + 90)
        summary = json.loads(out)
        self.assertEqual(summary["acked"], summary["handed_over"], summary)
        self.assertGreater(summary["acked"], RATE * SECONDS / 2)
        wait_for(lambda: self.processed() >= summary["acked"], "events are missing")
        engine.send_signal(signal.SIGTERM)
        engine.wait(30)
        self.assertEqual(engine.returncode, 0)
        self.audit(summary["acked"])

    @staticmethod
    def end(process):
        process.kill()
        process.communicate()

    def processed(self):
        try:
            with open(self.path("out/batches.csv")) as file:
                return sum(int(row["batch_events"]) for row in csv.DictReader(file))
        except FileNotFoundError:
            return 0

    def audit(self, acked):
        """Every acked event is in the results exactly once, by the readers' rule."""
        left = ",".join(self.kafka.address("PLAIN", i) for i in (0, 1))
        read = subprocess.run(
            ["kcat", "-b", left, "-C", "-t", "results", "-e", "-q", "-f", "%h %k\n", "-X",
             "isolation.level=read_committed"], capture_output=True, text=True, check=True,
            timeout=60)
        ids = [line.rsplit(" ", 1)[1] for line in read.stdout.splitlines()
               if "weir-kind=event" in line]
        self.assertEqual(len(ids), acked)
        self.assertEqual(len(set(ids)), acked)


class OwnBroker(unittest.TestCase):
    def test_kafkas_own_tools_describe_it(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-broker-")
        self.addCleanup(folder.cleanup)
        broker = subprocess.Popen(
            [real_kafka.WEIR, "broker", "--listen", "127.0.0.1:0", "--data", folder.name],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(broker.stdout.close)
        self.addCleanup(broker.wait, 30)
        self.addCleanup(broker.terminate)
        address = re.search(r" on ([\d.]+:\d+)", broker.stdout.readline()).group(1)
        tool = java(libraries(), 128, "org.apache.kafka.tools.ClusterTool", "cluster-id",
                    "--bootstrap-server", address, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, error = tool.communicate(timeout=60)
        self.assertEqual(tool.returncode, 0, error.decode())
        self.assertRegex(out.decode(), r"Cluster ID: \S+")


if __name__ == "__main__":
    real_kafka.main()

"""Runs `weir produce` and `weir topic` against a broker of the test."""
import json
import os
import subprocess
import tempfile

import broker_process
from broker_process import BrokerTest

CLIENTS = ["native", "librdkafka"]


class ProduceTest(BrokerTest):
    PARTITIONS = 4

    def setUp(self):
        super().setUp()
        self.weir("topic", "create", "events", "--partitions", str(self.PARTITIONS))
        self.folder = tempfile.TemporaryDirectory(prefix="weir-produce-")
        self.addCleanup(self.folder.cleanup)

    def start(self, *arguments):
        """Starts weir with these arguments and the broker's address."""
        address = [] if "-b" in arguments else ["-b", self.broker.address]
        return subprocess.Popen([broker_process.WEIR, *arguments, *address],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")

    def finish(self, process, status=0, seconds=60):
        out, err = process.communicate(timeout=seconds)
        self.assertEqual(status, process.returncode, err)
        return out, err

    def weir(self, *arguments, status=0):
        return self.finish(self.start(*arguments), status)

    def produce(self, *arguments, status=0):
        """The JSON summary of a load into the topic."""
        out, _ = self.weir("produce", "--topic", "events", "--json", "-", *arguments, status=status)
        return json.loads(out)

    def path(self, *names):
        return os.path.join(self.folder.name, *names)

    def stored(self, topic="events", partition=None):
        """The values in the topic, in offset order within each partition."""
        where = [] if partition is None else ["-p", str(partition)]
        return self.consume(topic, *where)

    def stored_ids(self):
        return [json.loads(value)["event_id"] for value in self.stored()]

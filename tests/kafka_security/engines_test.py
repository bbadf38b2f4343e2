"""Engines in a JVM on somebody's secured Kafka: they are told how to log in, and nobody else is."""
import json
import os
import subprocess
import tempfile
import unittest

import real_kafka
from real_kafka import PASSWORD, weir


class Engines(real_kafka.SharedKafka):
    options = {"secured": True}

    @classmethod
    def setUpClass(cls):
        code, _, error = weir("setup", "spark", seconds=600)
        if code != 0:
            assert "cannot download" in error, error
            if os.environ.get("CI") == "true":
                raise AssertionError(error)
            raise unittest.SkipTest("weir setup spark: " + error.strip())
        super().setUpClass()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="weir-engines-")
        self.addCleanup(self.folder.cleanup)
        self.out = os.path.join(self.folder.name, "run")
        self.config = os.path.join(self.folder.name, "client.properties")
        self.kafka.write_login(self.config)

    def run_engine(self, engine, **settings):
        plan = {"load.rates": "[500]", "engine.trigger": "1s", "topic.partitions": "2", **settings}
        words = [real_kafka.WEIR, "run", "load", "-b", self.kafka.address("SASLTLS"),
                 "--command-config", self.config, "--engine", engine, "--quick", "--yes", "--out",
                 self.out]
        for key, value in plan.items():
            words += ["--set", f"{key}={value}"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=280, check=False,
                              stdin=subprocess.DEVNULL)
        # 6: on a busy machine a step may not be valid; what arrived still counts.
        self.assertIn(done.returncode, (0, 6), done.stdout + done.stderr)
        for folder, _, names in os.walk(self.out):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(PASSWORD["carol"].encode(), file.read(), name)
        with open(os.path.join(self.out, "result.json")) as file:
            return json.load(file)["load"]["steps"][0]

    def test_spark_reads_and_writes(self):
        step = self.run_engine("spark", **{"engine.workload": "forward"})
        audit = step["audit"]
        self.assertEqual(("identity", 0), (audit["level"], audit["lost"]), audit)
        self.assertGreater(audit["processed"], 0)

    def test_a_job_by_spark_submit_finds_the_properties(self):
        audit = self.run_engine("seed", **{"engine.trigger": "2s"})["audit"]
        self.assertGreater(audit["acked"], 0)
        self.assertEqual(audit["acked"], audit["processed"])


if __name__ == "__main__":
    real_kafka.main()

"""weir run against somebody's secured Kafka: asked for, nothing left behind, no secret anywhere."""
import glob
import json
import os
import signal
import subprocess
import tempfile

import real_kafka
from real_kafka import PASSWORD, wait_for, weir

QUICK = ["--set", "load.rates=[1000]", "--set", "engine.trigger=500ms", "--quick"]


class Run(real_kafka.SharedKafka):
    options = {"secured": True}

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="weir-run-")
        self.addCleanup(self.folder.cleanup)
        self.out = os.path.join(self.folder.name, "run")
        self.config = os.path.join(self.folder.name, "client.properties")
        self.kafka.write_login(self.config)

    def run_arguments(self, *more):
        return ["run", "load", "-b", self.kafka.address("SASLTLS"), "--command-config", self.config,
                "--out", self.out, *QUICK, *more]

    def topics(self):
        code, out, error = weir("topic", "list", "-b", self.kafka.plain)
        self.assertEqual(code, 0, error)
        return out.split()

    def start(self, *more):
        return subprocess.Popen([real_kafka.WEIR, *self.run_arguments(*more)],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def processes(self):
        """Every command line of this machine, and every environment that may be read."""
        text = ""
        for kind in ("cmdline", "environ"):
            for path in glob.glob(f"/proc/[0-9]*/{kind}"):
                try:
                    with open(path, "rb") as file:
                        text += file.read().decode(errors="replace") + "\n"
                except OSError:
                    pass   # gone, or somebody else's
        return text

    def test_asks_before_it_begins(self):
        code, _, error = weir(*self.run_arguments())
        self.assertEqual(code, 2, error)
        for word in ("--yes", "weir-run-", "deletes them", "GB"):
            self.assertIn(word, error)
        self.assertEqual([], self.topics())

    def test_measures_and_leaves_neither_topics_nor_secrets(self):
        weir("topic", "create", "somebodys", "-b", self.kafka.plain)
        self.addCleanup(weir, "topic", "delete", "somebodys", "-b", self.kafka.plain)
        process = self.start("--yes", "-X", "client.rack=here")
        seen = []
        def under_way():
            self.assertIsNone(process.poll(), "it ended early")
            seen[:] = [name for name in self.topics() if name != "somebodys"]
            return len(seen) >= 2
        wait_for(under_way, "no topics appear")
        self.assertTrue(all(name.startswith("weir-run-") for name in seen), seen)
        # A child has the secret in its environment until it has taken it.
        wait_for(lambda: PASSWORD["carol"] not in self.processes(), "a process shows the secret", 30)
        output, _ = process.communicate(timeout=240)
        self.assertEqual(process.returncode, 0, output)
        with open(os.path.join(self.out, "result.json")) as file:
            result = json.load(file)
        step = result["load"]["steps"][0]
        self.assertEqual(0, step["audit"]["lost"], step)
        self.assertGreater(step["audit"]["processed"], 0)
        self.assertEqual("[hidden]", result["target"]["settings"]["client.sasl.password"])
        wait_for(lambda: self.topics() == ["somebodys"], "the topics stay", 10)
        self.no_secret(output)

    def no_secret(self, output):
        self.assertNotIn(PASSWORD["carol"], output)
        for folder, _, names in os.walk(self.out):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(PASSWORD["carol"].encode(), file.read(), name)

    def test_a_secret_on_the_command_line_is_not_kept(self):
        with open(self.config) as file:
            kept = [line for line in file if not line.startswith("sasl.jaas")]
        with open(self.config, "w") as file:
            file.writelines(kept)
        process = self.start("--yes", "-X", "sasl.username=carol", "-X",
                             f"sasl.password={PASSWORD['carol']}")
        wait_for(lambda: process.poll() is not None or len(self.topics()) >= 2, "no topics appear")
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130, output)
        # A broker hears of a deletion a moment after the controller has decided it.
        wait_for(lambda: self.topics() == [], "the topics stay", 10)
        self.no_secret(output)
        with open(os.path.join(self.out, "result.json")) as file:
            self.assertIn("sasl.password=[hidden]", json.load(file)["command"])

    def test_topics_go_though_weir_is_killed(self):
        process = self.start("--yes")
        wait_for(lambda: process.poll() is not None or len(self.topics()) >= 2, "no topics appear")
        self.assertIsNone(process.poll(), "it ended early")
        process.kill()
        process.communicate(timeout=60)
        wait_for(lambda: self.topics() == [], "the topics stay")

    def test_more_copies_than_brokers(self):
        code, _, error = weir(*self.run_arguments("--yes", "--set", "topic.replication=3"))
        self.assertEqual(code, 2, error)
        self.assertIn("3 copies do not fit on 1 broker", error)
        self.assertIn("--set topic.replication=1", error)


if __name__ == "__main__":
    real_kafka.main()

"""Loads of every form through weir run: audits, shares, a generator that dies, the ceilings' cache."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from processes import processes_of, wait

WEIR = os.path.abspath(sys.argv.pop(1))


def generators(folder):
    """Processes of weir produce that write below this folder, by where they write."""
    found = {}
    for pid, words in processes_of(folder):
        if "produce" in words and "--out" in words:
            out = words[words.index("--out") + 1]
            if out.startswith(folder):
                found[os.path.basename(out)] = pid
    return found


class Forms(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="weir-load-forms-")
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.out = os.path.join(self.base, "run")
        self.environment = dict(os.environ, WEIR_CACHE=os.path.join(self.base, "cache"))

    def start(self, *settings, what="load"):
        flags = [word for setting in settings for word in ("--set", setting)]
        return subprocess.Popen([WEIR, "run", what, "--quick", "--no-live", "--out", self.out, *flags],
                                cwd=self.base, env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")

    def run_load(self, *settings, status=0, what="load"):
        shutil.rmtree(self.out, ignore_errors=True)
        fixed = ("load.search=false", "load.rates=[15000]") if what == "load" else ()
        process = self.start(*fixed, *settings, what=what)
        text, _ = process.communicate(timeout=120)
        self.assertEqual(status, process.returncode, text)
        return self.result()

    def result(self):
        with open(os.path.join(self.out, "result.json")) as file:
            return json.load(file)

    def check(self, result, planned=None):
        for step in result["load"]["steps"]:
            audit = step["audit"]
            self.assertEqual(("identity", True), (audit["level"], audit["complete"]), audit)
            self.assertEqual((0, 0, 0), (audit["lost"], audit["duplicated"], audit["foreign"]), audit)
            self.assertGreater(audit["acked"], 0)
            self.assertEqual(audit["acked"], audit["processed"], audit)
            if planned:
                self.assertEqual(planned, audit["sent"] + step["refused"] + step["late"])
        verified = subprocess.run([WEIR, "verify", self.out], capture_output=True, text=True)
        self.assertEqual(0, verified.returncode, verified.stdout + verified.stderr)

    def test_a_poisson_load_with_skewed_keys_and_varied_sizes(self):
        result = self.run_load("load.schedule=poisson", "load.keys=zipf:1000:1.1",
                               "load.sizes=lognormal:300:0.8", "load.payload=text")
        self.check(result)
        ceilings = result["ceilings"]
        self.assertFalse(ceilings["cached"])
        self.assertGreater(ceilings["generator_eps"], 15000)
        self.assertGreater(ceilings["observer_eps"], 15000)
        again = self.run_load("load.schedule=constant", "load.keys=zipf:1000:1.1",
                              "load.sizes=lognormal:300:0.8", "load.payload=text")
        self.assertTrue(again["ceilings"]["cached"])
        self.assertEqual(ceilings["measured"], again["ceilings"]["measured"])

    def check_ceilings(self, *settings):
        """What weir check says of them for a quick run."""
        flags = [word for setting in settings for word in ("--set", setting)]
        done = subprocess.run([WEIR, "check", "--quick", *flags], cwd=self.base, env=self.environment,
                              capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return next(line for line in done.stdout.splitlines() if "ceilings" in line)

    def test_ceilings_hold_for_this_machine_and_load_and_for_a_week(self):
        path = os.path.join(self.base, "cache", "ceilings.json")
        self.assertIn("not measured yet", self.check_ceilings())
        measured = self.run_load()["ceilings"]["measured"]
        self.assertIn(measured, self.check_ceilings())
        for other in ("load.sizes=uniform:200..300", "load.processes=2", "event.size=300",
                      "engine.workload=forward"):
            self.assertIn("not measured yet", self.check_ceilings(other), other)
        with open(path) as file:
            text = file.read()
        cache = json.loads(text)
        (key, entry), = cache["entries"].items()
        week_ns = 7 * 24 * 3600 * 10 ** 9
        for spoilt in (text.replace("cores ", "cores 9"), text[:-20], "",
                       text.replace(str(entry["measured_ns"]), str(entry["measured_ns"] - week_ns)),
                       text.replace(str(entry["measured_ns"]), '"lately"'),
                       text.replace(str(entry["generator_eps"]), "null"),
                       json.dumps({"schema": "weir.ceilings/1", "entries": {key: 7}}),
                       json.dumps({"schema": "weir.ceilings/1", "entries": [entry]})):
            with open(path, "w") as file:
                file.write(spoilt)
            self.assertIn("not measured yet", self.check_ceilings(), spoilt)

    def test_bursts_from_two_processes_become_one_load(self):
        result = self.run_load("load.schedule=burst:4x/200ms/2s", "load.processes=2",
                               "load.producers=2")
        self.check(result, planned=90000)
        folder = os.path.join(self.out, result["load"]["steps"][0]["folder"])
        self.assertEqual(4, sum(name.startswith("ledger-") for name in os.listdir(folder)))
        self.assertFalse([name for name in os.listdir(folder) if name.startswith("generator-")])
        for name in ("offered.csv", "send-lag.hlog", "ack.hlog"):
            self.assertTrue(os.path.getsize(os.path.join(folder, name)))

    def test_a_generator_that_dies_is_named_and_its_share_is_not_moved(self):
        process = self.start("load.search=false", "load.rates=[15000]", "load.processes=2",
                             "load.keys=uniform:100")
        self.addCleanup(lambda: process.poll() is None and process.kill())
        steps, end, victim = os.path.join(self.out, "steps"), time.monotonic() + 60, None
        rows = ""
        while time.monotonic() < end and (not victim or rows.count("\n") < 3):
            wait(0.02)
            victim = generators(steps).get("generator-2")
            folders = os.listdir(steps) if os.path.isdir(steps) else []
            path = os.path.join(steps, folders[0], "generator-2", "offered.csv") if folders else ""
            if os.path.exists(path):
                with open(path) as file:
                    rows = file.read()
        self.assertTrue(victim, "no second generator was started")
        os.kill(victim, signal.SIGKILL)
        text, _ = process.communicate(timeout=60)
        self.assertEqual(6, process.returncode, text)
        step = self.result()["load"]["steps"][0]
        self.assertEqual("invalid", step["verdict"])
        self.assertIn("generator 2 of 2, whose share nobody else sends", step["reason"])
        self.assertGreater(step["audit"]["sent"], 0)

    def test_a_killed_generator_of_two_goes_on_with_its_own_share(self):
        result = self.run_load('faults.kinds=["producer:kill"]', "faults.repetitions=1",
                               "faults.rate=10000", "load.processes=2", "load.schedule=poisson",
                               what="faults")
        faults = result["faults"]["faults"]
        self.assertTrue(faults)
        for fault in faults:
            self.assertTrue(fault["valid"], fault["reason"])
            self.assertEqual(0, fault["audit"]["lost"], fault["audit"])
            self.assertEqual("identity", fault["audit"]["level"])
            folder = os.path.join(self.out, fault["folder"])
            self.assertEqual(3, sum(name.startswith("ledger-") for name in os.listdir(folder)))
        self.assertTrue(result["ceilings"]["generator_eps"])


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""A full scale run: each cell is searched as the load experiment is. It is stopped when the first cell is done."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "run"))
from processes import wait_until

WEIR = os.path.abspath(sys.argv.pop(1))
WAIT_US = 200  # of each event: one task does 5,000 a second at most, whatever the machine
LIMIT_S = 400


class FullScale(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="weir-scale-full-")
        cls.out = os.path.join(cls.base, "run")
        settings = {"engine.wait_us": WAIT_US, "engine.trigger": "200ms", "load.warmup": "1s",
                    "load.step": "4s", "scale.partitions": "[1]", "scale.parallelism": "[1]"}
        command = [WEIR, "run", "scale", "--full", "--yes", "--out", cls.out]
        for setting in settings.items():
            command += ["--set", "=".join(map(str, setting))]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               stdin=subprocess.DEVNULL)
        try:
            wait_until(lambda: cls.cells() or run.poll() is not None, LIMIT_S)
            run.send_signal(signal.SIGINT)
            cls.printed, cls.told = run.communicate(timeout=60)
        finally:
            run.kill()
            run.wait()
        cls.exit_code = run.returncode
        with open(os.path.join(cls.out, "result.json"), encoding="utf-8") as file:
            cls.scale = json.load(file)["scale"]

    @classmethod
    def cells(cls):
        try:
            with open(os.path.join(cls.out, "result.json"), encoding="utf-8") as file:
                return (json.load(file)["scale"] or {}).get("cells")
        except (OSError, ValueError):
            return None

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.base, ignore_errors=True)

    def test_a_cell_has_the_probes_and_the_answer_of_a_search(self):
        self.assertEqual(self.exit_code, 130, self.told)
        self.assertEqual(len(self.scale["searches"]), 1, self.told)
        search = self.scale["searches"][0]
        self.assertEqual((search["partitions"], search["parallelism"]), (1, 1))
        load = search["load"]
        purposes = [probe["purpose"] for probe in load["probes"]]
        self.assertEqual(purposes[0], "overload")
        self.assertIn("confirm low", purposes)
        sustained = load["sustainable_eps"]
        self.assertLessEqual(sustained["estimate"], 1.05 * 1e6 / WAIT_US)
        self.assertLessEqual(sustained["low"], sustained["estimate"])
        self.assertTrue(load["sizing"]["rows"])
        self.assertTrue(all(step["label"].startswith("1p-1w-") for step in load["steps"]))

    def test_the_cell_joins_what_its_steps_showed(self):
        cell, load = self.scale["cells"][0], self.scale["searches"][0]["load"]
        overload = [step for step in load["steps"] if step["purpose"] == "overload"][-1]
        self.assertEqual(cell["processed_eps"], overload["processed_eps"])
        self.assertEqual(cell["verdict"], "keeps_up")
        self.assertIsNotNone(cell["latency_ms"])
        self.assertEqual(cell["audit"]["sent"], sum(step["audit"]["sent"] for step in load["steps"]))
        self.assertEqual(cell["audit"]["lost"], 0)
        self.assertIn("surroundings", cell)

    def test_terminal_and_report_tell_it(self):
        self.assertRegex(" ".join(self.printed.split()), r"1 partition, 1 worker: sustains .* probes")
        with open(os.path.join(self.out, "report.html"), encoding="utf-8") as file:
            self.assertIn("The rate that each sustains", file.read())

    def test_the_search_can_be_verified(self):
        verified = subprocess.run([WEIR, "verify", self.out], capture_output=True, text=True, timeout=60,
                                  stdin=subprocess.DEVNULL)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        path = os.path.join(self.out, "result.json")
        with open(path, encoding="utf-8") as file:
            changed = json.load(file)
        changed["scale"]["searches"][0]["load"]["sustainable_eps"]["low"] *= 0.9
        with open(path, "w", encoding="utf-8") as file:
            json.dump(changed, file)
        refused = subprocess.run([WEIR, "verify", self.out], capture_output=True, text=True, timeout=60,
                                 stdin=subprocess.DEVNULL)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("scale.searches[0].load.sustainable_eps.low", refused.stdout + refused.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)

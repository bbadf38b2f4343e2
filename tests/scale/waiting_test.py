"""weir run scale where every event waits: cells, their law, what limits them, and what is refused."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

WEIR = os.path.abspath(sys.argv.pop(1))
WAIT_US = 200


def weir(*arguments):
    return subprocess.run([WEIR, *arguments], capture_output=True, text=True, timeout=200,
                          stdin=subprocess.DEVNULL)


class TasksThatWait(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="weir-scale-")
        cls.out = os.path.join(cls.base, "run")
        cls.done = weir("run", "scale", "--quick", "--set", f"engine.wait_us={WAIT_US}",
                        "--out", cls.out)
        with open(os.path.join(cls.out, "result.json"), encoding="utf-8") as file:
            cls.scale = json.load(file)["scale"]

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.base, ignore_errors=True)

    def test_eight_tasks_are_measured_however_few_the_cores(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr + self.done.stdout)
        cells = self.scale["cells"]
        self.assertEqual([(c["partitions"], c["parallelism"]) for c in cells],
                         [(1, 1), (2, 2), (4, 4), (8, 8)])
        self.assertEqual(self.scale["not_measured"], [])
        self.assertGreater(cells[3]["processed_eps"], 2 * cells[0]["processed_eps"])
        self.assertEqual(self.scale["cores"], os.sysconf("SC_NPROCESSORS_ONLN"))

    def test_no_cell_does_more_than_waiting_allows_or_than_it_was_offered(self):
        for cell in self.scale["cells"]:
            bound = cell["parallelism"] * 1e6 / WAIT_US
            # What was read before the first commit counts to the batch after it: at most a poll.
            self.assertLessEqual(cell["processed_eps"], 1.05 * bound, cell["label"])
            self.assertLessEqual(cell["processed_eps"], cell["offered_eps"], cell["label"])
            self.assertEqual(cell["audit"]["lost"], 0)

    def test_there_is_a_law_with_its_interval_or_the_reason_why_not(self):
        fit = self.scale["fit"]
        if fit["law"]:
            self.assertEqual(fit["law"], "amdahl")  # four single runs are too few for the other
            self.assertIsNone(fit["kappa"]["estimate"])
            self.assertIn("6 distinct n", fit["note"])
            sigma = fit["sigma"]
            self.assertLessEqual(sigma["low"], sigma["estimate"])
            self.assertLessEqual(sigma["estimate"], sigma["high"])
            self.assertEqual((fit["n_max"], fit["n_limit"]), (8, 12))
            self.assertEqual((fit["curve"][0]["n"], fit["curve"][-1]["n"]), (1, 8))
        else:
            self.assertTrue(fit["refused"])
            self.assertTrue(fit["left_out"])
            self.assertEqual(fit["curve"], [])
        self.assertEqual(fit["runs"] + len(fit["left_out"]), 4)

    def test_terminal_and_report_tell_the_same(self):
        fit = self.scale["fit"]
        words = " ".join(self.done.stdout.split())
        self.assertIn("Amdahl's law of" if fit["law"] else "no law is fitted", words)
        self.assertIn(" ".join(self.scale["cores_note"].split()), words)
        with open(os.path.join(self.out, "report.html"), encoding="utf-8") as file:
            page = file.read()
        self.assertEqual("fig-scale_law" in page, bool(fit["law"]))
        self.assertIn(self.scale["cores_note"], page)

    def test_the_run_can_be_verified(self):
        verified = weir("verify", self.out)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)


class Refusals(unittest.TestCase):
    def assert_refused(self, *arguments, says):
        done = weir("run", "scale", "--dry-run", *arguments)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn(says, done.stderr)
        self.assertRegex(done.stderr, r"\n  why: .+\n  try: ")

    def test_other_engines_take_no_added_work(self):
        self.assert_refused("--engine", "spark", "--set", "engine.wait_us=5",
                            says="engine.wait_us needs weir's own engine")
        self.assert_refused("--engine", "spark", "--set", "engine.cpu_us=0.5",
                            says="engine.cpu_us needs weir's own engine")

    def test_work_is_never_negative(self):
        self.assert_refused("--set", "engine.cpu_us=-1", says="engine.cpu_us cannot be -1")


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""weir run as a user meets it: its results, its errors, and what it leaves behind when it is stopped."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from processes import processes_of, wait, wait_until

WEIR = os.path.abspath(sys.argv.pop(1))


class Case(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="weir-run-command-")
        self.out = os.path.join(self.base, "run")

    def tearDown(self):
        shutil.rmtree(self.base, ignore_errors=True)

    def run_weir(self, *arguments, timeout=300):
        return subprocess.run([WEIR, *arguments], cwd=self.base, capture_output=True, text=True,
                              timeout=timeout, stdin=subprocess.DEVNULL)

    def result(self):
        with open(os.path.join(self.out, "result.json")) as f:
            return json.load(f)

    def assert_clean(self, audit):
        self.assertEqual(audit["level"], "identity")
        self.assertEqual((audit["lost"], audit["duplicated"]), (0, 0), audit)
        self.assertLessEqual(audit["acked"], audit["processed"])
        self.assertLessEqual(audit["processed"], audit["acked"] + audit["unknown"])


class WholeRun(Case):
    def test_all_quick_measures_everything_cleanly(self):
        done = self.run_weir("run", "all", "--quick", "--out", self.out)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        result = self.result()
        self.assertEqual(result["exit"]["code"], 0)
        steps = result["load"]["steps"]
        self.assertTrue(steps)
        for step in steps:
            if step["verdict"] == "keeps_up":
                self.assertLess(abs(step["sent_eps"] / step["offered_eps"] - 1), 0.01, step)
        self.assertTrue(result["scale"]["cells"])
        kinds = {fault["kind"] for fault in result["faults"]["faults"]}
        self.assertEqual(kinds, {"engine:kill", "broker:kill"}, result["faults"])
        for measured in steps + result["scale"]["cells"] + result["faults"]["faults"]:
            self.assert_clean(measured["audit"])
        for name in ("report.html", "manifest.json", "plan.toml", "machine.json"):
            self.assertTrue(os.path.exists(os.path.join(self.out, name)), name)
        verified = self.run_weir("verify", self.out)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.out, "data")))


class Refused(Case):
    def test_a_run_that_measured_nothing_ends_with_its_error_and_offers_no_report(self):
        environment = {**os.environ, "WEIR_CACHE": os.path.join(self.base, "empty")}
        done = subprocess.run([WEIR, "run", "load", "-b", "apache", "--quick", "--out", self.out], cwd=self.base,
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              env=environment)
        self.assertNotEqual(done.returncode, 0)
        for word in ("Report", "Next", "Again"):
            self.assertNotIn(word, done.stdout)
        self.assertFalse(os.path.exists(os.path.join(self.out, "report.html")))
        last = done.stderr.strip().splitlines()
        self.assertTrue(any(line.startswith("weir: ") for line in last), done.stderr)
        self.assertIn("  try: ", last[-1])
        self.assertEqual(self.result()["exit"]["code"], done.returncode)


class Interrupted(Case):
    def start(self):
        run = subprocess.Popen([WEIR, "run", "load", "--quick", "--out", self.out], cwd=self.base,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (run.poll() is None and run.kill(), run.wait()))
        return run

    def await_load(self):
        def generator_runs():
            return any("produce" in words and any("steps" in w for w in words)
                       for _, words in processes_of(self.base))
        self.assertTrue(wait_until(generator_runs, 60), "no generator was started")

    def assert_nothing_left(self):
        self.assertTrue(wait_until(lambda: not processes_of(self.base), 5),
                        processes_of(self.base))

    def test_ctrl_c_keeps_what_was_measured_and_leaves_nothing_running(self):
        run = self.start()
        self.await_load()
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(timeout=30), 130)
        self.assert_nothing_left()
        self.assertEqual(self.result()["exit"]["code"], 130)
        self.assertTrue(os.path.exists(os.path.join(self.out, "report.html")))
        verified = self.run_weir("verify", self.out)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def test_sigkill_leaves_nothing_running_and_a_readable_folder(self):
        run = self.start()
        self.await_load()
        run.kill()
        run.wait()
        self.assert_nothing_left()
        self.assertIsNone(self.result()["exit"]["code"])
        verified = self.run_weir("verify", self.out)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        self.assertIn("partial", verified.stdout)

    def test_ctrl_c_at_any_moment_of_the_start(self):
        for delay in (0.0, 0.05, 0.2, 0.5):
            shutil.rmtree(self.out, ignore_errors=True)
            run = self.start()
            wait(delay)
            run.send_signal(signal.SIGINT)
            # Before weir has installed its handlers the signal itself ends it.
            self.assertIn(run.wait(timeout=30), (130, -signal.SIGINT), delay)
            self.assert_nothing_left()


class BrokerDies(Case):
    def test_a_broker_that_dies_by_itself_ends_the_run_with_its_name(self):
        run = subprocess.Popen([WEIR, "run", "load", "--quick", "--set", "load.rates=[20000]",
                                "--out", self.out], cwd=self.base, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (run.poll() is None and run.kill(), run.wait()))

        def brokers_of_the_step():
            generates = any("produce" in words and any("steps" in w for w in words)
                            for _, words in processes_of(self.base))
            return generates and [pid for pid, words in processes_of(self.base)
                                  if words[1:2] == ["broker"]]
        self.assertTrue(wait_until(brokers_of_the_step, 60), "no broker under load")
        os.kill(brokers_of_the_step()[0], signal.SIGKILL)
        output, error = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 6, output + error)
        self.assertIn("the broker ended with status 137", error.splitlines()[-1])
        self.assertNotIn("generator late", output)
        step = self.result()["load"]["steps"][0]
        self.assertEqual((step["verdict"], step["limited_by"]), ("invalid", ""))
        self.assertFalse(step["audit"]["complete"])


class BadInput(Case):
    def assert_refused(self, done, *words):
        self.assertEqual(done.returncode, 2, done.stderr)
        text = done.stderr
        self.assertRegex(text, r"\n  why: ")
        self.assertRegex(text, r"\n  try: ")
        for word in words:
            self.assertIn(word, text)

    def test_wrong_words_name_the_nearest(self):
        self.assert_refused(self.run_weir("rnu"), "did you mean weir run?")
        self.assert_refused(self.run_weir("run", "load", "--quik"), "did you mean --quick?")
        self.assert_refused(self.run_weir("run", "load", "--set", "topic.partitons=3"),
                            "did you mean topic.partitions?")

    def test_a_plan_with_a_wrong_type_names_line_and_column(self):
        plan = os.path.join(self.base, "plan.toml")
        with open(plan, "w") as f:
            f.write("[topic]\npartitions = \"four\"\n")
        self.assert_refused(self.run_weir("run", "load", plan), "plan.toml:2:14", "a whole number")

    def test_a_missing_plan_and_a_missing_experiment(self):
        self.assert_refused(self.run_weir("run", "load", "none.toml"), "none.toml")
        self.assert_refused(self.run_weir("run"))

    def test_a_folder_that_is_taken_or_cannot_be_made(self):
        os.mkdir(self.out)
        with open(os.path.join(self.out, "mine"), "w") as f:
            f.write("precious")
        self.assert_refused(self.run_weir("run", "load", "--quick", "--out", self.out), "not empty")
        self.assertEqual(os.listdir(self.out), ["mine"])
        done = self.run_weir("run", "load", "--quick", "--out", "/proc/none/run")
        self.assertIn(done.returncode, (1, 2), done.stderr)
        self.assertRegex(done.stderr, "weir: cannot make the folder")

    def test_dry_run_prints_the_plan_and_its_cost(self):
        done = self.run_weir("run", "all", "--dry-run", "--set", "seed=7")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("seed = 7", done.stdout)
        self.assertRegex(done.stdout, r"total +at most +25\.0 minutes")
        self.assertEqual(os.listdir(self.base), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)

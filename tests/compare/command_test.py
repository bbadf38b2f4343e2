"""weir compare and weir trend as a user meets them, on real runs of the embedded pipeline."""
import csv
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree

WEIR = os.path.abspath(sys.argv.pop(1))
PLAN = 'schema = "weir.plan/1"\n[load]\nstep = "6s"\nrates = [%d]\nsearch = false\n'


def wait_until(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        select.select([], [], [], 0.05)
    return condition()


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="weir-compare-")
        cls.environment = {**os.environ, "WEIR_CACHE": os.path.join(cls.base, "cache")}
        cls.environment.pop("GITHUB_STEP_SUMMARY", None)
        with open(os.path.join(cls.base, "base.toml"), "w", encoding="utf-8") as file:
            file.write(PLAN % 10000)
        for name in ("a", "b"):
            done = cls.weir("run", "load", "base.toml", "--quick", "--quiet", "--out", f"runs/{name}")
            assert done.returncode == 0, done.stderr
        # The second test of pairs resumes what this one leaves; both look at the same comparison.
        cls.pairs = None

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.base, ignore_errors=True)

    @classmethod
    def weir(cls, *arguments, **more):
        return subprocess.run([WEIR, *arguments], cwd=cls.base, capture_output=True, text=True,
                              timeout=400, stdin=subprocess.DEVNULL,
                              env={**cls.environment, **more}, check=False)

    def path(self, *names):
        return os.path.join(self.base, *names)

    def answer(self, *arguments):
        done = self.weir("compare", *arguments, "--json", "-")
        return done, json.loads(done.stdout)

    def test_one_run_of_each_cannot_tell(self):
        done, found = self.answer("runs/a", "runs/b")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(found["schema"], "weir.compare/1")
        self.assertEqual(found["verdict"], "cannot tell")
        self.assertEqual(found["differences"], [])
        primary = found["changes"][0]
        self.assertEqual(primary["metric"], "cpu_s_per_million")
        self.assertEqual(primary["pairs_needed"], 6)
        self.assertIsNone(primary["ratio"]["low"])
        self.assertEqual(self.weir("compare", "runs/a", "runs/b", "--unsure", "fail").returncode, 5)

    def test_unlike_runs_are_refused_and_allowed_by_name(self):
        shutil.copytree(self.path("runs/b"), self.path("other"), symlinks=True)
        plan = self.path("other", "plan.toml")
        with open(plan, encoding="utf-8") as file:
            text = file.read()
        with open(plan, "w", encoding="utf-8") as file:
            file.write(text.replace("parallelism = 2\n", "parallelism = 1\n", 1))
        refused = self.weir("compare", "runs/a", "other")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("engine.parallelism: 2 against 1", refused.stderr)
        self.assertIn("--allow engine.parallelism", refused.stderr)
        allowed = self.weir("compare", "runs/a", "other", "--allow", "engine.parallelism")
        self.assertEqual(allowed.returncode, 0, allowed.stderr)
        self.assertIn("changed engine.parallelism", allowed.stdout)
        forced = self.weir("compare", "runs/a", "other", "--force")
        self.assertEqual(forced.returncode, 0)
        self.assertIn("UNLIKE engine.parallelism", forced.stdout)

    def test_a_gate_on_objectives_ends_with_3_and_writes_its_files(self):
        with open(self.path("gate.toml"), "w", encoding="utf-8") as file:
            file.write('schema = "weir.gate/1"\nobjectives = ["lost == 0", "p50_ms <= 0.001"]\n')
        done = self.weir("compare", "runs/a", "runs/b", "--gate", "gate.toml", "--junit", "junit.xml",
                         "--markdown", "summary.md", GITHUB_STEP_SUMMARY=self.path("job.md"))
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        suite = ElementTree.parse(self.path("junit.xml")).getroot().find("testsuite")
        self.assertEqual((suite.get("tests"), suite.get("failures"), suite.get("skipped")),
                         ("3", "1", "1"))
        self.assertIn("p50_ms <= 0.001",
                      [case.get("name") for case in suite if case.find("failure") is not None])
        with open(self.path("summary.md"), encoding="utf-8") as file:
            summary = file.read()
        self.assertIn("**failed**", summary)
        with open(self.path("job.md"), encoding="utf-8") as file:
            self.assertEqual(file.read(), summary + "\n")

    def test_the_example_of_a_workflow_can_be_read(self):
        example = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../deploy/github")
        done = self.weir("compare", "runs/a", "runs/b", "--gate", os.path.join(example, "gate.toml"))
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.weir("run", "load", os.path.join(example, "plan.toml"), "--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_wrong_words_are_answered_with_the_nearest(self):
        for arguments, remedy in (
                (("runs/a", "runs/b", "--primary", "p98_ms"), "did you mean p99_ms?"),
                (("runs/a",), "weir compare runs/a runs/b"),
                (("runs/a", "nowhere"), "name a run's folder"),
                (("--run", "base.toml"), "--head-set"),
                (("--run", "base.toml", "--head-set", "engine.workload=forward"),
                 "--allow engine.workload")):
            done = self.weir("compare", *arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(remedy, done.stderr)

    def test_pairs_killed_and_resumed_find_a_dearer_engine(self):
        """50 s of CPU more per million events: no noise hides that."""
        arguments = ["compare", "--run", "base.toml", "--head-set", "engine.cpu_us=50", "--pairs", "6",
                     "--seed", "7", "--quick", "--out", "pairs", "--quiet"]
        with subprocess.Popen([WEIR, *arguments], cwd=self.base, env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as first:
            kept = self.path("pairs", "compare.json")
            self.assertTrue(wait_until(lambda: os.path.exists(kept), 120))
            first.send_signal(signal.SIGKILL)
            first.wait()
        measured = os.listdir(self.path("pairs", "runs"))
        self.assertLess(len([name for name in measured if name != "latest"]), 12)
        before = os.stat(self.path("pairs", "runs", "01-base", "result.json")).st_mtime_ns

        done = self.weir("compare", "--resume", "pairs", "--quiet")
        self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
        self.assertIn("cpu_s_per_million", done.stderr)
        self.assertEqual(
            os.stat(self.path("pairs", "runs", "01-base", "result.json")).st_mtime_ns, before)
        with open(kept, encoding="utf-8") as file:
            found = json.load(file)
        self.assertEqual(found["verdict"], "worse")
        self.assertEqual(found["exit"]["code"], 4)
        self.assertEqual(found["seed"], 7)
        self.assertTrue(found["paired"])
        self.assertEqual([each["key"] for each in found["differences"]], ["engine.cpu_us"])
        primary = found["changes"][0]
        self.assertEqual(len(primary["base_values"]), 6)
        self.assertGreater(primary["ratio"]["low"], 1.03)
        self.assertEqual(self.weir("verify", "pairs/runs/06-head").returncode, 0)

        # The same runs, read as stored ones, say the same.
        def side(name):
            return ",".join(f"pairs/runs/{i:02}-{name}" for i in range(1, 7))
        again, stored = self.answer(side("base"), side("head"), "--allow", "engine.cpu_us")
        self.assertEqual(again.returncode, 4, again.stderr)
        self.assertEqual(stored["changes"][0]["ratio"], primary["ratio"])

        # And weir trend tells the two kinds apart.
        trend = json.loads(self.weir("trend", "pairs", "--json", "-").stdout)
        self.assertEqual(sorted(len(group["runs"]) for group in trend["groups"]), [6, 6])

    def test_a_trend_of_like_runs(self):
        done = self.weir("trend", "runs", "--csv", "trend.csv", "--markdown", "trend.md")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("cpu_s_per_million at 10000 events/s, s", done.stdout)
        with open(self.path("trend.csv"), encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({row["run"] for row in rows}, {"a", "b"})
        self.assertEqual({row["mark"] for row in rows}, {""})   # two runs prove no change
        self.assertEqual(self.weir("trend", "nowhere").returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)

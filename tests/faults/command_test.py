"""Named faults through weir run: asked for, proved, undone whoever dies, and undone later."""
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

WEIR = os.path.abspath(sys.argv.pop(1))

PLAN = """schema = "weir.plan/1"
experiments = ["faults"]
[engine]
trigger = "200ms"
[faults]
kinds = ["broker:freeze"]
rate = 5000
stop_if = ["disk_free_gb < 0.01", "under_replicated > 0"]
[faults.named.freeze]
target = "broker"
do = "touch '{base}/did'; kill -STOP $WEIR_BROKER_PID"
check = "grep -q '^State:.T' /proc/$WEIR_BROKER_PID/status"
undo = "{undo}"
hold_s = {hold}
max_s = 50
"""


def state_of(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0]
    except OSError:
        return None


def wait_until(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        select.select([], [], [], 0.02)
    return condition()


class Case(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="weir-faults-")
        self.out = os.path.join(self.base, "run")

    def tearDown(self):
        shutil.rmtree(self.base, ignore_errors=True)

    def plan(self, undo="kill -CONT $WEIR_BROKER_PID", hold=1):
        path = os.path.join(self.base, "plan.toml")
        with open(path, "w") as f:
            f.write(PLAN.format(base=self.base, undo=undo, hold=hold))
        return path

    def weir(self, *arguments):
        return subprocess.run([WEIR, *arguments], cwd=self.base, capture_output=True, text=True,
                              timeout=200, stdin=subprocess.DEVNULL)

    def start(self, plan):
        return subprocess.Popen(
            [WEIR, "run", "faults", plan, "--quick", "--allow-faults", "--out", self.out],
            cwd=self.base, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def journal(self):
        try:
            with open(os.path.join(self.out, "undo.jsonl")) as f:
                return [json.loads(line) for line in f]
        except OSError:
            return []

    def states(self):
        return [line["state"] for line in self.journal() if "state" in line]

    def frozen_broker(self):
        self.assertTrue(wait_until(lambda: os.path.exists(self.base + "/did"), 60))
        pid = int(self.journal()[0]["environment"]["WEIR_BROKER_PID"])
        self.assertTrue(wait_until(lambda: state_of(pid) == "T", 20))
        return pid


class NamedFaults(Case):
    def test_without_permission_nothing_is_started(self):
        done = self.weir("run", "faults", self.plan(), "--quick", "--out", self.out)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--allow-faults", done.stderr)
        self.assertIn("kill -STOP", done.stderr)
        self.assertFalse(os.path.exists(self.out))

    def test_a_dry_run_shows_what_would_be_done(self):
        done = self.weir("run", "faults", self.plan(), "--quick", "--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("needs --allow-faults: broker:freeze", done.stdout)

    def test_is_proved_undone_and_judged(self):
        done = self.weir("run", "faults", self.plan(), "--quick", "--allow-faults", "--out",
                         self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.out + "/result.json") as f:
            faults = json.load(f)["faults"]
        fault = faults["faults"][0]
        self.assertTrue(fault["valid"], fault)
        self.assertEqual((fault["kind"], fault["target"]), ("broker:freeze", "broker"))
        self.assertGreaterEqual(fault["restarted_s"], 1)
        self.assertEqual(fault["audit"]["lost"], 0)
        self.assertEqual(fault["repeated_events"], 0)
        self.assertIn("lost in 0 of 1", faults["assurance"]["broker:freeze"]["meaning"])
        self.assertEqual(self.states(), ["undone"])
        again = self.weir("undo", self.out)
        self.assertEqual((again.returncode, again.stdout), (0, "nothing is left to undo\n"))
        verified = self.weir("verify", self.out)
        self.assertEqual(verified.returncode, 0, verified.stdout)

    def test_is_undone_when_weir_is_killed(self):
        run = self.start(self.plan("echo undone >> '%s/marks'" % self.base, hold=40))
        self.frozen_broker()
        busy = self.weir("undo", self.out)
        self.assertEqual(busy.returncode, 2, busy.stderr)
        run.send_signal(signal.SIGKILL)
        run.wait()
        self.assertTrue(wait_until(lambda: self.states() == ["undone"], 30), self.journal())
        with open(self.base + "/marks") as f:
            self.assertEqual(f.read(), "undone\n")

    def test_is_undone_on_an_interruption(self):
        run = self.start(self.plan(hold=40))
        self.frozen_broker()
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(60), 130)
        self.assertEqual(self.states(), ["undone"])
        self.assertTrue(os.path.exists(self.out + "/report.html"))

    def test_what_could_not_be_undone_is_told_and_undone_later(self):
        mended = self.base + "/mended"
        run = self.start(self.plan(f"test -e '{mended}'", hold=40))
        self.frozen_broker()
        run.send_signal(signal.SIGINT)
        run.wait(90)
        self.assertNotIn("undone", self.states())
        with open(self.out + "/result.json") as f:
            self.assertIn("W040", [warning["code"] for warning in json.load(f)["warnings"]])
        self.assertEqual(self.weir("undo", self.out).returncode, 1)
        with open(mended, "w"):
            pass
        done = self.weir("undo", self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1 of 1 undone", done.stdout)


if __name__ == "__main__":
    unittest.main()

"""Runs that break off: killed at any moment, interrupted, or out of disk. What they leave is checked, and gone on with."""
import errno
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from processes import processes_of, wait, wait_until

WEIR = os.path.abspath(sys.argv.pop(1))
SEED = int(os.environ.get("WEIR_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
EVERYTHING = ["run", "all", "--quick", "--set", "load.rates=[20000, 30000]",
              "--set", "scale.partitions=[1, 2]", "--set", "scale.rate=20000",
              "--set", "faults.kinds=[\"engine:kill\"]", "--set", "faults.rate=20000"]


class Case(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="weir-broken-off-")
        self.out = os.path.join(self.base, "run")

    def tearDown(self):
        shutil.rmtree(self.base, ignore_errors=True)

    def weir(self, *arguments, timeout=280):
        return subprocess.run([WEIR, *arguments], cwd=self.base, capture_output=True, text=True,
                              timeout=timeout, stdin=subprocess.DEVNULL)

    def start(self, *arguments):
        run = subprocess.Popen([WEIR, *arguments], cwd=self.base, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (run.poll() is None and run.kill(), run.wait(), run.stderr.close()))
        return run

    def result(self):
        with open(os.path.join(self.out, "result.json")) as f:
            return json.load(f)

    def finished_steps(self):
        """Folder -> digest of its step.json, of those that were measured to their end."""
        steps = os.path.join(self.out, "steps")
        found = {}
        for name in sorted(os.listdir(steps)) if os.path.isdir(steps) else []:
            try:
                with open(os.path.join(steps, name, "step.json"), "rb") as f:
                    text = f.read()
            except OSError as e:
                self.assertEqual(e.errno, errno.ENOENT)
                continue
            if json.loads(text)["reason"] != "the run was interrupted":
                found[name] = hashlib.sha256(text).hexdigest()
        return found

    def assert_partial(self):
        verified = self.weir("verify", self.out)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        self.assertIn("partial: ", verified.stdout)

    def assert_whole(self):
        verified = self.weir("verify", self.out)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        self.assertNotIn("partial", verified.stdout)
        self.assertIn("all agree", verified.stdout)


class Killed(Case):
    def test_a_run_killed_again_and_again_is_partial_each_time_and_ends_whole(self):
        print(f"WEIR_TEST_SEED={SEED}", flush=True)
        draw = random.Random(SEED)
        arguments, kept = [*EVERYTHING, "--out", self.out], {}
        for moment in (draw.uniform(0.3, 2), draw.uniform(2, 9), draw.uniform(5, 16),
                       draw.uniform(5, 16)):
            run = self.start(*arguments)
            self.assertTrue(wait_until(lambda: os.path.exists(os.path.join(self.out, "result.json")) or
                                       run.poll() is not None, 30))
            wait(moment)
            if run.poll() is not None:
                break  # it came to its end: nothing is left to kill
            run.kill()
            run.wait()
            self.assertTrue(wait_until(lambda: not processes_of(self.out), 10),
                            processes_of(self.out))
            if os.path.exists(os.path.join(self.out, "manifest.json")):
                break
            self.assert_partial()
            finished = self.finished_steps()
            for name, digest in kept.items():
                self.assertEqual(finished.get(name), digest, f"{name} was measured again")
            kept = finished
            arguments = ["run", "--resume", self.out]
        if self.result()["exit"]["code"] is None:
            done = self.weir("run", "--resume", self.out)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assert_whole()
        finished = self.finished_steps()
        for name, digest in kept.items():
            self.assertEqual(finished.get(name), digest, f"{name} was measured again")
        result = self.result()
        self.assertEqual([step["offered_eps"] for step in result["load"]["steps"]], [20000, 30000])
        self.assertEqual(len(result["scale"]["cells"]), 2)
        self.assertEqual([f["kind"] for f in result["faults"]["faults"]], ["engine:kill"])
        measured = result["load"]["steps"] + result["scale"]["cells"] + result["faults"]["faults"]
        self.assertEqual(sorted(s["folder"] for s in measured),
                         sorted("steps/" + name for name in finished))

    def test_a_run_killed_before_its_first_result_is_partial_too(self):
        os.makedirs(os.path.join(self.out, "steps"))
        os.makedirs(os.path.join(self.out, "log"))
        self.assert_partial()


class Interrupted(Case):
    def test_ctrl_c_and_resume_keep_the_finished_step(self):
        run = self.start("run", "load", "--quick", "--set", "load.rates=[20000, 30000]", "--out",
                         self.out)
        self.assertTrue(wait_until(self.finished_steps, 60))
        self.assertTrue(wait_until(lambda: len(os.listdir(os.path.join(self.out, "steps"))) > 1, 30))
        running = self.weir("run", "--resume", self.out)
        self.assertEqual(running.returncode, 2, running.stderr)
        self.assertIn("still goes on", running.stderr)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(timeout=60), 130)
        kept = self.finished_steps()
        self.assertEqual(len(kept), 1)
        refused = self.weir("run", "load", "--quick", "--resume", self.out)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        done = self.weir("run", "--resume", self.out)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assert_whole()
        finished = self.finished_steps()
        self.assertEqual(len(finished), 2)
        self.assertEqual(finished[next(iter(kept))], kept[next(iter(kept))])
        self.assertEqual(self.result()["resumed"], 1)
        again = self.weir("run", "--resume", self.out)
        self.assertEqual(again.returncode, 2, again.stderr)
        self.assertIn("is complete", again.stderr)


class DiskFull(Case):
    """A disk of its own, in a user namespace where the host lets one be made."""

    def test_a_disk_that_fills_up_ends_the_run_with_what_there_is(self):
        disk = os.path.join(self.base, "disk")
        os.mkdir(disk)
        unshare = ["unshare", "--user", "--map-root-user", "--mount"]
        if subprocess.run([*unshare, "mount", "-t", "tmpfs", "none", disk],
                          capture_output=True).returncode != 0:
            if os.environ.get("CI") == "true":
                self.fail("this host mounts no tmpfs in a namespace: a disk cannot be filled")
            self.skipTest("this host mounts no tmpfs in a namespace: a disk cannot be filled")
        script = f"""
          mount -t tmpfs -o size=700m none {disk} || exit 99
          {WEIR} run load --quick --set 'load.rates=[20000, 30000, 40000]' --out {disk}/run \
            >{self.base}/out 2>{self.base}/err &
          run=$!
          until [ -e {disk}/run/steps/02-30.0k/offered.csv ] || ! kill -0 $run; do :; done
          cat /dev/zero >{disk}/filler 2>/dev/null
          wait $run; echo $? >{self.base}/code
          rm {disk}/filler
          {WEIR} verify {disk}/run >{self.base}/verified 2>&1; echo $? >{self.base}/verify_code
          cp {disk}/run/result.json {self.base}/
        """
        done = subprocess.run([*unshare, "sh", "-c", script], cwd=self.base, capture_output=True,
                              text=True, timeout=200)

        def read(name):
            with open(os.path.join(self.base, name)) as f:
                return f.read()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(read("code").strip(), "1", read("out") + read("err"))
        self.assertIn("space", read("err").lower())
        self.assertEqual(read("verify_code").strip(), "0", read("verified"))
        steps = json.loads(read("result.json"))["load"]["steps"]
        self.assertEqual(steps[0]["verdict"], "keeps_up")


if __name__ == "__main__":
    unittest.main(verbosity=2)

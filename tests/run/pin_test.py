"""weir run --pin: broker and engine on cores of their own, weir and its generators on the others."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from processes import processes_of, wait_until

WEIR = os.path.abspath(sys.argv.pop(1))
CORES = sorted(os.sched_getaffinity(0))
OWN = max(1, len(CORES) // 4)


class Pinned(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="weir-pin-")
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.out = os.path.join(self.base, "run")

    def run_with(self, *flags):
        return subprocess.Popen(
            [WEIR, "run", "load", "--quick", "--no-live", "--out", self.out, "--set", "load.search=false",
             "--set", "load.rates=[5000]", *flags],
            env=dict(os.environ, WEIR_CACHE=os.path.join(self.base, "cache")), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")

    def look(self, seen):
        """Where each of the run's processes may run now, by its command."""
        for pid, words in processes_of(self.out):
            if len(words) > 1 and words[1] in ("broker", "stream", "produce", "run"):
                try:
                    seen.setdefault(words[1], set()).add(tuple(sorted(os.sched_getaffinity(pid))))
                except ProcessLookupError:
                    pass
        return len(seen) == 4

    @unittest.skipIf(len(CORES) < 2, "one core cannot be shared out")
    def test_each_has_cores_of_its_own(self):
        run, seen = self.run_with("--pin"), {}
        try:
            self.assertTrue(wait_until(lambda: self.look(seen) or run.poll() is not None, 60), seen)
            text, _ = run.communicate(timeout=90)
        finally:
            run.kill()
            run.wait()
        self.assertEqual(run.returncode, 0, text)
        own, target = tuple(CORES[:OWN]), tuple(CORES[OWN:])
        for name in ("broker", "stream"):
            self.assertEqual(seen[name], {target}, seen)
        self.assertEqual(seen["produce"], {own}, seen)
        self.assertIn(own, seen["run"])  # before it shares them out it has all
        with open(os.path.join(self.out, "result.json"), encoding="utf-8") as file:
            result = json.load(file)
        step = result["load"]["steps"][0]
        self.assertEqual(step["audit"]["lost"], 0)
        self.assertIn("cores", result["target"]["settings"])
        verified = subprocess.run([WEIR, "verify", self.out], capture_output=True, text=True, timeout=60)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def refused(self, cores, says):
        run = self.run_with("--set", f'target.cores="{cores}"')
        text, _ = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 2, text)
        self.assertIn(says, text)
        self.assertRegex(text, r"\n  why: .+\n  try: ")

    def test_cores_that_are_not_there_are_refused(self):
        self.refused("1000", "target.cores names core 1000")
        self.refused("some", "is no list of cores")

    def test_weir_keeps_a_core(self):
        self.refused(",".join(map(str, CORES)), "target.cores leaves no core for weir")


if __name__ == "__main__":
    unittest.main(verbosity=2)

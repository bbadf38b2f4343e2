"""Faults of link, sink, events, checkpoint and disk through weir run, on the embedded pipeline."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

WEIR = os.path.abspath(sys.argv.pop(1))

# Kind -> what its proof must say.
PROOFS = {
    "link:cut": r"\d+ connections reset within .* ms; a new one: ",
    "link:delay": r"a request took (\d+\.\d) ms there and back, ",
    "link:throttle": r"\d+ kB/s towards the engine in \d+ ms, \d+ kB/s before",
    "sink:slow": r"a Produce request was answered after (\d+\.\d) ms",
    "event:poison": r"4 malformed events acknowledged",
    "checkpoint:lose": r"pid \d+ gone, then its checkpoint taken away",
    "disk:full": r"the broker's files grew by 0 bytes in 500 ms|the broker ended with status",
}


def weir(folder, *arguments):
    return subprocess.run([WEIR, *arguments], cwd=folder, capture_output=True, text=True,
                          timeout=150, stdin=subprocess.DEVNULL)


class Catalogue(unittest.TestCase):
    """One run with a fault of each kind; the tests look at what it found."""

    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="weir-catalogue-")
        cls.addClassCleanup(shutil.rmtree, cls.base, ignore_errors=True)
        cls.out = os.path.join(cls.base, "run")
        cls.done = weir(cls.base, "run", "faults", "--quick", "--out", cls.out,
                        "--set", "faults.kinds=" + json.dumps(list(PROOFS)),
                        "--set", "faults.rate=3000", "--set", "faults.pause=1s")
        with open(cls.out + "/result.json") as f:
            cls.faults = {fault["kind"]: fault for fault in json.load(f)["faults"]["faults"]}

    def test_every_kind_is_proved_to_have_hit(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        for kind, proof in PROOFS.items():
            with self.subTest(kind):
                self.assertTrue(self.faults[kind]["valid"], self.faults[kind]["reason"])
                self.assertRegex(self.faults[kind]["proof"], proof)

    def test_nothing_is_lost_and_results_come_again(self):
        for kind, fault in self.faults.items():
            with self.subTest(kind):
                self.assertTrue(fault["audit"]["complete"])
                self.assertEqual(fault["audit"]["lost"], 0)
                self.assertEqual(fault["audit"]["foreign"], 0)
                self.assertIsNotNone(fault["first_output_s"])

    def test_only_a_lost_checkpoint_doubles_events(self):
        for kind, fault in self.faults.items():
            with self.subTest(kind):
                if kind == "checkpoint:lose":
                    self.assertGreater(fault["repeated_events"], 1000)
                    self.assertIn("none of that", fault["audit"]["guarantee"])
                else:
                    self.assertEqual(fault["repeated_events"], 0)

    def test_malformed_events_are_counted(self):
        self.assertEqual((self.faults["event:poison"]["poisoned"],
                          self.faults["event:poison"]["malformed"]), (4, 4))
        self.assertIsNone(self.faults["link:cut"]["poisoned"])

    def test_they_last_as_long_as_the_plan_says_and_no_longer(self):
        for kind in ("link:cut", "link:delay", "link:throttle", "sink:slow", "disk:full"):
            with self.subTest(kind):
                self.assertGreaterEqual(self.faults[kind]["restarted_s"], 1)
        self.assertGreaterEqual(self.faults["link:cut"]["gap_s"], 0.8)
        self.assertGreaterEqual(self.faults["disk:full"]["gap_s"], 0.8)

    def test_what_is_delayed_is_delayed_by_what_the_plan_says(self):
        for kind, least in (("link:delay", 199), ("sink:slow", 99)):
            found = re.search(PROOFS[kind], self.faults[kind]["proof"])
            self.assertGreaterEqual(float(found.group(1)), least)

    def test_every_number_can_be_computed_again(self):
        verified = weir(self.base, "verify", self.out)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)


class Refusals(unittest.TestCase):
    def test_say_what_why_and_what_to_do_instead(self):
        with tempfile.TemporaryDirectory() as folder:
            for kind, target in (("link:cut", ["-b", "127.0.0.1:9"]),
                                 ("disk:full", ["-b", "127.0.0.1:9"]),
                                 ("checkpoint:lose", ["--engine", "external", "--set",
                                                      "engine.start='exec true'"])):
                with self.subTest(kind):
                    done = weir(folder, "run", "faults", "--quick", *target,
                                "--set", f'faults.kinds=["{kind}"]')
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertIn("faults.kinds cannot have " + kind, done.stderr)
                    self.assertIn("why: ", done.stderr)
                    self.assertIn("[faults.named.NAME]", done.stderr)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""A report against a baseline, of two runs made for it, and of one that is not like them."""
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
QUICK = ["--quick", "--set", "load.search=false", "--set", "load.rates=[2000]"]


class Baseline(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="weir-baseline-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for name, more in (("before", []), ("after", []), ("unlike", ["--set", "engine.trigger=400ms"])):
            cls.weir("run", "load", *QUICK, *more, "--out", name)

    @classmethod
    def weir(cls, *arguments):
        done = subprocess.run([PROGRAM, *arguments], cwd=cls.folder, capture_output=True, text=True,
                              timeout=120, stdin=subprocess.DEVNULL, check=False)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def comparison(self, run, baseline):
        """The words of the report's part, and its rows."""
        self.weir("report", run, "--baseline", baseline)
        with open(os.path.join(self.folder, run, "report.html"), encoding="utf-8") as file:
            part = re.search(r'<section id="comparison">(.*?)</section>', file.read(), re.S).group(1)
        rows = [[html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<td.*?</td>", row, re.S)]
                for row in re.findall(r"<tr>(.*?)</tr>", part, re.S)]
        return html.unescape(re.sub(r"<[^>]*>", " ", part)), [row for row in rows if row]

    def latency(self, run):
        with open(os.path.join(self.folder, run, "result.json"), encoding="utf-8") as file:
            return json.load(file)["load"]["steps"][0]["latency_ms"]

    def test_like_runs_are_compared_figure_by_figure(self):
        words, rows = self.comparison("after", "before")
        self.assertIn("Against run before", re.sub(r"\s+", " ", words))
        self.assertNotIn("not alike", words)
        row = next(row for row in rows if " at 2,000 events/s" in row[0])
        name = row[0].split()[0]   # the highest that both have batches enough for
        higher = ("p99", "p95", "p50")[:("p99", "p95", "p50").index(name)]
        for cell, run in zip(row[1:3], ("before", "after")):
            wanted = self.latency(run)[name]
            self.assertTrue(abs(float(cell.replace(",", "")) - wanted) <= 0.5, (cell, wanted))
        for skipped in higher:
            self.assertIn(None, [self.latency(run)[skipped] for run in ("before", "after")])
        # One run of each: whatever the change, nobody can tell.
        self.assertEqual(row[-1], "cannot tell")

    def test_what_differs_between_unlike_runs_is_named_first(self):
        words, _ = self.comparison("unlike", "before")
        self.assertIn("not alike", words)
        self.assertRegex(words, r"trigger: 200 ms \(before\); 400 ms \(unlike\)")


if __name__ == "__main__":
    unittest.main(verbosity=2)

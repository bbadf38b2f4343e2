#!/usr/bin/python3
"""Manual pages of every command: man(1) renders them and has nothing to complain about."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM, SOURCE = map(os.path.abspath, sys.argv[1:3])


class ManualPages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("man"):
            assert not os.environ.get("CI"), "man is missing"
            raise unittest.SkipTest("man is not installed")
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        subprocess.run([SOURCE + "/cmake/man_pages.sh", PROGRAM, cls.folder], check=True)

    def rendered(self, page):
        done = subprocess.run(["man", "--warnings=w,mac", "-l", os.path.join(self.folder, page)],
                              capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MANWIDTH": "100",
                                   "MANPAGER": "cat", "MANROFFOPT": "-c"})
        self.assertEqual((done.returncode, done.stderr), (0, ""), page)
        return done.stdout

    def test_each_command_has_a_page_without_warnings(self):
        pages = sorted(os.listdir(self.folder))
        self.assertIn("weir.1.gz", pages)
        self.assertIn("weir-run.1.gz", pages)
        for page in pages:
            text = self.rendered(page)
            for part in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS"):
                self.assertIn("\n" + part, "\n" + text, page)
            if page != "weir.1.gz":
                self.assertIn("\nOPTIONS", text, page)
                self.assertIn("\nEXAMPLES", text, page)

    def test_a_page_shows_flags_and_examples_as_they_are_typed(self):
        text = self.rendered("weir-run.1.gz")
        self.assertIn("--engine", text)
        self.assertIn("'load.rates=[100000, 200000]'", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)

#!/usr/bin/python3
"""Completion in real, interactive bash and zsh, each on a terminal of its own."""
import os
import pty
import re
import select
import shutil
import signal
import sys
import tempfile
import time
import unittest

PROGRAM, SOURCE = map(os.path.abspath, sys.argv[1:3])
LIMIT_S = 30


class Shell:
    """An interactive shell whose keyboard and screen belong to the test."""

    def __init__(self, folder, *command):
        bin_folder = os.path.join(folder, "bin")
        os.makedirs(bin_folder)
        os.symlink(PROGRAM, os.path.join(bin_folder, "weir"))
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, {
                "PATH": bin_folder + ":/usr/bin:/bin", "HOME": folder, "TERM": "vt100", "PS1": "> ",
                "LC_ALL": "C.UTF-8", "ZDOTDIR": folder})
        self.screen = ""

    def keys(self, text):
        os.write(self.fd, text.encode())

    def shows(self, pattern):
        """Waits until what the shell wrote since the last match matches."""
        end = time.monotonic() + LIMIT_S
        while not (match := re.search(pattern, self.screen)):
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"{pattern!r} never came; the screen holds {self.screen!r}")
            self.screen += os.read(self.fd, 65536).decode(errors="replace")
            self.screen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|[\x00\x07]|[^\n]\x08", "", self.screen)
        self.screen = self.screen[match.end():]

    def end(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def open(self, *command):
        if not shutil.which(command[0]):
            self.assertFalse(os.environ.get("CI"), f"{command[0]} is missing")
            self.skipTest(f"{command[0]} is not installed")
        shell = Shell(self.folder, *command)
        self.addCleanup(shell.end)
        return shell

    def complete_words(self, shell):
        shell.keys("weir expl\t")
        shell.shows("weir explain ")
        shell.keys("\x15weir run --engine sp\t")
        shell.shows("--engine spark ")
        shell.keys("\x15weir topic desc\t")
        shell.shows("topic describe ")
        shell.keys("\x15weir run --set topic.part\t")
        shell.shows("topic.partitions=")
        shell.keys("\x15weir init kafka some-pl\t")
        shell.shows("kafka some-plan.toml")

    def test_bash(self):
        open(os.path.join(self.folder, "some-plan.toml"), "w").close()
        shell = self.open("bash", "--norc", "--noprofile", "-i")
        shell.keys(f"source {SOURCE}/completions/weir.bash; echo re''ady\n")
        shell.shows("ready")
        self.complete_words(shell)
        shell.keys("\x15weir run --engine=ext\t")
        shell.shows("--engine=external ")

    def test_zsh(self):
        open(os.path.join(self.folder, "some-plan.toml"), "w").close()
        shell = self.open("zsh", "-f", "-i")
        shell.keys(f"fpath=({SOURCE}/completions $fpath); autoload -U compinit; compinit -u -D; "
                   "echo re''ady\n")
        shell.shows("ready")
        self.complete_words(shell)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)

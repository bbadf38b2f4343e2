"""What a run shows on terminals of several kinds, through pseudo-terminals: terminal.py WEIR"""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import unittest
from concurrent.futures import ThreadPoolExecutor

WEIR = sys.argv.pop(1)
LIMIT_S = 240
ESCAPE = re.compile(r"\033\[[0-9;]*[A-Za-z]|\033\]8;;.*?\033\\")
REDRAW = "\r\033[K"
UNIT = re.compile(r"^ *(k|M|ms|s|ev/s|events/s|k/s|GB)\b")
COMMAND = ["run", "load", "--quick", "--live", "--set", "load.rates=[1000, 2000]", "--set", "engine.trigger=200ms"]


def run(name, width=None, stdout_pipe=False, command=None, **environment):
    """Runs weir in a folder of its own; what it wrote to its terminal (or stderr), and to stdout."""
    folder = os.path.join(FOLDER, name)
    os.mkdir(folder)
    base = {k: v for k, v in os.environ.items() if k not in ("CI", "NO_COLOR", "TERM", "GITHUB_STEP_SUMMARY")}
    base.update({"TERM": "xterm-256color", **environment})
    if width is None:
        done = subprocess.run([WEIR, *(command or COMMAND)], cwd=folder, env=base, capture_output=True,
                              timeout=LIMIT_S)
        return done.stderr.decode(), done.stdout.decode()
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    child = subprocess.Popen([WEIR, *(command or COMMAND)], cwd=folder, env=base, stdin=side, stderr=side,
                             stdout=subprocess.PIPE if stdout_pipe else side, start_new_session=True)
    os.close(side)
    seen, out, sources = b"", b"", [main] + ([child.stdout] if stdout_pipe else [])
    while sources:
        ready = select.select(sources, [], [], LIMIT_S)[0]
        if not ready:
            child.kill()
            break
        for source in ready:
            try:
                data = os.read(source if source == main else source.fileno(), 65536)
            except OSError:   # the other end of a pseudo-terminal is closed
                data = b""
            if not data:
                sources.remove(source)
            elif source == main:
                seen += data
            else:
                out += data
    child.wait(LIMIT_S)
    os.close(main)
    if stdout_pipe:
        child.stdout.close()
    return seen.decode(), out.decode()


def setUpModule():
    global FOLDER, RESULT
    FOLDER = tempfile.mkdtemp(prefix="weir-terminal-")
    jobs = {
        "60": dict(width=60), "80": dict(width=80), "200": dict(width=200),
        "plain": dict(width=80, NO_COLOR="1"), "dumb": dict(width=80, TERM="dumb"), "ci": dict(width=80, CI="true"),
        "split": dict(width=80, stdout_pipe=True), "pipe": dict(),
        "json": dict(command=COMMAND + ["--json", "-"]), "quiet": dict(width=80, command=COMMAND + ["--quiet"])}
    with ThreadPoolExecutor(3) as pool:
        RESULT = {name: pool.submit(run, name, **how) for name, how in jobs.items()}
    RESULT = {name: future.result() for name, future in RESULT.items()}
    if os.environ.get("SHOW"):
        for name, (seen, out) in RESULT.items():
            print(f"===== {name}\n{shown(seen)}\n----- stdout\n{out}")


def tearDownModule():
    shutil.rmtree(FOLDER)


def pieces(text):
    """Everything ever shown as one line: permanent lines, and each state of the redrawn one."""
    for line in text.replace("\r\n", "\n").split("\n"):
        yield from line.split(REDRAW)


def shown(text):
    """What is left to see in the end."""
    return "\n".join(ESCAPE.sub("", line.split(REDRAW)[-1]) for line in text.replace("\r\n", "\n").split("\n"))


class Terminals(unittest.TestCase):
    def test_no_line_is_wider_than_the_terminal(self):
        for name in ("60", "80", "200", "plain", "dumb", "ci", "quiet"):
            width = int(name) if name.isdigit() else 80
            for piece in pieces(RESULT[name][0]):
                if " " not in piece.strip():
                    continue   # a path alone on its line: it is longer than any narrow terminal
                self.assertLessEqual(len(ESCAPE.sub("", piece)), width, (name, piece))

    def test_numbers_are_never_apart_from_their_units(self):
        for name in ("60", "80", "200"):
            lines = shown(RESULT[name][0]).split("\n")
            for line, following in zip(lines, lines[1:]):
                self.assertFalse(re.search(r"\d$", line.rstrip()) and UNIT.match(following), (name, line, following))

    def test_narrow_terminals_leave_columns_out(self):
        heads = {name: next(line for line in shown(RESULT[name][0]).split("\n") if line.startswith(" LOAD"))
                 for name in ("60", "80", "200")}
        self.assertEqual(heads["60"].split(), ["LOAD", "offered", "processed", "p99", "verdict"])
        self.assertEqual(heads["80"].split(), ["LOAD", "offered", "processed", "p50", "p99", "backlog", "verdict"])
        self.assertEqual(heads["200"].split(), ["LOAD", "offered", "processed", "p50", "p95", "p99", "max", "backlog",
                                                "verdict"])
        for name, head in heads.items():   # rows stand under the head
            row = next(filter(None, (re.match(r" *\d+:\d\d +1\.0 k +([\d.]+ (?:k|  ?))", line)
                                     for line in shown(RESULT[name][0]).split("\n"))))
            # The number ends where its unit would begin; below 1,000 it has none.
            self.assertEqual(head.index("processed") + len("processed"), row.start(1) + len(row[1].rstrip()) +
                             (0 if row[1].rstrip().endswith("k") else 2), name)

    def test_the_line_is_redrawn_on_capable_terminals_only(self):
        for name in ("60", "80", "200", "plain", "split"):
            self.assertIn(REDRAW, RESULT[name][0], name)
            self.assertRegex(RESULT[name][0], r"\d+ s left", name)
            self.assertIn("starting 1.0k", RESULT[name][0], name)
        for name in ("dumb", "ci", "pipe", "json", "quiet"):
            self.assertNotIn("\r\033", RESULT[name][0], name)

    def test_colour_keeps_to_its_rules(self):
        self.assertIn("\033[1m", RESULT["80"][0])
        for name in ("plain", "dumb"):
            self.assertNotRegex(RESULT[name][0], r"\033\[\d*m", name)
        for name in ("dumb", "pipe", "json"):
            self.assertNotIn("\033", "".join(RESULT[name]), name)

    def test_progress_is_on_stderr_and_results_on_stdout(self):
        seen, out = RESULT["split"]
        self.assertNotIn("\033", out)
        self.assertIn("s left", seen)
        self.assertNotIn(" LOAD", seen)
        self.assertIn(" LOAD", out)
        self.assertEqual(RESULT["pipe"][0], "")

    def test_it_says_first_what_it_costs(self):
        first = shown(RESULT["80"][0]).split("\n")
        self.assertRegex(" ".join(first[:3]), r"weir \d\S* +embedded broker and engine +1 experiment, \w+( \w+)? \d+ "
                                              r"(s|min), at most [\d.]+ GB")
        self.assertIn("nothing leaves this machine", " ".join(first[:3]).replace("  ", " "))
        self.assertRegex(RESULT["pipe"][1], r"live +http://127\.0\.0\.1:\d+/\?t=\w{16}")

    def test_the_report_is_a_link_and_the_verdict_is_last(self):
        self.assertRegex(RESULT["80"][0], r"\033\]8;;file:///[^\033]*/report\.html\033\\runs/[^\033]*/report\.html\033")
        self.assertRegex(RESULT["pipe"][1], r"\n Report  file:///\S+/report\.html\n")
        for name in ("pipe", "split"):
            self.assertEqual(RESULT[name][1].rstrip("\n").split("\n")[-1].strip(), "measured; no objectives were set")
        with self.subTest("the link opens the report"):
            path = re.search(r"file://(/\S+)", RESULT["pipe"][1])[1]
            self.assertTrue(os.path.getsize(path) > 1000)

    def test_json_is_alone_on_stdout(self):
        self.assertEqual(json.loads(RESULT["json"][1])["schema"], "weir.result/1")
        self.assertIn(" LOAD", RESULT["json"][0])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])

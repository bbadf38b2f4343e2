#!/usr/bin/python3
"""Runs the commands of the documentation: run_docs.py PROGRAM SOURCE.

Every fenced block whose language is sh stands in one of the classes of docs/README.md. The blocks of a page
run in their order, in one empty folder of their own, each by bash -e with `weir` on the path. In a block of
the class `broker` a weir broker stands where the page says localhost:9092.

Every other `weir …` of the pages, in blocks that are not run and within sentences, is held against what the
program says of itself: the command must exist, and so must each of its flags.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

PROGRAM, SOURCE = map(os.path.abspath, sys.argv[1:3])
FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```", re.S | re.M)
INLINE = re.compile(r"`((?:weir|\./dev) [^`]+)`")
CLASSES = {"": "run", "broker": "run beside a weir broker",
           "peers": "needs Apache Kafka and Spark: weir setup kafka, weir setup spark",
           "cluster": "needs somebody's cluster", "long": "takes minutes to hours",
           "skip": "builds, installs or downloads"}
BLOCK_LIMIT_S = 100


def pages():
    for top in ("README.md", "CONTRIBUTING.md"):
        yield top
    for folder, _, names in sorted(os.walk(os.path.join(SOURCE, "docs"))):
        for name in sorted(names):
            if name.endswith(".md"):
                yield os.path.relpath(os.path.join(folder, name), SOURCE)


def read(page):
    with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
        return file.read()


def output(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False).stdout


class Surface:
    """The commands and flags that the program offers, by its own completion and help."""

    def __init__(self):
        self.commands = {line.split("\t")[0] for line in output("__complete", "").splitlines()}
        self.flags = {}

    def of(self, words):
        """The flags of `weir A B`, for the longest beginning of words that is a command."""
        name = tuple(words[:2]) if words[0] == "topic" and len(words) > 1 else (words[0],)
        if name not in self.flags:
            text = output(*name, "--help")
            self.flags[name] = set(re.findall(r"(?<![\w-])(--?[A-Za-z][\w-]*)", text)) | {"--help", "-h"}
        return self.flags[name]

    def problem(self, line):
        """What is wrong with one command line, or None."""
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            return None   # a piece of a longer line: "…", a quote that goes on
        if words and words[0] == "./dev":
            known = subprocess.run([SOURCE + "/dev", "help"], capture_output=True, text=True, check=False)
            return None if len(words) < 2 or words[1] in known.stdout + known.stderr else "no such task of ./dev"
        if len(words) < 2 or words[0] != "weir" or not re.fullmatch(r"[a-z]+", words[1]):
            return None   # weir alone, or a flag of it
        if words[1] not in self.commands:
            return f"weir has no command {words[1]}"
        for word in words[1:]:
            if word in ("|", "&", "&&", ";", ">", "2>", ">>"):
                break
            flag = re.match(r"--[a-z][\w-]*|-[A-Za-z](?=\W|$)", word)
            if flag and flag.group(0) not in self.of(words[1:]):
                return f"weir {words[1]} has no flag {flag.group(0)}"
        return None


def commands_in(text):
    """The lines of a block that call weir, those that go on on the next line put together."""
    for line in text.replace("\\\n", " ").splitlines():
        line = line.strip().removeprefix("$ ")
        if re.match(r"(weir|\./dev) +[a-z]", line):
            yield line


def static_problems(page, surface):
    text = read(page)
    for match in FENCE.finditer(text):
        kind, body = match.group(1).strip(), match.group(2)
        where = f"{page}:{text[:match.start()].count(chr(10)) + 1}"
        if not kind:
            yield f"{where}: a block without a language: text, toml, or sh with its class"
        for line in commands_in(body):
            if kind == "text" and "─" in line:
                continue   # a drawing
            if kind == "text" and not page.startswith("docs/reference/"):
                yield f"{where}: a command in a block of text: {line}"
            if problem := surface.problem(line):
                yield f"{where}: {problem}: {line}"
    for match in INLINE.finditer(FENCE.sub("", text)):
        if problem := surface.problem(match.group(1).replace("\n", " ")):
            yield f"{page}: {problem}: {match.group(1)}"


def blocks(page):
    text = read(page)
    for match in FENCE.finditer(text):
        language, _, kind = match.group(1).strip().partition(" ")
        if language == "sh":
            yield text[:match.start()].count("\n") + 1, kind, match.group(2)


def peers_are_there(environment):
    return all(subprocess.run([PROGRAM, "setup", name, "--check"], env=environment, capture_output=True,
                              check=False).returncode == 0 for name in ("kafka", "spark"))


class Broker:
    """A weir broker for one block, on a port of its own."""

    def __init__(self, folder):
        self.process = subprocess.Popen([PROGRAM, "broker", "--listen", "127.0.0.1:0", "--data", folder],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ready = re.search(r"ready on (\S+),", self.process.stdout.readline())
        assert ready, "the broker does not start"
        self.address = ready.group(1)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def run(page, line, script, folder, environment):
    try:
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=folder, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BLOCK_LIMIT_S)
    except subprocess.TimeoutExpired:
        return f"{page}:{line}: took more than {BLOCK_LIMIT_S} s"
    if done.returncode == 0:
        return None
    return f"{page}:{line}: exit {done.returncode}\n{script}{done.stdout[-1500:]}{done.stderr[-1500:]}"


def run_beside_broker(page, line, script, folder, environment):
    broker = Broker(folder + ".broker")
    try:
        return run(page, line, script.replace("localhost:9092", broker.address), folder, environment)
    finally:
        broker.close()


def main():
    top = tempfile.mkdtemp()
    os.makedirs(top + "/bin")
    os.symlink(PROGRAM, top + "/bin/weir")
    environment = {"PATH": f"{top}/bin:{os.environ['PATH']}", "HOME": os.environ.get("HOME", top),
                   "WEIR_PLANS": SOURCE + "/plans", "LC_ALL": "C.UTF-8", "CI": "1"}
    surface = Surface()
    for wrong in ("weir rnu load", "weir run --no-such-flag", "weir topic create -Q", "./dev tset"):
        assert surface.problem(wrong), wrong   # it finds what it looks for
    problems, counts, peers = [], dict.fromkeys(CLASSES, 0), None
    for number, page in enumerate(pages()):
        problems += static_problems(page, surface)
        folder = f"{top}/{number}"
        os.makedirs(folder)
        for line, kind, script in blocks(page):
            if kind not in CLASSES:
                problems.append(f"{page}:{line}: no such class of block: {kind}")
                continue
            counts[kind] += 1
            if kind == "peers" and peers is None:
                peers = peers_are_there(environment)
            if kind in ("", "broker") or (kind == "peers" and peers):
                runner = run_beside_broker if kind == "broker" else run
                problem = runner(page, line, script, folder, environment)
                print("FAILED" if problem else "ok", f"{page}:{line}", flush=True)
                problems += [problem] if problem else []
            else:
                print(f"not run, {CLASSES[kind]}: {page}:{line}")
    shutil.rmtree(top)
    print(", ".join(f"{count} × {CLASSES[kind]}" for kind, count in counts.items()))
    print("\n".join(problems))
    return 1 if problems or not counts[""] else 0


if __name__ == "__main__":
    sys.exit(main())

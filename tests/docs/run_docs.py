#!/usr/bin/python3
"""Runs the commands of the documentation: run_docs.py PROGRAM SOURCE.

Every fenced block whose language is sh stands in one of the classes of docs/README.md. The blocks of a page
run in their order, in one empty folder of their own, each by bash -e with `weir` on the path.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM, SOURCE = map(os.path.abspath, sys.argv[1:3])
FENCE = re.compile(r"^```sh(?: (\w+))?\n(.*?)^```", re.S | re.M)
CLASSES = (None, "peers", "cluster", "skip")
BLOCK_LIMIT_S = 100


def pages():
    for top in ("README.md", "CONTRIBUTING.md"):
        yield top
    for folder, _, names in sorted(os.walk(os.path.join(SOURCE, "docs"))):
        for name in sorted(names):
            if name.endswith(".md"):
                yield os.path.relpath(os.path.join(folder, name), SOURCE)


def blocks(page):
    with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
        text = file.read()
    for match in FENCE.finditer(text):
        yield text[:match.start()].count("\n") + 1, match.group(1), match.group(2)


def peers_are_there(environment):
    return all(subprocess.run([PROGRAM, "setup", name, "--check"], env=environment, capture_output=True,
                              check=False).returncode == 0 for name in ("kafka", "spark"))


def run(page, line, script, folder, environment):
    try:
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=folder, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BLOCK_LIMIT_S)
    except subprocess.TimeoutExpired:
        return f"{page}:{line}: took more than {BLOCK_LIMIT_S} s"
    if done.returncode == 0:
        return None
    return f"{page}:{line}: exit {done.returncode}\n{script}{done.stdout[-1500:]}{done.stderr[-1500:]}"


def main():
    top = tempfile.mkdtemp()
    os.makedirs(top + "/bin")
    os.symlink(PROGRAM, top + "/bin/weir")
    environment = {"PATH": f"{top}/bin:{os.environ['PATH']}", "HOME": os.environ.get("HOME", top),
                   "WEIR_PLANS": SOURCE + "/plans", "LC_ALL": "C.UTF-8", "CI": "1"}
    problems, counts, peers = [], dict.fromkeys(CLASSES, 0), None
    for number, page in enumerate(pages()):
        folder = f"{top}/{number}"
        os.makedirs(folder)
        for line, kind, script in blocks(page):
            if kind not in CLASSES:
                problems.append(f"{page}:{line}: no such class of block: {kind}")
                continue
            counts[kind] += 1
            if kind == "peers" and peers is None:
                peers = peers_are_there(environment)
            if kind is None or (kind == "peers" and peers):
                problem = run(page, line, script, folder, environment)
                print("FAILED" if problem else "ok", f"{page}:{line}", flush=True)
                problems += [problem] if problem else []
            else:
                print(f"not run ({kind}) {page}:{line}")
    shutil.rmtree(top)
    print(f"{counts[None]} blocks run, {counts['peers']} need peers"
          f"{'' if peers else ' (skipped: weir setup has not prepared them)'}, "
          f"{counts['cluster']} need a cluster, {counts['skip']} build or download")
    print("\n".join(problems))
    return 1 if problems or not counts[None] else 0


if __name__ == "__main__":
    sys.exit(main())

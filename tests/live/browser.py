"""Runs page.mjs against the scripted live server, in Chromium: browser.py PROGRAM WORK_FOLDER

Browser, playwright-core and the rules for skipping are those of the report's tests.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "report"))
import run as pages  # noqa: E402


def main():
    program, work = sys.argv[1:3]
    browser, node = pages.need("chromium"), pages.need("node")
    folder = pages.playwright(work)
    done = subprocess.run([node, os.path.join(HERE, "page.mjs"), program], timeout=400,
                          env={**os.environ, "PLAYWRIGHT": folder, "CHROMIUM": browser})
    sys.exit(done.returncode)


main()

"""Which processes a run has, and waiting until something is so."""
import os
import select
import time


def processes_of(folder):
    """Those whose command line names the run's folder: (process id, words)."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        if int(pid) != os.getpid() and any(folder in word for word in words):
            found.append((int(pid), words))
    return found


def wait(seconds):
    select.select([], [], [], seconds)


def wait_until(condition, seconds):
    """What condition() says at last: true as soon as it is, or the answer after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        wait(0.02)
    return condition()

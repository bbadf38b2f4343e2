"""The speed goals of the embedded pipeline, each measured with the released program itself.

Each function returns the figure that its goal is about. They start weir's own processes on loopback
ports, in a folder that is removed afterwards.
"""
import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager

PARTITIONS = 4


class Failed(Exception):
    """A measurement that could not be made, with the reason."""


def run(command, seconds):
    """Runs to its end; returns stdout. Failed when it takes too long or does not exit with 0, 3 or 6."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{' '.join(command[:3])} took longer than {seconds} s") from error
    if done.returncode not in (0, 3, 6):
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
        raise Failed(f"{' '.join(command[:3])} ended with {done.returncode}: {' '.join(last)}")
    return done.stdout


def start_ms(weir):
    """The median of 31 starts of weir without arguments, process creation included."""
    taken = []
    for _ in range(31):
        begin = time.perf_counter()
        run([weir], 10)
        taken.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(taken)


@contextmanager
def folder():
    path = tempfile.mkdtemp(prefix="weir-bench-")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def broker(weir, data):
    """A broker of its own with the topic "events"; gives its address."""
    process = subprocess.Popen([weir, "broker", "--listen", "127.0.0.1:0", "--data", data],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        words = process.stdout.readline().split()
        if words[:4] != ["weir", "broker", "ready", "on"]:
            raise Failed("weir broker did not start")
        address = words[4].rstrip(",")
        run([weir, "topic", "create", "-b", address, "events", "--partitions", str(PARTITIONS)], 20)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def produce(weir, rate, seconds):
    with folder() as path, broker(weir, os.path.join(path, "data")) as address:
        out = run([weir, "produce", "-b", address, "--topic", "events", "--rate", str(rate),
                   "--seconds", str(seconds), "--json", "-"], seconds + 60)
        return json.loads(out)


def weir_run(weir, experiment, settings, seconds, flags=()):
    with folder() as path:
        command = [weir, "run", experiment, "--out", os.path.join(path, "run"), "--quiet", *flags]
        for setting in settings:
            command += ["--set", setting]
        run(command, seconds)
        with open(os.path.join(path, "run", "result.json"), encoding="utf-8") as file:
            return json.load(file)


def produced_rate(weir):
    """Events per second acknowledged while 500,000 were due; the load's own seconds only."""
    summary = produce(weir, 500_000, 10)
    return summary["acked"] / summary["scheduled"] * min(summary["achieved_eps"], 500_000)


def send_lag(weir):
    """99th percentile of hand-over minus due at 100,000 events per second, in ms."""
    return produce(weir, 100_000, 10)["send_lag_ms"]["p99"]


def sustainable(weir):
    """The search's answer at a trigger of 1 s, in events per second."""
    result = weir_run(weir, "load", ['engine.trigger="1s"', f"topic.partitions={PARTITIONS}",
                                     'load.step="20s"'], 1500, flags=("--budget", "15m"))
    found = result["load"]["sustainable_eps"]["estimate"]
    if found is None:
        raise Failed("no rate kept up")
    return found


def latency_at(weir, rate):
    """p99 event latency at this rate and a trigger of 1 s, in ms."""
    result = weir_run(weir, "load", ['engine.trigger="1s"', f"topic.partitions={PARTITIONS}",
                                     'load.step="30s"', f"load.rates=[{rate:.0f}]"], 300)
    step = result["load"]["steps"][-1]
    if step["latency_ms"] is None or step["latency_ms"]["p99"] is None:
        raise Failed(f"no p99 at {rate:.0f} events/s: {step['verdict']}, {step['reason']}")
    return step["latency_ms"]["p99"]


def first_output(weir):
    """Seconds from SIGKILL of the engine to the first new result, at 100,000 events per second; the
    worst of three."""
    worst = 0.0
    for _ in range(3):
        result = weir_run(weir, "faults", ['engine.trigger="1s"', 'faults.kinds=["engine:kill"]',
                                           "faults.rate=100000"], 180, flags=("--quick",))
        fault = result["faults"]["faults"][0]
        if fault["first_output_s"] is None:
            raise Failed(f"no first output: {fault.get('reason') or fault.get('why')}")
        worst = max(worst, fault["first_output_s"])
    return worst

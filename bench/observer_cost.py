"""What watching costs the pipeline it watches: observer_cost.py WEIR [--pairs N] [--rate R] [--workload W]

The same load runs through weir broker and weir stream with and without a reader of the output topic, in pairs
whose order is drawn; counted is the CPU time of broker and stream (and the load's producer, as it shares them)
per million events, the reader's own not included. The pipeline serves the reader, and shares caches with it:
that is what the observer adds. Printed is the mean of the paired log ratios with its 95% t interval, as a
percentage. The reader's own CPU stands in every run's result.json.
"""
import argparse
import contextlib
import json
import math
import os
import random
import signal
import statistics
import subprocess
import sys
import time

import pipeline

GOAL_PERCENT = 3
# Student's t, 97.5%, by degrees of freedom (Abramowitz & Stegun 1964, table 26.10).
T_975 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228,
         11: 2.201, 12: 2.179, 13: 2.160, 14: 2.145, 15: 2.131, 19: 2.093, 29: 2.045}


def t_975(degrees):
    """Of the next lower degrees of freedom in the table: never too narrow."""
    return T_975[max(known for known in T_975 if known <= degrees)]


def interval(ratios):
    """Percent (mean, low, high) of what paired ratios on ÷ off add."""
    logs = [math.log(ratio) for ratio in ratios]
    mean = statistics.mean(logs)
    half = t_975(len(logs) - 1) * statistics.stdev(logs) / math.sqrt(len(logs))
    return tuple(100 * math.expm1(x) for x in (mean, mean - half, mean + half))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def end(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def running(command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        end(process)


def committed_events(path):
    """Rows that the batches so far have read, by the engine's progress file."""
    rows = 0
    with contextlib.suppress(OSError), open(path, encoding="utf-8") as file:
        for line in file:
            with contextlib.suppress(ValueError):
                rows += json.loads(line).get("numInputRows", 0)
    return rows


def reader_command(address):
    """A reader of all of the output topic, as the observer is one: kcat with librdkafka and headers."""
    return ["kcat", "-C", "-q", "-b", address, "-t", "events.weir-out", "-o", "beginning", "-f", "",
            "-X", "fetch.wait.max.ms=20", "-X", "topic.metadata.refresh.interval.ms=200"]


def once(weir, watched, rate, seconds, workload):
    """CPU seconds of broker and engine per million events."""
    with pipeline.folder() as path, pipeline.broker(weir, os.path.join(path, "data")) as address:
        pipeline.run([weir, "topic", "create", "-b", address, "events.weir-out", "--partitions",
                      str(pipeline.PARTITIONS)], 20)
        broker = broker_of(address)
        progress = os.path.join(path, "progress.jsonl")
        with contextlib.ExitStack() as stack:
            engine = stack.enter_context(running(
                [weir, "stream", "-b", address, "--topic", "events", "--checkpoint",
                 os.path.join(path, "checkpoint"), "--outdir", path, "--trigger", "1 second", "--workload",
                 workload, "--starting-offsets", "earliest", "--progress", progress, "-q"]))
            if watched:
                stack.enter_context(running(reader_command(address)))
            before = cpu_seconds(broker) + cpu_seconds(engine.pid)
            out = pipeline.run([weir, "produce", "-b", address, "--topic", "events", "--rate", str(rate),
                                "--seconds", str(seconds), "--json", "-"], seconds + 60)
            acked = json.loads(out)["acked"]
            limit = time.monotonic() + 30
            while committed_events(progress) < acked:
                if time.monotonic() > limit:
                    raise pipeline.Failed(f"{committed_events(progress)} of {acked} events were processed")
                time.sleep(0.05)
            used = cpu_seconds(broker) + cpu_seconds(engine.pid) - before
        return used / acked * 1e6


def broker_of(address):
    """The process id of the broker that this process started and that listens there."""
    children = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "pid=,args="], capture_output=True,
                              text=True, check=True).stdout.splitlines()
    found = [int(line.split()[0]) for line in children if " broker " in line]
    if len(found) != 1:
        raise pipeline.Failed(f"{len(found)} brokers instead of the one at {address}")
    return found[0]


def measure(weir, pairs=10, rate=100_000, seconds=10, workload="metrics", seed=1):
    """Percent (mean, low, high) that watching adds to the pipeline's CPU time."""
    order = random.Random(seed)
    ratios = []
    for pair in range(pairs):
        costs = {}
        for watched in order.sample([False, True], 2):
            costs[watched] = once(weir, watched, rate, seconds, workload)
        ratios.append(costs[True] / costs[False])
        print(f"  {workload} pair {pair + 1}: {costs[False]:.3f} s without, {costs[True]:.3f} s with, per million "
              "events", flush=True)
    return interval(ratios)


def metrics_percent(weir):
    """For run.py: what watching metrics adds, in percent."""
    return measure(weir)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("weir")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--rate", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--workload", choices=["metrics", "forward"], action="append")
    arguments = parser.parse_args()
    missed = False
    for workload in arguments.workload or ["metrics", "forward"]:
        mean, low, high = measure(os.path.abspath(arguments.weir), max(2, arguments.pairs), arguments.rate,
                                  arguments.seconds, workload)
        goal = f", goal < {GOAL_PERCENT}%" if workload == "metrics" else ""
        print(f"{workload}: watching adds {mean:+.2f}% [{low:+.2f}, {high:+.2f}]{goal}")
        missed = missed or (workload == "metrics" and mean >= GOAL_PERCENT)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

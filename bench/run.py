"""Measures weir's speed and holds it against its goals: ./dev bench.

Prints for each goal what was wanted and measured and their ratio, writes all of it with the machine
it was measured on to build/bench/result.json, and ends with 0 when every goal is met.
"""
import argparse
import glob
import json
import os
import platform
import subprocess
import sys
import time

import observer_cost
import pipeline


def machine():
    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(pages / 2**30, 1),
            "kernel": platform.release(), "load_before": round(os.getloadavg()[0], 2)}


def micro(folder, filters):
    """Runs the Google Benchmark programs; returns their rows."""
    rows = []
    for program in sorted(glob.glob(os.path.join(folder, "weir_*_bench"))):
        done = subprocess.run([program, "--benchmark_format=json", "--benchmark_min_time=0.2",
                               f"--benchmark_filter={filters}"], capture_output=True, text=True, check=False)
        if done.returncode != 0 or not done.stdout:
            continue
        for bench in json.loads(done.stdout)["benchmarks"]:
            row = {"program": os.path.basename(program), "name": bench["name"],
                   "ns": bench["cpu_time"], "items_per_second": bench.get("items_per_second"),
                   "bytes_per_second": bench.get("bytes_per_second")}
            rows.append(row)
            rate = row["items_per_second"]
            print(f"  {bench['name']:<48} {bench['cpu_time']:>12.1f} {bench['time_unit']}"
                  + (f"  {rate / 1e6:8.2f} M/s" if rate else ""), flush=True)
    return rows


class Goals:
    def __init__(self, weir):
        self.weir, self.rows = weir, []

    def measure(self, name, goal, at_least, unit, function, *arguments):
        """One goal: `at_least` says whether the figure must reach it or stay below it."""
        again = "\r" if sys.stdout.isatty() else ""
        if again:
            print(f"  {name} ...", end="", flush=True)
        row = {"name": name, "goal": goal, "at_least": at_least, "unit": unit, "measured": None}
        try:
            measured = function(self.weir, *arguments)
            ratio = measured / goal
            met = measured >= goal if at_least else measured <= goal
            row.update(measured=measured, ratio=ratio, met=met)
            sign = "≥" if at_least else "≤"
            print(f"{again}  {name:<52} goal {sign} {goal:>9,.6g} {unit:<5} measured {measured:>11,.6g}  "
                  f"ratio {ratio:5.2f}  {'met' if met else 'MISSED'}", flush=True)
        except pipeline.Failed as why:
            row.update(met=False, why=str(why))
            print(f"{again}  {name:<52} NOT MEASURED: {why}", flush=True)
        self.rows.append(row)
        return row["measured"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--weir", default="build/release/weir")
    parser.add_argument("--micro", default="build/bench/bench", help="folder of the benchmark programs")
    parser.add_argument("--out", default="build/bench/result.json")
    parser.add_argument("--only", choices=["micro", "pipeline", "start", "produce", "load", "faults", "observer"],
                        help="only this part")
    parser.add_argument("--filter", default=".", help="micro benchmarks whose name matches")
    arguments = parser.parse_args()
    wanted = lambda *parts: arguments.only is None or arguments.only in parts

    host = machine()
    print(f"{host['cpu']}, {host['cores']} cores, {host['memory_gib']} GiB, Linux {host['kernel']}, "
          f"load {host['load_before']} before the start")
    if host["load_before"] > 0.5:
        print("something else is running here: take ratios, not times")
    result = {"schema": "weir.bench/1", "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
              "machine": host, "micro": [], "goals": []}
    if wanted("micro"):
        result["micro"] = micro(arguments.micro, arguments.filter)
    goals = Goals(os.path.abspath(arguments.weir))
    if wanted("pipeline", "start"):
        goals.measure("weir alone: from its start to its end", 20, False, "ms", pipeline.start_ms)
    if wanted("pipeline", "produce"):
        goals.measure("acknowledged while 500,000 ev/s are due", 495_000, True, "ev/s",
                      pipeline.produced_rate)
        goals.measure("send lag p99 at 100,000 ev/s", 5, False, "ms", pipeline.send_lag)
    if wanted("pipeline", "faults"):
        goals.measure("engine SIGKILL at 100,000 ev/s: first output", 1, False, "s", pipeline.first_output)
    if wanted("pipeline", "load"):
        rate = goals.measure("sustainable at a trigger of 1 s, 4 partitions", 400_000, True, "ev/s",
                             pipeline.sustainable)
        if rate:
            goals.measure("p99 event latency at 80% of that", 1250, False, "ms", pipeline.latency_at,
                          0.8 * rate)
    if wanted("pipeline", "observer"):
        goals.measure("watching metrics at 100,000 ev/s adds to CPU", observer_cost.GOAL_PERCENT, False, "%",
                      observer_cost.metrics_percent)
        forward = observer_cost.measure(goals.weir, workload="forward")
        result["watching_forward_percent"] = dict(zip(("mean", "low", "high"), forward))
        print("  watching forward adds {:+.2f}% [{:+.2f}, {:+.2f}]".format(*forward))
    result["goals"] = goals.rows
    os.makedirs(os.path.dirname(arguments.out), exist_ok=True)
    with open(arguments.out, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    missed = [row["name"] for row in goals.rows if not row["met"]]
    print(f"bench: {len(goals.rows) - len(missed)} of {len(goals.rows)} goals met; {arguments.out}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

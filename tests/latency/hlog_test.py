"""A real step's latency.hlog as org.hdrhistogram's own Java reader sees it, and its stages against its mean.

    hlog_test.py WEIR BUILD_FOLDER
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
WEIR, BUILD = (os.path.abspath(path) for path in sys.argv[1:3])
ARTIFACT = "org.hdrhistogram:HdrHistogram:2.2.2"
SKIPPED = 77


def skip(reason):
    print(reason)
    sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)


def jar():
    """The reader, from Maven's registry or its cache."""
    if not shutil.which("mvn") or not shutil.which("java"):
        skip("no mvn or no java: HdrHistogram's own reader cannot be had")
    done = subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}",
                           f"-DoutputDirectory={BUILD}"], capture_output=True, text=True, timeout=200)
    path = os.path.join(BUILD, "HdrHistogram-2.2.2.jar")
    if done.returncode != 0 or not os.path.exists(path):
        skip("HdrHistogram cannot be had: " + (done.stderr or done.stdout)[-600:])
    return path


def read(library, log, start, end):
    done = subprocess.run(["java", "-Xmx64m", "-XX:+UseSerialGC", "-cp", library,
                           os.path.join(HERE, "read_hlog.java"), log, str(start), str(end)],
                          capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert int(lines["intervals"]) > 20, done.stdout
    return {name: [float(word) for word in lines[name].split()] for name in ("whole", "part")}


def close(ours, theirs, relative, what):
    assert ours is not None and abs(ours - theirs) <= relative * abs(theirs) + 1e-3, (what, ours, theirs)


def check(base, library):
    out = os.path.join(base, "run")
    done = subprocess.run([WEIR, "run", "load", "--quick", "--set", "load.rates=[20000]",
                           "--out", out], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr + done.stdout
    with open(os.path.join(out, "result.json")) as f:
        step = json.load(f)["load"]["steps"][0]
    latency, start = step["latency_ms"], step["warmup_s"]
    log = os.path.join(out, step["folder"], "latency.hlog")
    seen = read(library, log, start, start + step["measured_s"])
    assert seen["whole"][0] == step["audit"]["processed"], (seen["whole"], step["audit"])
    count, p50, p95, p99, p999, longest, mean = seen["part"]
    assert count == latency["events"], (count, latency["events"])
    # Both tell a value by its bucket, ours the highest of it as theirs: 1 in 1000.
    for key, theirs in (("p50", p50), ("p95", p95), ("p99", p99), ("p999", p999)):
        if latency[key] is not None:
            close(latency[key], theirs / 1e3, 1e-3, key)
    assert latency["p50"] is not None
    close(latency["max"], longest / 1e3, 1e-3, "max")
    close(latency["mean"], mean / 1e3, 1e-3, "mean")
    stages = step["stages_ms"]
    assert all(value is not None and value >= 0 for value in stages.values()), stages
    close(sum(stages.values()), latency["mean"], 1e-6, "the stages' sum")
    # At a trigger of 200 ms the wait is uniform on 0..200 ms, less the way into the broker.
    waiting = stages["waiting_for_batch"] + stages["into_broker"] + stages["late_at_source"]
    assert 70 < waiting < 130, stages
    print(f"{int(count)} events of {int(seen['whole'][0])}: p99 {p99 / 1e3} ms, mean {mean / 1e3:.3f} ms, "
          f"stages {stages}")


if __name__ == "__main__":
    os.makedirs(BUILD, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="weir-hlog-")
    try:
        check(folder, jar())
    finally:
        shutil.rmtree(folder, ignore_errors=True)

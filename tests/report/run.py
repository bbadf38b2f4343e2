"""Runs the tests of weir's pages: run.py WEIR WORK_FOLDER

Makes reports of the run stored beside this file (and of some spoilt copies), then opens them in Debian's
Chromium through playwright-core, which npm fetches as package-lock.json pins it. Without node, Chromium or a
registry to be reached it says so and ends with 77, which ctest counts as skipped; under CI=true that fails.
"""
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77


def skip(reason):
    print("skipped: " + reason)
    sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)


def need(program):
    found = shutil.which(program)
    if not found:
        skip(f"{program} is not installed; ./dev deps test installs it")
    return found


def playwright(work):
    """The folder that holds node_modules with what package-lock.json pins."""
    folder = os.path.join(work, "npm")
    os.makedirs(folder, exist_ok=True)
    lock = os.path.join(folder, "package-lock.json")
    pinned = open(os.path.join(HERE, "package-lock.json"), encoding="utf-8").read()
    if os.path.exists(os.path.join(folder, "node_modules/playwright-core/package.json")) \
            and os.path.exists(lock) and open(lock, encoding="utf-8").read() == pinned:
        return folder
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(HERE, name), folder)
    done = subprocess.run([need("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder,
                          capture_output=True, text=True, timeout=180)
    if done.returncode != 0:
        os.unlink(lock)
        skip("npm could not fetch playwright-core: " + done.stderr.strip()[-400:])
    return folder


def change(folder, edit):
    path = os.path.join(folder, "result.json")
    with open(path, encoding="utf-8") as file:
        result = json.load(file)
    edit(result)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(result, file)


def hostile(result):
    """Every text of the run tries to run something."""
    bad = "</script><script>window.pwned=1</script><img src=x onerror='window.pwned=1'>\"'` <b>"

    def spoil(value, key=""):
        if isinstance(value, dict):
            return {k: spoil(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [spoil(v, key) for v in value]
        keep = ("schema", "folder", "verdict", "level")
        return bad + value if isinstance(value, str) and key not in keep else value
    for key in list(result):
        result[key] = spoil(result[key], key)
    result["target"]["versions"] = {bad: bad}
    result["warnings"] = [{"code": bad, "where": "load", "effect": bad, "remedy": bad}]


def killed(result):
    result["exit"] = {"code": None, "reason": ""}
    result["load"]["steps"] = result["load"]["steps"][:1]
    result["load"]["steps"][0]["latency_ms"] = None
    result["scale"] = result["faults"] = None
    result["findings"] = []


def other_target(result, broker, engine, factor):
    result["id"] = f"20261122T190000Z-{engine}"
    result["target"].update(broker=broker, engine=engine, guarantee="at least once",
                            versions={"Apache Kafka": "3.9.1", engine: "3.5.7"})
    for step in result["load"]["steps"]:
        step["processed_eps"] *= factor


def lengthen(folder):
    """A step of half an hour, so that the data of the page are packed."""
    step = os.path.join(folder, "steps", sorted(os.listdir(os.path.join(folder, "steps")))[0])
    timeline_path = os.path.join(step, "timeline.json")
    with open(timeline_path, encoding="utf-8") as file:
        timeline = json.load(file)
    start = timeline["start_ns"]
    timeline["load_end_s"] = 1800
    with open(timeline_path, "w", encoding="utf-8") as file:
        json.dump(timeline, file)
    with open(os.path.join(step, "progress.jsonl"), "w", encoding="utf-8") as file:
        for i in range(1, 9000):
            file.write(json.dumps({"time_ns": start + i * 200_000_000, "distinct": 200_000 + i}) + "\n")
    with open(os.path.join(step, "offered.csv"), "w", encoding="utf-8") as file:
        file.write("second,scheduled,handed_over\n")
        for i in range(1800):
            file.write(f"{start // 10**9 + i},1000000,1000000\n")


def report(weir, *arguments):
    done = subprocess.run([weir, "report", *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done


def compare_golden(weir, folder):
    """gnuplot's SVGs of the stored run against those beside this file."""
    if not shutil.which("gnuplot"):
        return "gnuplot is not installed"
    report(weir, folder, "--figures", "pdf,svg,png", "--column", "1")
    figures = os.path.join(folder, "figures")
    for name in sorted(os.listdir(os.path.join(HERE, "golden"))):
        with open(os.path.join(figures, name), encoding="utf-8") as file:
            drawn = re.sub(r"Produced by GNUPLOT [\w. ]+", "Produced by GNUPLOT", file.read())
        golden_path = os.path.join(HERE, "golden", name)
        if os.environ.get("WEIR_GOLDEN") == "write":
            with open(golden_path, "w", encoding="utf-8") as file:
                file.write(drawn)
        with open(golden_path, encoding="utf-8") as file:
            assert drawn == file.read(), f"{name} differs from its golden; WEIR_GOLDEN=write renews it"
    for kind, head in (("pdf", b"%PDF"), ("png", b"\x89PNG")):
        with open(os.path.join(figures, "throughput_vs_rate." + kind), "rb") as file:
            assert file.read(4) == head, kind
    return ""


def main():
    weir, work = sys.argv[1:3]
    runs = os.path.join(work, "runs")
    shutil.rmtree(runs, ignore_errors=True)
    made = {}
    for name in ("demo", "hostile", "killed", "kafka", "spark", "long"):
        made[name] = os.path.join(runs, name)
        shutil.copytree(os.path.join(HERE, "data/demo"), made[name])
    change(made["hostile"], hostile)
    change(made["killed"], killed)
    change(made["kafka"], lambda r: other_target(r, "localhost:9092", "native", 0.8))
    change(made["spark"], lambda r: other_target(r, "localhost:9092", "spark", 0.4))
    lengthen(made["long"])
    for folder in made.values():
        report(weir, folder)
        assert os.path.getsize(os.path.join(folder, "report.html")) < 1_500_000, folder
    first = open(os.path.join(made["demo"], "figures/throughput_vs_rate.gp"), "rb").read()
    report(weir, made["demo"])
    assert open(os.path.join(made["demo"], "figures/throughput_vs_rate.gp"), "rb").read() == first
    side = os.path.join(runs, "side.html")
    report(weir, made["demo"], made["kafka"], made["spark"], "--out", side)
    without = compare_golden(weir, made["demo"])
    no_gnuplot = subprocess.run([weir, "report", made["kafka"], "--figures", "svg"], text=True,
                                capture_output=True, env={**os.environ, "PATH": "/nowhere"}, timeout=60)
    assert no_gnuplot.returncode == 0 and "gnuplot is not installed" in no_gnuplot.stderr, no_gnuplot
    browser, node = need("chromium"), need("node")
    folder = playwright(work)
    shutil.copy(os.path.join(HERE, "pages_test.mjs"), folder)
    done = subprocess.run([node, "--test", "pages_test.mjs"], cwd=folder, timeout=400,
                          env={**os.environ, "WEIR_RUNS": runs, "WEIR_CHROMIUM": browser})
    if done.returncode == 0 and without:
        skip(without + ": the pages are right, paper figures were not compared")
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()

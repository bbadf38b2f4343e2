"""weir run with engines that are not weir's: what is measured of them, and what is said not to be.

    engines_test.py WEIR BUILD_FOLDER relay|streams|counts|seed
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
WEIR, BUILD = (os.path.abspath(path) for path in sys.argv[1:3])
SKIPPED = 77
VERDICTS = {"keeps_up", "stretched", "falls_behind", "undecided", "invalid"}


class Unavailable(Exception):
    """Software that a registry would have given."""


def get(command, what):
    """Runs a command that downloads; Unavailable when it cannot."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    if done.returncode != 0:
        raise Unavailable(f"{what} cannot be had: " + (done.stderr or done.stdout)[-600:])


def spark_home():
    if "SPARK_HOME" in os.environ:
        return os.environ["SPARK_HOME"]
    get([WEIR, "setup", "spark"], "Apache Spark")
    cache = os.environ.get("WEIR_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "weir")
    folders = sorted(name for name in os.listdir(cache) if name.startswith("spark-"))
    return os.path.join(cache, folders[-1])


def streams_classpath():
    target = os.path.join(BUILD, "streams")
    get(["mvn", "-q", "-B", "-f", os.path.join(HERE, "streams", "pom.xml"),
         "-DbuildFolder=" + target, "compile", "dependency:copy-dependencies",
         "-DoutputDirectory=" + os.path.join(target, "libs")], "Kafka Streams")
    return f"{target}/classes:{target}/libs/*"


class Engine(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="weir-engines-")
        self.out = os.path.join(self.base, "run")

    def tearDown(self):
        shutil.rmtree(self.base, ignore_errors=True)

    def run_weir(self, experiments, settings, environment=None, flags=()):
        command = [WEIR, "run", "--out", self.out, "--quick", *flags, "--set",
                   "experiments=" + json.dumps(experiments)]
        fixed = {"topic.partitions": 2, "engine.parallelism": 2, "load.search": False,
                 "faults.kinds": ["engine:kill"], "faults.repetitions": 1}
        for key, value in {**fixed, **settings}.items():
            command += ["--set", f"{key}={json.dumps(value)}"]
        plan = os.path.join(self.base, "plan.toml")
        with open(plan, "w") as f:
            f.write('schema = "weir.plan/1"\n')
        command += ["--plan", plan]
        done = subprocess.run(command, cwd=self.base, capture_output=True, text=True, timeout=280,
                              env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL)
        self.assertIn(done.returncode, (0, 3, 6), done.stdout + done.stderr)
        with open(os.path.join(self.out, "result.json")) as f:
            result = json.load(f)
        self.said = done.stdout
        self.step = result["load"]["steps"][0]
        self.assertIn(self.step["verdict"], VERDICTS)
        self.assertGreater(self.step["processed_eps"], 0)
        self.fault = result["faults"]["faults"][0] if result["faults"] else None
        return result

    def assert_identified(self, audit):
        self.assertEqual(audit["level"], "identity")
        self.assertTrue(audit["complete"])
        self.assertGreater(audit["acked"], 0)
        self.assertEqual((audit["lost"], audit["foreign"], audit["pending"]), (0, 0, 0))
        self.assertEqual(audit["processed"], audit["acked"])

    def assert_counted(self, audit):
        self.assertEqual(audit["level"], "none")
        self.assertIn("events cannot be told", audit["why"])
        self.assertTrue(audit["complete"])
        self.assertEqual(audit["processed"], audit["acked"])

    def assert_recovered(self):
        self.assertTrue(self.fault["valid"], self.fault["reason"])
        self.assertGreater(self.fault["first_output_s"], 0)


class Relay(Engine):
    """A plain consumer and producer; the user's own event, its id in a header."""

    def test_is_measured_and_audited_by_a_header(self):
        template = os.path.join(self.base, "order.json")
        with open(template, "w") as f:
            f.write('{"order": {{seq}}, "at": {{due_ms}}}')
        self.run_weir(["load", "faults"], {
            "target.engine": "external", "event.identity": "header:weir-id",
            "event.template": template, "load.rates": [400], "faults.rate": 400,
            "engine.trigger": "500ms",
            "engine.start": "exec /usr/bin/python3 " + os.path.join(HERE, "relay.py"),
            "engine.ready": "test -e $WEIR_OUTDIR/joined-$WEIR_ATTEMPT"})
        self.assert_identified(self.step["audit"])
        self.assertEqual(self.step["audit"]["duplicated"], 0)
        self.assert_recovered()
        self.assert_identified(self.fault["audit"])


class Streams(Engine):
    """A Kafka Streams application; the id goes elsewhere in the value."""

    def test_is_measured_and_audited_by_a_json_pointer(self):
        start = f"exec java -Xmx256m -cp '{streams_classpath()}' StreamsRelay"
        self.run_weir(["load", "faults"], {
            "target.engine": "external", "event.identity": "json:/order/id",
            "load.rates": [400], "faults.rate": 400, "engine.trigger": "500ms",
            "engine.start": start, "engine.progress": "group:streams-relay"})
        self.assert_identified(self.step["audit"])
        self.assert_recovered()
        self.assert_identified(self.fault["audit"])


class Counts(Engine):
    """A Spark job that aggregates: no id comes through, progress is its checkpoint."""

    def test_is_measured_and_says_why_there_is_no_audit(self):
        self.run_weir(["load", "faults"], {
            "target.engine": "external", "event.identity": "none", "load.rates": [400],
            "faults.rate": 400, "engine.trigger": "1s",
            "engine.start": "exec $SPARK_HOME/bin/spark-submit --master local[2] "
                            "--driver-memory 1g --conf spark.ui.enabled=false "
                            "--conf spark.sql.shuffle.partitions=2 " +
                            os.path.join(HERE, "counts_job.py"),
            "engine.progress": "checkpoint:$WEIR_CHECKPOINT"},
            {"SPARK_HOME": spark_home(), "SPARK_LOCAL_IP": "127.0.0.1"})
        self.assert_counted(self.step["audit"])
        self.assertTrue(os.path.exists(os.path.join(self.out, self.step["folder"], "batches.csv")))
        self.assert_recovered()
        self.assert_counted(self.fault["audit"])


class Seed(Engine):
    """The origin's own job, beside its own formulas."""

    def test_is_measured_both_ways(self):
        self.run_weir(["load"], {"target.engine": "seed", "load.rates": [400],
                                 "engine.trigger": "1s"},
                      {"SPARK_HOME": spark_home()}, ["--naive"])
        self.assert_counted(self.step["audit"])
        naive = self.step["naive"]
        self.assertGreater(naive["batches"], 0)
        self.assertIn("naive:", self.said)
        # What the origin reports is waiting for the trigger; results come later than that.
        with open(os.path.join(self.out, self.step["folder"], "batches.csv")) as f:
            names, *rows = [line.strip().split(",") for line in f]
        last = dict(zip(names, rows[-1]))
        self.assertGreater(float(last["mean_latency_ms"]), float(last["seed_mean_latency_ms"]))


if __name__ == "__main__":
    chosen = {"relay": Relay, "streams": Streams, "counts": Counts, "seed": Seed}[sys.argv[3]]
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(chosen)
    outcome = unittest.TextTestRunner(verbosity=2).run(suite)
    missing = [text for _, text in outcome.errors if "Unavailable:" in text]
    if missing and not os.environ.get("CI"):
        print("skipped: " + missing[0].rsplit("Unavailable: ", 1)[1])
        sys.exit(SKIPPED)
    sys.exit(0 if outcome.wasSuccessful() else 1)

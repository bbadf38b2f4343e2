"""executor:kill and worker:kill on a real Spark standalone cluster: a master and two workers."""
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

WEIR = os.path.abspath(sys.argv.pop(1))

PLAN = """schema = "weir.plan/1"
experiments = ["faults"]
[target]
engine = "spark"
[topic]
partitions = 2
[engine]
workload = "forward"
trigger = "1s"
parallelism = 2
master = "{master}"
driver_memory = "768m"
conf = {{"spark.executor.memory" = "512m", "spark.ui.enabled" = "false"}}
[faults]
kinds = ["executor:kill"]
rate = 500
"""


def spark_home():
    """Where weir has Spark; ends the test as skipped where it cannot be had."""
    if os.environ.get("SPARK_HOME"):
        return os.environ["SPARK_HOME"]
    done = subprocess.run([WEIR, "setup", "spark"], capture_output=True, text=True, timeout=600,
                          stdin=subprocess.DEVNULL)
    found = re.search(r"(/\S*spark\S*)", done.stdout)
    if done.returncode == 0 and found and os.path.isdir(found.group(1) + "/jars"):
        return found.group(1)
    print("skipped: no Spark: " + (done.stderr or done.stdout).strip())
    sys.exit(1 if os.environ.get("CI") == "true" else 77)


class Standalone(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="weir-standalone-")
        self.children = []

    def tearDown(self):
        for child in reversed(self.children):
            child.send_signal(signal.SIGKILL)
            child.wait()
        shutil.rmtree(self.base, ignore_errors=True)

    def daemon(self, name, pattern, *arguments):
        """Starts one, and returns what its log says of `pattern`."""
        log = os.path.join(self.base, name + ".log")
        environment = dict(os.environ, SPARK_HOME=HOME, SPARK_DAEMON_MEMORY="256m",
                           SPARK_LOCAL_IP="127.0.0.1", SPARK_WORKER_DIR=self.base + "/work")
        with open(log, "w") as out:
            self.children.append(subprocess.Popen([HOME + "/bin/spark-class", *arguments],
                                                  stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                                  env=environment))
        end = time.monotonic() + 120
        while time.monotonic() < end:
            with open(log) as text:
                found = re.search(pattern, text.read())
            if found:
                return found.group(0)
            select.select([], [], [], 0.1)
        self.fail(f"{name} did not start: see its log")

    def fault(self, plan, kind):
        """The one fault of a run of its own, as result.json tells of it."""
        out = os.path.join(self.base, kind.replace(":", "-"))
        done = subprocess.run([WEIR, "run", "faults", plan, "--quick", "--allow-faults", "--set",
                               f'faults.kinds=["{kind}"]', "--out", out], capture_output=True,
                              text=True, timeout=400, stdin=subprocess.DEVNULL,
                              env=dict(os.environ, SPARK_HOME=HOME))
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        with open(out + "/result.json") as f:
            return json.load(f)["faults"]["faults"][0]

    def test_the_cluster_replaces_an_executor_and_goes_on_without_a_worker(self):
        master = self.daemon("master", r"spark://127\.0\.0\.1:\d+",
                             "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1",
                             "--port", "0", "--webui-port", "0")
        for worker in ("one", "two"):
            self.daemon(worker, "Successfully registered with master",
                        "org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory", "1g",
                        "--host", "127.0.0.1", "--webui-port", "0", master)
        plan = os.path.join(self.base, "plan.toml")
        with open(plan, "w") as f:
            f.write(PLAN.format(master=master))
        executor, worker = (self.fault(plan, kind) for kind in ("executor:kill", "worker:kill"))
        for fault in (executor, worker):
            self.assertTrue(fault["valid"], fault)
            self.assertRegex(fault["proof"], r"pid \d+, .*app-\d+-\d+.*gone")
            self.assertIsNotNone(fault["noticed_s"])
            self.assertEqual(fault["audit"]["lost"], 0)
        self.assertIsNotNone(executor["restarted_s"])
        # One of the two daemons is gone, and weir left it so.
        self.assertEqual(sum(child.poll() is None for child in self.children), 2)


if __name__ == "__main__":
    HOME = spark_home()
    unittest.main()

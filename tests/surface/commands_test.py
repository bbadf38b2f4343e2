#!/usr/bin/python3
"""The commands around a run: overview, help, init, config, check, rerun, explain, version, plans."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import tomllib
import unittest

PROGRAM, SOURCE = map(os.path.abspath, sys.argv[1:3])


def commands():
    shown = subprocess.run([PROGRAM, "__complete", ""], capture_output=True, text=True, check=True)
    return [line.split("\t")[0] for line in shown.stdout.splitlines()]


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def weir(self, *arguments, code=0, **environment):
        done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, text=True, timeout=120,
                              capture_output=True, stdin=subprocess.DEVNULL,
                              env={"PATH": os.environ["PATH"], "HOME": self.folder, **environment})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def path(self, name):
        return os.path.join(self.folder, name)


class Words(Case):
    def test_weir_alone_prints_six_lines_and_one_next_command(self):
        lines = self.weir().stdout.splitlines()
        self.assertEqual(len(lines), 7)
        self.assertEqual(lines[-1], "Next: weir demo")

    def test_every_help_ends_with_three_examples_one_with_jq_but_where_there_is_no_json(self):
        without_json = {"broker", "stream", "topic", "init", "analyze", "setup", "undo", "report",
                        "verify", "check"}
        for name in commands():
            text = self.weir(name, "--help").stdout
            examples = re.search(r"\nexamples:\n((?:  .*\n?)+)\s*\Z", text)
            self.assertTrue(examples, f"{name} --help does not end with examples:\n{text[-400:]}")
            lines = examples.group(1).rstrip("\n").splitlines()
            self.assertGreaterEqual(len(lines), 3, name)
            for line in lines:
                self.assertIn("weir", line, name)
            if name not in without_json:
                self.assertIn("jq", examples.group(1), name)

    def test_misspelt_words_name_the_nearest(self):
        for words, close in ((["chekc"], "weir check"), (["config", "--qick"], "--quick"),
                             (["topic", "creat"], "weir topic create"), (["explain", "W0O1"], "W001"),
                             (["topic", "create", "--partitons", "3"], "--partitions")):
            self.assertIn(f"did you mean {close}?", self.weir(*words, code=2).stderr)

    def test_explain_knows_every_code_that_the_sources_use(self):
        used = set()
        for top in ("src", "apps"):
            for folder, _, files in os.walk(os.path.join(SOURCE, top)):
                for name in files:
                    if name.endswith(".cc") and not name.endswith("_test.cc") and name != "glossary.cc":
                        with open(os.path.join(folder, name), encoding="utf-8") as file:
                            used |= set(re.findall(r'"(W\d{3})"', file.read()))
        self.assertTrue(used)
        for code in sorted(used):
            self.assertRegex(self.weir("explain", code).stdout, rf"^{code}: .+\n  effect: .+\n  try: ")
        listed = set(re.findall(r"^W\d{3}", self.weir("explain").stdout, re.M))
        self.assertEqual(listed, used)

    def test_version_tells_what_it_was_built_from(self):
        facts = json.loads(self.weir("version", "--json", "-").stdout)
        self.assertRegex(facts["weir"], r"^\d+\.\d+\.\d+$")
        self.assertIn("GCC", facts["compiler"])
        self.assertIn("-O", facts["flags"])
        self.assertRegex(facts["libraries"]["librdkafka"], r"^\d")
        self.assertEqual(self.weir("--version").stdout, self.weir("version").stdout)


class Plans(Case):
    def test_init_writes_a_plan_that_means_what_it_says_and_never_overwrites(self):
        for kind in ("kafka", "spark", "embedded"):
            file = kind + ".toml"
            self.weir("init", kind, file)
            with open(self.path(file), "rb") as plan:
                written = tomllib.load(plan)
            self.assertEqual(written["schema"], "weir.plan/1")
            with open(self.path(file)) as plan:
                lines = plan.read().splitlines()
            self.assertTrue(30 <= len(lines) <= 50, len(lines))
            self.weir("run", "--plan", file, "--dry-run")
            before = os.stat(self.path(file)).st_mtime_ns
            self.assertIn("never overwrites", self.weir("init", kind, file, code=2).stderr)
            self.assertEqual(os.stat(self.path(file)).st_mtime_ns, before)
        self.assertEqual(self.weir("init", "kafka", "-").stdout.count("schema"), 1)

    def test_config_tells_the_origin_of_each_value_and_is_itself_a_plan(self):
        with open(self.path("mine.toml"), "w") as plan:
            plan.write('seed = 7\n[topic]\npartitions = 3\n[event]\nsize = 500\n')
        shown = self.weir("config", "load", "mine.toml", "--quick", "--set", "topic.partitions=9",
                          "-b", "apache", WEIR_EVENT_SIZE="300", WEIR_SCALE_PARALLELISM="[4]").stdout
        for line in (r"seed = 7 +# mine.toml:1", r"partitions = 9 +# --set", r"size = 300 +# WEIR_EVENT_SIZE",
                     r"parallelism = \[4\] +# WEIR_SCALE_PARALLELISM", r"broker = 'apache' +# -b",
                     r"trigger = '1s' +# --quick", r"replication = 1 +# default"):
            self.assertRegex(shown, line)
        with open(self.path("shown.toml"), "w") as plan:
            plan.write(shown)
        self.assertNotIn("# default", self.weir("config", "shown.toml").stdout)
        as_json = json.loads(self.weir("config", "mine.toml", "--json", "-").stdout)
        self.assertEqual(as_json["topic.partitions"]["from"], "mine.toml:3")

    def test_conf_is_added_to_what_the_plan_has(self):
        with open(self.path("mine.toml"), "w") as plan:
            plan.write('[engine]\nconf = {"spark.a" = "1", "spark.b" = "2"}\n')
        words = ["config", "mine.toml", "--json", "-", "-c", "spark.b=3", "--conf", "spark.c=x=y"]
        conf = json.loads(self.weir(*words).stdout)["engine.conf"]
        self.assertEqual(conf["from"], "-c")
        for setting in ("'spark.a' = '1'", "'spark.b' = '3'", "'spark.c' = 'x=y'"):
            self.assertIn(setting, str(conf["value"]).replace('"', "'"))
        self.assertIn("-c nonsense is not key=value", self.weir("config", "-c", "nonsense", code=2).stderr)

    def test_a_wrong_value_of_the_environment_is_told_by_its_name(self):
        self.assertIn("WEIR_SEED", self.weir("config", code=2, WEIR_SEED="many").stderr)

    def test_every_plan_that_comes_with_weir_can_be_run(self):
        found = sorted(os.listdir(os.path.join(SOURCE, "plans")))
        for name in ("paper-exp1.toml", "paper-exp2.toml", "paper-exp3.toml", "laptop.toml",
                     "embedded.toml"):
            self.assertIn(name, found)
        for name in found:
            plan = os.path.join(SOURCE, "plans", name)
            shown = self.weir("run", "--plan", plan, "--dry-run").stdout
            self.assertRegex(shown, r"total +at most +[\d.]+ minutes", name)
        exp2 = tomllib.loads(self.weir("config", os.path.join(SOURCE, "plans/paper-exp2.toml")).stdout)
        self.assertEqual(exp2["scale"]["partitions"], [3, 6, 12])
        self.assertEqual(exp2["scale"]["parallelism"], [4, 8])
        exp1 = tomllib.loads(self.weir("config", os.path.join(SOURCE, "plans/paper-exp1.toml")).stdout)
        self.assertEqual(exp1["load"]["rates"], [1000, 5000, 7000, 8000, 10000])
        self.assertEqual((exp1["load"]["warmup"], exp1["load"]["step"]), ("2m", "4m"))
        self.assertEqual(exp1["engine"]["trigger"], "5s")


class Check(Case):
    def test_the_embedded_pipeline_is_ready_anywhere(self):
        done = self.weir("check", "--quick")
        self.assertTrue(done.stdout.endswith("\nready\n"), done.stdout)
        for line in done.stdout.splitlines()[:-1]:
            self.assertRegex(line, r"^(ok   |note |           try:)")

    def test_a_silent_broker_and_missing_java_stop_with_a_remedy(self):
        with socket.socket() as taken:   # bound, and nobody listens
            taken.bind(("127.0.0.1", 0))
            done = self.weir("check", "-b", "127.0.0.1:%d" % taken.getsockname()[1], code=2)
        self.assertRegex(done.stdout, r"stop  brokers .+\n +try: ")
        done = self.weir("check", "-b", "apache", code=2, JAVA_HOME="/nowhere",
                         WEIR_CACHE=self.path("cache"))
        self.assertRegex(done.stdout, r"stop  java .+\n +try: ")
        self.assertRegex(done.stdout, r"stop  kafka .+\n +try: .*weir setup kafka")

    def test_a_reachable_cluster_is_tried_with_a_topic_that_is_deleted_again(self):
        broker = subprocess.Popen([PROGRAM, "broker", "--listen", "127.0.0.1:0", "--data",
                                   self.path("data")], stdout=subprocess.PIPE, text=True)
        self.addCleanup(broker.stdout.close)
        self.addCleanup(broker.wait)
        self.addCleanup(broker.kill)
        address = re.search(r"ready on (\S+),", broker.stdout.readline()).group(1)
        shown = self.weir("check", "load", "-b", address).stdout
        self.assertRegex(shown, r"ok    topics   one could be created and deleted")
        self.assertEqual(self.weir("topic", "list", "-b", address).stdout.strip(), "")


class Again(Case):
    def test_a_run_is_summed_up_in_markdown_and_run_again_from_its_folder(self):
        done = self.weir("run", "load", "--quick", "--set", "load.rates=[2000]", "--set",
                         "load.search=false", "--out", "first", "--markdown", "summary.md",
                         GITHUB_STEP_SUMMARY=self.path("job.md"))
        self.assertRegex(done.stdout, r"weir rerun \S*first\n")
        with open(self.path("summary.md")) as file:
            text = file.read()
        self.assertRegex(text, r"## weir: .*measured")
        self.assertRegex(text, r"\| 2,000 \| .*\|")
        with open(self.path("job.md")) as file:
            self.assertEqual(file.read(), text + "\n")
        again = self.weir("rerun", "first", "--dry-run")
        self.assertRegex(again.stderr, r"weir run load --plan \S*first/plan.toml --quick --dry-run\n")
        self.assertIn("rates = [2000]", again.stdout)
        self.assertIn("no run at nowhere", self.weir("rerun", "nowhere", code=2).stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)

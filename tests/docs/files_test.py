#!/usr/bin/python3
"""Files for other tools: the result's schema holds for a real result, the YAML files can be read."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM, SOURCE = map(os.path.abspath, sys.argv[1:3])


def needed(module):
    try:
        return __import__(module)
    except ImportError:
        assert not os.environ.get("CI"), f"python3-{module} is missing"
        raise unittest.SkipTest(f"python3-{module} is not installed") from None


class Files(unittest.TestCase):
    def test_a_real_result_is_valid_and_the_schema_names_all_its_keys(self):
        jsonschema = needed("jsonschema")
        with open(SOURCE + "/docs/schema/result.schema.json", encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        subprocess.run([PROGRAM, "run", "all", "--quick", "--out", folder + "/run", "--set",
                        "load.rates=[2000]", "--set", "load.search=false", "--set", "scale.partitions=[1]",
                        "--set", 'faults.kinds=["engine:kill"]', "--set", "faults.rate=1000"],
                       check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=100)
        with open(folder + "/run/result.json", encoding="utf-8") as file:
            result = json.load(file)
        jsonschema.Draft202012Validator(schema).validate(result)
        closed = json.loads(json.dumps(schema), object_hook=lambda each: (
            each | {"additionalProperties": False}
            if "properties" in each and "additionalProperties" not in each else each))
        jsonschema.Draft202012Validator(closed).validate(result)   # no key without a place in the schema

    def test_yaml_files_can_be_read(self):
        yaml = needed("yaml")
        with open(SOURCE + "/deploy/github/weir.yml", encoding="utf-8") as file:
            job = yaml.safe_load(file)["jobs"]["measure"]
        self.assertTrue(any("weir run" in step.get("run", "") for step in job["steps"]))
        with open(SOURCE + "/deploy/docker/compose.yaml", encoding="utf-8") as file:
            services = yaml.safe_load(file)["services"]
        self.assertEqual(services["kafka"]["image"], "apache/kafka:3.9.1")
        self.assertTrue(os.path.exists(os.path.join(SOURCE, services["weir"]["build"]["dockerfile"])))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)

"""Starts real Apache Kafka brokers for the tests: with TLS and SASL listeners, or three of them."""
import glob
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

WEIR = None            # the program under test: first argument of every test file
START_SECONDS = 90     # a JVM on a loaded machine
PASSWORD = {           # by user; each a word that occurs nowhere else
    "alice": "wonderland-7f3a9c-plain",
    "carol": "looking-glass-51d2e8-scram",
}
JAAS = "org.apache.kafka.common.security."


def main():
    """Takes the program's path off the command line, then runs the tests of the calling file."""
    global WEIR
    WEIR = sys.argv.pop(1)
    sys.modules["real_kafka"].WEIR = WEIR
    try:
        libraries()
    except unittest.SkipTest as reason:
        if os.environ.get("CI") == "true":
            sys.exit(f"no Apache Kafka: {reason}")
        print(f"skipped: {reason}")
        sys.exit(77)   # what ctest counts as skipped
    unittest.main(module="__main__", verbosity=2)


def weir(*arguments, environment=None, seconds=60):
    """Runs weir to its end; the exit code and what it wrote to stdout and stderr."""
    done = subprocess.run([WEIR, *arguments], capture_output=True, text=True, timeout=seconds,
                          env={**os.environ, **(environment or {})}, check=False)
    return done.returncode, done.stdout, done.stderr


def libraries():
    """The jars of the pinned Kafka, from weir's own cache."""
    code, out, error = weir("setup", "kafka", seconds=600)
    if code != 0:
        assert "cannot download" in error, error
        raise unittest.SkipTest("weir setup kafka: " + error.strip())
    folder = re.search(r" MB in (.*) \(", out).group(1)
    jars = os.path.join(folder, "libs", "*")
    assert glob.glob(jars + ".jar"), jars
    return jars


def wait_for(condition, what, seconds=START_SECONDS):
    """Polls until condition() is true; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def java(jars, heap, *arguments, **how):
    return subprocess.Popen(
        ["java", f"-Xmx{heap}m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", jars,
         *arguments], stdin=subprocess.DEVNULL, **how)


class Certificates:
    """An authority, a broker's certificate by it for 127.0.0.1, and an authority of somebody else."""

    def __init__(self, folder):
        self.folder = folder
        self._authority("ca")
        self._authority("other")
        self._signed("broker", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        self._signed("elsewhere", "subjectAltName=DNS:elsewhere.invalid")

    def path(self, name):
        return os.path.join(self.folder, name)

    def _run(self, *arguments):
        subprocess.run(arguments, check=True, capture_output=True, cwd=self.folder)

    def _authority(self, name):
        self._run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                  "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")

    def _signed(self, name, extension):
        self._run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
                  "-keyout", f"{name}.key", "-out", f"{name}.csr")
        with open(self.path(f"{name}.ext"), "w") as file:
            file.write(extension)
        self._run("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey",
                  "ca.key", "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext", "-out",
                  f"{name}.crt")
        with open(self.path(f"{name}.pem"), "w") as both:
            for part in (f"{name}.key", f"{name}.crt"):
                with open(self.path(part)) as file:
                    both.write(file.read())


class Kafka:
    """One KRaft cluster of `nodes` brokers on loopback; listeners as server.properties has them."""

    def __init__(self, nodes=1, heap=384, settings="", secured=False):
        self.folder = tempfile.mkdtemp(prefix="weir-kafka-")
        self.jars, self.heap, self.secured = libraries(), heap, secured
        self.processes, self.ports = {}, []
        names = ["PLAIN", "TLS", "SASLTLS", "SASL", "WRONGNAME"] if secured else ["PLAIN"]
        self.certificates = Certificates(self.folder) if secured else None
        controllers = free_ports(nodes)
        voters = ",".join(f"{i + 1}@127.0.0.1:{port}" for i, port in enumerate(controllers))
        for i in range(nodes):
            ports = dict(zip(names, free_ports(len(names))))
            self.ports.append(ports)
            with open(self._path(i, "properties"), "w") as file:
                file.write(self._properties(i, ports, controllers[i], voters, nodes) + settings)
        self._format(nodes)
        for i in range(nodes):
            self.start(i)
        for i in range(nodes):
            self.wait_ready(i)
        wait_for(lambda: f"{nodes} broker" in weir("topic", "list", "-b", self.plain)[2]
                 or nodes == 1, "the brokers do not find each other")

    def _path(self, node, kind):
        return os.path.join(self.folder, f"node{node + 1}.{kind}")

    def _properties(self, node, ports, controller, voters, nodes):
        protocols = {"PLAIN": "PLAINTEXT", "TLS": "SSL", "SASLTLS": "SASL_SSL",
                     "SASL": "SASL_PLAINTEXT", "WRONGNAME": "SSL", "CONTROLLER": "PLAINTEXT"}
        listeners = ",".join(f"{name}://127.0.0.1:{port}" for name, port in ports.items())
        copies = min(nodes, 3)
        text = f"""process.roles=broker,controller
node.id={node + 1}
controller.quorum.voters={voters}
listeners={listeners},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={listeners}
inter.broker.listener.name=PLAIN
controller.listener.names=CONTROLLER
listener.security.protocol.map={",".join(f"{n}:{protocols[n]}" for n in [*ports, "CONTROLLER"])}
log.dirs={self._path(node, "data")}
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor={copies}
default.replication.factor={copies}
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
"""
        if not self.secured:
            return text
        pem = self.certificates.path
        for name, file in (("tls", "broker"), ("sasltls", "broker"), ("wrongname", "elsewhere")):
            text += (f"listener.name.{name}.ssl.keystore.type=PEM\n"
                     f"listener.name.{name}.ssl.keystore.location={pem(file + '.pem')}\n")
        for name in ("sasltls", "sasl"):
            text += (f"listener.name.{name}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,"
                     f"SCRAM-SHA-512\n"
                     f"listener.name.{name}.plain.sasl.jaas.config={JAAS}plain.PlainLoginModule "
                     f"required user_alice=\"{PASSWORD['alice']}\";\n")
            for kind in ("256", "512"):
                text += (f"listener.name.{name}.scram-sha-{kind}.sasl.jaas.config="
                         f"{JAAS}scram.ScramLoginModule required;\n")
        return text

    def _format(self, nodes):
        users = []
        if self.secured:
            for kind in ("256", "512"):
                users += ["--add-scram",
                          f"SCRAM-SHA-{kind}=[name=carol,password={PASSWORD['carol']}]"]
        runs = [java(self.jars, 128, "kafka.tools.StorageTool", "format", "-t",
                     "d2Vpci1zZWN1cml0eS10ZQ", "-c", self._path(i, "properties"), *users,
                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for i in range(nodes)]
        for run in runs:
            _, error = run.communicate(timeout=START_SECONDS)
            assert run.returncode == 0, error.decode()

    def write_login(self, path):
        """A client's properties for the listener SASLTLS, as carol."""
        with open(path, "w") as file:
            file.write(f"security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\n"
                       f"sasl.jaas.config={JAAS}scram.ScramLoginModule required "
                       f"username=\"carol\" password=\"{PASSWORD['carol']}\";\n"
                       f"ssl.truststore.type=PEM\n"
                       f"ssl.truststore.location={self.certificates.path('ca.pem')}\n")

    def start(self, node=0):
        with open(self._path(node, "log"), "ab") as log:
            self.processes[node] = java(self.jars, self.heap, "kafka.Kafka",
                                        self._path(node, "properties"), stdout=log, stderr=log)

    def wait_ready(self, node=0):
        def ready():
            assert self.processes[node].poll() is None, self.log_text(node)
            return weir("topic", "list", "-b", f"127.0.0.1:{self.ports[node]['PLAIN']}")[0] == 0
        wait_for(ready, f"broker {node + 1} does not answer")

    def log_text(self, node=0):
        with open(self._path(node, "log")) as log:
            return log.read()[-4000:]

    def address(self, listener, node=0):
        return f"127.0.0.1:{self.ports[node][listener]}"

    @property
    def plain(self):
        return ",".join(self.address("PLAIN", i) for i in range(len(self.ports)))

    def kill(self, node=0):
        self.processes[node].kill()
        self.processes[node].wait(30)

    def close(self):
        for process in self.processes.values():
            process.kill()
            process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


class SharedKafka(unittest.TestCase):
    """Tests that share one cluster, Kafka(**options)."""
    options = {}
    kafka = None

    @classmethod
    def setUpClass(cls):
        cls.kafka = Kafka(**cls.options)

    @classmethod
    def tearDownClass(cls):
        cls.kafka.close()

"""weir topic, produce and stream through TLS and SASL of a real Kafka, and every wrong setting."""
import json
import os
import re
import signal
import subprocess
import tempfile

import real_kafka
from real_kafka import JAAS, PASSWORD, wait_for, weir

EVENTS = 2000


class Security(real_kafka.SharedKafka):
    options = {"secured": True}

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="weir-security-")
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def config(self, mechanism="PLAIN", user=None, password=None, protocol="SASL_SSL", ca="ca.pem",
               extra=""):
        """A properties file as Kafka's own tools take it."""
        user = user or ("alice" if mechanism == "PLAIN" else "carol")
        module = "plain.PlainLoginModule" if mechanism == "PLAIN" else "scram.ScramLoginModule"
        lines = [f"# for tests", f"security.protocol={protocol}"]
        if "SASL" in protocol:
            lines += [f"sasl.mechanism = {mechanism}",
                      f"sasl.jaas.config={JAAS}{module} required \\",
                      f"    username=\"{user}\" password=\"{password or PASSWORD[user]}\";"]
        if "SSL" in protocol:
            lines += ["ssl.truststore.type=PEM",
                      f"ssl.truststore.location={self.kafka.certificates.path(ca)}"]
        name = self.path(f"client-{len(os.listdir(self.folder.name))}.properties")
        with open(name, "w") as file:
            file.write("\n".join(lines) + "\n" + extra)
        return name

    def weir_ok(self, *arguments, **how):
        code, out, error = weir(*arguments, **how)
        self.assertEqual(code, 0, error)
        return out

    def pipeline_works(self, config, topic):
        """Creates, fills, processes and deletes a topic through the listener with TLS and SASL."""
        reach = ["-b", self.kafka.address("SASLTLS"), "--command-config", config]
        self.weir_ok("topic", "create", topic, "--partitions", "2", *reach)
        out = self.weir_ok("produce", "--topic", topic, "--rate", "max", "--events", str(EVENTS),
                           "--json", "-", "--out", self.path("load"), *reach)
        self.assertEqual(json.loads(out)["acked"], EVENTS)
        self.assertIn("librdkafka", json.loads(out)["settings"]["weir.client"])
        stream = subprocess.Popen(
            [real_kafka.WEIR, "stream", "--topic", topic, "--checkpoint", self.path("checkpoint"),
             "--outdir", self.path("out"), "--trigger", "200 ms", "--starting-offsets", "earliest",
             *reach], stderr=subprocess.PIPE, text=True)
        try:
            def processed():
                self.assertIsNone(stream.poll())
                try:
                    with open(self.path("out/batches.csv")) as rows:
                        return sum(int(row.split(",")[2]) for row in rows.readlines()[1:]) >= EVENTS
                except FileNotFoundError:
                    return False
            wait_for(processed, "the events are not processed", 60)
        finally:
            stream.send_signal(signal.SIGTERM)
            stream.communicate(timeout=30)
        self.assertEqual(stream.returncode, 0)
        described = self.weir_ok("topic", "describe", topic, *reach)
        self.assertRegex(described, rf"all +{EVENTS}\n")
        for name in (topic, topic + ".weir-out"):
            self.weir_ok("topic", "delete", name, *reach)
        self.weir_ok("topic", "delete", topic, "--if-exists", *reach)
        self.assertNotIn(topic, self.weir_ok("topic", "list", *reach).split())

    def test_password_over_tls(self):
        self.pipeline_works(self.config("PLAIN"), "through-plain")

    def test_scram_over_tls(self):
        self.pipeline_works(self.config("SCRAM-SHA-512"), "through-scram")
        self.weir_ok("topic", "list", "-b", self.kafka.address("SASLTLS"), "--command-config",
                     self.config("SCRAM-SHA-256"))

    def test_tls_alone_and_password_alone(self):
        self.weir_ok("topic", "list", "-b", self.kafka.address("TLS"), "--command-config",
                     self.config(protocol="SSL"))
        self.weir_ok("topic", "list", "-b", self.kafka.address("SASL"), "--command-config",
                     self.config(protocol="SASL_PLAINTEXT"))

    def test_pem_inside_the_file(self):
        with open(self.kafka.certificates.path("ca.pem")) as file:
            pem = file.read().strip().replace("\n", "\\n\\\n")
        config = self.path("inline.properties")
        with open(config, "w") as file:
            file.write(f"security.protocol=SSL\nssl.truststore.type=PEM\n"
                       f"ssl.truststore.certificates={pem}\n")
        self.weir_ok("topic", "list", "-b", self.kafka.address("TLS"), "--command-config", config)

    def test_settings_by_rising_precedence(self):
        reach = ["topic", "list", "-b", self.kafka.address("SASLTLS"), "--command-config",
                 self.config(password="wrong-one")]
        right = f"sasl.password={PASSWORD['alice']}"
        self.weir_ok(*reach, environment={"WEIR_CLIENT_PROPERTIES": right})
        self.weir_ok(*reach, "-X", right,
                     environment={"WEIR_CLIENT_PROPERTIES": "sasl.password=wrong-two"})
        self.weir_ok("topic", "list", environment={
            "WEIR_BOOTSTRAP_SERVER": self.kafka.address("TLS"),
            "WEIR_COMMAND_CONFIG": self.config(protocol="SSL")})

    def refused(self, listener, config, *words):
        """weir ends with 2 and one message in three parts that has these words and no secret."""
        arguments = ["topic", "list", "-b", self.kafka.address(listener)]
        if config:
            arguments += ["--command-config", config]
        code, out, error = weir(*arguments)
        self.assertEqual((code, out), (2, ""), error)
        for word in (*words, "why:", "try:"):
            self.assertIn(word, error)
        for secret in (*PASSWORD.values(), "not-the-password"):
            self.assertNotIn(secret, error)

    def test_wrong_password(self):
        for mechanism in ("PLAIN", "SCRAM-SHA-512"):
            self.refused("SASLTLS", self.config(mechanism, password="not-the-password"),
                         "refused the login", "sasl.jaas.config")

    def test_unknown_authority(self):
        self.refused("TLS", self.config(protocol="SSL", ca="other.pem"), "not accepted",
                     "ssl.truststore.location")

    def test_certificate_of_another_name(self):
        config = self.config(protocol="SSL")
        self.refused("WRONGNAME", config, "certificate", "ssl.endpoint.identification.algorithm")
        self.weir_ok("topic", "list", "-b", self.kafka.address("WRONGNAME"), "--command-config",
                     self.config(protocol="SSL", extra="ssl.endpoint.identification.algorithm=\n"))

    def test_plaintext_against_tls(self):
        self.refused("TLS", None, "security.protocol=SSL")
        self.refused("SASLTLS", self.config(protocol="SASL_PLAINTEXT"), "security.protocol=SSL")

    def test_plaintext_against_a_listener_that_wants_a_login(self):
        self.refused("SASL", None, "security.protocol", "SASL_PLAINTEXT")

    def test_tls_against_plaintext(self):
        self.refused("PLAIN", self.config(protocol="SSL"), "security.protocol=PLAINTEXT")
        self.refused("SASL", self.config(), "SASL_PLAINTEXT")

    def test_mechanism_that_is_not_offered(self):
        config = self.config(protocol="SASL_PLAINTEXT", mechanism="SCRAM-SHA-256",
                             extra="sasl.mechanism=GSSAPI\n")
        code, _, error = weir("topic", "list", "-b", self.kafka.address("SASL"),
                              "--command-config", config)
        self.assertEqual(code, 2, error)
        self.assertIn("sasl.mechanism", error)

    def test_java_stores(self):
        store = self.path("trust.jks")
        subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "ca", "-file",
                        self.kafka.certificates.path("ca.pem"), "-keystore", store, "-storetype",
                        "JKS", "-storepass", "changeit"], check=True, capture_output=True)
        config = self.path("jks.properties")
        with open(config, "w") as file:
            file.write(f"security.protocol=SSL\nssl.truststore.location={store}\n"
                       "ssl.truststore.password=changeit\n")
        code, _, error = weir("topic", "list", "-b", self.kafka.address("TLS"),
                              "--command-config", config)
        self.assertEqual(code, 2, error)
        # The command in the message is the one that helps.
        command = re.search(r"keytool -list -rfc -keystore \S+ > ca.pem", error).group(0)
        subprocess.run(command + " 2> /dev/null", shell=True, check=True, input=b"changeit\n",
                       cwd=self.folder.name)
        with open(config, "w") as file:
            file.write(f"security.protocol=SSL\nssl.truststore.location={self.path('ca.pem')}\n"
                       "ssl.truststore.type=PEM\n")
        self.weir_ok("topic", "list", "-b", self.kafka.address("TLS"), "--command-config", config)


if __name__ == "__main__":
    real_kafka.main()

#!/usr/bin/python3
"""How weir broker starts, stops and says why it does not start."""
import os
import re
import struct
import subprocess
import tempfile
import unittest

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

import broker_process
from broker_process import Broker, BrokerTest, main, python_client, read_frame, request


class Refusals(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="weir-broker-")
        self.addCleanup(self.folder.cleanup)
        self.data = os.path.join(self.folder.name, "data")

    def run_broker(self, *flags, listen="127.0.0.1:0"):
        done = subprocess.run([broker_process.WEIR, "broker", "--listen", listen, *flags],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20,
                              encoding="utf-8")
        return done.returncode, done.stderr

    def assert_refused(self, code, *words, flags, **more):
        status, text = self.run_broker(*flags, **more)
        self.assertEqual(code, status, text)
        for word in ("weir: ", "why: ") + words:
            self.assertIn(word, text)

    def test_unknown_flag(self):
        self.assert_refused(2, "--data", flags=["--dat", self.data])

    def test_no_data_folder_named(self):
        self.assertEqual(2, self.run_broker()[0])
        self.assertEqual(2, self.run_broker("--data", "")[0])

    def test_address_that_makes_no_sense(self):
        self.assert_refused(2, "127.0.0.1:9092", flags=["--data", self.data], listen="nowhere")

    def test_a_listener_without_an_address_to_tell_is_refused(self):
        self.assert_refused(2, "HOST:PORT=HOST:PORT",
                            flags=["--data", self.data, "--also-listen", "127.0.0.1:0"])

    def test_port_taken(self):
        broker = Broker()
        self.addCleanup(broker.close)
        self.assert_refused(2, "port 0", flags=["--data", self.data], listen=broker.address)

    def test_folder_in_use(self):
        broker = Broker()
        self.addCleanup(broker.close)
        self.assert_refused(2, broker.data, flags=["--data", broker.data])

    def test_folder_that_is_a_file(self):
        with open(self.data, "w") as file:
            file.write("x")
        status, text = self.run_broker("--data", self.data)
        self.assertIn(status, (1, 2))
        self.assertIn("why: ", text)

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_folder_that_may_not_be_written(self):
        os.mkdir(self.data, 0o500)
        self.assert_refused(2, flags=["--data", self.data])

    def test_catalog_that_is_damaged(self):
        broker = Broker(data=self.data)
        self.addCleanup(broker.close)
        python_client(KafkaProducer, broker).send("t", b"x").get(10)
        broker.kill()
        with open(os.path.join(self.data, "catalog"), "r+b") as file:
            file.seek(20)
            file.write(b"#")
        self.assert_refused(1, "catalog", "checksum", flags=["--data", self.data])

    def test_partition_that_is_missing(self):
        broker = Broker(data=self.data)
        self.addCleanup(broker.close)
        python_client(KafkaProducer, broker).send("t", b"x", partition=2).get(10)
        broker.kill()
        os.rename(os.path.join(self.data, "t-2"), os.path.join(self.folder.name, "away"))
        self.assert_refused(1, "partition 2 of t", flags=["--data", self.data])


class Life(BrokerTest):
    def test_stops_cleanly_and_comes_back(self):
        python_client(KafkaProducer, self.broker).send("t", b"x", partition=0).get(10)
        self.assertEqual(0, self.broker.stop())
        self.broker.start()
        self.assertEqual(["x"], self.consume("t"))
        self.assertEqual("", self.broker.log_text())

    def test_comes_back_quickly_after_a_kill(self):
        self.kcat("-P", "-t", "t", "-X", "linger.ms=5",
                  text="".join(f"{i} {'x' * 200}\n" for i in range(200_000)))
        self.assertLess(self.broker.restart(), 5)
        self.assertEqual(200_000, len(self.consume("t")))

    def test_advertises_what_it_is_told(self):
        broker = Broker("--advertise", "example.org:1234")
        self.addCleanup(broker.close)
        listing = subprocess.run(["kcat", "-L", "-b", broker.address], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, timeout=20, encoding="utf-8")
        self.assertIn("example.org:1234", listing.stdout)

    def test_tells_clients_of_another_listener_another_address(self):
        broker = Broker("--also-listen", "127.0.0.1:0=example.org:4321")
        self.addCleanup(broker.close)
        other = re.search(r", also on (127\.0\.0\.1:\d+), data in ", broker.ready_line).group(1)
        for address, told in ((other, "example.org:4321"), (broker.address, broker.address)):
            listing = subprocess.run(["kcat", "-L", "-b", address], stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL, timeout=20, encoding="utf-8")
            self.assertIn("broker 1 at " + told, listing.stdout)

    def test_one_thread_is_enough(self):
        broker = Broker("--threads", "1", "--partitions", "1")
        self.addCleanup(broker.close)
        producer = python_client(KafkaProducer, broker)
        self.assertEqual(0, producer.send("t", b"x").get(10).partition)

    def test_old_segments_go(self):
        broker = Broker("--partitions", "1")
        self.addCleanup(broker.close)
        python_client(KafkaAdminClient, broker).create_topics([NewTopic(
            "t", 1, 1, topic_configs={"segment.bytes": "20000", "retention.bytes": "50000"})])
        producer = python_client(KafkaProducer, broker)
        for i in range(200):
            producer.send("t", b"x" * 2000).get(10)
        consumer = python_client(KafkaConsumer, broker)
        partition = TopicPartition("t", 0)
        broker.restart()   # limits are kept up at the start, and every half minute
        self.until(lambda: consumer.beginning_offsets([partition])[partition] > 100, 40,
                   "the end of the old segments")
        self.assertEqual(200, consumer.end_offsets([partition])[partition])
        consumer.close()


class FullDisk(BrokerTest):
    """A limit on the size of files stands in for a full disk: writes fail in the same place."""

    def test_refuses_writes_and_goes_on_reading(self):
        limited = Broker(prefix=["prlimit", "--fsize=2000000"])
        self.addCleanup(limited.close)
        producer = python_client(KafkaProducer, limited)
        producer.send("t", os.urandom(100_000), partition=0).get(10)
        producer.close()
        connection = limited.connect()
        batch = self.fetch(connection, 0)[1]
        taken = 1
        while (error := self.produce(connection, batch)) == 0:
            taken += 1
            self.assertLess(taken, 30)
        self.assertEqual(56, error)                                  # KAFKA_STORAGE_ERROR
        self.assertEqual(56, self.produce(connection, batch))
        for offset in range(taken):
            self.assertEqual(len(batch), len(self.fetch(connection, offset)[1]))
        self.assertEqual((taken, b""), self.fetch(connection, taken))
        connection.close()
        self.until(lambda: "takes no more writes" in limited.log_text(), 10, "a line in the log")
        limited.kill()
        limited.prefix = []
        limited.start()   # with room again
        connection = limited.connect()
        self.assertEqual(0, self.produce(connection, batch))
        self.assertEqual(taken + 1, self.fetch(connection, taken)[0])
        connection.close()

    def fetch(self, connection, offset):
        """High watermark and one batch from `offset` on."""
        connection.sendall(request(1, 4, 1, struct.pack(">iiiibih", -1, 0, 1, 1, 0, 1, 1) + b"t" +
                                   struct.pack(">iiqi", 1, 0, offset, 1)))
        body = read_frame(connection)[1]
        error, watermark = struct.unpack(">hq", body[19:29])
        self.assertEqual(0, error)
        return watermark, body[45:]

    def produce(self, connection, batch):
        """The error of appending `batch`."""
        connection.sendall(request(0, 3, 2, struct.pack(">hhiih", -1, -1, 5000, 1, 1) + b"t" +
                                   struct.pack(">iii", 1, 0, len(batch)) + batch))
        return struct.unpack(">h", read_frame(connection)[1][15:17])[0]


if __name__ == "__main__":
    main()

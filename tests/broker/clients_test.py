#!/usr/bin/python3
"""Foreign clients against weir broker: kcat (librdkafka) and kafka-python."""
import json
import unittest

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.errors import (InvalidReplicationFactorError, TopicAlreadyExistsError,
                          UnknownTopicOrPartitionError)

from broker_process import BrokerTest, main, python_client

KCAT_CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def python_codecs():
    """Those of kafka-python for which this machine has the library."""
    from kafka import codec
    have = {"gzip": codec.has_gzip, "snappy": codec.has_snappy, "lz4": codec.has_lz4,
            "zstd": codec.has_zstd}
    return [None] + [name for name, has in have.items() if has()]


class Kcat(BrokerTest):
    def test_lists_produces_and_consumes(self):
        self.assertIn("0 topics", self.kcat("-L"))
        self.kcat("-P", "-t", "hello", text="one\ntwo\nthree\n")
        listing = json.loads(self.kcat("-L", "-J"))
        self.assertEqual(["hello"], [topic["topic"] for topic in listing["topics"]])
        self.assertEqual(4, len(listing["topics"][0]["partitions"]))
        self.assertEqual(sorted(["one", "two", "three"]), sorted(self.consume("hello")))

    def test_keeps_keys_headers_and_order(self):
        self.kcat("-P", "-t", "t", "-p", "2", "-K:", "-H", "a=b", text="k1:v1\nk2:v2\nk3:v3\n")
        self.assertEqual(["0 k1 v1 a=b", "1 k2 v2 a=b", "2 k3 v3 a=b"],
                         self.consume("t", "-p", "2", "-f", "%o %k %s %h\n"))

    def test_each_codec_and_idempotence(self):
        lines = [f"line {i} " + "x" * (i % 300) for i in range(3000)]
        for codec in KCAT_CODECS:
            with self.subTest(codec=codec):
                self.kcat("-P", "-t", codec, "-z", codec, "-X", "enable.idempotence=true",
                          text="\n".join(lines) + "\n")
                self.assertEqual(sorted(lines), sorted(self.consume(codec)))

    def test_each_acknowledgement_level(self):
        for acks in ["0", "1", "all"]:
            self.kcat("-P", "-t", "acks" + acks, "-X", "acks=" + acks, text="a\nb\n")
            self.until(lambda: len(self.consume("acks" + acks)) == 2)

    def test_starts_at_a_timestamp(self):
        producer = python_client(KafkaProducer, self.broker)
        for i in range(100):   # times that go up and down
            producer.send("timed", str(i).encode(), partition=0, timestamp_ms=1000 + (i * 37) % 100)
            if i % 7 == 0:
                producer.flush()
        producer.close()
        offset = self.kcat("-Q", "-t", "timed:0:1080").split()[-1]
        times = [1000 + (i * 37) % 100 for i in range(100)]
        self.assertGreaterEqual(times[int(offset)], 1080)
        end = self.kcat("-Q", "-t", "timed:0:-1").split()[-1]
        self.assertEqual("100", end)


class Python(BrokerTest):
    def consumer(self, *topics, **settings):
        consumer = KafkaConsumer(*topics, bootstrap_servers=self.broker.address,
                                 auto_offset_reset="earliest", consumer_timeout_ms=10000,
                                 **settings)
        self.addCleanup(consumer.close)
        return consumer

    def admin(self):
        admin = python_client(KafkaAdminClient, self.broker)
        self.addCleanup(admin.close)
        return admin

    def take(self, consumer, count):
        taken = []
        for message in consumer:
            taken.append(message)
            if len(taken) == count:
                break
        return taken

    def test_cross_pairs_with_each_codec(self):
        values = [f"value {i} ".encode() + b"y" * (i % 200) for i in range(500)]
        for codec in python_codecs():
            topic = f"py-{codec}"
            with self.subTest(codec=codec):
                producer = python_client(KafkaProducer, self.broker,
                                         compression_type=codec, acks="all")
                for value in values:
                    producer.send(topic, value)
                producer.close()
                self.assertEqual(sorted(v.decode() for v in values), sorted(self.consume(topic)))
                taken = self.take(self.consumer(topic), len(values))
                self.assertEqual(sorted(values), sorted(m.value for m in taken))
        for codec in KCAT_CODECS:
            if codec != "none" and codec not in python_codecs():
                continue
            with self.subTest(kcat_codec=codec):
                self.kcat("-P", "-t", "kcat-" + codec, "-z", codec,
                          text="".join(v.decode() + "\n" for v in values))
                taken = self.take(self.consumer("kcat-" + codec), len(values))
                self.assertEqual(sorted(values), sorted(m.value for m in taken))

    def test_topics_come_and_go(self):
        admin = self.admin()
        admin.create_topics([NewTopic("a", 3, 1), NewTopic("b", 1, 1)])
        self.assertEqual({"a", "b"}, set(admin.list_topics()))
        with self.assertRaises(TopicAlreadyExistsError):
            admin.create_topics([NewTopic("a", 3, 1)])
        with self.assertRaises(InvalidReplicationFactorError):
            admin.create_topics([NewTopic("c", 1, 3)])
        described = admin.describe_topics(["a"])[0]
        self.assertEqual(3, len(described["partitions"]))
        admin.create_partitions({"a": NewPartitions(5)})
        self.assertEqual(5, len(admin.describe_topics(["a"])[0]["partitions"]))
        admin.delete_topics(["a"])
        self.assertEqual(["b"], admin.list_topics())
        with self.assertRaises(UnknownTopicOrPartitionError):
            admin.delete_topics(["a"])

    def test_settings_are_kept_and_shown(self):
        admin = self.admin()
        admin.create_topics([NewTopic("t", 1, 1, topic_configs={"retention.ms": "5000"})])
        self.broker.restart()
        shown = self.admin().describe_configs([ConfigResource(ConfigResourceType.TOPIC, "t")])
        values = {entry[0]: entry[1] for entry in shown[0].resources[0][4]}
        self.assertEqual("5000", values["retention.ms"])
        self.assertEqual("1048588", values["max.message.bytes"])

    def test_offsets_by_time_and_ends(self):
        producer = python_client(KafkaProducer, self.broker, compression_type="gzip")
        for i, time in enumerate([50, 10, 70, 30, 70, 60]):
            producer.send("t", str(i).encode(), partition=0, timestamp_ms=time)
            producer.flush()
        producer.close()
        consumer = self.consumer()
        partition = TopicPartition("t", 0)
        for time, offset in [(0, 0), (50, 0), (51, 2), (70, 2), (71, None)]:
            found = consumer.offsets_for_times({partition: time})[partition]
            self.assertEqual(offset, found and found.offset, time)
        self.assertEqual({partition: 0}, consumer.beginning_offsets([partition]))
        self.assertEqual({partition: 6}, consumer.end_offsets([partition]))

    def test_a_message_larger_than_a_fetch_arrives(self):
        admin = self.admin()
        admin.create_topics([NewTopic("big", 1, 1, topic_configs={"max.message.bytes": "5000000"})])
        producer = python_client(KafkaProducer, self.broker, max_request_size=5000000)
        producer.send("big", b"z" * 3_000_000).get(20)
        producer.close()
        consumer = self.consumer("big", max_partition_fetch_bytes=1000, fetch_max_bytes=1000)
        self.assertEqual(3_000_000, len(self.take(consumer, 1)[0].value))


class NoAutoCreate(BrokerTest):
    FLAGS = ("--auto-create", "off")

    def test_names_no_topic_into_being(self):
        listing = json.loads(self.kcat("-L", "-J", "-t", "ghost"))
        self.assertIn("error", listing["topics"][0])
        self.assertEqual([], json.loads(self.kcat("-L", "-J"))["topics"])


if __name__ == "__main__":
    main()

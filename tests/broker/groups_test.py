#!/usr/bin/python3
"""Consumer groups of foreign clients against weir broker, also across its death."""
import os
import subprocess
import tempfile
import threading
import unittest

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from broker_process import BrokerTest, main, python_client

FAST = ["-X", "session.timeout.ms=6000", "-X", "heartbeat.interval.ms=300",
        "-X", "auto.commit.interval.ms=100", "-X", "fetch.wait.max.ms=50",
        "-X", "auto.offset.reset=earliest", "-X", "reconnect.backoff.max.ms=200"]


class KcatGroup(BrokerTest):
    def start_member(self, group, topic):
        """A kcat that writes what it gets, a line each, into a file."""
        handle, path = tempfile.mkstemp(prefix="weir-kcat-")
        member = subprocess.Popen(["kcat", "-b", self.broker.address, "-G", group, "-u", "-q", "-E",
                                   *FAST, topic], stdout=handle, stderr=subprocess.PIPE)
        os.close(handle)

        def end():
            member.kill()
            member.communicate(timeout=10)
            os.unlink(path)
        self.addCleanup(end)

        def lines():
            with open(path) as file:
                return file.read().split()
        return member, lines

    def produce(self, first, last):
        self.kcat("-P", "-t", "events", "-X", "enable.idempotence=true",
                  text="".join(f"{i}\n" for i in range(first, last)))

    def test_resumes_after_the_broker_was_killed(self):
        self.produce(0, 1000)
        _, lines = self.start_member("g", "events")
        self.until(lambda: len(lines()) >= 1000, 20, "the first thousand")
        self.until(lambda: self.committed("g") == 1000, 10, "their commit")
        self.assertLess(self.broker.restart(), 3)
        self.produce(1000, 2000)
        self.until(lambda: len(lines()) >= 2000, 30, "the second thousand")
        # The group was lost with the broker's memory: what its member read before it knew, and had not
        # committed, comes again. Nothing is missing, and it did not begin anew.
        self.until(lambda: len(set(lines())) == 2000, 30, "each of the two thousand")
        self.assertLess(len(lines()), 3000)

    def test_a_new_process_goes_on_where_the_old_one_committed(self):
        self.produce(0, 500)
        member, lines = self.start_member("g", "events")
        self.until(lambda: len(lines()) == 500, 20, "the first half")
        self.until(lambda: self.committed("g") == 500, 10, "their commit")
        member.terminate()
        member.wait(10)
        self.broker.restart()
        self.produce(500, 1000)
        _, rest = self.start_member("g", "events")
        self.until(lambda: len(rest()) >= 500, 20, "the second half")
        self.assertEqual([str(i) for i in range(500, 1000)], sorted(rest(), key=int))

    def test_two_members_share_and_one_takes_over(self):
        self.produce(0, 4)
        first, first_lines = self.start_member("g", "events")
        self.until(lambda: len(first_lines()) == 4, 20, "the first member")
        _, second_lines = self.start_member("g", "events")
        sizes = lambda: sorted(len(m) for m in self.assignments("g"))
        self.until(lambda: sizes() == [2, 2], 20, "two partitions each")
        first.terminate()
        first.wait(10)
        self.until(lambda: sizes() == [4], 20, "the survivor's four partitions")
        self.produce(4, 204)
        self.until(lambda: len(second_lines()) >= 200, 20, "all for the survivor")

    def admin(self):
        admin = python_client(KafkaAdminClient, self.broker)
        self.addCleanup(admin.close)
        return admin

    def committed(self, group):
        return sum(o.offset for o in self.admin().list_consumer_group_offsets(group).values())

    def assignments(self, group):
        description = self.admin().describe_consumer_groups([group])[0]
        return [[p for _, partitions in m.member_assignment.assignment for p in partitions]
                for m in description.members if m.member_assignment]


class PythonGroup(BrokerTest):
    def consumer(self, **settings):
        consumer = python_client(KafkaConsumer, self.broker, group_id="g",
                                 enable_auto_commit=False, **settings)
        self.addCleanup(consumer.close)
        return consumer

    def test_commits_are_kept_with_their_metadata(self):
        python_client(KafkaProducer, self.broker).send("t", b"x", partition=1).get(10)
        partition = TopicPartition("t", 1)
        consumer = self.consumer()
        consumer.assign([partition])
        consumer.commit({partition: OffsetAndMetadata(7, "note")})
        self.broker.restart()
        fresh = self.consumer()
        self.assertEqual(OffsetAndMetadata(7, "note"), fresh.committed(partition, metadata=True))
        self.assertIsNone(fresh.committed(TopicPartition("t", 0)))

    def test_groups_are_listed_and_deleted(self):
        python_client(KafkaProducer, self.broker).send("t", b"x", partition=0).get(10)
        consumer = self.consumer(auto_offset_reset="earliest")
        consumer.subscribe(["t"])
        self.until(lambda: consumer.poll(200), 20, "a message through the group")
        consumer.commit()
        admin = python_client(KafkaAdminClient, self.broker)
        self.addCleanup(admin.close)
        self.assertEqual([("g", "consumer")], admin.list_consumer_groups())
        self.assertEqual("Stable", admin.describe_consumer_groups(["g"])[0].state)
        self.assertEqual(68, admin.delete_consumer_groups(["g"])[0][1].errno)   # NON_EMPTY_GROUP
        consumer.close()
        self.until(lambda: admin.delete_consumer_groups(["g"])[0][1].errno == 0, 10, "its deletion")
        self.assertEqual([], admin.list_consumer_groups())

    def test_a_deleted_topic_takes_its_offsets_along(self):
        partition = TopicPartition("t", 0)
        admin = python_client(KafkaAdminClient, self.broker)
        self.addCleanup(admin.close)
        for _ in range(2):
            python_client(KafkaProducer, self.broker).send("t", b"x", partition=0).get(10)
            consumer = self.consumer()
            consumer.assign([partition])
            self.assertIsNone(consumer.committed(partition))
            consumer.commit({partition: OffsetAndMetadata(1, "")})
            self.assertEqual(1, consumer.committed(partition))
            admin.delete_topics(["t"])


if __name__ == "__main__":
    main()

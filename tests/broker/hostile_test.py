#!/usr/bin/python3
"""Bytes and clients that mean no good, or behave badly: the broker serves the others."""
import os
import random
import select
import socket
import struct
import time
import unittest

from kafka import KafkaProducer

from broker_process import Broker, BrokerTest, main, python_client, read_frame, request

API_VERSIONS, METADATA, FETCH, LIST_OFFSETS, PRODUCE = 18, 3, 1, 2, 0


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


def fetch_v4(topic, partition, offset, wait_ms, min_bytes=1, max_bytes=1 << 20):
    return (struct.pack(">iiiibi", -1, wait_ms, min_bytes, max_bytes, 0, 1) + text(topic) +
            struct.pack(">iiqi", 1, partition, offset, max_bytes))


def list_offsets_v1(topic, partition, timestamp):
    return struct.pack(">ii", -1, 1) + text(topic) + struct.pack(">iiq", 1, partition, timestamp)


class Hostile(BrokerTest):
    def assert_serves(self):
        connection = self.broker.connect()
        connection.sendall(request(API_VERSIONS, 0, 7, b""))
        self.assertEqual(7, read_frame(connection)[0])
        connection.close()

    def assert_closed(self, connection):
        self.assertIsNone(read_frame(connection))
        connection.close()

    def memory(self):
        with open(f"/proc/{self.broker.process.pid}/statm") as file:
            return int(file.read().split()[1]) * 4096

    def test_garbage_closes_only_its_own_connection(self):
        seed = random.randrange(1 << 32)
        print("seed", seed)
        noise = random.Random(seed)
        for _ in range(200):
            connection = self.broker.connect()
            try:
                connection.sendall(noise.randbytes(noise.randrange(1, 2000)))
                connection.shutdown(socket.SHUT_WR)
                while read_frame(connection) is not None:
                    pass
            except (ConnectionError, socket.timeout):
                pass
            connection.close()
        self.assert_serves()

    def test_random_bodies_behind_good_headers(self):
        seed = random.randrange(1 << 32)
        print("seed", seed)
        noise = random.Random(seed)
        for key in [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 32, 33,
                    37, 42, 44, 60, 99, -1]:
            for version in range(0, 14):
                connection = self.broker.connect()
                body = noise.randbytes(noise.randrange(0, 60))
                connection.sendall(request(key, version, 1, body))
                connection.shutdown(socket.SHUT_WR)
                while read_frame(connection) is not None:
                    pass
                connection.close()
        self.assert_serves()
        self.assertIsNone(self.broker.process.poll())

    def test_impossible_lengths_close_at_once(self):
        for length in [0, -1, -2147483648, 2147483647, (100 << 20) + 1]:
            connection = self.broker.connect()
            connection.sendall(struct.pack(">i", length))
            self.assert_closed(connection)
        self.assert_serves()

    def test_a_large_announcement_costs_no_memory(self):
        before = self.memory()
        connections = []
        for _ in range(50):
            connection = self.broker.connect()
            connection.sendall(struct.pack(">i", 100 << 20) + b"x")
            connections.append(connection)
        self.assert_serves()
        self.assertLess(self.memory() - before, 64 << 20)
        for connection in connections:
            connection.close()

    def test_a_whole_hundred_megabytes_are_read_and_refused(self):
        connection = self.broker.connect()
        connection.settimeout(60)
        size = 100 << 20
        connection.sendall(struct.pack(">i", size))
        header = struct.pack(">hhih", METADATA, 1, 3, -1)
        try:
            connection.sendall(header)
            block = b"\xff" * (1 << 20)
            left = size - len(header)
            while left:
                connection.sendall(block[:left])
                left -= min(left, len(block))
        except ConnectionError:
            pass
        self.assert_closed(connection)
        self.assert_serves()

    def test_versions_that_are_not_served(self):
        connection = self.broker.connect()
        connection.sendall(request(API_VERSIONS, 99, 5, b"\x00whatever"))   # \0: no tags
        correlation, body = read_frame(connection)
        self.assertEqual(5, correlation)
        error, count, key, least, most = struct.unpack(">hihhh", body[:12])
        self.assertEqual((35, 1, API_VERSIONS), (error, count, key))
        self.assertLessEqual(least, most)
        connection.sendall(request(API_VERSIONS, 0, 6, b""))   # the connection lives on
        self.assertEqual(6, read_frame(connection)[0])
        connection.sendall(request(77, 0, 8, b""))
        self.assert_closed(connection)
        self.assertIn("API 77 version 0", self.broker.log_text())

    def test_many_connections(self):
        connections = [self.broker.connect() for _ in range(500)]
        for i, connection in enumerate(connections):
            connection.sendall(request(API_VERSIONS, 0, i, b""))
        for i, connection in enumerate(connections):
            self.assertEqual(i, read_frame(connection)[0])
            connection.close()
        self.assert_serves()

    def test_running_out_of_descriptors_is_survived(self):
        broker = Broker(prefix=["prlimit", "--nofile=64:64"])
        self.addCleanup(broker.close)
        waiting = [broker.connect() for _ in range(100)]   # the kernel queues what is not accepted
        waiting[0].sendall(request(API_VERSIONS, 0, 1, b""))
        self.assertEqual(1, read_frame(waiting[0])[0])
        for connection in waiting[:90]:
            connection.close()
        waiting[99].sendall(request(API_VERSIONS, 0, 2, b""))
        self.assertEqual(2, read_frame(waiting[99])[0])
        for connection in waiting[90:]:
            connection.close()

    def test_half_open_and_byte_by_byte(self):
        silent = self.broker.connect()
        partial = self.broker.connect()
        partial.sendall(b"\x00\x00")
        slow = self.broker.connect()
        for byte in request(API_VERSIONS, 0, 9, b""):
            slow.sendall(bytes([byte]))
        self.assertEqual(9, read_frame(slow)[0])
        for connection in (silent, partial, slow):
            connection.close()
        self.assert_serves()

    def test_answers_come_in_the_order_of_requests(self):
        connection = self.broker.connect()
        connection.sendall(b"".join(
            request(METADATA, 1, i, struct.pack(">i", 1) + text(f"topic-{i}")) if i % 3 == 0 else
            request(API_VERSIONS, 0, i, b"") for i in range(60)))
        self.assertEqual(list(range(60)), [read_frame(connection)[0] for _ in range(60)])
        connection.close()


class Polls(BrokerTest):
    def setUp(self):
        super().setUp()
        self.kcat("-P", "-t", "t", "-p", "0", text="x\n")

    def test_a_long_poll_ends_when_data_come(self):
        connection = self.broker.connect()
        connection.sendall(request(FETCH, 4, 1, fetch_v4("t", 0, 1, 8000)))
        self.assertFalse(select.select([connection], [], [], 0.2)[0])
        begin = time.monotonic()
        self.kcat("-P", "-t", "t", "-p", "0", text="y\n")
        correlation, body = read_frame(connection)
        self.assertLess(time.monotonic() - begin, 4)
        self.assertIn(b"y", body)
        connection.close()

    def test_a_long_poll_ends_at_its_time(self):
        connection = self.broker.connect()
        begin = time.monotonic()
        connection.sendall(request(FETCH, 4, 1, fetch_v4("t", 0, 1, 300)))
        correlation, body = read_frame(connection)
        self.assertGreaterEqual(time.monotonic() - begin, 0.29)
        self.assertIn(text("t"), body)   # every partition that was asked for is listed
        connection.close()

    def test_a_long_poll_makes_room_for_the_next_request(self):
        connection = self.broker.connect()
        begin = time.monotonic()
        connection.sendall(request(FETCH, 4, 1, fetch_v4("t", 0, 1, 8000)))
        connection.sendall(request(LIST_OFFSETS, 1, 2, list_offsets_v1("t", 0, -1)))
        self.assertEqual(1, read_frame(connection)[0])
        correlation, body = read_frame(connection)
        self.assertEqual(2, correlation)
        self.assertLess(time.monotonic() - begin, 4)
        self.assertEqual(1, struct.unpack(">q", body[-8:])[0])
        connection.close()

    def test_a_long_poll_waits_for_its_bytes(self):
        connection = self.broker.connect()
        connection.sendall(request(FETCH, 4, 1, fetch_v4("t", 0, 0, 8000, min_bytes=5000)))
        self.kcat("-P", "-t", "t", "-p", "0", text="y\n")
        self.assertFalse(select.select([connection], [], [], 0.2)[0])
        self.kcat("-P", "-t", "t", "-p", "0", text="z" * 6000 + "\n")
        self.assertIn(b"z" * 6000, read_frame(connection)[1])
        connection.close()

    def test_a_deleted_topic_ends_its_polls(self):
        from kafka import KafkaAdminClient
        connection = self.broker.connect()
        connection.sendall(request(FETCH, 4, 1, fetch_v4("t", 0, 1, 8000)))
        self.assertFalse(select.select([connection], [], [], 0.2)[0])
        admin = python_client(KafkaAdminClient, self.broker)
        begin = time.monotonic()
        admin.delete_topics(["t"])
        admin.close()
        read_frame(connection)
        self.assertLess(time.monotonic() - begin, 4)
        connection.close()

    def test_offsets_outside_the_log_are_told(self):
        connection = self.broker.connect()
        for offset in [2, 1 << 40, -1]:
            connection.sendall(request(FETCH, 4, 1, fetch_v4("t", 0, offset, 5000)))
            body = read_frame(connection)[1]
            error = struct.unpack(">h", body[4 + 4 + 3 + 4 + 4:][:2])[0]
            self.assertEqual(1, error)
        connection.close()


class SlowReader(BrokerTest):
    def test_who_does_not_read_stops_nobody_and_fills_no_memory(self):
        producer = python_client(KafkaProducer, self.broker, acks="all")
        for _ in range(40):
            producer.send("t", os.urandom(500_000), partition=0)
        producer.flush()
        lazy = self.broker.connect()
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with open(f"/proc/{self.broker.process.pid}/statm") as file:
            before = int(file.read().split()[1]) * 4096
        try:
            lazy.setblocking(False)
            for i in range(5000):
                lazy.send(request(FETCH, 4, i, fetch_v4("t", 0, 0, 0, max_bytes=10 << 20)))
        except BlockingIOError:
            pass   # the broker has stopped reading from us
        producer.send("t", b"last", partition=0).get(20)
        self.assertEqual("41", self.kcat("-Q", "-t", "t:0:-1").split()[-1])
        with open(f"/proc/{self.broker.process.pid}/statm") as file:
            self.assertLess(int(file.read().split()[1]) * 4096 - before, 100 << 20)
        lazy.close()
        producer.close()


if __name__ == "__main__":
    main()

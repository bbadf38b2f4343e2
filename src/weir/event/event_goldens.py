#!/usr/bin/python3
"""Prints the golden values of event_test.cc: what Python's json, uuid and kafka-python make of them.

Needs kafka-python (Debian: python3-kafka)."""
import json
import uuid

from kafka.partitioner.default import murmur2

TYPES = ["click", "view", "purchase", "login"]


def crc32c(data):
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def event_id(due, producer, partition, sequence):
    high = (due // 10**6) << 16 | 7 << 12 | due % 10**6 * 4096 // 10**6
    low = 2 << 62 | producer << 48 | partition << 36 | sequence
    return str(uuid.UUID(int=high << 64 | low))


def event(i, size):
    due = 1700000000123456789 + i * 1000003
    return json.dumps({
        "event_id": event_id(due, 9000, i // 4 % 7, i // 28 * 4 + i % 4),
        "created_ts": due // 10**6, "user_id": i % 10000, "event_type": TYPES[i % 4],
        "value": (i % 1000) / 10.0, "payload": "x" * max(0, size - 120)})


def key_partition(user_id, partitions):
    return (murmur2(str(user_id).encode()) & 0x7FFFFFFF) % partitions


lines = [event(i, 200) for i in range(20000)]
print("event 12345:", lines[12345])
print("crc of 20,000 lines: %#x" % crc32c("".join(line + "\n" for line in lines).encode()))
print("bytes: %d to %d, mean %.4f" % (min(map(len, lines)), max(map(len, lines)),
                                      sum(map(len, lines)) / len(lines)))
print("size 0:", event(3, 0))
print("id at the limits:", event_id(281474976710655 * 10**6 + 999999, 16383, 4095, 2**36 - 1))
fold = 0
for user in range(10000):
    fold = (fold * 31 + key_partition(user, 12)) % 2**32
print("partitions of 0, 7, 42, 999, 1234, 9999 of 4096:",
      [key_partition(user, 4096) for user in (0, 7, 42, 999, 1234, 9999)])
print("fold of all users over 12 partitions:", fold)

#!/usr/bin/env python3
"""Writes kafka_python.hex: requests as kafka-python 2.0.2 sends them, header included.

usage: kafka_python.py > kafka_python.hex

Their fields are named in frame_test.cc by hand, so that the meaning is tested and not only the
bytes.
"""
from kafka.protocol.admin import CreateTopicsRequest_v3, DescribeGroupsRequest_v1
from kafka.protocol.api import RequestHeader
from kafka.protocol.commit import GroupCoordinatorRequest_v0, OffsetCommitRequest_v2
from kafka.protocol.fetch import FetchRequest_v4
from kafka.protocol.group import HeartbeatRequest_v1, JoinGroupRequest_v2, SyncGroupRequest_v1
from kafka.protocol.metadata import MetadataRequest_v1
from kafka.protocol.offset import OffsetRequest_v1
from kafka.protocol.produce import ProduceRequest_v7

REQUESTS = [
    ProduceRequest_v7(None, -1, 1500, [("events", [(3, b"a batch")])]),
    FetchRequest_v4(-1, 500, 1, 1 << 20, 1, [("events", [(2, 12345, 65536)])]),
    OffsetRequest_v1(-1, [("events", [(0, -1), (1, 1700000000000)])]),
    MetadataRequest_v1(["events", "other"]),
    MetadataRequest_v1(None),
    OffsetCommitRequest_v2("group", 5, "member", -1, [("events", [(1, 99, "note")])]),
    GroupCoordinatorRequest_v0("group"),
    JoinGroupRequest_v2("group", 10000, 30000, "", "consumer", [("range", b"meta")]),
    HeartbeatRequest_v1("group", 5, "member"),
    SyncGroupRequest_v1("group", 5, "member", [("member", b"assigned")]),
    DescribeGroupsRequest_v1(["group"]),
    CreateTopicsRequest_v3([("events", 4, 1, [], [("retention.ms", "1000")])], 5000, False),
]

for number, request in enumerate(REQUESTS):
    header = RequestHeader(request, correlation_id=number, client_id="python")
    print((header.encode() + request.encode()).hex())

#!/usr/bin/env python3
"""Writes definitions.txt: Kafka's own message definitions in the form that describe() prints.

usage: definitions.py kafka-clients-3.9.1.jar > definitions.txt

Each message is cut at the last version that weir serves: fields that came later are left out.
"""
import json
import re
import sys
import zipfile

LAST = {
    "Produce": 9, "Fetch": 12, "ListOffsets": 7, "Metadata": 12, "OffsetCommit": 8,
    "OffsetFetch": 8, "FindCoordinator": 4, "JoinGroup": 9, "Heartbeat": 4, "LeaveGroup": 5,
    "SyncGroup": 5, "DescribeGroups": 5, "ListGroups": 4, "ApiVersions": 3, "CreateTopics": 7,
    "DeleteTopics": 6, "DeleteRecords": 2, "InitProducerId": 4, "OffsetForLeaderEpoch": 4,
    "DescribeConfigs": 4, "AlterConfigs": 2, "CreatePartitions": 3, "DeleteGroups": 2,
    "IncrementalAlterConfigs": 1, "DescribeCluster": 1,
}
PRIMITIVES = {"int8", "int16", "int32", "int64", "bool", "string", "bytes", "records", "uuid"}


def definition(jar, name):
    text = jar.read(f"common/message/{name}.json").decode()
    text = re.sub(r"^\s*//.*$", "", text, flags=re.M)
    return json.loads(re.sub(r'\s//[^"\n]*$', "", text, flags=re.M))


def describe(fields, structs, last, depth):
    for field in fields:
        if int(re.match(r"\d+", field["versions"])[0]) > last:
            continue
        array = "[]" if field["type"].startswith("[]") else ""
        base = field["type"].removeprefix("[]")
        line = "  " * depth + field["name"] + " " + array
        line += (base if base in PRIMITIVES else "struct") + " " + field["versions"]
        if "nullableVersions" in field:
            line += " null " + field["nullableVersions"]
        if "tag" in field:
            line += f" tag {field['tag']}"
        print(line)
        if base not in PRIMITIVES:
            describe(field.get("fields") or structs[base], structs, last, depth + 1)


def main():
    with zipfile.ZipFile(sys.argv[1]) as jar:
        for api, last in LAST.items():
            for kind in ("Request", "Response"):
                message = definition(jar, api + kind)
                structs = {s["name"]: s["fields"] for s in message.get("commonStructs", [])}
                flexible = message["flexibleVersions"].removesuffix("+")
                print(f"{message['name']} key {message['apiKey']} flexible {flexible}")
                describe(message["fields"], structs, last, 1)


main()

#!/usr/bin/env python3
"""Writes kafka_python.hex: record batches as kafka-python 2.0.2 builds them, a line each:
"codec hex". Foreign bytes for batch_foreign_test.cc, which names the records.

usage: kafka_python.py > kafka_python.hex
"""
from kafka.record.default_records import DefaultRecordBatchBuilder

RECORDS = [
    (1_700_000_000_000, b"key", b"value", []),
    (1_699_999_999_990, None, b"x" * 500, [("kind", b"event"), ("empty", b""), ("null", None)]),
    (1_700_000_000_500, b"", None, []),
]

for name, codec in (("none", 0), ("gzip", 1), ("lz4", 3)):
    for transactional in (0, 1):
        builder = DefaultRecordBatchBuilder(
            magic=2, compression_type=codec, is_transactional=transactional, producer_id=4711,
            producer_epoch=2, base_sequence=17, batch_size=1 << 20)
        for offset, (timestamp, key, value, headers) in enumerate(RECORDS):
            builder.append(offset, timestamp, key, value, headers)
        print(name, bytes(builder.build()).hex())

"""A Spark job in the way of the evaluation that weir redoes: what its published figures measured.

For every micro-batch it asks four times for the same rows, each time reading Kafka and parsing
JSON anew: is it empty, how many, the percentiles, the mean. Latency is the batch's
current_timestamp() in whole seconds minus created_ts: how long events waited for the trigger,
not when their result was there. Each batch leaves one line of seven columns below --outdir.

    spark-submit seed_job.py --brokers HOST:PORT --topic T --checkpoint DIR --outdir DIR \
                 --trigger "5 seconds"
"""
import argparse
import signal
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql.functions import avg, col, current_timestamp, from_json, unix_timestamp
from pyspark.sql.types import (DoubleType, IntegerType, LongType, StringType, StructField,
                               StructType)

EVENT = StructType([
    StructField("event_id", StringType()),
    StructField("created_ts", LongType()),
    StructField("user_id", IntegerType()),
    StructField("event_type", StringType()),
    StructField("value", DoubleType()),
    StructField("payload", StringType()),
])
COLUMNS = ["batch_id", "epoch_sec", "batch_events", "mean_latency_ms", "p50_latency_ms",
           "p95_latency_ms", "p99_latency_ms"]
QUANTILES, QUANTILE_ERROR = [0.50, 0.95, 0.99], 0.01


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--brokers", default="localhost:9092")
    parser.add_argument("--topic", default="events_topic")
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--outdir", required=True)
    parser.add_argument("--trigger", default="5 seconds")
    parser.add_argument("--starting-offsets", default="latest")
    parser.add_argument("--command-config", default="", help="a Kafka client's properties file")
    return parser.parse_args()


def client_options(spark, path):
    """The properties of a file, as the Kafka source takes them; Java reads its own format."""
    if not path:
        return {}
    java = spark.sparkContext._jvm.java
    properties = java.util.Properties()
    stream = java.io.FileInputStream(path)
    try:
        properties.load(stream)
    finally:
        stream.close()
    return {f"kafka.{name}": properties.getProperty(name)
            for name in properties.stringPropertyNames()}


def batch_writer(spark, outdir):
    """What is done with each batch; the batch is not cached, as in the evaluation."""
    def write(batch, batch_id):
        if batch.rdd.isEmpty():
            return
        events = batch.count()
        p50, p95, p99 = batch.approxQuantile("latency_ms", QUANTILES, QUANTILE_ERROR)
        mean = batch.agg(avg("latency_ms")).first()[0]
        row = (int(batch_id), int(time.time()), int(events), float(mean), float(p50), float(p95),
               float(p99))
        spark.createDataFrame([row], COLUMNS).coalesce(1).write.mode("append").option(
            "header", True).csv(outdir)
    return write


def main():
    given = arguments()
    spark = SparkSession.builder.appName("seed").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    records = (spark.readStream.format("kafka")
               .options(**client_options(spark, given.command_config))
               .option("kafka.bootstrap.servers", given.brokers)
               .option("subscribe", given.topic)
               .option("startingOffsets", given.starting_offsets)
               .load())
    events = records.select(from_json(col("value").cast("string"), EVENT).alias("event"))
    events = events.select("event.*").withColumn(
        "latency_ms",
        (unix_timestamp(current_timestamp()) * 1000 - col("created_ts")).cast("double"))
    query = (events.writeStream
             .foreachBatch(batch_writer(spark, given.outdir))
             .option("checkpointLocation", given.checkpoint)
             .trigger(processingTime=given.trigger)
             .start())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    query.awaitTermination()


if __name__ == "__main__":
    main()

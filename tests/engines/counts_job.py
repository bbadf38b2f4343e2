"""A Spark job that counts events by type and writes the running counts: no id comes through."""
import os

from pyspark.sql import SparkSession
from pyspark.sql.functions import col, get_json_object, struct, to_json


def main():
    spark = SparkSession.builder.appName("counts").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    brokers = os.environ["WEIR_BROKERS"]
    records = (spark.readStream.format("kafka")
               .option("kafka.bootstrap.servers", brokers)
               .option("subscribe", os.environ["WEIR_TOPIC"])
               .option("startingOffsets", "earliest")
               .load())
    kind = get_json_object(col("value").cast("string"), "$.event_type").alias("event_type")
    counts = records.select(kind).groupBy("event_type").count()
    query = (counts.select(to_json(struct("event_type", "count")).alias("value"))
             .writeStream.format("kafka").outputMode("update")
             .option("kafka.bootstrap.servers", brokers)
             .option("topic", os.environ["WEIR_OUTPUT_TOPIC"])
             .option("checkpointLocation", os.environ["WEIR_CHECKPOINT"])
             .trigger(processingTime=os.environ["WEIR_TRIGGER_MS"] + " milliseconds")
             .start())
    query.awaitTermination()


if __name__ == "__main__":
    main()

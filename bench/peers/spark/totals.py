"""Totals per product as the documentation of Structured Streaming writes such a query.

Arguments: brokers, input topic, output topic, checkpoint folder, records (flat or till). Prints a
line before it starts.
"""

import sys

from pyspark.sql import SparkSession
from pyspark.sql.functions import col, count, from_json, struct, sum, to_json

brokers, input_topic, output_topic, checkpoint, records = sys.argv[1:]

# Of a till's event, the four fields that are asked for, of fourteen.
schema, price = {
    "flat": ("product STRING, quantity BIGINT, price DECIMAL(18, 6)", "price"),
    "till": (
        "product STRING, quantity BIGINT, unit_price DECIMAL(18, 6), sold_at TIMESTAMP",
        "unit_price",
    ),
}[records]

spark = (
    SparkSession.builder.appName("totals")
    # As the tuning guide advises: by default it is 200, far too many for two cores.
    .config("spark.sql.shuffle.partitions", 4)
    .getOrCreate()
)
spark.sparkContext.setLogLevel("WARN")

sales = (
    spark.readStream.format("kafka")
    .option("kafka.bootstrap.servers", brokers)
    .option("subscribe", input_topic)
    .option("startingOffsets", "earliest")
    .load()
    .select(from_json(col("value").cast("string"), schema).alias("sale"))
    .select("sale.*")
)

totals = sales.groupBy("product").agg(
    sum("quantity").alias("totalQuantity"),
    sum(col("quantity") * col(price)).alias("totalPrice"),
    count("*").alias("sales"),
)

print("starting", flush=True)
query = (
    totals.select(
        col("product").alias("key"),
        to_json(struct("product", "totalQuantity", "totalPrice", "sales")).alias("value"),
    )
    .writeStream.outputMode("update")
    .format("kafka")
    .option("kafka.bootstrap.servers", brokers)
    .option("topic", output_topic)
    .option("checkpointLocation", checkpoint)
    .start()
)
query.awaitTermination()

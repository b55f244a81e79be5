"""Salesboard's topic contract as a Spark Structured Streaming job: see README.md beside this file.

    input topic ─┬─ judge ─ sum by partition and product ─ totals and bookkeeping ─ output topic
                 └─ judge ─ what is no sale ─ dead-letter topic
"""

import argparse
import json
from datetime import datetime, timezone
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.functions import udf
from pyspark.sql.types import StringType, StructType

from sale import NotASale, format_amount, read_sale
from topics import DEAD_LETTER_BYTES_MAX, Topics, ensure_topics

BOOKKEEPING_KEY = "\0bookkeeping"
# Spark's longest decimal has 38 digits, and 1e12 × 1e9 in millionths has 28: some ten billion such
# sales would overflow a sum. So an amount is carried as high × 10^18 + low, two sums that cannot.
LOW = 10**18
SUMMAND = "decimal(28, 0)"  # summed up as decimal(38, 0)
REQUEST_BYTES_MAX = 2 * DEAD_LETTER_BYTES_MAX
# Room for the headers.
DEAD_LETTER_FRAME_BYTES = 2048
HEADERS = "array<struct<key: string, value: binary>>"


def main():
    args = arguments()
    spark = SparkSession.builder.appName("salesboard").getOrCreate()
    for module in ("sale.py", "topics.py"):
        spark.sparkContext.addPyFile(str(Path(__file__).with_name(module)))
    connection = {"bootstrap.servers": args.brokers, **dict(args.properties)}
    topics = Topics(args.input_topic, args.output_topic, args.dead_letter_topic)
    found = ensure_topics(spark, connection, topics, args.partitions)
    if not spark.sparkContext.getConf().contains("spark.sql.shuffle.partitions"):
        # Spark's default is 200, and each costs time in each batch.
        spark.conf.set("spark.sql.shuffle.partitions", found.partitions)

    kafka = {f"kafka.{name}": value for name, value in connection.items()}
    sink = {**kafka, "kafka.max.request.size": str(REQUEST_BYTES_MAX)}
    records = (
        spark.readStream.format("kafka")
        .options(**kafka)
        .option("kafka.isolation.level", "read_committed")
        .option("subscribe", topics.input)
        .option("startingOffsets", "earliest")
        .option("includeHeaders", True)
        .option("maxOffsetsPerTrigger", args.max_records)
        .load()
        .withColumn("sale", judge("value"))
    )
    (
        totals(records)
        .writeStream.queryName("totals")
        .outputMode("update")
        .option("checkpointLocation", f"{args.checkpoint}/totals")
        .foreachBatch(lambda batch, number: write_totals(batch, number, sink, topics.output))
        .start()
    )
    (
        dead_letters(records, found.dead_letter_bytes_max // 2 - DEAD_LETTER_FRAME_BYTES)
        .writeStream.queryName("dead-letters")
        .format("kafka")
        .options(**sink)
        .option("topic", topics.dead_letters)
        .option("checkpointLocation", f"{args.checkpoint}/dead-letters")
        .start()
    )
    spark.streams.awaitAnyTermination()


JUDGEMENT = (
    StructType()
    .add("product", "string")
    .add("quantity", "long")
    .add("amount_high", "long")
    .add("amount_low", "long")
    .add("error", "string")
)


@udf(JUDGEMENT)
def judge(value):
    try:
        product, quantity, price = read_sale(value)
    except NotASale as reason:
        return None, None, None, None, str(reason)
    return product, quantity, *divmod(quantity * price, LOW), None


def totals(records):
    """Of each partition: a row for each product, and one over all, which is the bookkeeping."""
    return (
        records.select("partition", "offset", "sale.*")
        .groupingSets([["partition", "product"], ["partition"]], "partition", "product")
        .agg(
            F.grouping("product").alias("is_bookkeeping"),
            F.count("quantity").alias("sales"),
            F.sum(F.col("quantity").cast(SUMMAND)).alias("quantity"),
            F.sum(F.col("amount_high").cast(SUMMAND)).alias("amount_high"),
            F.sum(F.col("amount_low").cast(SUMMAND)).alias("amount_low"),
            F.count("error").alias("dead_letters"),
            (F.max("offset") + 1).alias("input_offset"),
        )
    )


def write_totals(batch, number, sink, topic):
    """The totals that changed, and after those of a partition its bookkeeping.

    The dashboard shows a partition when its totals add up to the sales that its bookkeeping counts:
    so it shows whole batches, in whatever order partitions come, and after a retry too.
    """
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    is_bookkeeping = F.col("is_bookkeeping") == 1
    (
        # What is left out has the product null: the dead letters of a partition.
        batch.where(is_bookkeeping | (F.col("sales") > 0))
        .repartition("partition")
        .sortWithinPartitions("is_bookkeeping")
        .select(
            F.when(is_bookkeeping, BOOKKEEPING_KEY).otherwise(F.col("product")).alias("key"),
            encode(F.struct("*"), F.lit(number), F.lit(now)).alias("value"),
            "partition",
        )
        .write.format("kafka")
        .options(**sink)
        .option("topic", topic)
        .save()
    )


@udf(StringType())
def encode(row, batch_number, now):
    if row.is_bookkeeping:
        value = {
            "version": 1,
            "group": "spark",
            "sequence": batch_number + 1,
            "inputOffset": row.input_offset,
            "sales": row.sales,
            "returns": 0,
            "records": row.sales + row.dead_letters,
            "counted": row.sales,
            "filtered": 0,
            "deadLetters": row.dead_letters,
            "untimed": 0,
            "skipped": 0,
            # The flat sale: the job takes no mapping.
            "mapping": "flat",
        }
    else:
        value = {
            "product": row.product,
            "totalQuantity": int(row.quantity),
            "totalPrice": format_amount(int(row.amount_high) * LOW + int(row.amount_low)),
            "sales": row.sales,
            "returns": 0,
            "updatedAt": now,
        }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def dead_letters(records, part_bytes_max):
    """Unchanged, with headers added that say what is wrong with them and where they stood.

    Keys and values that the topic could refuse for their size are left out, and named.
    """
    added = [
        header("error", F.col("sale.error")),
        header("source.topic", F.col("topic")),
        header("source.partition", F.col("partition").cast("string")),
        header("source.offset", F.col("offset").cast("string")),
    ]
    parts = []
    for name in ("key", "value"):
        size = F.octet_length(name)
        parts.append(F.when(size <= part_bytes_max, F.col(name)).alias(name))
        omitted = header(f"{name}.omitted", F.concat(size.cast("string"), F.lit(" bytes")))
        added.append(F.when(size > part_bytes_max, omitted))
    own = F.coalesce("headers", F.array().cast(HEADERS))
    headers = F.concat(own, F.array_compact(F.array(*added))).alias("headers")
    return records.where("sale.error is not null").select(*parts, headers)


def header(name, text):
    return F.struct(F.lit(name).alias("key"), text.cast("binary").alias("value"))


def arguments():
    """The names and defaults of Salesboard's own options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--brokers", required=True, help="Kafka bootstrap servers, comma-separated")
    add("--checkpoint", required=True, help="folder for offsets and totals, durable and shared")
    add("--input-topic", default="sales_topic_electronics")
    add("--output-topic", default="processed_sales_topic")
    add("--dead-letter-topic", help="default: <input-topic>.dlq")
    add("--partitions", type=int, default=4, help="of the input topic, when it is created")
    add("--max-records", type=int, default=1_000_000, help="of the input, in one batch")
    add("-X", dest="properties", metavar="KEY=VALUE", action="append", default=[],
        type=lambda text: tuple(text.split("=", 1)),
        help="a property of Kafka's Java clients, such as those of TLS and SASL")  # fmt: skip
    args = parser.parse_args()
    args.dead_letter_topic = args.dead_letter_topic or f"{args.input_topic}.dlq"
    return args


if __name__ == "__main__":
    main()

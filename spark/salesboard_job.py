"""Salesboard's topic contract as a Spark Structured Streaming job: see README.md beside this file.

    input topic ─┬─ judge ─ sum by partition and product ─ totals and bookkeeping ─ output topic
                 └─ judge ─ what cannot be read ─ dead-letter topic

Plain records are judged by expressions on the JVM (plain.py), all others by Python (judge.py).
"""

import argparse
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.functions import udf
from pyspark.sql.types import ArrayType, StringType, StructType

import plain
import rules
from judge import MICROS, Judge
from sale import NotASale, format_amount, read_sale
from topics import DEAD_LETTER_BYTES_MAX, Topics, ensure_topics

BOOKKEEPING_KEY = "\0bookkeeping"
# Spark's longest decimal has 38 digits, and 1e12 × 1e9 in millionths has 28: some ten billion such
# sales would overflow a sum. So an amount is carried as high × 10^9 + low, two sums that cannot.
LOW = 10**9
SUMMAND = "decimal(28, 0)"  # summed up as decimal(38, 0)
REQUEST_BYTES_MAX = 2 * DEAD_LETTER_BYTES_MAX
# Room for the headers.
DEAD_LETTER_FRAME_BYTES = 2048
HEADERS = "array<struct<key: string, value: binary>>"
MODULES = ("sale.py", "rules.py", "judge.py", "plain.py", "topics.py")
FORMATS = ("json", "csv")


def main():
    args = arguments()
    judging = Judging(args.mapping, args.currency)
    spark = SparkSession.builder.appName("salesboard").getOrCreate()
    for module in MODULES:
        spark.sparkContext.addPyFile(str(Path(__file__).with_name(module)))
    connection = {"bootstrap.servers": args.brokers, **dict(args.properties)}
    claim_checkpoint(spark, args.checkpoint, judging.name)
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
    )
    (
        totals(judging.lines(records))
        .writeStream.queryName("totals")
        .outputMode("update")
        .option("checkpointLocation", f"{args.checkpoint}/totals")
        .foreachBatch(
            lambda batch, number: write_totals(batch, number, sink, topics.output, judging.name)
        )
        .start()
    )
    part_bytes_max = found.dead_letter_bytes_max // 2 - DEAD_LETTER_FRAME_BYTES
    (
        dead_letters(judging.rest(judging.sorted_out(records)), part_bytes_max)
        .writeStream.queryName("dead-letters")
        .format("kafka")
        .options(**sink)
        .option("topic", topics.dead_letters)
        .option("checkpointLocation", f"{args.checkpoint}/dead-letters")
        .start()
    )
    spark.streams.awaitAnyTermination()


LINE = (
    StructType()
    .add("product", "string")
    .add("quantity", "long")  # in millionths, as the amount
    .add("amount_high", "long")
    .add("amount_low", "long")
    .add("is_return", "boolean")
)
JUDGEMENT = StructType().add("lines", ArrayType(LINE)).add("error", "string")


class Judging:
    """Records → their lines, or an error; neither when they are filtered."""

    def __init__(self, mapping, currency):
        self.name = mapping.fingerprint if mapping else "flat"
        self.plan = plain.plan_of(mapping, currency) if mapping else plain.flat_plan()
        judge = Judge(mapping, currency) if mapping else None
        by_python = (lambda *record: judged_by(judge, *record)) if mapping else judged_flat
        # Of a deterministic one, Spark would ask for all records before it leaves out plain ones.
        self.judge = udf(by_python, JUDGEMENT).asNondeterministic()

    def lines(self, records):
        """A row for each line, by its place in the record; one without a place for all others."""
        sorted_out = self.sorted_out(records)
        columns = ("partition", "offset", "error", "pos", "line.*")
        rest = (
            self.rest(sorted_out)
            .select("partition", "offset", "judgement.*")
            .select("*", F.posexplode_outer("lines").alias("pos", "line"))
            .select(*columns)
        )
        if self.plan is None:
            return rest
        own = sorted_out.where(is_plain()).select("partition", "offset", *self.plain_line())
        return own.select(*columns).union(rest)

    def rest(self, sorted_out):
        """The records that Python judges, with its judgement."""
        given = [F.col(name) for name in ("value", "key", "headers", "topic")]
        return sorted_out.where(~is_plain()).withColumn("judgement", self.judge(*given))

    def sorted_out(self, records):
        """With what is found in plain records.

        The array of one is a barrier: Spark would look anew for each filter and column that needs
        what is found.
        """
        if self.plan is None:
            return records.withColumn("found", F.lit(None).cast("string"))
        valid = F.when(F.is_valid_utf8(text()), text())
        found = F.regexp_replace(valid, self.plan.pattern, self.plan.found)
        return records.select("*", F.explode_outer(F.array(found)).alias("found"))

    def plain_line(self):
        """Exactly: products of two longs below 10^9, and decimals."""
        plan = self.plan
        quantity = piece(plan.quantity).cast("long")
        # At most 12 digits before the point, and 6 behind.
        factor = F.lit(10 ** (6 - plan.places)).cast("decimal(7, 0)")
        micros = (piece(plan.money).cast("decimal(18, 6)") * factor).cast("long")
        low = micros % F.lit(LOW)
        high = ((micros - low).cast("decimal(18, 0)") / F.lit(LOW)).cast("long")
        count = quantity if plan.is_price else F.lit(1).cast("long")
        line = F.struct(
            piece(plan.product).alias("product"),
            (quantity * F.lit(MICROS)).alias("quantity"),
            (high * count).alias("amount_high"),
            (low * count).alias("amount_low"),
            F.lit(False).alias("is_return"),
        )
        is_counted = F.lit(True)
        for field, is_negated, words in plan.only:
            is_in = piece(field).isin(*words)
            is_counted = is_counted & (~is_in if is_negated else is_in)
        return (
            F.lit(None).cast("string").alias("error"),
            F.when(is_counted, 0).alias("pos"),
            F.when(is_counted, line).alias("line"),
        )


def text():
    return F.col("value").cast("string")


def is_plain():
    """See plain.Plan.found."""
    return F.coalesce(F.col("found") != text(), F.lit(False))


def piece(of):
    """The text of a piece of a plain record, or a constant."""
    if isinstance(of, rules.Constant):
        return F.lit(of.text)
    return F.split(F.replace(F.col("found"), F.lit('"'), F.lit("")), "\0")[of.number]


def judged_flat(value, *_):
    try:
        product, quantity, price = read_sale(value)
    except NotASale as reason:
        return None, str(reason)
    return [(product, quantity * MICROS, *divmod(quantity * price, LOW), False)], None


def judged_by(judge, value, key, headers, topic):
    try:
        lines = judge.judge(value, key, headers, topic)
    except NotASale as reason:
        return None, str(reason)
    return [
        (product, quantity, *divmod(amount, LOW), is_return)
        for product, quantity, amount, is_return in lines
    ], None


def totals(lines):
    """Of each partition: a row for each product, and one over all, which is the bookkeeping."""
    first_or_none = F.coalesce("pos", F.lit(0)) == 0
    is_filtered = F.col("pos").isNull() & F.col("error").isNull()
    return (
        lines.groupingSets([["partition", "product"], ["partition"]], "partition", "product")
        .agg(
            F.grouping("product").alias("is_bookkeeping"),
            F.count(F.when(~F.col("is_return"), 1)).alias("sales"),
            F.count(F.when(F.col("is_return"), 1)).alias("returns"),
            F.sum(F.col("quantity").cast(SUMMAND)).alias("quantity"),
            F.sum(F.col("amount_high").cast(SUMMAND)).alias("amount_high"),
            F.sum(F.col("amount_low").cast(SUMMAND)).alias("amount_low"),
            F.count(F.when(first_or_none, 1)).alias("records"),
            F.count(F.when(is_filtered, 1)).alias("filtered"),
            F.count("error").alias("dead_letters"),
            (F.max("offset") + 1).alias("input_offset"),
        )
    )


def write_totals(batch, number, sink, topic, mapping):
    """The totals that changed, and after those of a partition its bookkeeping.

    The dashboard shows a partition when its totals add up to the sales that its bookkeeping counts:
    so it shows whole batches, in whatever order partitions come, and after a retry too.
    """
    records = changed(batch, number, mapping)
    records.write.format("kafka").options(**sink).option("topic", topic).save()


def changed(batch, number, mapping):
    """The records of the output topic."""
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    is_bookkeeping = F.col("is_bookkeeping") == 1
    return (
        # What is left out has the product null: the dead letters of a partition.
        batch.where(is_bookkeeping | (F.col("sales") + F.col("returns") > 0))
        .repartition("partition")
        .sortWithinPartitions("is_bookkeeping")
        .select(
            F.when(is_bookkeeping, BOOKKEEPING_KEY).otherwise(F.col("product")).alias("key"),
            encode(F.struct("*"), F.lit(number), F.lit(now), F.lit(mapping)).alias("value"),
            "partition",
        )
    )


@udf(StringType())
def encode(row, batch_number, now, mapping):
    if not row.is_bookkeeping:
        amount = int(row.amount_high) * LOW + int(row.amount_low)
        # A number of JSON with all its digits, which a float does not have.
        quantity = format_amount(int(row.quantity)).rstrip("0").rstrip(".")
        return (
            f'{{"product":{json.dumps(row.product, ensure_ascii=False)},'
            f'"totalQuantity":{quantity},"totalPrice":"{format_amount(amount)}",'
            f'"sales":{row.sales},"returns":{row.returns},"updatedAt":"{now}"}}'
        )
    value = {
        "version": 1,
        "group": "spark",
        "sequence": batch_number + 1,
        "inputOffset": row.input_offset,
        "sales": row.sales,
        "returns": row.returns,
        "records": row.records,
        "counted": row.records - row.filtered - row.dead_letters,
        "filtered": row.filtered,
        "deadLetters": row.dead_letters,
        "untimed": 0,
        "skipped": 0,
        "mapping": mapping,
    }
    return json.dumps(value, separators=(",", ":"))


def dead_letters(records, part_bytes_max):
    """Unchanged, with headers added that say what is wrong with them and where they stood.

    Keys and values that the topic could refuse for their size are left out, and named.
    """
    added = [
        header("error", F.col("judgement.error")),
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
    return records.where("judgement.error is not null").select(*parts, headers)


def header(name, text):
    return F.struct(F.lit(name).alias("key"), text.cast("binary").alias("value"))


def claim_checkpoint(spark, folder, mapping):
    """Totals of two mappings do not add up: the checkpoint remembers the one that made it."""
    path = spark._jvm.org.apache.hadoop.fs.Path(f"{folder}/mapping-{mapping}")
    files = path.getFileSystem(spark._jsc.hadoopConfiguration())
    others = files.globStatus(spark._jvm.org.apache.hadoop.fs.Path(f"{folder}/mapping-*")) or ()
    if any(other.getPath().getName() != path.getName() for other in others):
        sys.exit(
            f"Cannot continue from --checkpoint {folder}: it was made with other rules, and "
            "totals of two mappings do not add up. Use another checkpoint and output topic."
        )
    files.create(path, True).close()


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
    add("--map", action="append", default=[], metavar="RULES", help="see docs/mapping.md")
    add("--map-file", metavar="FILE", help="the rules of --map; # begins a comment")
    add("--input-format", default="json", help="json or csv")
    add("--currency", default="USD", help="what the rule currency compares with")
    add("-X", dest="properties", metavar="KEY=VALUE", action="append", default=[],
        type=lambda text: tuple(text.split("=", 1)),
        help="a property of Kafka's Java clients, such as those of TLS and SASL")  # fmt: skip
    args = parser.parse_args()
    args.mapping = mapping_of(args)
    args.dead_letter_topic = args.dead_letter_topic or f"{args.input_topic}.dlq"
    return args


def mapping_of(args):
    """None without rules: records are flat sales. A wrong rule ends the job with a sentence."""
    if args.input_format not in FORMATS:
        sys.exit(
            f"Cannot read records of --input-format {args.input_format}: the Spark job reads "
            f"{' and '.join(FORMATS)}. Run salesboard aggregate instead."
        )
    texts = list(args.map)
    try:
        mapping = rules.parse("\n".join(texts)) if texts else None
        if args.map_file:
            if texts:
                sys.exit("Cannot use both --map and --map-file: give only one of them.")
            mapping = rules.parse(text_of("--map-file", args.map_file), has_comments=True)
        if mapping:
            rules.check_columns(mapping, args.input_format)
        elif args.input_format == "csv":
            sys.exit("Cannot use --input-format csv without --map: the rules name the columns.")
        return mapping
    except rules.WrongRule as problem:
        sys.exit(str(problem))


def text_of(option, path):
    try:
        return Path(path).read_text("utf-8")
    except OSError as problem:
        sys.exit(f"Cannot use {option} {path}: it must name a readable file ({problem.strerror}).")
    except UnicodeDecodeError:
        sys.exit(f"Cannot use {option} {path}: it must be a text in UTF-8.")


if __name__ == "__main__":
    main()

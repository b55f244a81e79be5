"""The three topics, created where they are missing, as Salesboard's src/process/topics.ts does.

Left to a broker that creates topics by itself, the output would have one partition and would not
be compacted.
"""

import time
from typing import NamedTuple

from py4j.protocol import Py4JJavaError

# A dead letter is its record and four headers: the topic takes what the input takes, and more.
DEAD_LETTER_BYTES_MAX = 16 * 1024 * 1024
# So long a broker may not know a topic yet that another, or itself, has just created.
CREATION_SECONDS_MAX = 15


class Topics(NamedTuple):
    input: str
    output: str
    dead_letters: str


class Found(NamedTuple):
    partitions: int  # of the input
    dead_letter_bytes_max: int  # what their topic takes


def ensure_topics(spark, properties, topics, partitions):
    """Returns `Found`. The output has at least as many partitions as the input afterwards."""
    kafka = spark._jvm.org.apache.kafka.clients.admin
    settings = spark._jvm.java.util.Properties()
    for name, value in properties.items():
        settings.setProperty(name, value)
    admin = kafka.AdminClient.create(settings)
    try:
        count = _ensure(spark, admin, topics.input, partitions, {})
        output = _ensure(spark, admin, topics.output, count, {"cleanup.policy": "compact"})
        if output < count:
            more = kafka.NewPartitions.increaseTo(count)
            admin.createPartitions({topics.output: more}).all().get()
        limits = {"max.message.bytes": str(DEAD_LETTER_BYTES_MAX)}
        _ensure(spark, admin, topics.dead_letters, count, limits)
        return Found(count, _message_bytes_max(spark, admin, topics.dead_letters))
    finally:
        admin.close()


def _ensure(spark, admin, topic, partitions, config):
    """Returns the number of partitions that the topic has now."""
    jvm = spark._jvm
    if not admin.listTopics().names().get().contains(topic):
        new = jvm.org.apache.kafka.clients.admin.NewTopic(
            topic, jvm.java.util.Optional.of(partitions), jvm.java.util.Optional.empty()
        )
        try:
            admin.createTopics([new.configs(config)]).all().get()
        except Py4JJavaError as error:
            # Somebody else was faster; its settings are what counts.
            if "TopicExistsException" not in str(error):
                raise
    found = _once_known(lambda: admin.describeTopics([topic]).allTopicNames().get())
    return found.get(topic).partitions().size()


def _message_bytes_max(spark, admin, topic):
    config = spark._jvm.org.apache.kafka.common.config.ConfigResource
    resource = config(config.Type.TOPIC, topic)
    found = _once_known(lambda: admin.describeConfigs([resource]).all().get())
    return int(found.get(resource).get("max.message.bytes").value())


def _once_known(ask):
    give_up_at = time.monotonic() + CREATION_SECONDS_MAX
    while True:
        try:
            return ask()
        except Py4JJavaError as error:
            is_new = "UnknownTopicOrPartitionException" in str(error)
            if not is_new or time.monotonic() > give_up_at:
                raise
        time.sleep(0.1)

"""
Runs validate and features on Quix Streams, in one line of steps. Nothing is repartitioned or read back. Branches would
copy each value; instead, each output says which topic it is for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from quixstreams import Application
from quixstreams.models import Topic

from avro_codecs import AvroDeserializer, AvroSerializer
from definition import Config, read_config
from outputs import Output, OutputHeaders
from steps import FeaturesStep, ValidateStep


def main(file: str) -> None:
    """:param file: the path of the configuration, a JSON file"""
    config = read_config(file)
    application = _application(config, _say_once("state RUNNING"))
    _add_steps(application, config)
    application.run()


def _application(
    config: Config, on_record: Callable[[str, int, int], None]
) -> Application:
    return Application(
        broker_address=config.brokers,
        consumer_group=config.application_id,
        state_dir=config.state_dir,
        processing_guarantee="exactly-once",
        commit_interval=config.commit_interval_ms / 1_000,
        auto_offset_reset="earliest",
        consumer_poll_timeout=0.05,
        loglevel="WARNING",
        on_message_processed=on_record,
        consumer_extra_config={
            "max.partition.fetch.bytes": 4 * 1024 * 1024,
            # While the peer takes over partitions, its requests wait for an empty fetch to end.
            "fetch.wait.max.ms": 100,
        },
        producer_extra_config={
            "transactional.id": config.application_id,
            # Chooses the same partitions as Java clients.
            "partitioner": "murmur2_random",
            "linger.ms": 50,
            "batch.size": 256 * 1024,
        },
    )


def _add_steps(application: Application, config: Config) -> None:
    definition = config.definition

    def input_topic(topic: str) -> Topic:
        return application.topic(
            config.topics[topic],
            key_deserializer="str",
            value_deserializer=AvroDeserializer(
                config.schema_ids[topic], config.schemas[topic]
            ),
        )

    outputs = {
        topic: application.topic(
            config.topics[topic],
            key_serializer="str",
            value_serializer=AvroSerializer(
                config.schema_ids[topic], config.schemas[topic]
            ),
        )
        for topic in ("validatedReadings", "rejectedReadings", "features")
    }

    def topic_of(output: Output, key: str, timestamp: int, headers: object) -> Topic:
        return outputs[output.topic]

    readings = application.dataframe(input_topic("sensorReadings"))
    events = application.dataframe(input_topic("mesEvents"))
    judged = readings.apply(
        ValidateStep(definition).process, stateful=True, metadata=True, expand=True
    )
    judged = judged.set_headers(OutputHeaders("validate").of).to_topic(topic_of)
    validated = judged.filter(lambda output: output.topic == "validatedReadings")
    rows = validated.concat(events).apply(
        FeaturesStep(definition).process, stateful=True, metadata=True, expand=True
    )
    rows.set_headers(OutputHeaders("features").of).to_topic(topic_of)


def _say_once(line: str) -> Callable[[str, int, int], None]:
    """Prints the line at the first record. The first record is on the topic before the peer starts."""
    waiting = [line]

    def on_record(topic: str, partition: int, offset: int) -> None:
        if waiting:
            print(waiting.pop(), flush=True)

    return on_record


if __name__ == "__main__":
    main(sys.argv[1])

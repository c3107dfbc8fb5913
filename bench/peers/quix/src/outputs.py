"""The outputs of the steps: a record, its topic, and the CloudEvents headers that the product writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from definition import Topic

Headers = Sequence[tuple[str, str | bytes]]

_CARRIED = "ce_time"
"""The time of publication is copied to the outputs."""
_TYPES: dict[Topic, str] = {
    "validatedReadings": "castwatch.validated-readings.v1",
    "rejectedReadings": "castwatch.rejected-readings.v1",
    "features": "castwatch.features.v1",
}


class Output(NamedTuple):
    topic: Topic
    record: dict[str, Any]


class OutputHeaders:
    def __init__(self, step: str) -> None:
        self._fixed: dict[Topic, list[tuple[str, str | bytes]]] = {
            topic: [
                ("ce_specversion", b"1.0"),
                ("ce_type", type_.encode()),
                ("ce_source", f"/castwatch/{step}".encode()),
                ("content-type", b"application/avro"),
            ]
            for topic, type_ in _TYPES.items()
        }

    def of(self, output: Output, key: str, timestamp: int, headers: Headers) -> Headers:
        carried = [header for header in headers if header[0] == _CARRIED]
        return self._fixed[output.topic] + carried[-1:]

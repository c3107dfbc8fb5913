"""Reads and writes Avro in Confluent's framing with fastavro. Each schema is parsed once."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

from fastavro import parse_schema, schemaless_reader, schemaless_writer
from fastavro.types import Schema
from quixstreams.models import Deserializer, SerializationContext, Serializer

from outputs import Output

_FRAMING = struct.Struct(">bI")


class AvroDeserializer(Deserializer):
    def __init__(self, schema_id: int, schema: dict[str, Any]) -> None:
        self._framing = _FRAMING.pack(0, schema_id)
        self._schema = _parse(schema)

    def __call__(self, value: bytes, ctx: SerializationContext) -> Any:
        if not value.startswith(self._framing):
            raise ValueError(f"a record on {ctx.topic} is of another schema")
        body = BytesIO(value)
        body.seek(_FRAMING.size)
        return schemaless_reader(body, self._schema, None)


class AvroSerializer(Serializer):
    def __init__(self, schema_id: int, schema: dict[str, Any]) -> None:
        self._framing = _FRAMING.pack(0, schema_id)
        self._schema = _parse(schema)

    def __call__(self, value: Output, ctx: SerializationContext) -> bytes:
        into = BytesIO()
        into.write(self._framing)
        schemaless_writer(into, self._schema, value.record)
        return into.getvalue()


def _parse(schema: dict[str, Any]) -> Schema:
    """Removes the logical types, so that times stay numbers of ms. fastavro would make an object of each."""
    return parse_schema(_without_logical_types(schema))


def _without_logical_types(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            name: _without_logical_types(part)
            for name, part in schema.items()
            if name != "logicalType"
        }
    if isinstance(schema, list):
        return [_without_logical_types(part) for part in schema]
    return schema

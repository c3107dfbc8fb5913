"""The configuration of the peer, with the process definition that peers/definition.ts writes. Times in ms."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Topic = str
"""The name of a topic in the catalogue: `sensorReadings`, `features` …"""


@dataclass(frozen=True, slots=True)
class Anomaly:
    window: int
    threshold: float
    at_least: float


@dataclass(frozen=True, slots=True)
class Tag:
    id: str
    title: str
    unit: str
    range: tuple[float, float]
    normal: tuple[float, float]
    rate: float | None
    sentinels: frozenset[float]
    stuck_after: int | None
    required: bool
    hold: int
    anomaly: Anomaly | None


@dataclass(frozen=True, slots=True)
class Feature:
    """`kind` is statistic, correlation, product, ratio or difference; `of` are tags or earlier features."""

    kind: str
    of: tuple[int, ...]
    statistic: str | None
    slots: int


@dataclass(frozen=True, slots=True)
class Sequence:
    tags: tuple[int, ...]
    steps: int
    every: int


@dataclass(frozen=True, slots=True)
class Definition:
    process: str
    line_path: str
    cells: frozenset[str]
    period: int
    grace: int
    ahead: int
    hop: int
    leap: int
    tags: tuple[Tag, ...]
    feature_set: str
    longest_window: int
    features: tuple[Feature, ...]
    sequence: Sequence | None
    levels: tuple[str, ...]
    properties: frozenset[str]

    def is_known_asset(self, path: str) -> bool:
        """Returns whether the path is a cell of this line. An empty list of cells means any cell."""
        line, slash, cell = path.rpartition("/")
        if not slash or line != self.line_path:
            return False
        return cell in self.cells if self.cells else 0 < len(cell) <= 100

    @property
    def look(self) -> int:
        """The number of periods that a row looks back."""
        steps = self.sequence.steps * self.sequence.every if self.sequence else 0
        return max(self.longest_window, steps) // self.period


@dataclass(frozen=True, slots=True)
class Config:
    brokers: str
    application_id: str
    state_dir: str
    commit_interval_ms: int
    topics: dict[Topic, str]
    schema_ids: dict[Topic, int]
    schemas: dict[Topic, dict[str, Any]]
    definition: Definition


def read_config(file: str) -> Config:
    told = json.loads(Path(file).read_text("utf-8"))
    return Config(
        brokers=told["brokers"],
        application_id=told["applicationId"],
        state_dir=told["stateDir"],
        commit_interval_ms=told["commitIntervalMs"],
        topics=told["topics"],
        schema_ids=told["schemaIds"],
        schemas=told["schemas"],
        definition=_definition(told["definition"]),
    )


def _definition(told: dict[str, Any]) -> Definition:
    sequence = told["sequence"]
    return Definition(
        process=told["process"],
        line_path=told["linePath"],
        cells=frozenset(told["cells"]),
        period=told["period"],
        grace=told["grace"],
        ahead=told["ahead"],
        hop=told["hop"],
        leap=told["leap"],
        tags=tuple(map(_tag, told["tags"])),
        feature_set=told["featureSet"],
        longest_window=told["longestWindow"],
        features=tuple(map(_feature, told["features"])),
        sequence=sequence
        and Sequence(tuple(sequence["tags"]), sequence["steps"], sequence["every"]),
        levels=tuple(told["levels"]),
        properties=frozenset(told["properties"]),
    )


def _tag(told: dict[str, Any]) -> Tag:
    anomaly = told["anomaly"]
    return Tag(
        id=told["id"],
        title=told["title"],
        unit=told["unit"],
        range=(told["range"][0], told["range"][1]),
        normal=(told["normal"][0], told["normal"][1]),
        rate=told["rate"],
        sentinels=frozenset(told["sentinels"]),
        stuck_after=told["stuckAfter"],
        required=told["required"],
        hold=told["hold"],
        anomaly=anomaly
        and Anomaly(anomaly["window"], anomaly["threshold"], anomaly["atLeast"]),
    )


def _feature(told: dict[str, Any]) -> Feature:
    return Feature(
        kind=told["kind"],
        of=tuple(told["of"]),
        statistic=told.get("statistic"),
        slots=told["slots"],
    )

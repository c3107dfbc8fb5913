"""Validates one reading, with the state of its asset."""

from __future__ import annotations

from typing import Any, NamedTuple

import checks
import plain
from checks import Finding
from definition import Definition
from sequence_set import Seen
from validate_state import ValidateState

Record = dict[str, Any]
"""A record as fastavro reads and writes it."""

_MAX_FINDINGS = 100
"""The largest number of findings that are listed singly. One line counts the others."""


class Judged(NamedTuple):
    """`validated` is None when the reading is dropped; `rejected` is None when there are no findings."""

    validated: Record | None
    rejected: Record | None


class Validation:
    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._tags = definition.tags
        self._index = {tag.id: index for index, tag in enumerate(definition.tags)}
        self._required = sum(tag.required for tag in definition.tags)

    def judge(
        self,
        reading: Record,
        key: str,
        published: int,
        partition: int,
        offset: int,
        state: ValidateState,
    ) -> Judged:
        """:param published: the Kafka record's timestamp"""
        place = (partition, offset)
        refused = self._refusal(reading, key, published, state)
        if refused is not None:
            finding = _finding(None, None, refused, "DROPPED")
            return Judged(None, _rejected(reading, place, True, [finding]))
        time = reading["eventTime"]
        in_order = time >= state.latest
        findings: list[Record] = []
        sorted_in = self._sort_in(reading["measurements"], findings)
        measurements = [
            self._judge_tag(at, sorted_in[at], time, in_order, state, findings)
            for at in range(len(self._tags))
        ]
        measured = 0
        for tag, measurement in zip(self._tags, measurements):
            if tag.required and measurement["treatment"] in ("MEASURED", "FLAGGED"):
                measured += 1
        if measured == 0:
            detail = f"none of the {self._required} required tags has a usable value"
            nothing = Finding("COMPLETENESS", detail)
            findings.insert(0, _finding(None, None, nothing, "DROPPED"))
            return Judged(None, _rejected(reading, place, True, findings))
        if in_order:
            state.latest = time
        else:
            behind = plain.duration(state.latest - time)
            late = Finding(
                "OUT_OF_ORDER", f"a reading {behind} later was received before it"
            )
            findings.insert(0, _finding(None, None, late, "FLAGGED"))
        validated = {
            "asset": reading["asset"],
            "eventTime": time,
            "sequence": reading["sequence"],
            "source": reading["source"],
            "completeness": measured / self._required,
            "outOfOrder": not in_order,
            "measurements": measurements,
        }
        return Judged(
            validated, _rejected(reading, place, False, findings) if findings else None
        )

    def _refusal(
        self, reading: Record, key: str, published: int, state: ValidateState
    ) -> Finding | None:
        definition = self._definition
        asset, time = reading["asset"], reading["eventTime"]
        if not definition.is_known_asset(asset):
            return Finding(
                "UNKNOWN_ASSET",
                f"{asset} is no asset of the process {definition.process}",
            )
        if key != asset:
            return Finding(
                "UNKNOWN_ASSET",
                f"the record's key is {key}, but its asset is {asset}: they must be equal",
            )
        source, sequence = reading["source"], reading["sequence"]
        seen = state.note(source, sequence, time)
        if seen is Seen.SEEN:
            return Finding(
                "DUPLICATE", f"number {sequence} of {source} was received before"
            )
        if seen is Seen.UNSURE:
            return Finding(
                "DUPLICATE",
                f"number {sequence} of {source} is older than the remembered numbers,"
                " so it counts as a repeat",
            )
        if time > published + definition.ahead:
            return Finding(
                "FUTURE",
                f"its event time is {plain.iso_time(time)},"
                f" {plain.duration(time - published)}"
                " after it was published;"
                f" {plain.duration(definition.ahead)} is allowed",
            )
        if time < state.latest - definition.grace:
            return Finding(
                "LATE",
                f"its event time is {plain.iso_time(time)},"
                f" {plain.duration(state.latest - time)}"
                " before the asset's latest;"
                f" {plain.duration(definition.grace)} is allowed",
            )
        leaps = state.count_leap(time, definition.leap)
        if leaps > 0:
            return Finding(
                "FUTURE",
                f"its event time is {plain.iso_time(time)};"
                f" it is {plain.duration(time - state.latest)}"
                " ahead of the asset's latest; more than"
                f" {plain.duration(definition.leap)} is believed from the third reading"
                f" in a row on, and this is number {leaps}",
            )
        return None

    def _sort_in(
        self, measurements: list[Record], findings: list[Record]
    ) -> list[Record | None]:
        """Finds the measurement of each tag. Unknown and repeated tags are findings."""
        found: list[Record | None] = [None] * len(self._tags)
        for measurement in measurements:
            name = measurement["tag"]
            index = self._index.get(name)
            if index is None:
                detail = f"the process {self._definition.process} has no tag {name}"
                fault = Finding("UNKNOWN_TAG", detail)
            elif found[index] is not None:
                detail = f"{name} is in the reading twice; the first counts"
                fault = Finding("DUPLICATE", detail)
            else:
                found[index] = measurement
                continue
            findings.append(_finding(name, measurement["value"], fault, "DROPPED"))
        return found

    def _judge_tag(
        self,
        at: int,
        measurement: Record | None,
        time: int,
        in_order: bool,
        state: ValidateState,
        findings: list[Record],
    ) -> Record:
        tag = self._tags[at]
        if measurement is None:
            value, quality = None, None
        else:
            value, quality = measurement["value"], measurement["quality"]
        fault = checks.value(tag, quality, value)
        if value is None:
            return self._repair(at, value, fault, time, in_order, state, findings)
        if fault is None and in_order:
            period = self._definition.period
            fault = checks.stuck(tag, at, value, time, period, state)
            if fault is None:
                fault = checks.rate(tag, at, value, time, period, state)
        if fault is not None:
            return self._repair(at, value, fault, time, in_order, state, findings)
        doubt = None
        if in_order:
            recent = state.recent[at]
            if recent is not None:
                doubt = checks.anomaly(tag, recent, value)
            state.good[at] = value
            state.good_at[at] = time
            if doubt is not None:
                findings.append(_finding(tag.id, value, doubt, "FLAGGED"))
        if quality == "UNCERTAIN":
            unsure = Finding(
                "QUALITY", f"the source marks {tag.title} as UNCERTAIN"
            )
            findings.append(_finding(tag.id, value, unsure, "FLAGGED"))
            doubt = doubt or unsure
        if doubt is None:
            return _measurement(tag.id, value, "GOOD", "MEASURED", None)
        return _measurement(tag.id, value, "UNCERTAIN", "FLAGGED", doubt.reason)

    def _repair(
        self,
        at: int,
        value: float | None,
        fault: Finding | None,
        time: int,
        in_order: bool,
        state: ValidateState,
        findings: list[Record],
    ) -> Record:
        """Uses the last good value instead, while it is recent enough."""
        assert fault is not None
        tag = self._tags[at]
        age = time - state.good_at[at]
        holds = in_order and fault.reason != "STUCK" and age <= tag.hold
        held = state.good[at] if holds else None
        treatment = "HELD" if holds else "MISSING"
        if tag.required or fault.reason != "ABSENT":
            detail = fault.detail
            if held is not None:
                detail += (
                    f"; its last good value, {plain.with_unit(held, tag)}"
                    f" of {plain.duration(age)} before, is used instead"
                )
            stands_in = Finding(fault.reason, detail)
            findings.append(_finding(tag.id, value, stands_in, treatment))
        quality = "UNCERTAIN" if holds else "BAD"
        return _measurement(tag.id, held, quality, treatment, fault.reason)


def _measurement(
    tag: str, value: float | None, quality: str, treatment: str, reason: str | None
) -> Record:
    return {
        "tag": tag,
        "value": value,
        "quality": quality,
        "treatment": treatment,
        "reason": reason,
    }


def _finding(
    tag: str | None, value: float | None, found: Finding, treatment: str
) -> Record:
    return {
        "tag": tag,
        "value": value,
        "reason": found.reason,
        "treatment": treatment,
        "detail": found.detail,
    }


def _rejected(
    reading: Record, place: tuple[int, int], dropped: bool, findings: list[Record]
) -> Record:
    if len(findings) > _MAX_FINDINGS:
        more = len(findings) - _MAX_FINDINGS
        detail = f"{more} more findings in this reading are not listed"
        rest = _finding(None, None, Finding("OTHER", detail), "DROPPED")
        findings = [*findings[:_MAX_FINDINGS], rest]
    return rejection(reading, place, dropped, findings)


def rejection(
    reading: Record, place: tuple[int, int], dropped: bool, findings: list[Record]
) -> Record:
    partition, offset = place
    return {
        "asset": reading["asset"],
        "eventTime": reading["eventTime"],
        "sequence": reading["sequence"],
        "source": reading["source"],
        "inputPartition": partition,
        "inputOffset": offset,
        "dropped": dropped,
        "rejections": findings,
    }

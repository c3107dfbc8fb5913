"""The checks of a single value. Each returns a finding, or None."""

from __future__ import annotations

import math
from typing import NamedTuple

import plain
from definition import Anomaly, Tag
from recent_values import RecentValues
from validate_state import ValidateState

_CONFIRMATIONS = 3
"""A jump that this number of readings in a row confirm is a new level, not a spike."""
_SILENT_PERIODS = 3
"""After a gap of more than this number of periods, a repeated value does not mean that the sensor is stuck."""


class Finding(NamedTuple):
    reason: str
    detail: str


def value(tag: Tag, quality: str | None, value: float | None) -> Finding | None:
    """:param quality: None when there is no measurement"""
    if quality is None or value is None:
        return Finding("ABSENT", f"{tag.title} has no value")
    low, high = tag.range
    if low <= value <= high and quality != "BAD" and value not in tag.sentinels:
        return None
    if not math.isfinite(value):
        return Finding("NOT_A_NUMBER", f"{tag.title} is {plain.not_finite(value)}")
    shown = plain.with_unit(value, tag)
    if quality == "BAD":
        return Finding("QUALITY", f"the source marks {tag.title} {shown} as BAD")
    if value in tag.sentinels:
        number = plain.number(value)
        return Finding("SENTINEL", f"{number} in {tag.title} means no value")
    limits = f"{plain.number(low)} to {plain.with_unit(high, tag)}"
    return Finding("RANGE", f"{tag.title} {shown} is outside {limits}")


def stuck(
    tag: Tag, at: int, value: float, time: int, period: int, state: ValidateState
) -> Finding | None:
    if tag.stuck_after is None:
        return None
    elapsed = time - state.seen_at[at]
    same = value == state.seen[at] and elapsed <= _SILENT_PERIODS * period
    same_for = state.same_for[at] + elapsed if same else 0.0
    state.seen[at] = value
    state.seen_at[at] = time
    state.same_for[at] = same_for
    if same_for < tag.stuck_after:
        return None
    return Finding(
        "STUCK",
        f"{tag.title} has been exactly {plain.with_unit(value, tag)}"
        f" for {plain.duration(same_for)};"
        f" {plain.duration(tag.stuck_after)} is too long for a live sensor",
    )


def rate(
    tag: Tag, at: int, value: float, time: int, period: int, state: ValidateState
) -> Finding | None:
    if tag.rate is None:
        return None
    good = state.good[at]
    good_at = state.good_at[at]
    if good_at != good_at:  # nothing to compare with
        state.confirmed[at] = 0
        return None
    seconds = max(time - good_at, period) / 1_000
    if not abs(value - good) > tag.rate * seconds:
        state.confirmed[at] = 0
        return None
    confirmed = state.confirmed[at]
    agrees = False
    if confirmed > 0:
        since = max(time - state.candidate_at[at], period) / 1_000
        agrees = abs(value - state.candidate[at]) <= tag.rate * since
    state.candidate[at] = value
    state.candidate_at[at] = time
    state.confirmed[at] = confirmed + 1 if agrees else 1
    if agrees and confirmed + 1 >= _CONFIRMATIONS:
        state.confirmed[at] = 0
        return None
    return Finding(
        "RATE_OF_CHANGE",
        f"{tag.title} went from {plain.number(good)} to {plain.with_unit(value, tag)}"
        f" in {plain.number(seconds)} s;"
        f" at most {plain.with_unit(tag.rate, tag)} per second is believable",
    )


def anomaly(tag: Tag, recent: RecentValues, value: float) -> Finding | None:
    """Checks the value, and adds it to the recent values afterwards."""
    finding = None
    if tag.anomaly is not None and recent.is_ready():
        finding = _judge(tag, tag.anomaly, recent, value)
    recent.push(value)
    return finding


def _judge(
    tag: Tag, anomaly: Anomaly, recent: RecentValues, value: float
) -> Finding | None:
    median = recent.median()
    deviation = abs(value - median)
    if deviation <= anomaly.at_least:
        return None
    allowed = anomaly.threshold * 1.4826 * recent.mad()
    if deviation <= allowed:
        return None
    usual = max(allowed, anomaly.at_least)
    return Finding(
        "STATISTICAL_ANOMALY",
        f"{tag.title} {plain.with_unit(value, tag)} is {plain.with_unit(deviation, tag)}"
        f" from the median of its last {anomaly.window} good values"
        f" ({plain.with_unit(median, tag)});"
        f" up to {plain.with_unit(usual, tag)} is usual",
    )

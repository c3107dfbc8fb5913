"""
Makes one feature row from the scans of an asset.

Arrays are [scans][tags]. Sums are running sums, because numpy's own sums add pairwise. The product adds scan by scan,
in order; doing the same makes every number equal to the last bit.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from definition import Definition, Feature
from features_state import FLAGGED, MEASURED, FeaturesState

Numbers = NDArray[np.float64]

np.seterr(all="ignore")  # 0 / 0 is expected here, and gives NaN


def _sum(numbers: Numbers) -> Numbers:
    """Sums over the scans; there is at least one. Like a loop that starts at 0, it gives 0 where all are -0."""
    total: Numbers = np.add.accumulate(numbers, axis=0)[-1] + 0.0
    return total


class Row(NamedTuple):
    values: list[float]
    sequence: bytes
    completeness: float
    repaired: float


class RowMaker:
    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        tags, features = definition.tags, definition.features
        self._windows = _windows_of(definition)
        self._correlations = _correlations_of(features)
        self._combinations = [
            (at, feature.kind, feature.of[0], feature.of[1])
            for at, feature in enumerate(features)
            if feature.kind in ("product", "ratio", "difference")
        ]
        self._required = np.flatnonzero([tag.required for tag in tags])
        if definition.sequence is not None:
            self._channels = list(definition.sequence.tags)
            normal = np.array([tags[tag].normal for tag in self._channels], float)
            self._middle = (normal[:, 0] + normal[:, 1]) / 2
            self._half = (normal[:, 1] - normal[:, 0]) / 2

    def make(self, state: FeaturesState, end: int) -> Row:
        """:param end: the end of the windows, a multiple of the period"""
        to = end // self._definition.period
        asked = np.arange(to - self._definition.look, to)
        places = asked % state.capacity
        present = state.slots[places] == asked
        places, slots = places[present], asked[present]
        values = state.values[places]
        seconds = (state.times[places] - end) / 1_000.0

        row = np.full(len(self._definition.features), np.nan)
        for window in self._windows:
            start = np.searchsorted(slots, to - window.slots)
            window.fill(row, values[start:], seconds[start:])
        for length, at, a, b in self._correlations:
            start = np.searchsorted(slots, to - length)
            if start < len(slots):
                row[at] = _correlation(values[start:, a], values[start:, b])
        numbers: list[float] = row.tolist()
        for place, kind, first, second in self._combinations:
            numbers[place] = _combine(kind, numbers[first], numbers[second])

        longest = self._definition.longest_window // self._definition.period
        start = np.searchsorted(slots, to - longest)
        marks = state.marks[places[start:]][:, self._required]
        measured = int((marks == MEASURED).sum())
        genuine = measured + int((marks == FLAGGED).sum())
        return Row(
            numbers,
            self._sequence(values, slots, to),
            genuine / (longest * len(self._required)),
            1 - measured / marks.size if marks.size else 0.0,
        )

    def _sequence(self, values: Numbers, slots: NDArray[np.int64], to: int) -> bytes:
        """The sequence as float32 [steps][channels], oldest first."""
        sequence = self._definition.sequence
        if sequence is None:
            return b""
        per_step = sequence.every // self._definition.period
        begin = to - sequence.steps * per_step
        start = np.searchsorted(slots, begin)
        scaled = (values[start:, self._channels] - self._middle) / self._half
        steps = (slots[start:] - begin) // per_step
        into = np.full((sequence.steps, len(self._channels)), np.nan, "<f4")
        scan, channel = np.nonzero(scaled == scaled)
        into[steps[scan], channel] = scaled[scan, channel]
        return into.tobytes()


class _Window:
    """All statistics over windows of one length, and the place of each in the row."""

    def __init__(self, slots: int, definition: Definition) -> None:
        self.slots = slots
        self._period = definition.period
        self._tags = definition.tags
        self._wanted: dict[str, tuple[list[int], list[int]]] = {}

    def want(self, statistic: str, at: int, tag: int) -> None:
        ats, tags = self._wanted.setdefault(statistic, ([], []))
        ats.append(at)
        tags.append(tag)

    def close(self) -> None:
        """Only tags with a statistic are read."""
        used = sorted({tag for _, tags in self._wanted.values() for tag in tags})
        place = {tag: index for index, tag in enumerate(used)}
        self._columns = np.array(used)
        self._goals = [
            (statistic, np.array(ats), np.array([place[tag] for tag in tags]))
            for statistic, (ats, tags) in self._wanted.items()
        ]
        self._low = np.array([self._tags[tag].normal[0] for tag in used], float)
        self._high = np.array([self._tags[tag].normal[1] for tag in used], float)

    def fill(self, row: Numbers, values: Numbers, seconds: Numbers) -> None:
        if len(values) == 0:
            for statistic, ats, _ in self._goals:
                if statistic == "missing":
                    row[ats] = 1.0
            return
        found = self._statistics(values.take(self._columns, axis=1), seconds[:, None])
        for statistic, ats, columns in self._goals:
            row[ats] = found[statistic][columns]

    def _statistics(self, values: Numbers, seconds: Numbers) -> dict[str, Numbers]:
        valid = values == values
        n = valid.sum(axis=0)
        none = n == 0
        mean = _sum(np.where(valid, values, 0.0)) / n
        deviation = np.where(valid, values - mean, 0.0)
        found: dict[str, Numbers] = {"mean": mean, "missing": 1 - n / self.slots}
        if "spread" in self._wanted:
            squares = _sum(deviation * deviation)
            found["spread"] = np.where(n > 1, np.sqrt(squares / (n - 1)), np.nan)
        if "slope" in self._wanted:
            middle = _sum(np.where(valid, seconds, 0.0)) / n
            offset = np.where(valid, seconds - middle, 0.0)
            squares = _sum(offset * offset)
            products = _sum(deviation * offset)
            found["slope"] = np.where(squares > 0, products / squares, np.nan)
        if not self._wanted.keys().isdisjoint(("min", "max", "range")):
            # Takes the first of equal values, because 0 and -0 are equal but have different bits.
            lows = np.where(valid, values, np.inf)
            highs = np.where(valid, values, -np.inf)
            low = np.take_along_axis(lows, lows.argmin(axis=0)[None], axis=0)[0]
            high = np.take_along_axis(highs, highs.argmax(axis=0)[None], axis=0)[0]
            found["min"] = np.where(none, np.nan, low)
            found["max"] = np.where(none, np.nan, high)
            found["range"] = found["max"] - found["min"]
        if "last" in self._wanted:
            newest = len(values) - 1 - valid[::-1].argmax(axis=0)
            found["last"] = np.take_along_axis(values, newest[None], axis=0)[0]
        if "outOfBand" in self._wanted:
            outside = ((values < self._low) | (values > self._high)).sum(axis=0)
            found["outOfBand"] = np.where(
                none, np.nan, outside * self._period / 1_000.0
            )
        return found


def _windows_of(definition: Definition) -> list[_Window]:
    windows: dict[int, _Window] = {}
    for at, feature in enumerate(definition.features):
        if feature.statistic is not None:
            window = windows.setdefault(
                feature.slots, _Window(feature.slots, definition)
            )
            window.want(feature.statistic, at, feature.of[0])
    for window in windows.values():
        window.close()
    return list(windows.values())


def _correlations_of(
    features: tuple[Feature, ...],
) -> list[tuple[int, list[int], list[int], list[int]]]:
    """By length of the window: the places in the row, and the tags."""
    found: dict[int, tuple[list[int], list[int], list[int]]] = defaultdict(
        lambda: ([], [], [])
    )
    for at, feature in enumerate(features):
        if feature.kind == "correlation":
            for into, what in zip(found[feature.slots], (at, *feature.of)):
                into.append(what)
    return [(slots, *lists) for slots, lists in found.items()]


def _correlation(a: Numbers, b: Numbers) -> Numbers:
    both = a + b
    valid = both == both
    n = valid.sum(axis=0)
    x = np.where(valid, a - _sum(np.where(valid, a, 0.0)) / n, 0.0)
    y = np.where(valid, b - _sum(np.where(valid, b, 0.0)) / n, 0.0)
    scale = np.sqrt(_sum(x * x) * _sum(y * y))
    ratio = np.clip(_sum(x * y) / scale, -1.0, 1.0)
    return np.where((n >= 3) & (scale > 0), ratio, np.nan)


def _combine(kind: str, a: float, b: float) -> float:
    if kind == "product":
        return a * b
    if kind == "difference":
        return a - b
    return math.nan if b == 0 else a / b

"""The state of validation for one asset. Values by tag are NaN until they are known."""

from __future__ import annotations

import math
import pickle

from definition import Definition
from recent_values import RecentValues
from sequence_set import Seen, SequenceSet

_MAX_SOURCES = 32
"""The number of sources per asset that are remembered."""


class ValidateState:
    __slots__ = ("latest", "leap", "sources", "last_used", "recent") + (
        ("good", "good_at", "seen", "seen_at", "same_for")
        + ("candidate", "candidate_at", "confirmed")
    )

    def __init__(self, definition: Definition) -> None:
        tags = definition.tags
        self.latest = -math.inf
        self.leap = (0, 0)
        """Readings in a row that are far ahead of the latest: the time of the last, and how many."""
        self.sources: dict[str, SequenceSet] = {}
        self.last_used: dict[str, int] = {}
        self.good = [math.nan] * len(tags)
        self.good_at = [math.nan] * len(tags)
        self.seen = [math.nan] * len(tags)
        self.seen_at = [math.nan] * len(tags)
        self.same_for = [0.0] * len(tags)
        self.candidate = [math.nan] * len(tags)
        self.candidate_at = [math.nan] * len(tags)
        self.confirmed = [0] * len(tags)
        self.recent = [
            RecentValues(tag.anomaly.window) if tag.anomaly else None for tag in tags
        ]

    def note(self, source: str, sequence: int, event_time: int) -> Seen:
        seen = self.sources.get(source)
        if seen is None:
            if len(self.sources) >= _MAX_SOURCES:
                oldest = min(self.last_used, key=self.last_used.__getitem__)
                del self.sources[oldest], self.last_used[oldest]
            seen = self.sources[source] = SequenceSet([], None)
        self.last_used[source] = max(self.last_used.get(source, event_time), event_time)
        return seen.add(sequence)

    def count_leap(self, time: int, leap: int) -> int:
        """Counts a reading that is far ahead; 0 when it is not, or is the third in a row and therefore believed."""
        count = 0
        if self.latest != -math.inf and time > self.latest + leap:
            to, before = self.leap
            count = (before if before > 0 and abs(time - to) <= leap else 0) + 1
        self.leap = (time, count if count < 3 else 0)
        return self.leap[1]

    def to_bytes(self) -> bytes:
        return pickle.dumps(
            (
                self.latest,
                self.leap,
                [(name, s.bounds, s.exact_from) for name, s in self.sources.items()],
                self.last_used,
                [recent and recent.values for recent in self.recent],
                *(self.good, self.good_at, self.seen, self.seen_at, self.same_for),
                *(self.candidate, self.candidate_at, self.confirmed),
            ),
            pickle.HIGHEST_PROTOCOL,
        )

    @classmethod
    def from_bytes(cls, definition: Definition, stored: bytes) -> ValidateState:
        state = cls(definition)
        state.latest, state.leap, *more = pickle.loads(stored)
        sources, state.last_used, recent, *by_tag = more
        state.sources = {name: SequenceSet(*seen) for name, *seen in sources}
        state.recent = [
            RecentValues(tag.anomaly.window, values) if tag.anomaly else None
            for tag, values in zip(definition.tags, recent, strict=True)
        ]
        state.good, state.good_at, state.seen, state.seen_at, *by_tag = by_tag
        state.same_for, state.candidate, state.candidate_at, state.confirmed = by_tag
        return state

"""The state of features for one asset: its recent scans in a ring, the end of the last row, and the pieces."""

from __future__ import annotations

import math
import pickle
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from definition import Definition
from pieces import Pieces

MISSING, MEASURED, FLAGGED, HELD = range(4)
_MARKS = {
    "MEASURED": MEASURED,
    "FLAGGED": FLAGGED,
    "HELD": HELD,
    "MISSING": MISSING,
    "DROPPED": MISSING,
}
_NO_SLOT = np.iinfo(np.int64).min
_HEAD = struct.Struct("<qqq")


class Origin(NamedTuple):
    """Identifies the reading in a place of the ring. A later reading of the same period replaces it."""

    time: int
    sequence: int
    source: str


class FeaturesState:
    __slots__ = ("period", "capacity", "tags", "version", "latest", "made_up_to") + (
        ("slots", "times", "origins", "values", "marks", "pieces", "changed")
    )

    def __init__(self, definition: Definition) -> None:
        self.period = definition.period
        self.capacity = definition.look + -(-definition.grace // definition.period) + 2
        self.tags = len(definition.tags)
        self.version = 0
        """Counts the writes, so that no two states of an asset have the same clock."""
        self.latest: float = -math.inf
        self.made_up_to: float = -math.inf
        self.slots = np.full(self.capacity, _NO_SLOT)
        """The period of the scan in each place of the ring."""
        self.times = np.zeros(self.capacity, np.int64)
        self.origins: list[Origin | None] = [None] * self.capacity
        self.values = np.full((self.capacity, self.tags), np.nan)
        self.marks = np.zeros((self.capacity, self.tags), np.uint8)
        self.pieces = Pieces({}, [])
        self.changed: int | None = None
        """The place whose scan is new since the last write."""

    def has_any(self, start: int, end: int) -> bool:
        """Returns whether there is a scan from `start` (inclusive) to `end` (exclusive)."""
        first, last = start // self.period, (end - 1) // self.period
        return bool(((self.slots >= first) & (self.slots <= last)).any())

    def period_of(self, time: int) -> int:
        """The period of a reading: as in processors/features/scans.ts, the latest scan decides where periods begin."""
        slot = time // self.period
        if time - slot * self.period < 0.75 * self.period:
            return slot
        early = self.latest == -math.inf or self._begins_early(int(self.latest))
        return slot + 1 if early else slot

    def _begins_early(self, time: int) -> bool:
        phase = time % self.period
        if phase < 0.25 * self.period or phase >= 0.9 * self.period:
            return True
        if phase < 0.75 * self.period:
            return False
        following = time // self.period + 1
        place = following % self.capacity
        return bool(self.slots[place] == following and self.times[place] == time)

    def put(self, reading: dict[str, Any], slot: int) -> Origin | None:
        """Adds a reading. If the period had one already, returns the origin of the reading that is dropped."""
        origin = Origin(reading["eventTime"], reading["sequence"], reading["source"])
        place = slot % self.capacity
        yielding = None
        if self.slots[place] == slot:
            yielding = self.origins[place]
            if yielding is not None and yielding > origin:
                return origin
        measurements = reading["measurements"]
        self._set(
            place,
            slot,
            origin,
            [math.nan if m["value"] is None else m["value"] for m in measurements],
            [_MARKS[m["treatment"]] for m in measurements],
        )
        return yielding

    def _set(
        self, place: int, slot: int, origin: Origin, values: Any, marks: Any
    ) -> None:
        self.slots[place] = slot
        self.times[place] = origin.time
        self.origins[place] = origin
        self.values[place] = values
        self.marks[place] = marks
        self.changed = place

    def take_changed(self) -> int | None:
        place, self.changed = self.changed, None
        return place

    def clock_to_bytes(self) -> bytes:
        self.version += 1
        clock = (self.version, self.latest, self.made_up_to)
        pieces = (self.pieces.facts, self.pieces.waiting)
        return pickle.dumps((clock, pieces), pickle.HIGHEST_PROTOCOL)

    def scan_to_bytes(self, place: int) -> bytes:
        origin = self.origins[place]
        assert origin is not None
        head = _HEAD.pack(int(self.slots[place]), origin.time, origin.sequence)
        values: bytes = self.values[place].tobytes()
        marks: bytes = self.marks[place].tobytes()
        return head + values + marks + origin.source.encode()

    @classmethod
    def from_bytes(
        cls,
        definition: Definition,
        clock: bytes,
        scan_at: Callable[[int], bytes | None],
    ) -> FeaturesState:
        """:param scan_at: returns the stored bytes for a place in the ring"""
        state = cls(definition)
        (state.version, state.latest, state.made_up_to), pieces = pickle.loads(clock)
        state.pieces = Pieces(*pieces)
        for place in range(state.capacity):
            stored = scan_at(place)
            if stored is not None:
                state._read_scan(place, stored)
        state.changed = None
        return state

    def _read_scan(self, place: int, stored: bytes) -> None:
        slot, time, sequence = _HEAD.unpack_from(stored)
        values = np.frombuffer(stored, "<f8", self.tags, _HEAD.size)
        marks = np.frombuffer(stored, np.uint8, self.tags, _HEAD.size + values.nbytes)
        source = stored[_HEAD.size + values.nbytes + marks.nbytes :].decode()
        self._set(place, slot, Origin(time, sequence, source), values, marks)

"""The sequence numbers of one source that were seen, as at most 64 exact intervals."""

from __future__ import annotations

from enum import Enum

_MAX_INTERVALS = 64


class Seen(Enum):
    NEW = 0
    SEEN = 1
    UNSURE = 2


class SequenceSet:
    __slots__ = ("bounds", "exact_from")

    def __init__(self, bounds: list[int], exact_from: int | None) -> None:
        self.bounds = bounds
        """The bounds of closed intervals: low, high, low, high …, ascending."""
        self.exact_from = exact_from
        """Gaps below this number count as seen."""

    def add(self, sequence: int) -> Seen:
        bounds = self.bounds
        if bounds and sequence == bounds[-1] + 1:
            bounds[-1] = sequence
            return Seen.NEW
        at = len(bounds)
        if bounds and sequence <= bounds[-1]:
            at = 0
            while bounds[at + 1] < sequence:
                at += 2
        closed = self.exact_from is not None and sequence < self.exact_from
        if at < len(bounds) and bounds[at] <= sequence:
            return Seen.UNSURE if closed else Seen.SEEN
        if closed:
            return Seen.UNSURE
        self._insert(at, sequence)
        return Seen.NEW

    def _insert(self, at: int, sequence: int) -> None:
        bounds = self.bounds
        joins_lower = at > 0 and bounds[at - 1] == sequence - 1
        joins_upper = at < len(bounds) and bounds[at] == sequence + 1
        if joins_lower and joins_upper:
            del bounds[at - 1 : at + 1]
        elif joins_lower:
            bounds[at - 1] = sequence
        elif joins_upper:
            bounds[at] = sequence
        else:
            bounds[at:at] = (sequence, sequence)
        if len(bounds) > 2 * _MAX_INTERVALS:
            self.exact_from = bounds[2]
            del bounds[1:3]

"""The last good values of a tag, in order of arrival and sorted, for their median and median absolute deviation."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable


class RecentValues:
    __slots__ = ("size", "values", "ordered")

    def __init__(self, size: int, values: Iterable[float] = ()) -> None:
        self.size = size
        self.values = list(values)
        """The values, oldest first."""
        self.ordered = sorted(self.values)

    def is_ready(self) -> bool:
        """Returns whether there are enough values to judge by: half the size."""
        return len(self.values) >= self.size / 2

    def median(self) -> float:
        return _middle(self.ordered)

    def mad(self) -> float:
        median = self.median()
        return _middle(sorted(abs(value - median) for value in self.ordered))

    def push(self, value: float) -> None:
        if len(self.values) == self.size:
            gone = self.values.pop(0)
            del self.ordered[bisect_left(self.ordered, gone)]
        self.values.append(value)
        self.ordered.insert(bisect_left(self.ordered, value), value)


def _middle(ascending: list[float]) -> float:
    count = len(ascending)
    if count == 0:
        return math.nan
    half = count >> 1
    if count % 2 == 1:
        return ascending[half]
    return (ascending[half - 1] + ascending[half]) / 2

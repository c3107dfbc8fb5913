"""
Keeps decoded states in addition to the bytes that Quix Streams stores. For each record the bytes are read, but they are
decoded only if this process did not write them last: after a start, or when another process had the partition.
"""

from __future__ import annotations

from typing import Generic, TypeVar

S = TypeVar("S")


class Decoded(Generic[S]):
    def __init__(self) -> None:
        self._known: dict[str, tuple[bytes, S]] = {}

    def get(self, key: str, stored: bytes) -> S | None:
        known = self._known.get(key)
        return known[1] if known is not None and known[0] == stored else None

    def put(self, key: str, stored: bytes, state: S) -> None:
        self._known[key] = (stored, state)

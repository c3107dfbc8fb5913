"""
Decoded states beside those that Quix Streams keeps as bytes. With each record the bytes are looked up, and decoded only
if they are not those that were written last: after a start, or when the partition was elsewhere in between.
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

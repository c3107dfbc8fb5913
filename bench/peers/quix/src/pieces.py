"""
The piece on the asset at a given time. Events up to the watermark are merged into one per level; later ones are kept.
"""

from __future__ import annotations

from typing import Any

from definition import Definition

Record = dict[str, Any]
_MAX_WAITING = 4096


class Pieces:
    __slots__ = ("facts", "waiting")

    def __init__(self, facts: dict[str, Record], waiting: list[Record]) -> None:
        self.facts = facts
        """By level: the last event, merged with earlier ones. Its `id` is None after the piece has ended."""
        self.waiting = waiting
        """The events after the watermark, in order."""

    def take(self, event: Record, definition: Definition) -> None:
        fact = self.facts.get(event["level"])
        if fact is not None and _order(event) <= _order(fact):
            return
        at = len(self.waiting)
        while at > 0:
            before = self.waiting[at - 1]
            if _order(before) < _order(event):
                break
            if _order(before) == _order(event) and before["level"] == event["level"]:
                return
            at -= 1
        if len(self.waiting) >= _MAX_WAITING:
            return
        kept = {
            name: value
            for name, value in event["properties"].items()
            if name in definition.properties
        }
        self.waiting.insert(at, {**event, "properties": kept})

    def fold_before(self, watermark: int) -> None:
        folded = 0
        for event in self.waiting:
            if event["eventTime"] >= watermark:
                break
            _apply(self.facts, event)
            folded += 1
        if folded:
            del self.waiting[:folded]

    def at(self, levels: tuple[str, ...], end: int) -> dict[str, str]:
        now = self.facts
        for event in self.waiting:
            if event["eventTime"] >= end:
                break
            if now is self.facts:
                now = dict(now)
            _apply(now, event)
        piece: dict[str, str] = {}
        for level in levels:
            fact = now.get(level)
            if fact is not None and fact["id"] is not None:
                piece.update(fact["properties"])
                piece[level] = fact["id"]
        return piece


def _order(event: Record) -> tuple[int, int, str]:
    return event["eventTime"], event["sequence"], event["source"]


def _apply(facts: dict[str, Record], event: Record) -> None:
    level = event["level"]
    before = facts.get(level)
    if event["type"] == "STARTED":
        facts[level] = event
    elif event["type"] == "CHANGED":
        properties = {**before["properties"]} if before else {}
        facts[level] = {**event, "properties": properties | event["properties"]}
    elif before is not None and event["id"] != before["id"]:  # another piece has started
        kept = {"id": before["id"], "properties": before["properties"]}
        facts[level] = event | kept
    else:
        facts[level] = event | {"id": None, "properties": {}}

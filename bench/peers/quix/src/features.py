"""Takes validated readings and MES events. Gives feature rows, and rejections of readings that no row can use."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import plain
from checks import Finding
from definition import Definition
from features_state import FeaturesState, Origin
from outputs import Output
from row_maker import RowMaker
from validation import rejection

Record = dict[str, Any]


class Features:
    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._rows = RowMaker(definition)

    def take_event(self, event: Record, key: str, state: FeaturesState) -> None:
        definition = self._definition
        if (
            key != event["asset"]
            or not definition.is_known_asset(key)
            or event["level"] not in definition.levels
        ):
            raise ValueError("an event that the product would call a dead letter")
        state.pieces.take(event, definition)

    def take_reading(self, reading: Record, state: FeaturesState) -> Iterator[Output]:
        time = reading["eventTime"]
        slot = state.period_of(time)
        if time > state.latest:
            yield from self._make_rows(
                reading["asset"], state, time - self._definition.grace
            )
            state.latest = time
        if time < state.made_up_to:
            origin = Origin(time, reading["sequence"], reading["source"])
            after = plain.duration(state.made_up_to - time)
            late = Finding("LATE", f"rows have been made up to {after} after it")
            yield _rejected(reading["asset"], origin, late)
            return
        yielding = state.put(reading, slot)
        if yielding is not None:
            detail = "a later reading of the same period counts instead"
            yield _rejected(reading["asset"], yielding, Finding("OTHER", detail))

    def _make_rows(
        self, asset: str, state: FeaturesState, watermark: int
    ) -> Iterator[Output]:
        """Gives every row whose windows end at or before the watermark."""
        definition = self._definition
        hop, window = definition.hop, definition.longest_window
        last = watermark // hop * hop
        if state.made_up_to == -math.inf:
            state.made_up_to = last
        for end in range(int(state.made_up_to) + hop, last + 1, hop):
            if end - window > state.latest + definition.period:
                break
            if state.has_any(end - window, end):
                yield self._row(asset, state, end)
        state.made_up_to = max(state.made_up_to, last)
        state.pieces.fold_before(watermark)

    def _row(self, asset: str, state: FeaturesState, end: int) -> Output:
        row = self._rows.make(state, end)
        record = {
            "asset": asset,
            "eventTime": end,
            "featureSet": self._definition.feature_set,
            "values": row.values,
            "sequence": row.sequence,
            "completeness": row.completeness,
            "repaired": row.repaired,
            "piece": state.pieces.at(self._definition.levels, end),
        }
        return Output("features", record)


def _rejected(asset: str, origin: Origin, found: Finding) -> Output:
    reading = {
        "asset": asset,
        "eventTime": origin.time,
        "sequence": origin.sequence,
        "source": origin.source,
    }
    finding = {
        "tag": None,
        "value": None,
        "reason": found.reason,
        "treatment": "DROPPED",
        "detail": found.detail,
    }
    return Output("rejectedReadings", rejection(reading, (-1, -1), True, [finding]))

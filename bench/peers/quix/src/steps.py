"""The two steps. Quix Streams' stores keep their states."""

from __future__ import annotations

from typing import Any

from quixstreams import State, message_context

from decoded import Decoded
from definition import Definition
from features import Features
from features_state import FeaturesState
from outputs import Headers, Output
from validate_state import ValidateState
from validation import Validation

_STATE = b"state"
_CLOCK = b"clock"


class ValidateStep:
    """Takes readings. Gives validated readings and rejections. The state of an asset is one entry."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._validation = Validation(definition)
        self._decoded: Decoded[ValidateState] = Decoded()

    def process(
        self,
        reading: dict[str, Any],
        key: str,
        timestamp: int,
        headers: Headers,
        store: State[bytes, Any],
    ) -> list[Output]:
        state = self._load(key, store)
        place = message_context()
        judged = self._validation.judge(
            reading, key, timestamp, place.partition, place.offset, state
        )
        stored = state.to_bytes()
        store.set_bytes(_STATE, stored)
        self._decoded.put(key, stored, state)
        outputs = []
        if judged.validated is not None:
            outputs.append(Output("validatedReadings", judged.validated))
        if judged.rejected is not None:
            outputs.append(Output("rejectedReadings", judged.rejected))
        return outputs

    def _load(self, key: str, store: State[bytes, Any]) -> ValidateState:
        stored = store.get_bytes(_STATE)
        if stored is None:
            return ValidateState(self._definition)
        known = self._decoded.get(key, stored)
        return known or ValidateState.from_bytes(self._definition, stored)


class FeaturesStep:
    """
    Takes validated readings and MES events. Gives feature rows and rejections. The state of an asset has one entry for
    its clock and pieces, written with each record, and one for each scan, written once.
    """

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._features = Features(definition)
        self._decoded: Decoded[FeaturesState] = Decoded()

    def process(
        self,
        value: Output | dict[str, Any],
        key: str,
        timestamp: int,
        headers: Headers,
        store: State[bytes, Any],
    ) -> list[Output]:
        state = self._load(key, store)
        outputs: list[Output] = []
        if isinstance(value, Output):
            outputs.extend(self._features.take_reading(value.record, state))
        else:
            self._features.take_event(value, key, state)
        place = state.take_changed()
        if place is not None:
            store.set_bytes(_scan_key(place), state.scan_to_bytes(place))
        clock = state.clock_to_bytes()
        store.set_bytes(_CLOCK, clock)
        self._decoded.put(key, clock, state)
        return outputs

    def _load(self, key: str, store: State[bytes, Any]) -> FeaturesState:
        clock = store.get_bytes(_CLOCK)
        if clock is None:
            return FeaturesState(self._definition)
        return self._decoded.get(key, clock) or FeaturesState.from_bytes(
            self._definition, clock, lambda place: store.get_bytes(_scan_key(place))
        )


def _scan_key(place: int) -> bytes:
    return b"scan" + place.to_bytes(2)

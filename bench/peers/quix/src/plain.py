"""Formats numbers and times for the details of rejections, in the same way as JavaScript."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal

from definition import Tag

_SIX_DIGITS = Context(prec=6, rounding=ROUND_HALF_UP)


def number(value: float) -> str:
    """Formats a number with at most six digits."""
    if not math.isfinite(value):
        return not_finite(value)
    return _text(_SIX_DIGITS.create_decimal(Decimal(value)))


def not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def with_unit(value: float, tag: Tag) -> str:
    return f"{number(value)} {tag.unit}".rstrip()


def duration(ms: float) -> str:
    """`500 ms`, `60 s`, `10 min`, `2 h`"""
    if ms < 1_000:
        return f"{_shortest(ms)} ms"
    if ms < 120_000:
        return f"{_shortest(ms / 1_000)} s"
    if ms < 7_200_000:
        return f"{_shortest(ms / 60_000)} min"
    return f"{_shortest(ms / 3_600_000)} h"


def iso_time(ms: int) -> str:
    seconds, rest = divmod(ms, 1_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


def _shortest(value: float) -> str:
    return _text(Decimal(repr(value)))


def _text(value: Decimal) -> str:
    if not value:
        return "0"
    value = value.normalize()
    exponent = value.adjusted()
    if -7 <= exponent < 21:
        return f"{value:f}"
    sign = "-" if value < 0 else ""
    first, *more = (str(digit) for digit in value.as_tuple().digits)
    digits = f"{first}.{''.join(more)}" if more else first
    return f"{sign}{digits}e{exponent:+d}"

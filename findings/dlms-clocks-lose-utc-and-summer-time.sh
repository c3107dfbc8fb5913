#!/usr/bin/env bash
# The clock of an energy meter (DLMS/COSEM date-time with its deviation from UTC), in two Python libraries.
#
# Expected: a date-time whose deviation is 0 is UTC, and one whose deviation is 0x8000 has none. Local time in July in Vienna
#           is UTC+2, so its deviation is -120 minutes (0xff88).
# Seen:     dlms-cosem reads deviation 0 as a datetime without an offset, the same as "not specified"; +01:00 and +02:00 stay.
#           So its own UTC datetime comes back naive. gurux-dlms writes a plain local datetime of July in Vienna with
#           deviation -60 (0xffc4), the winter's, and with the summer-time bit of the status byte clear:
#           dlms-cosem reads 12:00+01:00, an hour late. A datetime with its offset is written right by both.
# Why it matters for a plant: meters that run on UTC, as utilities ask, are read as local time, one or two hours off, and
#           a clock that is set in summer is an hour wrong. Energy per heat then goes to the neighbour heat.
#           Hand over an offset when writing, and take a naive time from a meter that runs on UTC for UTC.
# Versions: dlms-cosem 25.1.0, gurux-dlms 1.0.203. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check dlms-cosem==25.1.0 gurux-dlms==1.0.203

cat > clock.py <<'PY'
from datetime import datetime, timedelta, timezone

from dlms_cosem import time as cosem
from gurux_dlms import GXByteBuffer, GXDateTime
from gurux_dlms.enums import DataType
from gurux_dlms.internal._GXCommon import _GXCommon


def by_gurux(moment):
    out = GXByteBuffer()
    _GXCommon.setData(None, out, DataType.OCTET_STRING, GXDateTime(moment))
    return bytes(out.array())[2:]


summer = timezone(timedelta(hours=2))
seen = {}
for writer, write in {"dlms-cosem": cosem.datetime_to_bytes, "gurux": by_gurux}.items():
    for moment in [datetime(2026, 7, 15, 12, tzinfo=summer), datetime(2026, 7, 15, 12, tzinfo=timezone.utc), datetime(2026, 7, 15, 12)]:
        written = write(moment)
        read, status = cosem.datetime_from_bytes(written)
        summer_bit = status.daylight_saving_active
        seen[writer, str(moment)[11:]] = (written[9:11].hex(), str(read)[11:], summer_bit)
        print(writer.ljust(10), "writes", moment, "with deviation", written[9:11].hex(), "- dlms-cosem reads", read, "- summer bit", summer_bit)
assert seen == {
    ("dlms-cosem", "12:00:00+02:00"): ("ff88", "12:00:00+02:00", False),
    ("dlms-cosem", "12:00:00+00:00"): ("0000", "12:00:00", False),
    ("dlms-cosem", "12:00:00"): ("8000", "12:00:00", False),
    ("gurux", "12:00:00+02:00"): ("ff88", "12:00:00+02:00", False),
    ("gurux", "12:00:00+00:00"): ("0000", "12:00:00", False),
    ("gurux", "12:00:00"): ("ffc4", "12:00:00+01:00", False),
}, seen
PY
TZ=Europe/Vienna venv/bin/python clock.py

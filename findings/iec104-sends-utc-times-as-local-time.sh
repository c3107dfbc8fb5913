#!/usr/bin/env bash
# The time tag of a measured value of IEC 60870-5-104, given as a datetime with an offset.
#
# Expected: 12:00+00:00 and 14:00+02:00 are one moment and give the same time tag; 12:00+02:00 gives another one.
# Seen:     c104 drops the offset and takes the clock reading for local time of the machine. In Vienna in July
#           12:00+00:00, 12:00+02:00 and plain 12:00 go out as the same bytes, hour 10 (UTC). 14:00+02:00, the
#           same moment as the first, goes out as hour 12. On a machine in UTC the error is not seen.
#           The reader gets the time back as local time without an offset.
# Why it matters for a plant: a gateway that works in UTC, as it should, re-dates each value by an hour or two, and the
#           order against the PLC's own events is lost. Hand over local time without an offset, or run in UTC.
# Versions: c104 2.2.1. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check c104==2.2.1

cat > tag.py <<'PY'
import socket
import time
from datetime import datetime, timedelta, timezone

import c104

probe = socket.socket()
probe.bind(("127.0.0.1", 0))
port = probe.getsockname()[1]
probe.close()
kind = c104.Type.M_ME_TF_1
server = c104.Server(ip="127.0.0.1", port=port, tick_rate_ms=100, select_timeout_ms=100)
point = server.add_station(common_address=47).add_point(io_address=11, type=kind)
server.start()
client = c104.Client(tick_rate_ms=100, command_timeout_ms=2000)
connection = client.add_connection(ip="127.0.0.1", port=port, init=c104.Init.NONE)
seen = connection.add_station(common_address=47).add_point(io_address=11, type=kind)
messages = []


def raw(connection: c104.Connection, data: bytes) -> None:
    messages.append(bytes(data))


connection.on_receive_raw(callable=raw)
client.start()
connection.connect()
for _ in range(100):
    if connection.state == c104.ConnectionState.OPEN:
        break
    time.sleep(0.1)
time.sleep(0.5)
vienna = timezone(timedelta(hours=2))
hours = {}
for moment in [
    datetime(2026, 7, 1, 12, tzinfo=timezone.utc),
    datetime(2026, 7, 1, 14, tzinfo=vienna),
    datetime(2026, 7, 1, 12, tzinfo=vienna),
    datetime(2026, 7, 1, 12),
]:
    point.info = c104.ShortInfo(actual=1550.5, recorded_at=moment)
    assert point.transmit(cause=c104.Cot.SPONTANEOUS)
    time.sleep(0.4)
    tag = [m for m in messages if len(m) > 6 and m[6] == 36][-1][-7:]  # 36 is M_ME_TF_1, the tag is CP56Time2a
    hours[str(moment)[11:]] = tag[3] & 0x1F
    print(moment, "-> bytes", tag.hex(" "), "hour", tag[3] & 0x1F, "- read as", seen.recorded_at)
assert hours == {"12:00:00+00:00": 10, "14:00:00+02:00": 12, "12:00:00+02:00": 10, "12:00:00": 10}, hours
connection.disconnect()
client.stop()
server.stop()
PY
TZ=Europe/Vienna venv/bin/python tag.py

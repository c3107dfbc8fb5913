#!/usr/bin/env bash
# A measured value of IEC 60870-5-104 in a client, before the first message and after the line is lost.
#
# Expected: a point that no message has reached has no value, or is marked invalid or not topical. When the connection
#           goes, its points are not good any more: IEC 104 has a quality bit for that (NT, not topical).
# Seen:     with c104 (lib60870) a client's point reads 0.0 with good quality from the moment it is created; its
#           time of processing is the moment of its creation. After the client disconnects, the last value
#           stays, still good. Only recorded_at (null for types without a time tag) and the connection's state tell.
# Why it matters for a plant: substations, furnaces and water works speak IEC 104. A collector that writes what its points
#           hold stores 0 kV with good quality at each start, and a flat line while the line is down. Take values
#           from the receive callback only, and mark them stale by the connection's state.
# Versions: c104 2.2.1. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check c104==2.2.1

cat > point.py <<'PY'
import datetime
import socket
import time

import c104

probe = socket.socket()
probe.bind(("127.0.0.1", 0))
port = probe.getsockname()[1]
probe.close()
started = datetime.datetime.now()
kind = c104.Type.M_ME_NC_1
server = c104.Server(ip="127.0.0.1", port=port, tick_rate_ms=100, select_timeout_ms=100)
voltage = server.add_station(common_address=47).add_point(io_address=11, type=kind)
server.start()
client = c104.Client(tick_rate_ms=100, command_timeout_ms=2000)
connection = client.add_connection(ip="127.0.0.1", port=port, init=c104.Init.NONE)
station = connection.add_station(common_address=47)
seen = station.add_point(io_address=11, type=kind)
never_sent = station.add_point(io_address=99, type=kind)


def show(moment):
    state = [(point.value, point.quality.is_good()) for point in (seen, never_sent)]
    print(moment.ljust(24), "value and good:", state[0], " never sent:", state[1])
    return state


before = show("before connecting")
client.start()
connection.connect()
for _ in range(100):
    if connection.state == c104.ConnectionState.OPEN:
        break
    time.sleep(0.1)
time.sleep(0.5)
voltage.value = 110.5
assert voltage.transmit(cause=c104.Cot.SPONTANEOUS)
time.sleep(0.5)
during = show("after one message")
connection.disconnect()
time.sleep(1)
after = show("after the disconnect")
print("state", connection.state, "- never sent, but processed at", never_sent.processed_at)
assert before == [(0.0, True), (0.0, True)]
assert during == after == [(110.5, True), (0.0, True)]
assert never_sent.processed_at is not None and never_sent.recorded_at is None
client.stop()
server.stop()
PY
TZ=UTC venv/bin/python point.py

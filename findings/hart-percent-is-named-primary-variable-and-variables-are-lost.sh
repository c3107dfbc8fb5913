#!/usr/bin/env bash
# Answers of a HART temperature transmitter (loop current, percent of range, four variables), decoded by two Python libraries.
#
# Expected: command 2 answers the loop current and the percent of range, command 3 the loop current and up to four variables.
#           A transmitter in burst mode sends the same by itself. The final assembly number has three bytes.
# Seen:     hart-protocol stores the percent of command 2 as `primary_variable`, the name under which commands 1 and 3
#           give the temperature: 1550 degC at command 1, 96.875 at command 2. Of command 3 it keeps two of four variables.
#           A burst frame (start byte 0x81) is skipped without a word. In the answer to a write (command 19) the assembly
#           number 74565 is 291: the third byte is missing. hartip-py reads all of it, from the same payload.
# Why it matters for a plant: a poller that takes `primary_variable` of whatever answer it gets writes percent among temperatures; cold
#           junction and second element (third and fourth variable) never arrive; with burst on, nothing does. Take the
#           payload apart by command number, and count frames against what the device sends.
# Versions: hart-protocol 2023.6.0, hartip-py 0.5.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check hart-protocol==2023.6.0 hartip-py==0.5.0

cat > decode.py <<'PY'
import io
import struct
from functools import reduce
from operator import xor

import hartip
from hart_protocol import Unpacker

DEGC = 32


class Line(io.BytesIO):
    @property
    def in_waiting(self):
        return len(self.getvalue()) - self.tell()


def frame(command, payload, start=0x86):
    address = "e606123456" if start == 0x81 else "a606123456"  # bit 6: the sender is in burst mode
    body = bytes([start]) + bytes.fromhex(address) + bytes([command, len(payload) + 2, 0, 0]) + payload
    return b"\xff" * 5 + body + bytes([reduce(xor, body)])


def by_hart_protocol(data):
    return [message._asdict() for message in Unpacker(Line(data), on_error="continue")]


one = struct.pack(">Bf", DEGC, 1550.0)
two = struct.pack(">ff", 19.5, 96.875)
three = struct.pack(">fBfBfBfBf", 19.5, DEGC, 1550.0, DEGC, 41.5, DEGC, 1551.0, DEGC, 38.25)
number = (74565).to_bytes(3, "big")

[first], [second], [third], [written], burst = (
    by_hart_protocol(frame(1, one)),
    by_hart_protocol(frame(2, two)),
    by_hart_protocol(frame(3, three)),
    by_hart_protocol(frame(19, number)),
    by_hart_protocol(frame(3, three, start=0x81)),
)
print("hart-protocol: command 1", first["primary_variable"], "- command 2", second["primary_variable"], "- command 19", written["final_assembly_no"])
print("hart-protocol: command 3", {name: value for name, value in third.items() if "variable" in name}, "- as burst:", burst)
print("hartip-py: command 2", hartip.parse_cmd2(two), "- command 19", hartip.parse_cmd19(number))
variables = hartip.parse_cmd3(three)["variables"]
print("hartip-py: command 3", [(variable.label, variable.value) for variable in variables])

assert (first["primary_variable"], second["primary_variable"], third["primary_variable"]) == (1550.0, 96.875, 1550.0)
assert [value for name, value in third.items() if name.endswith("_variable")] == [1550.0, 41.5] and burst == []
assert written["final_assembly_no"] == 291 and 74565 in hartip.parse_cmd19(number).values()
assert hartip.parse_cmd2(two)["percent_range"] == 96.875
assert [variable.value for variable in variables] == [1550.0, 41.5, 1551.0, 38.25]
PY
venv/bin/python decode.py

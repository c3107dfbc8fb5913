#!/usr/bin/env bash
# Values of a building bus (KNX: hall temperatures, fans, louvres), coded and decoded by two JavaScript libraries and one Python library.
#
# Expected: data point type 8.010 (difference in percent) counts in 0.01 %: -5.25 % is fd f3. 7f ff of type 9 (two-byte float)
#           means "invalid data". A value that type 9 cannot hold is rounded to the nearest one.
# Seen:     knx and knxultimate (npm) write -5.25 % as ff fb, which xknx reads as -0.05 %, and read fd f3 as -525 %; their
#           table gives the unit "%". 7f ff of a temperature is 670760.96 °C in both; xknx refuses it. Both cut type 9
#           towards zero: 1550 is written as 1548.8 (xknx 1550.08), 1.15 as 1.14. Types 6, 8.001, 12, 13 and 14 are right
#           in all three.
# Why it matters for a plant: a correction of a fan or louvre acts by a hundredth or a hundredfold once two makers meet on one bus,
#           a sensor that says "invalid" puts 670760.96 into the mean of the hall, and values from one side
#           lie a step lower than from the other. Scale 8.010 yourself, drop 7f ff, write rounded values.
# Versions: knx 2.5.4, knxultimate 5.4.0, xknx 4.0.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund --ignore-scripts knx@2.5.4 knxultimate@5.4.0 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check xknx==4.0.0

cat > write.cjs <<'JS'
const fs = require('node:fs');
const libraries = { knx: require('knx/src/dptlib'), knxultimate: require('knxultimate').dptlib };
const values = [
  ['8.010', -5.25], ['9.001', 1550], ['9.001', 1.15], ['9.001', -5.5],
  ['6.010', -1], ['8.001', -32768], ['12.001', 4294967295], ['13.010', -5], ['14.056', -12.5],
];
const rows = [];
for (const [type, value] of values) {
  const row = { type, value };
  for (const [name, library] of Object.entries(libraries)) {
    const point = {};
    library.populateAPDU(value, point, `DPT${type}`);
    row[name] = Buffer.from(point.data).toString('hex');
  }
  rows.push(row);
}
const read = {};
for (const [type, hex] of [['8.010', 'fdf3'], ['9.001', '7fff']]) {
  for (const [name, library] of Object.entries(libraries)) {
    const point = library.resolve(`DPT${type}`);
    (read[hex] ??= {})[name] = [library.fromBuffer(Buffer.from(hex, 'hex'), point), point.subtype.unit];
  }
}
fs.writeFileSync('seen.json', JSON.stringify({ rows, read }));
process.exit(0);
JS
node write.cjs > log 2>&1 || { cat log >&2; exit 1; }

cat > read.py <<'PY'
import json

from xknx.dpt import DPTArray, DPTBase
from xknx.exceptions import ConversionError


def transcoder(kind):
    return DPTBase.transcoder_by_dpt(*(int(part) for part in kind.split(".")))


def by_xknx(kind, text):
    return transcoder(kind).from_knx(DPTArray(tuple(bytes.fromhex(text))))


with open("seen.json") as file:
    seen = json.load(file)
written = {}
for row in seen["rows"]:
    kind, value = row["type"], row["value"]
    own = bytes(transcoder(kind).to_knx(value).value).hex()
    read = by_xknx(kind, row["knx"])
    print(kind.ljust(6), str(value).rjust(10), "knx", row["knx"], "knxultimate", row["knxultimate"], "xknx", own, "- xknx reads", read, "and", by_xknx(kind, own))
    assert row["knx"] == row["knxultimate"]
    if row["knx"] != own:
        written[kind, value] = (read, by_xknx(kind, own))
assert written == {
    ("8.010", -5.25): (-0.05, -5.25),
    ("9.001", 1550): (1548.8, 1550.08),
    ("9.001", 1.15): (1.14, 1.15),
}, written
print(seen["read"], "- xknx reads fdf3 as", by_xknx("8.010", "fdf3"))
assert seen["read"] == {
    "fdf3": {"knx": [-525, "%"], "knxultimate": [-525, "%"]},
    "7fff": {"knx": [670760.96, "°C"], "knxultimate": [670760.96, "°C"]},
}
assert by_xknx("8.010", "fdf3") == -5.25
try:
    by_xknx("9.001", "7fff")
    raise SystemExit("xknx takes 7fff")
except ConversionError as error:
    print("xknx on 7fff:", error)
PY
venv/bin/python read.py

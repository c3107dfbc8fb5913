#!/usr/bin/env bash
# CAN frames of a mould and its DBC file, decoded by two Python libraries and one JavaScript library.
#
# Expected: a DBC file fixes what each bit means. Three decoders give the same values, or one says what it cannot do.
# Seen:     cantools and canmatrix agree throughout. candied (npm), whose readme lists the decoding of all types:
#           - signed signals in Motorola order: -7.7 K comes as -127.9 K, a 16-bit one as NaN; an unsigned 345.6 l/min
#             as 162.9 l/min;
#           - IEEE floats (SIG_VALTYPE_) as their bits: 1550.5 as 1153552384;
#           - multiplexed signals all at once, with the bits of the one that is in the frame;
#           - raw 255, which VAL_ calls "not available", as 210 °C: the value is cut to the signal's maximum. cantools
#             gives the text, canmatrix 215 °C, which a range check catches.
# Why it matters for a plant: each wrong value lies inside the sensor's range. Decode with cantools' rules, keep the raw
#           value, and try a decoder on frames whose values are known.
# Versions: candied 2.2.0, cantools 45.1.0, canmatrix 1.3.3. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund candied@2.2.0 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check canmatrix==1.3.3 cantools==45.1.0

cat > mould.dbc <<'DBC'
VERSION ""
NS_ :
BS_:
BU_: PLC LEVEL2
BO_ 256 Mould: 8 PLC
 SG_ Level : 7|16@0- (0.01,0) [-327|327] "mm" LEVEL2
 SG_ Flow : 23|12@0+ (0.1,0) [0|409.5] "l/min" LEVEL2
 SG_ Rise : 27|12@0- (0.1,0) [-204|204] "K" LEVEL2
BO_ 512 Steel: 4 PLC
 SG_ Steel : 0|32@1- (1,0) [0|0] "degC" LEVEL2
BO_ 1024 Pages: 4 PLC
 SG_ Page M : 0|8@1+ (1,0) [0|255] "" LEVEL2
 SG_ First m0 : 8|16@1+ (0.1,0) [0|0] "" LEVEL2
 SG_ Second m1 : 8|16@1+ (0.1,0) [0|0] "" LEVEL2
BO_ 1282 Water: 1 PLC
 SG_ Water : 0|8@1+ (1,-40) [-40|210] "degC" LEVEL2
VAL_ 1282 Water 255 "not available" ;
SIG_VALTYPE_ 512 Steel : 1;
DBC

cat > decode.py <<'PY'
import json

import cantools
import canmatrix.formats

database, matrix = cantools.database.load_file("mould.dbc"), canmatrix.formats.loadp_flat("mould.dbc")
frames = {
    256: database.encode_message(256, {"Level": -12.34, "Flow": 345.6, "Rise": -7.7}),
    512: database.encode_message(512, {"Steel": 1550.5}),
    1024: database.encode_message(1024, {"Page": 1, "Second": 12.5}),
    1282: b"\xff",
}
json.dump({number: list(data) for number, data in frames.items()}, open("frames.json", "w"))
for number, data in frames.items():
    one = database.decode_message(number, data)
    other = matrix.frame_by_id(canmatrix.ArbitrationId(number)).decode(data)
    print("cantools ", number, {name: str(value) for name, value in one.items()})
    numbers = {name: float(signal.phys_value) for name, signal in other.items()}
    print("canmatrix", number, numbers)
    if number == 1282:
        assert str(one["Water"]) == "not available" and numbers == {"Water": 215.0}
    else:
        assert numbers == one
PY
venv/bin/python decode.py

cat > decode.cjs <<'JS'
const assert = require('node:assert');
const fs = require('node:fs');
const { Can, Dbc } = require('candied');
const can = new Can();
can.database = new Dbc().load(fs.readFileSync('mould.dbc', 'utf8'));
const seen = {};
for (const [number, bytes] of Object.entries(JSON.parse(fs.readFileSync('frames.json', 'utf8')))) {
  const message = can.decode(can.createFrame(Number(number), bytes));
  for (const [name, signal] of message.boundSignals) seen[name] = signal.value;
}
console.log('candied  ', seen);
assert.deepStrictEqual(seen, {
  Level: NaN, Flow: 162.9, Rise: -127.9, Steel: 1153552384, Page: 1, First: 12.5, Second: 12.5, Water: 210,
});
JS
node decode.cjs

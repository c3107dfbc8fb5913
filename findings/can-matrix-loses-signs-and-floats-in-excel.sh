#!/usr/bin/env bash
# A CAN matrix (DBC) that goes to the supplier as an Excel sheet and comes back, with canmatrix.
#
# Expected: canmatrix reads and writes DBC, XLS and SYM. What a frame means is the same after a conversion.
# Seen:     through XLS each signal comes back unsigned and as an integer: a mould level of -12.34 mm decodes as 643.02 mm,
#           a float of 1550.5 °C as 1153552384. The sheet has no column for sign or type.
#           Through SYM (PCAN) signs stay, and floats become integers. Through DBC all is kept. No warning in any case.
# Why it matters for a plant: the matrix of a mould oscillator or a crane is mailed as a sheet. Small negative values turn
#           into large positive ones that are inside the sensor's range. Decode a recorded frame after each conversion.
# Versions: canmatrix 1.3.3 with xlwt 1.3.0 and xlrd 2.0.2, cantools 45.1.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check canmatrix==1.3.3 xlwt==1.3.0 xlrd==2.0.2 cantools==45.1.0

cat > mould.dbc <<'DBC'
VERSION ""
NS_ :
BS_:
BU_: PLC LEVEL2
BO_ 256 Mould: 8 PLC
 SG_ Level : 7|16@0- (0.01,0) [-327|327] "mm" LEVEL2
 SG_ Speed : 16|16@1+ (0.001,0) [0|10] "m/min" LEVEL2
 SG_ Steel : 32|32@1- (1,0) [0|2000] "degC" LEVEL2
SIG_VALTYPE_ 256 Steel : 1;
DBC

cat > convert.py <<'PY'
import cantools
import canmatrix.formats

frame = cantools.database.load_file("mould.dbc").encode_message(256, {"Level": -12.34, "Speed": 1.2, "Steel": 1550.5})
print("frame", frame.hex(" "))
matrix = canmatrix.formats.loadp_flat("mould.dbc")
seen = {}
for kind in ["dbc", "sym", "xls"]:
    canmatrix.formats.dumpp({"": matrix}, f"back.{kind}")
    back = canmatrix.formats.loadp_flat(f"back.{kind}")
    decoded = back.frame_by_id(canmatrix.ArbitrationId(256)).decode(frame)
    seen[kind] = {name: float(signal.phys_value) for name, signal in decoded.items()}
    print(kind, seen[kind])
right = {"Level": -12.34, "Speed": 1.2, "Steel": 1550.5}
assert seen["dbc"] == right
assert seen["sym"] == {**right, "Steel": 1153552384.0}
assert seen["xls"] == {"Level": 643.02, "Speed": 1.2, "Steel": 1153552384.0}
PY
venv/bin/python convert.py

#!/usr/bin/env bash
# A fault record of an arc furnace (COMTRADE, IEEE C37.111) with missing samples, read by three Python libraries.
#
# Expected: COMTRADE has a mark for a missing sample: 0x8000 in BINARY, 0x80000000 in BINARY32, 99999 in ASCII of 1999. It
#           comes as NaN or none. FLOAT32 of 2013 holds IEEE floats.
# Seen:     comtrade gives NaN throughout, and the floats. comtrade-io gives -327.68 kA, -21,474,836.48 kA and 999.99 kA for
#           the missing current, and reads FLOAT32 as integers: 100.0 kA is 1,120,403,456 kA, although its readme names
#           FLOAT32 among the formats it reads. py3comtrade gives 999.99 kA for the missing one in ASCII.
# Why it matters for a plant: the electrode current of a furnace swings by +-150 kA; one -327.68 in a window spoils its peak, its
#           RMS and each harmonic, and a trip is explained by a current that never flowed. Compare the raw number
#           with the mark before it is scaled, and try a reader on one file of each kind.
# Versions: comtrade 0.2.0, comtrade-io 0.3.0, py3comtrade 4.2.4. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check comtrade==0.2.0 comtrade-io==0.3.0 py3comtrade==4.2.4 numpy==2.4.6 pandas==2.3.3

cat > read.py <<'PY'
import struct

import comtrade
from comtrade_io.parser.comtrade_file import ComtradeFile
from loguru import logger
from py3comtrade.reader.comtrade_reader import comtrade_reader

logger.remove()

MISSING = None
CURRENTS = [100.0, 101.0, MISSING, 103.0, 104.0, 105.0]  # kA
KINDS = {  # kind: (revision, kA per count, code of the number, mark of a missing sample)
    "BINARY": (1999, 0.01, "h", -32768),
    "BINARY32": (2013, 0.01, "i", -2147483648),
    "ASCII": (1999, 0.01, None, 99999),
    "FLOAT32": (2013, 1.0, "f", None),
}


def write(kind):
    revision, scale, code, mark = KINDS[kind]
    lines = [f"FURNACE,1,{revision}", "2,1A,1D", f"1,IA,A,,kA,{scale},0,0,-32767,32767,2000,1,P", "1,TRIP,,,0", "50", "1", "1000,6"]
    lines += ["03/12/2026,06:00:00.000000", "03/12/2026,06:00:00.002000", kind, "1"] + (["0,0", "0,0"] if revision == 2013 else [])
    with open(f"{kind}.cfg", "w", newline="") as out:
        out.write("\r\n".join(lines) + "\r\n")
    counts = [mark if current is MISSING else round(current / scale) for current in CURRENTS]
    if kind == "FLOAT32":
        counts = [102.0 if current is MISSING else current for current in CURRENTS]
    with open(f"{kind}.dat", "wb") as out:
        for index, count in enumerate(counts):
            if code:
                out.write(struct.pack(f"<II{code}H", index + 1, index * 1000, count, 0))
            else:
                out.write(f"{index + 1},{index * 1000},{count},0\r\n".encode())


def rounded(values):
    return [None if value != value else round(float(value), 2) for value in values]


others = {"BINARY": -327.68, "BINARY32": -21474836.48, "ASCII": 999.99}
for kind in KINDS:
    write(kind)
    one = rounded(comtrade.load(f"{kind}.cfg", f"{kind}.dat").analog[0])
    other = rounded(ComtradeFile.from_file(f"{kind}.cfg").get_data().iloc[:, 2])
    print(kind.ljust(8), "comtrade", one, "- comtrade-io", other)
    if kind == "FLOAT32":
        assert one == [100.0, 101.0, 102.0, 103.0, 104.0, 105.0] and other[0] == 1120403456.0
    else:
        assert one == CURRENTS and other == [others[kind] if current is MISSING else current for current in CURRENTS]

third = rounded(comtrade_reader("ASCII.cfg").analogs[0].values)
print("ASCII    py3comtrade", third)
assert third == [100.0, 101.0, 999.99, 103.0, 104.0, 105.0]
PY
venv/bin/python read.py 2> log || { cat log >&2; exit 1; }

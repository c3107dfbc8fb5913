#!/usr/bin/env bash
# Measurements of castings in a Q-DAS file (AQDEF, *.dfq), read into a table by aqdefreader.
#
# Expected: a date in AQDEF is day.month.year/hour:minute:second, so 03.12.2026 is 3 December. A row of the file is one
#           casting and stays one row. A value with attribute 256 was marked invalid by the operator: it is left out, or
#           comes marked, in both spellings of the format (a line per casting; a line K0001, K0002, K0004 per value).
# Seen:     03.12.2026 comes as 12 March 2026, 13.12.2026 as 13 December: days up to the 12th change place with the month.
#           With a line per casting an invalid value is dropped without a gap: create_column_dataframe with
#           group_by_date=False, which the library asks for when values have no time, moves all later values of that
#           characteristic up by one. The wall of casting 3 then stands beside the bore of casting 2.
#           With K0001 lines the invalid 99.9 stays and the table has no column that says so; all values are text.
# Why it matters for a plant: measurements of the month are filed under other months, so they are joined to other heats; wall and
#           bore of different castings are correlated; and a value that was struck out is in the capability figure.
#           Parse dates with the format's own pattern, read the attribute, and keep the row number.
# Versions: aqdefreader 1.3.0, chardet 5.2.0, pandas 2.3.3, python-dateutil 2.9.0.post0 (4.0.0 gives the same dates). Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check aqdefreader==1.3.0 chardet==5.2.0 pandas==2.3.3 python-dateutil==2.9.0.post0

cat > read.py <<'PY'
from math import isnan

from aqdefreader import create_column_dataframe, read_dfq_file

HEAD = ["K0100 2", "K1001/1 HOUSING", "K2002/1 Wall", "K2004/1 0", "K2002/2 Bore", "K2004/2 0"]
CASTINGS = [
    ("03.12.2026/06:00:00", "12.1", 0, "50.1"),
    ("03.12.2026/06:10:00", "99.9", 256, "50.2"),  # the wall of casting 2 is marked invalid
    ("03.12.2026/06:20:00", "12.3", 0, "50.3"),
    ("13.12.2026/06:30:00", "12.4", 0, "50.4"),
]


def table(name, lines, **options):
    with open(name, "w", newline="") as out:
        out.write("\r\n".join(HEAD + lines) + "\r\n")
    return create_column_dataframe(read_dfq_file(name), **options)


per_casting = [f"{wall}\x14{state}\x14{time}\x0f{bore}\x140\x14{time}" for time, wall, state, bore in CASTINGS]
per_value = [
    line
    for time, wall, state, bore in CASTINGS
    for number, value, mark in ((1, wall, state), (2, bore, 0))
    for line in (f"K0001/{number} {value}", f"K0002/{number} {mark}", f"K0004/{number} {time}")
]

dated = table("castings.dfq", per_casting)
print(dated, "\n")
assert [str(time) for time in dated.index] == ["2026-03-12 06:00:00", "2026-03-12 06:10:00", "2026-03-12 06:20:00", "2026-12-13 06:30:00"]

rows = table("castings.dfq", per_casting, group_by_date=False)
print(rows, "\n")
assert list(rows["Wall"])[:3] == [12.1, 12.3, 12.4] and isnan(rows["Wall"][3])
assert list(rows["Bore"]) == [50.1, 50.2, 50.3, 50.4]

coded = table("coded.dfq", per_value, group_by_date=False)
print(coded)
assert list(coded["Wall"]) == ["12.1", "99.9", "12.3", "12.4"] and list(coded.columns) == ["Wall", "Bore"]
PY
venv/bin/python read.py

#!/usr/bin/env bash
# The same mould level series in mm and in m, watched by ADWIN, a detector of change that needs no limits.
#
# Expected: ADWIN adapts its window to the data. A shift of the mean by 2.7 standard deviations is found in any unit. One NaN
#           is skipped, or refused.
# Seen:     1500 values around 0 mm, then 1500 around 4 mm, standard deviation 1.5 mm. In µm and mm river finds the change 36
#           values after it. In m it finds nothing in 1500 values: one term of its bound takes the values to be in 0 to 1.
#           One NaN among the first 100 values in mm, and the change is never found; no error.
# Why it matters for a plant: a watch on a model's inputs is silent when a series is in m or m/s, and for ever after the first
#           dead reading. Scale by a known spread, drop NaN, and test with a shift that you add.
# Versions: river 0.26.1. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check river==0.26.1

cat > change.py <<'PY'
import random

from river import drift

source = random.Random(7)
level = [source.gauss(0, 1.5) for _ in range(1500)] + [source.gauss(4, 1.5) for _ in range(1500)]


def found(detector, values):
    places = []
    for place, value in enumerate(values):
        detector.update(value)
        if detector.drift_detected:
            places.append(place)
    return places


units = {"µm": 1000, "mm": 1, "cm": 0.1, "m": 0.001}
adwin = {unit: found(drift.ADWIN(), [value * factor for value in level]) for unit, factor in units.items()}
for unit in units:
    print(unit.ljust(2), adwin[unit])
with_nan = found(drift.ADWIN(), level[:100] + [float("nan")] + level[100:])
print("mm with one NaN", with_nan)
assert adwin == {"µm": [1535], "mm": [1535], "cm": [1535], "m": []}
assert with_nan == []
PY
venv/bin/python change.py

#!/usr/bin/env bash
# A temperature thinned out by the swinging-door and the dead-band method, as historians do, with historian-data-compression.
#
# Expected: the line through the kept points stays within the deviation, or at worst twice that, of every measured value. A NaN (a sensor that
#           fails for a moment) costs that moment, or is kept, or is refused.
# Seen:     with a deviation of 1 degree the kept line is up to 3 degrees away from what was measured, and most kept points are values and
#           times that nobody measured. A NaN as the second value of a run ends the method: only the first and the last point of
#           5000 are kept, although the temperature moved by 27 degrees. As the first value it ends the dead band too. The same NaN
#           later on changes nothing. There is no error and no warning.
# Why it matters for a plant: quality models and claims are computed from such archives; a dip of 3 degrees is gone from an archive
#           that promises 1, and a day can shrink to its first and last point. Check thinned data against the raw data,
#           and take NaN out before.
# Versions: historian-data-compression 0.0.14, numpy 2.4.6, pandas 3.1.1. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check historian-data-compression==0.0.14 numpy==2.4.6 pandas==3.1.1

cat > thin.py <<'PY'
import numpy as np
from historian_data_compression import dead_band_compression, swinging_door_compression

measured = (1540 + np.cumsum(np.random.default_rng(1).normal(0, 0.3, 5000))).round(2).tolist()
DEVIATION = 1.0


def thin(method, values):
    return list(method(((float(second), value) for second, value in enumerate(values)), DEVIATION))


def with_nan(place):
    return measured[:place] + [float("nan")] + measured[place + 1 :]


kept = thin(swinging_door_compression, measured)
times, values = zip(*kept)
away = np.abs(np.interp(range(5000), times, values) - measured)
made_up = sum(time != int(time) or measured[int(time)] != value for time, value in kept)
print(f"swinging door: {len(kept)} points of 5000, {made_up} of them never measured")
print(f"allowed {DEVIATION}, furthest away {away.max():.2f}, further than allowed at {(away > DEVIATION).sum()} values")
assert away.max() > 2.5 * DEVIATION and made_up > len(kept) / 2

counts = {}
for method in (swinging_door_compression, dead_band_compression):
    for place in (0, 1, 2500):
        counts[method.__name__, place] = len(thin(method, with_nan(place)))
    print(method.__name__, "without NaN", len(thin(method, measured)), "points; NaN at 0, 1, 2500:", *list(counts.values())[-3:])
print(f"the temperature went from {min(measured)} to {max(measured)}")
assert counts["swinging_door_compression", 1] == 2 and counts["swinging_door_compression", 0] == 2
assert counts["dead_band_compression", 0] == 2 and counts["dead_band_compression", 1] > 100
assert counts["swinging_door_compression", 2500] == len(kept)
PY
venv/bin/python thin.py

#!/usr/bin/env bash
# Spikes of 1700 in a temperature around 1550, looked for by the Hampel filter of two libraries, with the same window.
#
# Expected: a Hampel filter compares each value with the median of its neighbours. Near the ends it takes those that there are.
#           A missing value is left out. Seven values and three deviations mean the same in both libraries.
# Seen:     hampel finds the spike in the middle only. The first and last three values (half a window) are never looked at, so a
#           spike in the newest value passes. One NaN two places before the spike, and the spike in the middle passes too:
#           a window with NaN has no median, and nothing in it is called an outlier. No error and no warning.
#           sktime finds all three, with the gap too.
# Why it matters for a plant: a filter before a live model sees the newest value last. There hampel lets each spike
#           through, and a notebook over old data shows that it works. A broken thermocouple gives spikes and gaps together,
#           and these pass in old data too. Fill or drop gaps first, and test with a spike in the last value.
# Versions: hampel 1.0.2, sktime 1.2.0, numpy 2.4.6, pandas 3.0.6. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check hampel==1.0.2 sktime==1.2.0 numpy==2.4.6 pandas==3.0.6

cat > spikes.py <<'PY'
import random
import warnings

import numpy as np
import pandas as pd
from hampel import hampel
from sktime.transformations.series.outlier_detection import HampelFilter

source = random.Random(3)
temperatures = [1550 + source.gauss(0, 1) for _ in range(60)]
spikes = [1, 30, 59]
for place in spikes:
    temperatures[place] = 1700.0
with_gap = temperatures.copy()
with_gap[28] = float("nan")


def by_hampel(values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        filtered = hampel(pd.Series(values), window_size=7, n_sigma=3.0).filtered_data
    return [place for place in spikes if filtered[place] < 1600]


def by_sktime(values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        filtered = np.ravel(HampelFilter(window_length=7, n_sigma=3).fit_transform(pd.Series(values)))
    return [place for place in spikes if np.isnan(filtered[place])]


for name, values in [("no gap", temperatures), ("one NaN", with_gap)]:
    print(f"{name:8} spikes at {spikes}: hampel found {by_hampel(values)}, sktime {by_sktime(values)}")
assert by_hampel(temperatures) == [30] and by_sktime(temperatures) == spikes
assert by_hampel(with_gap) == [] and by_sktime(with_gap) == spikes
PY
venv/bin/python spikes.py

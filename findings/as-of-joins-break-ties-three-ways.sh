#!/usr/bin/env bash
# Samples of the ladle joined to process values by time (as-of join), in four libraries.
#
# Expected: an as-of join is one well-known operation. Where two rows are equally near or equally old, the libraries
#           follow one rule, such as the last row of the input.
# Seen:     sample at 10 s, values at 5 s and 15 s, "nearest": pandas takes 5 s, Polars takes 15 s.
#           two values at 15 s (the second corrects the first), sample at 20 s, "backward": pandas, Polars and pyarrow take the
#           second one, DuckDB the first. So no two of pandas, Polars and DuckDB agree in both.
# Why it matters for a plant: samples and values lie on a grid of whole seconds, so ties are the rule. A training set
#           from Polars and live features from pandas differ by a step of the process, without an error.
#           Make the times unique, and ask for backward only.
# Versions: pandas 3.1.1, polars 2.1.0, duckdb 2.0.1, pyarrow 26.0.1. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1 polars==2.1.0 duckdb==2.0.1 pyarrow==26.0.1

cat > ties.py <<'PY'
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa


def joined(sample, times, direction):
    samples, values = {"t": [sample]}, {"t": times, "value": [f"{t} s, row {i}" for i, t in enumerate(times, 1)]}
    left_rows, right_rows = pa.table(samples), pa.table(values)
    answers = {
        "pandas": pd.merge_asof(pd.DataFrame(samples), pd.DataFrame(values), on="t", direction=direction)["value"][0],
        "Polars": pl.DataFrame(samples).join_asof(pl.DataFrame(values), on="t", strategy=direction)["value"][0],
    }
    if direction == "backward":
        answers["DuckDB"] = duckdb.sql("SELECT value FROM left_rows ASOF JOIN right_rows ON left_rows.t >= right_rows.t").fetchall()[0][0]
        answers["pyarrow"] = left_rows.join_asof(right_rows, on="t", by=[], tolerance=-100)["value"][0].as_py()
    print(direction.ljust(8), f"sample at {sample} s:", ", ".join(f"{name} {value}" for name, value in answers.items()))
    return answers


nearest = joined(10, [5, 15], "nearest")
backward = joined(20, [5, 15, 15], "backward")
assert nearest == {"pandas": "5 s, row 1", "Polars": "15 s, row 2"}
assert backward == {"pandas": "15 s, row 3", "Polars": "15 s, row 3", "DuckDB": "15 s, row 2", "pyarrow": "15 s, row 3"}
PY
venv/bin/python ties.py

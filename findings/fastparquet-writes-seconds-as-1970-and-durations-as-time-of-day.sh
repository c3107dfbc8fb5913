#!/usr/bin/env bash
# Times in whole seconds and durations, written to Parquet by fastparquet (one of the two writers of pandas) and read elsewhere.
#
# Expected: a time in seconds is stored in milliseconds with its value. A duration that Parquet has no type for is refused, or is
#           a number that says so.
# Seen:     datetime64[s], as pandas gets it from DuckDB's TIMESTAMP_S, from Arrow or from numpy: 2026-12-01 06:00:00 is read
#           as 1970-01-01 00:29:56.104 by pyarrow, DuckDB and Polars. The seconds are stored under the name of milliseconds.
#           Durations are stored as a time of day. 1 day 06:05 is read as 06:05 by pyarrow and as null by Polars. -90 s is
#           23:58:30 or null. DuckDB refuses the file.
#           90 s as timedelta64[s] is 0.00009 s for pyarrow, DuckDB and Polars. Nothing warns when the file is written.
# Why it matters for a plant: the life of a mould or tundish of 30 h becomes 6 h, an early start (-90 s) becomes almost a
#           day or vanishes, and the rows of one source fall out of each query by date. Store durations as a number with
#           the unit in the name, and times as datetime64[us].
# Versions: fastparquet 2026.9.0, pandas 3.1.1, pyarrow 26.0.1, duckdb 2.0.1, polars 2.1.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check fastparquet==2026.9.0 pandas==3.1.1 pyarrow==26.0.1 duckdb==2.0.1 polars==2.1.0

cat > times.py <<'PY'
import duckdb
import fastparquet
import pandas as pd
import polars as pl
import pyarrow.parquet as pq


def read(column):
    """The column as the three libraries read it from fastparquet's file, as text."""
    fastparquet.write("x.parquet", pd.DataFrame({"x": column}), compression=None)
    values = {
        "pyarrow": lambda: pq.read_table("x.parquet")["x"].to_pylist(),
        "duckdb": lambda: [row[0] for row in duckdb.sql("SELECT x FROM 'x.parquet'").fetchall()],
        "polars": lambda: pl.read_parquet("x.parquet")["x"].to_list(),
    }
    answers = {}
    for name, ask in values.items():
        try:
            answers[name] = [str(value) for value in ask()]
        except duckdb.Error:
            answers[name] = "refused"
        print(f"{column.dtype!s:16} {name:8}", answers[name])
    return answers


in_seconds = duckdb.sql("SELECT TIMESTAMP_S '2026-12-01 06:00:00' AS x").df()["x"]
assert str(in_seconds.dtype) == "datetime64[s]"
assert set(map(tuple, read(in_seconds).values())) == {("1970-01-01 00:29:56.104000",)}
assert set(map(tuple, read(in_seconds.astype("datetime64[us]")).values())) == {("2026-12-01 06:00:00",)}

durations = read(pd.Series(pd.to_timedelta(["1 days 06:05:00", "-00:01:30"])))
assert durations == {"pyarrow": ["06:05:00", "23:58:30"], "duckdb": "refused", "polars": ["None", "None"]}
short = read(pd.Series(pd.to_timedelta(["00:01:30"])).astype("timedelta64[s]"))
assert set(map(tuple, short.values())) == {("00:00:00.000090",)}
PY
venv/bin/python times.py

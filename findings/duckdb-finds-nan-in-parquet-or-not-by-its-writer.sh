#!/usr/bin/env bash
# "Where the temperature is above 2000" on Parquet files with a NaN, written by three libraries and read by three.
#
# Expected: DuckDB documents that NaN is above every number. WHERE temp > 2000 then finds the NaN in each file, or in none.
# Seen:     DuckDB finds it in its own file and in memory, not in the files of pyarrow and Polars: these leave NaN out of the
#           minimum and maximum of a row group, and DuckDB skips the group by them. In one and the same file
#           count(*) FILTER (temp > 2000) is 1, WHERE temp > 2000 gives 0 rows, and max(temp) is NaN.
#           pyarrow: not (temp <= 2000) finds the NaN in memory and in DuckDB's file, not in its own file.
#           Polars finds it in each file, though max() of the column is 1560.
# Why it matters for a plant: a check for bad values passes on the archive and fails on the live rows, or the other way round,
#           with the same SQL. Ask with isnan(temp), or store a missing value as null.
# Versions: duckdb 2.0.1, polars 2.1.0, pyarrow 26.0.1. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.1 polars==2.1.0 pyarrow==26.0.1

cat > nan.py <<'PY'
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

rows = {"row": [1, 2, 3], "temp": [1550.0, 1560.0, float("nan")]}
live = pa.table(rows)
pq.write_table(live, "pyarrow.parquet")
pl.DataFrame(rows).write_parquet("polars.parquet")
duckdb.sql("COPY (FROM live) TO 'duckdb.parquet'")
not_below = ~(pc.field("temp") <= 2000)


def in_duckdb(source):
    where = [row for (row,) in duckdb.sql(f"SELECT row FROM {source} WHERE temp > 2000").fetchall()]
    counted, highest = duckdb.sql(f"SELECT count(*) FILTER (temp > 2000), max(temp) FROM {source}").fetchall()[0]
    return where, counted, str(highest)


seen = {"memory": (in_duckdb("live"), live.filter(not_below)["row"].to_pylist(), pl.DataFrame(rows).filter(pl.col("temp") > 2000)["row"].to_list())}
for writer in ["duckdb", "pyarrow", "polars"]:
    path = f"{writer}.parquet"
    arrow = ds.dataset(path).to_table(filter=not_below)["row"].to_pylist()
    polars = pl.scan_parquet(path).filter(pl.col("temp") > 2000).collect()["row"].to_list()
    seen[writer] = (in_duckdb(f"'{path}'"), arrow, polars)
for writer, ((where, counted, highest), arrow, polars) in seen.items():
    print(f"{writer:8} DuckDB where {where!s:4} filter {counted} max {highest} | pyarrow not <= {arrow!s:4}| Polars {polars}")
assert seen["memory"] == seen["duckdb"] == (([3], 1, "nan"), [3], [3])
assert seen["pyarrow"] == seen["polars"] == (([], 1, "nan"), [], [3])
highest = pl.scan_parquet("polars.parquet").select(pl.col("temp").max()).collect().item()
print("Polars max", highest)
assert highest == 1560.0
PY
venv/bin/python nan.py

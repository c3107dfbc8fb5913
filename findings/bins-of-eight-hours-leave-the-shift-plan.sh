#!/usr/bin/env bash
# Three shifts a day (06, 14 and 22 o'clock in Vienna) as bins of eight hours, in three libraries, with rows that know their zone.
#
# Expected: bins of eight hours with an offset of six hours begin at 06, 14 and 22 o'clock. When the clocks change, one night
#           shift has seven or nine hours, and the next morning begins at 06 o'clock again.
# Seen:     pandas resample and Polars group_by_dynamic count eight real hours from the first day on. From the day of the
#           change the shifts begin at 07, 15 and 23 o'clock (March), or 05, 13 and 21 o'clock (October), to the end of the
#           data. The same day gives other bins when the query begins on another day.
#           Polars' own dt.truncate('8h') follows the clock: 00, 08, 16 on every day.
#           DuckDB's time_bucket with the zone counts from a day in January: in summer its bins begin at 01, 09 and 17.
# Why it matters for a plant: tons per shift are wrong for months, by an hour at each end, and the sums per day still agree.
#           Take the local time without its zone first (in DuckDB t::timestamp), and bin that.
# Versions: pandas 3.1.1, polars 2.1.0, duckdb 2.0.1. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1 polars==2.1.0 pyarrow==26.0.1 duckdb==2.0.1 pytz==2025.2 tzdata==2025.3

cat > shifts.py <<'PY'
import duckdb
import pandas as pd
import polars as pl

zone = "Europe/Vienna"
duckdb.sql(f"SET timezone = '{zone}'")


def clock(frame):
    return frame["t"].dt.strftime("%d. %H").to_list()


def starts(first, last):
    hours = pd.DataFrame({"t": pd.date_range(first, last, freq="1h", tz=zone)})
    frame = pl.from_pandas(hours)
    local = frame.with_columns(pl.col("t").dt.replace_time_zone(None))
    bucket = "SELECT DISTINCT strftime(time_bucket(INTERVAL 8 hours, {}), '%d. %H') AS b FROM hours ORDER BY b"
    return {
        "pandas resample": [t.strftime("%d. %H") for t in hours.set_index("t").resample("8h", offset="6h").size().index],
        "Polars group_by_dynamic": clock(frame.group_by_dynamic("t", every="8h", offset="6h").agg(pl.len())),
        "Polars, local time": clock(local.group_by_dynamic("t", every="8h", offset="6h").agg(pl.len())),
        "Polars dt.truncate": clock(frame.select(pl.col("t").dt.truncate("8h")).unique(maintain_order=True)),
        "DuckDB with the zone": [b for (b,) in duckdb.sql(bucket.format(f"t, '{zone}'")).fetchall()],
        "DuckDB, local time": [b for (b,) in duckdb.sql(bucket.format("t::timestamp, INTERVAL 6 hours")).fetchall()],
    }


march, october = starts("2026-03-28 06:00", "2026-03-30 13:00"), starts("2026-10-24 06:00", "2026-10-26 13:00")
for name in march:
    print(name.ljust(24), "March  ", ", ".join(march[name]))
    print(" " * 24, "October", ", ".join(october[name]))
plan_march = ["28. 06", "28. 14", "28. 22", "29. 06", "29. 14", "29. 22", "30. 06"]
late = ["28. 06", "28. 14", "28. 22", "29. 07", "29. 15", "29. 23", "30. 07"]
early = ["24. 06", "24. 14", "24. 22", "25. 05", "25. 13", "25. 21", "26. 05", "26. 13"]
assert march["pandas resample"] == march["Polars group_by_dynamic"] == late
assert october["pandas resample"] == october["Polars group_by_dynamic"] == early
assert march["Polars, local time"] == march["DuckDB, local time"] == plan_march
assert march["Polars dt.truncate"][-4:] == ["29. 08", "29. 16", "30. 00", "30. 08"]
assert october["DuckDB with the zone"][:4] == ["24. 01", "24. 09", "24. 17", "25. 01"]
PY
venv/bin/python shifts.py

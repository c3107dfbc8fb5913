#!/usr/bin/env bash
# An Arrow table from Python (decimals, missing values, times) in the browser's Arrow library.
#
# Expected: Arrow is one format for all languages. 1550.12 is read as 1550.12 or as text, and a missing value as null.
# Seen:     apache-arrow for JavaScript gives a decimal without its places: 1550.12 reads as 155012, -0.05 as -5, as a number, as
#           text and in JSON. decimal256 as text: "2" for 1550.12. decimal64 as text: -0.05 reads as 18446744073709551611.
#           toArray() of a column of floats, as charts take it, has 0 for null; get() gives null.
#           A timestamp(us) is milliseconds from get(), and microseconds as BigInt from toArray().
# Why it matters for a plant: DuckDB and PostgreSQL give numeric columns as decimals. A weight of 180.25 t is drawn as 18025 t,
#           and a sensor that was off as 0. Cast to double before the data goes to JavaScript, and use get().
# Versions: apache-arrow 21.2.0, pyarrow 26.0.1. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1
npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund apache-arrow@21.2.0 > /dev/null

cat > write.py <<'PY'
from decimal import Decimal

import pyarrow as pa

decimals = [Decimal("1550.12"), Decimal("-0.05")]
table = pa.table({
    "decimal128": pa.array(decimals, pa.decimal128(8, 2)),
    "decimal256": pa.array(decimals, pa.decimal256(40, 2)),
    "decimal64": pa.array(decimals, pa.decimal64(12, 2)),
    "float": pa.array([1550.12, None], pa.float64()),
    "time": pa.array([1796101200123456, None], pa.timestamp("us", tz="UTC")),
})
with pa.ipc.new_file("table.arrow", table.schema) as writer:
    writer.write_table(table)
PY
venv/bin/python write.py

cat > read.cjs <<'JS'
const assert = require('node:assert');
const fs = require('node:fs');
const { tableFromIPC } = require('apache-arrow');
const table = tableFromIPC(fs.readFileSync('table.arrow'));
const column = (name) => table.getChild(name);
const decimals = ['decimal128', 'decimal256', 'decimal64'].map((name) => [0, 1].map((row) => [Number(column(name).get(row)), String(column(name).get(row))]));
console.log('decimal128, as number and as text:', decimals[0]);
console.log('decimal256, as number and as text:', decimals[1]);
console.log('decimal64,  as number and as text:', decimals[2]);
console.log('decimal128 in JSON:', JSON.stringify({ weight: column('decimal128').get(0) }));
console.log('float, get(1):', column('float').get(1), ' toArray():', column('float').toArray());
console.log('time, get(0):', column('time').get(0), ' toArray():', column('time').toArray());
assert.deepEqual(decimals, [
  [[155012, '155012'], [-5, '-5']],
  [[155012, '2'], [-5, '-5']],
  [[155012, '155012'], [-5, '18446744073709551611']],
]);
assert.equal(JSON.parse(JSON.stringify({ weight: column('decimal128').get(0) })).weight, '"155012"');
assert.equal(column('float').get(1), null);
assert.deepEqual([...column('float').toArray()], [1550.12, 0]);
assert.equal(column('time').get(0), 1796101200123.456);
assert.deepEqual([...column('time').toArray()], [1796101200123456n, 0n]);
JS
node read.cjs

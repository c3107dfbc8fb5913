#!/usr/bin/env bash
# The same readings in line protocol, by four InfluxDB clients in two languages.
#
# Expected: clients of one database write one value in one way; what they cannot write exactly, they refuse.
# Seen:     numpy int32 5        influxdb (Python, v1) "5.0", a float      influxdb-client (Python, v2) "5i", an integer
#           numpy float32 1550.1 influxdb 1550.0999755859375               influxdb-client 1550.1
#           -3.7 as an integer   influx (npm) and @influxdata/influxdb-client write "-4i", rounded down,
#           "-3.7" as an integer influx "-4i"                              @influxdata/influxdb-client "-3i", cut
#           2^53 + 1 as a BigInt influx throws                             @influxdata/influxdb-client "9007199254740992i"
#           "" as an integer     influx "0i"                               @influxdata/influxdb-client throws
#           NaN as a float       influx writes NaN, which is no line protocol; @influxdata/influxdb-client throws;
#                                influxdb-client leaves the point out in silence
# Why it matters for a plant: a field has the type of its first value. After a change of client the database refuses each
#           new point with a field type conflict. A level of -0.4 mm is -1, or 0 when it came as text.
#           Fix the type of each field by hand, and write floats unless the unit is "pieces".
# Versions: influxdb 5.3.2, influxdb-client 1.50.0, numpy 2.3.5; influx 5.12.0, @influxdata/influxdb-client 1.35.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund influx@5.12.0 @influxdata/influxdb-client@1.35.0 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check influxdb==5.3.2 influxdb-client==1.50.0 numpy==2.3.5

cat > lines.py <<'PY'
import numpy as np
from influxdb.line_protocol import make_lines
from influxdb_client import Point

seen = []
for value in [np.int32(5), np.float32(1550.1), float("nan")]:
    one = make_lines({"points": [{"measurement": "c", "fields": {"t": value}, "time": 1}]}).strip()
    two = Point("c").field("t", value).time(1).to_line_protocol()
    print(repr(value).ljust(22), "influxdb:", one.ljust(28), "influxdb-client:", repr(two))
    seen.append((one, two))
assert seen[:2] == [("c t=5.0 1", "c t=5i 1"), ("c t=1550.0999755859375 1", "c t=1550.1 1")], seen
assert seen[2][1] == "", seen
PY
venv/bin/python lines.py

cat > lines.cjs <<'JS'
const assert = require('node:assert');
const http = require('node:http');
const { FieldType, InfluxDB } = require('influx');
const { Point } = require('@influxdata/influxdb-client');
const lines = [];
const database = http.createServer((request, response) => {
  let body = '';
  request.on('data', (part) => { body += part; }).on('end', () => { lines.push(body); response.writeHead(204).end(); });
});
database.listen(0, '127.0.0.1', async () => {
  const influx = new InfluxDB({
    host: '127.0.0.1', port: database.address().port, database: 'plant',
    schema: [{ measurement: 'c', fields: { i: FieldType.INTEGER, f: FieldType.FLOAT }, tags: [] }],
  });
  const seen = [];
  for (const [field, value] of [['i', -3.7], ['i', '-3.7'], ['i', 9007199254740993n], ['i', ''], ['f', NaN]]) {
    let one, two;
    try { await influx.writePoints([{ measurement: 'c', fields: { [field]: value } }]); one = lines.pop(); } catch { one = 'throws'; }
    try { const point = new Point('c'); (field === 'i' ? point.intField(field, value) : point.floatField(field, value)); two = point.timestamp('').toLineProtocol().trim(); } catch { two = 'throws'; }
    console.log(typeof value, String(value).padEnd(18), 'influx:', one.padEnd(10), '@influxdata/influxdb-client:', two);
    seen.push([one, two]);
  }
  assert.deepEqual(seen, [['c i=-4i', 'c i=-4i'], ['c i=-4i', 'c i=-3i'], ['throws', 'c i=9007199254740992i'], ['c i=0i', 'throws'], ['c f=NaN', 'throws']]);
  process.exit(0);
});
JS
node lines.cjs

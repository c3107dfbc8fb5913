#!/usr/bin/env bash
# Casting speed in m/h, weight in t and speed of rotation in rpm, in four unit libraries.
#
# Expected: m/h is metres per hour, t is the metric ton (both are SI or accepted beside it), 60 rpm are 1 Hz.
# Seen:     convert-units: 60 m/h -> 26.82 m/s, since m/h means miles per hour there while m/s and km/h are metric;
#           1 t -> 907.184 kg, the short ton of the United States. The metric ton is "mt". Both in silence.
#           mathjs, js-quantities and pint: 60 m/h -> 0.0167 m/s, 1 t -> 1000 kg.
#           60 rpm in Hz: convert-units 1, pint 6.283 (it counts radians), js-quantities and mathjs refuse.
# Why it matters for a plant: a ladle of 180 t weighs 163 t, and a strand at 60 m/h runs at 96 km/h. The numbers stay
#           plausible where only tons are converted. Map the plant's unit texts by a table of your own.
# Versions: convert-units 2.3.4, mathjs 15.2.0, js-quantities 1.8.0, pint 0.25.3. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund convert-units@2.3.4 mathjs@15.2.0 js-quantities@1.8.0 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pint==0.25.3

cat > units.cjs <<'JS'
const assert = require('node:assert');
const convert = require('convert-units');
const math = require('mathjs');
const Qty = require('js-quantities');
const attempt = (work) => { try { return Number(work().toPrecision(6)); } catch { return 'refused'; } };
const seen = [];
for (const [value, from, to] of [[60, 'm/h', 'm/s'], [1, 't', 'kg'], [60, 'rpm', 'Hz']]) {
  const row = {
    'convert-units': attempt(() => convert(value).from(from).to(to)),
    mathjs: attempt(() => math.unit(value, from).toNumber(to)),
    'js-quantities': attempt(() => Qty(value, from).to(to).scalar),
  };
  console.log(value, from, '->', to, row);
  seen.push(Object.values(row));
}
assert.deepEqual(seen, [[26.8224, 0.0166667, 0.0166667], [907.184, 1000, 1000], [1, 'refused', 'refused']]);
JS
node units.cjs

cat > units.py <<'PY'
import pint

unit = pint.UnitRegistry()
seen = [round(unit.Quantity(value, a).to(b).magnitude, 4) for value, a, b in [(60, "m/h", "m/s"), (1, "t", "kg"), (60, "rpm", "Hz")]]
print("pint: 60 m/h, 1 t, 60 rpm ->", seen, "in m/s, kg, Hz")
assert seen == [0.0167, 1000, 6.2832], seen
PY
venv/bin/python units.py

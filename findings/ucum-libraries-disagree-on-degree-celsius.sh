#!/usr/bin/env bash
# Units of temperature in UCUM, a code for units in device descriptions and lab data, in two JavaScript libraries.
#
# Expected: 5 Cel is 278150 mK. A rate (Cel/min) or a coefficient (W/(m2.Cel)) is converted as a difference, where one
#           degree is one kelvin, or is refused: UCUM does not allow Cel in a product.
# Seen:     @atomic-ehr/ucum 0.2.5: Cel -> mK gives 278.15, a thousand times too small: the prefix of the target is lost.
#           5 Cel/min -> 273.2333 K/min. 1000 W/(m2.Cel) -> 1000273.15 W/(m2.K). Nothing is refused.
#           @lhncbc/ucum-lhc 7.1.10: Cel -> mK gives 278150; the other two are refused with a reason.
# Why it matters for a plant: a cooling rate and a heat-transfer coefficient are the core of a caster's thermal model.
#           Their units come from device descriptions, so nobody types or reads them. Convert rates as K/min.
# Versions: as named above. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund @atomic-ehr/ucum@0.2.5 @lhncbc/ucum-lhc@7.1.10 > /dev/null

cat > units.mjs <<'JS'
import assert from 'node:assert';
import { ucum } from '@atomic-ehr/ucum';
import lhc from '@lhncbc/ucum-lhc';

const other = lhc.UcumLhcUtils.getInstance();
const seen = [];
for (const [value, from, to] of [[5, 'Cel', 'K'], [5, 'Cel', 'mK'], [5, 'Cel/min', 'K/min'], [1000, 'W/(m2.Cel)', 'W/(m2.K)']]) {
  const atomic = ucum.convert(value, from, to);
  const answer = other.convertUnitTo(from, value, to);
  seen.push([atomic, answer.toVal]);
  console.log(`${value} ${from} -> ${to}   @atomic-ehr/ucum: ${atomic}   ucum-lhc: ${answer.toVal ?? answer.msg[0]}`);
}
const near = (a, b) => Math.abs(a - b) < 1e-6;
assert.ok(near(seen[0][0], 278.15) && near(seen[0][1], 278.15));
assert.ok(near(seen[1][0], 278.15) && near(seen[1][1], 278150));
assert.ok(near(seen[2][0], 273.2333333) && seen[2][1] === null);
assert.ok(near(seen[3][0], 1000273.15) && seen[3][1] === null);
JS
node units.mjs

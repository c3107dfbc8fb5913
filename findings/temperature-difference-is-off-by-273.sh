#!/usr/bin/env bash
# A difference of two temperatures, in three unit libraries for three languages.
#
# Expected: 1550 °C - 1520 °C is a difference of 30 K. A library that knows °C and K keeps it a difference, or refuses.
# Seen:     mathjs        (1550 degC - 1520 degC) to K        -> 303.15 K
#           pint          np.ptp([1550, 1520] °C).to("kelvin") -> 303.15 K, although (max - min).to("kelvin") -> 30 K
#           indriya (JSR 385)  1550 ℃ - 1520 ℃               -> -243.15 ℃, although .to(KELVIN) of that  -> 30 K
#           js-quantities gives 30 degC, which stays a difference: 30 degK.
#           Each of the first three takes the difference for a point on the scale when it converts.
# Why it matters for a plant: superheat, the rise of the cooling water and the spread of a thermocouple row are all
#           differences. A spread of 30 K that reads as 303 K or -243 °C trips every limit, or hides behind a wide one.
#           Convert to K first and subtract numbers.
# Versions: mathjs 15.2.0, js-quantities 1.8.0, pint 0.25.3 with numpy 2.3.5, indriya 2.2.2. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund mathjs@15.2.0 js-quantities@1.8.0 > /dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pint==0.25.3 numpy==2.3.5
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>tech.units</groupId><artifactId>indriya</artifactId><version>2.2.2</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null

cat > difference.cjs <<'JS'
const assert = require('node:assert');
const math = require('mathjs');
const Qty = require('js-quantities');
const kelvin = math.evaluate('(1550 degC - 1520 degC) to K').toNumber('K');
console.log('mathjs         (1550 degC - 1520 degC) to K =', kelvin, 'K');
const kept = Qty('1550 tempC').sub('1520 tempC').to('degK').toString();
console.log('js-quantities  1550 tempC - 1520 tempC      =', kept);
assert.ok(Math.abs(kelvin - 303.15) < 1e-9);
assert.equal(kept, '30 degK');
JS
node difference.cjs

cat > difference.py <<'PY'
import numpy as np
import pint

unit = pint.UnitRegistry()
row = unit.Quantity(np.array([1550.0, 1520.0, 1535.0]), "degC")
spread, same = np.ptp(row).to("kelvin").magnitude, (row.max() - row.min()).to("kelvin").magnitude
print("pint           np.ptp(row).to('kelvin')     =", spread, "K")
print("pint           (max - min).to('kelvin')     =", same, "K")
assert abs(spread - 303.15) < 1e-9 and abs(same - 30) < 1e-9
PY
venv/bin/python difference.py

cat > Difference.java <<'JAVA'
import javax.measure.Quantity;
import javax.measure.quantity.Temperature;
import tech.units.indriya.quantity.Quantities;
import static tech.units.indriya.unit.Units.*;

public class Difference {
  public static void main(String[] args) {
    Quantity<Temperature> hot = Quantities.getQuantity(1550, CELSIUS), cold = Quantities.getQuantity(1520, CELSIUS);
    Quantity<Temperature> difference = hot.subtract(cold);
    System.out.println("indriya        1550 C - 1520 C              = " + difference.getValue() + " in C");
    System.out.println("indriya        the same, to(KELVIN)         = " + difference.to(KELVIN).getValue() + " in K");
    if (Math.abs(difference.getValue().doubleValue() + 243.15) > 1e-9) System.exit(1);
    if (Math.abs(difference.to(KELVIN).getValue().doubleValue() - 30) > 1e-9) System.exit(1);
  }
}
JAVA
java -cp 'lib/*' Difference.java

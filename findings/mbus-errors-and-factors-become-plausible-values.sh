#!/usr/bin/env bash
# Records of heat and energy meters on M-Bus (EN 13757-3), decoded by three libraries for Python, Java and Rust.
#
# Expected: BCD digits A to E are no digits: a meter sends EEEE for a broken sensor. That is an error, or no value.
#           A record may carry a correction factor (VIFE 70 to 77: 10^-6 to 10^1; 7D: 10^3). It is applied, or refused.
# Seen:     pymeterbus reads EEEE as 141.4 °C and AAAA as 101 °C, jmbus EEEE as 1555.4 °C and AAAA as 1111 °C. A volume of
#           EEEEEEEE is 14141.414 and 155555.554 m3. Only pymbusparser (Rust) returns no value and says "partial".
#           5 kWh with factor 10^-3 stay 5000 Wh in pymeterbus and in jmbus, with 10^3 too; pymbusparser gives 5 Wh and
#           5,000,000 Wh. jmbus has no word for the factor, pymeterbus "UNKNOWN_ENHANCEMENT".
#           Energy counted only when it flows back (VIFE 3C) is plain ENERGY in jmbus, like the energy drawn (3B).
#           -2.5 °C as BCD (F in the first digit is the minus) and as int16 is right in all three.
# Why it matters for a plant: a broken sensor of the cooling water reads 141.4 °C, or 1555.4 °C, which on a casting machine
#           passes for steel. Energy is a thousand times too large or small, and returned energy is booked as drawn. Look at
#           the raw digits and at every VIFE before a value is stored.
# Versions: pymeterbus 0.8.5, jmbus 3.3.0, pymbusparser 0.5.3. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pymeterbus==0.8.5 pymbusparser==0.5.3
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>org.openmuc</groupId><artifactId>jmbus</artifactId><version>3.3.0</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null

cat > decode.py <<'PY'
import json

import meterbus
import pymbusparser

RECORDS = {  # name: data record, and what pymeterbus and pymbusparser make of it
    "flow -2.5 degC, BCD": ("0A5A25F0", -2.5, ["-2.5"]),
    "flow -2.5 degC, int16": ("025906FF", -2.5, ["-2.5"]),
    "flow EEEE": ("0A5AEEEE", 141.4, []),
    "flow AAAA": ("0A5AAAAA", 101, []),
    "volume EEEEEEEE": ("0C13EEEEEEEE", 14141.414, []),
    "5 kWh": ("040605000000", 5000, ["5000"]),
    "5 kWh, factor 10^-3": ("04867305000000", 5000, ["5"]),
    "5 kWh, factor 10^3": ("04867D05000000", 5000, ["5000000"]),
    "5 kWh drawn": ("04863B05000000", 5000, ["5000"]),
    "5 kWh given back": ("04863C05000000", 5000, ["5000"]),
}
with open("records.txt", "w") as out:
    for name, (record, one, other) in RECORDS.items():
        body = bytes.fromhex("080172" + "78563412" + "9326" + "01" + "04" + "01" + "00" + "0000" + record)
        frame = bytes([0x68, len(body), len(body), 0x68]) + body + bytes([sum(body) & 255, 0x16])
        read = json.loads(meterbus.load(frame).to_JSON())["body"]["records"][0]
        parsed = json.loads(pymbusparser.m_bus_parse(frame.hex(), "json"))
        values = [record["value"]["value"] for record in parsed["records"]]
        print(name.ljust(24), "pymeterbus", read["value"], read["unit"][12:], read.get("unit_enh", ""), "- pymbusparser", values, parsed["decode_state"])
        assert abs(read["value"] - one) < 1e-9 and values == other, (name, read, parsed)
        assert parsed["decode_state"] == ("complete" if other else "partial")
        print(name, body.hex(), sep="\t", file=out)
PY
venv/bin/python decode.py

cat > Decode.java <<'JAVA'
import java.nio.file.*;
import java.util.*;
import org.openmuc.jmbus.VariableDataStructure;

public class Decode {
  public static void main(String[] args) throws Exception {
    var seen = new ArrayList<String>();
    for (String line : Files.readAllLines(Path.of("records.txt"))) {
      byte[] body = HexFormat.of().parseHex(line.split("\t")[1]);
      var data = new VariableDataStructure(body, 2, body.length - 2, null, null);
      data.decode();
      var record = data.getDataRecords().get(0);
      String text = String.format(Locale.ROOT, "%.3f %s %s", record.getScaledDataValue(), record.getDescription(), record.getUserDefinedDescription());
      System.out.println("jmbus " + line.split("\t")[0] + " -> " + text);
      seen.add(text);
    }
    String flow = " FLOW_TEMPERATURE FLOW_TEMPERATURE", energy = "5000.000 ENERGY ENERGY";
    var expected = List.of("-2.500" + flow, "-2.500" + flow, "1555.400" + flow, "1111.000" + flow, "155555.554 VOLUME VOLUME",
        energy, energy, energy, energy, energy);
    System.exit(seen.equals(expected) ? 0 : 1);
  }
}
JAVA
java -cp 'lib/*' Decode.java

#!/usr/bin/env bash
# The time of a meter on M-Bus (EN 13757-3, types F and I) with its summer-time bit and its "time invalid" bit, in three libraries.
#
# Expected: the clock shows 00:00 on 1 August and says "summer time". On a machine in Vienna that is 22:00 UTC on 31 July.
#           A clock that says of itself that it is invalid gives no time, or a mark.
# Seen:     jmbus on a machine in Vienna gives 22:59 UTC, 59 minutes late, as soon as the summer-time bit is set; without the
#           bit 22:00. On a machine in UTC the bit makes 23:59 of the day before out of 00:00. Milliseconds are those of
#           the machine's clock while decoding, so one frame read twice gives two times.
#           The invalid bit is ignored by all three: 12:30 comes without a mark.
#           Type I (with seconds): pymeterbus reads 12:12:00 on 15 July 2026 as "2032-15-12T12:00", a month 15 without an
#           error; jmbus gives a bare number, 237549390848. pymbusparser is right.
# Why it matters for a plant: the monthly reading moves to the month before or by an hour, so energy goes to another heat or
#           another bill. Keys on (meter, time) see a new reading each time. Decode the four or six bytes yourself, and
#           keep the invalid bit as quality.
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

RECORDS = {  # name: data record, what pymeterbus and what pymbusparser make of it
    "00:00, winter bit": ("046D00004138", "2026-08-01T00:00", "2026-08-01T00:00:00"),
    "00:00, summer bit": ("046D00804138", "2026-08-01T00:00", "2026-08-01T00:00:00"),
    "12:30": ("046D1E0C4F37", "2026-07-15T12:30", "2026-07-15T12:30:00"),
    "12:30, invalid bit": ("046D9E0C4F37", "2026-07-15T12:30", "2026-07-15T12:30:00"),
    "12:12:00, type I": ("066D000C0C4F3700", "2032-15-12T12:00", "2026-07-15T12:12:00"),
}
with open("records.txt", "w") as out:
    for name, (record, one, other) in RECORDS.items():
        body = bytes.fromhex("080172" + "78563412" + "9326" + "01" + "04" + "01" + "00" + "0000" + record)
        frame = bytes([0x68, len(body), len(body), 0x68]) + body + bytes([sum(body) & 255, 0x16])
        read = json.loads(meterbus.load(frame).to_JSON())["body"]["records"][0]["value"]
        parsed = json.loads(pymbusparser.m_bus_parse(frame.hex(), "json"))
        value = parsed["records"][0]["value"]
        print(name.ljust(20), "pymeterbus", read, "- pymbusparser", value, parsed["decode_state"])
        assert read == one and value["value"] == other and parsed["decode_state"] == "complete", (read, value)
        print(name, body.hex(), sep="\t", file=out)
PY
venv/bin/python decode.py

cat > Decode.java <<'JAVA'
import java.nio.file.*;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.*;
import org.openmuc.jmbus.VariableDataStructure;

public class Decode {
  static Object read(byte[] body) throws Exception {
    var data = new VariableDataStructure(body, 2, body.length - 2, null, null);
    data.decode();
    return data.getDataRecords().get(0).getDataValue();
  }

  public static void main(String[] args) throws Exception {
    var seen = new ArrayList<String>();
    for (String line : Files.readAllLines(Path.of("records.txt"))) {
      byte[] body = HexFormat.of().parseHex(line.split("\t")[1]);
      Object value = read(body);
      if (value instanceof Date time) {
        Thread.sleep(3);
        if (value.equals(read(body))) throw new AssertionError("the same time twice");
        value = Instant.ofEpochMilli(time.getTime()).truncatedTo(ChronoUnit.SECONDS);
      }
      System.out.println("jmbus in " + args[0] + ": " + line.split("\t")[0] + " -> " + value);
      seen.add(value.toString());
    }
    if (!seen.equals(List.of(args).subList(1, args.length))) System.exit(1);
  }
}
JAVA
java -Duser.timezone=Europe/Vienna -cp 'lib/*' Decode.java Europe/Vienna \
  2026-07-31T22:00:00Z 2026-07-31T22:59:00Z 2026-07-15T10:30:00Z 2026-07-15T10:30:00Z 237549390848
java -Duser.timezone=UTC -cp 'lib/*' Decode.java UTC \
  2026-08-01T00:00:00Z 2026-07-31T23:59:00Z 2026-07-15T12:30:00Z 2026-07-15T12:30:00Z 237549390848

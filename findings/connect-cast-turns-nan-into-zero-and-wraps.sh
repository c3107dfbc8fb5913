#!/usr/bin/env bash
# A measured value that Kafka Connect casts to an integer, with the transform Cast.
#
# Expected: what does not fit the new type is refused: NaN, infinity, 70000 as a 16-bit number.
# Seen:     a number is cast as Java casts it. To int16: NaN -> 0, 70000.7 -> 4464, infinity and 3e10 -> -1.
#           300 to int8 -> 44. To int32: NaN -> 0, 3e10 -> 2147483647. The text "70000" to int16 is refused,
#           since text takes another way. To boolean: 0.4 -> false and the text "1550.5" -> false.
# Why it matters for a plant: a dead sensor reads 0, a flow of 70000 l/h reads 4464, and an overflow reads -1, in the
#           database only. The errors and the dead letter queue of the connector stay empty.
#           Cast to float64 or int64 only, and filter NaN before the transform.
# Versions: connect-transforms 4.4.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>connect-transforms</artifactId><version>4.4.0</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null

cat > Casts.java <<'JAVA'
import java.util.Map;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Cast;

public class Casts {
  static boolean same = true;

  static void cast(String type, Object value, String expected) {
    Cast.Value<SourceRecord> transform = new Cast.Value<>();
    transform.configure(Map.of("spec", type));
    String seen;
    try {
      seen = String.valueOf(transform.apply(new SourceRecord(null, null, "topic", null, value)).value());
    } catch (DataException refused) {
      seen = "refused";
    }
    System.out.printf("%-8s %-9s (%s) -> %s%n", type, value, value.getClass().getSimpleName(), seen);
    same &= seen.equals(expected);
  }

  public static void main(String[] args) {
    cast("int16", Double.NaN, "0");
    cast("int16", 70000.7, "4464");
    cast("int16", Double.POSITIVE_INFINITY, "-1");
    cast("int16", 3e10, "-1");
    cast("int16", "70000", "refused");
    cast("int8", 300L, "44");
    cast("int32", Double.NaN, "0");
    cast("int32", 3e10, "2147483647");
    cast("boolean", 0.4, "false");
    cast("boolean", "1550.5", "false");
    System.exit(same ? 0 : 1);
  }
}
JAVA
java -cp 'lib/*' Casts.java

#!/usr/bin/env bash
# Times as text, made into a timestamp by the transform TimestampConverter of Kafka Connect.
#
# Expected: the pattern "yyyy-MM-dd HH:mm:ss.SSSSSS" with unix.precision=microseconds reads six places. A text that does not
#           fit the pattern is refused.
# Seen:     06:00:00.123456 is read as 06:02:03.456: the six digits are taken as milliseconds. 05:59:59.999999 is
#           06:16:38.999, and 06:00:00.000001 is 06:00:00.001. The pattern with three places does the same, and .5 is 5 ms.
#           What follows the pattern is ignored: "2026-12-01T06:00:00+01:00" under "yyyy-MM-dd'T'HH:mm:ss" is 06:00 UTC.
#           A date that does not exist is moved: 31/12/2026 under MM/dd/yyyy is 2028-07-12. 01.12.26 under dd.MM.yyyy is
#           the year 26. None of them is refused, so nothing is in the dead letter queue.
# Why it matters for a plant: PostgreSQL, historians and many PLC gateways write six places. The rows are out of order by up
#           to 16 minutes, lags and joins are wrong, and the times still look plausible. Let the source send a number, or cut
#           the text to three places and take the zone (XXX) into the pattern.
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

cat > Times.java <<'JAVA'
import java.util.Date;
import java.util.Map;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.TimestampConverter;

public class Times {
  static boolean same = true;

  static void read(String pattern, String text, String seen) {
    String answer;
    try (var transform = new TimestampConverter.Value<SourceRecord>()) {
      transform.configure(Map.of("target.type", "Timestamp", "format", pattern, "unix.precision", "microseconds"));
      answer = ((Date) transform.apply(new SourceRecord(null, null, "temperatures", null, text)).value()).toInstant().toString();
    } catch (DataException refused) {
      answer = "refused";
    }
    System.out.printf("%-28s %-28s -> %s%n", pattern, text, answer);
    same &= answer.equals(seen);
  }

  public static void main(String[] arguments) {
    String six = "yyyy-MM-dd HH:mm:ss.SSSSSS", three = "yyyy-MM-dd HH:mm:ss.SSS", iso = "yyyy-MM-dd'T'HH:mm:ss";
    read(six, "2026-12-01 05:59:59.999999", "2026-12-01T06:16:38.999Z");
    read(six, "2026-12-01 06:00:00.000001", "2026-12-01T06:00:00.001Z");
    read(six, "2026-12-01 06:00:00.123456", "2026-12-01T06:02:03.456Z");
    read(three, "2026-12-01 06:00:00.123456", "2026-12-01T06:02:03.456Z");
    read(three, "2026-12-01 06:00:00.5", "2026-12-01T06:00:00.005Z");
    read(iso, "2026-12-01T06:00:00+01:00", "2026-12-01T06:00:00Z");
    read("yyyy-MM-dd'T'HH:mm:ssXXX", "2026-12-01T06:00:00+01:00", "2026-12-01T05:00:00Z");
    read("MM/dd/yyyy", "31/12/2026", "2028-07-12T00:00:00Z");
    read("dd.MM.yyyy", "01.12.26", "0026-11-29T00:00:00Z");
    read("yyyyMMddHHmmss", "202612010600", "refused");
    System.exit(same ? 0 : 1);
  }
}
JAVA
java -cp 'lib/*' Times.java

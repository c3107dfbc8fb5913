#!/usr/bin/env bash
# Headers of Kafka records (a heat number, a steel grade, a time of day) on their way through Kafka Connect.
#
# Expected: a header is a name and some bytes. Connect carries it from the source to the sink. What it cannot read stays text.
# Seen:     SimpleHeaderConverter, which a worker uses unless it is told otherwise, reads text as a number where it can,
#           and writes the number back. 0047110 comes out as 47110, the grade 12E3 as 12000, 1550.10 as 1550.1.
#           Where a number begins the text, the rest is dropped: the time 10:45 comes out as 10, 12:30:00 as 12,
#           and the decimal comma in 1,5 gives 1. A-0012, 4711F and 2026-12-01 come out as they went in.
# Why it matters for a plant: a sink stores another heat number than the producer sent, for some heats only, and a shift
#           change at 10:45 becomes 10. The record's value is right, so no test of values sees it.
#           Set header.converter to StringConverter or ByteArrayConverter in each worker and connector.
# Versions: connect-api 4.4.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>connect-api</artifactId><version>4.4.0</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null

cat > Headers.java <<'JAVA'
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;

public class Headers {
  public static void main(String[] args) {
    SimpleHeaderConverter converter = new SimpleHeaderConverter();
    converter.configure(Map.of());
    String[][] expected = {
        {"0047110", "47110"}, {"12E3", "12000"}, {"1550.10", "1550.1"}, {"10:45", "10"}, {"12:30:00", "12"}, {"1,5", "1"},
        {"A-0012", "A-0012"}, {"4711F", "4711F"}, {"2026-12-01", "2026-12-01"}};
    boolean same = true;
    for (String[] pair : expected) {
      SchemaAndValue read = converter.toConnectHeader("topic", "header", pair[0].getBytes(StandardCharsets.UTF_8));
      byte[] written = converter.fromConnectHeader("topic", "header", read.schema(), read.value());
      String text = new String(written, StandardCharsets.UTF_8);
      System.out.printf("%-11s -> %-7s -> %s%n", pair[0], read.schema().type(), text);
      same &= text.equals(pair[1]);
    }
    System.exit(same ? 0 : 1);
  }
}
JAVA
java -cp 'lib/*' Headers.java

#!/usr/bin/env bash
# Sums per hour and per quarter hour of an energy meter in QuestDB, with the plant's zone, over the night the clocks go back.
#
# Expected: 25 October 2026 in Vienna has 25 hours, so SAMPLE BY 1h with the zone gives 25 rows of 4 readings each.
# Seen:     24 rows. The two hours that are called 02 o'clock are one row with 8 readings, at the time of the first; there is
#           no row for the second. With 15m it is the same: four rows with 2 readings each, then a gap of an hour.
#           Without the zone there are 25 rows of 4.
# Why it matters for a plant: the hour's energy is twice as high as real, above the limit of the contract, and a
#           quarter hour's mean power too. Sample in UTC up to an hour, and use the zone from a day on.
# Versions: org.questdb:questdb 9.3.4. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>org.questdb</groupId><artifactId>questdb</artifactId><version>9.3.4</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null

cat > Night.java <<'JAVA'
import io.questdb.cairo.*;
import io.questdb.cairo.security.AllowAllSecurityContext;
import io.questdb.cairo.sql.*;
import io.questdb.griffin.*;
import java.time.*;
import java.time.temporal.ChronoUnit;
import java.util.*;

public class Night {
  static CairoEngine engine;
  static SqlExecutionContext context;

  // Gives the number of readings by the local start of each bin.
  static Map<String, Long> bins(String sample) throws Exception {
    Map<String, Long> bins = new LinkedHashMap<>();
    String query = "select ts, count() from meter sample by " + sample;
    try (RecordCursorFactory factory = engine.select(query, context); RecordCursor cursor = factory.getCursor(context)) {
      while (cursor.hasNext()) {
        Instant start = Instant.EPOCH.plus(cursor.getRecord().getTimestamp(0), ChronoUnit.MICROS);
        bins.put(start.atZone(ZoneId.of("Europe/Vienna")).toOffsetDateTime().toString().substring(11), cursor.getRecord().getLong(1));
      }
    }
    List<String> shown = new ArrayList<>();
    bins.forEach((start, count) -> { if (start.compareTo("01:30") > 0 && start.compareTo("04") < 0) shown.add(start + " " + count); });
    System.out.println(sample + ": " + bins.size() + " rows, from half past one to four:\n    " + String.join(", ", shown));
    return bins;
  }

  public static void main(String[] args) throws Exception {
    engine = new CairoEngine(new DefaultCairoConfiguration(args[0]));
    context = new SqlExecutionContextImpl(engine, 1).with(AllowAllSecurityContext.INSTANCE, null);
    engine.execute("create table meter (ts timestamp, energy double) timestamp(ts)", context);
    engine.execute("insert into meter select dateadd('m', (15 * (x - 1))::int, '2026-10-24T22:00:00.000000Z'::timestamp), 1.0 "
        + "from long_sequence(100)", context);
    Map<String, Long> zoned = bins("1h align to calendar time zone 'Europe/Vienna'");
    Map<String, Long> quarters = bins("15m align to calendar time zone 'Europe/Vienna'");
    Map<String, Long> utc = bins("1h align to calendar");
    boolean same = zoned.size() == 24 && zoned.get("02:00+02:00") == 8 && !zoned.containsKey("02:00+01:00");
    same &= quarters.size() == 96 && quarters.get("02:15+02:00") == 2 && !quarters.containsKey("02:15+01:00");
    same &= utc.size() == 25 && utc.get("02:00+02:00") == 4 && utc.get("02:00+01:00") == 4;
    System.exit(same ? 0 : 1);
  }
}
JAVA
mkdir data
java -cp 'lib/*' Night.java "$work/data" 2>&1 | { grep -v -E '^(Log configuration|Note:|20[0-9-]+T)' || true; }

#!/usr/bin/env bash
# Very small numbers (a leak rate, a permeability, a content as a fraction) in conditions of QuestDB.
#
# Expected: a DOUBLE of 5e-11 is above 0. WHERE rate > 0 finds it, and WHERE rate = 0 does not.
# Seen:     QuestDB compares within 1e-10. 5e-11 = 0 is true, 5e-11 > 0 is false, and so for FLOAT. 5e-11 = 9e-11 is true.
#           Sums, minimum and products use the full value: min(rate) is 5e-11 and rate * 1e9 is 0.05.
#           NaN and null are one: rate != 0 gives the null rows too, while not (rate > 0) leaves them out.
# Why it matters for a plant: the leak rate of a vacuum degasser or of a mould's water circuit is given in such numbers in SI units.
#           A rule "above the limit" never fires, and a chart of the same column shows the rise.
#           Store such values in a unit in which they are near 1, or compare rate * 1e12.
# Versions: org.questdb:questdb 9.3.4. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>org.questdb</groupId><artifactId>questdb</artifactId><version>9.3.4</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null

cat > Small.java <<'JAVA'
import io.questdb.cairo.*;
import io.questdb.cairo.security.AllowAllSecurityContext;
import io.questdb.cairo.sql.*;
import io.questdb.griffin.*;
import java.util.*;

public class Small {
  static CairoEngine engine;
  static SqlExecutionContext context;
  static boolean same = true;

  static void expect(String query, String expected) throws Exception {
    List<String> rows = new ArrayList<>();
    try (RecordCursorFactory factory = engine.select(query, context); RecordCursor cursor = factory.getCursor(context)) {
      while (cursor.hasNext()) {
        Object value = ColumnType.tagOf(factory.getMetadata().getColumnType(0)) == ColumnType.BOOLEAN
            ? cursor.getRecord().getBool(0) : (Object) cursor.getRecord().getDouble(0);
        rows.add(value.toString());
      }
    }
    System.out.println(query + "  ->  " + String.join(", ", rows));
    same &= String.join(", ", rows).equals(expected);
  }

  public static void main(String[] args) throws Exception {
    engine = new CairoEngine(new DefaultCairoConfiguration(args[0]));
    context = new SqlExecutionContextImpl(engine, 1).with(AllowAllSecurityContext.INSTANCE, null);
    engine.execute("create table leaks (ts timestamp, rate double, single float) timestamp(ts)", context);
    engine.execute("insert into leaks values ('2026-12-01T05:00:00Z', 5e-11, 5e-11), ('2026-12-01T05:01:00Z', 0.0005, 0.0005), "
        + "('2026-12-01T05:02:00Z', null, null)", context);
    expect("select rate from leaks where rate > 0", "5.0E-4");
    expect("select rate from leaks where rate = 0", "5.0E-11");
    expect("select rate from leaks where single > 0", "5.0E-4");
    expect("select rate = 9e-11 from leaks limit 1", "true");
    expect("select min(rate) from leaks", "5.0E-11");
    expect("select rate * 1e9 from leaks limit 1", "0.05");
    expect("select rate from leaks where rate != 0", "5.0E-4, NaN");
    expect("select rate from leaks where not (rate > 0)", "5.0E-11");
    System.exit(same ? 0 : 1);
  }
}
JAVA
mkdir data
java -cp 'lib/*' Small.java "$work/data" 2>&1 | { grep -v -E '^(Log configuration|Note:|20[0-9-]+T)' || true; }

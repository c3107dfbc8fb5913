#!/usr/bin/env bash
# A dead thermocouple (NaN) between two readings, in an Apache TsFile, with each encoding that takes DOUBLE.
#
# Expected: NaN is a value of DOUBLE. What a lossless encoding for floats writes comes back: 1550.123, NaN, 1549.988.
# Seen:     Python (C++ core) and Java: PLAIN, GORILLA, CHIMP, SPRINTZ and RLBE give NaN back. CAMEL gives 0.0 for it.
#           Java, GORILLA_V1: NaN ends the series. Every value after it comes as NaN, up to the end of the page.
#           No write and no read fails.
# Why it matters for a plant: an average over the casting speed or a mould temperature takes in zeros that nobody
#           measured, and a break-out rule sees a drop to 0 °C. Choose GORILLA, or leave the row out instead of NaN.
# Versions: tsfile 2.5.0 from PyPI, org.apache.tsfile:tsfile 2.4.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tsfile==2.5.0
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.tsfile</groupId><artifactId>tsfile</artifactId><version>2.4.0</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null

cat > encodings.py <<'PY'
from tsfile import Field, RowRecord, TimeseriesSchema, TsFileReader, TsFileWriter, TSDataType, TSEncoding

values = [1550.123, float("nan"), 1549.988]
seen = {}
for name in ["PLAIN", "GORILLA", "CHIMP", "SPRINTZ", "RLBE", "CAMEL"]:
    path = f"{name}.tsfile"
    writer = TsFileWriter(path)
    writer.register_timeseries("caster", TimeseriesSchema("mould", TSDataType.DOUBLE, getattr(TSEncoding, name)))
    for time, value in enumerate(values, 1):
        writer.write_row_record(RowRecord("caster", time, [Field("mould", value, TSDataType.DOUBLE)]))
    writer.close()
    reader = TsFileReader(path)
    result = reader.query_timeseries("caster", ["mould"], 0, 100)
    seen[name] = []
    while result.next():
        seen[name].append(result.get_value_by_index(2))
    result.close()
    reader.close()
    print("Python", name.ljust(11), seen[name])
kept = str(values)
assert all(str(seen[name]) == kept for name in seen if name != "CAMEL")
assert seen["CAMEL"] == [1550.123, 0.0, 1549.988]
PY
venv/bin/python encodings.py

cat > Encodings.java <<'JAVA'
import java.io.File;
import java.util.*;
import org.apache.tsfile.enums.TSDataType;
import org.apache.tsfile.file.metadata.enums.*;
import org.apache.tsfile.read.*;
import org.apache.tsfile.read.common.Path;
import org.apache.tsfile.read.expression.QueryExpression;
import org.apache.tsfile.write.TsFileWriter;
import org.apache.tsfile.write.record.TSRecord;
import org.apache.tsfile.write.record.datapoint.DoubleDataPoint;
import org.apache.tsfile.write.schema.MeasurementSchema;

public class Encodings {
  static String backAndForth(TSEncoding encoding) throws Exception {
    File file = new File(encoding + "-java.tsfile");
    double[] values = {1550.123, Double.NaN, 1549.988};
    TsFileWriter writer = new TsFileWriter(file);
    writer.registerTimeseries(new Path("caster"), new MeasurementSchema("mould", TSDataType.DOUBLE, encoding, CompressionType.UNCOMPRESSED));
    for (int i = 0; i < values.length; i++) {
      TSRecord record = new TSRecord("caster", i + 1);
      record.addTuple(new DoubleDataPoint("mould", values[i]));
      writer.writeRecord(record);
    }
    writer.close();
    List<Double> read = new ArrayList<>();
    try (TsFileReader reader = new TsFileReader(new TsFileSequenceReader(file.getPath()))) {
      var rows = reader.query(QueryExpression.create(new ArrayList<>(List.of(new Path("caster", "mould", true))), null));
      while (rows.hasNext()) read.add(rows.next().getFields().get(0).getDoubleV());
    }
    System.out.println("Java   " + String.format("%-11s", encoding) + " " + read);
    return read.toString();
  }

  public static void main(String[] args) throws Exception {
    boolean same = backAndForth(TSEncoding.GORILLA).equals("[1550.123, NaN, 1549.988]")
        & backAndForth(TSEncoding.CAMEL).equals("[1550.123, 0.0, 1549.988]")
        & backAndForth(TSEncoding.GORILLA_V1).equals("[1550.123, NaN, NaN]");
    System.exit(same ? 0 : 1);
  }
}
JAVA
java -cp 'lib/*' Encodings.java 2>&1 | { grep -v '^Note:' || true; }

#!/usr/bin/env bash
# Analysis and temperature values in an Apache TsFile, with its encodings for slow series.
#
# Expected: an encoding packs values; what is lossy says so when it is chosen, or refuses a DOUBLE.
# Seen:     RLE (Java) and TS_2DIFF (Java and Python) write DOUBLE as decimals with two places. 1550.128 comes back as
#           1550.13, a carbon content of 0.0049 as 0.0, 0.085 as 0.09. The schema says DOUBLE, nothing is logged.
#           The number of places is a default of the writing library. Python refuses RLE for DOUBLE.
# Why it matters for a plant: carbon, sulphur and boron are given in thousandths of a percent. A model is trained on zeros
#           and steps. Choose GORILLA for floats, and compare a written file with its source.
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

cat > Round.java <<'JAVA'
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

public class Round {
  public static void main(String[] args) throws Exception {
    double[] values = {1550.128, 0.0049, 0.085};
    String whole = Arrays.toString(values), rounded = "[1550.13, 0.0, 0.09]";
    Map<TSEncoding, String> expected = Map.of(TSEncoding.GORILLA, whole, TSEncoding.RLE, rounded, TSEncoding.TS_2DIFF, rounded);
    boolean same = true;
    for (TSEncoding encoding : new TreeSet<>(expected.keySet())) {
      File file = new File(encoding + ".tsfile");
      TsFileWriter writer = new TsFileWriter(file);
      writer.registerTimeseries(new Path("heat"), new MeasurementSchema("x", TSDataType.DOUBLE, encoding, CompressionType.UNCOMPRESSED));
      for (int i = 0; i < values.length; i++) {
        TSRecord record = new TSRecord("heat", i + 1);
        record.addTuple(new DoubleDataPoint("x", values[i]));
        writer.writeRecord(record);
      }
      writer.close();
      List<Double> read = new ArrayList<>();
      try (TsFileReader reader = new TsFileReader(new TsFileSequenceReader(file.getPath()))) {
        var rows = reader.query(QueryExpression.create(new ArrayList<>(List.of(new Path("heat", "x", true))), null));
        while (rows.hasNext()) read.add(rows.next().getFields().get(0).getDoubleV());
      }
      System.out.println("Java   " + encoding + " " + whole + " -> " + read);
      same &= read.toString().equals(expected.get(encoding));
    }
    System.exit(same ? 0 : 1);
  }
}
JAVA
java -cp 'lib/*' Round.java 2>&1 | { grep -v '^Note:' || true; }

cat > round.py <<'PY'
from tsfile import Field, RowRecord, TimeseriesSchema, TsFileReader, TsFileWriter, TSDataType, TSEncoding

writer = TsFileWriter("python.tsfile")
writer.register_timeseries("heat", TimeseriesSchema("x", TSDataType.DOUBLE, TSEncoding.TS_2DIFF))
for time, value in enumerate([1550.128, 0.0049, 0.085], 1):
    writer.write_row_record(RowRecord("heat", time, [Field("x", value, TSDataType.DOUBLE)]))
writer.close()
reader = TsFileReader("python.tsfile")
result = reader.query_timeseries("heat", ["x"], 0, 100)
read = []
while result.next():
    read.append(result.get_value_by_index(2))
result.close()
reader.close()
print("Python TS_2DIFF ->", read)
assert read[:2] == [1550.13, 0.0] and read[2] in (0.08, 0.09), read
PY
venv/bin/python round.py

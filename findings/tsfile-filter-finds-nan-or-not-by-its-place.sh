#!/usr/bin/env bash
# "Where the temperature is above 1000" on an Apache TsFile that holds a NaN.
#
# Expected: NaN is neither above nor below anything. A filter never gives it, or always, wherever it lies in the file.
# Seen:     with NaN first the filter gives the other two rows. With NaN second or last the same filter gives all three
#           rows, NaN included, and so does "below 1560". The page's minimum and maximum decide: NaN that comes first
#           makes both NaN, so each row is looked at; NaN that comes later leaves them as they were, so the page
#           passes as a whole. The statistics read minimum NaN and maximum NaN for a page with two good values.
# Why it matters for a plant: a query for "hot" rows hands NaN to a model or a mean, depending on when a sensor failed.
#           Test each value again after the query, and do not take a file's statistics for limits.
# Versions: org.apache.tsfile:tsfile 2.4.0. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.tsfile</groupId><artifactId>tsfile</artifactId><version>2.4.0</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null

cat > ByPlace.java <<'JAVA'
import java.io.File;
import java.util.*;
import org.apache.tsfile.enums.TSDataType;
import org.apache.tsfile.file.metadata.enums.*;
import org.apache.tsfile.read.*;
import org.apache.tsfile.read.common.Path;
import org.apache.tsfile.read.expression.QueryExpression;
import org.apache.tsfile.read.expression.impl.SingleSeriesExpression;
import org.apache.tsfile.read.filter.basic.Filter;
import org.apache.tsfile.read.filter.factory.ValueFilterApi;
import org.apache.tsfile.write.TsFileWriter;
import org.apache.tsfile.write.record.TSRecord;
import org.apache.tsfile.write.record.datapoint.DoubleDataPoint;
import org.apache.tsfile.write.schema.MeasurementSchema;

public class ByPlace {
  static final Path SERIES = new Path("caster", "steel", true);

  static List<Double> query(File file, Filter filter) throws Exception {
    List<Double> read = new ArrayList<>();
    try (TsFileReader reader = new TsFileReader(new TsFileSequenceReader(file.getPath()))) {
      var rows = reader.query(QueryExpression.create(new ArrayList<>(List.of(SERIES)), new SingleSeriesExpression(SERIES, filter)));
      while (rows.hasNext()) read.add(rows.next().getFields().get(0).getDoubleV());
    }
    return read;
  }

  public static void main(String[] args) throws Exception {
    double nan = Double.NaN;
    double[][] orders = {{nan, 1549, 1551.5}, {1549, nan, 1551.5}, {1549, 1551.5, nan}};
    List<List<Double>> above = new ArrayList<>(), below = new ArrayList<>();
    String firstStatistics = null;
    for (double[] values : orders) {
      File file = File.createTempFile("nan", ".tsfile", new File("."));
      file.delete();
      TsFileWriter writer = new TsFileWriter(file);
      writer.registerTimeseries(new Path("caster"), new MeasurementSchema("steel", TSDataType.DOUBLE, TSEncoding.PLAIN, CompressionType.UNCOMPRESSED));
      for (int i = 0; i < values.length; i++) {
        TSRecord record = new TSRecord("caster", i + 1);
        record.addTuple(new DoubleDataPoint("steel", values[i]));
        writer.writeRecord(record);
      }
      writer.close();
      above.add(query(file, ValueFilterApi.gt(0, 1000.0, TSDataType.DOUBLE)));
      below.add(query(file, ValueFilterApi.lt(0, 1560.0, TSDataType.DOUBLE)));
      try (TsFileSequenceReader reader = new TsFileSequenceReader(file.getPath())) {
        String statistics = reader.getChunkMetadataList(SERIES).get(0).getStatistics().toString();
        if (firstStatistics == null) firstStatistics = statistics;
        System.out.println(Arrays.toString(values) + "  > 1000: " + above.get(above.size() - 1) + "  < 1560: " + below.get(below.size() - 1));
        System.out.println("   " + statistics);
      }
    }
    List<List<Double>> expected = List.of(List.of(1549.0, 1551.5), List.of(1549.0, nan, 1551.5), List.of(1549.0, 1551.5, nan));
    boolean same = above.equals(expected) && below.equals(expected) && firstStatistics.contains("minValue:NaN,maxValue:NaN");
    System.exit(same ? 0 : 1);
  }
}
JAVA
java -cp 'lib/*' ByPlace.java 2>&1 | { grep -v '^Note:' || true; }

#!/usr/bin/env bash
# Counters of the types uint32 and uint64 in Parquet files of two writers, read in Java and in JavaScript.
#
# Expected: Parquet stores in its schema that a number is unsigned. A reader gives 4000000000, or it refuses.
# Seen:     parquet-avro in Java reads 4000000000 as -294967296, under the Avro type int. @dsnp/parquetjs gives -294967296
#           too. uint64 9223372036854775813 is -9223372036854775803 in both. uint8 and uint16 are right.
#           It is so with the files of pyarrow and of DuckDB. pyarrow and hyparquet read both of them right.
# Why it matters for a plant: energy meters, OPC UA UInt32 and PLC DWORD counters (and status words with the top bit set) are
#           right in the notebook and negative in the job in Java. A difference over the step is 4.29e9 wrong.
#           Cast unsigned columns to int64 or text before you write them.
# Versions: parquet-avro 1.18.1, @dsnp/parquetjs 1.8.8, hyparquet 1.33.0, pyarrow 26.0.1, duckdb 2.0.1. Run on 2026-12-01.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1 duckdb==2.0.1
npm init -y > /dev/null
npm install --loglevel=error --no-audit --no-fund @dsnp/parquetjs@1.8.8 hyparquet@1.33.0 > /dev/null
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.parquet</groupId><artifactId>parquet-avro</artifactId><version>1.18.1</version></dependency>
<dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-api</artifactId><version>3.4.2</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null

cat > write.py <<'PY'
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

table = pa.table({
    "meter8": pa.array([200], pa.uint8()),
    "meter16": pa.array([60000], pa.uint16()),
    "meter32": pa.array([4000000000], pa.uint32()),
    "meter64": pa.array([2**63 + 5], pa.uint64()),
})
pq.write_table(table, "pyarrow.parquet", compression="none")
duckdb.sql("COPY (SELECT * FROM 'pyarrow.parquet') TO 'duckdb.parquet' (COMPRESSION uncompressed)")
for writer in ["pyarrow", "duckdb"]:
    row = pq.read_table(f"{writer}.parquet").to_pylist()[0]
    assert list(row.values()) == [200, 60000, 4000000000, 2**63 + 5], row
PY
cat > Read.java <<'JAVA'
import java.nio.file.Path;
import org.apache.avro.Schema;
import org.apache.avro.generic.*;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.io.LocalInputFile;

public class Read {
  public static void main(String[] names) throws Exception {
    for (String name : names) {
      var file = new LocalInputFile(Path.of(name + ".parquet"));
      try (var reader = AvroParquetReader.<GenericRecord>builder(file, new PlainParquetConfiguration()).withDataModel(GenericData.get()).build()) {
        GenericRecord row = reader.read();
        StringBuilder line = new StringBuilder();
        for (Schema.Field field : row.getSchema().getFields()) {
          Schema type = field.schema().isUnion() ? field.schema().getTypes().get(1) : field.schema();
          line.append(line.isEmpty() ? "" : " ").append(type.getName()).append(':').append(row.get(field.name()));
        }
        System.out.println(line);
      }
    }
  }
}
JAVA
cat > read.cjs <<'JS'
const { ParquetReader } = require('@dsnp/parquetjs');
(async () => {
  const { parquetReadObjects, asyncBufferFromFile } = await import('hyparquet');
  const text = (row) => Object.values(row).map((value) => String(value)).join(' ');
  for (const name of process.argv.slice(2)) {
    const reader = await ParquetReader.openFile(`${name}.parquet`);
    console.log('@dsnp/parquetjs', text(await reader.getCursor().next()));
    await reader.close();
    console.log('hyparquet', text((await parquetReadObjects({ file: await asyncBufferFromFile(`${name}.parquet`) }))[0]));
  }
})();
JS
venv/bin/python write.py
java -cp 'lib/*' Read.java pyarrow duckdb 2> java.log | sed 's/^/parquet-avro /' > seen.txt || { cat java.log; exit 1; }
node read.cjs pyarrow duckdb >> seen.txt
sort seen.txt
sort seen.txt | uniq -c | sed 's/^ *//' | diff - <(printf '%s\n' \
  '2 @dsnp/parquetjs 200 60000 -294967296 -9223372036854775803' \
  '2 hyparquet 200 60000 4000000000 9223372036854775813' \
  '2 parquet-avro int:200 int:60000 int:-294967296 long:-9223372036854775803')

#!/usr/bin/env bash
# The Rabin fingerprint of a schema, which names the schema in Avro's single-object encoding, in five libraries.
#
# Expected: Avro's canonical form and CRC-64-AVRO are specified to the byte: one schema, one fingerprint.
# Seen:     a record of plain fields has one fingerprint everywhere (Python shows it as bytes, in reverse order).
#           With a field {"type": "bytes", "logicalType": "decimal", ...} there are four; only Java and fastavro agree. In
#           the canonical form hamba/avro keeps logicalType, precision and scale, goavro writes
#           {"name":"bytes.decimal","type":"bytes"}, and avro for Python {"type":"bytes"} instead of "bytes".
#           With a record of another namespace inside, hamba/avro agrees with Java; goavro names it p.q.Inner instead of
#           q.Inner, and avro for Python spells a fixed type out a second time.
# Why it matters for a plant: a consumer that looks the schema up by its fingerprint finds none as soon as a field is a
#           decimal or a timestamp, which is in each real message. Compute fingerprints on one side only and share them
#           as a table, or use a registry's numbers.
# Versions: Avro Java 1.12.2, fastavro 1.13.1, avro (PyPI) 1.12.2, hamba/avro 2.31.0, linkedin/goavro 2.15.0. Run on 2026-12-01.
# Needs: go 1.26 beside java with mvn and python3.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check avro==1.12.2 fastavro==1.13.1
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.avro</groupId><artifactId>avro</artifactId><version>1.12.2</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null
cat > go.mod <<'MOD'
module finding
go 1.26
MOD

cat > plain.avsc <<'AVSC'
{"type":"record","name":"Heat","namespace":"p","fields":[{"name":"id","type":"string"},{"name":"temp","type":["null","double"]}]}
AVSC
cat > decimal.avsc <<'AVSC'
{"type":"record","name":"Heat","namespace":"p","fields":[{"name":"c","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":3}}]}
AVSC
cat > nested.avsc <<'AVSC'
{"type":"record","name":"Heat","namespace":"p","fields":[
 {"name":"x","type":{"type":"record","name":"Inner","namespace":"q","fields":[{"name":"y","type":{"type":"fixed","name":"F","size":4}}]}},
 {"name":"z","type":"q.F"}]}
AVSC

cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/hamba/avro/v2"
	"github.com/linkedin/goavro/v2"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	sum, err := avro.MustParse(string(text)).FingerprintUsing(avro.CRC64Avro)
	if err != nil {
		panic(err)
	}
	codec, err := goavro.NewCodec(string(text))
	if err != nil {
		panic(err)
	}
	fmt.Printf("hamba %x\ngoavro %016x\n", sum, codec.Rabin)
}
GO
go get github.com/hamba/avro/v2@v2.31.0 github.com/linkedin/goavro/v2@v2.15.0 2> go.log || { cat go.log; exit 1; }
go build -o fingerprint .
cat > Fingerprint.java <<'JAVA'
import java.io.File;
import org.apache.avro.*;

public class Fingerprint {
  public static void main(String[] args) throws Exception {
    System.out.printf("java %016x%n", SchemaNormalization.parsingFingerprint64(new Schema.Parser().parse(new File(args[0]))));
  }
}
JAVA
cat > fingerprint.py <<'PY'
import json
import sys

import avro.schema
from fastavro.schema import fingerprint, to_parsing_canonical_form

text = open(sys.argv[1]).read()
as_number = lambda little_endian: bytes.fromhex(little_endian)[::-1].hex()
print("fastavro", as_number(fingerprint(to_parsing_canonical_form(json.loads(text)), "CRC-64-AVRO")))
print("avro-py", as_number(avro.schema.parse(text).fingerprint().hex()))
PY

check() { # NAME EXPECTED: prints the fingerprints of a schema and how the libraries group
  { java -cp 'lib/*' Fingerprint.java "$1.avsc"; venv/bin/python fingerprint.py "$1.avsc"; ./fingerprint "$1.avsc"; } > "$1.txt"
  echo "$1:"; sed 's/^/    /' "$1.txt"
  groups=$(awk '{ if (!($2 in g)) order[++n] = $2; g[$2] = g[$2] (g[$2] ? "=" : "") $1 } END { for (i = 1; i <= n; i++) printf "%s%s", g[order[i]], i < n ? " " : "" }' "$1.txt")
  echo "    groups: $groups"
  [ "$groups" = "$2" ]
}
check plain 'java=fastavro=avro-py=hamba=goavro'
check decimal 'java=fastavro avro-py hamba goavro'
check nested 'java=fastavro=hamba avro-py goavro'

#!/usr/bin/env bash
# A content of 0.0129 % for an Avro field of type decimal(4,3), written in Go, Java and Python.
#
# Expected: Avro's decimal has the scale of the schema. A value with more places is refused, so nobody loses one unawares.
# Seen:     Java and both Python libraries refuse. Both Go libraries cut without an error, towards minus infinity:
#           0.0129 -> 0.012, -0.0129 -> -0.013, and 0.0009 -> 0.
#           12345.678 is too long for precision 4. Java, fastavro and hamba/avro refuse. goavro writes it. Python's avro writes
#           all its digits too, and rounds to four when it reads: 1.235E+4.
# Why it matters for a plant: boron or nitrogen of 0.0009 % becomes 0, and a mean of cut values is low by half a step.
#           A correction of a scale is off the other way. A test in Java finds nothing. Round before you encode.
# Versions: hamba/avro 2.31.0, linkedin/goavro 2.15.0, Avro Java 1.12.2, avro (PyPI) 1.12.2, fastavro 1.13.1. Run on 2026-12-01.
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

cat > main.go <<'GO'
package main

import (
	"fmt"
	"math/big"
	"os"

	"github.com/hamba/avro/v2"
	"github.com/linkedin/goavro/v2"
)

const schema = `{"type":"bytes","logicalType":"decimal","precision":4,"scale":3}`

func text(value any, err error) string {
	if err != nil {
		return "refused"
	}
	return value.(*big.Rat).FloatString(3)
}

func hamba(value *big.Rat) string {
	parsed := avro.MustParse(schema)
	bytes, err := avro.Marshal(parsed, value)
	if err != nil {
		return "refused"
	}
	var back any
	err = avro.Unmarshal(parsed, bytes, &back)
	return text(back, err)
}

func linkedin(value *big.Rat) string {
	codec, err := goavro.NewCodec(schema)
	if err != nil {
		panic(err)
	}
	bytes, err := codec.BinaryFromNative(nil, value)
	if err != nil {
		return "refused"
	}
	back, _, err := codec.NativeFromBinary(bytes)
	return text(back, err)
}

func main() {
	same := true
	for _, row := range [][3]string{
		{"0.0129", "0.012", "0.012"}, {"-0.0129", "-0.013", "-0.013"}, {"0.0009", "0.000", "0.000"}, {"12345.678", "refused", "12345.678"}} {
		value, _ := new(big.Rat).SetString(row[0])
		first, second := hamba(value), linkedin(value)
		fmt.Printf("Go      %-9s hamba/avro %-9s goavro %s\n", row[0], first, second)
		same = same && first == row[1] && second == row[2]
	}
	if !same {
		os.Exit(1)
	}
}
GO
go get github.com/hamba/avro/v2@v2.31.0 github.com/linkedin/goavro/v2@v2.15.0 2> go.log || { cat go.log; exit 1; }
go run .

cat > Decimals.java <<'JAVA'
import java.math.BigDecimal;
import org.apache.avro.*;

public class Decimals {
  public static void main(String[] args) {
    LogicalTypes.Decimal type = LogicalTypes.decimal(4, 3);
    Schema schema = type.addToSchema(Schema.create(Schema.Type.BYTES));
    for (String text : new String[] {"0.0129", "-0.0129", "0.0009", "12345.678"}) {
      try {
        System.out.println("Java    " + text + " " + new Conversions.DecimalConversion().toBytes(new BigDecimal(text), schema, type));
        System.exit(1);
      } catch (AvroTypeException refused) {
        System.out.println("Java    " + text + " refused");
      }
    }
  }
}
JAVA
java -cp 'lib/*' Decimals.java

cat > decimals.py <<'PY'
import decimal
import io
import json

import avro.errors
import avro.io
import avro.schema
import fastavro

schema = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 3}


def with_fastavro(value):
    stream = io.BytesIO()
    try:
        fastavro.schemaless_writer(stream, schema, value)
    except ValueError:
        return "refused"
    stream.seek(0)
    return str(fastavro.schemaless_reader(stream, schema, None))


def with_avro(value):
    stream, parsed = io.BytesIO(), avro.schema.parse(json.dumps(schema))
    try:
        avro.io.DatumWriter(parsed).write(value, avro.io.BinaryEncoder(stream))
    except avro.errors.AvroOutOfScaleException:
        return "refused"
    stream.seek(0)
    return str(avro.io.DatumReader(parsed).read(avro.io.BinaryDecoder(stream)))


for text, expected in [("0.0129", "refused"), ("-0.0129", "refused"), ("0.0009", "refused"), ("12345.678", "1.235E+4")]:
    fast, slow = with_fastavro(decimal.Decimal(text)), with_avro(decimal.Decimal(text))
    print("Python ", text.ljust(9), "fastavro", fast.ljust(9), "avro", slow)
    assert (fast, slow) == ("refused", expected)
PY
venv/bin/python decimals.py

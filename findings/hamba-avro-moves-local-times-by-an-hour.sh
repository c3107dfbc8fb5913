#!/usr/bin/env bash
# Avro's local-timestamp-millis (a clock reading without a zone) in Go, on a machine in Vienna.
#
# Expected: Avro: a local timestamp is a date and a time of day, whatever the zone. 01:30 stays 01:30 on each machine.
# Seen:     hamba/avro reads it as a time in the machine's zone. On the two days on which the clocks change, 01:30, which
#           each of them has once, comes out as 00:30 (29 March 2026) and as 02:30 (25 October 2026), and is written
#           back so: it takes the offset of the moment 01:30 UTC. Writing moves times too: a time.Time of 12:00 UTC in
#           July goes out as 14:00. On a machine in UTC, such as most containers and CI, all is right.
# Why it matters for a plant: shift books and recipes carry local times. An entry of the night shift moves by an hour,
#           twice a year, on a plant PC only. Run the process with TZ=UTC, or keep the field a plain long.
# Versions: hamba/avro 2.31.0. Run on 2026-12-01.
# Needs: go 1.26.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"

cat > go.mod <<'MOD'
module finding
go 1.26
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"time"
	_ "time/tzdata"

	"github.com/hamba/avro/v2"
)

const layout = "2006-01-02 15:04"

var local, plain = avro.MustParse(`{"type":"long","logicalType":"local-timestamp-millis"}`), avro.MustParse(`"long"`)

// Gives the clock reading that a long of local-timestamp-millis holds.
func reading(bytes []byte) string {
	var millis int64
	if err := avro.Unmarshal(plain, bytes, &millis); err != nil {
		panic(err)
	}
	return time.UnixMilli(millis).UTC().Format(layout)
}

func must(bytes []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return bytes
}

func main() {
	same := true
	for _, row := range [][4]string{
		{"2026-03-29 00:30", "2026-03-29 00:30", "2026-03-29 00:30", "2026-03-29 01:30"},
		{"2026-03-29 01:30", "2026-03-29 00:30", "2026-03-29 00:30", "2026-03-29 03:30"},
		{"2026-10-25 01:30", "2026-10-25 02:30", "2026-10-25 02:30", "2026-10-25 02:30"},
		{"2026-10-25 03:30", "2026-10-25 03:30", "2026-10-25 03:30", "2026-10-25 04:30"},
		{"2026-07-01 12:00", "2026-07-01 12:00", "2026-07-01 12:00", "2026-07-01 14:00"}} {
		wall, _ := time.Parse(layout, row[0])
		var read time.Time
		if err := avro.Unmarshal(local, must(avro.Marshal(plain, wall.UnixMilli())), &read); err != nil {
			panic(err)
		}
		back, fromUTC := reading(must(avro.Marshal(local, read))), reading(must(avro.Marshal(local, wall)))
		fmt.Println(row[0], "is read as", read.Format(layout), "and written back as", back, "| the same reading in UTC is written as", fromUTC)
		same = same && read.Format(layout) == row[1] && back == row[2] && fromUTC == row[3]
	}
	if !same {
		os.Exit(1)
	}
}
GO
go get github.com/hamba/avro/v2@v2.31.0 2> go.log || { cat go.log; exit 1; }
TZ=Europe/Vienna go run .

#!/usr/bin/env bash
# A topic with committed and aborted transactions, read with read committed by two clients for Go.
#
# Expected: with IsolationLevel ReadCommitted a reader gives committed records only. A transaction's end is a control record
#           in the log, which no client shows.
# Seen:     kafka-go gives all eight entries: the two committed records, the two aborted ones, and four control records as
#           if they were data, with key 00 00 00 01 (commit) or 00 00 00 00 (abort) and a value of six zero bytes.
#           franz-go gives the two committed records.
# Why it matters for a plant: a consumer stores values that their producer took back. After each transaction it meets a value of
#           six zero bytes, which it cannot decode, or decodes as zeros. The option is part of kafka-go's public API.
#           Read transactional topics with franz-go, sarama or a binding of librdkafka.
# Versions: segmentio/kafka-go 0.4.51, franz-go 1.22.3, Kafka 4.4.0. Run on 2026-12-01.
# Needs: go 1.26 and java with mvn, which starts a Kafka broker on this machine.
set -euo pipefail
work=$(mktemp -d); broker=; trap 'if [ -n "$broker" ]; then kill "$broker"; wait "$broker" || true; fi; rm -rf "$work"' EXIT; cd "$work"

cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.4.0</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
POM
mvn -q -B -Dstyle.color=never dependency:copy-dependencies -DoutputDirectory=lib > /dev/null
read -r port control < <(python3 -c 'import socket
sockets = [socket.socket(), socket.socket()]
for one in sockets: one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in sockets])')
cat > broker.properties <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$control
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$control
controller.listener.names=CONTROLLER
log.dirs=$work/data
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
PROPERTIES
java -cp 'lib/*' kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAA -c broker.properties > format.log 2>&1
java -Xmx512m -cp 'lib/*' kafka.Kafka broker.properties > broker.log 2>&1 & broker=$!

cat > Produce.java <<'JAVA'
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.StringSerializer;

public class Produce {
  public static void main(String[] args) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", args[0]);
    try (Admin admin = Admin.create(config)) {
      admin.createTopics(List.of(new NewTopic("heats", 1, (short) 1))).all().get();
    }
    Map<String, Object> transactional = Map.of("bootstrap.servers", args[0], "transactional.id", "caster");
    try (var producer = new KafkaProducer<>(transactional, new StringSerializer(), new StringSerializer())) {
      producer.initTransactions();
      for (String value : List.of("committed-1", "aborted-1", "committed-2", "aborted-2")) {
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("heats", "4711", value)).get();
        if (value.startsWith("committed")) producer.commitTransaction();
        else producer.abortTransaction();
      }
    }
  }
}
JAVA
java -cp 'lib/*' Produce.java "127.0.0.1:$port"

cat > go.mod <<'MOD'
module finding
go 1.26
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	kafka "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	broker, seen, franz := os.Args[1], []string{}, []string{}
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{broker}, Topic: "heats", IsolationLevel: kafka.ReadCommitted, MaxWait: 200 * time.Millisecond})
	for len(seen) < 8 {
		limit, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		message, err := reader.ReadMessage(limit)
		cancel()
		if err != nil {
			fmt.Println("kafka-go ends:", err)
			break
		}
		seen = append(seen, fmt.Sprintf("%d %q=%q", message.Offset, message.Key, message.Value))
		fmt.Println("kafka-go", seen[len(seen)-1])
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics("heats"), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	if err != nil {
		panic(err)
	}
	limit, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	for len(franz) < 2 && limit.Err() == nil {
		client.PollFetches(limit).EachRecord(func(record *kgo.Record) {
			franz = append(franz, fmt.Sprintf("%d %q=%q", record.Offset, record.Key, record.Value))
			fmt.Println("franz-go", franz[len(franz)-1])
		})
	}
	cancel()
	expected := []string{
		`0 "4711"="committed-1"`, `1 "\x00\x00\x00\x01"="\x00\x00\x00\x00\x00\x00"`,
		`2 "4711"="aborted-1"`, `3 "\x00\x00\x00\x00"="\x00\x00\x00\x00\x00\x00"`,
		`4 "4711"="committed-2"`, `5 "\x00\x00\x00\x01"="\x00\x00\x00\x00\x00\x00"`,
		`6 "4711"="aborted-2"`, `7 "\x00\x00\x00\x00"="\x00\x00\x00\x00\x00\x00"`}
	if fmt.Sprint(seen) != fmt.Sprint(expected) || fmt.Sprint(franz) != fmt.Sprint([]string{expected[0], expected[4]}) {
		os.Exit(1)
	}
}
GO
go get github.com/segmentio/kafka-go@v0.4.51 github.com/twmb/franz-go/pkg/kgo@v1.22.3 2> go.log || { cat go.log; exit 1; }
go run . "127.0.0.1:$port"

#!/usr/bin/env bash
# Empty values, empty keys, and the broker's own time stamps, read by two clients for Go.
#
# Expected: a value of zero bytes is a value, and null is a tombstone: a reader can tell them apart, since compaction does.
#           On a topic with message.timestamp.type=LogAppendTime the time of a record is the broker's.
# Seen:     kafka-go gives nil for null and for zero bytes alike, in values, keys and headers. On the LogAppendTime topic
#           it gives the producer's time, here 2001-09-09, since it reads the record's own field and not the batch's.
#           franz-go gives empty and nil as they were sent, and the broker's time.
# Why it matters for a plant: a table that is fed by kafka-go deletes an entry whose value is empty. LogAppendTime is set
#           just because the clocks of the producers are wrong, and their wrong clocks come through all the same.
#           Read such topics with franz-go, sarama or a binding of librdkafka.
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
      NewTopic append = new NewTopic("append", 1, (short) 1).configs(Map.of("message.timestamp.type", "LogAppendTime"));
      admin.createTopics(List.of(new NewTopic("heats", 1, (short) 1), append)).all().get();
    }
    long y2001 = 1_000_000_000_000L;
    try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
      var tombstone = new ProducerRecord<String, String>("heats", 0, y2001, "4711", null);
      tombstone.headers().add("note", new byte[0]);
      producer.send(tombstone).get();
      producer.send(new ProducerRecord<>("heats", 0, y2001, "4711", "")).get();
      producer.send(new ProducerRecord<>("heats", 0, y2001, "", "x")).get();
      producer.send(new ProducerRecord<>("append", 0, y2001, "4711", "x")).get();
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

func show(bytes []byte) string {
	if bytes == nil {
		return "nil"
	}
	return fmt.Sprintf("%q", bytes)
}

func line(key, value []byte, header []byte, at time.Time) string {
	age := "broker's time"
	if at.Year() == 2001 {
		age = "producer's time"
	}
	return fmt.Sprintf("%s=%s header %s, %s", show(key), show(value), show(header), age)
}

func main() {
	broker, seen := os.Args[1], map[string]string{}
	limit, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	for topic, count := range map[string]int{"heats": 3, "append": 1} {
		reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{broker}, Topic: topic, MaxWait: 200 * time.Millisecond})
		for range count {
			message, err := reader.ReadMessage(limit)
			if err != nil {
				panic(err)
			}
			var header []byte
			if len(message.Headers) > 0 {
				header = message.Headers[0].Value
			}
			seen[fmt.Sprintf("kafka-go %-6s %d", topic, message.Offset)] = line(message.Key, message.Value, header, message.Time)
		}
		client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics(topic))
		if err != nil {
			panic(err)
		}
		for got := 0; got < count && limit.Err() == nil; {
			client.PollFetches(limit).EachRecord(func(record *kgo.Record) {
				var header []byte
				if len(record.Headers) > 0 {
					header = record.Headers[0].Value
				}
				seen[fmt.Sprintf("franz-go %-6s %d", topic, record.Offset)] = line(record.Key, record.Value, header, record.Timestamp)
				got++
			})
		}
		client.Close()
	}
	expected := [][2]string{
		{"kafka-go heats  0", `"4711"=nil header nil, producer's time`},
		{"franz-go heats  0", `"4711"=nil header "", producer's time`},
		{"kafka-go heats  1", `"4711"=nil header nil, producer's time`},
		{"franz-go heats  1", `"4711"="" header nil, producer's time`},
		{"kafka-go heats  2", `nil="x" header nil, producer's time`},
		{"franz-go heats  2", `""="x" header nil, producer's time`},
		{"kafka-go append 0", `"4711"="x" header nil, producer's time`},
		{"franz-go append 0", `"4711"="x" header nil, broker's time`}}
	same := true
	for _, pair := range expected {
		fmt.Println(pair[0], seen[pair[0]])
		same = same && seen[pair[0]] == pair[1]
	}
	if !same {
		os.Exit(1)
	}
}
GO
go get github.com/segmentio/kafka-go@v0.4.51 github.com/twmb/franz-go/pkg/kgo@v1.22.3 2> go.log || { cat go.log; exit 1; }
go run . "127.0.0.1:$port"

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Kafka's Java clients as a peer in tests. `write BROKERS CODEC=TOPIC...` writes each line of standard input to partition 0
 * of each topic with its codec; `read BROKERS COUNT TOPIC...` prints that number of committed values of partition 0 of
 * each topic, a tab after the topic's name.
 */
public final class KafkaPeer {
  public static void main(String[] args) throws Exception {
    var topics = List.of(args);
    if (args[0].equals("write")) write(args[1], topics.subList(2, args.length));
    else read(args[1], Integer.parseInt(args[2]), topics.subList(3, args.length));
  }

  private static void write(String brokers, List<String> targets) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(System.in)).lines().toList();
    for (String target : targets) {
      String[] parts = target.split("=");
      Properties settings = new Properties();
      settings.putAll(Map.of("bootstrap.servers", brokers, "compression.type", parts[0], "linger.ms", "50"));
      try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
        for (String line : lines) producer.send(new ProducerRecord<>(parts[1], 0, "k", line));
      }
    }
  }

  private static void read(String brokers, int count, List<String> topics) {
    Properties settings = new Properties();
    settings.putAll(Map.of(
        "bootstrap.servers", brokers, "isolation.level", "read_committed", "auto.offset.reset", "earliest"));
    try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      for (String topic : topics) {
        consumer.assign(List.of(new TopicPartition(topic, 0)));
        for (int left = count; left > 0; )
          for (var record : consumer.poll(Duration.ofSeconds(1))) {
            System.out.println(topic + "\t" + record.value());
            left--;
          }
      }
    }
  }
}

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueStore;

/** Runs validate and features on Kafka Streams: one topology, one sub-topology, no repartitioning. */
public final class App {
  static final String VALIDATED = "validated-sink";
  static final String REJECTED = "rejected-sink";
  static final String FEATURES = "features";
  static final String ROWS = "features-sink";

  private App() {}

  /** @param args the path of the configuration, a JSON file */
  public static void main(String[] args) throws Exception {
    Definition.Config config = new ObjectMapper().readValue(new File(args[0]), Definition.Config.class);
    KafkaStreams streams = new KafkaStreams(topology(config), properties(config));
    streams.setStateListener((now, before) -> System.out.println("state " + now));
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          Runtime.getRuntime().halt(1);
          return null;
        });
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }

  /** Makes the states, in a store of the configured kind. */
  @SuppressWarnings("unchecked")
  static <S> States<S> statesOf(StateStore store, Function<KeyValueStore<Bytes, byte[]>, States<S>> ofBytes) {
    if (store instanceof HeapStore<?> heap) return (States<S>) heap;
    return ofBytes.apply((KeyValueStore<Bytes, byte[]>) store);
  }

  private static Topology topology(Definition.Config config) {
    Definition definition = config.definition();
    Map<String, String> topics = config.topics();
    Map<String, Integer> ids = config.schemaIds();
    Topology topology = new Topology();
    topology.addSource(
        "readings",
        new StringDeserializer(),
        new Codecs.ReadingDeserializer(definition, ids.get("sensorReadings")),
        topics.get("sensorReadings"));
    topology.addSource(
        "mes",
        new StringDeserializer(),
        new Codecs.MesDeserializer(ids.get("mesEvents")),
        topics.get("mesEvents"));
    topology.addProcessor("validate", () -> new ValidateProcessor(definition), "readings");
    topology.addProcessor(FEATURES, () -> new FeaturesProcessor(definition), "validate", "mes");
    if (config.store().equals("heap")) {
      topology.addStateStore(
          HeapStore.builder(
              ValidateProcessor.STORE, key -> new ValidateState(definition), ValidateProcessor.changelog(definition)),
          "validate");
      topology.addStateStore(
          HeapStore.builder(
              FeaturesProcessor.STORE, key -> new FeaturesState(definition), FeaturesProcessor.changelog(definition)),
          FEATURES);
    } else {
      topology.addStateStore(KeyValueStates.builder(ValidateProcessor.STORE), "validate");
      topology.addStateStore(KeyValueStates.builder(FeaturesProcessor.STORE), FEATURES);
    }
    topology.addSink(
        VALIDATED,
        topics.get("validatedReadings"),
        new StringSerializer(),
        new Codecs.ValidatedSerializer(definition, ids.get("validatedReadings")),
        "validate");
    topology.addSink(
        REJECTED,
        topics.get("rejectedReadings"),
        new StringSerializer(),
        new Codecs.RejectedSerializer(ids.get("rejectedReadings")),
        "validate",
        FEATURES);
    topology.addSink(
        ROWS,
        topics.get("features"),
        new StringSerializer(),
        new Codecs.RowSerializer(definition, ids.get("features")),
        FEATURES);
    return topology;
  }

  private static Properties properties(Definition.Config config) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, config.applicationId());
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.brokers());
    properties.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDir());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, config.guarantee());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitIntervalMs());
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64L * 1024 * 1024);
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    properties.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 5_000);
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 5_000);
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 * 1024 * 1024);
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 * 1024);
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 64 * 1024 * 1024);
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "none");
    properties.putAll(config.settings());
    return properties;
  }
}

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Takes readings. Sends validated readings to their topic and on to features, and rejections to their topic. */
final class ValidateProcessor implements Processor<String, Records.Reading, String, Object> {
  static final String STORE = "validate-state";

  private final Validation validation;
  private final OutputHeaders headers = new OutputHeaders("validate");
  private ProcessorContext<String, Object> context;
  private final Definition definition;
  private States<ValidateState> states;

  ValidateProcessor(Definition definition) {
    this.definition = definition;
    validation = new Validation(definition);
  }

  @Override
  public void init(ProcessorContext<String, Object> context) {
    this.context = context;
    StateStore store = context.getStateStore(STORE);
    states = App.statesOf(store, bytes -> KeyValueStates.validate(definition, bytes));
  }

  @Override
  public void process(Record<String, Records.Reading> record) {
    ValidateState state = states.touch(record.key());
    RecordMetadata from = context.recordMetadata().orElseThrow();
    Validation.Result result =
        validation.judge(
            record.value(), record.key(), record.timestamp(), from.partition(), from.offset(), state);
    states.done(record.key(), state);
    if (result.validated() != null) {
      Record<String, Object> validated =
          new Record<>(
              record.key(), result.validated(), record.timestamp(),
              headers.of("validated-readings.v1", record.headers()));
      context.forward(validated, App.VALIDATED);
      context.forward(validated, App.FEATURES);
    }
    if (result.rejected() != null)
      context.forward(
          new Record<>(
              record.key(), (Object) result.rejected(), record.timestamp(),
              headers.of("rejected-readings.v1", record.headers())),
          App.REJECTED);
  }

  /** Writes one record per asset and commit. */
  static HeapStore.Changelog<ValidateState> changelog(Definition definition) {
    AvroWriter to = new AvroWriter();
    return new HeapStore.Changelog<>() {
      @Override
      public void write(String key, ValidateState state, BiConsumer<Bytes, byte[]> log) {
        log.accept(Bytes.wrap(new Utf8(key).bytes()), state.write(to));
      }

      @Override
      public void restore(byte[] key, byte[] value, Map<String, ValidateState> states) {
        states.put(new String(key, StandardCharsets.UTF_8), ValidateState.read(definition, value));
      }
    };
  }
}

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Takes validated readings and MES events. Gives feature rows, and rejections of readings that no row can use. */
final class FeaturesProcessor implements Processor<String, Object, String, Object> {
  static final String STORE = "features-state";

  private final Definition definition;
  private final RowMaker rows;
  private final OutputHeaders headers = new OutputHeaders("features");
  private ProcessorContext<String, Object> context;
  private States<FeaturesState> states;

  FeaturesProcessor(Definition definition) {
    this.definition = definition;
    rows = new RowMaker(definition);
  }

  @Override
  public void init(ProcessorContext<String, Object> context) {
    this.context = context;
    StateStore store = context.getStateStore(STORE);
    states = App.statesOf(store, bytes -> KeyValueStates.features(definition, bytes));
  }

  @Override
  public void process(Record<String, Object> record) {
    switch (record.value()) {
      case Records.MesEvent event -> takeEvent(record.key(), event);
      case Records.Validated reading -> takeReading(reading, record.timestamp(), record.headers());
      default -> throw new IllegalArgumentException(record.value().getClass().getName());
    }
  }

  private void takeEvent(String key, Records.MesEvent event) {
    if (!key.equals(event.asset()) || !definition.isKnownAsset(key) || !definition.levels().contains(event.level()))
      throw new IllegalArgumentException("an event of the MES that the product would call a dead letter");
    FeaturesState state = states.touch(key);
    state.pieces.take(event, definition.properties());
    states.done(key, state);
  }

  private void takeReading(Records.Validated reading, long timestamp, Headers input) {
    FeaturesState state = states.touch(reading.asset());
    takeReading(reading, timestamp, input, state);
    states.done(reading.asset(), state);
  }

  private void takeReading(Records.Validated reading, long timestamp, Headers input, FeaturesState state) {
    long time = reading.eventTime();
    long slot = state.periodOf(time);
    if (time > state.latest) {
      makeRows(reading.asset(), timestamp, input, state, time - definition.grace());
      state.latest = time;
    }
    if (time < state.madeUpTo) {
      String detail = "rows have been made up to " + Plain.duration(state.madeUpTo - time) + " after it";
      FeaturesState.Superseded it = new FeaturesState.Superseded(time, reading.sequence(), reading.source());
      reject(reading.asset(), it, timestamp, input, Records.Reason.LATE, detail);
      return;
    }
    FeaturesState.Superseded yielding = state.put(reading, slot);
    if (yielding != null) {
      String detail = "a later reading of the same period counts instead";
      reject(reading.asset(), yielding, timestamp, input, Records.Reason.OTHER, detail);
    }
  }

  /** Gives every row whose windows end at or before the watermark. */
  private void makeRows(String asset, long timestamp, Headers input, FeaturesState state, long watermark) {
    long hop = definition.hop();
    long last = Math.floorDiv(watermark, hop) * hop;
    if (state.madeUpTo == Double.NEGATIVE_INFINITY) state.madeUpTo = last;
    for (long end = (long) state.madeUpTo + hop; end <= last; end += hop) {
      if (end - definition.longestWindow() > state.latest + definition.period()) break;
      state.loadAll();
      if (!anyScan(state, end - definition.longestWindow(), end)) continue;
      RowMaker.Row row = rows.make(state, end);
      Records.FeatureRow value =
          new Records.FeatureRow(
              asset, end, row.values(), row.sequence(), row.completeness(), row.repaired(),
              state.pieces.at(definition.levels(), end));
      context.forward(new Record<>(asset, (Object) value, timestamp, headers.of("features.v1", input)), App.ROWS);
    }
    state.madeUpTo = Math.max(state.madeUpTo, last);
    state.pieces.foldBefore(watermark);
  }

  private static boolean anyScan(FeaturesState state, long from, long to) {
    for (long slot = state.slotOf(to - 1); slot >= state.slotOf(from); slot--) if (state.has(slot)) return true;
    return false;
  }

  private void reject(
      String asset, FeaturesState.Superseded it, long timestamp, Headers input, Records.Reason reason, String detail) {
    List<Records.Rejection> rejections = List.of(new Records.Rejection(null, null, reason, Records.DROPPED, detail));
    Records.Rejected value =
        new Records.Rejected(asset, it.eventTime(), it.sequence(), it.source(), -1, -1, true, rejections);
    context.forward(
        new Record<>(asset, (Object) value, timestamp, headers.of("rejected-readings.v1", input)), App.REJECTED);
  }

  /**
   * Writes for each asset and commit its clock and pieces, and the new scans. Each scan has its own key: asset, a zero byte,
   * and the place in the ring.
   */
  static HeapStore.Changelog<FeaturesState> changelog(Definition definition) {
    AvroWriter to = new AvroWriter();
    return new HeapStore.Changelog<>() {
      @Override
      public void write(String key, FeaturesState state, BiConsumer<Bytes, byte[]> log) {
        byte[] asset = key.getBytes(StandardCharsets.UTF_8);
        log.accept(Bytes.wrap(asset), state.writeClock(to));
        for (int place = state.changed.nextSetBit(0); place >= 0; place = state.changed.nextSetBit(place + 1))
          log.accept(KeyValueStates.scanKey(asset, place), state.writeScan(place, to));
        state.changed.clear();
      }

      @Override
      public void restore(byte[] key, byte[] value, Map<String, FeaturesState> states) {
        boolean isScan = key.length > 3 && key[key.length - 3] == 0;
        int length = isScan ? key.length - 3 : key.length;
        String asset = new String(key, 0, length, StandardCharsets.UTF_8);
        FeaturesState restored = states.computeIfAbsent(asset, absent -> new FeaturesState(definition));
        if (isScan) restored.readScan((key[length + 1] & 0xff) << 8 | key[length + 2] & 0xff, value);
        else restored.readClock(value);
      }
    };
  }
}

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Keeps states in Kafka Streams' own in-memory store, with its record cache. It reads and writes bytes for each record.
 * Each scan is an entry, so a reading writes one scan, and only a row reads all of them.
 */
final class KeyValueStates {
  private KeyValueStates() {}

  static StoreBuilder<KeyValueStore<Bytes, byte[]>> builder(String name) {
    return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray())
        .withCachingEnabled();
  }

  static States<ValidateState> validate(Definition definition, KeyValueStore<Bytes, byte[]> store) {
    AvroWriter to = new AvroWriter();
    return new States<>() {
      @Override
      public ValidateState touch(String key) {
        byte[] bytes = store.get(Bytes.wrap(utf8(key)));
        return bytes == null ? new ValidateState(definition) : ValidateState.read(definition, bytes);
      }

      @Override
      public void done(String key, ValidateState state) {
        store.put(Bytes.wrap(utf8(key)), state.write(to));
      }
    };
  }

  static States<FeaturesState> features(Definition definition, KeyValueStore<Bytes, byte[]> store) {
    AvroWriter to = new AvroWriter();
    FeaturesState state = new FeaturesState(definition); // used for one asset at a time
    return new States<>() {
      @Override
      public FeaturesState touch(String key) {
        byte[] asset = utf8(key);
        state.reset(place -> store.get(scanKey(asset, place)));
        byte[] clock = store.get(Bytes.wrap(asset));
        if (clock != null) state.readClock(clock);
        return state;
      }

      @Override
      public void done(String key, FeaturesState state) {
        byte[] asset = utf8(key);
        store.put(Bytes.wrap(asset), state.writeClock(to));
        for (int place = state.changed.nextSetBit(0); place >= 0; place = state.changed.nextSetBit(place + 1))
          store.put(scanKey(asset, place), state.writeScan(place, to));
      }
    };
  }

  private static byte[] utf8(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  /** The key of a scan: asset, a zero byte, and the place in the ring. */
  static Bytes scanKey(byte[] asset, int place) {
    byte[] at = Arrays.copyOf(asset, asset.length + 3);
    at[asset.length + 1] = (byte) (place >>> 8);
    at[asset.length + 2] = (byte) place;
    return Bytes.wrap(at);
  }
}

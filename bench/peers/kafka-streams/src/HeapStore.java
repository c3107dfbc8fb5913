import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;

/**
 * Keeps states as objects on the heap. Once per commit, it writes the changed states to the changelog, in the transaction of
 * that commit. Kafka Streams' own stores keep bytes, so they would serialize a state for each record.
 */
final class HeapStore<S> implements StateStore, CachedStateStore<String, S>, States<S> {
  /** Writes a state to its changelog, and reads it back. */
  interface Changelog<S> {
    void write(String key, S state, BiConsumer<Bytes, byte[]> log);

    void restore(byte[] key, byte[] value, Map<String, S> states);
  }

  private final String name;
  private final Function<String, S> create;
  private final Changelog<S> changelog;
  private final Map<String, S> states = new HashMap<>();
  private final Map<String, S> touched = new LinkedHashMap<>();
  private final Position position = Position.emptyPosition();
  private InternalProcessorContext<?, ?> context;
  private boolean open;

  HeapStore(String name, Function<String, S> create, Changelog<S> changelog) {
    this.name = name;
    this.create = create;
    this.changelog = changelog;
  }

  static <S> StoreBuilder<HeapStore<S>> builder(String name, Function<String, S> create, Changelog<S> changelog) {
    return new Builder<>(name, create, changelog);
  }

  @Override
  public S touch(String key) {
    S state = states.computeIfAbsent(key, create);
    touched.put(key, state);
    return state;
  }

  /** Marks the state as changed; the next commit writes it to the changelog. */
  @Override
  public void done(String key, S state) {}

  @Override
  public void init(StateStoreContext context, StateStore root) {
    this.context = (InternalProcessorContext<?, ?>) context;
    context.register(
        root, (key, value) -> changelog.restore(key, value, states));
    open = true;
  }

  /** Called while a commit is prepared, before the producer is flushed. */
  @Override
  public void flushCache() {
    long now = context.currentSystemTimeMs();
    touched.forEach(
        (key, state) ->
            changelog.write(
                key, state, (at, value) -> context.logChange(name, at, value, now, new RecordHeaders(), position)));
    touched.clear();
  }

  @Override
  public void clearCache() {
    touched.clear();
  }

  @Override
  public boolean setFlushListener(CacheFlushListener<String, S> listener, boolean sendOldValues) {
    return false;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {
    open = false;
    states.clear();
    touched.clear();
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public Position getPosition() {
    return position;
  }

  private record Builder<S>(String name, Function<String, S> create, Changelog<S> changelog)
      implements StoreBuilder<HeapStore<S>> {
    @Override
    public StoreBuilder<HeapStore<S>> withCachingEnabled() {
      return this;
    }

    @Override
    public StoreBuilder<HeapStore<S>> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<HeapStore<S>> withLoggingEnabled(Map<String, String> config) {
      return this;
    }

    @Override
    public StoreBuilder<HeapStore<S>> withLoggingDisabled() {
      throw new UnsupportedOperationException();
    }

    @Override
    public HeapStore<S> build() {
      return new HeapStore<>(name, create, changelog);
    }

    @Override
    public Map<String, String> logConfig() {
      return Map.of();
    }

    @Override
    public boolean loggingEnabled() {
      return true;
    }
  }
}

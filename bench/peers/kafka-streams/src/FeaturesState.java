import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** The state of features for one asset: its recent scans in a ring, the end of the last row, and the pieces. */
final class FeaturesState {
  static final byte MISSING = 0, MEASURED = 1, FLAGGED = 2, HELD = 3;
  /** The treatments of Records, by their index. */
  private static final byte[] MARKS = {MEASURED, FLAGGED, HELD, MISSING, MISSING};

  final long period;
  final int capacity;
  final int tags;
  double latest = Double.NEGATIVE_INFINITY;
  double madeUpTo = Double.NEGATIVE_INFINITY;
  /** By place in the ring. `slots` has the period of the scan there; Long.MIN_VALUE means no scan. */
  final long[] slots;
  final long[] times;
  final long[] sequences;
  final String[] sources;
  /** tag × capacity + place */
  final double[] values;
  final byte[] marks;
  Pieces pieces = new Pieces();
  /** The places that have changed since the last commit. */
  final BitSet changed = new BitSet();
  /** Loads scans that are not in memory yet; null when all are loaded. */
  private IntFunction<byte[]> scans;
  private final BitSet loaded = new BitSet();

  FeaturesState(Definition definition) {
    Definition.Sequence sequence = definition.sequence();
    long look = Math.max(definition.longestWindow(), sequence == null ? 0 : sequence.steps() * sequence.every());
    period = definition.period();
    capacity = (int) Math.ceilDiv(look + definition.grace(), period) + 2;
    tags = definition.tags().size();
    slots = new long[capacity];
    Arrays.fill(slots, Long.MIN_VALUE);
    times = new long[capacity];
    sequences = new long[capacity];
    sources = new String[capacity];
    values = new double[capacity * tags];
    Arrays.fill(values, Double.NaN);
    marks = new byte[capacity * tags];
  }

  /** Starts with another asset. Its scans are loaded when they are needed. */
  void reset(IntFunction<byte[]> scans) {
    this.scans = scans;
    loaded.clear();
    changed.clear();
    Arrays.fill(slots, Long.MIN_VALUE);
    latest = madeUpTo = Double.NEGATIVE_INFINITY;
    pieces = new Pieces();
  }

  private void load(int place) {
    if (scans == null || loaded.get(place)) return;
    loaded.set(place);
    byte[] bytes = scans.apply(place);
    if (bytes != null) readScan(place, bytes);
  }

  void loadAll() {
    if (scans != null) for (int place = 0; place < capacity; place++) load(place);
  }

  long slotOf(long eventTime) {
    return Math.floorDiv(eventTime, period);
  }

  /** The period of a reading: as in processors/features/scans.ts, the latest scan decides where periods begin. */
  long periodOf(long eventTime) {
    long slot = slotOf(eventTime);
    if (eventTime - slot * period < 0.75 * period) return slot;
    return latest == Double.NEGATIVE_INFINITY || beginsEarly((long) latest) ? slot + 1 : slot;
  }

  private boolean beginsEarly(long time) {
    long phase = time - slotOf(time) * period;
    if (phase < 0.25 * period || phase >= 0.9 * period) return true;
    if (phase < 0.75 * period) return false;
    long next = slotOf(time) + 1;
    int place = placeOf(next);
    load(place);
    return slots[place] == next && times[place] == time;
  }

  int placeOf(long slot) {
    return Math.floorMod(slot, capacity);
  }

  boolean has(long slot) {
    return slots[placeOf(slot)] == slot;
  }

  record Superseded(long eventTime, long sequence, String source) {}

  /** Adds a reading. If the period had one already, returns the reading that is dropped. */
  Superseded put(Records.Validated reading, long slot) {
    int place = placeOf(slot);
    load(place);
    Superseded yielding = null;
    if (slots[place] == slot) {
      if (isAfter(place, reading))
        return new Superseded(reading.eventTime(), reading.sequence(), reading.source());
      yielding = new Superseded(times[place], sequences[place], sources[place]);
    }
    slots[place] = slot;
    times[place] = reading.eventTime();
    sequences[place] = reading.sequence();
    sources[place] = reading.source();
    for (int tag = 0, at = place; tag < tags; tag++, at += capacity) {
      values[at] = reading.values()[tag];
      marks[at] = MARKS[reading.treatments()[tag]];
    }
    changed.set(place);
    return yielding;
  }

  private boolean isAfter(int place, Records.Validated reading) {
    if (times[place] != reading.eventTime()) return times[place] > reading.eventTime();
    if (sequences[place] != reading.sequence()) return sequences[place] > reading.sequence();
    return sources[place].compareTo(reading.source()) > 0;
  }

  byte[] writeScan(int place, AvroWriter to) {
    to.begin();
    to.writeLong(slots[place]);
    to.writeLong(times[place]);
    to.writeLong(sequences[place]);
    to.writeString(sources[place]);
    for (int tag = 0, at = place; tag < tags; tag++, at += capacity) {
      to.writeDouble(values[at]);
      to.writeLong(marks[at]);
    }
    return to.finish();
  }

  void readScan(int place, byte[] bytes) {
    AvroReader from = new AvroReader(bytes, 0);
    slots[place] = from.readLong();
    times[place] = from.readLong();
    sequences[place] = from.readLong();
    sources[place] = from.readString();
    for (int tag = 0, at = place; tag < tags; tag++, at += capacity) {
      values[at] = from.readDouble();
      marks[at] = (byte) from.readLong();
    }
  }

  byte[] writeClock(AvroWriter to) {
    to.begin();
    to.writeDouble(latest);
    to.writeDouble(madeUpTo);
    pieces.write(to);
    return to.finish();
  }

  void readClock(byte[] bytes) {
    AvroReader from = new AvroReader(bytes, 0);
    latest = from.readDouble();
    madeUpTo = from.readDouble();
    pieces.read(from);
  }

  /** The piece on the asset at a given time. Events up to the watermark are merged into one per level; later ones are kept. */
  static final class Pieces {
    private static final int MAX_WAITING = 4096;

    /** `id` is null after the piece has ended. */
    private record Fact(Records.MesEvent since, String id, Map<String, String> properties) {}

    private Map<String, Fact> facts = new LinkedHashMap<>();
    private List<Records.MesEvent> waiting = new ArrayList<>(0);

    void take(Records.MesEvent event, List<String> properties) {
      Fact fact = facts.get(event.level());
      if (fact != null && compare(event, fact.since) <= 0) return;
      int at = waiting.size();
      for (; at > 0; at--) {
        Records.MesEvent before = waiting.get(at - 1);
        int order = compare(before, event);
        if (order == 0 && before.level().equals(event.level())) return;
        if (order < 0) break;
      }
      if (waiting.size() >= MAX_WAITING) return;
      event.properties().keySet().retainAll(properties);
      waiting.add(at, event);
    }

    void foldBefore(double watermark) {
      int folded = 0;
      while (folded < waiting.size() && waiting.get(folded).eventTime() < watermark)
        apply(facts, waiting.get(folded++));
      if (folded > 0) waiting.subList(0, folded).clear();
    }

    Map<String, String> at(List<String> levels, long end) {
      Map<String, Fact> now = facts;
      for (Records.MesEvent event : waiting) {
        if (event.eventTime() >= end) break;
        if (now == facts) now = new LinkedHashMap<>(facts);
        apply(now, event);
      }
      Map<String, String> piece = new LinkedHashMap<>();
      for (String level : levels) {
        Fact fact = now.get(level);
        if (fact == null || fact.id == null) continue;
        piece.putAll(fact.properties);
        piece.put(level, fact.id);
      }
      return piece;
    }

    private static void apply(Map<String, Fact> facts, Records.MesEvent event) {
      Fact before = facts.get(event.level());
      switch (event.type()) {
        case STARTED -> facts.put(event.level(), new Fact(event, event.id(), event.properties()));
        case CHANGED -> {
          Map<String, String> properties = new LinkedHashMap<>();
          if (before != null) properties.putAll(before.properties);
          properties.putAll(event.properties());
          facts.put(event.level(), new Fact(event, event.id(), properties));
        }
        case ENDED -> {
          boolean other = before != null && !event.id().equals(before.id);
          facts.put(
              event.level(),
              other ? new Fact(event, before.id, before.properties) : new Fact(event, null, Map.of()));
        }
      }
    }

    private static int compare(Records.MesEvent a, Records.MesEvent b) {
      if (a.eventTime() != b.eventTime()) return Long.compare(a.eventTime(), b.eventTime());
      if (a.sequence() != b.sequence()) return Long.compare(a.sequence(), b.sequence());
      return a.source().compareTo(b.source());
    }

    private void write(AvroWriter to) {
      to.writeLong(facts.size());
      for (Fact fact : facts.values()) {
        writeEvent(to, fact.since);
        to.writeBoolean(fact.id != null);
        to.writeString(fact.id == null ? "" : fact.id);
        Codecs.writeMap(to, fact.properties);
      }
      to.writeLong(waiting.size());
      for (Records.MesEvent event : waiting) writeEvent(to, event);
    }

    private void read(AvroReader from) {
      facts = new LinkedHashMap<>();
      for (int left = from.readInt(); left > 0; left--) {
        Records.MesEvent since = readEvent(from);
        boolean on = from.readBoolean();
        String id = from.readString();
        facts.put(since.level(), new Fact(since, on ? id : null, Codecs.readMap(from)));
      }
      waiting = new ArrayList<>();
      for (int left = from.readInt(); left > 0; left--) waiting.add(readEvent(from));
    }

    private static void writeEvent(AvroWriter to, Records.MesEvent event) {
      to.writeLong(event.eventTime());
      to.writeLong(event.sequence());
      to.writeString(event.source());
      to.writeLong(event.type().ordinal());
      to.writeString(event.level());
      to.writeString(event.id());
      Codecs.writeMap(to, event.properties());
    }

    private static Records.MesEvent readEvent(AvroReader from) {
      return new Records.MesEvent(
          "", from.readLong(), from.readLong(), from.readString(),
          Records.MesType.values()[from.readInt()], from.readString(), from.readString(), Codecs.readMap(from));
    }
  }
}

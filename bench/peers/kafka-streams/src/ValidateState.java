import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The state of validation for one asset. Values by tag are NaN until they are known. */
final class ValidateState {
  /** The number of sources per asset that are remembered. */
  private static final int MAX_SOURCES = 32;

  static final class Source {
    long lastUsed;
    final SequenceSet seen;

    Source(long lastUsed, SequenceSet seen) {
      this.lastUsed = lastUsed;
      this.seen = seen;
    }
  }

  double latest = Double.NEGATIVE_INFINITY;
  /** Readings in a row that are far ahead of the latest: the time of the last, and how many. */
  long leapTo;
  int leapReadings;
  final Map<String, Source> sources = new LinkedHashMap<>();
  final double[] good, goodAt, seen, seenAt, sameFor, candidate, candidateAt, confirmed;
  final RecentValues[] recent;

  ValidateState(Definition definition) {
    int tags = definition.tags().size();
    good = unknown(tags);
    goodAt = unknown(tags);
    seen = unknown(tags);
    seenAt = unknown(tags);
    sameFor = new double[tags];
    candidate = unknown(tags);
    candidateAt = unknown(tags);
    confirmed = new double[tags];
    recent = new RecentValues[tags];
    for (int tag = 0; tag < tags; tag++) {
      Definition.Anomaly anomaly = definition.tags().get(tag).anomaly();
      if (anomaly != null) recent[tag] = new RecentValues(anomaly.window());
    }
  }

  private static double[] unknown(int tags) {
    double[] array = new double[tags];
    Arrays.fill(array, Double.NaN);
    return array;
  }

  SequenceSet.Seen note(String source, long sequence, long eventTime) {
    Source entry = sources.get(source);
    if (entry == null) {
      if (sources.size() >= MAX_SOURCES) forgetOldest();
      entry = new Source(eventTime, new SequenceSet());
      sources.put(source, entry);
    }
    entry.lastUsed = Math.max(entry.lastUsed, eventTime);
    return entry.seen.add(sequence);
  }

  /** Counts a reading that is far ahead; 0 when it is not, or is the third in a row and therefore believed. */
  int countLeap(long time, long leap) {
    boolean near = latest == Double.NEGATIVE_INFINITY || time <= latest + leap;
    int count = near ? 0 : (leapReadings > 0 && Math.abs(time - leapTo) <= leap ? leapReadings : 0) + 1;
    leapTo = time;
    leapReadings = count < 3 ? count : 0;
    return leapReadings;
  }

  private void forgetOldest() {
    Map.Entry<String, Source> oldest = null;
    for (Map.Entry<String, Source> entry : sources.entrySet())
      if (oldest == null || entry.getValue().lastUsed < oldest.getValue().lastUsed) oldest = entry;
    sources.remove(oldest.getKey());
  }

  private double[][] arrays() {
    return new double[][] {good, goodAt, seen, seenAt, sameFor, candidate, candidateAt, confirmed};
  }

  byte[] write(AvroWriter to) {
    to.begin();
    to.writeDouble(latest);
    to.writeLong(leapTo);
    to.writeLong(leapReadings);
    to.writeLong(sources.size());
    for (Map.Entry<String, Source> entry : sources.entrySet()) {
      to.writeString(entry.getKey());
      to.writeLong(entry.getValue().lastUsed);
      entry.getValue().seen.write(to);
    }
    for (double[] array : arrays()) to.writeDoubles(array);
    for (RecentValues values : recent) if (values != null) values.write(to);
    return to.finish();
  }

  static ValidateState read(Definition definition, byte[] bytes) {
    AvroReader from = new AvroReader(bytes, 0);
    ValidateState state = new ValidateState(definition);
    state.latest = from.readDouble();
    state.leapTo = from.readLong();
    state.leapReadings = from.readInt();
    for (int left = from.readInt(); left > 0; left--)
      state.sources.put(from.readString(), new Source(from.readLong(), SequenceSet.read(from)));
    for (double[] array : state.arrays())
      for (int index = 0; index < array.length; index++) array[index] = from.readDouble();
    for (RecentValues values : state.recent) if (values != null) values.read(from);
    return state;
  }
}

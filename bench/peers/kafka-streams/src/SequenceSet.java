import java.util.Arrays;

/** The sequence numbers of one source that were seen, as at most 64 exact intervals. */
final class SequenceSet {
  private static final int MAX_INTERVALS = 64;

  enum Seen { NEW, SEEN, UNSURE }

  /** The bounds of closed intervals: low, high, low, high …, ascending. */
  private long[] bounds = new long[8];
  private int length;
  /** Gaps below this number count as seen. */
  private long exactFrom = Long.MIN_VALUE;

  Seen add(long sequence) {
    if (length > 0 && sequence == bounds[length - 1] + 1) {
      bounds[length - 1] = sequence;
      return Seen.NEW;
    }
    int at = 0;
    if (length > 0 && sequence > bounds[length - 1]) at = length;
    else while (at < length && bounds[at + 1] < sequence) at += 2;
    if (at < length && bounds[at] <= sequence) return sequence < exactFrom ? Seen.UNSURE : Seen.SEEN;
    if (sequence < exactFrom) return Seen.UNSURE;
    insert(at, sequence);
    return Seen.NEW;
  }

  private void insert(int at, long sequence) {
    boolean joinsLower = at > 0 && bounds[at - 1] == sequence - 1;
    boolean joinsUpper = at < length && bounds[at] == sequence + 1;
    if (joinsLower && joinsUpper) {
      cut(at - 1);
    } else if (joinsLower) {
      bounds[at - 1] = sequence;
    } else if (joinsUpper) {
      bounds[at] = sequence;
    } else {
      if (length + 2 > bounds.length) bounds = Arrays.copyOf(bounds, 2 * bounds.length);
      System.arraycopy(bounds, at, bounds, at + 2, length - at);
      bounds[at] = bounds[at + 1] = sequence;
      length += 2;
    }
    if (length > 2 * MAX_INTERVALS) {
      exactFrom = bounds[2];
      cut(1);
    }
  }

  /** Removes two bounds. */
  private void cut(int at) {
    System.arraycopy(bounds, at + 2, bounds, at, length - at - 2);
    length -= 2;
  }

  void write(AvroWriter to) {
    to.writeLong(exactFrom);
    to.writeLong(length);
    for (int index = 0; index < length; index++) to.writeLong(bounds[index]);
  }

  static SequenceSet read(AvroReader from) {
    SequenceSet set = new SequenceSet();
    set.exactFrom = from.readLong();
    set.length = from.readInt();
    set.bounds = new long[Math.max(8, set.length)];
    for (int index = 0; index < set.length; index++) set.bounds[index] = from.readLong();
    return set;
  }
}

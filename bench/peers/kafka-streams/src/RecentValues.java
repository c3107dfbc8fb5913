/** The last good values of a tag, in order of arrival and sorted, for their median and median absolute deviation. */
final class RecentValues {
  private final double[] ring;
  private final double[] sorted;
  private int count;
  private int next;

  RecentValues(int size) {
    ring = new double[size];
    sorted = new double[size];
  }

  /** Returns whether there are enough values to judge by: half the capacity. */
  boolean ready() {
    return count >= ring.length / 2.0;
  }

  double median() {
    return middle(sorted, count);
  }

  /** Computes the median absolute deviation: merges the distances outwards from the median. */
  double mad() {
    double median = median();
    double[] deviations = new double[count];
    int right = 0;
    while (right < count && sorted[right] < median) right++;
    int left = right - 1;
    for (int index = 0; index < count; index++) {
      double below = left >= 0 ? median - sorted[left] : Double.POSITIVE_INFINITY;
      double above = right < count ? sorted[right] - median : Double.POSITIVE_INFINITY;
      if (below <= above) left--;
      else right++;
      deviations[index] = Math.min(below, above);
    }
    return middle(deviations, count);
  }

  void push(double value) {
    if (count == ring.length) {
      int gone = position(ring[next]);
      System.arraycopy(sorted, gone + 1, sorted, gone, count - gone - 1);
      count--;
    }
    int at = position(value);
    System.arraycopy(sorted, at, sorted, at + 1, count - at);
    sorted[at] = value;
    count++;
    ring[next] = value;
    next = (next + 1) % ring.length;
  }

  /** Returns the index of the first sorted value that is not below this one. */
  private int position(double value) {
    int low = 0;
    int high = count;
    while (low < high) {
      int half = low + high >>> 1;
      if (sorted[half] < value) low = half + 1;
      else high = half;
    }
    return low;
  }

  private static double middle(double[] ascending, int count) {
    if (count == 0) return Double.NaN;
    int half = count >>> 1;
    return count % 2 == 1 ? ascending[half] : (ascending[half - 1] + ascending[half]) / 2;
  }

  /** Oldest first. */
  void write(AvroWriter to) {
    int oldest = count == ring.length ? next : 0;
    to.writeLong(count);
    for (int index = 0; index < count; index++) to.writeDouble(ring[(oldest + index) % ring.length]);
  }

  void read(AvroReader from) {
    for (int left = from.readInt(); left > 0; left--) push(from.readDouble());
  }
}

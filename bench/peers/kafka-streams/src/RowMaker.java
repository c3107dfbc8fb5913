import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes one feature row from the scans of an asset. Like the product, it makes two passes per tag and window. */
final class RowMaker {
  record Row(double[] values, byte[] sequence, double completeness, double repaired) {}

  /** A tag in a window: the statistics to compute, and the place of each in the row. */
  private record Column(int tag, int slots, List<Integer> at, List<String> statistics) {}

  private final Definition definition;
  private final Column[] columns;
  private final List<Integer> combinations = new ArrayList<>();
  private final int look;
  private final int longest;
  private final int[] required;
  // The scans that one row needs, oldest first.
  private final int[] places;
  private final long[] slots;
  private final double[] seconds;
  private int count;

  RowMaker(Definition definition) {
    this.definition = definition;
    Map<String, Column> byKey = new LinkedHashMap<>();
    for (int at = 0; at < definition.features().size(); at++) {
      Definition.Feature feature = definition.features().get(at);
      if (!feature.kind().equals("statistic")) {
        combinations.add(at);
        continue;
      }
      int tag = feature.of()[0];
      Column column =
          byKey.computeIfAbsent(
              tag + " " + feature.slots(),
              key -> new Column(tag, feature.slots(), new ArrayList<>(), new ArrayList<>()));
      column.at.add(at);
      column.statistics.add(feature.statistic());
    }
    columns = byKey.values().toArray(Column[]::new);
    Definition.Sequence sequence = definition.sequence();
    longest = (int) (definition.longestWindow() / definition.period());
    long steps = sequence == null ? 0 : sequence.steps() * sequence.every();
    look = (int) (Math.max(definition.longestWindow(), steps) / definition.period());
    required =
        java.util.stream.IntStream.range(0, definition.tags().size())
            .filter(tag -> definition.tags().get(tag).required())
            .toArray();
    places = new int[look];
    slots = new long[look];
    seconds = new double[look];
  }

  /** @param end the end of the windows, a multiple of the period */
  Row make(FeaturesState scans, long end) {
    long to = end / definition.period();
    fill(scans, to);
    double[] values = new double[definition.features().size()];
    Arrays.fill(values, Double.NaN);
    for (Column column : columns) statistics(scans, to, column, values);
    for (int at : combinations) values[at] = combine(scans, to, definition.features().get(at), values);
    byte[] sequence = sequence(scans, to);
    int start = since(to - longest);
    int genuine = 0;
    int plain = 0;
    for (int index = start; index < count; index++)
      for (int tag : required) {
        byte mark = scans.marks[tag * scans.capacity + places[index]];
        if (mark == FeaturesState.MEASURED) plain++;
        if (mark == FeaturesState.MEASURED || mark == FeaturesState.FLAGGED) genuine++;
      }
    int present = count - start;
    double completeness = (double) genuine / (longest * required.length);
    double repaired = present == 0 ? 0 : 1 - (double) plain / (present * required.length);
    return new Row(values, sequence, completeness, repaired);
  }

  private void fill(FeaturesState scans, long to) {
    long end = to * definition.period();
    count = 0;
    int place = scans.placeOf(to - look);
    for (long slot = to - look; slot < to; slot++) {
      if (scans.slots[place] == slot) {
        places[count] = place;
        slots[count] = slot;
        seconds[count] = (scans.times[place] - end) / 1_000.0;
        count++;
      }
      if (++place == scans.capacity) place = 0;
    }
  }

  /** Returns the index of the first scan that is not before the period. */
  private int since(long slot) {
    int low = 0;
    int high = count;
    while (low < high) {
      int half = low + high >>> 1;
      if (slots[half] < slot) low = half + 1;
      else high = half;
    }
    return low;
  }

  private void statistics(FeaturesState scans, long to, Column column, double[] into) {
    int start = since(to - column.slots);
    int base = column.tag * scans.capacity;
    double[] values = scans.values;
    int n = 0;
    double sum = 0, time = 0, min = Double.POSITIVE_INFINITY, max = Double.NEGATIVE_INFINITY, last = Double.NaN;
    for (int index = start; index < count; index++) {
      double value = values[base + places[index]];
      if (value != value) continue;
      n++;
      sum += value;
      time += seconds[index];
      if (value < min) min = value;
      if (value > max) max = value;
      last = value;
    }
    double mean = Double.NaN, spread = Double.NaN, slope = Double.NaN;
    if (n == 0) {
      min = max = Double.NaN;
    } else {
      mean = sum / n;
      double middle = time / n;
      double squares = 0, timeSquares = 0, products = 0;
      for (int index = start; index < count; index++) {
        double deviation = values[base + places[index]] - mean;
        if (deviation != deviation) continue;
        double offset = seconds[index] - middle;
        squares += deviation * deviation;
        timeSquares += offset * offset;
        products += deviation * offset;
      }
      if (n > 1) spread = Math.sqrt(squares / (n - 1));
      if (timeSquares > 0) slope = products / timeSquares;
    }
    for (int wanted = 0; wanted < column.at.size(); wanted++)
      into[column.at.get(wanted)] =
          switch (column.statistics.get(wanted)) {
            case "last" -> last;
            case "mean" -> mean;
            case "spread" -> spread;
            case "slope" -> slope;
            case "min" -> min;
            case "max" -> max;
            case "range" -> max - min;
            case "missing" -> 1 - (double) n / column.slots;
            case "outOfBand" -> n == 0 ? Double.NaN : outside(scans, start, column.tag) * definition.period() / 1_000.0;
            default -> throw new IllegalArgumentException(column.statistics.get(wanted));
          };
  }

  private int outside(FeaturesState scans, int start, int tag) {
    double[] normal = definition.tags().get(tag).normal();
    int outside = 0;
    for (int index = start; index < count; index++) {
      double value = scans.values[tag * scans.capacity + places[index]];
      if (value < normal[0] || value > normal[1]) outside++;
    }
    return outside;
  }

  private double combine(FeaturesState scans, long to, Definition.Feature feature, double[] values) {
    if (feature.kind().equals("correlation"))
      return correlation(scans, since(to - feature.slots()), feature.of()[0], feature.of()[1]);
    double a = values[feature.of()[0]];
    double b = values[feature.of()[1]];
    return switch (feature.kind()) {
      case "product" -> a * b;
      case "difference" -> a - b;
      case "ratio" -> b == 0 ? Double.NaN : a / b;
      default -> throw new IllegalArgumentException(feature.kind());
    };
  }

  private double correlation(FeaturesState scans, int start, int tagA, int tagB) {
    int baseA = tagA * scans.capacity;
    int baseB = tagB * scans.capacity;
    int n = 0;
    double sumA = 0, sumB = 0;
    for (int index = start; index < count; index++) {
      double x = scans.values[baseA + places[index]];
      double y = scans.values[baseB + places[index]];
      if (Double.isNaN(x + y)) continue;
      n++;
      sumA += x;
      sumB += y;
    }
    if (n < 3) return Double.NaN;
    double meanA = sumA / n, meanB = sumB / n;
    double squaresA = 0, squaresB = 0, products = 0;
    for (int index = start; index < count; index++) {
      double x = scans.values[baseA + places[index]] - meanA;
      double y = scans.values[baseB + places[index]] - meanB;
      if (Double.isNaN(x + y)) continue;
      squaresA += x * x;
      squaresB += y * y;
      products += x * y;
    }
    double scale = Math.sqrt(squaresA * squaresB);
    return scale > 0 ? Math.max(-1, Math.min(1, products / scale)) : Double.NaN;
  }

  /** The sequence as float32 [steps][channels], oldest first. */
  private byte[] sequence(FeaturesState scans, long to) {
    Definition.Sequence sequence = definition.sequence();
    if (sequence == null) return new byte[0];
    int width = sequence.tags().length;
    int perStep = (int) (sequence.every() / definition.period());
    float[] numbers = new float[sequence.steps() * width];
    Arrays.fill(numbers, Float.NaN);
    long from = to - (long) sequence.steps() * perStep;
    for (int index = since(from); index < count; index++) {
      int at = (int) ((slots[index] - from) / perStep) * width;
      for (int tag : sequence.tags()) {
        double value = scans.values[tag * scans.capacity + places[index]];
        if (value == value) {
          double[] normal = definition.tags().get(tag).normal();
          double middle = (normal[0] + normal[1]) / 2;
          double half = (normal[1] - normal[0]) / 2;
          numbers[at] = (float) ((value - middle) / half);
        }
        at++;
      }
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    return bytes.array();
  }
}

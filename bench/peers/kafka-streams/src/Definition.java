import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.Map;

/** The parts of the process definition that validation and features need, as peers/definition.ts writes them. Times in ms. */
@JsonIgnoreProperties(ignoreUnknown = true)
record Definition(
    String process,
    String linePath,
    java.util.Set<String> cells,
    long period,
    long grace,
    long ahead,
    long hop,
    long leap,
    List<Tag> tags,
    String featureSet,
    long longestWindow,
    List<Feature> features,
    Sequence sequence,
    List<String> levels,
    List<String> properties) {

  record Tag(
      String id,
      String title,
      String unit,
      double[] range,
      double[] normal,
      Double rate,
      double[] sentinels,
      Long stuckAfter,
      boolean required,
      long hold,
      Anomaly anomaly) {}

  record Anomaly(int window, double threshold, double atLeast) {}

  /** `kind` is statistic, correlation, product, ratio or difference; `of` are tags or earlier features. */
  record Feature(String kind, int[] of, String statistic, int slots) {}

  record Sequence(int[] tags, int steps, long every) {}

  /** Returns whether the path is a cell of this line. An empty list of cells means any cell. */
  boolean isKnownAsset(String path) {
    if (!path.startsWith(linePath) || path.length() <= linePath.length() || path.charAt(linePath.length()) != '/')
      return false;
    String cell = path.substring(linePath.length() + 1);
    if (cells.isEmpty()) return !cell.isEmpty() && cell.indexOf('/') < 0 && cell.length() <= 100;
    return cells.contains(cell);
  }

  /** The configuration of a process. */
  record Config(
      String brokers,
      String applicationId,
      String stateDir,
      int threads,
      int commitIntervalMs,
      String guarantee,
      String store,
      Map<String, String> topics,
      Map<String, Integer> schemaIds,
      Map<String, String> settings,
      Definition definition) {}
}

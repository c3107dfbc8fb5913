import java.util.List;
import java.util.Map;

/** The records of the topics. */
final class Records {
  private Records() {}

  static final int GOOD = 0, UNCERTAIN = 1, BAD = 2;

  /** Indexes of the symbols of `Treatment` in the schema. */
  static final int MEASURED = 0, FLAGGED = 1, HELD = 2, MISSING = 3, DROPPED = 4;

  /** In the order of the schema. */
  enum Reason {
    RANGE, RATE_OF_CHANGE, STUCK, SENTINEL, QUALITY, COMPLETENESS, DUPLICATE, OUT_OF_ORDER, LATE, FUTURE,
    STATISTICAL_ANOMALY, UNKNOWN_ASSET, UNKNOWN_TAG, NOT_A_NUMBER, ABSENT, OTHER
  }

  /** The measurements as they came. For a tag that the definition does not have, `tags` is -1 and `names` has its name. */
  record Reading(
      String asset,
      long eventTime,
      long sequence,
      String source,
      int count,
      int[] tags,
      String[] names,
      double[] values,
      boolean[] present,
      byte[] qualities) {}

  /** By tag of the definition. NaN means no value; -1 means no reason. */
  record Validated(
      String asset,
      long eventTime,
      long sequence,
      String source,
      double completeness,
      boolean outOfOrder,
      double[] values,
      byte[] qualities,
      byte[] treatments,
      byte[] reasons) {}

  /** `value` is null when there is none. */
  record Rejection(String tag, Double value, Reason reason, int treatment, String detail) {}

  record Rejected(
      String asset,
      long eventTime,
      long sequence,
      String source,
      int inputPartition,
      long inputOffset,
      boolean dropped,
      List<Rejection> rejections) {}

  record FeatureRow(
      String asset,
      long eventTime,
      double[] values,
      byte[] sequence,
      double completeness,
      double repaired,
      Map<String, String> piece) {}

  enum MesType { STARTED, CHANGED, ENDED }

  record MesEvent(
      String asset,
      long eventTime,
      long sequence,
      String source,
      MesType type,
      String level,
      String id,
      Map<String, String> properties) {}
}

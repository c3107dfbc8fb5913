/** The checks of a single value. Each returns a finding, or null. */
final class Checks {
  /** A jump that this number of readings in a row confirm is a new level, not a spike. */
  private static final int CONFIRMATIONS = 3;
  /** After a gap of more than this number of periods, a repeated value does not mean that the sensor is stuck. */
  private static final int SILENT_PERIODS = 3;

  record Finding(Records.Reason reason, String detail) {}

  private Checks() {}

  /** @param quality -1 when there is no measurement */
  static Finding value(Definition.Tag tag, int quality, boolean present, double value) {
    if (quality < 0 || !present) return new Finding(Records.Reason.ABSENT, tag.title() + " has no value");
    if (!Double.isFinite(value))
      return new Finding(Records.Reason.NOT_A_NUMBER, tag.title() + " is " + Plain.notFinite(value));
    if (quality == Records.BAD)
      return new Finding(
          Records.Reason.QUALITY,
          "the source marks " + tag.title() + " " + Plain.withUnit(value, tag) + " as BAD");
    for (double sentinel : tag.sentinels())
      if (value == sentinel)
        return new Finding(
            Records.Reason.SENTINEL, Plain.number(value) + " in " + tag.title() + " means no value");
    double low = tag.range()[0];
    double high = tag.range()[1];
    if (value < low || value > high)
      return new Finding(
          Records.Reason.RANGE,
          tag.title() + " " + Plain.withUnit(value, tag) + " is outside "
              + Plain.number(low) + " to " + Plain.withUnit(high, tag));
    return null;
  }

  static Finding stuck(Definition.Tag tag, int index, double value, long time, long period, ValidateState state) {
    if (tag.stuckAfter() == null) return null;
    double elapsed = time - state.seenAt[index];
    boolean same = value == state.seen[index] && elapsed <= SILENT_PERIODS * period;
    double sameFor = same ? state.sameFor[index] + elapsed : 0;
    state.seen[index] = value;
    state.seenAt[index] = time;
    state.sameFor[index] = sameFor;
    if (sameFor < tag.stuckAfter()) return null;
    return new Finding(
        Records.Reason.STUCK,
        tag.title() + " has been exactly " + Plain.withUnit(value, tag) + " for " + Plain.duration(sameFor)
            + "; " + Plain.duration(tag.stuckAfter()) + " is too long for a live sensor");
  }

  static Finding rate(Definition.Tag tag, int index, double value, long time, long period, ValidateState state) {
    if (tag.rate() == null) return null;
    double rate = tag.rate();
    double good = state.good[index];
    double seconds = Math.max(time - state.goodAt[index], period) / 1_000;
    double change = Math.abs(value - good);
    if (!(change > rate * seconds)) {
      state.confirmed[index] = 0;
      return null;
    }
    double since = Math.max(time - state.candidateAt[index], period) / 1_000;
    double confirmed = state.confirmed[index];
    boolean agrees = confirmed > 0 && Math.abs(value - state.candidate[index]) <= rate * since;
    state.candidate[index] = value;
    state.candidateAt[index] = time;
    state.confirmed[index] = agrees ? confirmed + 1 : 1;
    if (agrees && confirmed + 1 >= CONFIRMATIONS) {
      state.confirmed[index] = 0;
      return null;
    }
    return new Finding(
        Records.Reason.RATE_OF_CHANGE,
        tag.title() + " went from " + Plain.number(good) + " to " + Plain.withUnit(value, tag) + " in "
            + Plain.number(seconds) + " s; at most " + Plain.withUnit(rate, tag)
            + " per second is believable");
  }

  /** Adds the value to the state after the checks. */
  static Finding anomaly(Definition.Tag tag, int index, double value, ValidateState state) {
    RecentValues recent = state.recent[index];
    if (recent == null) return null;
    Finding finding = recent.ready() ? judge(tag, recent, value) : null;
    recent.push(value);
    return finding;
  }

  private static Finding judge(Definition.Tag tag, RecentValues recent, double value) {
    Definition.Anomaly anomaly = tag.anomaly();
    double median = recent.median();
    double deviation = Math.abs(value - median);
    if (deviation <= anomaly.atLeast()) return null;
    double allowed = anomaly.threshold() * 1.4826 * recent.mad();
    if (deviation <= allowed) return null;
    return new Finding(
        Records.Reason.STATISTICAL_ANOMALY,
        tag.title() + " " + Plain.withUnit(value, tag) + " is " + Plain.withUnit(deviation, tag)
            + " from the median of its last " + anomaly.window() + " good values ("
            + Plain.withUnit(median, tag) + "); up to "
            + Plain.withUnit(Math.max(allowed, anomaly.atLeast()), tag) + " is usual");
  }
}

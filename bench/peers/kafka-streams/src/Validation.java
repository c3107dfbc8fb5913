import java.util.ArrayList;
import java.util.List;

/** Validates one reading, with the state of its asset. */
final class Validation {
  /** The largest number of findings that are listed singly. One line counts the others. */
  private static final int MAX_FINDINGS = 100;

  /** `validated` is null when the reading is dropped; `rejected` is null when there are no findings. */
  record Result(Records.Validated validated, Records.Rejected rejected) {}

  private final Definition definition;
  private final Definition.Tag[] tags;
  private final int required;
  /** By tag: the index of its measurement in the reading, or -1. */
  private final int[] positions;

  Validation(Definition definition) {
    this.definition = definition;
    tags = definition.tags().toArray(Definition.Tag[]::new);
    required = (int) definition.tags().stream().filter(Definition.Tag::required).count();
    positions = new int[tags.length];
  }

  /** @param published the Kafka record's timestamp */
  Result judge(Records.Reading reading, String key, long published, int partition, long offset, ValidateState state) {
    List<Records.Rejection> findings = new ArrayList<>(0);
    Records.Rejection refused = refusal(reading, key, published, state);
    if (refused != null) {
      findings.add(refused);
      return new Result(null, rejected(reading, partition, offset, true, findings));
    }
    boolean inOrder = reading.eventTime() >= state.latest;
    sortIn(reading, findings);
    double[] values = new double[tags.length];
    byte[] qualities = new byte[tags.length];
    byte[] treatments = new byte[tags.length];
    byte[] reasons = new byte[tags.length];
    Records.Validated validated =
        new Records.Validated(
            reading.asset(), reading.eventTime(), reading.sequence(), reading.source(),
            0, !inOrder, values, qualities, treatments, reasons);
    int measured = 0;
    for (int tag = 0; tag < tags.length; tag++) {
      judgeTag(tag, reading, inOrder, state, validated, findings);
      if (tags[tag].required() && treatments[tag] <= Records.FLAGGED) measured++;
    }
    double completeness = (double) measured / required;
    if (completeness == 0) {
      String detail = "none of the " + required + " required tags has a usable value";
      findings.add(0, new Records.Rejection(null, null, Records.Reason.COMPLETENESS, Records.DROPPED, detail));
      return new Result(null, rejected(reading, partition, offset, true, findings));
    }
    if (inOrder) state.latest = reading.eventTime();
    else findings.add(0, outOfOrder(state.latest - reading.eventTime()));
    validated =
        new Records.Validated(
            reading.asset(), reading.eventTime(), reading.sequence(), reading.source(),
            completeness, !inOrder, values, qualities, treatments, reasons);
    return new Result(validated, findings.isEmpty() ? null : rejected(reading, partition, offset, false, findings));
  }

  private Records.Rejection refusal(Records.Reading reading, String key, long published, ValidateState state) {
    String asset = reading.asset();
    if (!definition.isKnownAsset(asset))
      return refuse(Records.Reason.UNKNOWN_ASSET, asset + " is no asset of the process " + definition.process());
    if (!key.equals(asset))
      return refuse(
          Records.Reason.UNKNOWN_ASSET,
          "the record's key is " + key + ", but its asset is " + asset + ": they must be equal");
    long time = reading.eventTime();
    switch (state.note(reading.source(), reading.sequence(), time)) {
      case SEEN -> {
        return refuse(
            Records.Reason.DUPLICATE, "number " + reading.sequence() + " of " + reading.source() + " was received before");
      }
      case UNSURE -> {
        return refuse(
            Records.Reason.DUPLICATE,
            "number " + reading.sequence() + " of " + reading.source()
                + " is older than the remembered numbers, so it counts as a repeat");
      }
      case NEW -> {}
    }
    if (time > published + definition.ahead())
      return refuse(
          Records.Reason.FUTURE,
          "its event time is " + Plain.isoTime(time) + ", " + Plain.duration(time - published)
              + " after it was published; " + Plain.duration(definition.ahead()) + " is allowed");
    if (time < state.latest - definition.grace())
      return refuse(
          Records.Reason.LATE,
          "its event time is " + Plain.isoTime(time) + ", " + Plain.duration(state.latest - time)
              + " before the asset's latest; " + Plain.duration(definition.grace()) + " is allowed");
    int leaps = state.countLeap(time, definition.leap());
    if (leaps > 0)
      return refuse(
          Records.Reason.FUTURE,
          "its event time is " + Plain.isoTime(time) + "; it is " + Plain.duration(time - state.latest)
              + " ahead of the asset's latest; more than " + Plain.duration(definition.leap())
              + " is believed from the third reading in a row on, and this is number " + leaps);
    return null;
  }

  private static Records.Rejection refuse(Records.Reason reason, String detail) {
    return new Records.Rejection(null, null, reason, Records.DROPPED, detail);
  }

  private static Records.Rejection outOfOrder(double behind) {
    String detail = "a reading " + Plain.duration(behind) + " later was received before it";
    return new Records.Rejection(null, null, Records.Reason.OUT_OF_ORDER, Records.FLAGGED, detail);
  }

  /** Finds the measurement of each tag. Unknown and repeated tags are findings. */
  private void sortIn(Records.Reading reading, List<Records.Rejection> findings) {
    java.util.Arrays.fill(positions, -1);
    for (int position = 0; position < reading.count(); position++) {
      int tag = reading.tags()[position];
      Double value = reading.present()[position] ? reading.values()[position] : null;
      if (tag < 0) {
        String name = reading.names()[position];
        String detail = "the process " + definition.process() + " has no tag " + name;
        findings.add(new Records.Rejection(name, value, Records.Reason.UNKNOWN_TAG, Records.DROPPED, detail));
      } else if (positions[tag] >= 0) {
        String detail = tags[tag].id() + " is in the reading twice; the first counts";
        findings.add(
            new Records.Rejection(tags[tag].id(), value, Records.Reason.DUPLICATE, Records.DROPPED, detail));
      } else {
        positions[tag] = position;
      }
    }
  }

  private void judgeTag(
      int index, Records.Reading reading, boolean inOrder, ValidateState state,
      Records.Validated into, List<Records.Rejection> findings) {
    Definition.Tag tag = tags[index];
    int position = positions[index];
    boolean present = position >= 0 && reading.present()[position];
    double value = present ? reading.values()[position] : Double.NaN;
    int quality = position < 0 ? -1 : reading.qualities()[position];
    long time = reading.eventTime();
    Checks.Finding fault = Checks.value(tag, quality, present, value);
    if (fault == null && inOrder) {
      fault = Checks.stuck(tag, index, value, time, definition.period(), state);
      if (fault == null) fault = Checks.rate(tag, index, value, time, definition.period(), state);
    }
    if (fault != null) {
      repair(index, present ? (Double) value : null, fault, time, inOrder, state, into, findings);
      return;
    }
    Checks.Finding doubt = null;
    if (inOrder) {
      doubt = Checks.anomaly(tag, index, value, state);
      state.good[index] = value;
      state.goodAt[index] = time;
      if (doubt != null)
        findings.add(new Records.Rejection(tag.id(), value, doubt.reason(), Records.FLAGGED, doubt.detail()));
    }
    if (quality == Records.UNCERTAIN) {
      String detail = "the source marks " + tag.title() + " as UNCERTAIN";
      findings.add(new Records.Rejection(tag.id(), value, Records.Reason.QUALITY, Records.FLAGGED, detail));
      if (doubt == null) doubt = new Checks.Finding(Records.Reason.QUALITY, detail);
    }
    into.values()[index] = value;
    into.qualities()[index] = (byte) (doubt == null ? Records.GOOD : Records.UNCERTAIN);
    into.treatments()[index] = (byte) (doubt == null ? Records.MEASURED : Records.FLAGGED);
    into.reasons()[index] = (byte) (doubt == null ? -1 : doubt.reason().ordinal());
  }

  /** Uses the last good value instead, while it is recent enough. */
  private void repair(
      int index, Double value, Checks.Finding fault, long time, boolean inOrder, ValidateState state,
      Records.Validated into, List<Records.Rejection> findings) {
    Definition.Tag tag = tags[index];
    double age = time - state.goodAt[index];
    boolean holds = inOrder && fault.reason() != Records.Reason.STUCK && age <= tag.hold();
    double held = holds ? state.good[index] : Double.NaN;
    int treatment = holds ? Records.HELD : Records.MISSING;
    if (tag.required() || fault.reason() != Records.Reason.ABSENT) {
      String standIn =
          holds
              ? "; its last good value, " + Plain.withUnit(held, tag) + " of " + Plain.duration(age)
                  + " before, is used instead"
              : "";
      findings.add(new Records.Rejection(tag.id(), value, fault.reason(), treatment, fault.detail() + standIn));
    }
    into.values()[index] = held;
    into.qualities()[index] = (byte) (holds ? Records.UNCERTAIN : Records.BAD);
    into.treatments()[index] = (byte) treatment;
    into.reasons()[index] = (byte) fault.reason().ordinal();
  }

  private static Records.Rejected rejected(
      Records.Reading reading, int partition, long offset, boolean dropped, List<Records.Rejection> findings) {
    if (findings.size() > MAX_FINDINGS) {
      int more = findings.size() - MAX_FINDINGS;
      findings = new ArrayList<>(findings.subList(0, MAX_FINDINGS));
      String detail = more + " more findings in this reading are not listed";
      findings.add(new Records.Rejection(null, null, Records.Reason.OTHER, Records.DROPPED, detail));
    }
    return new Records.Rejected(
        reading.asset(), reading.eventTime(), reading.sequence(), reading.source(),
        partition, offset, dropped, findings);
  }
}

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Formats numbers and times for the details of rejections. */
final class Plain {
  private static final MathContext SIX_DIGITS = new MathContext(6, RoundingMode.HALF_UP);
  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private Plain() {}

  /** Formats a number with at most six digits. */
  static String number(double value) {
    if (!Double.isFinite(value)) return notFinite(value);
    return text(new BigDecimal(value).round(SIX_DIGITS));
  }

  static String notFinite(double value) {
    if (Double.isNaN(value)) return "NaN";
    return value > 0 ? "Infinity" : "-Infinity";
  }

  static String withUnit(double value, Definition.Tag tag) {
    return (number(value) + " " + tag.unit()).stripTrailing();
  }

  /** `500 ms`, `60 s`, `10 min`, `2 h` */
  static String duration(double ms) {
    if (ms < 1_000) return shortest(ms) + " ms";
    if (ms < 120_000) return shortest(ms / 1_000) + " s";
    if (ms < 7_200_000) return shortest(ms / 60_000) + " min";
    return shortest(ms / 3_600_000) + " h";
  }

  static String isoTime(long ms) {
    return ISO.format(Instant.ofEpochMilli(ms));
  }

  private static String shortest(double value) {
    return text(new BigDecimal(Double.toString(value)));
  }

  private static String text(BigDecimal value) {
    if (value.signum() == 0) return "0";
    BigDecimal digits = value.stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -7 && exponent < 21) return digits.toPlainString();
    String unscaled = digits.unscaledValue().abs().toString();
    String point = unscaled.length() == 1 ? unscaled : unscaled.charAt(0) + "." + unscaled.substring(1);
    return (digits.signum() < 0 ? "-" : "") + point + "e" + (exponent < 0 ? "" : "+") + exponent;
  }
}

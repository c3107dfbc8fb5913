import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads Avro's binary encoding, field by field, without reflection or intermediate objects. */
final class AvroReader {
  private static final VarHandle DOUBLES =
      MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;
  private int at;

  AvroReader(byte[] bytes, int from) {
    this.bytes = bytes;
    this.at = from;
  }

  /** Begins after Confluent's framing: a zero byte and the writer's schema id. */
  static AvroReader framed(byte[] bytes, int schemaId) {
    if (bytes.length < 5 || bytes[0] != 0) throw new IllegalArgumentException("not framed");
    int id = (bytes[1] & 0xff) << 24 | (bytes[2] & 0xff) << 16 | (bytes[3] & 0xff) << 8 | bytes[4] & 0xff;
    if (id != schemaId) throw new IllegalArgumentException("schema id " + id + " instead of " + schemaId);
    return new AvroReader(bytes, 5);
  }

  boolean atEnd() {
    return at == bytes.length;
  }

  /** Reads an `int`, a `long`, or an index of an enum or union: zigzag, seven bits at a time. */
  long readLong() {
    long raw = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[at++];
      raw |= (long) (next & 0x7f) << shift;
      if (next >= 0) return raw >>> 1 ^ -(raw & 1);
    }
  }

  int readInt() {
    return (int) readLong();
  }

  boolean readBoolean() {
    return bytes[at++] != 0;
  }

  double readDouble() {
    double value = (double) DOUBLES.get(bytes, at);
    at += 8;
    return value;
  }

  String readString() {
    int length = readInt();
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return text;
  }

  /** Reads a text. Returns the known text if it is equal, so that repeated texts are not decoded again. */
  String readString(Utf8 known) {
    return skipString(known) ? known.text() : readString();
  }

  /** Returns whether the next text equals the known one, and skips it if so. */
  boolean skipString(Utf8 known) {
    int start = at;
    int length = readInt();
    byte[] other = known.bytes();
    if (length == other.length && Arrays.equals(bytes, at, at + length, other, 0, length)) {
      at += length;
      return true;
    }
    at = start;
    return false;
  }

  byte[] readBytes() {
    int length = readInt();
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  /** Returns the number of items in the next block of an array or map; 0 at its end. */
  int readBlock() {
    long count = readLong();
    if (count < 0) {
      readLong(); // the block's size in bytes
      return (int) -count;
    }
    return (int) count;
  }
}

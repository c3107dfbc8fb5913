import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes Avro's binary encoding into one buffer, which it uses for every record. */
final class AvroWriter {
  private static final VarHandle DOUBLES =
      MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes = new byte[16 * 1024];
  private int at;

  AvroWriter begin() {
    at = 0;
    return this;
  }

  /** Begins a record with Confluent's framing. */
  AvroWriter begin(int schemaId) {
    at = 0;
    room(5);
    bytes[at++] = 0;
    for (int shift = 24; shift >= 0; shift -= 8) bytes[at++] = (byte) (schemaId >>> shift);
    return this;
  }

  byte[] finish() {
    return Arrays.copyOf(bytes, at);
  }

  private void room(int more) {
    if (at + more > bytes.length) bytes = Arrays.copyOf(bytes, Math.max(at + more, 2 * bytes.length));
  }

  void writeLong(long value) {
    room(10);
    long raw = value << 1 ^ value >> 63;
    while ((raw & ~0x7fL) != 0) {
      bytes[at++] = (byte) (raw | 0x80);
      raw >>>= 7;
    }
    bytes[at++] = (byte) raw;
  }

  void writeBoolean(boolean value) {
    room(1);
    bytes[at++] = (byte) (value ? 1 : 0);
  }

  void writeDouble(double value) {
    room(8);
    DOUBLES.set(bytes, at, value);
    at += 8;
  }

  void writeDoubles(double[] values) {
    for (double value : values) writeDouble(value);
  }

  void writeString(Utf8 text) {
    writeBytes(text.bytes());
  }

  void writeString(String text) {
    writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  void writeBytes(byte[] value) {
    writeLong(value.length);
    room(value.length);
    System.arraycopy(value, 0, bytes, at, value.length);
    at += value.length;
  }

  /** Writes a value of a union whose first type is null. */
  void writeNull() {
    writeLong(0);
  }

  void writeSome() {
    writeLong(1);
  }
}

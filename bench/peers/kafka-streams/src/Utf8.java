import java.nio.charset.StandardCharsets;

/** A text and its bytes. */
record Utf8(String text, byte[] bytes) {
  Utf8(String text) {
    this(text, text.getBytes(StandardCharsets.UTF_8));
  }
}

import java.nio.charset.StandardCharsets;

/** A text with its bytes in UTF-8. */
record Utf8(String text, byte[] bytes) {
  Utf8(String text) {
    this(text, text.getBytes(StandardCharsets.UTF_8));
  }
}

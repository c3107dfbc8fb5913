import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** The CloudEvents headers that the product writes: four fixed ones per topic, and the copied time of publication. */
final class OutputHeaders {
  private static final String CARRIED = "ce_time";
  private final String step;
  private String lastTopic = "";
  private Header[] lastFixed = {};

  OutputHeaders(String step) {
    this.step = step;
  }

  Headers of(String topic, Headers input) {
    if (!topic.equals(lastTopic)) {
      lastTopic = topic;
      lastFixed =
          new Header[] {
            header("ce_specversion", "1.0"),
            header("ce_type", "castwatch." + topic),
            header("ce_source", "/castwatch/" + step),
            header("content-type", "application/avro"),
          };
    }
    RecordHeaders headers = new RecordHeaders(lastFixed);
    Header carried = input.lastHeader(CARRIED);
    if (carried != null) headers.add(carried);
    return headers;
  }

  private static Header header(String key, String value) {
    return new RecordHeader(key, value.getBytes(StandardCharsets.UTF_8));
  }
}

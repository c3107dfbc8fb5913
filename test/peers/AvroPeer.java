import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.util.HexFormat;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/**
 * Avro's Java library as a peer in tests. Each line of standard input is a schema, a tab, and a value in Avro's JSON encoding.
 * It prints the value's bytes in hex, one line for each.
 */
public final class AvroPeer {
  public static void main(String[] args) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(System.in)).lines().toList();
    for (String line : lines) {
      String[] parts = line.split("\t", 2);
      var schema = new Schema.Parser().parse(parts[0]);
      var json = DecoderFactory.get().jsonDecoder(schema, parts[1]);
      var value = new GenericDatumReader<Object>(schema).read(null, json);
      var bytes = new ByteArrayOutputStream();
      var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
      new GenericDatumWriter<Object>(schema).write(value, encoder);
      encoder.flush();
      System.out.println(HexFormat.of().formatHex(bytes.toByteArray()));
    }
  }
}

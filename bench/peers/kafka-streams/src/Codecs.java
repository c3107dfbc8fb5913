import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/** Hand-written Avro codecs for the five schemas. They are faster than generic and generated codecs. */
final class Codecs {
  private static final Utf8 NOTHING = new Utf8("");

  private Codecs() {}

  static final class ReadingDeserializer implements Deserializer<Records.Reading> {
    private final int schemaId;
    private final Utf8[] tags;
    private final Map<String, Integer> indexes = new HashMap<>();
    private Utf8 source = NOTHING;

    ReadingDeserializer(Definition definition, int schemaId) {
      this.schemaId = schemaId;
      tags = definition.tags().stream().map(tag -> new Utf8(tag.id())).toArray(Utf8[]::new);
      for (int index = 0; index < tags.length; index++) indexes.put(tags[index].text(), index);
    }

    @Override
    public Records.Reading deserialize(String topic, byte[] bytes) {
      AvroReader from = AvroReader.framed(bytes, schemaId);
      String asset = from.readString();
      long eventTime = from.readLong();
      long sequence = from.readLong();
      String name = from.readString(source);
      if (name != source.text()) source = new Utf8(name);
      int room = tags.length + 4;
      int count = 0;
      int[] found = new int[room];
      String[] names = null;
      double[] values = new double[room];
      boolean[] present = new boolean[room];
      byte[] qualities = new byte[room];
      for (int left = from.readBlock(); left > 0; left = from.readBlock()) {
        for (; left > 0; left--, count++) {
          if (count == room) throw new IllegalArgumentException("more measurements than a reading may have");
          if (count < tags.length && from.skipString(tags[count])) {
            found[count] = count;
          } else {
            String tag = from.readString();
            Integer index = indexes.get(tag);
            found[count] = index == null ? -1 : index;
            if (names == null) names = new String[room];
            names[count] = tag;
          }
          present[count] = from.readLong() == 1;
          values[count] = present[count] ? from.readDouble() : Double.NaN;
          qualities[count] = (byte) from.readLong();
        }
      }
      if (!from.atEnd()) throw new IllegalArgumentException("bytes are left over");
      return new Records.Reading(
          asset, eventTime, sequence, name, count, found, names, values, present, qualities);
    }
  }

  static final class MesDeserializer implements Deserializer<Records.MesEvent> {
    private static final Records.MesType[] TYPES = Records.MesType.values();
    private final int schemaId;

    MesDeserializer(int schemaId) {
      this.schemaId = schemaId;
    }

    @Override
    public Records.MesEvent deserialize(String topic, byte[] bytes) {
      AvroReader from = AvroReader.framed(bytes, schemaId);
      return new Records.MesEvent(
          from.readString(), from.readLong(), from.readLong(), from.readString(),
          TYPES[from.readInt()], from.readString(), from.readString(), readMap(from));
    }
  }

  static Map<String, String> readMap(AvroReader from) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int left = from.readBlock(); left > 0; left = from.readBlock())
      for (; left > 0; left--) map.put(from.readString(), from.readString());
    return map;
  }

  static void writeMap(AvroWriter to, Map<String, String> map) {
    if (!map.isEmpty()) to.writeLong(map.size());
    for (Map.Entry<String, String> entry : map.entrySet()) {
      to.writeString(entry.getKey());
      to.writeString(entry.getValue());
    }
    to.writeLong(0);
  }

  static final class ValidatedSerializer implements Serializer<Records.Validated> {
    private final AvroWriter to = new AvroWriter();
    private final int schemaId;
    private final Utf8[] tags;

    ValidatedSerializer(Definition definition, int schemaId) {
      this.schemaId = schemaId;
      tags = definition.tags().stream().map(tag -> new Utf8(tag.id())).toArray(Utf8[]::new);
    }

    @Override
    public byte[] serialize(String topic, Records.Validated reading) {
      to.begin(schemaId);
      to.writeString(reading.asset());
      to.writeLong(reading.eventTime());
      to.writeLong(reading.sequence());
      to.writeString(reading.source());
      to.writeDouble(reading.completeness());
      to.writeBoolean(reading.outOfOrder());
      to.writeLong(tags.length);
      for (int tag = 0; tag < tags.length; tag++) {
        double value = reading.values()[tag];
        int reason = reading.reasons()[tag];
        to.writeString(tags[tag]);
        if (Double.isNaN(value)) {
          to.writeNull();
        } else {
          to.writeSome();
          to.writeDouble(value);
        }
        to.writeLong(reading.qualities()[tag]);
        to.writeLong(reading.treatments()[tag]);
        if (reason < 0) {
          to.writeNull();
        } else {
          to.writeSome();
          to.writeLong(reason);
        }
      }
      to.writeLong(0);
      return to.finish();
    }
  }

  static final class RejectedSerializer implements Serializer<Records.Rejected> {
    private final AvroWriter to = new AvroWriter();
    private final int schemaId;

    RejectedSerializer(int schemaId) {
      this.schemaId = schemaId;
    }

    @Override
    public byte[] serialize(String topic, Records.Rejected rejected) {
      to.begin(schemaId);
      to.writeString(rejected.asset());
      to.writeLong(rejected.eventTime());
      to.writeLong(rejected.sequence());
      to.writeString(rejected.source());
      to.writeLong(rejected.inputPartition());
      to.writeLong(rejected.inputOffset());
      to.writeBoolean(rejected.dropped());
      List<Records.Rejection> rejections = rejected.rejections();
      to.writeLong(rejections.size());
      for (Records.Rejection rejection : rejections) writeRejection(rejection);
      to.writeLong(0);
      return to.finish();
    }

    private void writeRejection(Records.Rejection rejection) {
      if (rejection.tag() == null) {
        to.writeNull();
      } else {
        to.writeSome();
        to.writeString(rejection.tag());
      }
      if (rejection.value() == null) {
        to.writeNull();
      } else {
        to.writeSome();
        to.writeDouble(rejection.value());
      }
      to.writeLong(rejection.reason().ordinal());
      to.writeLong(rejection.treatment());
      to.writeString(rejection.detail());
    }
  }

  static final class RowSerializer implements Serializer<Records.FeatureRow> {
    private final AvroWriter to = new AvroWriter();
    private final int schemaId;
    private final Utf8 featureSet;

    RowSerializer(Definition definition, int schemaId) {
      this.schemaId = schemaId;
      featureSet = new Utf8(definition.featureSet());
    }

    @Override
    public byte[] serialize(String topic, Records.FeatureRow row) {
      to.begin(schemaId);
      to.writeString(row.asset());
      to.writeLong(row.eventTime());
      to.writeString(featureSet);
      to.writeLong(row.values().length);
      to.writeDoubles(row.values());
      to.writeLong(0);
      to.writeBytes(row.sequence());
      to.writeDouble(row.completeness());
      to.writeDouble(row.repaired());
      writeMap(to, row.piece());
      return to.finish();
    }
  }
}

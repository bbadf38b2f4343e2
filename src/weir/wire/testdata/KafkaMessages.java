// Writes messages.hex: every message in every version that weir serves, as Kafka's own Java client
// encodes it. Foreign bytes for the codec's tests.
//
// Values follow from the field's name alone, so that a swapped field shows: see value() here and
// Filler in messages_test.cc, which must agree.
//
// usage: java -cp kafka-clients-3.9.1.jar:slf4j-api.jar KafkaMessages.java > messages.hex
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.MemoryRecords;

class KafkaMessages {
  // API, first and last version.
  static final String[] APIS = {
    "Produce 3 9", "Fetch 4 12", "ListOffsets 1 7", "Metadata 0 12", "OffsetCommit 2 8",
    "OffsetFetch 1 8", "FindCoordinator 0 4", "JoinGroup 0 9", "Heartbeat 0 4", "LeaveGroup 0 5",
    "SyncGroup 0 5", "DescribeGroups 0 5", "ListGroups 0 4", "ApiVersions 0 3",
    "CreateTopics 0 7", "DeleteTopics 0 6", "DeleteRecords 0 2", "InitProducerId 0 4",
    "OffsetForLeaderEpoch 0 4", "DescribeConfigs 0 4", "AlterConfigs 0 2",
    "CreatePartitions 0 3", "DeleteGroups 0 2", "IncrementalAlterConfigs 0 1", "DescribeCluster 0 1",
  };

  static String plain(String name) {
    return name.replace("_", "").toLowerCase();
  }

  // `index`: which of its array's two elements this is.
  static Object value(String name, Type type, int index, boolean nulls) {
    if (nulls && type.isNullable()) return null;
    if (type instanceof Schema) return struct((Schema) type, index, nulls);
    if (type.isArray()) {
      Type element = type.arrayElementType().get();
      return new Object[] {value(name, element, 0, nulls), value(name, element, 1, nulls)};
    }
    long number = plain(name).hashCode() + index;
    String text = plain(name) + index;
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    if (type == Type.BOOLEAN) return true;
    if (type == Type.INT8) return (byte) number;
    if (type == Type.INT16) return (short) number;
    if (type == Type.INT32) return (int) number;
    if (type == Type.INT64) return number;
    if (type == Type.UUID) return new Uuid(number, number + 1);
    String kind = type.toString();
    if (kind.endsWith("STRING")) return text;
    if (kind.endsWith("RECORDS")) return MemoryRecords.readableRecords(bytes);
    if (kind.endsWith("BYTES")) return bytes;
    throw new IllegalStateException("no value for " + kind);
  }

  // The tags that a schema knows; the client keeps them to itself.
  @SuppressWarnings("unchecked")
  static Map<Integer, Field> known(TaggedFields tagged) {
    try {
      var fields = TaggedFields.class.getDeclaredField("fields");
      fields.setAccessible(true);
      return (Map<Integer, Field>) fields.get(tagged);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  static Struct struct(Schema schema, int index, boolean nulls) {
    Struct struct = new Struct(schema);
    for (BoundField field : schema.fields()) {
      if (field.def.type instanceof TaggedFields) {
        Map<Integer, Object> tags = new TreeMap<>();
        for (var tag : known((TaggedFields) field.def.type).entrySet()) {
          Field def = tag.getValue();
          Object value = value(def.name, def.type, index, nulls);
          if (value != null) tags.put(tag.getKey(), value);
        }
        struct.set(field, tags);
      } else {
        struct.set(field, value(field.def.name, field.def.type, index, nulls));
      }
    }
    return struct;
  }

  static void print(String message, int version, boolean nulls) throws Exception {
    Class<?> data = Class.forName("org.apache.kafka.common.message." + message + "Data");
    Schema schema = ((Schema[]) data.getField("SCHEMAS").get(null))[version];
    Struct struct = struct(schema, 0, nulls);
    ByteBuffer buffer = ByteBuffer.allocate(schema.sizeOf(struct));
    schema.write(buffer, struct);
    StringBuilder line = new StringBuilder(message + " " + version + (nulls ? " nulls " : " full "));
    if (buffer.capacity() == 0) line.append("-");
    for (byte b : buffer.array()) line.append(String.format("%02x", b));
    System.out.println(line);
  }

  public static void main(String[] arguments) throws Exception {
    for (int version = 1; version <= 2; ++version) {
      print("RequestHeader", version, false);
      print("RequestHeader", version, true);
    }
    for (int version = 0; version <= 1; ++version) print("ResponseHeader", version, false);
    for (String api : APIS) {
      String[] part = api.split(" ");
      for (int version = Integer.parseInt(part[1]); version <= Integer.parseInt(part[2]); ++version)
        for (String kind : new String[] {"Request", "Response"}) {
          print(part[0] + kind, version, false);
          print(part[0] + kind, version, true);
        }
    }
  }
}

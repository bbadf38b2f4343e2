// Writes java.hex: the batches of kafka_python.py in every codec, as Kafka's own Java client builds
// them, a line each: "codec hex".
//
// usage: java -cp kafka-clients-3.9.1.jar:snappy-java.jar:zstd-jni.jar:lz4-java.jar:slf4j-api.jar
//            KafkaBatches.java > java.hex
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MemoryRecordsBuilder;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.TimestampType;

class KafkaBatches {
  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static void main(String[] arguments) {
    Header[] headers = {
      new RecordHeader("kind", bytes("event")), new RecordHeader("empty", bytes("")),
      new RecordHeader("null", (byte[]) null)
    };
    for (CompressionType type : CompressionType.values())
      for (boolean transactional : new boolean[] {false, true}) {
        MemoryRecordsBuilder builder =
            MemoryRecords.builder(ByteBuffer.allocate(1 << 16), RecordBatch.MAGIC_VALUE_V2,
                Compression.of(type).build(), TimestampType.CREATE_TIME, 0L, -1L, 4711L, (short) 2,
                17, transactional, -1);
        builder.append(1_700_000_000_000L, bytes("key"), bytes("value"), new Header[0]);
        builder.append(1_699_999_999_990L, null, bytes("x".repeat(500)), headers);
        builder.append(1_700_000_000_500L, bytes(""), null, new Header[0]);
        ByteBuffer buffer = builder.build().buffer();
        StringBuilder line = new StringBuilder(type.name + " ");
        while (buffer.hasRemaining()) line.append(String.format("%02x", buffer.get()));
        System.out.println(line);
      }
  }
}

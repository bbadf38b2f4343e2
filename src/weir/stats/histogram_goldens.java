// Writes histogram_goldens.h: what org.HdrHistogram 2.2.2 makes of known values, so that the unit tests
// need no Java. Run from this folder, with the jar from Maven Central:
//   mvn dependency:copy -Dartifact=org.hdrhistogram:HdrHistogram:2.2.2 -DoutputDirectory=.
//   TZ=UTC java -cp HdrHistogram-2.2.2.jar histogram_goldens.java > histogram_goldens.h
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

class HistogramGoldens {
  static final long HIGHEST = 86_400_000_000L;

  static Histogram fresh() {
    return new Histogram(1, HIGHEST, 3);
  }

  // The same generator stands in histogram_test.cc.
  static Histogram scattered() {
    Histogram h = fresh();
    long x = 42;
    for (int i = 0; i < 20_000; i++) {
      x = x * 6364136223846793005L + 1442695040888963407L;
      h.recordValue(((x >>> 20) & ((1L << ((x >>> 58) % 36)) - 1)));
    }
    return h;
  }

  static void literal(String indent, String text) {
    for (int at = 0; at < text.length(); at += 80) {
      String part = text.substring(at, Math.min(text.length(), at + 80));
      System.out.print("\n" + indent + "\"" + part.replace("\"", "\\\"").replace("\n", "\\n") + "\"");
    }
  }

  static void golden(String name, Histogram h) {
    ByteBuffer buffer = ByteBuffer.allocate(h.getNeededByteBufferCapacity());
    int size = h.encodeIntoCompressedByteBuffer(buffer);
    String text = Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), size));
    System.out.printf("    {\"%s\", %dLL, %.17g,\n     {%d, %d, %d, %d, %d},", name, h.getTotalCount(),
        h.getMean(), h.getValueAtPercentile(50), h.getValueAtPercentile(95),
        h.getValueAtPercentile(99), h.getValueAtPercentile(99.9), h.getValueAtPercentile(100));
    literal("     ", text);
    System.out.println("},");
  }

  static String log(Histogram first, Histogram second) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    HistogramLogWriter writer = new HistogramLogWriter(new PrintStream(bytes));
    writer.outputLogFormatVersion();
    writer.outputStartTime(1_700_000_000_250L);
    writer.outputLegend();
    writer.outputIntervalHistogram(1_700_000_000.0, 1_700_000_001.0, first, 1000.0);
    writer.outputIntervalHistogram(1_700_000_001.0, 1_700_000_002.0, second, 1000.0);
    return bytes.toString();
  }

  public static void main(String[] arguments) {
    Histogram one = fresh();
    one.recordValue(1_234_567);
    Histogram squares = fresh();
    for (long i = 0; i < 10_000; i++) squares.recordValue(i * i);
    Histogram ends = fresh();
    ends.recordValueWithCount(0, 3_000_000_000L);
    ends.recordValue(HIGHEST);
    System.out.print("// Written by histogram_goldens.java; not to be edited.\n"
        + "#pragma once\n#include <cstdint>\n\nnamespace weir {\n\n"
        + "struct HistogramGolden {\n  const char* name;\n  int64_t total;\n  double mean;\n"
        + "  int64_t percentiles[5];   // 50, 95, 99, 99.9, 100\n  const char* base64;\n};\n\n"
        + "inline constexpr HistogramGolden kHistogramGoldens[] = {\n");
    golden("empty", fresh());
    golden("one", one);
    golden("squares", squares);
    golden("scattered", scattered());
    golden("ends", ends);
    System.out.print("};\n\ninline constexpr char kLogGolden[] =");
    literal("    ", log(one, squares));
    System.out.print(";\n\n}  // namespace weir\n");
  }
}

// Reads an HdrHistogram log with org.hdrhistogram's own reader and prints what it holds: for the whole log
// and for the intervals that begin within [from, to) seconds of its start, count, percentiles and mean.
//   java -cp HdrHistogram-2.2.2.jar read_hlog.java LOG FROM TO
import java.io.File;
import java.util.Locale;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

class ReadHlog {
  static void print(String name, Histogram h) {
    System.out.printf(Locale.ROOT, "%s %d", name, h.getTotalCount());
    for (double p : new double[] {50, 95, 99, 99.9}) System.out.printf(" %d", h.getValueAtPercentile(p));
    System.out.printf(Locale.ROOT, " %d %.6f%n", h.getMaxValue(), h.getMean());
  }

  public static void main(String[] words) throws Exception {
    double from = Double.parseDouble(words[1]), to = Double.parseDouble(words[2]);
    Histogram whole = new Histogram(1, 86_400_000_000L, 3), part = new Histogram(1, 86_400_000_000L, 3);
    int intervals = 0;
    try (HistogramLogReader reader = new HistogramLogReader(new File(words[0]))) {
      for (EncodableHistogram next; (next = reader.nextIntervalHistogram()) != null; ++intervals) {
        Histogram h = (Histogram) next;
        double begins = h.getStartTimeStamp() / 1e3 - reader.getStartTimeSec();
        whole.add(h);
        if (begins >= from - 1e-6 && begins < to - 1e-6) part.add(h);
      }
    }
    System.out.println("intervals " + intervals);
    print("whole", whole);
    print("part", part);
  }
}

import java.time.Duration;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;

/** A Kafka Streams application: each event becomes a smaller one that keeps its id, elsewhere. */
public final class StreamsRelay {
  private static final Pattern ID = Pattern.compile("\"event_id\": \"([0-9a-f-]{36})\"");

  private static String project(String event) {
    Matcher found = ID.matcher(event);
    return found.find() ? "{\"order\": {\"id\": \"" + found.group(1) + "\"}}" : null;
  }

  public static void main(String[] arguments) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "streams-relay");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, System.getenv("WEIR_BROKERS"));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, System.getenv("WEIR_CHECKPOINT"));
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, System.getenv("WEIR_PARALLELISM"));
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 200);
    settings.put("auto.offset.reset", "earliest");
    // A killed member is missed after six seconds, not after Kafka's 45.
    settings.put("session.timeout.ms", 6000);
    settings.put("heartbeat.interval.ms", 500);
    settings.put(StreamsConfig.producerPrefix("linger.ms"), 5);

    StreamsBuilder builder = new StreamsBuilder();
    builder.<byte[], String>stream(System.getenv("WEIR_TOPIC"))
        .mapValues(StreamsRelay::project)
        .filter((key, value) -> value != null)
        .to(System.getenv("WEIR_OUTPUT_TOPIC"));
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(5))));
    streams.start();
  }
}

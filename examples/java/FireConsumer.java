import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads fires from Kafka and acts on each of them once: only committed messages are read, what has been done is remembered by fire
 * id, and offsets are committed afterwards. SIGTERM and Ctrl-C end it between two fires.
 */
public final class FireConsumer {
  /** What there is to do. The value is the JSON text {"command": "..."}. */
  private static void work(String fireId, String value) {
    System.out.println(fireId + " " + value);
  }

  /**
   * The ids of what is done, in a file. Work that writes to a database keeps them there, in a table with the id as its primary key
   * and in the transaction of the work: then a crash between the work and the note repeats nothing either.
   */
  private static final class Done implements AutoCloseable {
    private final Set<String> ids;
    private final FileChannel file;

    Done(Path path) throws IOException {
      ids = Files.exists(path) ? new HashSet<>(Files.readAllLines(path)) : new HashSet<>();
      file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    boolean contains(String id) {
      return ids.contains(id);
    }

    void add(String id) throws IOException {
      file.write(ByteBuffer.wrap((id + "\n").getBytes(StandardCharsets.UTF_8)));
      file.force(false);
      ids.add(id);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private static String header(ConsumerRecord<String, String> message, String name) {
    Header header = message.headers().lastHeader(name);
    return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
  }

  private static void handle(ConsumerRecord<String, String> message, Done done) throws IOException {
    String fireId = header(message, "ce_id");
    if (fireId == null) { // kafka.headers: none. The place in the topic is the best id that there is.
      fireId = message.topic() + "/" + message.partition() + "/" + message.offset();
    }
    String expiry = header(message, "ce_expirytime");
    if (expiry != null && Instant.parse(expiry).isBefore(Instant.now())) {
      System.err.println(fireId + " is worth nothing any more");
    } else if (done.contains(fireId)) {
      System.err.println(fireId + " was done before");
    } else {
      work(fireId, message.value());
      done.add(fireId);
    }
  }

  private static String setting(String name, String otherwise) {
    return System.getenv().getOrDefault(name, otherwise);
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", setting("KAFKA_SERVER", "localhost:9092"),
            "group.id", setting("KAFKA_GROUP", "java-example"),
            "isolation.level", "read_committed", // the default reads aborted messages, too
            "enable.auto.commit", false,
            "auto.offset.reset", "earliest",
            "key.deserializer", StringDeserializer.class,
            "value.deserializer", StringDeserializer.class);
    try (Done done = new Done(Path.of(setting("DONE_FILE", "done.txt")));
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
      Thread main = Thread.currentThread();
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    consumer.wakeup();
                    try {
                      main.join();
                    } catch (InterruptedException stopped) {
                      Thread.currentThread().interrupt();
                    }
                  }));
      consumer.subscribe(List.of(setting("KAFKA_TOPIC", "actions")));
      while (true) {
        ConsumerRecords<String, String> messages = consumer.poll(Duration.ofSeconds(1));
        for (ConsumerRecord<String, String> message : messages) {
          handle(message, done); // what it throws ends the program; the message is read again after the restart
        }
        if (!messages.isEmpty()) {
          consumer.commitSync();
        }
      }
    } catch (WakeupException ended) {
      // SIGTERM or Ctrl-C. What was not committed is read again, and known by its id.
    }
  }
}

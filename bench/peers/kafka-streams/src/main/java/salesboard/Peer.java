package salesboard;

import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;

/**
 * Runs one of two topologies that do the same: totals per product of a topic of JSON sales, exactly
 * once, committed every 100 ms.
 *
 * <pre>Peer (processor|dsl) (flat|till) BROKERS INPUT OUTPUT APPLICATION_ID STATE_DIR</pre>
 *
 * Prints "ready" whenever all partitions are assigned and restored: once, unless there was a
 * rebalance. Ends at SIGTERM.
 */
public final class Peer {
  public static void main(String[] args) throws InterruptedException {
    Records records = Records.valueOf(args[1].toUpperCase(Locale.ROOT));
    String input = args[3];
    String output = args[4];
    Topology topology =
        args[0].equals("dsl")
            ? DslTotals.topology(records.type, input, output)
            : ProcessorTotals.topology(records.price, input, output);
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[2]);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, args[5]);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, args[6]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);

    KafkaStreams streams = new KafkaStreams(topology, settings);
    streams.setStateListener(
        (now, before) -> {
          if (now == KafkaStreams.State.RUNNING) System.out.println("ready");
        });
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  streams.close();
                  stopped.countDown();
                }));
    streams.start();
    stopped.await();
  }
}

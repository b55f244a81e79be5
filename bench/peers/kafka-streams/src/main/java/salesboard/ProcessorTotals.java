package salesboard;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The totals as fast as Kafka Streams can without leaving its own ways: no repartition topic, a
 * store in memory with a cache in front of its changelog, totals of 24 bytes, Jackson's streaming
 * parser, and output for the products that changed, every 100 ms.
 */
final class ProcessorTotals implements Processor<byte[], byte[], String, String> {
  private static final String STORE = "totals";
  private static final int MICROS_DIGITS = 6;

  /** @param priceField which field has the price of one unit */
  static Topology topology(String priceField, String input, String output) {
    return new Topology()
        .addSource("sales", new ByteArrayDeserializer(), new ByteArrayDeserializer(), input)
        .addProcessor("totals", () -> new ProcessorTotals(priceField), "sales")
        .addStateStore(
            Stores.keyValueStoreBuilder(
                    Stores.inMemoryKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
                .withCachingEnabled(),
            "totals")
        .addSink("output", output, new StringSerializer(), new StringSerializer(), "totals");
  }

  private final String priceField;
  private final JsonFactory json = new JsonFactory();
  private final Map<String, byte[]> changed = new HashMap<>();
  private ProcessorContext<String, String> context;
  private KeyValueStore<String, byte[]> store;

  private ProcessorTotals(String priceField) {
    this.priceField = priceField;
  }

  @Override
  public void init(ProcessorContext<String, String> context) {
    this.context = context;
    store = context.getStateStore(STORE);
    context.schedule(Duration.ofMillis(100), PunctuationType.WALL_CLOCK_TIME, this::forward);
  }

  @Override
  public void process(Record<byte[], byte[]> sale) {
    String product = null;
    long quantity = 0;
    BigDecimal price = null;
    try (JsonParser parser = json.createParser(sale.value())) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        if (field.equals(priceField)) {
          price = parser.getDecimalValue();
          continue;
        }
        switch (field) {
          case "product" -> product = parser.getText();
          case "quantity" -> quantity = parser.getLongValue();
          default -> parser.skipChildren();
        }
      }
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    long micros = price.movePointRight(MICROS_DIGITS).longValueExact();
    byte[] before = store.get(product);
    ByteBuffer total = ByteBuffer.allocate(24);
    if (before != null) total.put(before);
    total.putLong(0, total.getLong(0) + quantity);
    total.putLong(8, total.getLong(8) + quantity * micros);
    total.putLong(16, total.getLong(16) + 1);
    store.put(product, total.array());
    changed.put(product, total.array());
  }

  private void forward(long now) {
    changed.forEach(
        (product, bytes) -> {
          ByteBuffer total = ByteBuffer.wrap(bytes);
          BigDecimal revenue = BigDecimal.valueOf(total.getLong(8), MICROS_DIGITS);
          String value =
              "{\"product\":\""
                  + new String(JsonStringEncoder.getInstance()
                      .quoteAsString(product))
                  + ("\",\"totalQuantity\":" + total.getLong(0))
                  + (",\"totalPrice\":\"" + revenue.toPlainString())
                  + ("\",\"sales\":" + total.getLong(16) + "}");
          context.forward(new Record<>(product, value, now));
        });
    changed.clear();
  }
}

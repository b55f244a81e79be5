package salesboard;

import java.math.BigDecimal;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import salesboard.Records.Sale;

/** The totals as the tutorial of Kafka Streams writes them: group by product, then aggregate. */
final class DslTotals {
  record Total(String product, long totalQuantity, BigDecimal totalPrice, long sales) {
    static final Total NONE = new Total(null, 0, BigDecimal.ZERO, 0);

    Total plus(Sale sale) {
      BigDecimal revenue = sale.price().multiply(BigDecimal.valueOf(sale.quantity()));
      return new Total(
          sale.product(), totalQuantity + sale.quantity(), totalPrice.add(revenue), sales + 1);
    }
  }

  /** @param type of the records */
  static <S extends Sale> Topology topology(Class<S> type, String input, String output) {
    Serde<S> saleSerde = new JsonSerde<>(type);
    Serde<Total> totalSerde = new JsonSerde<>(Total.class);
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(input, Consumed.with(Serdes.String(), saleSerde))
        .groupBy((key, sale) -> sale.product(), Grouped.with(Serdes.String(), saleSerde))
        .aggregate(
            () -> Total.NONE,
            (product, sale, total) -> total.plus(sale),
            Materialized.with(Serdes.String(), totalSerde))
        .toStream()
        .to(output, Produced.with(Serdes.String(), totalSerde));
    return builder.build();
  }
}

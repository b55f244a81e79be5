package salesboard;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigDecimal;
import java.time.Instant;

/** What the records of the input can be, as classes that Jackson binds: the name is an argument. */
enum Records {
  FLAT(FlatSale.class, "price"),
  TILL(TillEvent.class, "unit_price");

  final Class<? extends Sale> type;

  /** The field that has the price of one unit. */
  final String price;

  Records(Class<? extends Sale> type, String price) {
    this.type = type;
    this.price = price;
  }

  /** What all of them have. */
  interface Sale {
    String product();

    int quantity();

    BigDecimal price();
  }

  record FlatSale(String product, int quantity, BigDecimal price) implements Sale {}

  /** The four fields that are asked for, of fourteen. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record TillEvent(
      String product,
      int quantity,
      @JsonProperty("unit_price") BigDecimal price,
      @JsonProperty("sold_at") Instant soldAt)
      implements Sale {}
}

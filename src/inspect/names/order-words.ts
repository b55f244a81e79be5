/** Names that tell an order, and names that tell something else than a sale. */

const orderName = "order|receipt|invoice|transaction|sale|check|event|message";
/** The number of an order, or of a row. */
export const orderId = new RegExp(
  `^((sales? |shop )?(${orderName}) )?(id|no|nr|number|guid|uuid)$`,
);

/** What goods in stock, reviews of goods, and goods on their way have. */
export const otherNames = new Set(
  (
    "rating review stars shipment tracking consignment supplier warehouse stock inventory counted " +
    "hand bin shelf lager bestand almacen"
  ).split(" "),
);
/** What a sale has, and goods in stock have not. */
export const saleName =
  /^(order|customer|receipt|invoice|payment|sales?|sold|transaction|user|client|buyer|till|shop)$/;

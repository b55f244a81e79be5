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
/** Goods that somebody may buy one day. */
export const wishName = /^(cart|wishlist|favou?rites|quote|quotation|rfq|estimate)$/;
/** What has been bought or paid. */
export const doneName = /^(order|receipt|invoice|payment|sales?|sold|transaction|checkout)$/;
/** Lines that are no goods. */
export const chargeNames = new Set(
  (
    "tax vat gst mwst iva tva shipping postage versand freight delivery tip gratuity discount " +
    "rabatt coupon voucher deposit pfand rounding surcharge"
  ).split(" "),
);
/** Lines that are the sum of others. */
export const sumName = /^(sub ?)?(total|sum|gesamt|summe|suma|totale)$/;
/** By what a price is multiplied, beside the quantity. */
export const factorName = /^(pack|packs|case|cases|carton|factor|multiplier|ratio|exchange)$/;

/** Fields whose values tell no kinds of sales, by words that no other list has. */
export const asideNames = new Set(
  (
    "email phone mobile fax zip zipcode postal postcode street county language lang locale ip browser " +
    "device os platform source referrer referer medium agent lat lon lng latitude longitude age gender " +
    "sex color colour size style material model make variant serial branch location lane register " +
    "terminal till pos table seat floor aisle zone area territory segment tier level rank position index " +
    "sequence seq row partition offset member membership loyalty newsletter taxable comment message " +
    "prefix salutation website version producer hash checksum trace span correlation signature " +
    "manufacturer ids uuid guid key tags tag order household origin destination partner affiliation theme sku gl"
  ).split(" "),
);

/** @platformatic/kafka as its documentation has it: `platformatic.js BROKERS TOPIC GROUP PRICE`. */

import { Consumer } from "@platformatic/kafka";
import { add, ready, untilStopped } from "./totals.js";

const [brokers = "", topic = "", groupId = "", priceField = ""] = process.argv.slice(2);

const consumer = new Consumer({
  clientId: "bench",
  groupId,
  bootstrapBrokers: brokers.split(","),
});
consumer.on("consumer:group:join", ready);
const stream = await consumer.consume({
  autocommit: true,
  topics: [topic],
  mode: "committed",
  fallbackMode: "earliest",
});
stream.on("data", ({ value }) => add(value, priceField));
untilStopped(() => consumer.close(true));

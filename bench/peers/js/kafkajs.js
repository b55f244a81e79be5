/** kafkajs as its documentation has it, in batches: `kafkajs.js BROKERS TOPIC GROUP PRICE`. */

import { Kafka, logLevel } from "kafkajs";
import { add, ready, untilStopped } from "./totals.js";

const [brokers = "", topic = "", groupId = "", priceField = ""] = process.argv.slice(2);

const kafka = new Kafka({
  clientId: "bench",
  brokers: brokers.split(","),
  logLevel: logLevel.ERROR,
});
const consumer = kafka.consumer({ groupId });
consumer.on(consumer.events.GROUP_JOIN, ready);
await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
await consumer.run({
  eachBatch: async ({ batch }) => {
    for (const { value } of batch.messages) add(value, priceField);
  },
});
untilStopped(() => consumer.disconnect());

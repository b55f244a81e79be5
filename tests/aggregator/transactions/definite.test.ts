/** What a failed step of a transaction means. */

import { expect, test } from "bun:test";
import { failureBehind } from "../../../src/aggregator/transactions/definite.ts";
import { KafkaError } from "../../../src/kafka/kafka.ts";

const failure = (code: string) => new KafkaError(code, { code, verdict: "abort" });

// A right was taken away while a transaction was open, and the log said "Erroneous state".
test("a call in the wrong state gives the failure before it as the reason", () => {
  const earlier = failure("TOPIC_AUTHORIZATION_FAILED");
  const begin = () => {
    throw earlier;
  };
  expect(failureBehind({ begin }, failure("_STATE"))).toBe(earlier);
  const other = failure("_MSG_TIMED_OUT");
  expect(failureBehind({ begin }, other)).toBe(other);
});

test("without a failure before it, it is the reason itself", () => {
  const wrong = failure("_STATE");
  const begin = () => {
    throw new KafkaError("Not now", { code: "_STATE", verdict: "fatal" });
  };
  expect(failureBehind({ begin }, wrong)).toBe(wrong);
  expect(failureBehind({ begin: () => {} }, wrong)).toBe(wrong);
});

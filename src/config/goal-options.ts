/** The options that say whose sales these are, and how they should go. */

import { z } from "zod";
import { formatAmount, type Micros, parseAmount } from "../domain/money.ts";
import { alertRules, httpUrl, type Kind, type Option, plainText } from "./option-types.ts";

/** As wide as a phone. */
const TITLE_LENGTH_MAX = 40;

export const goalOptions = {
  title: {
    flag: "--title",
    argument: "TEXT",
    env: "SALESBOARD_TITLE",
    absent: "Salesboard",
    kind: plainText(TITLE_LENGTH_MAX),
    meaning: "the name on pages, walls and paper, such as 'Main Street'",
  },
  target: {
    flag: "--target",
    argument: "AMOUNT",
    env: "SALESBOARD_TARGET",
    absent: "none",
    kind: amount(),
    meaning: "revenue that a day should bring, in --currency, such as 5000",
  },
  alerts: {
    flag: "--alert",
    argument: "RULE",
    env: "SALESBOARD_ALERT",
    absent: "none",
    kind: alertRules(),
    meaning: "show an alert while RULE holds, such as 'revenue[1m] < 100'; repeatable",
    separator: ";",
  },
  alertWebhook: {
    flag: "--alert-webhook",
    argument: "URL",
    env: "SALESBOARD_ALERT_WEBHOOK",
    absent: "none",
    kind: httpUrl(),
    meaning: "URL to post a JSON message to when an alert starts and when it ends",
    // Whoever knows the URL of a chat's webhook can post to the chat.
    isSecret: true,
  },
} as const satisfies Record<string, Option<unknown>>;

/** A positive amount of money, exact; in millionths. */
function amount(): Kind<Micros> {
  return {
    accepts: "an amount above 0 with at most 6 decimals, such as 5000 or 99.95",
    schema: z
      .string()
      .regex(/^\d{1,30}(\.\d{1,6})?$/)
      .transform(parseAmount)
      .refine((micros) => micros > 0n),
    format: formatAmount,
  };
}

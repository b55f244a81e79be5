/** The options that say who is let in. */

import { type Option, plainText } from "./option-types.ts";

export const accessOptions = {
  users: {
    flag: "--users",
    argument: "FILE",
    env: "SALESBOARD_USERS",
    absent: "nobody logs in",
    kind: plainText(4096),
    meaning: "file of those who may log in: a line name:hash[:role] each, as htpasswd -B writes it",
  },
} as const satisfies Record<string, Option<unknown>>;

/** Answers with a tag of their content, so that a program need not read again what it has. */

import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { Env } from "./answers.ts";

/** Enough of SHA-256 that two contents never share a tag by chance. */
const TAG_BYTES = 16;

export interface Content {
  readonly body: string;
  readonly type: string;
  /** Amounts are left out. */
  readonly isMasked: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** 304 where `If-None-Match` names what would be sent; else 200 with it. */
export function conditional(c: Context<Env>, content: Content): Response {
  const { body, type, isMasked, headers = {} } = content;
  const tag = tagOf(body, isMasked);
  // A cache may keep the answer, but must ask whether it still holds.
  const kept = { ETag: tag, "Cache-Control": "no-cache" };
  if (isNamed(tag, c.req.header("If-None-Match"))) return c.body(null, 304, kept);
  return c.body(body, 200, { ...headers, ...kept, "Content-Type": type });
}

/**
 * A strong tag: other bytes have another one. What is masked never has the tag of what is not, even
 * where both say the same, because no amount is known yet.
 */
function tagOf(body: string, isMasked: boolean): string {
  const hash = createHash("sha256").update(isMasked ? "masked " : "whole ");
  return `"${hash.update(body).digest().subarray(0, TAG_BYTES).toString("base64url")}"`;
}

/** `If-None-Match` compares weakly: a proxy that compresses makes `W/"a"` of `"a"`. */
function isNamed(tag: string, header: string | undefined): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  return header.split(",").some((each) => each.trim().replace(/^W\//, "") === tag);
}

/** Base64 (RFC 4648, section 4), strictly: with its padding, and nothing else. */

/** Undefined when `text` is not base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return isBase64 ? Buffer.from(text, "base64") : undefined;
}

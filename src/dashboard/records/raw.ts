/** Makes untrusted bytes visible, so that they can do no harm on a page. */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** The most of a text, unless less is asked for. */
const EXCERPT_BYTES_MAX = 2_048;
/** Bytes of a hexadecimal excerpt. */
const HEX_BYTES_MAX = 96;

/**
 * Shows UTF-8 as text, with visible control characters and direction marks, and other bytes in
 * hexadecimal. `length`: that of the whole value, when `bytes` is its beginning.
 */
export function visible(bytes: Uint8Array | null, length = bytes?.length ?? 0): string {
  if (bytes === null) return "(no value)";
  if (length === 0) return "(empty)";
  const text = textOf(bytes, length > bytes.length);
  const shown = text === undefined ? hexOf(bytes) : { text, bytes: bytes.length };
  const more = length - shown.bytes;
  return more > 0 ? `${shown.text} … ${more} more bytes` : shown.text;
}

/** Like `visible`, for long values: the first `bytesMax` bytes, and how many more there are. */
export function excerpt(bytes: Uint8Array | null, bytesMax = EXCERPT_BYTES_MAX): string {
  return visible(bytes?.subarray(0, bytesMax) ?? null, bytes?.length);
}

/** A part may end inside a character. */
function textOf(bytes: Uint8Array, isPart: boolean): string | undefined {
  for (let cut = 0; cut <= (isPart ? 3 : 0); cut++) {
    try {
      const text = decoder.decode(bytes.subarray(0, bytes.length - cut));
      return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => {
        const code = char.codePointAt(0) ?? 0;
        return `\\u{${code.toString(16)}}`;
      });
    } catch {
      // No text, or not to its end.
    }
  }
  return undefined;
}

function hexOf(bytes: Uint8Array): { text: string; bytes: number } {
  const part = bytes.subarray(0, HEX_BYTES_MAX);
  const pairs = Array.from(part, (byte) => byte.toString(16).padStart(2, "0"));
  return { text: `0x ${pairs.join(" ")}`, bytes: part.length };
}

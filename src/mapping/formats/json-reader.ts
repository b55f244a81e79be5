/**
 * Strict JSON (RFC 8259) with the digits of its numbers, read in one walk. Only what a shape needs
 * is built; the rest is checked as strictly and skipped, however deep it is nested.
 */

import { NumberSource } from "../../domain/money.ts";
import type { Shape } from "../model/shape.ts";
import { type DecodedValue, EMPTY_ARRAY, EMPTY_OBJECT, UnreadableError } from "../model/value.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

const ESCAPE = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y;

/**
 * Of a key that stands twice the last counts, as in ECMAScript.
 * @throws UnreadableError when `text` is not JSON
 */
export function readJson(text: string, shape: Shape): DecodedValue {
  return new JsonReader(text).read(shape);
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(shape: Shape): DecodedValue {
    const value = this.#value(shape);
    this.#space();
    if (this.#at !== this.#text.length) throw notJson();
    return value;
  }

  /** No deeper than the paths of the rules. */
  #value(shape: Shape): DecodedValue {
    const code = this.#space();
    if (code === QUOTE) return this.#string();
    if (code === OPEN_BRACE) return shape.fields.size > 0 ? this.#object(shape) : this.#skipped();
    if (code === OPEN_BRACKET)
      return shape.items ? this.#array(shape, shape.items) : this.#skipped();
    return this.#scalar(code);
  }

  #object(shape: Shape): DecodedValue {
    const object = new Map<string, DecodedValue>();
    this.#at++;
    if (this.#space() === CLOSE_BRACE) {
      this.#at++;
      return object;
    }
    while (true) {
      if (this.#space() !== QUOTE) throw notJson();
      const entry = this.#key(shape);
      if (this.#space() !== COLON) throw notJson();
      this.#at++;
      if (entry) object.set(entry[0], this.#value(entry[1]));
      else this.#skip();
      const code = this.#space();
      this.#at++;
      if (code === CLOSE_BRACE) return object;
      if (code !== COMMA) throw notJson();
    }
  }

  #array(shape: Shape, items: Shape): DecodedValue {
    const array: DecodedValue[] = [];
    this.#at++;
    if (this.#space() === CLOSE_BRACKET) {
      this.#at++;
      return array;
    }
    while (true) {
      if (array.length < shape.itemsMax) array.push(this.#value(items));
      else this.#skip();
      const code = this.#space();
      this.#at++;
      if (code === CLOSE_BRACKET) return array;
      if (code !== COMMA) throw notJson();
    }
  }

  /** The kind of an object or array that no rule looks into. */
  #skipped(): DecodedValue {
    const isObject = this.#text.charCodeAt(this.#at) === OPEN_BRACE;
    this.#skip();
    return isObject ? EMPTY_OBJECT : EMPTY_ARRAY;
  }

  /** One value of any depth, checked and dropped: a stack of our own cannot overflow. */
  #skip(): void {
    const open: number[] = [];
    do {
      const code = this.#space();
      if (code === OPEN_BRACE || code === OPEN_BRACKET) {
        this.#at++;
        const close = code + 2;
        if (this.#space() !== close) {
          open.push(close);
          if (close === CLOSE_BRACE) this.#skipKey();
          continue;
        }
        this.#at++;
      } else if (code === QUOTE) this.#skipString();
      else this.#scalar(code);
      this.#skipEnds(open);
    } while (open.length > 0);
  }

  /** Behind a value: what closes, then a comma unless all is closed. */
  #skipEnds(open: number[]): void {
    while (open.length > 0) {
      const code = this.#space();
      this.#at++;
      if (code === COMMA) {
        if (open[open.length - 1] === CLOSE_BRACE) this.#skipKey();
        return;
      }
      if (code !== open.pop()) throw notJson();
    }
  }

  #skipKey(): void {
    if (this.#space() !== QUOTE) throw notJson();
    this.#skipString();
    if (this.#space() !== COLON) throw notJson();
    this.#at++;
  }

  /** A key that is needed, with what is needed of its value. */
  #key(shape: Shape): readonly [string, Shape] | undefined {
    const start = this.#at;
    if (this.#skipString()) return shape.entryAt(this.#text, start + 1, this.#at - 1);
    const key = JSON.parse(this.#text.slice(start, this.#at)) as string;
    return shape.entryAt(key, 0, key.length);
  }

  #string(): string {
    const start = this.#at;
    const isPlain = this.#skipString();
    if (isPlain) return this.#text.slice(start + 1, this.#at - 1);
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  /** Returns whether the string has no escapes. */
  #skipString(): boolean {
    const text = this.#text;
    let at = this.#at + 1;
    let isPlain = true;
    while (true) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return isPlain;
      }
      if (code === BACKSLASH) {
        ESCAPE.lastIndex = at;
        if (!ESCAPE.test(text)) throw notJson();
        at = ESCAPE.lastIndex;
        isPlain = false;
      } else if (code >= 0x20) at++;
      // A control character, or NaN behind the end.
      else throw notJson();
    }
  }

  #scalar(code: number): DecodedValue {
    if (code === MINUS || isDigit(code)) return this.#number();
    if (this.#takes("true")) return true;
    if (this.#takes("false")) return false;
    if (this.#takes("null")) return null;
    throw notJson();
  }

  #takes(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #number(): NumberSource {
    const text = this.#text;
    const start = this.#at;
    let at = text.charCodeAt(start) === MINUS ? start + 1 : start;
    if (text.charCodeAt(at) === ZERO) at++;
    else at = this.#digits(at);
    if (text.charCodeAt(at) === POINT) at = this.#digits(at + 1);
    // e or E
    if ((text.charCodeAt(at) | 0x20) === 0x65) {
      const sign = text.charCodeAt(at + 1);
      at = this.#digits(sign === MINUS || sign === 0x2b ? at + 2 : at + 1);
    }
    this.#at = at;
    return new NumberSource(text.slice(start, at));
  }

  /** One digit or more. */
  #digits(start: number): number {
    let at = start;
    while (isDigit(this.#text.charCodeAt(at))) at++;
    if (at === start) throw notJson();
    return at;
  }

  /** The character behind JSON's white space, not taken; NaN at the end. */
  #space(): number {
    while (true) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.#at++;
    }
  }
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function notJson(): UnreadableError {
  return new UnreadableError("the value is not JSON");
}

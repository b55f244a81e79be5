/**
 * The places of a mapping as a tree of steps: what a walker follows from the record's value, or
 * from its key and headers, down to slots. Each slot holds what stands at one place.
 */

import type { Origin, Path, Step } from "../model/mapping.ts";
import type { PlaceNode } from "../model/place.ts";

/** `[]` of the rule `lines`: the first one, one inside of another, the last one. */
const FIRST = 1;
const INNER = 2;
const LAST = 4;
/** Stands in a name for bytes that are no UTF-8: C++ compares the bytes. */
const UNDECODABLE = "\ufffd";
/** Marks a slot that each line has anew. */
const OF_LINE = 2 ** 31;

/** Where places begin that are outside of the value: the key, or a header. */
export interface OutsidePlace {
  readonly header: string | undefined;
  readonly place: PlaceNode;
}

export class Places {
  readonly root = newPlace(false);
  readonly outside: OutsidePlace[] = [];
  /** Text → its slot. */
  readonly constants = new Map<string, number>();
  readonly #topic: string;
  readonly #line: PlaceNode;
  #isSure = true;
  #recordSlots = 0;
  #lineSlots = 0;

  constructor(lines: Path | undefined, topic: string) {
    this.#topic = topic;
    this.#line = lines ? this.#followLines(lines) : this.root;
  }

  /** False: C++ could find something else than the judge. */
  get isSure(): boolean {
    return this.#isSure;
  }

  get recordSlots(): number {
    return this.#recordSlots;
  }

  get lineSlots(): number {
    return this.#lineSlots;
  }

  slot(path: Path): number {
    // A topic's name is known beforehand.
    if (path.origin.kind === "topic" && path.steps.length === 0) return this.constant(this.#topic);
    const place = path.steps.reduce(follow, this.#start(path.origin));
    place.slot ??= place.isOfLine ? OF_LINE + this.#lineSlots++ : this.#recordSlots++;
    return place.slot;
  }

  constant(text: string): number {
    const slot = this.constants.get(text) ?? this.#recordSlots++;
    this.constants.set(text, slot);
    return slot;
  }

  /** All places, each before those below it. */
  list(): PlaceNode[] {
    const list: PlaceNode[] = [];
    const add = (place: PlaceNode) => {
      list.push(place);
      for (const child of childrenOf(place)) add(child);
    };
    add(this.root);
    for (const { place } of this.outside) add(place);
    return list;
  }

  #start(origin: Origin): PlaceNode {
    if (origin.kind === "line") return this.#line;
    if (origin.kind === "record") return this.root;
    const header = origin.kind === "header" ? origin.name : undefined;
    if (origin.kind === "topic" || header?.includes(UNDECODABLE)) this.#isSure = false;
    const known = this.outside.find((outside) => outside.header === header);
    if (known) return known.place;
    const place = newPlace(false);
    this.outside.push({ header, place });
    return place;
  }

  #followLines({ origin, steps }: Path): PlaceNode {
    const last = steps.findLastIndex(({ kind }) => kind === "each");
    let place = this.#start(origin.kind === "line" ? { kind: "record" } : origin);
    let kind = FIRST;
    for (const [i, step] of steps.entries()) {
      if (step.kind !== "each") {
        place = follow(place, step);
        continue;
      }
      place.eachKind = i === last ? kind + LAST : kind;
      place.each = newPlace(i === last);
      place = place.each;
      kind = INNER;
    }
    return place;
  }
}

function newPlace(isOfLine: boolean): PlaceNode {
  return {
    isOfLine,
    fields: new Map(),
    elements: new Map(),
    each: undefined,
    eachKind: 0,
    embedded: undefined,
    slot: undefined,
  };
}

function childrenOf({ fields, elements, each, embedded }: PlaceNode): PlaceNode[] {
  const more = [each, embedded].flatMap((place) => place ?? []);
  return [...fields.values(), ...elements.values(), ...more];
}

function follow(place: PlaceNode, step: Step): PlaceNode {
  const { isOfLine } = place;
  if (step.kind === "key") return findOrAdd(place.fields, step.key, isOfLine);
  if (step.kind === "index") return findOrAdd(place.elements, step.index, isOfLine);
  if (step.kind === "json") {
    place.embedded ??= newPlace(isOfLine);
    return place.embedded;
  }
  throw new Error("Cannot follow []: only the rule lines has it");
}

function findOrAdd<K>(places: Map<K, PlaceNode>, key: K, isOfLine: boolean): PlaceNode {
  const place = places.get(key) ?? newPlace(isOfLine);
  places.set(key, place);
  return place;
}

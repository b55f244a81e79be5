/** Where rules look, as a tree of steps down to the slots of a program. */

export interface PlaceNode {
  readonly isOfLine: boolean;
  readonly fields: Map<string, PlaceNode>;
  readonly elements: Map<number, PlaceNode>;
  each: PlaceNode | undefined;
  /** A sum of FIRST, INNER and LAST of `program/places.ts`; 0 = no lines stand here. */
  eachKind: number;
  embedded: PlaceNode | undefined;
  slot: number | undefined;
}

/** The places of a value, and the number of each in the program. */
export interface NumberedPlaces {
  readonly root: PlaceNode;
  readonly numbers: ReadonlyMap<PlaceNode, number>;
}

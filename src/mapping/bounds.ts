/** What a line may have at most: in one place, because judges in other languages keep them too. */

import { PRICE_MAX, QUANTITY_MAX } from "../sale.ts";

/** Decimals of quantities and money. */
export const PRICE_DECIMALS = 6;
export const MICROS_PER_UNIT = 10n ** BigInt(PRICE_DECIMALS);
export const QUANTITY_MICROS_MAX = BigInt(QUANTITY_MAX) * MICROS_PER_UNIT;
export const MONEY_MICROS_MAX = BigInt(PRICE_MAX) * MICROS_PER_UNIT;
/** Lines of one record: a batch's transaction must hold them all. */
export const LINES_MAX = 10_000;

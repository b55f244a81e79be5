/** What a line may have at most: in one place, because judges in other languages keep them too. */

import { MICROS_PER_UNIT } from "../../domain/money.ts";
import { PRICE_MAX, QUANTITY_MAX } from "../../domain/sale.ts";

export const QUANTITY_MICROS_MAX = BigInt(QUANTITY_MAX) * MICROS_PER_UNIT;
export const MONEY_MICROS_MAX = BigInt(PRICE_MAX) * MICROS_PER_UNIT;
/** Lines of one record: a batch's transaction must hold them all. */
export const LINES_MAX = 10_000;

/** `inspect --json`: the findings in the shape that docs/mapping.md describes. */

import { formatAmount } from "../domain/money.ts";
import { formatDecimal } from "../mapping/exact/decimal.ts";
import { mapText } from "./command-line.ts";
import type { RecordSample } from "./file-sample.ts";
import type { Findings } from "./findings.ts";
import type { Outcomes } from "./sample/outcomes.ts";

export function findingsJson(
  { records, of, source }: RecordSample,
  findings: Findings,
  presentMapping: string | null,
): string {
  const { format, forms, looks, prefixed, schemaIds, profile, present, fits, proposal } = findings;
  return JSON.stringify({
    sample: {
      source,
      records: records.length,
      of: of ?? null,
      format,
      forms,
      looks: looks ?? null,
      prefixed,
      schemaIds,
    },
    fields: profile.fields,
    moreFields: profile.more,
    present: { fits, map: presentMapping, ...outcomesJson(present) },
    proposal: proposal
      ? {
          sureness: proposal.sureness,
          map: mapText(proposal),
          inputFormat: proposal.format,
          currency: proposal.currency,
          rules: proposal.rules.map(({ rule, sureness, because }) => ({ rule, sureness, because })),
          remarks: proposal.remarks,
          ...outcomesJson(proposal.outcomes),
        }
      : null,
  });
}

function outcomesJson({ quantity, amount, reasons, products, ...counts }: Outcomes) {
  return {
    ...counts,
    reasons,
    totalQuantity: decimalText(quantity),
    totalPrice: formatAmount(amount),
    products: products.map(({ product, quantity, amount, sales, returns }) => ({
      product,
      totalQuantity: decimalText(quantity),
      totalPrice: formatAmount(amount),
      sales,
      returns,
    })),
  };
}

/** A text, because a number in JSON has digits that many readers drop. */
export function decimalText(micros: bigint): string {
  return formatDecimal({ units: micros, scale: 6 });
}

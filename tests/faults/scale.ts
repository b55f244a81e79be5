/** How large the campaign is: short in `npm test`, full by `npm run faults`. */

export interface Scale {
  /** How often a fault that can be repeated is. */
  rounds: number;
  /** Sales a second. */
  rate: number;
  /** Of the instances, by `-X`. */
  sessionMs: number;
  transactionMs: number;
  /** Of the broker. */
  settings: Readonly<Record<string, string>>;
}

/** The time-outs that Salesboard and Kafka have by themselves. */
const FULL = { rate: 5_000, sessionMs: 10_000, transactionMs: 8_000, settings: {} };

/** Short time-outs, so that what waits for them does not wait long. */
const SHORT: Scale = {
  rounds: 1,
  rate: 2_000,
  sessionMs: 4_000,
  transactionMs: 3_000,
  settings: {
    "group.min.session.timeout.ms": "1000",
    // How often the broker looks for transactions that are past their time-out; 10 s by default.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "2000",
  },
};

/** FAULTS_ROUNDS=N asks for the full campaign. */
export function scaleOf(rounds: string | undefined): Scale {
  return rounds === undefined ? SHORT : { ...FULL, rounds: Number(rounds) };
}

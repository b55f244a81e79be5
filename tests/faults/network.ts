/** Faults of the network, and deaths at points that the network can name; all by `proxy.ts`. */

import { connectionFaults } from "./connections.ts";
import type { Fault } from "./fault.ts";
import { namedKillFaults } from "./kills.ts";
import { lateEndTxnFaults } from "./late.ts";

export const networkFaults: readonly Fault[] = [
  ...namedKillFaults,
  ...lateEndTxnFaults,
  ...connectionFaults,
];

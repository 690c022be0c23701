import { Latency } from "./latency.ts";
import { RouteTotals } from "./routes.ts";

const KEPT_SKIPS = 20;

/** Counts of one process, since it started. */
export class Figures {
  readonly startedAt = new Date().toISOString();
  readonly latency = new Latency();
  readonly routes = new RouteTotals();
  readonly recentSkips: string[] = [];
  txSent = 0;
  txSucceeded = 0;
  txFailed = 0;
  outrun = 0;
  skipped = 0;
  liquidations = 0;
  resolutions = 0;
  ordersExecuted = 0;
  settlements = 0;
  marks = 0;
  takeOvers = 0;
  gasUsed = 0n;
  auditMismatches = 0;
  reorgs = 0;
  lastError: string | null = null;

  skip(reason: string): void {
    this.skipped += 1;
    this.recentSkips.push(reason);
    if (this.recentSkips.length > KEPT_SKIPS) this.recentSkips.shift();
  }
}

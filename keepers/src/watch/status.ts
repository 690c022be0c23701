import { z } from "zod";
import { ROUTES } from "./routes.ts";

/** D18 as a plain decimal. */
const decimalText = z.string().regex(/^\d+(\.\d+)?$/);

/** What a keeper says about itself: at `/status`, and in the status file. */
export const statusSchema = z.object({
  chainId: z.int(),
  /** Wallet that sends; null in a dry run. */
  wallet: z.string().nullable(),
  startedAt: z.string(),
  /** Last block whose consequences have been worked out; -1 before the first. */
  syncedBlock: z.int(),
  /** Nothing is under way and nothing is left to do at `syncedBlock`. */
  idle: z.boolean(),
  /** Block in which the newest price was seen. */
  lastPriceBlock: z.int(),
  accounts: z.int(),
  /** Accounts below maintenance margin, or that cannot be judged. */
  hotAccounts: z.int(),
  openOrders: z.int(),
  inFlight: z.int(),
  txSent: z.int(),
  txSucceeded: z.int(),
  txFailed: z.int(),
  /** Transactions that found their work done by somebody else. */
  outrun: z.int(),
  skipped: z.int(),
  liquidations: z.int(),
  resolutions: z.int(),
  ordersExecuted: z.int(),
  settlements: z.int(),
  /** Distress clocks started, continued or cleared by a call for that alone. */
  marks: z.int(),
  /** Take-overs by the keeper's own account. */
  takeOvers: z.int(),
  /** What the keeper's own transactions did, by route. */
  routes: z.record(
    z.enum(ROUTES),
    z.object({ count: z.int(), /** D18{USD} */ notionalUsd: decimalText }),
  ),
  gasUsed: z.string(),
  auditMismatches: z.int(),
  reorgs: z.int(),
  /** {ms} From first seeing the block that made an account liquidatable to the receipt. */
  priceToInclusionMs: z.object({
    count: z.int(),
    p50: z.number().nullable(),
    p99: z.number().nullable(),
    recent: z.array(z.number()),
  }),
  /** Why the keeper is not ready; empty when it is. */
  notReady: z.array(z.string()),
  lastError: z.string().nullable(),
  /** Reasons of the last skips, newest last. */
  recentSkips: z.array(z.string()),
});

export type KeeperStatus = z.output<typeof statusSchema>;

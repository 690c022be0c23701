import type { AccountId } from "../../../sdk/src/accountId.ts";
import { Alarms } from "../bands/alarms.ts";
import { clearsAtOf } from "../decide/marks.ts";
import type { AccountReport } from "../read/reports.ts";

/**
 * Which accounts have to be looked at for their distress clock's sake, though their margin has not changed: those whose call is due and not yet seen to
 * work, and healthy ones whose clock may be stopped now.
 */
export class MarkWatch {
  readonly #due = new Set<AccountId>();
  readonly #stops = new Alarms<AccountId>("above");

  /** To be looked at now. */
  take(now: number): AccountId[] {
    return [...new Set([...this.#due, ...this.#stops.take(BigInt(now))])];
  }

  /** What was decided after looking at these accounts. */
  note(
    reports: readonly AccountReport[],
    due: readonly { readonly account: AccountId }[],
    auctionSeconds: ReadonlyMap<number, number>,
  ): void {
    for (const report of reports) {
      const { account } = report;
      this.#due.delete(account);
      this.#stops.clear(account);
      const at = clearsAtOf(report, auctionSeconds);
      if (report.distress.startedAt !== 0n && at !== null && Number.isFinite(at))
        this.#stops.set(account, BigInt(at));
    }
    for (const { account } of due) this.#due.add(account);
  }
}

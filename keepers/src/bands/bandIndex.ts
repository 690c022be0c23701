import type { AccountId } from "../../../sdk/src/accountId.ts";
import { Alarms } from "./alarms.ts";
import { type BandPosition, safeBandOf } from "./safeBand.ts";

/** An account as it was last judged. */
export interface JudgedAccount {
  readonly account: AccountId;
  /** D18{USD} Equity less maintenance margin. */
  readonly slackUsd: bigint;
  readonly positions: readonly BandPosition[];
  /** {s} Time of the judgement. */
  readonly at: number;
}

interface MarketAlarms {
  readonly below: Alarms<AccountId>;
  readonly above: Alarms<AccountId>;
  readonly holders: Set<AccountId>;
}

/**
 * Which accounts have to be looked at. While prices stay inside an account's band and its deadline has not come, it cannot have lost its maintenance
 * margin; so a price tick costs as much as it crosses bands, not as much as there are accounts. What has been taken to be looked at stays due until it is
 * judged again: a read that fails loses nobody.
 */
export class BandIndex {
  readonly #markets = new Map<number, MarketAlarms>();
  readonly #deadlines = new Alarms<AccountId>("above");
  readonly #marketsOf = new Map<AccountId, readonly number[]>();
  readonly #due = new Set<AccountId>();
  readonly #hot = new Set<AccountId>();

  /** Accounts known to be without slack, or that could not be judged: looked at in every block. */
  get hot(): ReadonlySet<AccountId> {
    return this.#hot;
  }

  get size(): number {
    return this.#marketsOf.size;
  }

  /** Whether the index answers for the account's margin now. */
  isBelievedSafe(account: AccountId): boolean {
    return this.#marketsOf.has(account) && !this.#hot.has(account) && !this.#due.has(account);
  }

  put({ account, slackUsd, positions, at }: JudgedAccount): void {
    this.#unset(account);
    this.#due.delete(account);
    this.#marketsOf.set(
      account,
      positions.map(({ market }) => market),
    );
    for (const { market } of positions) this.#alarmsOf(market).holders.add(account);
    const band = safeBandOf({ slackUsd, positions });
    if (band === null) {
      this.#hot.add(account);
      return;
    }
    for (const { market, below, above } of band.triggers) {
      this.#alarmsOf(market).below.set(account, below);
      this.#alarmsOf(market).above.set(account, above);
    }
    if (positions.length > 0) this.#deadlines.set(account, BigInt(at + band.recheckSeconds));
  }

  /** The account could not be judged: it is looked at again in the next block. */
  putUnknown(account: AccountId): void {
    if (!this.#marketsOf.has(account)) this.#marketsOf.set(account, []);
    this.#due.delete(account);
    this.#hot.add(account);
  }

  remove(account: AccountId): void {
    this.#unset(account);
    this.#due.delete(account);
    this.#marketsOf.delete(account);
  }

  /** To be looked at whatever the prices. */
  markDue(accounts: Iterable<AccountId>): void {
    for (const account of accounts) this.#due.add(account);
  }

  /** Everybody in a market, after a change that no band foresees: margin rates, a price that stops or starts being valid, a loss event. */
  markMarketDue(market: number): void {
    this.markDue(this.#alarmsOf(market).holders);
  }

  /** All accounts to be looked at, at these prices and this time. */
  take({ prices, now }: { prices: ReadonlyMap<number, bigint>; now: number }): AccountId[] {
    for (const [market, price] of prices) {
      const alarms = this.#alarmsOf(market);
      this.markDue(alarms.below.take(price));
      this.markDue(alarms.above.take(price));
    }
    this.markDue(this.#deadlines.take(BigInt(now)));
    return [...new Set([...this.#due, ...this.#hot])];
  }

  #alarmsOf(market: number): MarketAlarms {
    const known = this.#markets.get(market);
    if (known !== undefined) return known;
    const created = {
      below: new Alarms<AccountId>("below"),
      above: new Alarms<AccountId>("above"),
      holders: new Set<AccountId>(),
    };
    this.#markets.set(market, created);
    return created;
  }

  #unset(account: AccountId): void {
    for (const market of this.#marketsOf.get(account) ?? []) {
      const alarms = this.#alarmsOf(market);
      alarms.below.clear(account);
      alarms.above.clear(account);
      alarms.holders.delete(account);
    }
    this.#deadlines.clear(account);
    this.#hot.delete(account);
  }
}

import type { AccountId } from "../../sdk/src/accountId.ts";
import type { Action } from "./decide/action.ts";
import {
  answerToLot,
  type CollateralBuying,
  type CollateralLot,
  type CollateralPrice,
  type CollateralTerms,
  type CreditAccount,
  type CreditScene,
  isRunning,
  mustPoke,
  nearLineOf,
  startsOf,
  worthOfHoldings,
} from "./decide/collateral.ts";
import type { CreditReader } from "./read/creditReader.ts";
import type { Block } from "./rpc/wire.ts";

export interface CreditDeskParts {
  readonly reader: CreditReader;
  /** Whether anything is done about it. */
  readonly acts: boolean;
  /** Null: nothing is bought. */
  readonly buying: CollateralBuying | null;
  /** Who pays; null without a key. */
  readonly wallet: string | null;
  readonly settlementDecimals: number;
  /** {s} By the oracle's number. */
  readonly heartbeats: ReadonlyMap<number, number>;
}

/** {blocks} Terms of collateral change rarely. */
const TERMS_LAST_BLOCKS = 100;
/** {s} A running auction is doubted so often. */
const DOUBT_PAUSE_SECONDS = 60;
/** {s} For how long a take is good. */
const TAKE_SECONDS = 30;
/** D18{USD} The vault's `WORTHLESS_USD`. */
const WORTHLESS_USD = 10n ** 18n;
/** {s} Accounts on credit are looked at so often whatever the prices, since interest takes from their lines. */
const INTEREST_PAUSE_SECONDS = 60;
/** A fifty-thousandth of a debt is more than what the highest interest adds to it in ten minutes. */
const RESERVE_DIVISOR = 50_000n;
/** Accounts read at once. */
const READ_AT_ONCE = 16;

/**
 * Watches accounts that live on credit. What they owe and have is read when an event names them; whether that is above their line is worked out from then
 * on, so that a block without a change costs two questions, or none while nobody has collateral.
 */
export class CreditDesk {
  readonly #parts: CreditDeskParts;
  readonly #accounts = new Map<AccountId, CreditAccount>();
  readonly #due = new Set<AccountId>();
  readonly #doubtedAt = new Map<string, number>();
  #terms: ReadonlyMap<string, CollateralTerms> = new Map();
  #termsBlock = Number.NEGATIVE_INFINITY;
  #scene: CreditScene | null = null;
  #lastInterestAt = 0;

  constructor(parts: CreditDeskParts) {
    this.#parts = parts;
  }

  /** Accounts to be read again. */
  markDue(accounts: Iterable<AccountId>): void {
    for (const account of accounts) this.#due.add(account);
  }

  /** D18{USD} What an account's line may lose until it is looked at again; null for one without credit. */
  reserveFor(account: AccountId): bigint | null {
    const known = this.#accounts.get(account);
    return known === undefined ? null : known.debtUsd / RESERVE_DIVISOR + 1n;
  }

  /** Reads what has changed. Returns the accounts whose equity may have moved with the price of their collateral, or with interest. */
  async look({ number: block, timestamp }: Block): Promise<AccountId[]> {
    if (this.#due.size === 0 && this.#accounts.size === 0) return [];
    if (block >= this.#termsBlock + TERMS_LAST_BLOCKS) {
      this.#terms = await this.#parts.reader.terms(block);
      this.#termsBlock = block;
    }
    const before = this.#scene?.prices;
    this.#scene = await this.#sceneAt(block);
    await this.#readDue(block, this.#scene.index);
    const moved = new Set(
      [...this.#scene.prices]
        .filter(([market, price]) => !isSame(price, before?.get(market)))
        .map(([market]) => market),
    );
    const isTime = timestamp >= this.#lastInterestAt + INTEREST_PAUSE_SECONDS;
    if (isTime) this.#lastInterestAt = timestamp;
    if (moved.size === 0 && !isTime) return [];
    return [...this.#accounts.values()]
      .filter(
        ({ collateral, debtUsd }) =>
          (isTime && debtUsd > 0n) ||
          collateral.some(({ asset }) => moved.has(this.#terms.get(asset)?.priceMarket ?? -1)),
      )
      .map(({ account }) => account);
  }

  /** What is to be done about accounts above their line. */
  async decide(head: Block): Promise<Action[]> {
    const scene = this.#scene;
    if (!this.#parts.acts || scene === null) return [];
    const near = nearLineOf(this.#accounts.values(), scene);
    const lots: CollateralLot[] = [];
    const writeOffs: Action[] = [];
    for (const account of near) {
      const line = await this.#parts.reader.line(account, head.number);
      if (line.debtUsd <= line.valueUsd) continue;
      const hasDebt = line.debtUsd > line.writtenOffUsd;
      if (line.valueUsd < WORTHLESS_USD && hasDebt) writeOffs.push({ kind: "writeOff", account });
      if (hasDebt) lots.push(...(await this.lotsOf(account, scene, head)));
    }
    const now = head.timestamp;
    return [
      ...(await this.#takes(lots, scene, head)),
      ...startsOf(lots, now, (lot) => this.#doubts(lot, now)),
      ...writeOffs,
      ...(await this.#pokes(lots, scene, head)),
    ];
  }

  /** Each collateral of an account, with its auction. */
  async lotsOf(
    account: AccountId,
    { terms, prices }: CreditScene,
    head: Block,
  ): Promise<CollateralLot[]> {
    const lots: CollateralLot[] = [];
    for (const { asset } of this.#accounts.get(account)?.collateral ?? []) {
      const found = terms.get(asset);
      const price = found === undefined ? undefined : prices.get(found.priceMarket);
      if (found === undefined || price === undefined) continue;
      const sale = await this.#parts.reader.sale(account, asset, head.number);
      lots.push({ account, asset, decimals: found.decimals, price, ...sale });
    }
    return lots;
  }

  async #sceneAt(block: number): Promise<CreditScene> {
    const markets = [...this.#terms.values()].map(({ priceMarket }) => priceMarket);
    const { reader } = this.#parts;
    const [prices, index] = await Promise.all([reader.prices(markets, block), reader.index(block)]);
    return { terms: this.#terms, prices, index };
  }

  async #readDue(block: number, index: bigint): Promise<void> {
    const due = [...this.#due];
    for (let from = 0; from < due.length; from += READ_AT_ONCE) {
      const page = due.slice(from, from + READ_AT_ONCE);
      const read = await Promise.all(
        page.map((id) => this.#parts.reader.account(id, this.#terms.keys(), { index, block })),
      );
      for (const account of read) {
        if (account.debtUsd === 0n && account.collateral.length === 0)
          this.#accounts.delete(account.account);
        else this.#accounts.set(account.account, account);
        this.#due.delete(account.account);
      }
    }
  }

  async #takes(lots: readonly CollateralLot[], scene: CreditScene, head: Block): Promise<Action[]> {
    const { buying, wallet, reader, settlementDecimals } = this.#parts;
    const forSale = lots.filter((lot) => isRunning(lot, head.timestamp));
    if (buying === null || wallet === null || forSale.length === 0) return [];
    const assets = this.#terms.keys();
    const funds = await reader.funds({ wallet, recipient: buying.recipient, assets }, head.number);
    const heldUsd = worthOfHoldings(funds.heldNative, scene);
    const deadline = BigInt(
      Math.max(head.timestamp, Math.floor(Date.now() / 1_000)) + TAKE_SECONDS,
    );
    return forSale.flatMap((lot) => {
      const answer = answerToLot(lot, { buying, funds, heldUsd, settlementDecimals, deadline });
      return "action" in answer ? [answer.action] : [];
    });
  }

  #doubts({ account, asset, startedAt }: CollateralLot, now: number): boolean {
    const key = `${account} ${asset}`;
    const since = Math.max(this.#doubtedAt.get(key) ?? 0, Number(startedAt));
    if (now < since + DOUBT_PAUSE_SECONDS) return false;
    this.#doubtedAt.set(key, now);
    return true;
  }

  async #pokes(lots: readonly CollateralLot[], scene: CreditScene, head: Block): Promise<Action[]> {
    const now = head.timestamp;
    const running = lots.filter((lot) => isRunning(lot, now));
    const markets = new Set(
      running.flatMap(({ asset }) => scene.terms.get(asset)?.priceMarket ?? []),
    );
    const stale: number[] = [];
    for (const market of markets) {
      const price = scene.prices.get(market);
      const heartbeatSeconds = this.#parts.heartbeats.get(market);
      if (price === undefined || heartbeatSeconds === undefined) continue;
      const record = await this.#parts.reader.record(market, head.number);
      if (mustPoke({ price, record, heartbeatSeconds, now })) stale.push(market);
    }
    return stale.length === 0 ? [] : [{ kind: "poke", markets: stale }];
  }
}

function isSame(a: CollateralPrice, b: CollateralPrice | undefined): boolean {
  return a.price === b?.price && a.isValid === b.isValid;
}

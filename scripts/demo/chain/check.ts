// The invariants a run can look at from outside, over every account there is.

import { formatD18, nativeFromD18 } from "../../../sdk/src/amounts.ts";
import { magnitude } from "../../../sdk/src/math/fixedPoint.ts";
import { greatest } from "../bigint.ts";
import type { DemoOutcome, InvariantCheck } from "../report/outcome.ts";
import { type House, type HouseMarket, marketsOf } from "./house.ts";
import { insuranceUsd } from "./observe.ts";
import type { BookAccount } from "./open-book.ts";
import type { RunRecord } from "./record.ts";

/** Accounts of the house itself in a market: resolution, tear-up, deficit. */
const SYSTEM_KINDS = [0n, 1n, 2n];
const TEAR_UP_KIND = 1n;

export interface AllAccounts {
  readonly traders: readonly BookAccount[];
  /** Whoever else may hold cash: pools, backstop, lenders, keeper, operator, treasurer, and the house's own accounts. */
  readonly others: readonly bigint[];
}

/** Every account but those that insure. */
export async function listAccounts(query: {
  house: House;
  traders: readonly BookAccount[];
  helpers: readonly bigint[];
}): Promise<AllAccounts> {
  const { house, traders, helpers } = query;
  const system = await Promise.all(
    marketsOf(house).flatMap(({ id }) =>
      SYSTEM_KINDS.map((kind) => house.house.call("systemAccountOf", [id, kind])),
    ),
  );
  const pools = marketsOf(house).map(({ poolAccount }) => poolAccount);
  const vaults = [house.backstopAccount, house.lendersAccount];
  return { traders, others: [...pools, ...vaults, ...helpers, ...system] };
}

/** CONS-1 as figures: what the house holds, and what it owes to whom. */
export async function readConservation(query: {
  house: House;
  accounts: AllAccounts;
}): Promise<DemoOutcome["conservation"]> {
  const { house, accounts } = query;
  const { tokensUsd, reservesUsd } = await house.lens.call("house", []);
  const ids = [...accounts.traders.map(({ id }) => id), ...accounts.others];
  const states = await Promise.all(ids.map((id) => house.house.call("accountOf", [id])));
  const cashUsd = states.reduce((sum, state) => sum + state.cashUsd, 0n);
  return { tokensUsd, cashUsd, reservesUsd, insuranceUsd: await insuranceUsd(house) };
}

export async function checkInvariants(query: {
  house: House;
  accounts: AllAccounts;
  record: RunRecord;
}): Promise<InvariantCheck[]> {
  const { house, record } = query;
  const perMarket = await Promise.all(
    marketsOf(house).map((market) => checkMarket({ ...query, market })),
  );
  return [
    ...perMarket.flat(),
    await checkFreeCash(query),
    checkOnlyDistressed(record),
    checkPenalties(record),
  ];
}

/** CONS-2: sizes cancel, quote legs add up to B + L − S. CONS-3: the sides are what their positions add up to. SOC-1: what was shared has been collected. */
async function checkMarket(query: {
  house: House;
  accounts: AllAccounts;
  market: HouseMarket;
}): Promise<InvariantCheck[]> {
  const { house, accounts, market } = query;
  const state = await house.house.call("marketOf", [market.id]);
  const mirror = await house.house.call("systemAccountOf", [market.id, TEAR_UP_KIND]);
  const ids = [
    ...accounts.traders.map(({ id }) => id),
    ...accounts.others,
    ...house.insuranceAccounts,
  ];
  const positions = await Promise.all(
    ids.map(async (id) => ({ id, ...(await house.house.call("positionOf", [id, market.id])) })),
  );
  let [sizes, quotes, longs, shorts] = [0n, 0n, 0n, 0n];
  for (const { id, storedSize, storedQuote } of positions) {
    sizes += storedSize;
    quotes += storedQuote;
    if (id === market.poolAccount || id === mirror) continue;
    longs += greatest([storedSize, 0n]);
    shorts += greatest([-storedSize, 0n]);
  }
  const owed = state.reserveUsd + state.uncollectedLossUsd - state.surplusUsd;
  const { symbol } = market.terms;
  // A tear-up truncates: each position may keep one unit that the side no longer counts.
  const dust = BigInt(ids.length);
  const sidesDiffer = [longs - state.longOpenInterest, shorts - state.shortOpenInterest];
  return [
    {
      id: "CONS-2",
      holds: sizes === 0n && quotes === owed,
      finding: `in ${symbol} sizes add up to ${formatD18(sizes)} and quote legs to ${formatD18(quotes)}, where 0 and ${formatD18(owed)} are right`,
    },
    {
      id: "CONS-3",
      holds: sidesDiffer.every((difference) => magnitude(difference) <= dust),
      finding: `in ${symbol} longs add up to ${formatD18(longs)} and shorts to ${formatD18(shorts)}, where the house counts ${formatD18(state.longOpenInterest)} and ${formatD18(state.shortOpenInterest)}`,
    },
    {
      id: "SOC-1",
      holds: state.uncollectedLossUsd === 0n,
      finding: `in ${symbol} ${formatD18(state.uncollectedLossUsd)} USD of shared losses are not collected although every account has been touched`,
    },
  ];
}

/** CASH-1: free cash can be withdrawn by its owner, whatever happened to others; without positions all cash is free. */
async function checkFreeCash(query: {
  house: House;
  accounts: AllAccounts;
}): Promise<InvariantCheck> {
  const { house, accounts } = query;
  const { decimals } = house.manifest.token;
  const unit = 10n ** BigInt(18 - decimals);
  const stuck: string[] = [];
  await Promise.all(
    accounts.traders.map(async ({ id, owner, plan }) => {
      const freeUsd = await house.house.call("freeCashOf", [id]);
      const state = await house.house.call("accountOf", [id]);
      if (state.markets === 0n && freeUsd !== state.cashUsd) {
        stuck.push(`account ${plan.accountNumber} has no position and some cash that is not free`);
      }
      const native = nativeFromD18(freeUsd - (freeUsd % unit), decimals);
      if (native === 0n) return;
      try {
        await house.house.call("withdraw", [id, native, owner], { from: owner });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        stuck.push(`account ${plan.accountNumber} cannot withdraw what is free: ${reason}`);
      }
    }),
  );
  return {
    id: "CASH-1",
    holds: stuck.length === 0,
    finding: stuck.length === 0 ? "all free cash can be withdrawn" : stuck.join("; "),
  };
}

/** LIQ-1: nobody was liquidated who had the maintenance margin. */
function checkOnlyDistressed({ liquidations }: RunRecord): InvariantCheck {
  const wrong = liquidations.filter(({ event }) => event.equityUsd >= event.maintenanceUsd);
  return {
    id: "LIQ-1",
    holds: wrong.length === 0,
    finding: `${wrong.length} liquidations were of accounts with the maintenance margin; the first of account ${wrong[0]?.accountNumber}`,
  };
}

/** LIQ-3: no penalty was more than what equity was left. */
function checkPenalties({ liquidations }: RunRecord): InvariantCheck {
  const wrong = liquidations.filter(({ event }) => {
    return event.penaltyUsd > greatest([event.equityUsd, 0n]);
  });
  return {
    id: "LIQ-3",
    holds: wrong.length === 0,
    finding: `${wrong.length} penalties were more than the equity; the first of account ${wrong[0]?.accountNumber}`,
  };
}

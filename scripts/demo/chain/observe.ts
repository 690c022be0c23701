import { isCallException } from "ethers";
import type { Result } from "../../../sdk/src/abi.ts";
import { enums } from "../../../sdk/src/abis/enums.ts";
import type { lensAbi } from "../../../sdk/src/abis/Lens.ts";
import { ONE } from "../../../sdk/src/amounts.ts";
import { MARKET_SLOTS } from "../prices/path.ts";
import type { House } from "./house.ts";
import type { BookAccount } from "./open-book.ts";

type AccountReport = Result<typeof lensAbi, "accounts">[number];
export type MarketReport = Result<typeof lensAbi, "markets">[number];
type PlanCode = (typeof enums.PlanCode)[number];

/** How an account stands at the newest block. */
export interface AccountView {
  readonly accountNumber: number;
  /** D18{USD} */
  readonly equityUsd: bigint;
  readonly isDistressed: boolean;
  /** A call of a keeper would reduce a position, recognise the default, or apply market events without which neither can be said. */
  readonly canBeActedOn: boolean;
  /** It will be possible to act when some time has passed. */
  readonly waitsForPacing: boolean;
}

/** Accounts per read of the lens. */
const PAGE = 100;
const NO_FAILURE = "0x";
const MAINTENANCE = BigInt(enums.MarginKind.indexOf("Maintenance"));

/** How accounts stand. Who has the maintenance margin is asked for in few words; the lens says about the others what can be done. */
export async function viewAccounts(
  house: House,
  accounts: readonly BookAccount[],
): Promise<AccountView[]> {
  const margins = await readMargins(house, accounts);
  const toAsk = accounts.filter((_, index) => !isHealthy(margins[index]));
  const asked = await askLens(house, toAsk);
  const answers = new Map(asked.map((view) => [view.accountNumber, view]));
  return accounts.map(({ plan: { accountNumber } }, index) => {
    return answers.get(accountNumber) ?? healthyView({ accountNumber, margin: margins[index] });
  });
}

/** D18{USD} Equity and maintenance margin. */
interface Margin {
  readonly equityUsd: bigint;
  readonly requiredUsd: bigint;
}

/** Of many accounts in one call each page; undefined for those of a page in which somebody cannot be judged. */
async function readMargins(
  { house }: House,
  accounts: readonly BookAccount[],
): Promise<(Margin | undefined)[]> {
  const margins: (Margin | undefined)[] = [];
  for (let from = 0; from < accounts.length; from += PAGE) {
    const page = accounts.slice(from, from + PAGE);
    const calls = page.map(({ id }) => house.transaction("marginOf", [id, MAINTENANCE]).data);
    try {
      const results = await house.call("multicall", [calls]);
      margins.push(...results.map((result) => house.decodeResult("marginOf", result)));
    } catch (error) {
      if (!isCallException(error)) throw error;
      margins.push(...page.map(() => undefined));
    }
  }
  return margins;
}

function isHealthy(margin: Margin | undefined): boolean {
  return margin !== undefined && margin.equityUsd >= margin.requiredUsd;
}

function healthyView(found: { accountNumber: number; margin: Margin | undefined }): AccountView {
  const { accountNumber, margin } = found;
  if (margin === undefined) throw new Error(`the lens did not report on account ${accountNumber}`);
  const fine = { isDistressed: false, canBeActedOn: false, waitsForPacing: false };
  return { accountNumber, equityUsd: margin.equityUsd, ...fine };
}

async function askLens(house: House, accounts: readonly BookAccount[]): Promise<AccountView[]> {
  const views: AccountView[] = [];
  for (let from = 0; from < accounts.length; from += PAGE) {
    const page = accounts.slice(from, from + PAGE);
    const reports = await house.lens.call("accounts", [page.map(({ id }) => id)]);
    reports.forEach((report, index) => {
      views.push(viewOf({ report, accountNumber: page[index]?.plan.accountNumber ?? 0 }));
    });
  }
  return views;
}

export async function readMarkets(house: House): Promise<readonly MarketReport[]> {
  const reports = await house.lens.call("markets", []);
  for (const { market, failure, priceFailure, poolFailure } of reports) {
    const reason = [failure, priceFailure, poolFailure].find((found) => found !== NO_FAILURE);
    if (reason !== undefined) throw new Error(`market ${market} cannot be read: ${reason}`);
  }
  return reports;
}

/** D18{USD} Traders' positions, longs and shorts, at index prices. */
export function openInterestUsd(markets: readonly MarketReport[]): bigint {
  return markets.reduce((sum, { state, price }) => {
    return sum + ((state.longOpenInterest + state.shortOpenInterest) * price.price) / ONE;
  }, 0n);
}

/** D18{USD} Equity of all pools. */
export function poolEquityUsd(markets: readonly MarketReport[]): bigint {
  return markets.reduce((sum, report) => sum + report.poolEquityUsd, 0n);
}

/** D18{USD} Cash of the markets' tranches, of the insurance fund and of the protocol's reserve. */
export async function insuranceUsd({ house, insuranceAccounts }: House): Promise<bigint> {
  const states = await Promise.all(insuranceAccounts.map((id) => house.call("accountOf", [id])));
  return states.reduce((sum, { cashUsd }) => sum + cashUsd, 0n);
}

function viewOf(found: { report: AccountReport; accountNumber: number }): AccountView {
  const { report, accountNumber } = found;
  // More market events wait than one call applies: until a keeper has applied them, nobody can say more.
  const waitsForEvents = report.positions.some(({ pendingEvents }) => pendingEvents > 0n);
  if (report.marginFailure !== NO_FAILURE && waitsForEvents) {
    const unknown = { equityUsd: 0n, isDistressed: false, waitsForPacing: false };
    return { accountNumber, ...unknown, canBeActedOn: true };
  }
  const reason = [report.failure, report.marginFailure].find((each) => each !== NO_FAILURE);
  if (reason !== undefined) {
    throw new Error(`account ${accountNumber} cannot be judged: ${reason}`);
  }
  const codes = report.positions.map(codeOf);
  return {
    accountNumber,
    equityUsd: report.equityUsd,
    isDistressed: report.equityUsd < 0n || report.equityUsd < report.maintenanceUsd,
    canBeActedOn: report.resolvable || codes.some((code) => code === "Partial" || code === "Full"),
    waitsForPacing: codes.includes("Paced"),
  };
}

function codeOf({ plan, planFailure, market }: AccountReport["positions"][number]): PlanCode {
  const code = enums.PlanCode[Number(plan.code)];
  if (planFailure !== NO_FAILURE || code === undefined) {
    const slot = MARKET_SLOTS[Number(market)];
    throw new Error(`no plan for a position in the ${slot} market: ${planFailure}`);
  }
  return code;
}

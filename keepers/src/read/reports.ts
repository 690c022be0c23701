import type { Result } from "../../../sdk/src/abi.ts";
import { enums } from "../../../sdk/src/abis/enums.ts";
import { lensAbi } from "../../../sdk/src/abis/Lens.ts";
import type { AccountId } from "../../../sdk/src/accountId.ts";
import { type Caller, typedContract } from "../../../sdk/src/typedContract.ts";

/** The lens's judgement of an account. */
export type AccountReport = Result<typeof lensAbi, "accounts">[number];
/** All ways out of an account, as the lens shows them. */
export type AccountRoutes = Result<typeof lensAbi, "routesOf">;
export type PositionReport = AccountReport["positions"][number];

/** The lens's view of a market. */
export type MarketReport = Result<typeof lensAbi, "markets">[number];

/** What a liquidation would do now. */
export type SlicePlan = PositionReport["plan"];

/** What a take-over would do now. */
export type TakeOverPlan = PositionReport["takeOver"];

export type PlanCode = (typeof enums.PlanCode)[number];
export type PriceStatus = (typeof enums.PriceStatus)[number];
export type MarketMode = (typeof enums.MarketMode)[number];

export function planCodeOf(position: PositionReport): PlanCode | undefined {
  return position.planFailure === "0x" ? enums.PlanCode[Number(position.plan.code)] : undefined;
}

export function takeOverCodeOf(plan: TakeOverPlan): PlanCode | undefined {
  return enums.PlanCode[Number(plan.code)];
}

/** What a tear-up against the market's pool would do now. */
export function poolTearUpCodeOf(report: MarketReport): PlanCode | undefined {
  return report.poolTearUpFailure === "0x"
    ? enums.PlanCode[Number(report.poolTearUp.code)]
    : undefined;
}

/** Whether a plan does something. */
export function isActing(code: PlanCode | undefined): boolean {
  return code === "Partial" || code === "Full";
}

export function priceStatusOf(report: {
  readonly price: { readonly status: bigint };
}): PriceStatus {
  return enums.PriceStatus[Number(report.price.status)] ?? "Invalid";
}

export function marketModeOf(report: MarketReport): MarketMode {
  return enums.MarketMode[Number(report.state.mode)] ?? "Unlisted";
}

/** Where judgements come from: the chain's lens, or maths that mirrors it. */
export interface Judge {
  markets(block: number): Promise<readonly MarketReport[]>;
  accounts(accounts: readonly AccountId[], block: number): Promise<readonly AccountReport[]>;
}

const NOT_REACHED = "ReportNotReached";

/** Every way out of one account, for people. */
export function routesOf(
  { address, caller }: { address: string; caller: Caller },
  account: AccountId,
  block: number,
): Promise<AccountRoutes> {
  return typedContract(lensAbi, address, caller).call("routesOf", [account], { blockTag: block });
}

/** Asks the lens, in pages, all at one block. */
export function lensJudge({
  address,
  caller,
  pageSize,
}: {
  address: string;
  caller: Caller;
  pageSize: number;
}): Judge {
  const lens = typedContract(lensAbi, address, caller);
  const notReached = lens.interface.getError(NOT_REACHED)?.selector;

  async function page(ids: readonly AccountId[], block: number): Promise<AccountReport[]> {
    const reports = await lens.call("accounts", [ids], { blockTag: block });
    const reached = reports.filter(
      (report) => notReached === undefined || !report.failure.startsWith(notReached),
    );
    if (reached.length === reports.length || reached.length === 0) return [...reports];
    // The node's gas ended inside the page: the rest is asked for alone.
    return [...reached, ...(await page(ids.slice(reached.length), block))];
  }

  return {
    markets: (block) => lens.call("markets", [], { blockTag: block }),
    async accounts(accounts, block) {
      const reports: AccountReport[] = [];
      for (let from = 0; from < accounts.length; from += pageSize) {
        reports.push(...(await page(accounts.slice(from, from + pageSize), block)));
      }
      return reports;
    },
  };
}

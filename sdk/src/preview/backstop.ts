import type { Provider } from "ethers";
import { backstopPoolAbi } from "../abis/BackstopPool.ts";
import { enums } from "../abis/enums.ts";
import { typedContract } from "../typedContract.ts";

/** Why the backstop does not bid, as people read it. Named as in the contract. */
export const BID_REFUSALS: Readonly<Record<string, string>> = {
  None: "it bids",
  Plan: "the house plans nothing for it",
  NoTerms: "it has no terms in this market",
  PriceNotValid: "one of the markets it is in has no valid price",
  MarketCap: "it holds as much as it may in this market",
  EpochCap: "it has taken as much as it may in this market today",
  Leverage: "it holds as much as its money allows",
  TooDear: "closing it would cost more than discount and concession",
  TooSmall: "its position would be below the market's minimum",
};

/** What `take` would do now. Sizes D18{base}, amounts D18{USD}. */
export interface BackstopBid {
  readonly bids: boolean;
  /** Member of `BidRefusal`. */
  readonly refusal: string;
  readonly reason: string;
  /** Member of `PlanCode`: the house's plan for what the caps leave. */
  readonly code: string;
  readonly takeSize: bigint;
  readonly price: bigint;
  readonly discountUsd: bigint;
  readonly roomSize: bigint;
  readonly unwindCostUsd: bigint;
}

/** What a staker has and could do now. Shares D18{share}, amounts {qTok}, times {s}. */
export interface Stake {
  readonly shares: bigint;
  /** At equity per share. */
  readonly worthNative: bigint;
  /** Were all shares redeemed now, cooldown and limits aside. */
  readonly redeemableNative: bigint;
  readonly maxRedeemShares: bigint;
  readonly maxWithdrawNative: bigint;
  readonly cooledShares: bigint;
  readonly opensAt: bigint;
  readonly closesAt: bigint;
}

export interface BackstopQuestion {
  readonly provider: Provider;
  /** Address of the backstop pool. */
  readonly pool: string;
}

/** What the backstop would take of an account's position, or of a resolution account's inventory, and why not more. */
export async function previewBackstop({
  provider,
  pool,
  account,
  market,
}: BackstopQuestion & { readonly account: bigint; readonly market: bigint }): Promise<BackstopBid> {
  const backstop = typedContract(backstopPoolAbi, pool, provider);
  const { refusal, plan, roomSize, unwindCostUsd } = await backstop.call("previewTake", [
    account,
    market,
  ]);
  const name = enums.BidRefusal[Number(refusal)] ?? String(refusal);
  const { takeSize, price, discountUsd } = plan;
  const code = enums.PlanCode[Number(plan.code)] ?? String(plan.code);
  return {
    bids: name === "None",
    refusal: name,
    reason: BID_REFUSALS[name] ?? name,
    code,
    takeSize,
    price,
    discountUsd,
    roomSize,
    unwindCostUsd,
  };
}

/** What a staker has in the backstop, and what of it could leave now. */
export async function previewStake({
  provider,
  pool,
  owner,
}: BackstopQuestion & { readonly owner: string }): Promise<Stake> {
  const backstop = typedContract(backstopPoolAbi, pool, provider);
  const shares = await backstop.call("balanceOf", [owner]);
  const cooldown = await backstop.call("cooldownOf", [owner]);
  return {
    shares,
    worthNative: await backstop.call("convertToAssets", [shares]),
    redeemableNative: await backstop.call("previewRedeem", [shares]),
    maxRedeemShares: await backstop.call("maxRedeem", [owner]),
    maxWithdrawNative: await backstop.call("maxWithdraw", [owner]),
    cooledShares: cooldown.shares,
    opensAt: cooldown.opensAt,
    closesAt: cooldown.closesAt,
  };
}

// The keepers of a run, and what those have who take over what slices do not help.

import { MaxUint256 } from "ethers";
import { type AccountId, accountIdOf, describeAccount } from "../../../sdk/src/accountId.ts";
import { formatD18, ONE } from "../../../sdk/src/amounts.ts";
import type { BreakerUse, Takers } from "../cli.ts";
import { mintTo, payIn, toNative } from "./funding.ts";
import type { House } from "./house.ts";
import type { KeeperRole } from "./keepers.ts";
import type { LocalChain } from "./local-chain.ts";
import { ROLES } from "./roles.ts";

/** D18{USD} What a taker has in its account, and the most notional it holds. */
const TAKER_CASH_USD = 1_000_000n * ONE;
const TAKER_INVENTORY_USD = 1_500_000n * ONE;
/** D18{USD} What a taker's wallet has to buy collateral with. */
const COLLATERAL_BUDGET_USD = 400_000n * ONE;
/** The power to trade. */
export const TRADE = 1n;

interface Team {
  readonly chain: LocalChain;
  readonly taker: Takers;
}

/** Addresses of the keepers that run. */
export function keeperAddresses({ chain, taker }: Team): string[] {
  const count = taker === "many" ? ROLES.keepers.length : 1;
  return ROLES.keepers.slice(0, count).map((index) => chain.account(index));
}

/** The accounts that take over, one a keeper. */
export function takerAccounts(team: Team): AccountId[] {
  if (team.taker === "none") return [];
  return keeperAddresses(team).map((address) => accountIdOf(address, 1n));
}

/**
 * Pays into the takers' accounts and lets the venue of orders trade for them: what was taken over is sold through it. Pays their wallets what collateral is bought
 * with.
 */
export async function fundTakers(team: Team & { house: House }): Promise<void> {
  const { chain, house } = team;
  const accounts = takerAccounts(team);
  if (accounts.length === 0) return;
  const deposits = accounts.map((account) => ({ account, amountUsd: TAKER_CASH_USD }));
  await payIn({ chain, house, deposits });
  for (const [index, address] of keeperAddresses(team).entries()) {
    const account = accounts[index];
    if (account === undefined) continue;
    const call = house.house.transaction("setDelegate", [account, house.orders.address, TRADE]);
    await chain.send(address, call);
    const amountNative = toNative(house, COLLATERAL_BUDGET_USD);
    await mintTo({ chain, house, holder: address, amountNative });
    const approval = house.token.transaction("approve", [house.credit.address, MaxUint256]);
    await chain.send(address, approval);
  }
  await chain.mine(chain.now + 1n);
}

/** How each keeper is run. The first logs to `logFile`, the others beside it. */
export function keeperRoles(
  team: Team & {
    logFile: string;
    /** Of the maker; null without one. */
    signedOrders: string | null;
    breaker: BreakerUse;
  },
): KeeperRole[] {
  const orders = team.signedOrders === null ? {} : { signedOrders: team.signedOrders };
  const accounts = takerAccounts(team);
  return keeperAddresses(team).map((_, index) => {
    const account = accounts[index];
    return {
      privateKey: team.chain.privateKeyOf(ROLES.keepers[index] ?? 0),
      logFile: index === 0 ? team.logFile : team.logFile.replace(/(\.log)?$/, `-${index + 1}$1`),
      // One who trips the breaker is enough.
      settings: {
        ...orders,
        tripBreaker: team.breaker === "trip" && index === 0,
        ...(account === undefined ? {} : takerSettings(account)),
      },
    };
  });
}

function takerSettings(account: AccountId): KeeperRole["settings"] {
  return {
    takeOverAccount: describeAccount(account),
    takeOverMaxInventoryUsd: formatD18(TAKER_INVENTORY_USD),
    collateralBudgetUsd: formatD18(COLLATERAL_BUDGET_USD),
  };
}

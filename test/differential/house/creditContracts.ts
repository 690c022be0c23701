import type { Provider } from "ethers";
import { collateralAuctionAbi } from "../../../sdk/src/abis/CollateralAuction.ts";
import { creditVaultAbi } from "../../../sdk/src/abis/CreditVault.ts";
import type { oracleRouterAbi } from "../../../sdk/src/abis/OracleRouter.ts";
import { replayFeedAbi } from "../../../sdk/src/abis/ReplayFeed.ts";
import { testTokenAbi } from "../../../sdk/src/abis/TestToken.ts";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { type TypedContract, typedContract } from "../../../sdk/src/typedContract.ts";
import type { Asset, Credit } from "../../model/state.ts";
import type { CollateralTerms, CreditTerms } from "../../model/terms.ts";

export type CreditContracts = ReturnType<typeof creditContracts>;

/** The credit vault with its auctions, and what it lends against. */
export function creditContracts({ contracts, collateral }: Manifest, at: Provider) {
  return {
    vault: typedContract(creditVaultAbi, contracts.creditVault, at),
    auction: typedContract(collateralAuctionAbi, contracts.collateralAuction, at),
    collateral: new Map(
      collateral.map(({ symbol, asset, decimals, priceMarket, feed }) => {
        if (feed.replay === null) throw new Error(`The feed of ${symbol} cannot be replayed`);
        const token = typedContract(testTokenAbi, asset, at);
        const replay = typedContract(replayFeedAbi, feed.replay, at);
        const priced = BigInt(priceMarket);
        return [symbol, { token, feed: replay, decimals: BigInt(decimals), priced }] as const;
      }),
    ),
  };
}

/** What is set for it. */
export async function creditTerms(
  { vault, collateral }: CreditContracts,
  oracle: TypedContract<typeof oracleRouterAbi>,
): Promise<CreditTerms> {
  const assets = new Map<Asset, CollateralTerms>();
  for (const [symbol, { token, decimals, priced }] of collateral) {
    const { terms } = await vault.call("collateralTermsOf", [token.address]);
    const { config } = await oracle.call("feedOf", [priced]);
    assets.set(symbol, { ...terms, decimals, feed: config });
  }
  return { rates: await vault.call("rateTerms", []), assets };
}

/** A vault that nobody has lent to yet. */
export function emptyCredit(accruedAt: bigint): Credit {
  return {
    index: 10n ** 27n,
    accruedAt,
    totalScaled: 0n,
    debts: new Map(),
    collateral: new Map(),
    clocks: new Map(),
    supply: 0n,
    balances: new Map(),
  };
}

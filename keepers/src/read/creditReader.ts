import { collateralAuctionAbi } from "../../../sdk/src/abis/CollateralAuction.ts";
import { creditVaultAbi } from "../../../sdk/src/abis/CreditVault.ts";
import { oracleRouterAbi } from "../../../sdk/src/abis/OracleRouter.ts";
import { testTokenAbi } from "../../../sdk/src/abis/TestToken.ts";
import type { AccountId } from "../../../sdk/src/accountId.ts";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { min } from "../../../sdk/src/math/solidity.ts";
import { type Caller, typedContract } from "../../../sdk/src/typedContract.ts";
import type {
  CollateralFunds,
  CollateralLot,
  CollateralPrice,
  CollateralTerms,
  CreditAccount,
} from "../decide/collateral.ts";
import { priceStatusOf } from "./reports.ts";
import { unlessReverted } from "./unlessReverted.ts";

/** What an account owes, all of it, and what is lent against its collateral where only health is judged. D18{USD} */
export interface CreditLine {
  readonly debtUsd: bigint;
  /** Of it, what has been written off. */
  readonly writtenOffUsd: bigint;
  readonly valueUsd: bigint;
}

/** Asks the credit vault, its auctions and the oracle. */
export interface CreditReader {
  terms(block: number): Promise<ReadonlyMap<string, CollateralTerms>>;
  account(
    account: AccountId,
    assets: Iterable<string>,
    scene: { readonly index: bigint; readonly block: number },
  ): Promise<CreditAccount>;
  prices(markets: Iterable<number>, block: number): Promise<ReadonlyMap<number, CollateralPrice>>;
  /** D27{1} */
  index(block: number): Promise<bigint>;
  line(account: AccountId, block: number): Promise<CreditLine>;
  /** What of `asset` is for sale, and at which price. */
  sale(
    account: AccountId,
    asset: string,
    block: number,
  ): Promise<Pick<CollateralLot, "startedAt" | "expiresAt" | "plan">>;
  record(
    market: number,
    block: number,
  ): Promise<{ readonly publishedAt: bigint; readonly interrupted: boolean }>;
  funds(
    question: {
      readonly wallet: string;
      readonly recipient: string;
      readonly assets: Iterable<string>;
    },
    block: number,
  ): Promise<CollateralFunds>;
}

const MAINTENANCE = 0n;
const EVERYTHING = (1n << 256n) - 1n;
const NOTHING = { price: 0n, amountNative: 0n, paymentNative: 0n };

export function creditReader(manifest: Manifest, caller: Caller): CreditReader {
  const { creditVault, collateralAuction, oracleRouter, token } = manifest.contracts;
  const vault = typedContract(creditVaultAbi, creditVault, caller);
  const auction = typedContract(collateralAuctionAbi, collateralAuction, caller);
  const oracle = typedContract(oracleRouterAbi, oracleRouter, caller);
  const tokenAt = (address: string) => typedContract(testTokenAbi, address, caller);

  return {
    async terms(block) {
      const at = { blockTag: block };
      const assets = await vault.call("listedCollateral", [], at);
      const found = assets.map(async (asset): Promise<[string, CollateralTerms]> => {
        const { terms, assetDecimals } = await vault.call("collateralTermsOf", [asset], at);
        const { topShare, minShare, sizeSlope, depth, priceMarket } = terms;
        const haircut = { topShare, minShare, sizeSlope, depth };
        const decimals = Number(assetDecimals);
        return [asset, { asset, decimals, haircut, priceMarket: Number(priceMarket) }];
      });
      return new Map(await Promise.all(found));
    },
    async account(account, assets, { index, block }) {
      const at = { blockTag: block };
      const [debtUsd, writtenOffUsd, amounts] = await Promise.all([
        vault.call("debtOf", [account], at),
        vault.call("writtenOffOf", [account], at),
        Promise.all(
          [...assets].map(async (asset) => ({
            asset,
            amountNative: await vault.call("collateralOf", [account, asset], at),
          })),
        ),
      ]);
      return {
        account,
        debtUsd: debtUsd - writtenOffUsd,
        index,
        collateral: amounts.filter(({ amountNative }) => amountNative !== 0n),
      };
    },
    async prices(markets, block) {
      const ids = [...new Set(markets)].sort((a, b) => a - b);
      const bits = ids.reduce((set, market) => set | (1n << BigInt(market)), 0n);
      const prices = await oracle.call("peek", [bits], { blockTag: block });
      return new Map(
        ids.flatMap((market, i): [number, CollateralPrice][] => {
          const price = prices[i];
          if (price === undefined) return [];
          const isValid = priceStatusOf({ price }) === "Valid";
          return [[market, { price: price.price, publishedAt: price.publishedAt, isValid }]];
        }),
      );
    },
    index: async (block) => (await vault.call("interest", [], { blockTag: block })).index,
    async line(account, block) {
      const at = { blockTag: block };
      const [debtUsd, writtenOffUsd, valueUsd] = await Promise.all([
        vault.call("debtOf", [account], at),
        vault.call("writtenOffOf", [account], at),
        vault.call("valueOf", [account, MAINTENANCE], at),
      ]);
      return { debtUsd, writtenOffUsd, valueUsd };
    },
    async sale(account, asset, block) {
      const at = { blockTag: block };
      const [times, plan] = await Promise.all([
        auction.call("auctionOf", [account, asset], at),
        unlessReverted(auction.call("previewTake", [account, asset, EVERYTHING], at)),
      ]);
      return { ...times, plan: "reason" in plan ? NOTHING : plan };
    },
    record: (market, block) => oracle.call("recordOf", [BigInt(market)], { blockTag: block }),
    async funds({ wallet, recipient, assets }, block) {
      const at = { blockTag: block };
      const [balance, allowance, held] = await Promise.all([
        tokenAt(token).call("balanceOf", [wallet], at),
        tokenAt(token).call("allowance", [wallet, creditVault], at),
        Promise.all(
          [...assets].map(
            async (asset): Promise<[string, bigint]> => [
              asset,
              await tokenAt(asset).call("balanceOf", [recipient], at),
            ],
          ),
        ),
      ]);
      return {
        payableNative: min(balance, allowance),
        heldNative: new Map(held),
      };
    },
  };
}

import { expect } from "chai";
import { MaxUint256, type Signer } from "ethers";
import { deployBreakwater } from "../../../deploy/deployBreakwater.ts";
import { readParameters } from "../../../deploy/readParameters.ts";
import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { collateralAuctionAbi } from "../../../sdk/src/abis/CollateralAuction.ts";
import { creditVaultAbi } from "../../../sdk/src/abis/CreditVault.ts";
import { replayFeedAbi } from "../../../sdk/src/abis/ReplayFeed.ts";
import { testTokenAbi } from "../../../sdk/src/abis/TestToken.ts";
import { type AccountId, accountIdOf } from "../../../sdk/src/accountId.ts";
import { parseD18 } from "../../../sdk/src/amounts.ts";
import type { ManifestCollateral } from "../../../sdk/src/manifest.ts";
import {
  type PledgedCollateral,
  previewLine,
  previewTake,
} from "../../../sdk/src/preview/credit.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";
import { localChain, send } from "../../deploy/support.ts";

const INITIAL = 1n;
const MAINTENANCE = 0n;

/** A house with a lender, and a borrower who has pledged both collaterals. */
async function borrowing() {
  const { provider, reader, deployer, trader, guardian: taker } = await localChain();
  const parameters = await readParameters("local");
  const manifest = await deployBreakwater({ provider, parameters, deployer: deployer.address });
  const { contracts } = manifest;
  const token = typedContract(testTokenAbi, contracts.token, reader);
  const house = typedContract(clearingHouseAbi, contracts.clearingHouse, reader);
  const vault = typedContract(creditVaultAbi, contracts.creditVault, reader);
  const auction = typedContract(collateralAuctionAbi, contracts.collateralAuction, reader);
  const [wbtc, weth] = manifest.collateral;
  if (wbtc === undefined || weth === undefined) throw new Error("The house lends against nothing");
  const account = accountIdOf(trader.address);

  for (const who of [deployer, taker]) {
    await send(who, token, "mint", [who.address, 1_000_000n * 10n ** 6n]);
    await send(who, token, "approve", [contracts.creditVault, MaxUint256]);
  }
  await send(deployer, vault, "deposit", [500_000n * 10n ** 6n, deployer.address]);
  for (const [collateral, amount] of [
    [wbtc, 2n * 10n ** 8n],
    [weth, 30n * 10n ** 18n],
  ] as const) {
    const asset = typedContract(testTokenAbi, collateral.asset, reader);
    await send(trader, asset, "mint", [trader.address, amount]);
    await send(trader, asset, "approve", [contracts.creditVault, amount]);
    await send(trader, vault, "depositCollateral", [collateral.asset, amount, account]);
  }
  const price = async (collateral: ManifestCollateral, usd: bigint, from: Signer = deployer) => {
    if (collateral.feed.replay === null) throw new Error("The feed cannot be replayed");
    const feed = typedContract(replayFeedAbi, collateral.feed.replay, reader);
    await send(from, feed, "push", [usd * 10n ** 8n]);
  };
  /** What a client reads of one collateral at one block. */
  const pledged = async (
    collateral: ManifestCollateral,
    usd: bigint,
    blockTag: number,
  ): Promise<PledgedCollateral> => {
    const { asset } = collateral;
    const { terms, assetDecimals } = await vault.call("collateralTermsOf", [asset], { blockTag });
    return {
      amountNative: await vault.call("collateralOf", [account, asset], { blockTag }),
      decimals: assetDecimals,
      haircut: terms,
      price: usd * 10n ** 18n,
    };
  };
  return { reader, house, vault, auction, trader, taker, wbtc, weth, account, price, pledged };
}

describe("previews of credit", function () {
  this.timeout(300_000);

  it("are what the vault and the auction answer, and what they do", async () => {
    const world = await borrowing();
    const { reader, house, vault, auction, trader, taker, wbtc, weth, price, pledged } = world;
    const account: AccountId = world.account;

    await send(trader, house, "drawCredit", [account, parseD18("110000")]);
    let blockTag = await reader.getBlockNumber();
    const line = previewLine({
      collateral: [await pledged(wbtc, 40_000n, blockTag), await pledged(weth, 2_000n, blockTag)],
      debtUsd: await vault.call("debtOf", [account], { blockTag }),
      lendersCashUsd: await vault.call("cashUsd", [], { blockTag }),
    });
    expect(line).to.equal(await vault.call("lineOf", [account, INITIAL], { blockTag }));
    expect(line > 0n).to.equal(true);

    await send(trader, house, "withdraw", [account, 110_000n * 10n ** 6n, trader.address]);
    await price(wbtc, 36_000n);
    await price(weth, 1_800n);
    const debtUsd = await vault.call("debtOf", [account]);
    expect(debtUsd > (await vault.call("valueOf", [account, MAINTENANCE]))).to.equal(true);
    await send(taker, auction, "start", [account, wbtc.asset]);
    await reader.send("evm_increaseTime", [30]);
    await reader.send("evm_mine", []);

    blockTag = await reader.getBlockNumber();
    const { startedAt } = await auction.call("auctionOf", [account, wbtc.asset], { blockTag });
    const { terms } = await vault.call("collateralTermsOf", [wbtc.asset], { blockTag });
    const now = BigInt((await reader.getBlock(blockTag))?.timestamp ?? 0);
    for (const maxAmountNative of [MaxUint256, 10n ** 7n, 1n]) {
      const plan = previewTake({
        forSale: await pledged(wbtc, 36_000n, blockTag),
        others: [await pledged(weth, 1_800n, blockTag)],
        debtUsd: await vault.call("debtOf", [account], { blockTag }),
        maxDiscount: terms.maxDiscount,
        auctionSeconds: terms.auctionSeconds,
        elapsedSeconds: now - startedAt,
        maxAmountNative,
        settlementDecimals: 6n,
      });
      const answered = await auction.call("previewTake", [account, wbtc.asset, maxAmountNative], {
        blockTag,
      });
      expect(plan).to.deep.equal(answered);
      expect(plan.amountNative > 0n).to.equal(true);
    }

    const { asset } = wbtc;
    const request = { account, asset, maxAmountNative: MaxUint256, limitPrice: MaxUint256 };
    await send(taker, auction, "take", [{ ...request, deadline: MaxUint256, to: taker.address }]);
    const owed = await vault.call("debtOf", [account]);
    expect(owed <= (await vault.call("valueOf", [account, MAINTENANCE]))).to.equal(true);
  });
});

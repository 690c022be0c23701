import { expect } from "chai";
import { deployBreakwater } from "../../../deploy/deployBreakwater.ts";
import { readParameters } from "../../../deploy/readParameters.ts";
import { backstopPoolAbi } from "../../../sdk/src/abis/BackstopPool.ts";
import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { delayedOrdersAbi } from "../../../sdk/src/abis/DelayedOrders.ts";
import { liquidityPoolAbi } from "../../../sdk/src/abis/LiquidityPool.ts";
import { replayFeedAbi } from "../../../sdk/src/abis/ReplayFeed.ts";
import { testTokenAbi } from "../../../sdk/src/abis/TestToken.ts";
import { accountIdOf } from "../../../sdk/src/accountId.ts";
import { parseD18 } from "../../../sdk/src/amounts.ts";
import { marketOf } from "../../../sdk/src/manifest.ts";
import { previewBackstop, previewStake } from "../../../sdk/src/preview/backstop.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";
import { localChain, send } from "../../deploy/support.ts";

const MILLION = 1_000_000n * 10n ** 6n;

describe("sdk preview: the backstop", function () {
  this.timeout(300_000);

  it("says what would be taken and why not, what is taken, and what a staker has", async () => {
    const { provider, reader, deployer, trader } = await localChain();
    const manifest = await deployBreakwater({
      provider,
      parameters: await readParameters("local"),
      deployer: deployer.address,
    });
    const { contracts } = manifest;
    const market = marketOf(manifest, "ETH");
    const id = BigInt(market.id);
    const token = typedContract(testTokenAbi, contracts.token, reader);
    const house = typedContract(clearingHouseAbi, contracts.clearingHouse, reader);
    const orders = typedContract(delayedOrdersAbi, contracts.delayedOrders, reader);
    const liquidity = typedContract(liquidityPoolAbi, market.pool, reader);
    const backstop = typedContract(backstopPoolAbi, contracts.backstopPool, reader);
    const feed = typedContract(replayFeedAbi, market.feed.replay ?? "", reader);
    const push = (price: bigint) => send(deployer, feed, "push", [price * 10n ** 8n]);
    const question = { provider: reader, pool: contracts.backstopPool };

    // Insurance, liquidity, a staker, and a trader who is long 80 ETH with 10 000 USD.
    await send(deployer, token, "mint", [deployer.address, 3n * MILLION]);
    await send(deployer, token, "approve", [contracts.clearingHouse, MILLION]);
    await send(deployer, house, "deposit", [accountIdOf(contracts.insuranceFund), MILLION]);
    await send(deployer, token, "approve", [market.pool, MILLION]);
    await send(deployer, liquidity, "requestDeposit", [MILLION, 2n ** 128n - 1n]);
    await send(deployer, token, "approve", [contracts.backstopPool, MILLION]);
    await send(deployer, backstop, "deposit", [MILLION, deployer.address]);
    await reader.send("evm_increaseTime", [3_600]);
    await push(2_000n);
    await send(deployer, liquidity, "processDeposit", [1n]);
    const account = accountIdOf(trader.address);
    await send(trader, token, "mint", [trader.address, 10_000n * 10n ** 6n]);
    await send(trader, token, "approve", [contracts.clearingHouse, MILLION]);
    await send(trader, house, "deposit", [account, 10_000n * 10n ** 6n]);
    await send(trader, house, "setDelegate", [account, contracts.delayedOrders, 1n]);
    const latest = await reader.getBlock("latest");
    await send(trader, orders, "commit", [
      {
        account,
        market: id,
        sizeDelta: parseD18("80"),
        limitPrice: parseD18("2100"),
        reduceOnly: false,
        trigger: 0n,
        triggerPrice: 0n,
        keeperFeeUsd: parseD18("1"),
        expiry: BigInt(latest?.timestamp ?? 0) + 600n,
      },
    ]);
    await push(2_000n);
    await send(deployer, orders, "execute", [1n, accountIdOf(deployer.address)]);

    const healthy = await previewBackstop({ ...question, account, market: id });
    expect(healthy.bids).to.equal(false);
    expect([healthy.refusal, healthy.code]).to.deep.equal(["Plan", "Healthy"]);

    await push(1_908n);
    await send(deployer, house, "mark", [[account]]);
    const early = await previewBackstop({ ...question, account, market: id });
    expect([early.refusal, early.code]).to.deep.equal(["Plan", "Paced"]);

    await reader.send("evm_increaseTime", [20]);
    await reader.send("evm_mine", []);
    const bid = await previewBackstop({ ...question, account, market: id });
    expect(bid.reason).to.equal("it bids");
    await send(deployer, backstop, "take", [account, id]);
    const taken = await house.call("positionOf", [accountIdOf(contracts.backstopPool), id]);
    expect(taken.size).to.equal(bid.takeSize);
    expect(bid.price < parseD18("1908")).to.equal(true);

    await send(deployer, backstop, "requestCooldown", [parseD18("1000")]);
    const stake = await previewStake({ ...question, owner: deployer.address });
    expect(stake.shares).to.equal(parseD18("1000000"));
    expect(stake.worthNative > MILLION).to.equal(true);
    expect(stake.redeemableNative <= MILLION).to.equal(true);
    expect(stake.cooledShares).to.equal(parseD18("1000"));
    expect(stake.maxRedeemShares).to.equal(0n);
    expect(stake.closesAt - stake.opensAt).to.equal(172_800n);
  });
});

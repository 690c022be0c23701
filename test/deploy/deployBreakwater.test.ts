import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Provider } from "ethers";
import { z } from "zod";
import { checkDeployment } from "../../deploy/checkDeployment.ts";
import { deployBreakwater } from "../../deploy/deployBreakwater.ts";
import { gasNeeded } from "../../deploy/funds.ts";
import { readParameters } from "../../deploy/readParameters.ts";
import { ROLES } from "../../deploy/roles.ts";
import { accessManagerAbi } from "../../sdk/src/abis/AccessManager.ts";
import { circuitBreakerAbi } from "../../sdk/src/abis/CircuitBreaker.ts";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { delayedOrdersAbi } from "../../sdk/src/abis/DelayedOrders.ts";
import { enums } from "../../sdk/src/abis/enums.ts";
import { liquidityPoolAbi } from "../../sdk/src/abis/LiquidityPool.ts";
import { replayFeedAbi } from "../../sdk/src/abis/ReplayFeed.ts";
import { testTokenAbi } from "../../sdk/src/abis/TestToken.ts";
import { accountIdOf } from "../../sdk/src/accountId.ts";
import { parseD18 } from "../../sdk/src/amounts.ts";
import { explainError } from "../../sdk/src/errors.ts";
import { formatManifest, marketOf, parseManifest } from "../../sdk/src/manifest.ts";
import type { Parameters } from "../../sdk/src/parameters.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import {
  failingAfter,
  localChain,
  losingAnswers,
  refusalOf,
  send,
  withDirectory,
  withNode,
} from "./support.ts";

const local = await readParameters("local");

async function modeOf(reader: Provider, house: string, market: number): Promise<string> {
  const contract = typedContract(clearingHouseAbi, house, reader);
  return enums.MarketMode[Number(await contract.call("modeOf", [BigInt(market)]))] ?? "?";
}

describe("deployBreakwater", function () {
  this.timeout(600_000);

  it("deploys a whole house that equals its manifest, with open markets", async () => {
    const { provider, reader, deployer } = await localChain();
    await reader.send("hardhat_mine", ["0x7"]);
    const manifest = await deployBreakwater({
      provider,
      parameters: local,
      deployer: deployer.address,
    });

    expect(parseManifest(formatManifest(manifest), "manifest")).to.deep.equal(manifest);
    expect(manifest.startBlock).to.equal(8);
    for (const { id } of manifest.markets) {
      expect(await modeOf(reader, manifest.contracts.clearingHouse, id)).to.equal("Open");
    }
    expect(await checkDeployment(reader, manifest)).to.deep.equal([]);
  });

  it("deploys to a node over HTTP", async () => {
    await withNode(31337, async ({ provider }) => {
      const [deployer] = z
        .array(z.string())
        .parse(await provider.request({ method: "eth_accounts" }));
      const manifest = await deployBreakwater({
        provider,
        parameters: local,
        deployer: deployer ?? "",
      });
      expect(manifest.markets.map(({ symbol }) => symbol)).to.deep.equal(["ETH", "BTC"]);
    });
  });

  it("needs no more gas than the funds check asks for, and not much less", async () => {
    const { provider, reader, deployer } = await localChain();
    await deployBreakwater({ provider, parameters: local, deployer: deployer.address });
    let used = 0n;
    for (let number = 1; number <= (await reader.getBlockNumber()); number++) {
      used += (await reader.getBlock(number))?.gasUsed ?? 0n;
    }
    expect(used < gasNeeded(local), `${used} gas`).to.equal(true);
    expect(used > (gasNeeded(local) * 7n) / 10n, `${used} gas`).to.equal(true);
  });

  it("makes a house in which a provider funds a pool and a trader's order is executed", async () => {
    const { provider, reader, deployer, trader } = await localChain();
    const manifest = await deployBreakwater({
      provider,
      parameters: local,
      deployer: deployer.address,
    });
    const { contracts } = manifest;
    const market = marketOf(manifest, "ETH");
    const token = typedContract(testTokenAbi, contracts.token, reader);
    const house = typedContract(clearingHouseAbi, contracts.clearingHouse, reader);
    const orders = typedContract(delayedOrdersAbi, contracts.delayedOrders, reader);
    const pool = typedContract(liquidityPoolAbi, market.pool, reader);
    const feed = typedContract(replayFeedAbi, market.feed.replay ?? "", reader);
    const push = (price: bigint) => send(deployer, feed, "push", [price]);

    const millionNative = 1_000_000n * 10n ** 6n;
    await send(deployer, token, "mint", [deployer.address, millionNative]);
    await send(deployer, token, "approve", [market.pool, millionNative]);
    await send(deployer, pool, "requestDeposit", [millionNative, 2n ** 128n - 1n]);
    await reader.send("evm_increaseTime", [3_600]);
    await push(2_000n * 10n ** 8n);
    await send(deployer, pool, "processDeposit", [1n]);

    // Until somebody has paid in what its markets begin with, nothing can be opened.
    const insuranceNative = 50_000n * 10n ** 6n;
    await send(deployer, token, "mint", [deployer.address, insuranceNative]);
    await send(deployer, token, "approve", [contracts.clearingHouse, insuranceNative]);
    const insurance = accountIdOf(contracts.insuranceFund);
    await send(deployer, house, "deposit", [insurance, insuranceNative]);

    const account = accountIdOf(trader.address);
    const marginNative = 10_000n * 10n ** 6n;
    await send(trader, token, "mint", [trader.address, marginNative]);
    await send(trader, token, "approve", [contracts.clearingHouse, marginNative]);
    await send(trader, house, "deposit", [account, marginNative]);
    await send(trader, house, "setDelegate", [account, contracts.delayedOrders, 1n]);
    const latest = await reader.getBlock("latest");
    const order = {
      account,
      market: BigInt(market.id),
      sizeDelta: parseD18("10"),
      limitPrice: parseD18("2100"),
      reduceOnly: false,
      trigger: 0n,
      triggerPrice: 0n,
      keeperFeeUsd: parseD18("1"),
      expiry: BigInt(latest?.timestamp ?? 0) + 600n,
    };
    await send(trader, orders, "commit", [order]);
    await push(2_010n * 10n ** 8n);
    await send(deployer, orders, "execute", [1n, accountIdOf(deployer.address)]);

    const position = await house.call("positionOf", [account, BigInt(market.id)]);
    expect(position.size).to.equal(parseD18("10"));
  });

  it("P4: hands all powers to those of the parameters (AUTH-1)", async () => {
    const { provider, reader, deployer, governor, guardian, trader } = await localChain();
    const parameters: Parameters = {
      ...local,
      roles: {
        governor: governor.address,
        governorDelaySeconds: 86_400,
        guardian: guardian.address,
        steward: trader.address,
        forecaster: null,
      },
    };
    const manifest = await deployBreakwater({
      provider,
      parameters,
      deployer: deployer.address,
    });
    expect(await checkDeployment(reader, manifest)).to.deep.equal([]);

    const manager = typedContract(accessManagerAbi, manifest.contracts.accessManager, reader);
    for (const role of Object.values(ROLES)) {
      const { isMember } = await manager.call("hasRole", [role, deployer.address]);
      expect(isMember, `role ${role}`).to.equal(false);
    }
    const house = typedContract(clearingHouseAbi, manifest.contracts.clearingHouse, reader);
    const breaker = typedContract(circuitBreakerAbi, manifest.contracts.circuitBreaker, reader);
    const refusal = async (from: string, name: "setMode" | "guard") => {
      const args = name === "guard" ? ([0n] as const) : ([0n, 1n] as const);
      const data = breaker.interface.encodeFunctionData(name, [...args]);
      try {
        await reader.call({ from, to: breaker.address, data });
        return "";
      } catch (error) {
        return explainError(error).sentence;
      }
    };
    // At once: nobody opens, only the guardian restricts.
    expect(await refusal(deployer.address, "setMode")).not.to.equal("");
    expect(await refusal(guardian.address, "setMode")).not.to.equal("");
    expect(await refusal(governor.address, "setMode")).not.to.equal("");
    expect(await refusal(deployer.address, "guard")).not.to.equal("");
    expect(await refusal(guardian.address, "guard")).to.equal("");
    await send(guardian, breaker, "guard", [0n]);
    expect(await modeOf(reader, house.address, 0)).to.equal("ReduceOnly");

    // After the delay the governor does what it said.
    const reopen = breaker.transaction("setMode", [0n, 1n]);
    await send(governor, manager, "schedule", [reopen.to, reopen.data, 0n]);
    await reader.send("evm_increaseTime", [86_400]);
    await send(governor, manager, "execute", [reopen.to, reopen.data]);
    expect(await modeOf(reader, house.address, 0)).to.equal("Open");

    // What is said can be called off by the guardian in the meantime.
    const halt = breaker.transaction("setMode", [0n, 3n]);
    await send(governor, manager, "schedule", [halt.to, halt.data, 0n]);
    await send(guardian, manager, "cancel", [governor.address, halt.to, halt.data]);
    await reader.send("evm_increaseTime", [86_400]);
    const late = manager.transaction("execute", [halt.to, halt.data]);
    await expect(governor.sendTransaction(late)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotScheduled",
    );
    expect(await modeOf(reader, house.address, 0)).to.equal("Open");
  });

  it("lets a governor that is the deployer act with the delay, too", async () => {
    const { provider, reader, deployer } = await localChain();
    const roles = { ...local.roles, governorDelaySeconds: 600 };
    const manifest = await deployBreakwater({
      provider,
      parameters: { ...local, roles },
      deployer: deployer.address,
    });
    expect(await checkDeployment(reader, manifest)).to.deep.equal([]);
  });

  // P4: whatever happens before the last steps, no market is open.
  for (const most of [0, 20, 40, 60]) {
    it(`P4: leaves the markets closed when interrupted after ${most} transactions, and is resumed`, async () => {
      await withDirectory(async (directory) => {
        const { provider, reader, deployer } = await localChain();
        const options = { parameters: local, deployer: deployer.address, directory };
        const { kind, message } = await refusalOf(
          deployBreakwater({ ...options, provider: failingAfter(most, provider) }),
        );
        expect(kind).to.equal("interrupted");
        expect(message).to.include(`after ${most} transactions`).and.include("resume");
        const house = await houseIn(directory);
        for (const id of house === undefined ? [] : [0, 1]) {
          expect(await modeOf(reader, house ?? "", id)).not.to.equal("Open");
        }

        let resent = 0;
        const manifest = await deployBreakwater({
          ...options,
          provider,
          onTransaction: () => resent++,
        });
        expect(manifest.startBlock).to.equal(1);
        expect(await reader.getTransactionCount(deployer.address)).to.equal(most + resent);
        expect(await checkDeployment(reader, manifest)).to.deep.equal([]);
        expect(await modeOf(reader, manifest.contracts.clearingHouse, 1)).to.equal("Open");
      });
    });
  }

  it("finds the transaction whose answer was lost, and sends it only once", async () => {
    await withDirectory(async (directory) => {
      const { provider, reader, deployer } = await localChain();
      const options = { parameters: local, deployer: deployer.address, directory };
      const { kind } = await refusalOf(
        deployBreakwater({ ...options, provider: losingAnswers(25, provider) }),
      );
      expect(kind).to.equal("interrupted");
      const sent = await reader.getTransactionCount(deployer.address);
      let resent = 0;
      let total = 0;
      const onTransaction = (_: number, all: number) => {
        resent += 1;
        total = all;
      };
      const manifest = await deployBreakwater({ ...options, provider, onTransaction });
      expect(await reader.getTransactionCount(deployer.address)).to.equal(total);
      expect(resent).to.equal(total - sent);
      expect(await checkDeployment(reader, manifest)).to.deep.equal([]);
    });
  });

  it("says which step failed, and tries it again in the next run", async () => {
    await withDirectory(async (directory) => {
      const { provider, reader, deployer } = await localChain();
      const stand = await deployBreakwater({
        provider,
        parameters: local,
        deployer: deployer.address,
      });
      const markets = local.markets.map((market) => {
        const { address, description } = marketOf(stand, market.symbol).feed;
        return { ...market, feed: { kind: "chainlink" as const, address, description } };
      });
      const parameters: Parameters = { ...local, markets };
      const options = { provider, parameters, deployer: deployer.address, directory };
      // The feeds go stale while the contracts are deployed.
      const onTransaction = (sent: number) => {
        if (sent === 10) reader.send("evm_increaseTime", [86_400]);
      };
      const { kind, message } = await refusalOf(deployBreakwater({ ...options, onTransaction }));
      expect(kind).to.equal("failed");
      expect(message).to.match(/Market_ETH#House~OracleRouter\.setFeed: .*FeedNotUsable\(0, /);
      const stale = await refusalOf(deployBreakwater(options));
      expect(stale.kind).to.equal("feed");
      expect(stale.message).to.match(
        /ETH at 0x\w+ published its last price \d{5} s ago, .* 4500 s/,
      );

      for (const { feed } of stand.markets) {
        const aggregator = typedContract(replayFeedAbi, feed.replay ?? "", reader);
        await send(deployer, aggregator, "push", [3_000n * 10n ** 8n]);
      }
      const manifest = await deployBreakwater(options);
      expect(await checkDeployment(reader, manifest)).to.deep.equal([]);
    });
  });

  it("changes nothing when it is run again", async () => {
    await withDirectory(async (directory) => {
      const { provider, reader, deployer } = await localChain();
      const options = { provider, parameters: local, deployer: deployer.address, directory };
      const first = await deployBreakwater(options);
      const nonce = await reader.getTransactionCount(deployer.address);
      expect(await deployBreakwater(options)).to.deep.equal(first);
      expect(await reader.getTransactionCount(deployer.address)).to.equal(nonce);
    });
  });

  it("refuses to finish with other parameters than it began with", async () => {
    await withDirectory(async (directory) => {
      const { provider, deployer } = await localChain();
      const options = { provider, deployer: deployer.address, directory };
      await deployBreakwater({ ...options, parameters: local });
      const parameters = { ...local, liquidationDepositUsd: parseD18("7") };
      const { message } = await refusalOf(deployBreakwater({ ...options, parameters }));
      expect(message).to.match(/begun differently[\s\S]*House#ClearingHouse[\s\S]*--fresh/);
    });
  });

  it("notices that the chain of its journal is gone", async () => {
    await withDirectory(async (directory) => {
      const old = await localChain();
      const options = { parameters: local, deployer: old.deployer.address, directory };
      await deployBreakwater({ ...options, provider: old.provider });
      const { provider } = await localChain();
      const { message } = await refusalOf(deployBreakwater({ ...options, provider }));
      expect(message).to.match(/journal in .* no code: the chain was reset/);
    });
  });

  it("takes a sequencer's uptime feed where the network has one", async () => {
    const { provider, reader, deployer } = await localChain();
    const sequencer = { address: null, graceSeconds: 3_600 };
    const manifest = await deployBreakwater({
      provider,
      parameters: { ...local, sequencer },
      deployer: deployer.address,
    });
    expect(manifest.sequencerFeed).not.to.equal(null);
    expect(await checkDeployment(reader, manifest)).to.deep.equal([]);
  });

  it("refuses feeds that are not there, or call themselves otherwise", async () => {
    const { provider, deployer } = await localChain(11_155_111);
    const sepolia = await readParameters("sepolia");
    const { message } = await refusalOf(
      deployBreakwater({ provider, parameters: sepolia, deployer: deployer.address }),
    );
    expect(message).to.match(/price feed of ETH at 0x694A\S+ has no code on chain 11155111/);

    const stand = await deployBreakwater({
      provider,
      parameters: { ...local, chainId: 11_155_111 },
      deployer: deployer.address,
    });
    const bitcoin = marketOf(stand, "BTC").feed.address;
    const markets = sepolia.markets.map((market) => ({
      ...market,
      feed: { kind: "chainlink" as const, address: bitcoin, description: `${market.symbol} / USD` },
    }));
    const other = await refusalOf(
      deployBreakwater({
        provider,
        parameters: { ...sepolia, markets },
        deployer: deployer.address,
      }),
    );
    expect(other.message).to.match(/calls itself "BTC \/ USD", not "ETH \/ USD"/);
  });
});

/** The house's address in a journal; undefined before it is deployed. */
async function houseIn(directory: string): Promise<string | undefined> {
  const text = await readFile(join(directory, "deployed_addresses.json"), "utf8").catch(() => "{}");
  return z.record(z.string(), z.string()).parse(JSON.parse(text))["House#ClearingHouse"];
}

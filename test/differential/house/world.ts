import { Interface, MaxUint256 } from "ethers";
import { network } from "hardhat";
import { z } from "zod";
import { deployBreakwater } from "../../../deploy/deployBreakwater.ts";
import { circuitBreakerAbi } from "../../../sdk/src/abis/CircuitBreaker.ts";
import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { liquidationEngineAbi } from "../../../sdk/src/abis/LiquidationEngine.ts";
import { lossWaterfallAbi } from "../../../sdk/src/abis/LossWaterfall.ts";
import { oracleRouterAbi } from "../../../sdk/src/abis/OracleRouter.ts";
import { replayFeedAbi } from "../../../sdk/src/abis/ReplayFeed.ts";
import { riskEngineAbi } from "../../../sdk/src/abis/RiskEngine.ts";
import { testTokenAbi } from "../../../sdk/src/abis/TestToken.ts";
import { accountIdOf } from "../../../sdk/src/accountId.ts";
import { revertDataOf } from "../../../sdk/src/errors.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";
import { ACTORS, type Action, KEEPER } from "../../model/action.ts";
import type { Log } from "../../model/call.ts";
import type { AccountName, HouseState, MarketId } from "../../model/state.ts";
import {
  BACKSTOP,
  FUND,
  type HouseTerms,
  poolOf,
  systemAccountOf,
  type Terms,
} from "../../model/terms.ts";
import { modelParameters } from "./parameters.ts";
import { transactionOf } from "./transactions.ts";

const GAS = `0x${15_000_000n.toString(16)}`;
/** {s}, when everything is prepared. */
const START = 1_760_140_800n;
const DOLLARS_OF_PAYER = 900_000_000n;

const receiptForm = z.object({
  logs: z.array(z.object({ address: z.string(), topics: z.array(z.string()), data: z.string() })),
});

/** What an action did to the house: its events, or the error it reverted with. */
export interface Outcome {
  readonly refusal: Log | null;
  readonly logs: readonly Log[];
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** A whole house in this process, and how to act on it and read it. */
export async function openWorld() {
  const connection = await network.create({
    override: { allowBlocksWithSameTimestamp: true, initialDate: "2025-10-10T00:00:00Z" },
  });
  const { ethers, provider } = connection;
  const [deployer, trader, stranger] = await ethers.getSigners();
  if (!deployer || !trader || !stranger) throw new Error("The chain has no accounts");
  const parameters = await modelParameters();
  const manifest = await deployBreakwater({ provider, parameters, deployer: deployer.address });
  const { contracts } = manifest;
  const at = ethers.provider;
  const house = typedContract(clearingHouseAbi, contracts.clearingHouse, at);
  const breaker = typedContract(circuitBreakerAbi, contracts.circuitBreaker, at);
  const token = typedContract(testTokenAbi, contracts.token, at);
  const oracle = typedContract(oracleRouterAbi, contracts.oracleRouter, at);
  const risk = typedContract(riskEngineAbi, contracts.riskEngine, at);
  const engine = typedContract(liquidationEngineAbi, contracts.liquidationEngine, at);
  const waterfall = typedContract(lossWaterfallAbi, contracts.lossWaterfall, at);
  const coder = new Interface(clearingHouseAbi);
  const ids = manifest.markets.map((_, index) => BigInt(index));
  const feeds = manifest.markets.map(({ feed }) => {
    if (feed.replay === null) throw new Error("A feed cannot be replayed");
    return typedContract(replayFeedAbi, feed.replay, at);
  });

  const accountIds = new Map<AccountName, bigint>([
    ...ACTORS.map((name, i) => [name, accountIdOf(trader.address, BigInt(i))] as const),
    [KEEPER, accountIdOf(deployer.address, 7n)],
    [FUND, accountIdOf(contracts.insuranceFund, 0n)],
    [BACKSTOP, accountIdOf(contracts.backstopPool, 0n)],
    ...manifest.markets.map(({ poolAccount }, i) => [poolOf(BigInt(i)), poolAccount] as const),
  ]);
  for (const id of ids) {
    for (const [kind, name] of ["resolution", "tear-up", "deficit"].entries()) {
      const account = await house.call("systemAccountOf", [id, BigInt(kind)]);
      if (name === "resolution" || name === "tear-up" || name === "deficit") {
        accountIds.set(systemAccountOf(id, name), account);
      }
    }
  }
  const names = new Map([...accountIds].map(([name, id]) => [id, name]));
  const idOf = (name: AccountName): bigint => {
    const id = accountIds.get(name);
    if (id === undefined) throw new RangeError(`No account ${name}`);
    return id;
  };

  /** Sends; undefined, or what it reverted with. */
  async function submit(from: string, to: string, data: string) {
    const request = { from, to, data, gas: GAS };
    try {
      const hash = await provider.request({ method: "eth_sendTransaction", params: [request] });
      return { hash: String(hash) };
    } catch (error) {
      const revertData = revertDataOf(error);
      if (revertData === undefined) throw error;
      return { revertData };
    }
  }

  async function atSecond(timestamp: bigint): Promise<void> {
    const params = [`0x${timestamp.toString(16)}`];
    await provider.request({ method: "evm_setNextBlockTimestamp", params });
  }

  async function must(from: string, { to, data }: { to: string; data: string }): Promise<void> {
    const sent = await submit(from, to, data);
    if (sent.revertData !== undefined) {
      throw new Error(`A preparation reverted with ${sent.revertData}`);
    }
  }

  for (const [index, actor] of ACTORS.entries()) {
    const account = accountIdOf(trader.address, BigInt(index));
    const delegation = house.transaction("setDelegate", [account, deployer.address, 1n]);
    await must(trader.address, delegation);
    if (idOf(actor) !== account) throw new Error(`${actor} is not ${account}`);
  }
  await must(deployer.address, house.transaction("setVenue", [deployer.address, true]));
  const supply = DOLLARS_OF_PAYER * 10n ** 6n;
  await must(deployer.address, token.transaction("mint", [deployer.address, supply]));
  await must(deployer.address, token.transaction("approve", [house.address, MaxUint256]));

  // The clocks of maturity buckets start anew at one and the same second, however long the deployment took: a seed does the same every time.
  for (const id of ids) {
    const { config } = await oracle.call("feedOf", [id]);
    const feed = feeds[Number(id)];
    if (feed === undefined) throw new RangeError(`No market ${id}`);
    const { price } = await oracle.call("recordOf", [id]);
    for (const { to, data } of [
      feed.transaction("push", [price / 10n ** 10n]),
      oracle.transaction("setFeed", [id, { ...config, bucketLength: 2n * config.bucketLength }]),
      oracle.transaction("setFeed", [id, config]),
    ]) {
      await atSecond(START);
      await must(deployer.address, { to, data });
    }
  }

  const markets = new Map<MarketId, Terms>();
  for (const id of ids) {
    const { config } = await oracle.call("feedOf", [id]);
    markets.set(id, {
      market: await house.call("termsOf", [id]),
      risk: await risk.call("riskTermsOf", [id]),
      liquidation: await engine.call("liquidationTermsOf", [id]),
      auctionSeconds: (await engine.call("auctionTermsOf", [id])).durationSeconds,
      insurance: await waterfall.call("insuranceTermsOf", [id]),
      feed: config,
    });
  }
  const terms: HouseTerms = {
    markets,
    depositUsd: await house.call("LIQUIDATION_DEPOSIT", []),
    houseEpochCap: await waterfall.call("houseEpochCap", []),
    backstopShare: await house.call("backstopShare", []),
  };

  /** The house as it stands after its deployment. */
  async function firstState(): Promise<HouseState> {
    const state: HouseState = {
      accounts: new Map(),
      markets: new Map(),
      prices: new Map(),
      shortfall: 0n,
      epoch: { number: 0n, paid: 0n, paidByMarket: new Map() },
    };
    for (const id of ids) {
      const { lastPrice, updatedAt } = await house.call("marketOf", [id]);
      state.markets.set(id, {
        mode: "Open",
        longs: { openInterest: 0n, quote: 0n },
        shorts: { openInterest: 0n, quote: 0n },
        reserve: 0n,
        uncollectedLoss: 0n,
        surplus: 0n,
        pendingLoss: 0n,
        refundsDue: 0n,
        refundedShort: 0n,
        fundingIndex: 0n,
        fundingRate: 0n,
        averageSkew: 0n,
        lastPrice,
        updatedAt,
        events: [],
        lastLoss: 0n,
        bucketUsed: 0n,
        bucketAt: 0n,
        inventoryAt: 0n,
        resumedAt: (await resumedAtOf(id)) ?? 0n,
      });
      const { price, publishedAt, observedAt, bucket, liveSeconds } = await oracle.call(
        "recordOf",
        [id],
      );
      state.prices.set(id, {
        feed: { id: 1n, price, publishedAt },
        price,
        publishedAt,
        observedAt,
        bucket,
        liveSeconds,
        interrupted: false,
        jump: null,
        previous: { low: price, high: price },
        present: { low: price, high: price },
        resumedAt: 0n,
      });
      for (const name of [poolOf(id), systemAccountOf(id, "resolution")]) {
        state.accounts.set(name, {
          cash: 0n,
          deposit: 0n,
          version: (await house.call("accountOf", [idOf(name)])).version,
          markets: new Set([id]),
          positions: new Map(),
          slicedAt: 0n,
          sliceUsed: 0n,
          hasCharges: false,
          graceAmount: 0n,
          graceUntil: 0n,
          mark: null,
        });
      }
    }
    return state;
  }

  /** When the market was opened: its listing had halted it. */
  async function resumedAtOf(id: MarketId): Promise<bigint | undefined> {
    const filter = {
      address: house.address,
      fromBlock: "0x0",
      topics: [house.topicOf("MarketModeSet"), `0x${id.toString(16).padStart(64, "0")}`],
    };
    const logs = await at.getLogs({ ...filter, fromBlock: 0 });
    const last = logs.at(-1);
    return last && BigInt((await last.getBlock()).timestamp);
  }

  const on = {
    house,
    breaker,
    oracle,
    feeds,
    idOf,
    venue: deployer.address,
    owner: trader.address,
    anybody: stranger.address,
  };

  return {
    ids,
    terms,
    idOf,
    names,
    accountNames: [...accountIds.keys()],
    house,
    coder,
    firstState,

    async now(): Promise<bigint> {
      const block = await at.getBlock("latest");
      if (block === null) throw new Error("The chain has no block");
      return BigInt(block.timestamp);
    },

    /** Does the action at that second. */
    async act(action: Action, timestamp: bigint): Promise<Outcome> {
      const { from, to, data } = transactionOf(action, on);
      await atSecond(timestamp);
      const sent = await submit(from, to, data);
      if (sent.revertData !== undefined) {
        const error = coder.parseError(sent.revertData);
        if (error === null) return { refusal: { name: sent.revertData, args: [] }, logs: [] };
        return { refusal: { name: error.name, args: [...error.args] }, logs: [] };
      }
      const receipt = receiptForm.parse(
        await provider.request({ method: "eth_getTransactionReceipt", params: [sent.hash] }),
      );
      const houseAddress = house.address.toLowerCase();
      const logs = receipt.logs.flatMap(({ address, topics, data: logData }) => {
        if (address !== houseAddress) return [];
        const parsed = coder.parseLog({ topics, data: logData });
        return parsed === null ? [] : [{ name: parsed.name, args: [...parsed.args] }];
      });
      return { refusal: null, logs };
    },

    /** Answers of views of the house at the latest block, as words; null for one that reverts. */
    async view(calls: readonly string[]): Promise<readonly (readonly bigint[])[]> {
      const answers = await house.call("multicall", [calls]);
      return answers.map(wordsOf);
    },

    async snapshot(): Promise<string> {
      return String(await provider.request({ method: "evm_snapshot", params: [] }));
    },

    async restore(snapshot: string): Promise<void> {
      await provider.request({ method: "evm_revert", params: [snapshot] });
    },

    async close(): Promise<void> {
      await connection.close();
    },
  };
}

const WORD = 64;
const SIGN = 1n << 255n;

/** The words of an answer of static length, as signed numbers. */
function wordsOf(data: string): readonly bigint[] {
  const digits = data.slice(2);
  return Array.from({ length: digits.length / WORD }, (_, i) => {
    const word = BigInt(`0x${digits.slice(i * WORD, (i + 1) * WORD)}`);
    return word >= SIGN ? word - 2n * SIGN : word;
  });
}

import { computeAddress, getBytes, hexlify, Interface, MaxUint256 } from "ethers";
import { network } from "hardhat";
import { deployBreakwater } from "../../../deploy/deployBreakwater.ts";
import { backstopPoolAbi } from "../../../sdk/src/abis/BackstopPool.ts";
import { circuitBreakerAbi } from "../../../sdk/src/abis/CircuitBreaker.ts";
import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { collateralAuctionAbi } from "../../../sdk/src/abis/CollateralAuction.ts";
import { creditVaultAbi } from "../../../sdk/src/abis/CreditVault.ts";
import { delayedOrdersAbi } from "../../../sdk/src/abis/DelayedOrders.ts";
import { errorsAbi } from "../../../sdk/src/abis/errors.ts";
import { liquidationEngineAbi } from "../../../sdk/src/abis/LiquidationEngine.ts";
import { liquidityPoolAbi } from "../../../sdk/src/abis/LiquidityPool.ts";
import { lossWaterfallAbi } from "../../../sdk/src/abis/LossWaterfall.ts";
import { oracleRouterAbi } from "../../../sdk/src/abis/OracleRouter.ts";
import { replayFeedAbi } from "../../../sdk/src/abis/ReplayFeed.ts";
import { reserveVaultAbi } from "../../../sdk/src/abis/ReserveVault.ts";
import { riskEngineAbi } from "../../../sdk/src/abis/RiskEngine.ts";
import { signedOrdersAbi } from "../../../sdk/src/abis/SignedOrders.ts";
import { testTokenAbi } from "../../../sdk/src/abis/TestToken.ts";
import { accountIdOf } from "../../../sdk/src/accountId.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";
import { ACTORS, type Action, KEEPER } from "../../model/action.ts";
import { emptyBackstop } from "../../model/backstop.ts";
import type { Log } from "../../model/call.ts";
import { emptyAccount } from "../../model/emptyAccount.ts";
import { type AccountName, CALLERS, type HouseState, type MarketId } from "../../model/state.ts";
import {
  BACKSTOP,
  FUND,
  type HouseTerms,
  LENDERS,
  PROTOCOL,
  poolOf,
  SYSTEM_KINDS,
  systemAccountOf,
  type Terms,
} from "../../model/terms.ts";
import { Chain, type Trace, type Transaction } from "./chain.ts";
import { codecOf, decodedList, encodedList, wordOf, wordsOf } from "./codec.ts";
import { creditContracts, creditTerms, emptyCredit } from "./creditContracts.ts";
import { modelParameters, RESERVE_DEPOSITOR } from "./parameters.ts";
import { hasPassed, RELAY_CODE, RELAYS, throughRelay } from "./relays.ts";
import { SIGNER_KEY, signingFor } from "./signing.ts";
import { transactionOf } from "./transactions.ts";

/** Shares that move are told of by events that say why; terms that are set are seen by what they do. */
const IGNORED = new Set([
  "Transfer",
  "Approval",
  "RiskTermsSet",
  "CoverTermsSet",
  "AdaptiveTermsSet",
  "ImpliedTermsSet",
]);
/** Those that every trader lets trade. */
const VENUES = [
  ["venue", 1n],
  ["orders", 1n],
  ["signed", 1n],
  ["key", 1n],
] as const;
/** {s}, when everything is prepared. */
const START = 1_760_140_800n;
const DOLLARS_OF_PAYER = 900_000_000n;
/** Of each kind of collateral, what everybody has. */
const COLLATERAL = 100_000n;

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
  const [deployer] = await ethers.getSigners();
  if (!deployer) throw new Error("The chain has no accounts");
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

  const delayed = typedContract(delayedOrdersAbi, contracts.delayedOrders, at);
  const signed = typedContract(signedOrdersAbi, contracts.signedOrders, at);
  const delegates = {
    ...RELAYS,
    orders: delayed.address,
    signed: signed.address,
    key: computeAddress(SIGNER_KEY),
  };
  const reserve = typedContract(reserveVaultAbi, contracts.reserveVault, at);
  const backstop = typedContract(backstopPoolAbi, contracts.backstopPool, at);
  const pools = manifest.markets.map(({ pool }) => typedContract(liquidityPoolAbi, pool, at));

  const credit = creditContracts(manifest, at);
  const accountIds = new Map<AccountName, bigint>([
    ...ACTORS.map((name, i) => [name, accountIdOf(RELAYS.owner, BigInt(i))] as const),
    [KEEPER, accountIdOf(deployer.address, 7n)],
    [FUND, accountIdOf(contracts.insuranceFund, 0n)],
    [PROTOCOL, accountIdOf(contracts.reserveVault, 0n)],
    [BACKSTOP, accountIdOf(contracts.backstopPool, 0n)],
    [LENDERS, accountIdOf(contracts.creditVault, 0n)],
    ...manifest.markets.map(({ poolAccount }, i) => [poolOf(BigInt(i)), poolAccount] as const),
  ]);
  for (const id of ids) {
    for (const [kind, name] of SYSTEM_KINDS.entries()) {
      const account = await house.call("systemAccountOf", [id, BigInt(kind)]);
      accountIds.set(systemAccountOf(id, name), account);
    }
  }
  const names = new Map([...accountIds].map(([name, id]) => [id, name]));
  const idOf = (name: AccountName): bigint => {
    const id = accountIds.get(name);
    if (id === undefined) throw new RangeError(`No account ${name}`);
    return id;
  };

  const { chainId } = await at.getNetwork();
  const signing = signingFor({ chainId, address: signed.address, idOf, delegates });
  for (const address of Object.values(RELAYS)) {
    await provider.request({ method: "hardhat_setCode", params: [address, RELAY_CODE] });
  }
  const chain = new Chain(provider, deployer.address);
  await chain.snapshot();

  /** Does what prepares the house, all in one second. */
  async function prepare(transactions: readonly Transaction[], second: bigint): Promise<void> {
    for (const transaction of transactions) chain.send(transaction, second);
    for (const trace of await chain.traces()) {
      const { refusal } = outcomeOf(trace);
      if (refusal !== null) throw new Error(`A preparation was refused: ${refusal.name}`);
    }
  }

  const errors = codecOf(errorsAbi);
  const codecs = new Map([
    [house.address.toLowerCase(), codecOf(clearingHouseAbi)],
    [backstop.address.toLowerCase(), codecOf(backstopPoolAbi)],
    [risk.address.toLowerCase(), codecOf(riskEngineAbi)],
    [reserve.address.toLowerCase(), codecOf(reserveVaultAbi)],
    [delayed.address.toLowerCase(), codecOf(delayedOrdersAbi)],
    [signed.address.toLowerCase(), codecOf(signedOrdersAbi)],
    ...pools.map(({ address }) => [address.toLowerCase(), codecOf(liquidityPoolAbi)] as const),
    [credit.vault.address.toLowerCase(), codecOf(creditVaultAbi)],
    [credit.auction.address.toLowerCase(), codecOf(collateralAuctionAbi)],
  ]);
  const relays: ReadonlySet<string> = new Set(Object.values(RELAYS));

  function outcomeOf({ logs, revertData }: Trace): Outcome {
    if (revertData !== null) return { refusal: errors.error(revertData), logs: [] };
    const told: Log[] = [];
    for (const log of logs) {
      const codec = codecs.get(log.address);
      if (codec !== undefined) {
        const event = codec.event(log);
        if (event !== undefined && !IGNORED.has(event.name)) told.push(event);
      } else if (relays.has(log.address) && !hasPassed(log.topics[0] ?? "0x")) {
        return { refusal: errors.error(log.data), logs: [] };
      }
    }
    return { refusal: null, logs: told };
  }

  const supply = DOLLARS_OF_PAYER * 10n ** 6n;
  await prepare(
    [
      ...ACTORS.flatMap((actor) =>
        VENUES.map(([name]) => delegates[name]).map((venue) =>
          throughRelay("owner", house.transaction("setDelegate", [idOf(actor), venue, 1n])),
        ),
      ),
      house.transaction("setVenue", [RELAYS.venue, true]),
      ...CALLERS.flatMap((caller) => [
        token.transaction("mint", [RELAYS[caller], supply]),
        ...[...credit.collateral.values()].flatMap((each) => [
          each.token.transaction("mint", [RELAYS[caller], COLLATERAL * 10n ** each.decimals]),
          throughRelay(
            caller,
            each.token.transaction("approve", [credit.vault.address, MaxUint256]),
          ),
        ]),
        ...[house, backstop, reserve, credit.vault, ...pools].map(({ address }) =>
          throughRelay(caller, token.transaction("approve", [address, MaxUint256])),
        ),
      ]),
    ],
    START,
  );

  // The clocks of maturity buckets start anew at one and the same second, however long the deployment took: a seed does the same every time.
  const priced = new Map([
    ...feeds.map((feed, index) => [BigInt(index), feed] as const),
    ...[...credit.collateral.values()].map((each) => [each.priced, each.feed] as const),
  ]);
  for (const [id, feed] of priced) {
    const { config } = await oracle.call("feedOf", [id]);
    const { price } = await oracle.call("recordOf", [id]);
    await prepare(
      [
        feed.transaction("push", [price / 10n ** 10n]),
        oracle.transaction("setFeed", [id, { ...config, bucketLength: 2n * config.bucketLength }]),
        oracle.transaction("setFeed", [id, config]),
        // Interest, too, counts from there.
        credit.vault.transaction("accrue", []),
      ],
      START,
    );
  }

  const markets = new Map<MarketId, Terms>();
  for (const id of ids) {
    const { config } = await oracle.call("feedOf", [id]);
    const { pool: _, ...order } = await house.call("termsOf", [id]);
    markets.set(id, {
      market: order,
      risk: await risk.call("riskTermsOf", [id]),
      cover: await risk.call("coverTermsOf", [id]),
      liquidation: await engine.call("liquidationTermsOf", [id]),
      auctionSeconds: (await engine.call("auctionTermsOf", [id])).durationSeconds,
      insurance: await waterfall.call("insuranceTermsOf", [id]),
      tiers: {
        protocol: await waterfall.call("tierTermsOf", [id, 2n]),
        backstop: await waterfall.call("tierTermsOf", [id, 3n]),
      },
      split: await waterfall.call("splitTermsOf", [id]),
      feed: config,
    });
  }
  const terms: HouseTerms = {
    markets,
    backstop: {
      maxLeverage: await backstop.call("maxLeverage", []),
      cooldown: await backstop.call("COOLDOWN_SECONDS", []),
      window: await backstop.call("WINDOW_SECONDS", []),
      markets: new Map(
        await Promise.all(
          ids.map(async (id) => [id, await backstop.call("backstopTermsOf", [id])] as const),
        ),
      ),
    },
    poolDelays: new Map(
      await Promise.all(
        pools.map(async (pool, i) => [BigInt(i), await pool.call("DELAY_SECONDS", [])] as const),
      ),
    ),
    orders: new Map(
      await Promise.all(
        ids.map(async (id) => [id, await delayed.call("orderTermsOf", [id])] as const),
      ),
    ),
    reserveDepositor: RESERVE_DEPOSITOR,
    credit: await creditTerms(credit, oracle),
    depositUsd: await house.call("LIQUIDATION_DEPOSIT", []),
    houseEpochCaps: {
      fund: await waterfall.call("houseEpochCap", [1n]),
      protocol: await waterfall.call("houseEpochCap", [2n]),
      backstop: await waterfall.call("houseEpochCap", [3n]),
    },
    backstopShare: await house.call("backstopShare", []),
  };

  /** The house as it stands after its deployment. */
  async function firstState(): Promise<HouseState> {
    const state: HouseState = {
      terms,
      powers: new Map(ACTORS.map((name) => [name, new Map(VENUES)])),
      accounts: new Map(),
      markets: new Map(),
      prices: new Map(),
      shares: new Map(
        ids.map((id) => [
          id,
          {
            supply: 0n,
            balances: new Map(),
            deposits: new Map(),
            redemptions: new Map(),
            nextDeposit: 1n,
            nextRedemption: 1n,
            firstRedemption: 1n,
            claimable: new Map(),
          },
        ]),
      ),
      backstop: emptyBackstop(),
      signed: { filled: new Map(), least: new Map(), cancelled: new Map() },
      orders: { next: 1n, waiting: new Map() },
      reserve: { supply: 0n, balances: new Map(), cooldowns: new Map() },
      credit: emptyCredit(START),
      shortfall: 0n,
      epochs: new Map(
        (["fund", "protocol", "backstop"] as const).map((tier) => [
          tier,
          { number: 0n, paid: 0n, paidByMarket: new Map() },
        ]),
      ),
    };
    for (const id of ids) {
      const { lastPrice, updatedAt } = await house.call("marketOf", [id]);
      state.markets.set(id, {
        mode: "Open",
        coverage: "Full",
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
        retained: 0n,
        owedBack: { fund: 0n, protocol: 0n, backstop: 0n },
        announced: null,
        outageAt: 0n,
        ended: null,
        following: null,
        implied: null,
        pace: null,
        resumedAt: (await resumedAtOf(id)) ?? 0n,
      });
      for (const name of [poolOf(id), systemAccountOf(id, "resolution")]) {
        state.accounts.set(name, {
          ...emptyAccount(),
          version: (await house.call("accountOf", [idOf(name)])).version,
          markets: new Set([id]),
        });
      }
    }
    for (const id of priced.keys()) {
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
    risk,
    engine,
    waterfall,
    backstop,
    reserve,
    delayed,
    signed,
    signing,
    delegates,
    pools,
    feeds,
    credit,
    idOf,
  };
  const state = await firstState();
  const multicall = coder.getFunction("multicall")?.selector ?? "0x";

  return {
    ids,
    idOf,
    names,
    accountNames: [...accountIds.keys()],
    house,
    risk,
    credit,
    /** What the model calls hashes of signed orders. */
    labels: signing.labels,
    /** Symbols of collateral and names of venues, by address. */
    addresses: new Map(
      [
        ...[...credit.collateral].map(([symbol, { token }]) => [symbol, token.address] as const),
        ...Object.entries(delegates),
      ].map(([name, address]) => [address.toLowerCase(), name]),
    ),
    coder,
    /** The house as it stands after its deployment. Not to be written to. */
    firstState: state,
    start: START,

    /** Lets an action happen at that second; what becomes of it is told later. */
    act(action: Action, timestamp: bigint): void {
      chain.send(transactionOf(action, on), timestamp);
    },

    /** What became of every action since this was last asked. */
    async outcomes(): Promise<readonly Outcome[]> {
      return (await chain.traces()).map(outcomeOf);
    },

    /** Answers of views of the house at the latest block, as words. */
    async view(calls: readonly string[]): Promise<readonly (readonly bigint[])[]> {
      const data = `${multicall}${wordOf(32)}${encodedList(calls)}`;
      return decodedList(await chain.call({ to: house.address, data })).map(wordsOf);
    },

    /** The same of another contract, one by one. */
    async viewAt(calls: readonly Transaction[]): Promise<readonly (readonly bigint[])[]> {
      return Promise.all(calls.map(async (each) => wordsOf(await chain.call(each))));
    },

    /** The linked libraries, as deployed. */
    async libraryCodes(): Promise<ReadonlyMap<string, { address: string; code: Uint8Array }>> {
      const codes = Object.entries(manifest.libraries).map(
        async ([name, address]) =>
          [name, { address, code: getBytes(await at.getCode(address)) }] as const,
      );
      return new Map(await Promise.all(codes));
    },

    async setCode(address: string, code: Uint8Array): Promise<void> {
      await provider.request({ method: "hardhat_setCode", params: [address, hexlify(code)] });
    },

    snapshot: () => chain.snapshot(),
    restore: (snapshot: string) => chain.restore(snapshot),

    async close(): Promise<void> {
      await connection.close();
    },
  };
}

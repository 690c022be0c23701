import { expect } from "chai";
import { Interface, MaxUint256 } from "ethers";
import fc from "fast-check";
import { network } from "hardhat";
import { deployBreakwater } from "../../../deploy/deployBreakwater.ts";
import { readParameters } from "../../../deploy/readParameters.ts";
import type { Abi, Arguments, FunctionName } from "../../../sdk/src/abi.ts";
import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { lensAbi } from "../../../sdk/src/abis/Lens.ts";
import { liquidationEngineAbi } from "../../../sdk/src/abis/LiquidationEngine.ts";
import { oracleRouterAbi } from "../../../sdk/src/abis/OracleRouter.ts";
import { replayFeedAbi } from "../../../sdk/src/abis/ReplayFeed.ts";
import { riskEngineAbi } from "../../../sdk/src/abis/RiskEngine.ts";
import { testTokenAbi } from "../../../sdk/src/abis/TestToken.ts";
import { type AccountId, accountIdOf } from "../../../sdk/src/accountId.ts";
import { revertDataOf } from "../../../sdk/src/errors.ts";
import { marginKind, planCode } from "../../../sdk/src/math/codes.ts";
import { freeCashOf } from "../../../sdk/src/math/freeCash.ts";
import type { LiquidationTerms, Plan } from "../../../sdk/src/math/liquidationEngine.ts";
import { accrued } from "../../../sdk/src/math/markets.ts";
import { effective, maturedOf } from "../../../sdk/src/math/positions.ts";
import { assess, type CoverTerms, type JudgedTerms } from "../../../sdk/src/math/riskEngine.ts";
import { MathRevert } from "../../../sdk/src/math/solidity.ts";
import type { AuctionTerms } from "../../../sdk/src/math/takeOver.ts";
import { previewLiquidation } from "../../../sdk/src/preview/liquidation.ts";
import { previewMargin } from "../../../sdk/src/preview/margin.ts";
import { previewLiquidationMatch, previewMatch } from "../../../sdk/src/preview/match.ts";
import { previewOpening } from "../../../sdk/src/preview/opening.ts";
import { previewTearUpPool } from "../../../sdk/src/preview/poolTearUp.ts";
import {
  type AccountReport,
  type MarketReport,
  PreviewError,
} from "../../../sdk/src/preview/snapshot.ts";
import {
  previewInventory,
  previewTakeOver,
  previewTakeOverWhole,
} from "../../../sdk/src/preview/takeOver.ts";
import { previewTrade } from "../../../sdk/src/preview/trade.ts";
import { type TypedContract, typedContract } from "../../../sdk/src/typedContract.ts";

const ONE = 10n ** 18n;
const MARKETS = [0n, 1n] as const;
const TRADERS = 6n;
const ROUNDS = 36;
/** Size and price, in percent of the index, of orders that may meet a liquidation or each other. */
const MATCHES: readonly (readonly [bigint, bigint])[] = [
  [5_000n * ONE, 100n],
  [-5_000n * ONE, 100n],
  [ONE / 2n + 1n, 101n],
  [-ONE / 2n, 99n],
  [ONE / 5n, 98n],
  [-ONE, 103n],
  [1n, 100n],
];
/** On a machine that may be busy. */
const TIMEOUT_MS = 900_000;
/** Enough for anything here; what an estimate of one second ago says may not be. */
const GAS_LIMIT = 10_000_000n;

interface Snapshots {
  readonly timestamp: bigint;
  readonly accounts: readonly AccountReport[];
  readonly pools: readonly AccountReport[];
  readonly markets: readonly MarketReport[];
}

/** A whole house in this process: the deployer is a venue, and one trader owns all accounts. */
async function openHouse({
  poolUsd = 2_000_000n,
  insuranceUsd = 1_000_000n,
}: {
  poolUsd?: bigint;
  insuranceUsd?: bigint;
} = {}) {
  const connection = await network.create({ override: { allowBlocksWithSameTimestamp: true } });
  const { ethers } = connection;
  const { provider } = ethers;
  const [deployer, trader] = await ethers.getSigners();
  if (!deployer || !trader) throw new Error("The chain has no accounts");
  const parameters = await readParameters("local");
  const manifest = await deployBreakwater({
    provider: connection.provider,
    parameters,
    deployer: deployer.address,
  });
  const { contracts } = manifest;
  const house = typedContract(clearingHouseAbi, contracts.clearingHouse, provider);
  const token = typedContract(testTokenAbi, contracts.token, provider);
  const lens = typedContract(lensAbi, contracts.lens, provider);
  const risk = typedContract(riskEngineAbi, contracts.riskEngine, provider);
  const engine = typedContract(liquidationEngineAbi, contracts.liquidationEngine, provider);
  const oracle = typedContract(oracleRouterAbi, contracts.oracleRouter, provider);
  const keeper = accountIdOf(deployer.address, 7n);

  async function send<A extends Abi, N extends FunctionName<A>>(
    contract: TypedContract<A>,
    name: N,
    args: Arguments<A, N>,
    from = deployer,
  ) {
    const response = await from?.sendTransaction({
      ...contract.transaction(name, args),
      gasLimit: GAS_LIMIT,
    });
    const receipt = await response?.wait();
    if (!receipt) throw new Error(`${name} was not included`);
    return receipt;
  }

  const fund = async (account: AccountId, usd: bigint) => {
    await send(token, "mint", [deployer.address, usd * 10n ** 6n]);
    await send(house, "deposit", [account, usd * 10n ** 6n]);
  };

  await send(token, "approve", [house.address, MaxUint256]);
  await send(house, "setVenue", [deployer.address, true]);
  const accounts: AccountId[] = [];
  for (let sub = 0n; sub < TRADERS; sub += 1n) {
    const account = accountIdOf(trader.address, sub);
    accounts.push(account);
    await send(house, "setDelegate", [account, deployer.address, 1n], trader);
  }
  const pools = manifest.markets.map((market) => market.poolAccount);
  for (const pool of pools) await fund(pool, poolUsd);
  await fund(accountIdOf(contracts.insuranceFund), insuranceUsd);
  const riskTerms = await Promise.all(
    MARKETS.map(async (id) => ({
      ...(await risk.call("riskTermsOf", [id])),
      cover: await risk.call("coverTermsOf", [id]),
    })),
  );
  const terms = await Promise.all(MARKETS.map((id) => engine.call("liquidationTermsOf", [id])));
  const auctions = await Promise.all(MARKETS.map((id) => engine.call("auctionTermsOf", [id])));

  return {
    provider,
    deployer,
    house,
    risk,
    engine,
    oracle,
    lens,
    keeper,
    accounts,
    send,
    fund,
    riskTermsOf: (id: bigint): Covered => at(riskTerms, Number(id)),
    termsOf: (id: bigint): LiquidationTerms => at(terms, Number(id)),
    auctionTermsOf: (id: bigint): AuctionTerms => at(auctions, Number(id)),

    async publish(market: bigint, priceUsd: bigint) {
      const replay = at(manifest.markets, Number(market)).feed.replay;
      if (replay === null) throw new Error("The feed cannot be replayed");
      const feed = typedContract(replayFeedAbi, replay, provider);
      await send(feed, "push", [priceUsd * 10n ** 8n]);
    },

    async wait(seconds: number) {
      await provider.send("evm_increaseTime", [seconds]);
      await provider.send("evm_mine", []);
    },

    /** Fills for an account; false when the house refuses. */
    async trade(account: AccountId, market: bigint, sizeDelta: bigint): Promise<boolean> {
      const request = {
        account,
        market,
        sizeDelta,
        limitPrice: sizeDelta > 0n ? MaxUint256 : 0n,
        spread: 0n,
        reduceOnly: false,
        keeper,
        keeperFeeUsd: 0n,
      };
      try {
        await house.call("trade", [request], { from: deployer.address });
      } catch {
        return false;
      }
      await send(house, "trade", [request]);
      return true;
    },

    /** Everything a client reads, at one block. */
    async read(): Promise<Snapshots> {
      const block = await provider.getBlock("latest");
      if (block === null) throw new Error("The chain has no block");
      const blockTag = block.number;
      const [reports, markets] = await Promise.all([
        lens.call("accounts", [[...accounts, ...pools]], { blockTag }),
        lens.call("markets", [], { blockTag }),
      ]);
      for (const { failure, marginFailure } of reports) {
        expect([failure, marginFailure]).to.deep.equal(["0x", "0x"]);
      }
      return {
        timestamp: BigInt(block.timestamp),
        accounts: reports.slice(0, accounts.length),
        pools: reports.slice(accounts.length),
        markets,
      };
    },
  };
}

/** With terms of cover. */
type Covered = JudgedTerms & { readonly cover: CoverTerms };

type House = Awaited<ReturnType<typeof openHouse>>;

function previewOf(
  { riskTermsOf, termsOf }: House,
  { timestamp, markets, pools }: Snapshots,
  account: AccountReport,
  market: bigint,
): Plan {
  const snapshot = { account, markets, timestamp };
  const pool = at(pools, Number(market));
  return previewLiquidation({ snapshot, market, pool, terms: termsOf(market), riskTermsOf });
}

describe("previews from a snapshot of the Lens", function () {
  this.timeout(TIMEOUT_MS);
  let world: House;
  /** Codes of plans against an order, and errors. */
  const matched = new Set<string>();

  before(async () => {
    world = await openHouse();
  });

  it("are what the house answers and does, through random trades, prices and liquidations", async () => {
    const { house, provider, keeper } = world;
    const random = fc.sample(fc.nat(), { numRuns: ROUNDS * 32, seed: 20_251_010 });
    const next = (below: number): number => (random.pop() ?? 0) % below;
    const prices = [2_000n, 40_000n];
    const seen = new Map<string, number>();
    let executed = 0;

    for (let round = 0; round < ROUNDS; round += 1) {
      for (let i = 0; i < 3; i += 1) {
        const account = at(world.accounts, next(world.accounts.length));
        const market = next(2);
        const cashUsd = BigInt(next(6) === 0 ? 50_000 + next(100_000) : 300 + next(5_000));
        await world.fund(account, cashUsd);
        // Ten to eighteen times what was paid in, either way.
        const notional = cashUsd * BigInt(10 + next(9));
        const size = ((notional * 1_000n) / at(prices, market)) * 10n ** 15n;
        await world.trade(account, BigInt(market), next(2) === 0 ? size : -size);
      }
      const moved = next(2);
      const percent = BigInt(next(2) === 0 ? 93 + next(4) : 104 + next(4));
      prices[moved] = (at(prices, moved) * percent) / 100n;
      await world.wait(12 + next(600));
      for (const market of MARKETS) await world.publish(market, at(prices, Number(market)));

      // Half of the accounts are marked, and their auctions run until the next round.
      for (const account of world.accounts) {
        if (next(2) === 0) await world.send(house, "mark", [[account]]);
      }
      const read = await world.read();
      for (const account of read.accounts) {
        await checkAccount(read, account);
        for (const { market } of account.positions) {
          const preview = previewOf(world, read, account, market);
          seen.set(String(preview.code), (seen.get(String(preview.code)) ?? 0) + 1);
        }
      }
      await checkMarkets(read);

      // The first that can be liquidated is, in a block of the same time: what was previewed is what happens.
      for (const account of read.accounts) {
        const market = account.positions.find(
          (position) => previewOf(world, read, account, position.market).code >= planCode.Partial,
        )?.market;
        if (market === undefined) continue;
        const preview = previewOf(world, read, account, market);
        await provider.send("evm_setNextBlockTimestamp", [Number(read.timestamp)]);
        const receipt = await world.send(house, "liquidate", [account.account, market, keeper]);
        const event = receipt.logs
          .map((log) => house.parseLog(log))
          .find((parsed) => parsed?.name === "Liquidated");
        if (event?.name !== "Liquidated") throw new Error("Nothing was liquidated");
        const { sizeDelta, price, penaltyUsd, equityUsd, maintenanceUsd } = event.args;
        expect({
          closeSize: sizeDelta < 0n ? -sizeDelta : sizeDelta,
          price,
          penaltyUsd,
          equityUsd,
          maintenanceUsd,
        }).to.deep.equal({
          closeSize: preview.closeSize,
          price: preview.price,
          penaltyUsd: preview.penaltyUsd,
          equityUsd: preview.equityUsd,
          maintenanceUsd: preview.maintenanceUsd,
        });
        executed += 1;
        // Its pacing shows in the next snapshot: the plan after the plan, in the same second.
        const after = await world.read();
        expect(after.timestamp).to.equal(read.timestamp);
        const report = after.accounts.find((each) => each.account === account.account);
        if (report !== undefined) await checkAccount(after, report);
        break;
      }
    }
    const named = [...seen].map(([code, times]) => `${code}: ${times}`).join(", ");
    expect(executed, named).to.be.greaterThan(2);
    for (const code of [planCode.Healthy, planCode.Partial, planCode.Bankrupt]) {
      expect(seen.get(String(code)) ?? 0, `code ${code} among ${named}`).to.be.greaterThan(0);
    }
    expect([...matched], "against orders").to.include.members([
      String(planCode.Healthy),
      String(planCode.Partial),
      "NotAReduction",
      "PriceNotBetter",
    ]);
  });

  it("say what an opening needs and pays, and why it is refused", async () => {
    // Half of the fund is 4 500 USD: low above 180 000 of open interest, short above 360 000.
    const fresh = await openHouse({ insuranceUsd: 9_000n });
    const { house, provider, lens } = fresh;
    const cover = { ...fresh.riskTermsOf(0n).cover, coverageTarget: ONE / 20n, bootstrapUsd: ONE };
    await fresh.send(fresh.risk, "setCoverTerms", [0n, cover]);
    const riskTermsOf = (id: bigint) => ({ ...fresh.riskTermsOf(id), cover });
    const random = fc.sample(fc.nat(), { numRuns: 1_000, seed: 20_260_115 });
    const next = (below: number): number => (random.pop() ?? 0) % below;
    let priceUsd = 2_000n;
    const seen = { made: 0, AccountBelowInitialMargin: 0, CoverageTooLow: 0, days: 0 };
    for (let round = 0; round < 60; round += 1) {
      const account = at(fresh.accounts, next(fresh.accounts.length));
      await fresh.fund(account, BigInt(1_000 + next(20_000)));
      priceUsd = (priceUsd * BigInt(98 + next(5))) / 100n;
      await fresh.wait(next(4) === 0 ? 100_000 : 700);
      for (const market of MARKETS) await fresh.publish(market, market === 0n ? priceUsd : 40_000n);
      const block = await provider.getBlock("latest");
      if (block === null) throw new Error("The chain has no block");
      const at_ = { blockTag: block.number };
      const report = at(await lens.call("markets", [], at_), 0);
      const portfolio = await house.call("portfolioOf", [account, marginKind.Initial], at_);
      const { depositUsd, cashUsd } = await house.call("accountOf", [account], at_);
      const notional = (cashUsd * BigInt(1 + next(12))) / ONE;
      const size = ((notional * 1_000n) / priceUsd) * 10n ** 15n;
      const held = portfolio.exposures.find(({ market }) => market === 0n)?.size ?? 0n;
      const sizeDelta = held < 0n === (next(5) === 0) ? size : -size;
      const isOpening = held === 0n || held < 0n === sizeDelta < 0n;
      if (!isOpening || size === 0n) continue;
      const { feeUsd, edgeUsd, costUsd } = previewTrade(report, sizeDelta);
      const goodDays = await house.call("standingOf", [account], at_);
      const preview = previewOpening({
        portfolio,
        report,
        sizeDelta,
        feeUsd,
        tradingFeesUsd: feeUsd,
        edgeUsd,
        costUsd,
        missingDepositUsd: 5n * ONE - depositUsd,
        coverage: await house.call("coverageOf", [0n], at_),
        goodDays,
        riskTermsOf,
      });
      await provider.send("evm_setNextBlockTimestamp", [block.timestamp]);
      const request = {
        account,
        market: 0n,
        sizeDelta,
        limitPrice: sizeDelta > 0n ? MaxUint256 : 0n,
        spread: 0n,
        reduceOnly: false,
        keeper: fresh.keeper,
        keeperFeeUsd: 0n,
      };
      let refusal: string | undefined;
      try {
        await house.call("trade", [request], { from: fresh.deployer.address });
      } catch (error) {
        refusal = house.interface.parseError(revertDataOf(error) ?? "0x")?.name;
      }
      const known = ["CoverageTooLow", "AccountBelowInitialMargin", "CashTooLow"];
      if (refusal !== undefined && !known.includes(refusal)) continue;
      expect(preview.refusal, `round ${round}`).to.equal(refusal ?? null);
      if (refusal !== undefined) {
        if (refusal === "CoverageTooLow") seen.CoverageTooLow += 1;
        if (refusal === "AccountBelowInitialMargin") seen.AccountBelowInitialMargin += 1;
        continue;
      }
      await provider.send("evm_setNextBlockTimestamp", [block.timestamp]);
      const receipt = await fresh.send(house, "trade", [request]);
      const paid = receipt.logs
        .map((log) => house.parseLog(log))
        .find((parsed) => parsed?.name === "PremiumPaid");
      if (paid?.name !== "PremiumPaid") throw new Error("No premium was paid");
      expect(paid.args.goodDays).to.equal(goodDays);
      expect(paid.args.premiumUsd, `round ${round}`).to.equal(preview.premiumUsd);
      const margin = await house.call("marginOf", [account, marginKind.Initial]);
      expect(margin.requiredUsd, `round ${round}`).to.equal(preview.requiredUsd);
      expect(margin.equityUsd, `round ${round}`).to.equal(preview.equityUsd - preview.premiumUsd);
      seen.made += 1;
      if (goodDays > 0n) seen.days += 1;
    }
    expect(
      Object.values(seen).every((times) => times > 0),
      JSON.stringify(seen),
    ).to.equal(true);
  });

  it("assume other prices: the plan is what the house answers once that price is published", async () => {
    const fresh = await openHouse();
    const account = at(fresh.accounts, 0);
    await fresh.fund(account, 10_000n);
    expect(await fresh.trade(account, 0n, 50n * ONE)).to.equal(true);
    // In the second of the trade its price would be used again.
    await fresh.wait(1);
    const { timestamp, accounts, markets, pools } = await fresh.read();
    const assumedPrices = new Map([[0n, 1_850n * ONE]]);
    const snapshot = { account: at(accounts, 0), markets, timestamp, assumedPrices };
    const { riskTermsOf, termsOf } = fresh;
    const input = { snapshot, market: 0n, pool: at(pools, 0), terms: termsOf(0n), riskTermsOf };
    const assumed = previewLiquidation(input);
    expect(assumed.code).to.equal(planCode.Partial);
    expect(previewMargin(snapshot, riskTermsOf).equityUsd).to.equal(assumed.equityUsd);

    await fresh.provider.send("evm_setNextBlockTimestamp", [Number(timestamp)]);
    await fresh.publish(0n, 1_850n);
    const answered = await fresh.house.call("previewLiquidation", [account, 0n]);
    expect(answered).to.deep.equal(assumed);
  });

  it("follow positions through market events, matured gains and free cash", async () => {
    const fresh = await openHouse();
    const { house, oracle } = fresh;
    const [winner, loser, small] = [0, 1, 2].map((index) => at(fresh.accounts, index));
    if (winner === undefined || loser === undefined || small === undefined) return;
    for (const [account, usd] of [
      [winner, 40_000n],
      [loser, 20_000n],
      [small, 5_000n],
    ] as const) {
      await fresh.fund(account, usd);
    }
    expect(await fresh.trade(winner, 0n, -100n * ONE)).to.equal(true);
    expect(await fresh.trade(small, 0n, -10n * ONE)).to.equal(true);
    expect(await fresh.trade(loser, 0n, 150n * ONE)).to.equal(true);
    await fresh.wait(1);
    await fresh.publish(0n, 1_700n);
    await fresh.send(house, "resolve", [loser, [], fresh.keeper]);

    const events = (await house.call("marketOf", [0n])).events;
    expect(events).to.be.greaterThan(1n);
    for (const account of [winner, small, ...fresh.accounts]) {
      const position = await house.call("positionOf", [account, 0n]);
      const waiting = await Promise.all(
        Array.from({ length: Number(events - position.eventsSeen) }, (_, index) =>
          house.call("eventOf", [0n, position.eventsSeen + BigInt(index) + 1n]),
        ),
      );
      if (position.storedSize === 0n) continue;
      expect(waiting.length).to.be.greaterThan(0);
      const leg = { size: position.storedSize, quote: position.storedQuote };
      expect(effective(leg, waiting)).to.deep.equal({
        size: position.size,
        quote: position.quote,
      });
      expect(position.quote).not.to.equal(position.storedQuote);
    }

    // Two windows later all fills have stood; the gain is limited by the window's extremes alone.
    for (const price of [1_710n, 1_690n, 1_705n, 1_700n, 1_708n]) {
      await fresh.wait(300);
      await fresh.publish(0n, price);
      await fresh.send(oracle, "poke", [1n]);
    }
    const { low, high } = await oracle.call("windowOf", [0n]);
    expect(high).to.be.greaterThan(low);
    const portfolio = await house.call("portfolioOf", [winner, marginKind.Initial]);
    const [exposure] = portfolio.exposures;
    const { quote } = await house.call("positionOf", [winner, 0n]);
    const { fundingIndex } = await house.call("marketOf", [0n]);
    if (exposure === undefined) throw new Error("The winner has no exposure");
    const { size, price } = exposure;
    const matured = maturedOf({ leg: { size, quote }, price, fundingIndex, low, high, fills: [] });
    expect(matured).to.equal(exposure.maturedUsd);
    expect(matured > 0n && matured < exposure.valueUsd).to.equal(true);

    for (const account of [winner, small]) {
      const judged = await house.call("portfolioOf", [account, marginKind.Initial]);
      const initial = assess(judged, marginKind.Initial, fresh.riskTermsOf);
      const commitments = judged.exposures.map(({ valueUsd }) => ({ valueUsd, heldUsd: 0n }));
      const free = freeCashOf(judged.cashUsd, commitments, initial);
      expect(free).to.equal(await house.call("freeCashOf", [account]));
      expect(free).to.be.greaterThan(0n);
    }
  });

  it("say how a pool is restored: what is previewed is what happens, at every step", async () => {
    const fresh = await openHouse({ poolUsd: 120_000n });
    const { house, riskTermsOf } = fresh;
    const trader = at(fresh.accounts, 0);
    await fresh.fund(trader, 300_000n);
    expect(await fresh.trade(trader, 0n, 800n * ONE)).to.equal(true);
    await fresh.wait(1);
    const seen: bigint[] = [];
    const check = async (laterSeconds = 0n) => {
      const { pools, markets, timestamp } = await fresh.read();
      const account = at(pools, 0);
      const snapshot = { account, markets, timestamp };
      const input = { snapshot, market: 0n, terms: fresh.termsOf(0n), riskTermsOf, laterSeconds };
      const plan = previewTearUpPool(input);
      if (laterSeconds === 0n) expect(plan).to.deep.equal(at(markets, 0).poolTearUp);
      seen.push(plan.code);
      return { plan, account, timestamp };
    };
    await check();
    await fresh.publish(0n, 2_120n);
    const { account } = await check();
    await fresh.send(house, "mark", [[account.account]]);
    const { plan: early, timestamp } = await check();
    const waitSeconds = early.allowedAt - timestamp;
    const { plan: foreseen } = await check(waitSeconds);
    await fresh.wait(Number(waitSeconds));
    const { plan, timestamp: now } = await check();
    expect(plan.allowedAt).to.equal(foreseen.allowedAt);
    await fresh.provider.send("evm_setNextBlockTimestamp", [Number(now)]);
    const receipt = await fresh.send(house, "tearUpPool", [0n]);
    const event = receipt.logs
      .map((log) => house.parseLog(log))
      .find((parsed) => parsed?.name === "PoolTornUp");
    if (event?.name !== "PoolTornUp") throw new Error("Nothing was torn up");
    const { sizeDelta, equityUsd, maintenanceUsd } = event.args;
    expect({ equityUsd, maintenanceUsd }).to.deep.equal({
      equityUsd: plan.equityUsd,
      maintenanceUsd: plan.maintenanceUsd,
    });
    expect(sizeDelta >= plan.closeSize && sizeDelta - plan.closeSize < 10_000n).to.equal(true);
    const { account: restored } = await check();
    expect(restored.equityUsd * 100n >= restored.maintenanceUsd * 115n).to.equal(true);
    const { Healthy, Paced, Partial } = planCode;
    expect(seen).to.deep.equal([Healthy, Paced, Paced, Partial, Partial, Healthy]);
  });

  it("need the reports they are about", async () => {
    const { accounts, markets, pools, timestamp } = await world.read();
    const account = accounts.find(({ positions }) => positions.length > 0);
    const { riskTermsOf, termsOf } = world;
    if (account === undefined) throw new Error("Nobody has a position");
    const { market } = at(account.positions, 0);
    const terms = termsOf(market);
    const without = { account, markets: [], timestamp };
    expect(() => previewMargin(without, riskTermsOf)).to.throw(PreviewError, "read it too");
    const snapshot = { account, markets, timestamp };
    const wrong = at(pools, Number(1n - market));
    const input = { snapshot, market, pool: wrong, terms, riskTermsOf };
    if (at(account.positions, 0).size !== 0n) {
      expect(() => previewLiquidation(input)).to.throw(
        PreviewError,
        "needs the report of its pool",
      );
    }
    const elsewhere = { ...input, market: 63n };
    expect(previewLiquidation(elsewhere).code).to.equal(planCode.NoPosition);
  });

  async function checkAccount(read: Snapshots, account: AccountReport): Promise<void> {
    const { house, riskTermsOf } = world;
    const snapshot = { account, markets: read.markets, timestamp: read.timestamp };
    const { equityUsd, requiredUsd, health } = previewMargin(snapshot, riskTermsOf);
    expect({ equityUsd, requiredUsd, health }).to.deep.equal({
      equityUsd: account.equityUsd,
      requiredUsd: account.maintenanceUsd,
      health: account.health,
    });
    for (const position of account.positions) {
      const { market } = position;
      const answered = await house.call("previewLiquidation", [account.account, market]);
      const preview = previewOf(world, read, account, market);
      expect(preview).to.deep.equal(answered);
      if (equityUsd < requiredUsd) expect(preview).to.deep.equal(position.plan);
    }
    for (const { market } of account.positions) {
      const { price } = at(read.markets, Number(market));
      const pool = at(read.pools, Number(market));
      for (const [makerSizeDelta, percent] of MATCHES) {
        const offered = (price.price * percent) / 100n;
        const code = await expectAlike(
          () =>
            previewLiquidationMatch({
              snapshot,
              market,
              pool,
              terms: world.termsOf(market),
              riskTermsOf,
              makerSizeDelta,
              price: offered,
            }),
          () =>
            house.call("previewLiquidationMatch", [
              account.account,
              market,
              makerSizeDelta,
              offered,
            ]),
        );
        matched.add(code);
      }
    }
    const terms = { ...world, liquidationTermsOf: world.termsOf, snapshot };
    for (const { market, takeOver } of account.positions) {
      for (const maxSize of [MaxUint256, ONE / 2n]) {
        const answered = await house.call("previewTakeOver", [account.account, market, maxSize]);
        const preview = previewTakeOver({ ...terms, market, maxSize });
        expect(preview).to.deep.equal(answered);
        if (maxSize === MaxUint256 && equityUsd < requiredUsd) {
          expect(preview).to.deep.equal(takeOver);
        }
      }
    }
    const whole = previewTakeOverWhole(terms);
    const { total, parts } = await house.call("previewTakeOverWhole", [account.account]);
    expect(whole).to.deep.equal({ total, parts });
    if (equityUsd < requiredUsd) expect(whole.total).to.deep.equal(account.takeOverWhole);
  }

  async function checkMarkets(read: Snapshots): Promise<void> {
    for (const report of read.markets) {
      const account = at(read.pools, Number(report.market));
      const restored = previewTearUpPool({
        snapshot: { account, markets: read.markets, timestamp: read.timestamp },
        market: report.market,
        terms: world.termsOf(report.market),
        riskTermsOf: world.riskTermsOf,
      });
      expect(restored).to.deep.equal(report.poolTearUp);
      for (const sizeDelta of [ONE / 1000n, -ONE, 5_000n * ONE, -40_000n * ONE]) {
        const preview = previewTrade(report, sizeDelta);
        const answered = await world.house.call("previewTrade", [report.market, sizeDelta]);
        expect({ price: preview.price, feeUsd: preview.feeUsd }).to.deep.equal(answered);
        const edge = sizeDelta * (preview.price - report.price.price);
        expect(preview.edgeUsd * ONE >= edge && (preview.edgeUsd - 1n) * ONE < edge).to.equal(true);
      }
      for (const [sizeDelta, percent] of MATCHES) {
        const price = (report.price.price * percent) / 100n;
        await expectAlike(
          () => previewMatch(report, sizeDelta, price),
          () => world.house.call("previewMatch", [report.market, sizeDelta, price]),
        );
      }
      const inventory = previewInventory({ report, auctionTermsOf: world.auctionTermsOf });
      expect(inventory).to.deep.equal(report.inventoryPlan);
      // No time passes: the books stand as reported.
      expect(accrued(report.state, report.terms, 0n)).to.equal(report.state);
    }
  }
});

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`No item ${index} among ${list.length}`);
  return found;
}

/** The same answer, or the same error with the same figures. Returns its name, or the code of a plan. */
async function expectAlike(mirrored: () => object, asked: () => Promise<object>): Promise<string> {
  let failure: unknown;
  const answer = await asked().catch((error: unknown) => {
    failure = error;
    return null;
  });
  if (answer !== null) {
    expect(mirrored()).to.deep.equal(answer);
    return "code" in answer ? String(answer.code) : "";
  }
  const data = revertDataOf(failure);
  const error = data === undefined ? null : new Interface(clearingHouseAbi).parseError(data);
  if (error === null) throw failure;
  expect(mirrored).to.throw(MathRevert, `${error.name}(${error.args.join(", ")})`);
  return error.name;
}

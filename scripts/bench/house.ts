import type { Addressable } from "ethers";
import { signOrder } from "../../sdk/src/orders/signedOrder.ts";
import type { Chain } from "./chain.ts";

export const MARKETS = 10;
/** Whole USD. Markets after the first two are alike. */
export const FIRST_PRICES = [2_000, 40_000, ...Array<number>(MARKETS - 2).fill(100)];
const SKEW_SCALE_USD = 1_000_000_000n;
const POOL_USD = 5_000_000n;
const INSURANCE_USD = 100_000n;
const LOT_SIZE = 10n ** 15n;
const BUCKET_SECONDS = 600;
const GRACE_SECONDS = 3_600;
const KEEPER_FEE = usd(1);

const ALL_MARKETS = (1n << BigInt(MARKETS)) - 1n;
const UNLIMITED = 2n ** 111n;

export type House = Awaited<ReturnType<typeof openHouse>>;

/** D18 of a number with at most six decimals. */
export function usd(amount: number): bigint {
  return BigInt(Math.round(amount * 1e6)) * 10n ** 12n;
}

/** A whole house with ten open markets, each with a funded pool and traders on both sides. */
export async function openHouse(chain: Chain) {
  const contracts = await deploy(chain);
  const { house, token, oracle, orders, signedOrders, feeds } = contracts;
  const [operator, trader, keeperSigner, stranger] = contracts.signers;
  const { send } = chain;

  const accountOf = (owner: string, sub: number) => (BigInt(owner) << 96n) | BigInt(sub);
  const keeper = accountOf(keeperSigner.address, 0);
  const prices = [...FIRST_PRICES];
  let nextAccount = 0;
  const nameOf = chain.ethers.encodeBytes32String;

  async function push(market: number, price: number) {
    const feed = feeds[market];
    if (feed === undefined) throw new RangeError(`no market ${market}`);
    prices[market] = price;
    await send((o) => feed.push(BigInt(Math.round(price * 1e8)), o));
  }

  async function fund(account: bigint, amountUsd: bigint) {
    await send((o) => house.deposit(account, amountUsd / 10n ** 12n, o));
  }

  /** D18{base}, in whole lots: the size of a notional in USD at the first price. */
  const sizeOf = (market: number, notionalUsd: number) =>
    BigInt(Math.round((1_000 * notionalUsd) / (FIRST_PRICES[market] ?? 1))) * LOT_SIZE;

  const tools = {
    ...contracts,
    keeper,
    keeperSigner,
    trader,
    stranger,
    prices,
    push,
    fund,
    accountOf,
    sizeOf,

    /** Makes a contract the house's module of this name. */
    connect: (name: string, module: Addressable) =>
      send((o) => house.setModule(nameOf(name), module, o)),

    /** An account of the trader that lets the operator and the order book trade for it. */
    async newAccount(cashUsd: number): Promise<bigint> {
      const account = accountOf(trader.address, nextAccount++);
      await send((o) => house.connect(trader).setDelegate(account, operator.address, 1, o));
      await send((o) => house.connect(trader).setDelegate(account, orders, 1, o));
      await send((o) => house.connect(trader).setDelegate(account, signedOrders, 1, o));
      if (cashUsd !== 0) await fund(account, usd(cashUsd));
      return account;
    },

    /** Trades at once, at any price. */
    async trade(account: bigint, market: number, sizeDelta: bigint) {
      const request = {
        account,
        market,
        sizeDelta,
        limitPrice: sizeDelta > 0n ? UNLIMITED : 0n,
        spread: 0n,
        reduceOnly: false,
        keeper,
        keeperFeeUsd: 0n,
      };
      await send((o) => house.trade(request, o));
    },

    /** Commits an order and returns its gas and number. */
    async commit(account: bigint, market: number, sizeDelta: bigint, reduceOnly = false) {
      const order = {
        account,
        market,
        sizeDelta,
        limitPrice: sizeDelta > 0n ? UNLIMITED : 0n,
        reduceOnly,
        trigger: 0n,
        triggerPrice: 0n,
        keeperFeeUsd: KEEPER_FEE,
        expiry: BigInt(chain.now() + 86_400),
      };
      const orderId = await orders.nextOrderId();
      const receipt = await send((o) => orders.connect(trader).commit(order, o));
      return { orderId, gas: Number(receipt.gasUsed) };
    },

    /** The keeper's transaction for an order, at a round published after it. */
    async execute(market: number, orderId: bigint): Promise<number> {
      await push(market, prices[market] ?? 0);
      const receipt = await send((o) => orders.connect(keeperSigner).execute(orderId, keeper, o));
      return Number(receipt.gasUsed);
    },

    /** An order of the trader's at the last price, signed. */
    async sign(account: bigint, market: number, size: bigint) {
      const order = {
        account,
        market: BigInt(market),
        size,
        limitPrice: usd(prices[market] ?? 0),
        expiry: BigInt(chain.now() + 86_400),
        nonce: 0n,
        counterparty: 0n,
        signer: trader.address,
        reduceOnly: false,
        makerOnly: false,
      };
      const { chainId } = await chain.ethers.provider.getNetwork();
      return signOrder({ chainId, signedOrders: await signedOrders.getAddress() }, order, trader);
    },

    /** Time passes, in which every feed goes on publishing and is observed. */
    async wait(seconds: number) {
      const end = chain.now() + seconds;
      while (chain.now() < end) {
        chain.skip(300);
        for (let market = 0; market < MARKETS; ++market) await push(market, prices[market] ?? 0);
        await send((o) => oracle.poke(ALL_MARKETS, o));
      }
    },

    /** Others trade in these markets: what was published becomes an observed round. */
    observe: (markets: bigint) => send((o) => oracle.poke(markets, o)),
  };

  await send((o) => token.mint(operator.address, 10n ** 15n, o));
  await send((o) => token.approve(house, 2n ** 256n - 1n, o));
  await fund(accountOf(await contracts.insurance.getAddress(), 0), usd(Number(INSURANCE_USD)));
  await fund(keeper, usd(10));
  for (const pool of contracts.pools) await fund(pool, usd(Number(POOL_USD)));
  const bull = await tools.newAccount(1_000_000);
  const bear = await tools.newAccount(1_000_000);
  for (let market = 0; market < MARKETS; ++market) {
    await tools.trade(bull, market, sizeOf(market, 600_000));
    await tools.trade(bear, market, -sizeOf(market, 500_000));
  }
  await tools.wait(3 * BUCKET_SECONDS);
  return { ...tools, bull, bear };
}

async function deploy(chain: Chain) {
  const { ethers, send } = chain;
  const signers = await ethers.getSigners();
  const [operator, trader, keeper, stranger] = signers;
  if (!operator || !trader || !keeper || !stranger) throw new Error("the network has no accounts");
  const create = ethers.deployContract;
  const key = ethers.encodeBytes32String;

  const authority = await create("AccessManager", [operator.address]);
  const token = await create("TestToken", ["Test Dollar", "tUSD", 6, 2n ** 256n - 1n]);
  const MarketEvents = await create("MarketEvents");
  const CreditLines = await create("CreditLines");
  const linked = { libraries: { MarketEvents, CreditLines } };
  const CreditPath = await create("CreditPath", linked);
  const LossTiers = await create("LossTiers", linked);
  const covered = { libraries: { ...linked.libraries, LossTiers } };
  const InventoryPath = await create("InventoryPath", covered);
  const house = await create("ClearingHouse", [token, authority, usd(5)], {
    libraries: {
      CoveragePath: await create("CoveragePath"),
      CreditPath,
      DefaultPath: await create("DefaultPath", covered),
      Governing: await create("Governing"),
      HouseViews: await create("HouseViews", linked),
      InventoryPath,
      LiquidationMatchPath: await create("LiquidationMatchPath", linked),
      LiquidationPath: await create("LiquidationPath", linked),
      LossTiers,
      MatchPath: await create("MatchPath", linked),
      Reconciliation: await create("Reconciliation"),
      WindDownPath: await create("WindDownPath", { libraries: { MarketEvents, InventoryPath } }),
      SettlementPath: await create("SettlementPath", {
        libraries: { ...linked.libraries, CreditPath },
      }),
      TakeOverPath: await create("TakeOverPath", {
        libraries: { ...linked.libraries, InventoryPath },
      }),
      Trading: await create("Trading", linked),
    },
  });
  const sequencer = await create("MockSequencerFeed", [operator.address, 1_800_000_000n]);
  const sequencerProxy = await create("FeedProxy", [operator.address, sequencer]);
  const oracle = await create("OracleRouter", [authority, sequencerProxy, GRACE_SECONDS]);
  const risk = await create("RiskEngine", [authority]);
  const liquidation = await create("LiquidationEngine", [authority, risk]);
  const waterfall = await create("LossWaterfall", [house, authority]);
  const insurance = await create("InsuranceFund", [house]);
  const orders = await create("DelayedOrders", [house, authority]);
  const signedOrders = await create("SignedOrders", [house]);
  const feeds = [];
  for (let market = 0; market < MARKETS; ++market) {
    feeds.push(await create("ReplayFeed", [operator.address, `feed ${market}`, 8]));
  }

  const proxies: string[] = [];
  for (const feed of feeds) {
    proxies.push(await (await create("FeedProxy", [operator.address, feed])).getAddress());
  }
  // Connected by the routes that need them: the others measure a house without.
  const BackstopRule = await create("BackstopRule");
  const backstop = await create("BackstopPool", [house, authority, "Backstop", "STOP"], {
    libraries: { BackstopRule },
  });
  const vault = await create("CreditVault", [house, authority, "Credit", "CREDIT"]);
  const auction = await create("CollateralAuction", [vault, house]);
  const collateral = await create("TestToken", ["Test Ether", "tETH", 18, 2n ** 256n - 1n]);
  const collateralFeed = await create("ReplayFeed", [operator.address, "collateral", 8]);
  const collateralProxy = await create("FeedProxy", [operator.address, collateralFeed]);

  const modules = { risk, oracle, liquidation, waterfall, insurance };
  for (const [name, module] of Object.entries(modules)) {
    await send((o) => house.setModule(key(name), module, o));
  }
  await send((o) => house.setVenue(operator.address, true, o));
  await send((o) => house.setVenue(orders, true, o));
  await send((o) => house.setVenue(signedOrders, true, o));

  const pools: bigint[] = [];
  for (const [market, feed] of feeds.entries()) {
    const price = FIRST_PRICES[market] ?? 1;
    const pool = BigInt(ethers.id(`pool ${market}`).slice(0, 42)) << 96n;
    pools.push(pool);
    const proxy = proxies[market] ?? "";
    await send((o) => feed.push(BigInt(price) * 10n ** 8n, o));
    await send((o) => oracle.setFeed(market, feedConfig(proxy), o));
    await send((o) => risk.setRiskTerms(market, RISK_TERMS, o));
    await send((o) => risk.setCoverTerms(market, COVER_TERMS, o));
    await send((o) => risk.setAdaptiveTerms(market, { ...ADAPTIVE_TERMS, source: oracle }, o));
    await send((o) => liquidation.setLiquidationTerms(market, LIQUIDATION_TERMS, o));
    await send((o) => liquidation.setAuctionTerms(market, { durationSeconds: 90 }, o));
    await send((o) => waterfall.setInsuranceTerms(market, INSURANCE_TERMS, o));
    await send((o) => orders.setOrderTerms(market, ORDER_TERMS, o));
    await send((o) => house.listMarket(market, marketTerms(pool, price), o));
    await send((o) => house.setMarketMode(market, OPEN, o));
  }
  return {
    ...{ backstop, vault, auction, collateral, collateralFeed, collateralProxy },
    ...{ house, token, oracle, orders, signedOrders, insurance, feeds, pools },
    signers: [operator, trader, keeper, stranger] as const,
  };
}

/** MarketMode.Open */
const OPEN = 1;

const RISK_TERMS = {
  initialMargin: usd(0.05),
  maintenanceMargin: usd(0.03),
  sizeSlope: usd(0.005),
  gainShare: usd(0.9),
  multiplier: usd(1),
  maxMultiplier: usd(3),
  maxCharge: usd(0.5),
  rampStartUsd: usd(50_000_000),
  rampEndUsd: usd(100_000_000),
};

/**
 * The tranche alone is not enough, so every opening looks at both buffers; with the fund it is, whatever a default costs. Positions are looked at for
 * concentration in markets above bootstrap / move, 5M USD: however many accounts a crowd has, it stays below.
 */
const COVER_TERMS = {
  coverageTarget: usd(0.015),
  bootstrapUsd: usd(100_000),
  fundShare: usd(1),
  concentrationMove: usd(0.02),
  premiumRate: usd(0.0001),
};

/** Margins follow what the oracle router measures, by so little that prices which jump from scene to scene raise none. */
const REGIME_CAPS: [bigint, bigint, bigint, bigint] = [usd(0.2), usd(0.2), usd(0.2), usd(0.2)];
const ADAPTIVE_TERMS = {
  horizonSeconds: 60n,
  deviations: usd(0.1),
  regimeCaps: REGIME_CAPS,
};

const LIQUIDATION_TERMS = {
  target: usd(1.15),
  equityShare: usd(0.8),
  maxPenaltyRate: usd(0.01),
  keeperShare: usd(0.4),
  sliceShare: usd(0.25),
  windowSeconds: 10n,
  smallNotionalUsd: usd(5_000),
  gasFloorUsd: usd(1),
  referenceRange: usd(6) / 1_000n,
};

const INSURANCE_TERMS = { eventCap: usd(0.25), epochCap: usd(0.5), coinsurance: usd(0.1) };

const ORDER_TERMS = { maxWaitSeconds: 60n, spread: usd(0.005), minKeeperFeeUsd: KEEPER_FEE };

export function feedConfig(feed: string) {
  return {
    feed,
    maxAge: 3_600n,
    floor: usd(1),
    ceiling: usd(1_000_000),
    jumpBand: usd(0.6),
    bucketLength: BigInt(BUCKET_SECONDS),
  };
}

export function marketTerms(pool: bigint, price: number) {
  const skewScale = (SKEW_SCALE_USD * 10n ** 18n) / BigInt(price);
  return {
    pool,
    skewScale,
    exposureCap: skewScale / 50n,
    lotSize: LOT_SIZE,
    minNotionalUsd: usd(250),
    maxFundingRate: usd(0.0274),
    maxFundingVelocity: usd(0.09),
    takerFee: usd(0.0005),
    makerFee: usd(0.0002),
    insuranceShare: usd(0.2),
    band: usd(0.02),
    unwindTolerance: usd(0.001),
    tearUpLoss: usd(0.01),
    tearUpDelay: 600n,
  };
}

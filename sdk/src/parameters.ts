import { z } from "zod";
import { formatD18, ONE, parseD18 } from "./amounts.ts";
import { addressText, d18Text } from "./codecs.ts";

/** A D18 between two bounds, both included, in whole steps. Bounds are those of the contracts. */
function d18Between(min: string, max: string, step = "0.000000000000000001") {
  const [low, high, unit] = [parseD18(min), parseD18(max), parseD18(step)];
  return d18Text.check((context) => {
    const value = context.value;
    if (value < low || value > high) {
      refuse(context, `is ${formatD18(value)}; allowed are ${min} to ${max}`);
    } else if (value % unit !== 0n) {
      refuse(context, `is ${formatD18(value)}; it must be a multiple of ${step}`);
    }
  });
}

function secondsBetween(min: number, max: number) {
  return z.int().check((context) => {
    const value = context.value;
    if (value < min || value > max) {
      refuse(context, `is ${value} s; allowed are ${min} to ${max} s`);
    }
  });
}

interface Refusable {
  readonly issues: z.core.$ZodRawIssue[];
  readonly value: unknown;
}

/** Adds an issue about the value, or about what is at `path` inside it. */
function refuse(context: Refusable, message: string, path: PropertyKey[] = []): void {
  context.issues.push({ code: "custom", input: context.value, message, path });
}

/** A price bound as the router keeps it: at most three significant digits. */
const priceBound = d18Between("0", "10000000000000").check((context) => {
  const digits = String(context.value).replace(/0+$/, "");
  if (digits.length > 3) {
    refuse(context, `is ${formatD18(context.value)}; at most three significant digits are kept`);
  }
});

/** Rates of the house are kept in millionths, those of the engines in billionths. */
const PIP = "0.000001";
const NANO = "0.000000001";
const DAY_SECONDS = 86_400;
/** Numbers that the oracle router keeps prices under. */
const PRICES = 64;
const MAX_BASE = "1000000000000000";

const chainlinkFeedSchema = z.strictObject({
  kind: z.literal("chainlink"),
  /** The proxy that readers are told to use. */
  address: addressText,
  /** What the feed must call itself, so that no market reads another's prices. */
  description: z.string().min(1),
});

const replayFeedSchema = z.strictObject({
  kind: z.literal("replay"),
  description: z.string().min(1),
  decimals: z.int().min(0).max(18),
  /** D18{USD/base}, the first round. */
  price: d18Between("0.000000000001", "1000000000"),
});

const feedSchema = z.discriminatedUnion("kind", [chainlinkFeedSchema, replayFeedSchema]);

/** A feed of one Chainlink Data Stream, which is deployed; it has no price before somebody brings a report. */
const streamFeedSchema = z.strictObject({
  kind: z.literal("stream"),
  /** Chainlink's VerifierProxy. */
  verifier: addressText,
  streamId: z
    .string()
    .regex(/^0x0003[0-9a-f]{60}$/, "0x0003 and 60 small hex digits: a crypto stream (schema v3)"),
  description: z.string().min(1),
  /** Of the stream's prices. */
  decimals: z.int().min(0).max(24),
  /** {s}, from a report's observation until it is refused. */
  reportSeconds: secondsBetween(1, 60),
});

/** `ISecondSource.SecondaryConfig`: a second source beside the feed. */
const secondarySchema = z.strictObject({
  feed: z.discriminatedUnion("kind", [chainlinkFeedSchema, replayFeedSchema, streamFeedSchema]),
  /** {s}, from its publication until a round is no price any more. */
  maxAgeSeconds: secondsBetween(60, 2 * DAY_SECONDS),
  /** D18{1}, largest distance between both sources. */
  maxDeviation: d18Between("0.001", "0.2", "0.0001"),
});

/** Sources take turns within their limit; a turn must not be a jump. */
function checkSecondary(context: {
  readonly issues: z.core.$ZodRawIssue[];
  readonly value: {
    readonly feed: z.output<typeof feedSchema>;
    readonly oracle: { readonly jumpBand: bigint };
    readonly secondary: z.output<typeof secondarySchema> | null;
  };
}): void {
  const { feed, oracle, secondary } = context.value;
  if (secondary === null) return;
  if (secondary.maxDeviation > oracle.jumpBand) {
    const message = `is ${formatD18(secondary.maxDeviation)}; at most the jumpBand ${formatD18(oracle.jumpBand)}`;
    refuse(context, message, ["secondary", "maxDeviation"]);
  }
  const { feed: other } = secondary;
  if (
    feed.kind === "chainlink" &&
    other.kind === "chainlink" &&
    feed.address.toLowerCase() === other.address.toLowerCase()
  ) {
    refuse(context, `is ${other.address}, as the feed it is to be compared with`, [
      "secondary",
      "feed",
      "address",
    ]);
  }
}

const oracleSchema = z
  .strictObject({
    /** {s}, how often the feed publishes even when nothing moves. */
    heartbeatSeconds: secondsBetween(1, 2 * DAY_SECONDS),
    maxAgeSeconds: secondsBetween(60, 2 * DAY_SECONDS),
    floor: priceBound,
    ceiling: priceBound,
    jumpBand: d18Between("0.005", "0.6", "0.0001"),
    bucketSeconds: secondsBetween(60, 21_600),
  })
  .check((context) => {
    const { floor, ceiling, maxAgeSeconds, heartbeatSeconds } = context.value;
    if (floor >= ceiling) {
      refuse(
        context,
        `is ${formatD18(floor)}; it must be below the ceiling ${formatD18(ceiling)}`,
        ["floor"],
      );
    }
    if (maxAgeSeconds < heartbeatSeconds) {
      const message = `is ${maxAgeSeconds} s; below the heartbeat of ${heartbeatSeconds} s a calm market goes stale`;
      refuse(context, message, ["maxAgeSeconds"]);
    }
  });

/** `IClearingHouse.MarketTerms` without the pool. */
export const marketTermsSchema = z
  .strictObject({
    skewScale: d18Between("0.000000000001", MAX_BASE),
    exposureCap: d18Between("0.000000000000000001", MAX_BASE),
    lotSize: d18Between("0.000000000000000001", "18"),
    minNotionalUsd: d18Between("0", "100000"),
    maxFundingRate: d18Between("0", "9"),
    maxFundingVelocity: d18Between("0", "9"),
    takerFee: d18Between("0", "0.01", PIP),
    makerFee: d18Between("0", "0.01", PIP),
    insuranceShare: d18Between("0", "1", PIP),
    band: d18Between("0.001", "0.2", PIP),
    unwindTolerance: d18Between("0", "0.05", PIP),
    tearUpLoss: d18Between("0.001", "0.2", PIP),
    tearUpDelaySeconds: secondsBetween(60, DAY_SECONDS),
  })
  .check((context) => {
    const { makerFee, takerFee } = context.value;
    if (makerFee > takerFee) {
      const message = `is ${formatD18(makerFee)}; at most the takerFee ${formatD18(takerFee)}`;
      refuse(context, message, ["makerFee"]);
    }
  });

/** `IRiskEngine.RiskTerms`. */
export const riskTermsSchema = z
  .strictObject({
    initialMargin: d18Between("0.005", "1", NANO),
    maintenanceMargin: d18Between("0.0025", "1", NANO),
    sizeSlope: d18Between("0", "0.2", NANO),
    gainShare: d18Between("0", "1", NANO),
    multiplier: d18Between("1", "4", NANO),
    maxMultiplier: d18Between("1", "4", NANO),
    maxCharge: d18Between("0", "1", NANO),
    rampStartUsd: d18Between("0", "100000000000000000000"),
    rampEndUsd: d18Between("0", "100000000000000000000"),
  })
  .check((context) => {
    const terms = context.value;
    if (terms.maintenanceMargin > terms.initialMargin) {
      const message = `is ${formatD18(terms.maintenanceMargin)}; at most the initialMargin ${formatD18(terms.initialMargin)}`;
      refuse(context, message, ["maintenanceMargin"]);
    }
    if (terms.multiplier > terms.maxMultiplier) {
      const message = `is ${formatD18(terms.multiplier)}; at most the maxMultiplier ${formatD18(terms.maxMultiplier)}`;
      refuse(context, message, ["multiplier"]);
    }
    if (terms.initialMargin * terms.maxMultiplier > 10n ** 36n) {
      const message = `is ${formatD18(terms.maxMultiplier)}; times the initialMargin ${formatD18(terms.initialMargin)} it passes 1`;
      refuse(context, message, ["maxMultiplier"]);
    }
    if (terms.rampEndUsd <= terms.rampStartUsd) {
      const message = `is ${formatD18(terms.rampEndUsd)}; it must be above rampStartUsd ${formatD18(terms.rampStartUsd)}`;
      refuse(context, message, ["rampEndUsd"]);
    }
  });

/** `IAdaptiveMargin.AdaptiveTerms`, volatility being what the oracle router measures. */
export const adaptiveTermsSchema = z
  .strictObject({
    /** {s}, how long a liquidation may take. */
    horizonSeconds: secondsBetween(60, DAY_SECONDS),
    /** Deviations of the price over that time that maintenance margin has to bear. */
    deviations: d18Between("0.1", "20", "0.001"),
    /** D18{1}, most that each component of the regime adds. */
    regimeCaps: z.strictObject({
      macro: d18Between("0", "1", "0.01"),
      correlation: d18Between("0", "1", "0.01"),
      congestion: d18Between("0", "1", "0.01"),
      cluster: d18Between("0", "1", "0.01"),
    }),
  })
  .check((context) => {
    const sum = regimeCapsOf(context.value).reduce((total, cap) => total + cap, 0n);
    if (sum > ONE) {
      refuse(context, `are ${formatD18(sum)} together; at most 1`, ["regimeCaps"]);
    }
  });

/** Caps of the regime's components in the contract's order. */
export function regimeCapsOf({
  regimeCaps: { macro, correlation, congestion, cluster },
}: {
  readonly regimeCaps: Readonly<Record<RegimeComponent, bigint>>;
}): readonly [bigint, bigint, bigint, bigint] {
  return [macro, correlation, congestion, cluster];
}

type RegimeComponent = "macro" | "correlation" | "congestion" | "cluster";

/** `IRiskEngine.CoverTerms`. */
export const coverTermsSchema = z.strictObject({
  /** D18{1} of the open interest; 0 keeps no level of coverage. */
  coverageTarget: d18Between("0", "0.5", NANO),
  bootstrapUsd: d18Between("0", "100000000000000000000"),
  /** D18{1}, share of the insurance fund that this market counts on. */
  fundShare: d18Between("0", "1", NANO),
  /** D18{1}, move against a single position that the buffers are measured by; 0 charges no concentration. */
  concentrationMove: d18Between("0", "1", NANO),
  /** D18{1} of the notional opened, from nothing and with all its equity, by an account in good standing. */
  premiumRate: d18Between("0", "0.005", NANO),
});

/** A limit of the circuit breaker: 0 switches it off. */
function limitBetween(min: string, max: string) {
  const [low, high, unit] = [parseD18(min), parseD18(max), parseD18(PIP)];
  return d18Text.check((context) => {
    const value = context.value;
    if (value !== 0n && (value < low || value > high)) {
      refuse(context, `is ${formatD18(value)}; allowed are 0 and ${min} to ${max}`);
    } else if (value % unit !== 0n) {
      refuse(context, `is ${formatD18(value)}; it must be a multiple of ${PIP}`);
    }
  });
}

/** `ICircuitBreaker.BreakerTerms`. */
const breakerTermsSchema = z
  .strictObject({
    moveGuard: limitBetween("0.02", "0.5"),
    moveHalt: limitBetween("0.1", "1"),
    drawdownGuard: limitBetween("0.05", "1"),
    drawdownHalt: limitBetween("0.25", "1"),
    surgeGuard: limitBetween("0.25", "10"),
    outflowGuard: limitBetween("0.1", "1"),
    /** D18{base}, D18{USD}: figures count as at least these before they changed. */
    calmOpenInterest: d18Between("0", MAX_BASE),
    calmBuffersUsd: d18Between("0", "100000000000000000000"),
    calmPoolUsd: d18Between("0", "100000000000000000000"),
    windowSeconds: secondsBetween(600, DAY_SECONDS),
    standSeconds: secondsBetween(60, 3_600),
    guardSeconds: secondsBetween(60, DAY_SECONDS),
    haltSeconds: secondsBetween(60, 3_600),
  })
  .check((context) => {
    const terms = context.value;
    for (const [halt, guard] of [
      ["moveHalt", "moveGuard"],
      ["drawdownHalt", "drawdownGuard"],
    ] as const) {
      if (terms[halt] !== 0n && (terms[guard] === 0n || terms[halt] < terms[guard])) {
        const message = `is ${formatD18(terms[halt])}; there must be a ${guard}, and it is at least that (${formatD18(terms[guard])})`;
        refuse(context, message, [halt]);
      }
    }
    if (terms.standSeconds > terms.windowSeconds) {
      const message = `is ${terms.standSeconds} s; at most the windowSeconds ${terms.windowSeconds}`;
      refuse(context, message, ["standSeconds"]);
    }
  });

/** `ILiquidationEngine.LiquidationTerms`. */
const liquidationTermsSchema = z.strictObject({
  target: d18Between("1.01", "2", NANO),
  equityShare: d18Between("0", "0.95", NANO),
  maxPenaltyRate: d18Between("0", "0.1", NANO),
  keeperShare: d18Between("0", "1", NANO),
  sliceShare: d18Between("0.01", "1", NANO),
  windowSeconds: secondsBetween(1, 3_600),
  smallNotionalUsd: d18Between("0", "1000000", "1"),
  gasFloorUsd: d18Between("0", "1000", PIP),
  referenceRange: d18Between("0.0001", "1", PIP),
});

/** `ILiquidationEngine.AuctionTerms`. */
const auctionTermsSchema = z.strictObject({ durationSeconds: secondsBetween(10, 3_600) });

/** `ILossWaterfall.InsuranceTerms`. */
const insuranceTermsSchema = z
  .strictObject({
    eventCap: d18Between("0", "1"),
    epochCap: d18Between("0", "1"),
    coinsurance: d18Between("0.05", "0.5"),
  })
  .check((context) => {
    const { eventCap, epochCap } = context.value;
    if (eventCap > epochCap) {
      const message = `is ${formatD18(eventCap)}; at most the epochCap ${formatD18(epochCap)}`;
      refuse(context, message, ["eventCap"]);
    }
  });

/** `ILossWaterfall.TierTerms`. */
const tierTermsSchema = z
  .strictObject({ eventCap: d18Between("0", "1"), epochCap: d18Between("0", "1") })
  .check((context) => {
    const { eventCap, epochCap } = context.value;
    if (eventCap > epochCap) {
      const message = `is ${formatD18(eventCap)}; at most the epochCap ${formatD18(epochCap)}`;
      refuse(context, message, ["eventCap"]);
    }
  });

/** `ILossWaterfall.SplitTerms`: what of a tranche's inflow leaves it. */
const splitTermsSchema = z
  .strictObject({ fund: d18Between("0", "1"), protocol: d18Between("0", "1") })
  .check((context) => {
    const { fund, protocol } = context.value;
    if (fund + protocol > parseD18("1")) {
      const message = `is ${formatD18(protocol)}; with the fund's ${formatD18(fund)} at most 1`;
      refuse(context, message, ["protocol"]);
    }
  });

/** `IBackstopPool.BackstopTerms`. */
const backstopTermsSchema = z.strictObject({
  capUsd: d18Between("0", "1000000000", "1"),
  epochCapUsd: d18Between("0", "1000000000", "1"),
  maxConcession: d18Between("0", "0.1", PIP),
  unwindShare: d18Between("0.001", "1", PIP),
  unwindTolerance: d18Between("0", "0.05", PIP),
  unwindIntervalSeconds: secondsBetween(10, DAY_SECONDS),
});

/** The backstop pool over all markets. */
const backstopSchema = z.strictObject({
  name: z.string().min(1),
  symbol: z.string().min(1),
  /** D18{1}, largest notional per redeemable value. */
  maxLeverage: d18Between("0.1", "10"),
  /** D18{1}, of the part of penalties that would go to insurance. */
  penaltyShare: d18Between("0", "0.5", PIP),
});

/** The vault of the protocol's own junior money. */
const reserveSchema = z.strictObject({
  name: z.string().min(1),
  symbol: z.string().min(1),
  /** The only one who may deposit; null leaves it to the deployer. */
  soleDepositor: addressText.nullable(),
});

/** `IDelayedOrders.OrderTerms`. */
const orderTermsSchema = z.strictObject({
  maxWaitSeconds: secondsBetween(5, 600),
  spread: d18Between("0.0005", "0.1"),
  minKeeperFeeUsd: d18Between("0", "100"),
});

const poolSchema = z.strictObject({
  name: z.string().min(1),
  symbol: z.string().min(1),
  delaySeconds: secondsBetween(3_600, 30 * DAY_SECONDS),
});

const marketSchema = z
  .strictObject({
    symbol: z.string().regex(/^[A-Z][A-Z0-9]*$/, "capital letters and digits only"),
    feed: feedSchema,
    oracle: oracleSchema,
    /** A second source of the price; left out, or null, where there is none. */
    secondary: secondarySchema.nullable().default(null),
    pool: poolSchema,
    terms: marketTermsSchema,
    risk: riskTermsSchema,
    /** Null where margins stand still. */
    adaptive: adaptiveTermsSchema.nullable(),
    cover: coverTermsSchema,
    liquidation: liquidationTermsSchema,
    auctions: auctionTermsSchema,
    insurance: insuranceTermsSchema,
    /** Caps of the tiers after the fund. */
    tiers: z.strictObject({ protocol: tierTermsSchema, backstop: tierTermsSchema }),
    split: splitTermsSchema,
    orders: orderTermsSchema,
    backstop: backstopTermsSchema,
    breaker: breakerTermsSchema,
  })
  .check((context) => {
    const { pool, oracle } = context.value;
    if (pool.delaySeconds <= 2 * oracle.bucketSeconds) {
      const message = `is ${pool.delaySeconds} s; it must be more than two buckets of ${oracle.bucketSeconds} s`;
      refuse(context, message, ["pool", "delaySeconds"]);
    }
    checkSecondary(context);
  });

/** A test token with a faucet, or one that is there. */
const tokenOf = (leastDecimals: number, mostDecimals: number) =>
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("test"),
      name: z.string().min(1),
      symbol: z.string().min(1),
      decimals: z.int().min(leastDecimals).max(mostDecimals),
      /** Whole tokens that one call of the faucet may mint. */
      mintCap: d18Between("1", "1000000000000", "1"),
    }),
    z.strictObject({ kind: z.literal("existing"), address: addressText }),
  ]);

const tokenSchema = tokenOf(2, 18);

/** `RateTerms` of the credit vault. */
const rateTermsSchema = z
  .strictObject({
    baseRate: d18Between("0", "4"),
    kinkRate: d18Between("0", "4"),
    maxRate: d18Between("0", "4"),
    kinkUtilization: d18Between("0.1", "0.99"),
  })
  .check((context) => {
    const { baseRate, kinkRate, maxRate } = context.value;
    if (baseRate > kinkRate || kinkRate > maxRate) {
      const message = `is ${formatD18(kinkRate)}; it must be from the baseRate ${formatD18(baseRate)} to the maxRate ${formatD18(maxRate)}`;
      refuse(context, message, ["kinkRate"]);
    }
  });

/** `ICreditVault.CollateralTerms` without the number of the price. */
const collateralTermsSchema = z
  .strictObject({
    cap: d18Between("0", "1000000000000000000"),
    topShare: d18Between("0", "0.95"),
    minShare: d18Between("0", "0.95"),
    sizeSlope: d18Between("0", "100"),
    depth: d18Between("0.000000000000000001", "1000000000000000000"),
    maxDiscount: d18Between("0.01", "0.3"),
    auctionSeconds: secondsBetween(30, 3_600),
  })
  .check((context) => {
    const { topShare, minShare, maxDiscount } = context.value;
    if (minShare > topShare || 2n * minShare < topShare) {
      const message = `is ${formatD18(minShare)}; it must be from half of the topShare ${formatD18(topShare)} to all of it`;
      refuse(context, message, ["minShare"]);
    }
    if (topShare + maxDiscount > parseD18("0.97")) {
      const message = `is ${formatD18(maxDiscount)}; with the topShare ${formatD18(topShare)} at most 0.97, or a sale might not restore`;
      refuse(context, message, ["maxDiscount"]);
    }
  });

const collateralSchema = z
  .strictObject({
    symbol: z.string().regex(/^[A-Z][A-Z0-9]*$/, "capital letters and digits only"),
    token: tokenOf(0, 24),
    feed: feedSchema,
    oracle: oracleSchema,
    /** As a market's. */
    secondary: secondarySchema.nullable().default(null),
    terms: collateralTermsSchema,
  })
  .check(checkSecondary);

/** The credit vault; without collateral it lends to nobody. */
const creditSchema = z.strictObject({
  name: z.string().min(1),
  symbol: z.string().min(1),
  rates: rateTermsSchema,
  collateral: z.array(collateralSchema).max(16),
});

const sequencerSchema = z.strictObject({
  /** Chainlink's uptime feed; null deploys a stand-in that is up. */
  address: addressText.nullable(),
  graceSeconds: secondsBetween(60, DAY_SECONDS),
});

const rolesSchema = z.strictObject({
  /** Who governs; null leaves it to the deployer. */
  governor: addressText.nullable(),
  /** {s}, between a governor's decision and its effect. */
  governorDelaySeconds: secondsBetween(0, 30 * DAY_SECONDS),
  /** Who may accept jumps and stop markets; null leaves it to the deployer. */
  guardian: addressText.nullable(),
  /** Who may change risk parameters in small steps; null leaves it to the deployer. */
  steward: addressText.nullable(),
  /** Who may raise the regime besides guardian and steward, such as a keeper that forecasts; null: nobody. */
  forecaster: addressText.nullable(),
});

/** What `IRiskSteward.RiskParameter` calls them, in its order. */
export const RISK_PARAMETERS = [
  "initialMargin",
  "maintenanceMargin",
  "sizeSlope",
  "gainShare",
  "multiplier",
  "maxMultiplier",
  "maxCharge",
  "rampStartUsd",
  "rampEndUsd",
  "coverageTarget",
  "bootstrapUsd",
  "concentrationMove",
  "horizonSeconds",
  "deviations",
  "macroCap",
  "correlationCap",
  "congestionCap",
  "clusterCap",
  "exposureCap",
  "target",
  "equityShare",
  "maxPenaltyRate",
  "keeperShare",
  "sliceShare",
  "windowSeconds",
  "smallNotionalUsd",
  "gasFloorUsd",
  "referenceRange",
  "auctionSeconds",
] as const;
export type RiskParameterName = (typeof RISK_PARAMETERS)[number];

/** How far and how often the steward may change a parameter of every market. Shares are D18{1} of what the market begins with. */
const stewardLimitsSchema = z.strictObject({
  /** Of the value, at once. */
  stepUp: d18Between("0", "0.25", NANO),
  stepDown: d18Between("0", "0.25", NANO),
  /** No step ends below, or above. */
  lowest: d18Between("0", "1", NANO),
  highest: d18Between("1", "100", NANO),
  cooldownSeconds: secondsBetween(3_600, 30 * DAY_SECONDS),
});

/** Everything about a deployment that is a choice. */
export const parametersSchema = z
  .strictObject({
    network: z.string().min(1),
    chainId: z.int().positive(),
    token: tokenSchema,
    /** L2 networks only. */
    sequencer: sequencerSchema.nullable(),
    liquidationDepositUsd: d18Between("0", "650", "0.01"),
    /** D18{1}, largest part of each tier that all markets together may take in a day. */
    houseEpochCaps: z.strictObject({
      fund: d18Between("0.1", "1"),
      protocol: d18Between("0.1", "1"),
      backstop: d18Between("0.1", "1"),
    }),
    backstop: backstopSchema,
    reserve: reserveSchema,
    roles: rolesSchema,
    /** Those that are not named are not the steward's. */
    steward: z.partialRecord(z.enum(RISK_PARAMETERS), stewardLimitsSchema),
    credit: creditSchema,
    markets: z.array(marketSchema).min(1).max(64),
  })
  .check((context) => {
    const { markets, credit } = context.value;
    const symbols = markets.map((market) => market.symbol);
    for (const [index, symbol] of symbols.entries()) {
      if (symbols.indexOf(symbol) !== index) {
        refuse(context, `is ${symbol}, as is that of market ${symbols.indexOf(symbol)}`, [
          "markets",
          index,
          "symbol",
        ]);
      }
    }
    const assets = credit.collateral.map((each) => each.symbol);
    for (const [index, symbol] of assets.entries()) {
      if (assets.indexOf(symbol) !== index) {
        const message = `is ${symbol}, as is that of collateral ${assets.indexOf(symbol)}`;
        refuse(context, message, ["credit", "collateral", index, "symbol"]);
      }
    }
    const prices = markets.length + assets.length;
    if (prices > PRICES) {
      const message = `has ${assets.length}; with ${markets.length} markets at most ${PRICES - markets.length}`;
      refuse(context, message, ["credit", "collateral"]);
    }
  });

export type Parameters = z.output<typeof parametersSchema>;
export type CollateralParameters = Parameters["credit"]["collateral"][number];
export type FeedParameters = z.output<typeof feedSchema>;
export type SecondaryParameters = z.output<typeof secondarySchema>;
export type OracleParameters = z.output<typeof oracleSchema>;
export type MarketParameters = Parameters["markets"][number];

/** Number of a collateral's price in the oracle router: from the top, so that markets keep theirs from 0. */
export const collateralPriceMarket = (index: number): number => PRICES - 1 - index;

/** Parameters that cannot be used; each problem is one line "setting message". */
export class ParametersError extends Error {
  override readonly name = "ParametersError";
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[]) {
    super(`${source} cannot be used:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

/** Reads parameters from JSON text; `source` names it in errors. */
export function parseParameters(text: string, source: string): Parameters {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ParametersError(source, [`it is not JSON: ${reason}`]);
  }
  const result = parametersSchema.safeParse(json);
  if (!result.success) throw new ParametersError(source, result.error.issues.map(describeIssue));
  return result.data;
}

export function describeIssue(issue: z.core.$ZodIssue): string {
  const setting = issue.path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
  return setting === "" ? issue.message : `${setting}: ${issue.message}`;
}

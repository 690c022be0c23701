import type {
  AccountReport,
  MarketReport,
  PlanCode,
  PositionReport,
  PriceStatus,
  TakeOverPlan,
} from "../../../keepers/src/read/reports.ts";
import { enums } from "../../../sdk/src/abis/enums.ts";
import { ONE } from "../../../sdk/src/amounts.ts";

/** A market of the usual terms: K 500 000, lot 0.001, m_M 3 %, μ 0.5 %, at 2 000 USD. */
export function aMarket({
  market = 0,
  price = 2_000n * ONE,
  publishedAt = 1_000n,
  status = "Valid",
  ...rest
}: {
  market?: number;
  price?: bigint;
  publishedAt?: bigint;
  status?: PriceStatus;
  skew?: bigint;
  inventorySize?: bigint;
  inventoryPlan?: TakeOverPlan;
  poolEquityUsd?: bigint;
  poolMaintenanceUsd?: bigint;
  poolTearUp?: PlanCode;
  state?: Partial<MarketReport["state"]>;
  failure?: string;
} = {}): MarketReport {
  const flat = { size: 0n, quote: 0n, storedSize: 0n, storedQuote: 0n, eventsSeen: 1n };
  const skewScale = 500_000n * ONE;
  return {
    market: BigInt(market),
    terms: {
      pool: 1n,
      skewScale,
      exposureCap: 10_000n * ONE,
      lotSize: ONE / 1_000n,
      minNotionalUsd: 250n * ONE,
      maxFundingRate: (274n * ONE) / 10_000n,
      maxFundingVelocity: (9n * ONE) / 100n,
      takerFee: ONE / 2_000n,
      makerFee: ONE / 5_000n,
      insuranceShare: ONE / 5n,
      band: ONE / 50n,
      unwindTolerance: ONE / 1_000n,
      tearUpLoss: ONE / 100n,
      tearUpDelay: 600n,
    },
    state: {
      mode: BigInt(enums.MarketMode.indexOf("Open")),
      longOpenInterest: 0n,
      shortOpenInterest: 0n,
      longQuote: 0n,
      shortQuote: 0n,
      reserveUsd: 0n,
      uncollectedLossUsd: 0n,
      surplusUsd: 0n,
      pendingLossUsd: 0n,
      fundingIndex: 0n,
      fundingRate: 0n,
      averageSkewRatio: 0n,
      lastPrice: price,
      updatedAt: 0n,
      events: 1n,
      bucketUsedUsd: 0n,
      bucketAt: 0n,
      ...rest.state,
    },
    price: { price, publishedAt, bucket: 1n, status: BigInt(enums.PriceStatus.indexOf(status)) },
    skew: rest.skew ?? 0n,
    depthUsd: (skewScale * price) / (100n * ONE),
    poolEquityUsd: rest.poolEquityUsd ?? 0n,
    poolMaintenanceUsd: rest.poolMaintenanceUsd ?? 0n,
    inventory: { ...flat, size: rest.inventorySize ?? 0n },
    inventoryPlan: rest.inventoryPlan ?? aTakeOver("NoPosition"),
    inventoryFailure: "0x",
    poolTearUp: {
      code: BigInt(enums.PlanCode.indexOf(rest.poolTearUp ?? "NoPosition")),
      equityUsd: 0n,
      maintenanceUsd: 0n,
      closeSize: 0n,
      allowedAt: 0n,
    },
    poolTearUpFailure: "0x",
    stress: {
      windowLow: 0n,
      windowHigh: 0n,
      shortfallUsd: 0n,
      insuranceUsd: 100_000n * ONE,
      isGuarded: false,
    },
    tearUp: flat,
    deficit: flat,
    rates: {
      initialRate: ONE / 20n,
      maintenanceRate: (3n * ONE) / 100n,
      sizeSlope: ONE / 200n,
    },
    priceFailure: "0x",
    poolFailure: "0x",
    ratesFailure: "0x",
    failure: rest.failure ?? "0x",
  };
}

/** A position of `size` that was entered at `entry`, judged at `price`. */
export function aPosition({
  market = 0,
  size,
  entry = 2_000n * ONE,
  price = 2_000n * ONE,
  code = "Healthy",
  takeOver = aTakeOver(code),
  ...plan
}: {
  market?: number;
  size: bigint;
  entry?: bigint;
  price?: bigint;
  code?: PlanCode;
  closeSize?: bigint;
  penaltyUsd?: bigint;
  impactUsd?: bigint;
  keeperRewardUsd?: bigint;
  takeOver?: TakeOverPlan;
}): PositionReport {
  const quote = -(size * entry) / ONE;
  return {
    market: BigInt(market),
    size,
    quote,
    pendingEvents: 0n,
    status: BigInt(enums.PriceStatus.indexOf("Valid")),
    price,
    valueUsd: (size * price) / ONE + quote,
    plan: {
      code: BigInt(enums.PlanCode.indexOf(code)),
      equityUsd: 0n,
      maintenanceUsd: 0n,
      closeSize: plan.closeSize ?? 0n,
      price,
      impactUsd: plan.impactUsd ?? 0n,
      penaltyUsd: plan.penaltyUsd ?? 0n,
      keeperRewardUsd: plan.keeperRewardUsd ?? 0n,
      gasFloorUsd: ONE,
      bucketUsedUsd: 0n,
      accountUsedRatio: 0n,
    },
    planFailure: "0x",
    takeOver,
    takeOverFailure: "0x",
  };
}

/** A take-over, of nothing unless it says otherwise. */
export function aTakeOver(
  code: PlanCode,
  { takeSize = 0n, discountUsd = 0n }: { takeSize?: bigint; discountUsd?: bigint } = {},
): TakeOverPlan {
  return {
    code: BigInt(enums.PlanCode.indexOf(code)),
    equityUsd: 0n,
    maintenanceUsd: 0n,
    elapsedSeconds: 0n,
    takeSize,
    price: 0n,
    discountUsd,
  };
}

/** An account of the given equity and maintenance margin. */
export function anAccount({
  account,
  equityUsd = 0n,
  maintenanceUsd = 0n,
  positions = [],
  ...rest
}: {
  account: bigint;
  equityUsd?: bigint;
  maintenanceUsd?: bigint;
  positions?: readonly PositionReport[];
  cashUsd?: bigint;
  depositUsd?: bigint;
  resolvable?: boolean;
  marginFailure?: string;
  openingEquityUsd?: bigint;
  initialUsd?: bigint;
  distress?: Partial<AccountReport["distress"]>;
  takeOverWhole?: TakeOverPlan;
  slicedAt?: bigint;
}): AccountReport {
  return {
    account,
    state: {
      cashUsd: rest.cashUsd ?? 0n,
      depositUsd: rest.depositUsd ?? 0n,
      heldUsd: 0n,
      markets: 0n,
      version: 1n,
      slicedAt: rest.slicedAt ?? 0n,
      sliceUsedRatio: 0n,
      graceUsd: 0n,
    },
    positions,
    freeCashUsd: 0n,
    freeCashFailure: "0x",
    equityUsd,
    maintenanceUsd,
    openingEquityUsd: rest.openingEquityUsd ?? 0n,
    initialUsd: rest.initialUsd ?? 0n,
    health: 0n,
    distress: {
      startedAt: 0n,
      healthySince: 0n,
      shortfallUsd: 0n,
      elapsedSeconds: 0n,
      ...rest.distress,
    },
    distressFailure: "0x",
    takeOverWhole: rest.takeOverWhole ?? aTakeOver("Healthy"),
    takeOverWholeFailure: "0x",
    resolvable: rest.resolvable ?? false,
    marginFailure: rest.marginFailure ?? "0x",
    failure: "0x",
  };
}

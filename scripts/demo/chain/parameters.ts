import { readParameters } from "../../../deploy/readParameters.ts";
import { ONE } from "../../../sdk/src/amounts.ts";
import type {
  CollateralParameters,
  MarketParameters,
  Parameters,
} from "../../../sdk/src/parameters.ts";
import { greatest, least } from "../bigint.ts";
import { InputError } from "../input-error.ts";
import { MARKET_SLOTS, type MarketSlot, type PriceScenario } from "../prices/path.ts";

/** What one market's pool is good for at its first price. D18{USD} */
export interface Liquidity {
  /**
   * K·P: what moves the pool's price by 100 %. A hundredth of it is the depth D, which is small beside the open interest, as it is where people trade with leverage.
   */
  readonly skewScaleUsd: bigint;
  /** Largest net position of the traders while the book is opened, which is the pool's. */
  readonly netUsd: bigint;
  /** What its liquidity providers pay in. */
  readonly cashUsd: bigint;
}

const LIQUIDITY: Liquidity = {
  skewScaleUsd: 150_000_000n * ONE,
  netUsd: 1_800_000n * ONE,
  cashUsd: 3_000_000n * ONE,
};
/** D18{USD} Open interest, longs and shorts, that the accounts may build up in a market. */
export const OPEN_INTEREST_LIMIT_USD = 40_000_000n * ONE;
/** D18{USD} The traders' net position that the book is laid out for, whatever the pool is good for: it is the same at every depth. */
export const NET_LIMIT_USD = LIQUIDITY.netUsd;

/** Which market's price each collateral of the local network follows here, in their order there: that with 8 decimals, that with 18. */
export const COLLATERAL_SLOTS: readonly MarketSlot[] = ["second", "main"];
/** D18{USD} Of a collateral, at the first price: what lowers the share lent by `sizeSlope`, and what may be deposited. */
const COLLATERAL_DEPTH_USD = 10_000_000n * ONE;
const COLLATERAL_CAP_USD = 100_000_000n * ONE;
/** D18{tok} One call of a collateral's faucet. */
const FAUCET_CAP = 10n ** 12n * ONE;

/** D18{USD} A lot is worth at most so much. */
const LOT_USD = ONE;
/** D18{base} Largest power of ten the house accepts as a lot. */
const MAX_LOT = 10n ** 19n;
/** {s} Longest and shortest time between two rounds of a feed. */
const HEARTBEAT_BOUNDS = { min: 3_600n, max: 129_600n };
/** {s} A round may be so much later than its heartbeat. */
const HEARTBEAT_SLACK = 900n;
/** D18{USD/base} One unit of a feed with 8 decimals. */
const FEED_UNIT = 10n ** 10n;

/** The liquidity of a pool that has `depth` D18{1} times the default. */
export function liquidityAt(depth: bigint): Liquidity {
  const { skewScaleUsd, netUsd, cashUsd } = LIQUIDITY;
  const times = (amountUsd: bigint) => (amountUsd * depth) / ONE;
  return {
    skewScaleUsd: times(skewScaleUsd),
    netUsd: times(netUsd),
    cashUsd: times(cashUsd),
  };
}

/** The local network's parameters, with the markets of a scenario in place of its own. */
export async function demoParameters(query: {
  scenario: PriceScenario;
  liquidity: Liquidity;
}): Promise<Parameters> {
  const local = await readParameters("local");
  const markets = MARKET_SLOTS.map((slot, index) => {
    const template = local.markets[index];
    if (template === undefined) {
      throw new InputError(`the local parameters have no market ${index} for the demo to use`);
    }
    return demoMarket({ ...query, template, slot });
  });
  const collateral = local.credit.collateral.map((template, index) => {
    const slot = COLLATERAL_SLOTS[index];
    if (slot === undefined) {
      throw new InputError("the local parameters have more collaterals than the demo has markets");
    }
    return demoCollateral({ ...query, template, slot });
  });
  return { ...local, sequencer: null, markets, credit: { ...local.credit, collateral } };
}

/** {s} Time between two rounds of the feeds while nothing changes. */
export function heartbeatOf({ main }: PriceScenario): bigint {
  const gaps = main.steps.slice(1).map((step, index) => {
    return step.timestamp - (main.steps[index]?.timestamp ?? step.timestamp);
  });
  const { min, max } = HEARTBEAT_BOUNDS;
  return least([max, greatest([min, ...gaps])]);
}

function demoMarket(market: {
  template: MarketParameters;
  slot: MarketSlot;
  scenario: PriceScenario;
  liquidity: Liquidity;
}): MarketParameters {
  const { template, slot, scenario, liquidity } = market;
  const price = firstPrice(scenario, slot);
  const symbol = symbolOf({ slot, scenario });
  return {
    ...template,
    symbol,
    ...pricedLike({ template, slot, scenario, symbol }),
    pool: { ...template.pool, name: `Breakwater ${symbol} pool`, symbol: `bw${symbol}` },
    terms: {
      ...template.terms,
      skewScale: (liquidity.skewScaleUsd * ONE) / price,
      // Twice the limit of the book at the first price: size stays, but the price may double.
      exposureCap: (2n * liquidity.netUsd * ONE) / price,
      lotSize: lotSizeAt(price),
    },
    // The book is far larger than its insurance is meant for: what is shown is what happens then.
    cover: { ...template.cover, coverageTarget: 0n, concentrationMove: 0n, premiumRate: 0n },
  };
}

/** A collateral whose price is that of a market. */
function demoCollateral(collateral: {
  template: CollateralParameters;
  slot: MarketSlot;
  scenario: PriceScenario;
}): CollateralParameters {
  const { template, slot, scenario } = collateral;
  const price = firstPrice(scenario, slot);
  const symbol = `W${symbolOf({ slot, scenario })}`;
  const inTokens = (amountUsd: bigint) => (amountUsd * ONE) / price;
  return {
    ...template,
    symbol,
    token:
      template.token.kind === "test"
        ? { ...template.token, name: `Test ${symbol}`, symbol, mintCap: FAUCET_CAP }
        : template.token,
    ...pricedLike({ template, slot, scenario, symbol }),
    terms: {
      ...template.terms,
      cap: inTokens(COLLATERAL_CAP_USD),
      depth: inTokens(COLLATERAL_DEPTH_USD),
    },
  };
}

/** The feed of a price path, and how it is read. */
function pricedLike(priced: {
  template: Pick<MarketParameters, "oracle">;
  slot: MarketSlot;
  scenario: PriceScenario;
  symbol: string;
}): Pick<MarketParameters, "feed" | "oracle"> {
  const { template, slot, scenario, symbol } = priced;
  const { steps } = scenario[slot];
  const heartbeat = heartbeatOf(scenario);
  const decimals = steps.every((step) => step.price % FEED_UNIT === 0n) ? 8 : 18;
  const price = firstPrice(scenario, slot);
  return {
    feed: { kind: "replay", description: `${symbol} / USD`, decimals, price },
    oracle: {
      ...template.oracle,
      heartbeatSeconds: Number(heartbeat),
      maxAgeSeconds: Number(heartbeat + HEARTBEAT_SLACK),
      // Any price of a file counts: what is out of bounds depends on the file.
      floor: 10n ** 6n,
      ceiling: 10n ** 31n,
    },
  };
}

/** D18{USD/base} */
function firstPrice(scenario: PriceScenario, slot: MarketSlot): bigint {
  return scenario[slot].steps[0]?.price ?? ONE;
}

/** D18{base} The largest power of ten that is worth a dollar at most. */
function lotSizeAt(price: bigint): bigint {
  let lot = MAX_LOT;
  while (lot > 1n && (lot * price) / ONE > LOT_USD) lot /= 10n;
  return lot;
}

/** What a market is called in the house: letters and digits only, so names of files do not serve. */
function symbolOf({ slot, scenario }: { slot: MarketSlot; scenario: PriceScenario }): string {
  const { symbol } = scenario[slot];
  return /^[A-Z][A-Z0-9]{0,9}$/.test(symbol) ? symbol : slot.toUpperCase();
}

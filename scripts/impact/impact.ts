import { encodeBytes32String, type Provider, ZeroAddress } from "ethers";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { feedProxyAbi } from "../../sdk/src/abis/FeedProxy.ts";
import { lensAbi } from "../../sdk/src/abis/Lens.ts";
import { oracleRouterAbi } from "../../sdk/src/abis/OracleRouter.ts";
import { riskEngineAbi } from "../../sdk/src/abis/RiskEngine.ts";
import { type AccountId, describeAccount, ownerOf } from "../../sdk/src/accountId.ts";
import { formatD18, formatDecimal } from "../../sdk/src/amounts.ts";
import { explainError } from "../../sdk/src/errors.ts";
import { type Manifest, type ManifestMarket, marketOf } from "../../sdk/src/manifest.ts";
import { magnitude, mulWadUp } from "../../sdk/src/math/fixedPoint.ts";
import type { JudgedTerms } from "../../sdk/src/math/riskEngine.ts";
import {
  type AccountImpact,
  changedMultipliers,
  type ImpactAccount,
  type ImpactMarket,
  previewImpact,
} from "../../sdk/src/preview/impact.ts";
import type { AccountReport, MarketReport } from "../../sdk/src/preview/snapshot.ts";
import { type TypedContract, typedContract } from "../../sdk/src/typedContract.ts";
import { InputError } from "../demo/input-error.ts";
import { type Change, changedTerms, differences, type MarketChange } from "./change.ts";

/** What a change would do to a house as it is at one block. */
export interface Impact {
  readonly block: number;
  /** What changes, by market. */
  readonly changes: readonly { readonly symbol: string; readonly lines: readonly string[] }[];
  /** Everybody who holds a position in a market that changes. */
  readonly accounts: readonly (AccountImpact & { readonly name: string })[];
  /** What figures of accounts do not say. */
  readonly notes: readonly string[];
}

export interface ImpactOptions {
  readonly provider: Provider;
  readonly manifest: Manifest;
  readonly change: Change;
  /** The latest without. */
  readonly block?: number | undefined;
}

/** Public nodes refuse to search longer stretches at once. */
const BLOCKS_AT_ONCE = 10_000;
/** {basis points} How far a new feed may be from the old one's present price: the router's HIGHEST_FEED_CHANGE_BPS. */
const HIGHEST_FEED_CHANGE_BPS = 500n;
/** How many calls wait for an answer at a time. */
const CALLS_AT_ONCE = 20;

/** Everything that is asked of the chain, at one block. */
interface Chain {
  readonly provider: Provider;
  readonly manifest: Manifest;
  readonly block: number;
  readonly timestamp: bigint;
  readonly house: TypedContract<typeof clearingHouseAbi>;
  readonly lens: TypedContract<typeof lensAbi>;
  readonly oracle: TypedContract<typeof oracleRouterAbi>;
  readonly risk: TypedContract<typeof riskEngineAbi>;
}

/** Reads the house at a block and judges everybody concerned before and after the change. */
export async function measureImpact(options: ImpactOptions): Promise<Impact> {
  const { manifest, change } = options;
  for (const symbol of Object.keys(change)) requireMarket(manifest, symbol);
  const chain = await connected(options);
  const planned = await mapped(manifest.markets, (market) =>
    planOf(chain, market, change[market.symbol] ?? {}),
  );
  const markets = new Map(planned.map(({ market, plan }) => [BigInt(market.id), plan]));
  const touched = planned.filter(({ lines }) => lines.length > 0);
  if (touched.length === 0) {
    throw new InputError(
      "The change sets what is set already: nothing would be different. Compare it with the present terms",
    );
  }
  const mask = touched.reduce((bits, { market }) => bits | (1n << BigInt(market.id)), 0n);
  const reports = (await holders(chain)).filter(({ state }) => (state.markets & mask) !== 0n);
  const unjudged = reports.filter(({ marginFailure }) => marginFailure !== "0x");
  const judged = reports.filter(({ marginFailure }) => marginFailure === "0x");
  const accounts = await mapped(judged, (report) => gather(chain, report));
  const impacts = previewImpact(accounts, markets);
  const isFronted = (await judgeOf(chain)) !== manifest.contracts.riskEngine;
  for (const [index, report] of judged.entries()) {
    requireAgreement(report, impacts[index], isFronted);
  }
  return {
    block: chain.block,
    changes: touched.map(({ market, lines }) => ({ symbol: market.symbol, lines })),
    accounts: impacts.map((impact) => ({ ...impact, name: nameOf(manifest, impact.account) })),
    notes: [
      ...touched.flatMap(({ market, notes }) => notes.map((note) => `${market.symbol}: ${note}`)),
      ...touched.flatMap(({ market, plan }) => smallOnes(market, plan, accounts, planned)),
      ...unjudged.map(
        ({ account, marginFailure }) =>
          `${nameOf(manifest, account)} cannot be judged: ${explainError({ data: marginFailure }).sentence}`,
      ),
      ...(isFronted
        ? [
            "Another engine stands in front of the one that keeps the terms: what it takes off initial margin is not in the figures",
          ]
        : []),
    ],
  };
}

function requireMarket(manifest: Manifest, symbol: string): void {
  if (manifest.markets.some((market) => market.symbol === symbol)) return;
  const known = manifest.markets.map((market) => market.symbol).join(", ");
  throw new InputError(`There is no market ${symbol}; there are: ${known}`);
}

async function connected({ provider, manifest, block }: ImpactOptions): Promise<Chain> {
  const { contracts } = manifest;
  const latest = await provider.getBlockNumber();
  const number = block ?? latest;
  if (number > latest || number < manifest.startBlock) {
    throw new InputError(
      `Block ${number} is not of this house: it has ${manifest.startBlock} to ${latest}`,
    );
  }
  const header = await provider.getBlock(number);
  if (header === null) throw new InputError(`The node does not have block ${number}`);
  return {
    provider,
    manifest,
    block: number,
    timestamp: BigInt(header.timestamp),
    house: typedContract(clearingHouseAbi, contracts.clearingHouse, provider),
    lens: typedContract(lensAbi, contracts.lens, provider),
    oracle: typedContract(oracleRouterAbi, contracts.oracleRouter, provider),
    risk: typedContract(riskEngineAbi, contracts.riskEngine, provider),
  };
}

const judgeOf = ({ house, block }: Chain): Promise<string> =>
  house.call("moduleOf", [encodeBytes32String("risk")], { blockTag: block });

/* MARKETS */

interface Planned {
  readonly market: ManifestMarket;
  readonly plan: ImpactMarket;
  readonly lines: readonly string[];
  readonly notes: readonly string[];
  /** D18{USD}, after the change. */
  readonly minNotionalUsd: bigint;
}

async function planOf(
  chain: Chain,
  market: ManifestMarket,
  change: MarketChange,
): Promise<Planned> {
  const { symbol } = market;
  const id = BigInt(market.id);
  const at = { blockTag: chain.block };
  const report = await chain.lens.call("marketReport", [id], at);
  const risk = await chain.risk.call("riskTermsOf", [id], at);
  const cover = await chain.risk.call("coverTermsOf", [id], at);
  const multipliers = await chain.risk.call("multipliersOf", [id], at);
  const adaptive = await chain.risk.call("adaptiveTermsOf", [id], at);

  const { pool: _, tearUpDelay, ...rates } = report.terms;
  const terms = { ...rates, tearUpDelaySeconds: Number(tearUpDelay) };
  const [macro = 0n, correlation = 0n, congestion = 0n, cluster = 0n] = adaptive.regimeCaps;
  const follows = {
    horizonSeconds: Number(adaptive.horizonSeconds),
    deviations: adaptive.deviations,
    regimeCaps: { macro, correlation, congestion, cluster },
  };
  if (change.adaptive !== undefined && multipliers.refreshedAt === 0n) {
    throw new InputError(
      `${symbol}.adaptive: the margins of ${symbol} follow nothing yet, so there is nothing to compare a first setting with`,
    );
  }
  const newTerms = changedTerms(symbol, "terms", terms, change.terms);
  const newRisk = changedTerms(symbol, "risk", risk, change.risk);
  const newCover = changedTerms(symbol, "cover", cover, change.cover);
  const newFollows = changedTerms(symbol, "adaptive", follows, change.adaptive);
  const price = await priceAfter(chain, change);

  const before: JudgedTerms = { ...risk, cover, multipliers };
  const isReset = change.risk !== undefined || change.adaptive !== undefined;
  const moved = isReset
    ? changedMultipliers({
        multipliers,
        oldTerms: risk,
        newTerms: newRisk,
        following: {
          horizonSeconds: BigInt(newFollows.horizonSeconds),
          deviations: newFollows.deviations,
        },
        ...(await volatilityOf(chain, id, adaptive.source)),
      })
    : { atOnce: multipliers, later: multipliers };
  const lines = [
    ...differences("terms", terms, newTerms),
    ...differences("risk", risk, newRisk),
    ...differences("cover", cover, newCover),
    ...differences("adaptive", follows, newFollows),
    ...(price === null || price === report.price.price
      ? []
      : [`price ${formatD18(report.price.price)} → ${formatD18(price)}`]),
  ];
  const poolSize = magnitude(report.skew);
  const isFull = poolSize > newTerms.exposureCap;
  return {
    market,
    plan: {
      report,
      before,
      atOnce: { ...newRisk, cover: newCover, multipliers: moved.atOnce },
      later: { ...newRisk, cover: newCover, multipliers: moved.later },
      skewScale: newTerms.skewScale,
      price,
    },
    lines,
    notes: [
      ...(isFull && newTerms.exposureCap < report.terms.exposureCap
        ? [
            `the pool holds ${formatD18(poolSize)}, above the new cap of ${formatD18(newTerms.exposureCap)}: it takes nothing more on that side; closing stays possible`,
          ]
        : []),
      ...feedNotes(change, report, price),
    ],
    minNotionalUsd: newTerms.minNotionalUsd,
  };
}

/** Whether the router would take a feed at all. */
function feedNotes({ feed }: MarketChange, { price }: MarketReport, newPrice: bigint | null) {
  if (feed === undefined || newPrice === null || price.price === 0n) return [];
  const apart = magnitude(newPrice - price.price);
  if (apart * 10_000n <= price.price * HIGHEST_FEED_CHANGE_BPS) return [];
  const percent = formatDecimal((apart * 10_000n) / price.price, 2);
  return [
    `the new feed is ${percent} % from the present price: setFeed refuses more than 5 % while the old feed has a valid one`,
  ];
}

/** The price that comes with a change: given, or the latest answer of a feed. */
async function priceAfter(chain: Chain, { feed, price }: MarketChange): Promise<bigint | null> {
  if (price !== undefined) {
    if (price > 0n) return price;
    throw new InputError(`The price is ${formatD18(price)}; it must be above 0`);
  }
  if (feed === undefined) return null;
  const aggregator = typedContract(feedProxyAbi, feed, chain.provider);
  try {
    const at = { blockTag: chain.block };
    const decimals = await aggregator.call("decimals", [], at);
    const { answer } = await aggregator.call("latestRoundData", [], at);
    if (answer > 0n) {
      return decimals <= 18n ? answer * 10n ** (18n - decimals) : answer / 10n ** (decimals - 18n);
    }
    throw new InputError(`The feed at ${feed} answers ${answer}, which is no price`);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`There is no feed at ${feed}: ${explainError(cause).sentence}`, { cause });
  }
}

/** What the risk engine would read of volatility, measured and implied. */
async function volatilityOf(chain: Chain, market: bigint, source: string) {
  const at = { blockTag: chain.block };
  if (source === ZeroAddress) return { variances: { slow: 0n, fast: 0n }, implied: 0n };
  const measured = typedContract(oracleRouterAbi, source, chain.provider);
  const { slow, fast } = await measured.call("variancesOf", [market], at);
  return { variances: { slow, fast }, implied: await impliedOf(chain, market) };
}

/** D18{1} a year; 0 where no feed implies any that is fresh and sound. */
async function impliedOf(chain: Chain, market: bigint): Promise<bigint> {
  const at = { blockTag: chain.block };
  const { feed, maxAgeSeconds, wholeAnswer } = await chain.risk.call(
    "impliedTermsOf",
    [market],
    at,
  );
  if (feed === ZeroAddress) return 0n;
  try {
    const aggregator = typedContract(feedProxyAbi, feed, chain.provider);
    const { roundId, answer, updatedAt } = await aggregator.call("latestRoundData", [], at);
    const age = chain.timestamp - updatedAt;
    const isSound = roundId > 0n && answer > 0n && updatedAt > 0n && age >= 0n;
    if (!isSound || age > maxAgeSeconds) return 0n;
    return (answer * 10n ** 18n) / wholeAnswer;
  } catch {
    return 0n; // a feed that fails implies nothing, as it does for the engine
  }
}

/* ACCOUNTS */

/** Reports of everybody who holds something: accounts are found through the house's events. */
async function holders(chain: Chain): Promise<AccountReport[]> {
  const { provider, manifest, house, lens, block } = chain;
  const own = house.address;
  const found = new Set<AccountId>(manifest.markets.map(({ poolAccount }) => poolAccount));
  for (let from = manifest.startBlock; from <= block; from += BLOCKS_AT_ONCE) {
    const toBlock = Math.min(from + BLOCKS_AT_ONCE - 1, block);
    for (const log of await provider.getLogs({ address: own, fromBlock: from, toBlock })) {
      const event = house.parseLog(log);
      if (event === undefined || !("account" in event.args)) continue;
      if (ownerOf(event.args.account) !== own) found.add(event.args.account);
    }
  }
  const at = { blockTag: block };
  const page = Number(await lens.call("MAX_ACCOUNTS", [], at));
  const ids = [...found];
  const reports: AccountReport[] = [];
  for (let from = 0; from < ids.length; from += page) {
    for (const report of await lens.call("accounts", [ids.slice(from, from + page)], at)) {
      if (report.failure !== "0x") {
        throw new InputError(
          `${nameOf(manifest, report.account)} cannot be read: ${explainError({ data: report.failure }).sentence}`,
        );
      }
      if (report.positions.some(({ size }) => size !== 0n)) reports.push(report);
    }
  }
  return reports;
}

async function gather({ house, block }: Chain, { account }: AccountReport): Promise<ImpactAccount> {
  const at = { blockTag: block };
  const [maintenance, initial] = await Promise.all([
    house.call("portfolioOf", [account, 0n], at),
    house.call("portfolioOf", [account, 1n], at),
  ]);
  return { account, maintenance, initial };
}

/** What is computed here has to be what the chain says before anything has changed; or it would not be believed after. */
function requireAgreement(
  report: AccountReport,
  impact: AccountImpact | undefined,
  isFronted: boolean,
): void {
  const pairs = [
    ["equity", report.equityUsd, impact?.before.equityUsd],
    ["maintenance margin", report.maintenanceUsd, impact?.before.maintenanceUsd],
    ["equity for opening", report.openingEquityUsd, impact?.before.openingEquityUsd],
    [
      "initial margin",
      isFronted ? undefined : report.initialUsd,
      isFronted ? undefined : impact?.before.initialUsd,
    ],
  ] as const;
  for (const [what, there, here] of pairs) {
    if (there === here) continue;
    throw new Error(
      `${what} of ${describeAccount(report.account)} is ${there} on the chain and ${here} as computed here: the contracts are not those of this checkout`,
    );
  }
}

/** Positions that a new minimum would leave too small to be reduced in part. */
function smallOnes(
  market: ManifestMarket,
  plan: ImpactMarket,
  accounts: readonly ImpactAccount[],
  planned: readonly Planned[],
): string[] {
  const least = planned.find((each) => each.market.id === market.id)?.minNotionalUsd ?? 0n;
  if (least <= plan.report.terms.minNotionalUsd) return [];
  const small = accounts.filter(({ maintenance }) =>
    maintenance.exposures.some(
      ({ market: id, size, price }) =>
        id === BigInt(market.id) && size !== 0n && mulWadUp(magnitude(size), price) < least,
    ),
  );
  if (small.length === 0) return [];
  return [
    `${market.symbol}: ${small.length} positions are smaller than ${formatD18(least)} USD: they can only be closed whole`,
  ];
}

function nameOf(manifest: Manifest, account: AccountId): string {
  const pool = manifest.markets.find(({ poolAccount }) => poolAccount === account);
  return pool === undefined
    ? describeAccount(account)
    : `pool of ${marketOf(manifest, pool.id).symbol}`;
}

/** Answers for all, a few at a time. */
async function mapped<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (let from = 0; from < items.length; from += CALLS_AT_ONCE) {
    answers.push(...(await Promise.all(items.slice(from, from + CALLS_AT_ONCE).map(ask))));
  }
  return answers;
}

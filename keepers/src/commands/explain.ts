import { describeAccount, parseAccountId } from "../../../sdk/src/accountId.ts";
import { formatDecimal } from "../../../sdk/src/amounts.ts";
import { decodeRevert } from "../../../sdk/src/errors.ts";
import { safeBandOf } from "../bands/safeBand.ts";
import type { Config } from "../config/configSchema.ts";
import { takeOverTermsOf } from "../config/loadConfig.ts";
import { type Connection, connect } from "../connect.ts";
import { liquidationsOf } from "../decide/liquidations.ts";
import { describeClock, type MarkContext, marketsToTime, reasonToMark } from "../decide/marks.ts";
import { type MatchPlan, matchCandidatesOf } from "../decide/matches.ts";
import { answerTo, offersOf } from "../decide/takeOvers.ts";
import { answerToWhole, wholeOffersOf } from "../decide/wholeTakeOvers.ts";
import { forecastMarket } from "../forecast/forecaster.ts";
import { pointsOf } from "../forecast/positions.ts";
import { forecastTermsOf } from "../forecast/terms.ts";
import { OrderFile, venueOf } from "../orders/orderFile.ts";
import { type HouseReader, houseReader } from "../read/houseReader.ts";
import { bandPositionsOf, usableSlackOf } from "../read/judgement.ts";
import { mapReader } from "../read/mapReader.ts";
import { orderReader } from "../read/orderReader.ts";
import {
  type AccountReport,
  type Judge,
  lensJudge,
  type MarketReport,
  planCodeOf,
  routesOf,
} from "../read/reports.ts";
import { unlessReverted } from "../read/unlessReverted.ts";
import { isPriced } from "../watch/marketWatch.ts";
import { describeRoutes, type RouteLine } from "./explainRoutes.ts";

/** Says how an account stands, at which prices it will be looked at again, and what would be done about it now. */
export async function explain(
  config: Config,
  accountText: string,
  print: (line: string) => void,
): Promise<void> {
  const { manifest, client, pool, nameOf } = await connect(config);
  const account = parseAccountId(accountText);
  const { number: block, timestamp } = await pool.pollHead();
  const house = houseReader(manifest, client);
  const judge = lensJudge({
    address: manifest.contracts.lens,
    caller: client,
    pageSize: config.pageSize,
  });
  const markets = new Map(
    (await judge.markets(block)).map((report) => [Number(report.market), report]),
  );
  const [report] = await judge.accounts([account], block);
  if (report === undefined) throw new RangeError(`The lens said nothing about ${accountText}`);
  print(`Account      ${describeAccount(account)} at block ${block}`);
  for (const failure of [report.failure, report.marginFailure]) {
    if (failure !== "0x")
      print(`Not judged   ${decodeRevert(failure, nameOf)?.sentence ?? failure}`);
  }
  print(`Cash         ${usd(report.state.cashUsd)}, of it ${usd(report.state.depositUsd)} locked`);
  print(
    `Equity       ${usd(report.equityUsd)}; maintenance margin ${usd(report.maintenanceUsd)}, initial margin ${usd(report.initialUsd)}`,
  );
  for (const position of report.positions) {
    const name = nameOf(position.market);
    print(
      `Position     ${name}: ${amount(position.size)} at ${usd(position.price)}, worth ${usd(position.valueUsd)}`,
    );
    const code = planCodeOf(position);
    if (code === undefined) {
      print(
        `  no plan    ${decodeRevert(position.planFailure, nameOf)?.sentence ?? position.planFailure}`,
      );
    } else if (code === "Partial" || code === "Full") {
      print(
        `  plan       ${code}: close ${amount(position.plan.closeSize)} for a penalty of ${usd(position.plan.penaltyUsd)}`,
      );
    } else print(`  plan       ${code}`);
  }
  print(`Clock        ${describeClock(report)}`);
  explainBand(report, markets, nameOf, print);
  const asked = { config, manifest, client, report, block, nameOf };
  const forecasts = await forecastLines({ ...asked, markets });
  for (const line of forecasts) print(line);
  const actions = liquidationsOf({ reports: [report], markets, batchSize: config.batchSize });
  const first = actions.flatMap((action) => (action.kind === "liquidate" ? action.items : []));
  const lines = await waysOut({ ...asked, house, timestamp });
  for (const { label, text } of lines) print(`${label.padEnd(12)} ${text}`);
  if (report.resolvable) print("Now          its default would be recognised (resolve)");
  const reason = config.mark
    ? reasonToMark(report, await markContextOf(house, report, block, timestamp))
    : null;
  const answers = await answersOf({ config, judge, report, markets, block, timestamp });
  for (const { market, text } of answers)
    print(`Auction      ${market === null ? "everything" : nameOf(BigInt(market))}: ${text}`);
  if (reason !== null) print(`Now          it would be marked: ${reason.text}`);
  if (
    !report.resolvable &&
    first.length === 0 &&
    reason === null &&
    !answers.some(({ isTaken }) => isTaken) &&
    !lines.some(({ isOpen }) => isOpen)
  )
    print("Now          nothing would be done");
  for (const { market, rewardUsd } of first) {
    print(
      `Now          liquidate in ${nameOf(BigInt(market))}, for a reward of about ${usd(rewardUsd)}`,
    );
  }
}

/** Where each position would be liquidated, what the map says of it, and where liquidations of all that are on it would feed themselves. */
async function forecastLines({
  config,
  manifest,
  client,
  report,
  markets,
  block,
  nameOf,
}: Pick<Connection, "manifest" | "client" | "nameOf"> & {
  readonly config: Config;
  readonly report: AccountReport;
  readonly markets: ReadonlyMap<number, MarketReport>;
  readonly block: number;
}): Promise<string[]> {
  const reader = mapReader(manifest, client);
  const terms = forecastTermsOf(config, manifest);
  const points = pointsOf(report, markets);
  const ids = report.positions.map(({ market }) => Number(market));
  const notedAt = await reader.notedAt(report.account, block);
  const entries = await reader.entries(report.account, ids, block);
  const positions = entries.map(({ market, price }) => {
    const point = points.get(market);
    const now = point === undefined ? "at no price" : `at ${usd(point.price)}`;
    const when = notedAt === 0 ? "never noted" : `as of ${new Date(notedAt * 1_000).toISOString()}`;
    const noted = price === 0n ? "not there" : `there at ${usd(price)}`;
    return `Liquidated   ${nameOf(BigInt(market))}: ${now}, the others staying; on the map ${noted}, ${when}`;
  });
  if (terms === null) return positions;
  const clusters = await Promise.all(
    ids.map(async (market) => {
      const externalDepthUsd = terms.depths.get(market);
      const state = markets.get(market);
      if (externalDepthUsd === undefined || state === undefined || !isPriced(state)) return [];
      const { price } = state.price;
      const asked = { market, externalDepthUsd, price, block, index: null };
      const found = await forecastMarket({ terms, reader }, asked);
      const name = nameOf(BigInt(market));
      if (found.length === 0) return [`Forecast     ${name}: nothing on the map feeds itself`];
      return found.map(
        ({ direction, fromPrice, toPrice, notionalUsd, probability }) =>
          `Forecast     ${name}: a ${direction} feeds itself from ${fromPrice.toFixed(2)} to ${toPrice.toFixed(2)} USD, where ${notionalUsd.toFixed(0)} USD are liquidated; it gets there within ${terms.horizonSeconds / 3_600} h with ${(probability * 100).toFixed(1)} %`,
      );
    }),
  );
  return [...positions, ...clusters.flat()];
}

/** Every way out of the account, open or not. */
async function waysOut({
  nameOf,
  house,
  ...question
}: MatchQuestion & Pick<Connection, "nameOf"> & { house: HouseReader }): Promise<RouteLine[]> {
  const { manifest, client, report, block, timestamp } = question;
  const lens = { address: manifest.contracts.lens, caller: client };
  const routes = await unlessReverted(routesOf(lens, report.account, block));
  if ("reason" in routes)
    return [{ label: "Ways out", text: `not known: ${routes.reason}`, isOpen: false }];
  const matches = await matchesFor(question);
  const markets = report.positions.map(({ market }) => Number(market));
  const backstopWaits = await house.backstopWaits(markets, block);
  return describeRoutes({ routes, nameOf, now: timestamp, backstopWaits, matches });
}

interface MatchQuestion extends Pick<Connection, "manifest" | "client"> {
  readonly config: Config;
  readonly report: AccountReport;
  readonly block: number;
  readonly timestamp: number;
}

/** Signed orders that the house would match with a slice of the account; null without a file of them. */
async function matchesFor({
  config,
  manifest,
  client,
  report,
  block,
  timestamp,
}: MatchQuestion): Promise<MatchPlan[] | null> {
  if (config.signedOrders === undefined) return null;
  const file = new OrderFile({
    file: config.signedOrders,
    venue: venueOf(manifest),
    onBadLines: () => undefined,
  });
  const reader = orderReader(manifest, client);
  const orders = file.orders();
  const found: MatchPlan[] = [];
  for (const candidate of matchCandidatesOf({ reports: [report], orders, now: timestamp })) {
    const answer = await reader.planFor(candidate, block);
    if ("plan" in answer) found.push({ candidate, plan: answer.plan });
  }
  return found;
}

interface SaleAnswer {
  /** Null: all of them together. */
  readonly market: number | null;
  readonly text: string;
  readonly isTaken: boolean;
}

/** What of the account is for sale, and whether the keeper's own account would take it. */
async function answersOf({
  config,
  judge,
  report,
  markets,
  block,
  timestamp,
}: {
  config: Config;
  judge: Judge;
  report: AccountReport;
  markets: ReadonlyMap<number, MarketReport>;
  block: number;
  timestamp: number;
}): Promise<SaleAnswer[]> {
  const offers = offersOf([report]);
  const wholes = wholeOffersOf([report]);
  if (offers.length + wholes.length === 0) return [];
  const terms = takeOverTermsOf(config);
  const [taker] = terms === null ? [] : await judge.accounts([terms.account], block);
  const wholeAnswers = wholes.map((offer): SaleAnswer => {
    const sale = `all positions for sale at discounts of ${usd(offer.discountUsd)}`;
    if (terms === null || taker === undefined)
      return { market: null, text: `${sale}; no takeOverAccount is given`, isTaken: false };
    const answer = answerToWhole(offer, { terms, taker, markets, deadline: BigInt(timestamp) });
    return "action" in answer
      ? { market: null, text: `${sale}; it would take them`, isTaken: true }
      : { market: null, text: `${sale}; not taken, since ${answer.refusal}`, isTaken: false };
  });
  const partAnswers = offers.map((offer): SaleAnswer => {
    const { market, plan, indexPrice } = offer;
    const sale = `${amount(plan.takeSize)} for sale at ${usd(plan.price)} (index ${usd(indexPrice)})`;
    if (terms === null || taker === undefined)
      return { market, text: `${sale}; no takeOverAccount is given`, isTaken: false };
    const deadline = BigInt(timestamp);
    const answer = answerTo(offer, { terms, taker, markets, deadline });
    return "action" in answer
      ? { market, text: `${sale}; it would take ${amount(answer.action.maxSize)}`, isTaken: true }
      : { market, text: `${sale}; not taken, since ${answer.refusal}`, isTaken: false };
  });
  return [...partAnswers, ...wholeAnswers];
}

async function markContextOf(
  house: HouseReader,
  report: AccountReport,
  block: number,
  now: number,
): Promise<MarkContext> {
  return { now, auctionSeconds: await house.auctionSeconds(marketsToTime([report]), block) };
}

function explainBand(
  report: AccountReport,
  markets: ReadonlyMap<number, MarketReport>,
  nameOf: (market: bigint) => string,
  print: (line: string) => void,
): void {
  const positions = bandPositionsOf(report, markets);
  const slackUsd = usableSlackOf(report, null);
  const band = positions === null ? null : safeBandOf({ slackUsd, positions });
  if (band === null) {
    print("Watched      in every block");
    return;
  }
  for (const { market, below, above } of band.triggers) {
    print(
      `Looked at    when ${nameOf(BigInt(market))} is at ${usd(below)} or below, or ${usd(above)} or above`,
    );
  }
  if (band.triggers.length > 0) print(`Looked at    after ${band.recheckSeconds} s in any case`);
}

/** To a cent, rounded towards zero. */
function usd(value: bigint): string {
  return `${formatDecimal(value / 10n ** 16n, 2)} USD`;
}

function amount(value: bigint): string {
  return formatDecimal(value, 18);
}

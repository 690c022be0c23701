// One run of the demo, from an empty chain to a report.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { deployBreakwater } from "../../deploy/deployBreakwater.ts";
import { accountIdOf } from "../../sdk/src/accountId.ts";
import { d18FromNativeFloor, ONE } from "../../sdk/src/amounts.ts";
import { magnitude } from "../../sdk/src/math/fixedPoint.ts";
import { greatest } from "./bigint.ts";
import { stakeInBackstop } from "./chain/backstop.ts";
import { checkInvariants, listAccounts, readConservation } from "./chain/check.ts";
import { type Prices, publishPrices } from "./chain/feeds.ts";
import { useFullClosing } from "./chain/full-close.ts";
import { fundHouse } from "./chain/funding.ts";
import { type House, marketsOf, openHouse } from "./chain/house.ts";
import { startKeepers } from "./chain/keepers.ts";
import { LocalChain } from "./chain/local-chain.ts";
import { Maker } from "./chain/maker.ts";
import {
  insuranceUsd,
  openInterestUsd,
  poolEquityUsd,
  readMarkets,
  viewAccounts,
} from "./chain/observe.ts";
import { type BookAccount, openBook, planBook } from "./chain/open-book.ts";
import { demoParameters, liquidityAt } from "./chain/parameters.ts";
import { play } from "./chain/play.ts";
import { batchMarginalGas, RunRecord, singlePartialGas } from "./chain/record.ts";
import { accountsNeeded, ROLES } from "./chain/roles.ts";
import { settleEverybody } from "./chain/settle.ts";
import { fundTakers, keeperAddresses, keeperRoles, takerAccounts } from "./chain/takers.ts";
import type { ChartInput } from "./chart/chart.ts";
import type { Cleanup } from "./cleanup.ts";
import type { DemoOptions, Takers } from "./cli.ts";
import type { PriceScenario } from "./prices/path.ts";
import { createProgress, type ProgressOutput } from "./progress.ts";
import { buildReport } from "./report/build-report.ts";
import type { DemoOutcome } from "./report/outcome.ts";

export interface DemoRun {
  readonly options: Omit<DemoOptions, "prices" | "chartFile">;
  readonly scenario: PriceScenario;
  readonly output: ProgressOutput;
  /** Told of everything the run starts. */
  readonly cleanup: Cleanup;
}

export interface DemoResult {
  readonly chart: ChartInput;
  readonly keeperLog: string;
}

/** {s} Before the first price: time to deploy, fund and open the book. */
const SETUP_SECONDS = 14_400n;
/** {s} 2000-01-01. Prices may be older; the chain then runs later than its path. */
const EARLIEST_START = 946_684_800n;
/** D18{USD} Who ends with less has been wiped out. */
const WIPED_OUT_USD = ONE;

/** What the accounts and the house have at one moment. D18{USD} */
interface Balances {
  readonly equities: ReadonlyMap<number, bigint>;
  readonly traderEquityUsd: bigint;
  readonly poolEquityUsd: bigint;
  readonly backstopEquityUsd: bigint;
  readonly lendersUsd: bigint;
  readonly insuranceUsd: bigint;
  readonly openInterestUsd: bigint;
}

/** Deploys, fills, plays and judges. Figures are exact; nothing is read from anywhere but the chain. */
export async function runDemo(run: DemoRun): Promise<DemoResult> {
  const { options, scenario, output, cleanup } = run;
  const keeperLog = logFileOf(options.reportFile);
  const symbols = { main: scenario.main.symbol, second: scenario.second.symbol };
  const totalSteps = scenario.main.steps.length;
  const progress = createProgress({ totalSteps, symbols, output });
  const prices = firstPrices(scenario);

  const { chain, house } = await build({ run, note: progress.note });
  const { seed } = options;
  const accounts = planBook({ chain, house, prices, seed, accounts: options.accounts });
  const directory = await temporaryDirectory(cleanup);
  await mkdir(dirname(keeperLog), { recursive: true });
  const team = { chain, taker: options.taker };
  await fundTakers({ ...team, house });
  const maker = await openMaker({ chain, house, taker: options.taker, directory });
  const keepers = await startKeepers({
    chain,
    manifest: house.manifest,
    directory,
    roles: keeperRoles({
      ...team,
      logFile: keeperLog,
      signedOrders: maker?.file ?? null,
      breaker: options.breaker,
    }),
    cleanup,
  });
  progress.note(`Opening ${accounts.length} accounts, orders executed by the keeper …`);
  const record = new RunRecord({ house, keepers: keeperAddresses(team), accounts, prices });
  await openBook({ chain, house, keepers, prices, accounts });
  const start = await readBalances({ house, accounts });

  progress.note(`Playing ${totalSteps} prices: ${scenario.title}`);
  const played = await play({
    chain,
    house,
    keepers,
    accounts,
    scenario,
    record,
    progress,
    maker,
    keepersAbsentSeconds: options.keepersAbsentSeconds,
  });
  const helpers = [...helperAccounts(chain), ...takerAccounts(team)];
  const everybody = await listAccounts({ house, traders: accounts, helpers });
  await settleEverybody({
    chain,
    house,
    prices: lastPrices(scenario),
    accounts: [
      ...accounts.map(({ id }) => id),
      ...marketsOf(house).map(({ poolAccount }) => poolAccount),
      ...helpers,
      house.backstopAccount,
      ...house.insuranceAccounts,
    ],
  });
  const end = await readBalances({ house, accounts });
  const markets = await readMarkets(house);
  const outcome: DemoOutcome = {
    options,
    scenario,
    openInterestUsd: {
      start: start.openInterestUsd,
      peak: greatest([start.openInterestUsd, played.peakOpenInterestUsd]),
    },
    liquidations: record.liquidations,
    openedNotionalUsd: openedNotionals({ accounts, prices }),
    routes: record.routes.uses,
    breaker: record.breakerMoves,
    badDebtUsd: record.badDebtUsd,
    insurance: {
      startUsd: start.insuranceUsd,
      paidUsd: record.insurancePaidUsd,
      endUsd: end.insuranceUsd,
    },
    socializedUsd: record.socializedUsd,
    uncollectedLossUsd: markets.reduce((sum, { state }) => sum + state.uncollectedLossUsd, 0n),
    accountsWipedOut: [...end.equities.values()].filter((equity) => equity < WIPED_OUT_USD).length,
    traderEquityUsd: { start: start.traderEquityUsd, end: end.traderEquityUsd },
    poolEquityUsd: { start: start.poolEquityUsd, end: end.poolEquityUsd },
    backstopEquityUsd: { start: start.backstopEquityUsd, end: end.backstopEquityUsd },
    lendersUsd: { start: start.lendersUsd, end: end.lendersUsd },
    conservation: await readConservation({ house, accounts: everybody }),
    gas: {
      partialLiquidations: singlePartialGas(record),
      batchMarginal: batchMarginalGas(record),
    },
    keeper: {
      txSent: record.txSent,
      txFailed: record.txFailed,
      priceToInclusionMs: played.latencies,
      processRestarts: keepers.restarts,
    },
    invariants: await checkInvariants({ house, accounts: everybody, record }),
    neglected: played.neglected,
  };
  const { frames } = played;
  const chart = { report: buildReport(outcome), symbols, frames, events: record.chartEvents };
  return { chart, keeperLog };
}

/** A chain with a funded house on it, whose blocks are made on request from here on. */
async function build(query: {
  run: DemoRun;
  note: (text: string) => void;
}): Promise<{ chain: LocalChain; house: House }> {
  const { run, note } = query;
  const { options, scenario, cleanup } = run;
  const firstAt = scenario.main.steps[0]?.timestamp ?? EARLIEST_START;
  note("Starting a local chain …");
  const chain = await LocalChain.start({
    accounts: accountsNeeded(options.accounts),
    startsAt: greatest([EARLIEST_START, firstAt - SETUP_SECONDS]),
  });
  cleanup.add(() => chain.close());
  note("Deploying the house, its modules and two markets …");
  const liquidity = liquidityAt(options.depth);
  const operator = chain.account(ROLES.operator);
  const manifest = await deployBreakwater({
    provider: chain.eip1193,
    parameters: await demoParameters({ scenario, liquidity }),
    deployer: operator,
  });
  await chain.mineOnRequest();
  const house = openHouse({ manifest, caller: chain.provider, liquidity });
  if (options.policy === "full") await useFullClosing({ chain, house, governor: operator });
  await fundHouse({ chain, house });
  await stakeInBackstop({ chain, house });
  const timestamp = chain.now + 1n;
  await publishPrices({ chain, house, prices: firstPrices(scenario), timestamp });
  return { chain, house };
}

/** Nobody signs orders where nobody takes over. */
async function openMaker(query: {
  chain: LocalChain;
  house: House;
  taker: Takers;
  directory: string;
}): Promise<Maker | null> {
  const { chain, house, taker, directory } = query;
  if (taker === "none") return null;
  const maker = new Maker({ chain, house, file: join(directory, "orders.jsonl") });
  await maker.prepare(chain);
  return maker;
}

/** Of everybody who takes part without being a trader, in the account that is theirs without asking for another. */
function helperAccounts(chain: LocalChain): bigint[] {
  const { operator, treasurer, keepers, maker, lender, staker } = ROLES;
  const indices = [operator, treasurer, ...keepers, maker, lender, staker];
  return indices.map((index) => accountIdOf(chain.account(index)));
}

async function temporaryDirectory(cleanup: Cleanup): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "breakwater-demo-"));
  cleanup.add(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Beside the report: `report.keeper.log`. */
function logFileOf(reportFile: string): string {
  return `${reportFile.slice(0, reportFile.length - extname(reportFile).length)}.keeper.log`;
}

function firstPrices({ main, second }: PriceScenario): Prices {
  return { main: main.steps[0]?.price ?? 0n, second: second.steps[0]?.price ?? 0n };
}

function lastPrices({ main, second }: PriceScenario): Prices {
  return { main: main.steps.at(-1)?.price ?? 0n, second: second.steps.at(-1)?.price ?? 0n };
}

function openedNotionals(query: {
  accounts: readonly BookAccount[];
  prices: Prices;
}): Map<number, bigint> {
  const { accounts, prices } = query;
  return new Map(
    accounts.map(({ plan }) => {
      const notionals = plan.orders.map(
        ({ market, sizeDelta }) => (magnitude(sizeDelta) * prices[market]) / ONE,
      );
      return [plan.accountNumber, notionals.reduce((sum, notional) => sum + notional, 0n)];
    }),
  );
}

async function readBalances(query: {
  house: House;
  accounts: readonly BookAccount[];
}): Promise<Balances> {
  const { house, accounts } = query;
  const views = await viewAccounts(house, accounts);
  const equities = new Map(views.map((view) => [view.accountNumber, view.equityUsd]));
  const markets = await readMarkets(house);
  return {
    equities,
    traderEquityUsd: [...equities.values()].reduce((sum, equity) => sum + equity, 0n),
    poolEquityUsd: poolEquityUsd(markets),
    backstopEquityUsd: (await house.backstop.call("valuation", [])).equityUsd,
    lendersUsd: d18FromNativeFloor(
      await house.credit.call("totalAssets", []),
      house.manifest.token.decimals,
    ),
    insuranceUsd: await insuranceUsd(house),
    openInterestUsd: openInterestUsd(markets),
  };
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { loadConfig } from "../../keepers/src/config/loadConfig.ts";
import { type Action, isUnpaid, subjectsOf } from "../../keepers/src/decide/action.ts";
import { type MapEntry, notesOf } from "../../keepers/src/decide/notes.ts";
import { raiseOf } from "../../keepers/src/decide/regime.ts";
import { FatalError, RetryableError } from "../../keepers/src/failures.ts";
import { Forecaster } from "../../keepers/src/forecast/forecaster.ts";
import { densitiesOf, type Points, pointsOf } from "../../keepers/src/forecast/positions.ts";
import { type ForecastTerms, forecastTermsOf } from "../../keepers/src/forecast/terms.ts";
import type { Log } from "../../keepers/src/log.ts";
import type { MapReader } from "../../keepers/src/read/mapReader.ts";
import { createMetrics } from "../../keepers/src/watch/metrics.ts";
import { type AccountId, accountIdOf } from "../../sdk/src/accountId.ts";
import { ONE } from "../../sdk/src/amounts.ts";
import { bucketOf } from "../../sdk/src/forecast/logBuckets.ts";
import { TouchTable } from "../../sdk/src/forecast/touchTable.ts";
import type { Manifest } from "../../sdk/src/manifest.ts";
import { expectNear } from "../support/near.ts";
import { aMarket, anAccount, aPosition } from "./support/reports.ts";

const NOW = 1_900_000_000;
const HOUSE = "0x1000000000000000000000000000000000000001";
const WALLET = "0x2000000000000000000000000000000000000002";
const HOLDER = accountIdOf("0x00000000000000000000000000000000000000c1");
const PERCENT = ONE / 100n;

/** Long 80 ETH at 2 000 with a slack of 5 000 USD: about 3.2 % above its liquidation. */
const aLong = (account: AccountId, size = 80n * ONE) => {
  const maintenanceUsd = (size * 2_000n * 3n) / 100n;
  return anAccount({
    ...{ account, maintenanceUsd, equityUsd: maintenanceUsd + 5_000n * ONE },
    positions: [aPosition({ size })],
  });
};

const markets = new Map([[0, aMarket()]]);

function oneOf(points: Points) {
  const point = points.get(0);
  if (point === undefined) throw new Error("there is no point");
  return point;
}

describe("where positions would be liquidated", () => {
  it("follows the account's slack and the market's rates", () => {
    const { direction, price, notionalUsd } = oneOf(pointsOf(aLong(HOLDER), markets));
    expect(direction).to.equal("fall");
    // 2000 − 5000/(80·(1 − 0.03 − 100·0.005·80/500000))
    expectNear(Number(price) / 1e18, 2_000 - 5_000 / (80 * (1 - 0.03 - 0.00008)), 1e-9);
    expect(notionalUsd).to.equal(80n * price);
  });

  it("stays where it is when the price has moved since the account was judged", () => {
    const before = oneOf(pointsOf(aLong(HOLDER), markets));
    const fallen = new Map([[0, aMarket({ price: 1_960n * ONE })]]);
    const after = oneOf(pointsOf(aLong(HOLDER), fallen));
    expectNear(Number(after.price - before.price), 0, 10);
    // Another market of the account that has moved does move it.
    const two = {
      ...aLong(HOLDER),
      positions: [aPosition({ size: 80n * ONE }), aPosition({ market: 1, size: 10n * ONE })],
    };
    const at = (price: bigint) =>
      oneOf(pointsOf(two, new Map([...markets, [1, aMarket({ market: 1, price })]])));
    const moved = at(1_900n * ONE).price - at(2_000n * ONE).price;
    expectNear(Number(moved) / 1e18, (100 * 10 * (1 - 0.03)) / (80 * (1 - 0.03)), 0.01);
  });

  it("says nothing of accounts that cannot be judged, and of markets without a valid price", () => {
    const stale = new Map([[0, aMarket({ status: "Stale" })]]);
    expect(pointsOf(aLong(HOLDER), stale).size).to.equal(0);
    expect(pointsOf({ ...aLong(HOLDER), marginFailure: "0x12" }, markets).size).to.equal(0);
    expect(pointsOf(aLong(HOLDER), new Map()).size).to.equal(0);
  });

  it("adds up by bucket and direction", () => {
    const point = oneOf(pointsOf(aLong(1n), markets));
    const accounts = new Map([
      [1n, new Map([[0, point]])],
      [2n, new Map([[0, { ...point, notionalUsd: 10n * ONE }]])],
      [3n, new Map([[0, { ...point, direction: "rise" as const, notionalUsd: ONE }]])],
    ]);
    const density = densitiesOf(accounts).get(0);
    expect(density?.fall.size).to.equal(1);
    expectNear(
      density?.fall.get(bucketOf(point.price)),
      Number(point.notionalUsd) / 1e18 + 10,
      1e-6,
    );
    expect(density?.rise.get(bucketOf(point.price))).to.equal(1);
  });
});

describe("entries of the map", () => {
  const point = oneOf(pointsOf(aLong(1n), markets));
  const entry: MapEntry = { market: 0, price: point.price, notionalUsd: point.notionalUsd };
  const notesFor = (found: readonly MapEntry[], points: Points = new Map([[0, point]])) =>
    notesOf({ points: new Map([[1n, points]]), entries: new Map([[1n, found]]), batchSize: 10 });

  it("are noted when they are missing, elsewhere, of another size, or of a position that is gone", () => {
    const off = [{ kind: "noteAccounts", accounts: [1n] }];
    expect(notesFor([])).to.deep.equal(off);
    expect(notesFor([{ market: 0, price: 0n, notionalUsd: 0n }])).to.deep.equal(off);
    expect(notesFor([{ ...entry, price: (entry.price * 97n) / 100n }])).to.deep.equal(off);
    expect(notesFor([{ ...entry, notionalUsd: entry.notionalUsd / 2n }])).to.deep.equal(off);
    expect(notesFor([entry], new Map())).to.deep.equal(off);
    expect(notesFor([entry, { ...entry, market: 1 }])).to.deep.equal(off);
  });

  it("are left when they are as good as right", () => {
    expect(notesFor([entry])).to.deep.equal([]);
    expect(notesFor([{ ...entry, price: (entry.price * 999n) / 1_000n }])).to.deep.equal([]);
    expect(notesFor([{ ...entry, notionalUsd: (entry.notionalUsd * 9n) / 10n }])).to.deep.equal([]);
    expect(notesFor([], new Map())).to.deep.equal([]);
  });

  it("are noted a batch at a time, by calls that nobody pays for", () => {
    const accounts = [1n, 2n, 3n];
    const points = new Map(accounts.map((account) => [account, new Map([[0, point]])]));
    const [action] = notesOf({ points, entries: new Map(), batchSize: 2 });
    expect(action).to.deep.equal({ kind: "noteAccounts", accounts: [1n, 2n] });
    if (action === undefined) throw new Error("there is an action");
    expect(isUnpaid(action)).to.equal(true);
    expect(subjectsOf(action)).to.have.length(2);
  });
});

describe("the regime", () => {
  const asked = {
    ...{ market: 0, probability: 0.5, raiseAbove: 0.2, cap: 20n * PERCENT, standing: null },
    ...{ horizonSeconds: 21_600, now: NOW },
  };
  const raise = (excess: bigint, lifetimeSeconds = 21_600) => ({
    ...{ kind: "raiseRegime", market: 0, excess, lifetimeSeconds },
  });

  it("is raised by the cap's share of the probability, in whole percents", () => {
    expect(raiseOf(asked)).to.deep.equal(raise(10n * PERCENT));
    expect(raiseOf({ ...asked, probability: 0.21 })).to.deep.equal(raise(5n * PERCENT));
    expect(raiseOf({ ...asked, probability: 1 })).to.deep.equal(raise(20n * PERCENT));
    const action = raiseOf(asked);
    expect(action === null ? [] : subjectsOf(action)).to.deep.equal(["regime 0"]);
    expect(action !== null && isUnpaid(action)).to.equal(true);
  });

  it("is left below the threshold, and where the component may add nothing", () => {
    expect(raiseOf({ ...asked, probability: 0.19 })).to.equal(null);
    expect(raiseOf({ ...asked, cap: 0n })).to.equal(null);
  });

  it("lasts as long as the forecast, within the contract's bounds", () => {
    expect(raiseOf({ ...asked, horizonSeconds: 10 })).to.deep.equal(raise(10n * PERCENT, 60));
    const days = { ...asked, horizonSeconds: 864_000 };
    expect(raiseOf(days)).to.deep.equal(raise(10n * PERCENT, 259_200));
  });

  it("is not raised again while it stands and is fresh, and never to less", () => {
    const standing = { excess: 10n * PERCENT, until: NOW + 15_000 };
    expect(raiseOf({ ...asked, standing })).to.equal(null);
    expect(raiseOf({ ...asked, standing, probability: 0.25 })).to.equal(null);
    expect(raiseOf({ ...asked, standing, probability: 0.8 })).to.deep.equal(raise(16n * PERCENT));
    const old = { ...standing, until: NOW + 10_000 };
    expect(raiseOf({ ...asked, standing: old, probability: 0.25 })).to.deep.equal(
      raise(10n * PERCENT),
    );
  });
});

describe("the forecaster", () => {
  const accounts = [1n, 2n, 3n].map((sub) =>
    accountIdOf("0x00000000000000000000000000000000000000c1", sub),
  );
  const known = new Map(accounts.map((account) => [account, aLong(account)]));
  const head = (seconds = 0) => ({ number: 7, timestamp: NOW + seconds });

  interface Told {
    readonly level: string;
    readonly fields: Readonly<Record<string, unknown>>;
  }

  function forecaster({
    terms,
    reader,
    wallet = WALLET,
  }: {
    terms?: Partial<ForecastTerms>;
    reader?: Partial<MapReader>;
    wallet?: string | null;
  } = {}) {
    const told: Told[] = [];
    const tell = (level: string) => (fields: Readonly<Record<string, unknown>>) =>
      void told.push({ level, fields });
    const log: Log = {
      ...{ trace: tell("trace"), debug: tell("debug"), info: tell("info") },
      ...{ warn: tell("warn"), error: tell("error") },
    };
    const metrics = createMetrics();
    const subject = new Forecaster({
      terms: {
        ...{ source: "index", intervalSeconds: 300, horizonSeconds: 21_600, notes: true },
        ...{ raiseAbove: 0.2, batchSize: 10, depths: new Map([[0, 300_000]]) },
        table: new TouchTable({ priorWeight: 5, excursionWeight: 1 }),
        ...terms,
      },
      reader: {
        variance: async () => 0.04 ** 2 / 21_600,
        density: async () => new Map(),
        entries: async () => [],
        notedAt: async () => 0,
        regime: async () => ({ cap: 20n * PERCENT, regime: ONE }),
        refusalToRaise: async () => null,
        ...reader,
      },
      ...{ house: HOUSE, wallet, log, metrics, nameOf: () => "ETH" },
    });
    return { subject, told, metrics };
  }

  const kinds = (actions: readonly Action[]) => actions.map(({ kind }) => kind);

  it("finds the cluster that its accounts make, says so, raises R and notes them", async () => {
    const { subject, told, metrics } = forecaster();
    const actions = await subject.decide({ known, markets, head: head() });
    expect(kinds(actions)).to.deep.equal(["raiseRegime", "noteAccounts"]);
    const [raise] = actions;
    // The middle of the bucket is nine tenths of the deviation of six hours away: 37 % of random walks get there; of a cap of 20 that is eight.
    expect(raise).to.deep.equal({
      ...{ kind: "raiseRegime", market: 0, excess: 8n * PERCENT, lifetimeSeconds: 21_600 },
    });
    const found = told.find(({ fields }) => fields.msg === "Liquidations would feed themselves");
    expect(found?.fields.market).to.equal("ETH");
    const text = await metrics.registry.metrics();
    expect(text).to.match(/cascade_probability\{market="ETH",direction="fall",.*\} 0\.3\d+/);
    expect(text).to.match(/cascade_probability\{market="ETH",direction="rise",.*\} 0\n/);
    expect(text).to.match(/cascade_price_usd\{market="ETH",direction="fall",.*\} 19[345]\d\.\d+/);
    expect(text).to.match(/cascade_notional_usd\{market="ETH",direction="fall",.*\} 4645\d\d/);
  });

  it("finds none where the market elsewhere is deep, and raises nothing", async () => {
    const { subject } = forecaster({ terms: { depths: new Map([[0, 50_000_000]]) } });
    const actions = await subject.decide({ known, markets, head: head() });
    expect(kinds(actions)).to.deep.equal(["noteAccounts"]);
  });

  it("works once per interval", async () => {
    const { subject } = forecaster();
    const scene = { known, markets };
    expect(await subject.decide({ ...scene, head: head() })).to.not.have.length(0);
    expect(await subject.decide({ ...scene, head: head(299) })).to.deep.equal([]);
    expect(await subject.decide({ ...scene, head: head(300) })).to.not.have.length(0);
  });

  it("does not raise again what stands, and raises again what did not come", async () => {
    let regime = ONE;
    const reader = { regime: async () => ({ cap: 20n * PERCENT, regime }) };
    const { subject } = forecaster({ reader, terms: { notes: false } });
    const scene = { known, markets };
    expect(await subject.decide({ ...scene, head: head() })).to.have.length(1);
    expect(await subject.decide({ ...scene, head: head(300) })).to.have.length(1);
    regime = ONE + 8n * PERCENT;
    expect(await subject.decide({ ...scene, head: head(600) })).to.have.length(0);
    expect(await subject.decide({ ...scene, head: head(12_000) })).to.have.length(1);
  });

  it("says clearly that its wallet lacks the role, and does the rest", async () => {
    const refusal = `${WALLET} may not call raiseRegime`;
    const { subject, told } = forecaster({ reader: { refusalToRaise: async () => refusal } });
    const actions = await subject.decide({ known, markets, head: head() });
    expect(kinds(actions)).to.deep.equal(["noteAccounts"]);
    const error = told.find(({ level }) => level === "error");
    expect(error?.fields).to.include({ market: "ETH", refusal });
    const { subject: dry } = forecaster({
      reader: { refusalToRaise: async () => refusal },
      wallet: null,
    });
    const would = await dry.decide({ known, markets, head: head() });
    expect(kinds(would)).to.include("raiseRegime");
  });

  it("says that the market's component may add nothing", async () => {
    const reader = { regime: async () => ({ cap: 0n, regime: ONE }) };
    const { subject, told } = forecaster({ reader });
    const actions = await subject.decide({ known, markets, head: head() });
    expect(kinds(actions)).to.deep.equal(["noteAccounts"]);
    expect(told.some(({ level, fields }) => level === "warn" && fields.market === "ETH")).to.equal(
      true,
    );
  });

  it("leaves R alone without a threshold", async () => {
    const { subject } = forecaster({ terms: { raiseAbove: null, notes: false } });
    expect(await subject.decide({ known, markets, head: head() })).to.deep.equal([]);
  });

  it("takes the chain's map for its accounts where it is told to", async () => {
    const asked: number[] = [];
    const start = bucketOf(2_000n * ONE);
    const reader: Partial<MapReader> = {
      density: async ({ first, count, direction }) => {
        asked.push(first, count);
        return new Map(direction === "rise" ? [[start + 5, 1_000_000]] : []);
      },
    };
    const { subject, metrics } = forecaster({ reader, terms: { source: "map" } });
    await subject.decide({ known: new Map(), markets, head: head() });
    expect(asked).to.deep.equal([start - 64, 129, start - 64, 129]);
    const text = await metrics.registry.metrics();
    expect(text).to.match(/cascade_notional_usd\{market="ETH",direction="rise",.*\} 1000000/);
  });

  it("counts neither pools nor the house's own accounts", async () => {
    const own = accountIdOf(HOUSE, 5n);
    const pool = 1n;
    const others = new Map([own, pool].map((account) => [account, aLong(account, 500n * ONE)]));
    const { subject } = forecaster();
    expect(await subject.decide({ known: others, markets, head: head() })).to.deep.equal([]);
  });

  it("notes an account that has left, once", async () => {
    let entries: MapEntry[] = [{ market: 0, price: 1_900n * ONE, notionalUsd: 1_000n * ONE }];
    const { subject } = forecaster({
      reader: { entries: async () => entries },
      terms: { raiseAbove: null },
    });
    const one = new Map([...known].slice(0, 1));
    await subject.decide({ known: one, markets, head: head() });
    const none = { known: new Map<AccountId, never>(), markets };
    const actions = await subject.decide({ ...none, head: head(300) });
    expect(actions).to.deep.equal([{ kind: "noteAccounts", accounts: [accounts[0]] }]);
    entries = [];
    expect(await subject.decide({ ...none, head: head(600) })).to.deep.equal([]);
    expect(await subject.decide({ ...none, head: head(900) })).to.deep.equal([]);
  });

  it("looks at the largest each time and at all others in turn", async () => {
    const seen: AccountId[] = [];
    const many = new Map(
      Array.from({ length: 11 }, (_, i) => {
        const account = accountIdOf("0x00000000000000000000000000000000000000c1", BigInt(i));
        return [account, aLong(account, BigInt(100 - i) * ONE)];
      }),
    );
    const { subject } = forecaster({
      reader: {
        entries: async (account) => {
          seen.push(account);
          return [];
        },
      },
      terms: { raiseAbove: null, batchSize: 1 },
    });
    const all = [...many.keys()];
    const rounds: AccountId[][] = [];
    for (let round = 0; round < 6; round++) {
      seen.length = 0;
      await subject.decide({ known: many, markets, head: head(round * 300) });
      rounds.push([...seen]);
    }
    expect(rounds.every(([a, b]) => a === all[0] && b === all[1])).to.equal(true);
    expect(new Set(rounds.flat())).to.deep.equal(new Set(all));
  });

  it("lets the rest of the keeper go on when the chain does not answer", async () => {
    const { subject, told } = forecaster({
      reader: {
        variance: async () => {
          throw new RetryableError("no answer");
        },
      },
    });
    expect(await subject.decide({ known, markets, head: head() })).to.deep.equal([]);
    expect(told.at(-1)?.fields).to.include({ reason: "no answer" });
  });
});

describe("settings of forecasts", () => {
  const minimal = { manifest: "m.json", rpcUrls: "http://127.0.0.1:8545" };
  const load = (flags: Readonly<Record<string, unknown>>) =>
    loadConfig({ flags: { ...minimal, ...flags }, environment: {}, file: undefined });
  const manifest: Pick<Manifest, "markets"> = {
    markets: [
      {
        ...{ id: 3, symbol: "ETH", pool: HOUSE, poolAccount: accountIdOf(HOUSE) },
        ...{ secondary: null, opened: true },
        feed: { address: HOUSE, description: "", decimals: 8, heartbeatSeconds: 60, replay: null },
      },
    ],
  };

  it("are off by default, and then not half given", () => {
    expect(load({}).forecast).to.equal(false);
    expect(forecastTermsOf(load({}), manifest)).to.equal(null);
    expect(() => load({ forecastDepthUsd: "ETH=1" })).to.throw(
      "forecastDepthUsd: forecast is false",
    );
    expect(() => load({ forecast: true })).to.throw("forecastDepthUsd: forecast needs it");
  });

  it("name markets and what moves them", () => {
    const terms = forecastTermsOf(
      load({ forecast: "true", forecastDepthUsd: "ETH=5000000", forecastRaiseAbove: "0.25" }),
      manifest,
    );
    expect(terms?.depths).to.deep.equal(new Map([[3, 5_000_000]]));
    expect(terms?.raiseAbove).to.equal(0.25);
    expect(terms?.horizonSeconds).to.equal(21_600);
    for (const wrong of ["ETH", "ETH=", "ETH=0", "ETH=-1", "ETH=1,ETH=2", "=5"]) {
      expect(() => load({ forecast: true, forecastDepthUsd: wrong }), wrong).to.throw(
        "is not a market, named once, and an amount of USD above 0",
      );
    }
    const unknown = load({ forecast: true, forecastDepthUsd: "DOGE=1" });
    expect(() => forecastTermsOf(unknown, manifest)).to.throw(
      FatalError,
      "there is no market DOGE; there are ETH",
    );
  });

  it("take a table that the bench wrote, with its horizon, and refuse others", () => {
    const directory = mkdtempSync(join(tmpdir(), "keeper-forecast-"));
    const file = join(directory, "table.json");
    const excursions = { fall: [1, 2, 3], rise: [] };
    const table = { priorWeight: 1, excursionWeight: 1, excursions };
    writeFileSync(file, JSON.stringify({ horizonHours: 2, table, scores: {} }));
    const config = load({ forecast: true, forecastDepthUsd: "ETH=1", forecastTable: file });
    const terms = forecastTermsOf(config, manifest);
    expect(terms?.horizonSeconds).to.equal(7_200);
    expectNear(terms?.table.probability("fall", 2.5), (1 + 0.0124193) / 4, 1e-6);
    for (const text of ["{", "{}", JSON.stringify({ horizonHours: 0, table })]) {
      writeFileSync(file, text);
      expect(() => forecastTermsOf(config, manifest), text).to.throw(
        FatalError,
        "is not what `npm run bench:forecast -- --out FILE` writes",
      );
    }
    rmSync(directory, { recursive: true });
  });
});

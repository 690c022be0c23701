import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Signer } from "ethers";
import { deployBreakwater } from "../../deploy/deployBreakwater.ts";
import { readParameters } from "../../deploy/readParameters.ts";
import { InputError } from "../../scripts/demo/input-error.ts";
import { readChange } from "../../scripts/impact/change.ts";
import { measureImpact } from "../../scripts/impact/impact.ts";
import { countsOf, impactJson, impactText } from "../../scripts/impact/report.ts";
import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { delayedOrdersAbi } from "../../sdk/src/abis/DelayedOrders.ts";
import { lensAbi } from "../../sdk/src/abis/Lens.ts";
import { liquidityPoolAbi } from "../../sdk/src/abis/LiquidityPool.ts";
import { oracleRouterAbi } from "../../sdk/src/abis/OracleRouter.ts";
import { replayFeedAbi } from "../../sdk/src/abis/ReplayFeed.ts";
import { riskEngineAbi } from "../../sdk/src/abis/RiskEngine.ts";
import { testTokenAbi } from "../../sdk/src/abis/TestToken.ts";
import { accountIdOf } from "../../sdk/src/accountId.ts";
import { parseD18 } from "../../sdk/src/amounts.ts";
import { formatManifest, marketOf } from "../../sdk/src/manifest.ts";
import type { Judgement } from "../../sdk/src/preview/impact.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import { localChain, send, withDirectory, withNode } from "../deploy/support.ts";

const USD = 10n ** 6n;
const PRICES = { ETH: 2_000n, BTC: 40_000n };
type Symbol = keyof typeof PRICES;

/** A house with funded pools and traders; margins of ETH follow volatility, those of BTC stand still. */
async function tradingHouse() {
  const chain = await localChain();
  const { provider, reader, deployer } = chain;
  const local = await readParameters("local");
  const adaptive = (await readParameters("sepolia")).markets[0]?.adaptive ?? null;
  const markets = local.markets.map((market, id) => (id === 0 ? { ...market, adaptive } : market));
  const manifest = await deployBreakwater({
    provider,
    parameters: { ...local, markets },
    deployer: deployer.address,
  });
  const { contracts } = manifest;
  const token = typedContract(testTokenAbi, contracts.token, reader);
  const house = typedContract(clearingHouseAbi, contracts.clearingHouse, reader);
  const orders = typedContract(delayedOrdersAbi, contracts.delayedOrders, reader);
  const risk = typedContract(riskEngineAbi, contracts.riskEngine, reader);
  const lens = typedContract(lensAbi, contracts.lens, reader);
  const feedOf = (symbol: Symbol) =>
    typedContract(replayFeedAbi, marketOf(manifest, symbol).feed.replay ?? "", reader);
  const push = (symbol: Symbol, price: bigint) =>
    send(deployer, feedOf(symbol), "push", [price * 10n ** 8n]);
  const pushAll = async () => {
    await push("ETH", PRICES.ETH);
    await push("BTC", PRICES.BTC);
  };

  await send(deployer, token, "mint", [deployer.address, 3_000_000n * USD]);
  await send(deployer, token, "approve", [contracts.clearingHouse, 1_000_000n * USD]);
  const insurance = accountIdOf(contracts.insuranceFund);
  await send(deployer, house, "deposit", [insurance, 1_000_000n * USD]);
  for (const { pool } of manifest.markets) {
    const shares = typedContract(liquidityPoolAbi, pool, reader);
    await send(deployer, token, "approve", [pool, 1_000_000n * USD]);
    await send(deployer, shares, "requestDeposit", [1_000_000n * USD, 2n ** 128n - 1n]);
  }
  await reader.send("evm_increaseTime", [3_600]);
  await pushAll();
  for (const { pool } of manifest.markets) {
    await send(deployer, typedContract(liquidityPoolAbi, pool, reader), "processDeposit", [1n]);
  }

  let ordered = 0n;
  const open = async (trader: Signer, symbol: Symbol, size: string, cash: bigint) => {
    const owner = await trader.getAddress();
    const account = accountIdOf(owner);
    await send(deployer, token, "mint", [owner, cash * USD]);
    await send(trader, token, "approve", [contracts.clearingHouse, cash * USD]);
    await send(trader, house, "deposit", [account, cash * USD]);
    await send(trader, house, "setDelegate", [account, contracts.delayedOrders, 1n]);
    const latest = await reader.getBlock("latest");
    await send(trader, orders, "commit", [
      {
        account,
        market: BigInt(marketOf(manifest, symbol).id),
        sizeDelta: parseD18(size),
        limitPrice: size.startsWith("-") ? 1n : 2n ** 111n,
        reduceOnly: false,
        trigger: 0n,
        triggerPrice: 0n,
        keeperFeeUsd: parseD18("1"),
        expiry: BigInt(latest?.timestamp ?? 0) + 600n,
      },
    ]);
    await pushAll();
    ordered += 1n;
    await send(deployer, orders, "execute", [ordered, accountIdOf(deployer.address)]);
    return account;
  };
  const traders = await Promise.all([4, 5, 6, 7].map((index) => reader.getSigner(index)));
  const [careful, bold, bitcoiner, both] = traders;
  if (!careful || !bold || !bitcoiner || !both) throw new Error("The chain has no accounts");
  const accounts = {
    careful: await open(careful, "ETH", "10", 10_000n),
    bold: await open(bold, "ETH", "20", 2_400n),
    bitcoiner: await open(bitcoiner, "BTC", "-1", 2_600n),
    both: await open(both, "ETH", "-5", 1_000n),
  };
  const impactOf = async (json: string) =>
    measureImpact({ provider: reader, manifest, change: await readChange(json) });
  /** As the chain judges at its latest block. */
  const judged = async (account: bigint): Promise<Judgement> => {
    const report = await lens.call("accountReport", [account]);
    expect(report.marginFailure).to.equal("0x");
    const { equityUsd, maintenanceUsd, openingEquityUsd, initialUsd } = report;
    return { equityUsd, maintenanceUsd, openingEquityUsd, initialUsd };
  };
  return { ...chain, manifest, house, risk, accounts, impactOf, judged, push, pushAll };
}

const margins = ({ maintenanceUsd, initialUsd }: Judgement) => ({ maintenanceUsd, initialUsd });

async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error("It was not refused");
}

describe("impact", function () {
  this.timeout(300_000);

  let ready: ReturnType<typeof tradingHouse> | undefined;
  let snapshot: unknown;

  /** One house; each test begins with the chain as it was then. */
  async function world() {
    ready ??= tradingHouse();
    const made = await ready;
    if (snapshot !== undefined) await made.reader.send("evm_revert", [snapshot]);
    snapshot = await made.reader.send("evm_snapshot", []);
    return made;
  }

  it("says what margins will be where nothing ramps them, as the chain then has them", async () => {
    const { deployer, risk, accounts, impactOf, judged } = await world();
    const change = '{"BTC": {"risk": {"maintenanceMargin": "0.05", "initialMargin": "0.08"}}}';
    const impact = await impactOf(change);
    expect(impact.changes).to.deep.equal([
      {
        symbol: "BTC",
        lines: ["risk.initialMargin 0.05 → 0.08", "risk.maintenanceMargin 0.03 → 0.05"],
      },
    ]);
    // The trader, and the pool on the other side.
    expect(impact.accounts.length).to.equal(2);
    const trader = impact.accounts.find(({ account }) => account === accounts.bitcoiner);
    if (trader === undefined) throw new Error("The trader is missing");
    const counts = countsOf(impact.accounts);
    expect(counts.touched).to.equal(2);
    expect(counts.liquidatableAtOnce).to.equal(0);
    expect(counts.unableAtOnce).to.equal(1);

    const terms = await risk.call("riskTermsOf", [1n]);
    await send(deployer, risk, "setRiskTerms", [
      1n,
      { ...terms, maintenanceMargin: parseD18("0.05"), initialMargin: parseD18("0.08") },
    ]);
    for (const { account, atOnce, later } of impact.accounts) {
      expect(margins(atOnce)).to.deep.equal(margins(await judged(account)));
      expect(later).to.deep.equal(atOnce);
    }
    const text = impactText(impact, "localhost");
    expect(text).to.match(/can no longer open or withdraw/);
    expect(text).to.match(/pool of BTC/);
  });

  it("names whom a rise would leave to liquidators at once, and says so of nobody else", async () => {
    const { deployer, risk, accounts, impactOf, house } = await world();
    const change = '{"BTC": {"risk": {"maintenanceMargin": "0.07", "initialMargin": "0.08"}}}';
    const impact = await impactOf(change);
    expect(countsOf(impact.accounts).liquidatableAtOnce).to.equal(1);
    expect(impactText(impact, "localhost")).to.match(/liquidatable at once; can no longer open/);
    const terms = await risk.call("riskTermsOf", [1n]);
    await send(deployer, risk, "setRiskTerms", [
      1n,
      { ...terms, maintenanceMargin: parseD18("0.07"), initialMargin: parseD18("0.08") },
    ]);
    const { code } = await house.call("liquidate", [accounts.bitcoiner, 1n, 1n << 96n]);
    expect(code > 1n, `code ${code}`).to.equal(true);
  });

  it("tells what acts at once from what ramps bring (RAMP-1)", async () => {
    const { reader, deployer, risk, accounts, impactOf, judged, pushAll } = await world();
    const impact = await impactOf('{"ETH": {"risk": {"maintenanceMargin": "0.045"}}}');
    const bold = impact.accounts.find(({ account }) => account === accounts.bold);
    if (bold === undefined) throw new Error("The trader is missing");
    expect(bold.atOnce.maintenanceUsd <= bold.before.maintenanceUsd).to.equal(true);
    expect(bold.later.maintenanceUsd > (bold.before.maintenanceUsd * 14n) / 10n).to.equal(true);
    expect(countsOf(impact.accounts).liquidatableAtOnce).to.equal(0);

    const terms = await risk.call("riskTermsOf", [0n]);
    await send(deployer, risk, "setRiskTerms", [
      0n,
      { ...terms, maintenanceMargin: parseD18("0.045") },
    ]);
    for (const { account, atOnce } of impact.accounts) {
      expect(margins(atOnce)).to.deep.equal(margins(await judged(account)));
    }
    await reader.send("evm_increaseTime", [36_000]);
    await pushAll();
    for (const { account, later } of impact.accounts) {
      expect(margins(later)).to.deep.equal(margins(await judged(account)));
    }
  });

  it("says what another horizon asks for", async () => {
    const { deployer, risk, impactOf, judged, reader, manifest, push } = await world();
    const oracle = typedContract(oracleRouterAbi, manifest.contracts.oracleRouter, reader);
    // Some buckets of movement, for there to be a volatility; it comes back to where it was.
    for (const price of [2_040n, 2_000n, 2_030n, 2_000n]) {
      await reader.send("evm_increaseTime", [700]);
      await push("ETH", price);
      await send(deployer, oracle, "poke", [1n]);
    }
    const impact = await impactOf(
      '{"ETH": {"adaptive": {"horizonSeconds": 86400, "deviations": "20"}}}',
    );
    const { source, regimeCaps } = await risk.call("adaptiveTermsOf", [0n]);
    await send(deployer, risk, "setAdaptiveTerms", [
      0n,
      { source, horizonSeconds: 86_400n, deviations: parseD18("20"), regimeCaps },
    ]);
    for (const { account, before, atOnce } of impact.accounts) {
      expect(margins(atOnce)).to.deep.equal(margins(await judged(account)));
      expect(atOnce.initialUsd > before.initialUsd).to.equal(true);
    }
  });

  it("says what another scale and other ramps ask for", async () => {
    const { deployer, risk, house, impactOf, judged } = await world();
    const impact = await impactOf(
      '{"ETH": {"terms": {"skewScale": "50000", "exposureCap": "20", "minNotionalUsd": "15000"}, "risk": {"rampStartUsd": "10000"}, "cover": {"concentrationMove": "1", "bootstrapUsd": "1"}}}',
    );
    const market = await house.call("termsOf", [0n]);
    await send(deployer, house, "setMarketTerms", [
      0n,
      {
        ...market,
        skewScale: parseD18("50000"),
        exposureCap: parseD18("20"),
        minNotionalUsd: parseD18("15000"),
      },
    ]);
    const terms = await risk.call("riskTermsOf", [0n]);
    await send(deployer, risk, "setRiskTerms", [0n, { ...terms, rampStartUsd: parseD18("10000") }]);
    const cover = await risk.call("coverTermsOf", [0n]);
    await send(deployer, risk, "setCoverTerms", [
      0n,
      { ...cover, concentrationMove: parseD18("1"), bootstrapUsd: parseD18("1") },
    ]);
    for (const { account, atOnce, before } of impact.accounts) {
      expect(margins(atOnce)).to.deep.equal(margins(await judged(account)));
      expect(atOnce.maintenanceUsd > before.maintenanceUsd).to.equal(true);
    }
    expect(impact.notes.join("\n")).to.match(/ETH: the pool holds 25, above the new cap of 20/);
    expect(impact.notes.join("\n")).to.match(/1 positions are smaller than 15000 USD/);
  });

  it("judges everybody at a price, or at the answer of another feed", async () => {
    const { reader, accounts, impactOf, judged, push, manifest } = await world();
    const impact = await impactOf('{"ETH": {"price": "1930"}}');
    const bold = impact.accounts.find(({ account }) => account === accounts.bold);
    expect(countsOf(impact.accounts).liquidatableAtOnce).to.equal(1);
    const feed = manifest.collateral.find(({ symbol }) => symbol === "WETH")?.feed.address;
    const same = await refusalOf(impactOf(`{"ETH": {"feed": "${feed}"}}`));
    expect(same).to.match(/sets what is set already/);
    const other = await impactOf(`{"BTC": {"feed": "${feed}"}}`);
    expect(other.changes[0]?.lines).to.deep.equal(["price 40000 → 2000"]);
    expect(other.notes.join()).to.match(
      /BTC: the new feed is 95 % from the present price: setFeed/,
    );
    // What the note says is what the router asks for.
    const router = await readFile("contracts/oracles/OracleRouter.sol", "utf8");
    expect(router).to.contain("HIGHEST_FEED_CHANGE_BPS = 500;");

    await push("ETH", 1_930n);
    const chain = await judged(accounts.bold);
    const apart = chain.equityUsd - (bold?.atOnce.equityUsd ?? 0n);
    // A few seconds of funding lie between.
    expect(apart < 10n ** 16n && apart > -(10n ** 16n), String(apart)).to.equal(true);
    expect(chain.maintenanceUsd).to.equal(bold?.atOnce.maintenanceUsd);
    expect(await reader.getBlockNumber()).to.be.greaterThan(impact.block);
  });

  it("answers as of a block that has passed", async () => {
    const { manifest, reader, push, impactOf } = await world();
    const change = '{"ETH": {"price": "1930"}}';
    const then = await impactOf(change);
    await push("ETH", 2_100n);
    const again = await measureImpact({
      provider: reader,
      manifest,
      change: await readChange(change),
      block: then.block,
    });
    expect(impactJson(again)).to.equal(impactJson(then));
  });

  const refusals: readonly [string, RegExp][] = [
    ["{", /--change is not JSON/],
    ["{}", /--change changes nothing\. Write, for example/],
    ['{"SOL": {"price": "1"}}', /There is no market SOL; there are: ETH, BTC/],
    ['{"ETH": {"rsik": {}}}', /ETH: Unrecognized key: "rsik"/],
    [
      '{"ETH": {"risk": {"maintenanceMargin": "0.06"}}}',
      /ETH\.risk\.maintenanceMargin: is 0\.06; at most the initialMargin 0\.05/,
    ],
    ['{"ETH": {"risk": {"margin": "0.06"}}}', /ETH\.risk\.Unrecognized key: "margin"/],
    [
      '{"ETH": {"terms": {"takerFee": "0.5"}}}',
      /ETH\.terms\.takerFee: is 0\.5; allowed are 0 to 0\.01/,
    ],
    ['{"ETH": {"risk": {"maintenanceMargin": "0.03"}}}', /sets what is set already/],
    ['{"BTC": {"adaptive": {"deviations": "3"}}}', /margins of BTC follow nothing yet/],
    ['{"ETH": {"price": "0"}}', /The price is 0; it must be above 0/],
    ['{"ETH": {"price": "cheap"}}', /"cheap" is not a decimal number/],
    [`{"ETH": {"feed": "0x${"11".repeat(20)}"}}`, /There is no feed at 0x1111\w+: [^[]/],
    ['{"ETH": {"feed": "0x12"}}', /"0x12" is not an address/],
    [`{"ETH": {"feed": "0x${"11".repeat(20)}", "price": "1"}}`, /ETH: has both a feed and a price/],
    ["nowhere.json", /There is no file nowhere\.json/],
  ];
  for (const [change, message] of refusals) {
    it(`refuses ${change}, and says why`, async () => {
      const { impactOf } = await world();
      expect(await refusalOf(impactOf(change))).to.match(message);
    });
  }

  it("is a command", async () => {
    await withDirectory(async (directory) => {
      await withNode(31_337, async ({ url, provider }) => {
        const deployer = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
        const parameters = await readParameters("local");
        const manifest = await deployBreakwater({ provider, parameters, deployer });
        const file = join(directory, "manifest.json");
        await writeFile(file, formatManifest(manifest));
        const out = join(directory, "impact.json");
        const change = join(directory, "change.json");
        await writeFile(change, '{"ETH": {"risk": {"maintenanceMargin": "0.04"}}}');
        const house = ["--network", "localhost", "--rpc-url", url, "--manifest", file];
        const good = await run([...house, "--change", change, "--out", out]);
        expect(good.stderr).to.equal("");
        expect(good.exitCode).to.equal(0);
        expect(good.stdout).to.match(/ETH {2}risk\.maintenanceMargin 0\.03 → 0\.04/);
        expect(good.stdout).to.match(/Accounts with positions there +0/);
        expect(await readFile(out, "utf8")).to.match(/"liquidatableAtOnce": 0/);
        const bad = await run([...house, "--change", '{"ETH": {"risk": {"sizeSlope": "1"}}}']);
        expect(bad.exitCode).to.equal(1);
        expect(bad.stderr).to.equal(
          "The change cannot be made:\n  ETH.risk.sizeSlope: is 1; allowed are 0 to 0.2\n",
        );
      });
    });
    const none = await run(["--network", "localhost"]);
    expect(none.exitCode).to.equal(1);
    expect(none.stderr).to.match(/^Say what is to change with --change/);
    const unknown = await run(["--netwrok", "localhost"]);
    expect(unknown.stderr).to.match(/^Unknown option '--netwrok'/);
  });
});

/** Runs the command as an operator does. */
function run(args: readonly string[]) {
  const script = join(import.meta.dirname, "../../scripts/impact/main.ts");
  return new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

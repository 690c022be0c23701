import { readFileSync } from "node:fs";
import { expect } from "chai";
import { type BigNumberish, Wallet } from "ethers";
import { type Chain, openChain } from "../../scripts/bench/chain.ts";
import { feedConfig, type House, openHouse, usd } from "../../scripts/bench/house.ts";
import { viewGasOf } from "../../scripts/bench/receipts.ts";
import { enums } from "../../sdk/src/abis/enums.ts";
import { rowsBelow } from "../docs/tables.ts";
import {
  type CryptoReport,
  chargeFees,
  deployVerifier,
  SIGNERS,
  STREAM,
  signedReport,
} from "./verifier.ts";

const ETH = 0;
/** A market whose feed is an ordinary one behind a proxy. */
const PLAIN = 1;
/** {s} */
const MAX_AGE = 10n;
const FEE = 1_000_000_000_000n;
const AWAITING = BigInt(enums.ExecutionCode.indexOf("AwaitingPrice"));

/** A whole house whose first market has a feed of signed reports. */
async function openStreamsHouse() {
  const chain = await openChain();
  const { ethers, send } = chain;
  const [operator] = await ethers.getSigners();
  if (operator === undefined) throw new Error("The chain has no accounts");
  const verifier = await deployVerifier(operator);
  const args = [verifier, STREAM, 18, MAX_AGE, "ETH / USD"];
  const feed = await ethers.deployContract("StreamsFeed", args);
  const relay = await ethers.deployContract("ReportRelay");
  const house = await openHouse(chain);
  const judge = await ethers.getContractAt("IReportVerifier", verifier);
  const first = signedReport({ observedAt: now(chain), price: usd(2_000) });
  await send((o) => feed.update(first, o));
  const config = feedConfig(await feed.getAddress());
  await send((o) => house.oracle.setFeed(ETH, config, o));
  return { chain, operator, verifier, judge, house, feed, relay };
}

/** The second in which the next transaction will be mined. */
const now = (chain: Chain) => BigInt(chain.now() + 2);

describe("signed reports in the transaction that needs them", function () {
  this.timeout(300_000);
  type Opened = Awaited<ReturnType<typeof openStreamsHouse>>;
  let opened: Opened;
  let snapshot: string;
  let chain: Chain;
  let house: House;
  let account: bigint;

  before(async () => {
    opened = await openStreamsHouse();
    ({ chain, house } = opened);
    account = await house.newAccount(10_000);
  });
  after(() => opened.chain.close());
  beforeEach(async () => {
    snapshot = await chain.ethers.provider.send("evm_snapshot", []);
  });
  afterEach(async () => {
    await chain.ethers.provider.send("evm_revert", [snapshot]);
  });

  /** What a keeper sends: reports, then calls that need them. */
  const run = (
    reports: readonly string[],
    calls: readonly { readonly target: string; readonly data: string }[],
    value = 0n,
  ) =>
    chain.send(async (o) => {
      const updates = reports.map((report) => ({ feed: opened.feed, report, value }));
      const total = value * BigInt(reports.length);
      return opened.relay.connect(house.keeperSigner).run(updates, [...calls], {
        ...o,
        value: total,
      });
    });
  const report = (given: Partial<CryptoReport> = {}, signers?: readonly Wallet[]) =>
    signedReport({ observedAt: now(chain), price: usd(2_010), ...given }, signers);
  const executing = async (orderId: BigNumberish) => ({
    target: await house.orders.getAddress(),
    data: house.orders.interface.encodeFunctionData("execute", [orderId, house.keeper]),
  });
  const liquidating = async () => ({
    target: await house.house.getAddress(),
    data: house.house.interface.encodeFunctionData("liquidate", [account, ETH, house.keeper]),
  });
  const commit = async () => {
    const { orderId } = await house.commit(account, ETH, usd(10));
    return { orderId, committedAt: BigInt(chain.now()) };
  };
  const sizeNow = async () => (await house.house.positionOf(account, ETH)).size;

  it("executes an order at the price of the report that comes with it", async () => {
    const { orderId, committedAt } = await commit();
    const { orders } = house;
    await expect(run([], [await executing(orderId)]))
      .to.be.revertedWithCustomError(orders, "OrderNotExecutable")
      .withArgs(orderId, AWAITING, committedAt + 60n);
    await run([report({ price: usd(2_020) })], [await executing(orderId)]);
    expect(await sizeNow()).to.equal(usd(10));
    const [event] = await orders.queryFilter(orders.filters.OrderExecuted(orderId));
    if (event === undefined) return expect.fail("no order was executed");
    const { price, spread } = event.args;
    expect(spread).to.equal(0n);
    // The skew moves the pool's price away from the index by less than a tenth of a per cent.
    expect(price).to.be.within(usd(2_018), usd(2_022));
    expect((await house.oracle.recordOf(ETH)).price).to.equal(usd(2_020));
  });

  it("liquidates at the price of the report that comes with it", async () => {
    await house.trade(account, ETH, usd(80));
    await run([], [await liquidating()]);
    expect(await sizeNow()).to.equal(usd(80), "healthy at the last report");
    const receipt = await run([report({ price: usd(1_925) })], [await liquidating()]);
    const events = receipt.logs.map((log) => house.house.interface.parseLog(log)?.name);
    expect(events).to.include("Liquidated");
    const left = await sizeNow();
    expect(left > 0n && left < usd(80), `${left} is left`).to.equal(true);
  });

  it("acts on nothing that is not a report of this stream, signed by enough of its signers, of now", async () => {
    const { orderId } = await commit();
    const call = await executing(orderId);
    const { feed, judge } = opened;
    const [first = SIGNERS[0]] = SIGNERS;
    if (first === undefined) throw new Error("no signers");
    const stranger = new Wallet(`0x${"77".repeat(32)}`);
    const other = `0x0003${"cd".repeat(30)}`;
    const refused = async (
      signedOne: string,
      { contract = feed, error }: { contract?: typeof feed | typeof judge; error: string },
      args: readonly unknown[],
    ) => {
      const refusal = expect(run([signedOne], [call])).to.be.revertedWithCustomError(
        contract,
        error,
      );
      await (args.length === 0 ? refusal : refusal.withArgs(...args));
      expect(await sizeNow(), error).to.equal(0n);
    };
    const late = now(chain) - MAX_AGE - 1n;
    const stale = report({ observedAt: now(chain) - 1n });
    chain.skip(Number(MAX_AGE));
    const mined = now(chain);
    await refused(stale, { error: "ReportTooOld" }, [late + MAX_AGE, mined - MAX_AGE]);
    await refused(report({ stream: other }), { error: "StreamMismatch" }, [other, STREAM]);
    const ahead = now(chain) + 1n;
    await refused(report({ observedAt: ahead }), { error: "ReportFromFuture" }, [
      ahead,
      ahead - 1n,
    ]);
    for (const price of [0n, -usd(2_000)]) {
      await refused(report({ price }), { error: "ReportPriceOutOfRange" }, [price]);
    }
    const count = { contract: judge, error: "IncorrectSignatureCount" };
    await refused(report({}, [first]), count, [1n, 2n]);
    const bad = { contract: judge, error: "BadVerification" };
    await refused(report({}, [first, stranger]), bad, []);
    await refused(report({}, [first, first]), bad, []);
    await run([report()], [call]);
    expect(await sizeNow()).to.equal(usd(10), "the order was still there");
  });

  it("executes no order at a report from before it, nor at one sent again", async () => {
    const before = now(chain);
    await run([report({ observedAt: before, price: usd(1_990) })], []);
    const used = signedReport({ observedAt: before, price: usd(1_990) });
    const { orderId, committedAt } = await commit();
    const expected = [orderId, AWAITING, committedAt + 60n] as const;
    const call = await executing(orderId);
    for (const observedAt of [committedAt - 1n, committedAt]) {
      await expect(run([report({ observedAt })], [call]))
        .to.be.revertedWithCustomError(house.orders, "OrderNotExecutable")
        .withArgs(...expected);
    }
    // Sent again, or older than the last: no update, so no price after the order.
    await run([report({ observedAt: committedAt })], []);
    for (const again of [used, report({ observedAt: committedAt })]) {
      await expect(run([again], [call]))
        .to.be.revertedWithCustomError(house.orders, "OrderNotExecutable")
        .withArgs(...expected);
      expect((await opened.feed.latestRoundData())[3]).to.equal(committedAt);
    }
  });

  it("lets no older report take a liquidation's price back", async () => {
    await house.trade(account, ETH, usd(80));
    const low = report({ price: usd(1_925) });
    chain.skip(3);
    await run([report({ price: usd(2_000) })], []);
    await run([low], [await liquidating()]);
    expect(await sizeNow()).to.equal(usd(80));
  });

  it("pays the verifier's fee, gives back the rest, and refuses less", async () => {
    const { operator, verifier, feed, relay } = opened;
    const coin = await chargeFees(operator, verifier);
    chain.skip(60);
    const { orderId } = await commit();
    const call = await executing(orderId);
    await expect(run([report({ fee: FEE })], [call], FEE - 1n))
      .to.be.revertedWithCustomError(feed, "ReportFeeTooLow")
      .withArgs(FEE - 1n, FEE);
    await run([report({ fee: FEE })], [call], 3n * FEE);
    expect(await sizeNow()).to.equal(usd(10));
    const { provider } = chain.ethers;
    expect(await provider.getBalance(coin)).to.equal(FEE);
    expect(await provider.getBalance(feed)).to.equal(0n);
    expect(await provider.getBalance(relay)).to.equal(0n);
  });

  it("takes all back where a call fails, and names what has no code", async () => {
    const { orderId } = await commit();
    const bogus = { target: house.stranger.address, data: "0x01" };
    await expect(run([report()], [await executing(orderId), bogus])).to.be.revert(chain.ethers);
    expect(await sizeNow()).to.equal(0n);
    expect((await opened.feed.latestRoundData())[1]).to.equal(usd(2_000));
  });

  it("costs the gas that docs/data-streams.md says", async () => {
    const { feed, operator, verifier } = opened;
    const observing = async (market: number) => {
      const call = await house.oracle.observe.populateTransaction(1n << BigInt(market), 0n);
      const receipt = await chain.send((o) => house.stranger.sendTransaction({ ...call, ...o }));
      return viewGasOf(receipt, call.data);
    };
    const updating = async (value = 0n) => {
      const signedOne = report({ price: usd(2_001), fee: value });
      const receipt = await chain.send((o) => feed.update(signedOne, { ...o, value }));
      return Number(receipt.gasUsed);
    };
    await house.observe(3n);
    const plain = await observing(PLAIN);
    const streams = await observing(ETH);
    await house.push(PLAIN, 40_001);
    const update = await updating();
    const plainNew = await observing(PLAIN);
    const streamsNew = await observing(ETH);
    const { orderId } = await commit();
    const together = await run([report()], [await executing(orderId)]);
    const second = await commit();
    await updating();
    const alone = await house.orders
      .connect(house.keeperSigner)
      .execute.populateTransaction(second.orderId, house.keeper);
    const receipt = await chain.send((o) => house.keeperSigner.sendTransaction({ ...alone, ...o }));
    await chargeFees(operator, verifier);
    chain.skip(60);
    await updating(FEE);
    const figures = {
      observePlain: plain,
      observeStreams: streams,
      observePlainNewRound: plainNew,
      observeStreamsNewRound: streamsNew,
      update,
      updateWithFee: await updating(FEE),
      updateAndExecute: Number(together.gasUsed),
      executeAlone: Number(receipt.gasUsed),
    };
    const lines = readFileSync("docs/data-streams.md", "utf8").split("\n");
    const shown = rowsBelow(lines, "| what | gas |");
    expect(shown.length).to.equal(Object.keys(figures).length);
    for (const [row, [name, gas]] of Object.entries(figures).entries()) {
      const cell = Number(shown[row]?.[1]?.replaceAll(",", ""));
      expect(Math.abs(gas - cell), `${name}: ${gas}, and the page says ${cell}`).to.be.lessThan(
        gas / 100,
      );
    }
  });
});

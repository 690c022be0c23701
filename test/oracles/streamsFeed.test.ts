import { expect } from "chai";
import { AbiCoder, Wallet } from "ethers";
import { network } from "hardhat";
import { deployClosedCaller } from "./closedCaller.ts";
import { chargeFees, deployVerifier, SIGNERS, STREAM, signed, signedReport } from "./verifier.ts";

const MAX_AGE = 10n;
const PRICE = 2_000n * 10n ** 18n;

/** A feed of a stream whose reports Chainlink's own verifier checks. */
async function openFeed() {
  const { ethers, networkHelpers } = await network.create();
  const [operator] = await ethers.getSigners();
  if (operator === undefined) throw new Error("The chain has no accounts");
  const proxy = await deployVerifier(operator);
  const feed = await ethers.deployContract("StreamsFeed", [
    proxy,
    STREAM,
    18,
    MAX_AGE,
    "ETH / USD",
  ]);
  const now = async () => BigInt(await networkHelpers.time.latest());
  return { ethers, networkHelpers, feed, now, verifier: proxy };
}

describe("a feed of signed reports", function () {
  // The verifier is compiled first.
  this.timeout(300_000);
  type Opened = Awaited<ReturnType<typeof openFeed>>;
  let opened: Opened;
  let now: bigint;

  beforeEach(async () => {
    opened = await openFeed();
    now = await opened.now();
  });

  const update = (report: string, value = 0n) => opened.feed.update(report, { value });

  it("has no price before the first report", async () => {
    expect(await opened.feed.latestRoundData()).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
  });

  it("shows a verified report as a round", async () => {
    const [sender] = await opened.ethers.getSigners();
    await expect(update(signedReport({ observedAt: now, price: PRICE })))
      .to.emit(opened.feed, "ReportAccepted")
      .withArgs(1n, PRICE, now, sender?.address);
    expect(await opened.feed.latestRoundData()).to.deep.equal([1n, PRICE, now, now, 1n]);
    expect(await opened.feed.getRoundData(1n)).to.deep.equal([1n, PRICE, now, now, 1n]);
    await expect(opened.feed.getRoundData(2n))
      .to.be.revertedWithCustomError(opened.feed, "RoundNotKept")
      .withArgs(2n, 1n);
    expect(await opened.feed.decimals()).to.equal(18n);
    expect(await opened.feed.description()).to.equal("ETH / USD");
  });

  it("takes any signatures that make up a quorum", async () => {
    await update(signedReport({ observedAt: now, price: PRICE }, SIGNERS.slice(2, 4)));
    expect((await opened.feed.latestRoundData())[1]).to.equal(PRICE);
  });

  it("refuses what too few, strangers, or one signer twice have signed", async () => {
    const report = { observedAt: now, price: PRICE };
    const [first = SIGNERS[0]] = SIGNERS;
    if (first === undefined) throw new Error("no signers");
    const judge = await opened.ethers.getContractAt("IReportVerifier", opened.verifier);
    await expect(update(signedReport(report, [first])))
      .to.be.revertedWithCustomError(judge, "IncorrectSignatureCount")
      .withArgs(1n, 2n);
    for (const signers of [
      [first, new Wallet(`0x${"77".repeat(32)}`)],
      [first, first],
    ]) {
      await expect(update(signedReport(report, signers))).to.be.revertedWithCustomError(
        judge,
        "BadVerification",
      );
    }
    expect((await opened.feed.latestRoundData())[0]).to.equal(0n);
  });

  it("refuses a report that was changed after it was signed", async () => {
    const report = signedReport({ observedAt: now, price: PRICE });
    const price = PRICE.toString(16).padStart(64, "0");
    const forged = report.replace(price, (PRICE + 1n).toString(16).padStart(64, "0"));
    expect(forged).not.to.equal(report);
    const judge = await opened.ethers.getContractAt("IReportVerifier", opened.verifier);
    await expect(update(forged)).to.be.revertedWithCustomError(judge, "BadVerification");
  });

  it("changes nothing, and asks for no fee, where a report is no newer", async () => {
    await update(signedReport({ observedAt: now, price: PRICE }));
    const older = signedReport({ observedAt: now, price: PRICE / 2n });
    expect(await opened.feed.update.staticCall(older)).to.equal(false);
    await expect(update(older, 5n)).not.to.emit(opened.feed, "ReportAccepted");
    expect((await opened.feed.latestRoundData())[1]).to.equal(PRICE);
    const address = await opened.feed.getAddress();
    expect(await opened.ethers.provider.getBalance(address)).to.equal(0n, "given back");
  });

  it("refuses a report of another stream", async () => {
    const stream = `0x0003${"cd".repeat(30)}`;
    await expect(update(signedReport({ stream, observedAt: now, price: PRICE })))
      .to.be.revertedWithCustomError(opened.feed, "StreamMismatch")
      .withArgs(stream, STREAM);
  });

  it("takes a report until it is as old as it may be, and no longer", async () => {
    const { networkHelpers, feed } = opened;
    const report = signedReport({ observedAt: now, price: PRICE });
    await networkHelpers.time.setNextBlockTimestamp(now + MAX_AGE + 1n);
    await expect(update(report))
      .to.be.revertedWithCustomError(feed, "ReportTooOld")
      .withArgs(now, now + 1n);
    const next = await opened.now();
    const second = signedReport({ observedAt: next, price: PRICE });
    await networkHelpers.time.setNextBlockTimestamp(next + MAX_AGE);
    await expect(update(second)).to.emit(feed, "ReportAccepted");
  });

  it("refuses a report from the future", async () => {
    const { networkHelpers, feed } = opened;
    await networkHelpers.time.setNextBlockTimestamp(now + 5n);
    await expect(update(signedReport({ observedAt: now + 6n, price: PRICE })))
      .to.be.revertedWithCustomError(feed, "ReportFromFuture")
      .withArgs(now + 6n, now + 5n);
  });

  it("refuses prices that are none", async () => {
    for (const price of [0n, -1n, 1n << 128n]) {
      await expect(update(signedReport({ observedAt: now, price })))
        .to.be.revertedWithCustomError(opened.feed, "ReportPriceOutOfRange")
        .withArgs(price);
    }
  });

  it("refuses a report that is too short to be one", async () => {
    const short = AbiCoder.defaultAbiCoder().encode(["bytes32", "uint32"], [STREAM, now]);
    await expect(update(signed(short, SIGNERS.slice(0, 2))))
      .to.be.revertedWithCustomError(opened.feed, "ReportTooShort")
      .withArgs(64n, 288n);
  });

  it("pays the verifier's fee out of what is sent, and gives the rest back", async () => {
    const { ethers, feed, verifier } = opened;
    const [sender] = await ethers.getSigners();
    if (sender === undefined) throw new Error("The chain has no accounts");
    const fee = 1_000n;
    const report = signedReport({ observedAt: now, price: PRICE, fee });
    expect(await feed.feeOf(report)).to.equal(0n, "nobody takes fees yet");
    const coin = await chargeFees(sender, verifier);
    expect(await feed.feeOf(report)).to.equal(fee);
    for (const value of [0n, fee - 1n]) {
      await expect(update(report, value))
        .to.be.revertedWithCustomError(feed, "ReportFeeTooLow")
        .withArgs(value, fee);
    }
    await expect(feed.update(report, { value: 5n * fee })).to.changeEtherBalances(
      ethers,
      [sender, coin],
      [-fee, fee],
    );
    const second = signedReport({ observedAt: now + 1n, price: PRICE + 1n, fee });
    await expect(update(second, fee)).to.emit(feed, "ReportAccepted");
    const third = signedReport({ observedAt: now + 2n, price: PRICE });
    await expect(update(third)).to.emit(feed, "ReportAccepted");
    expect(await ethers.provider.getBalance(feed)).to.equal(0n);
  });

  it("gives everything back where nobody takes fees", async () => {
    // Regression: what was sent along stayed with the verifier, which takes it whether it asks for a fee or not.
    const { ethers, feed } = opened;
    const [sender] = await ethers.getSigners();
    if (sender === undefined) throw new Error("The chain has no accounts");
    const report = signedReport({ observedAt: now, price: PRICE });
    await expect(feed.update(report, { value: 9n })).to.changeEtherBalances(ethers, [sender], [0n]);
  });

  it("refuses, as the relay does, to keep what cannot be given back", async () => {
    const { ethers, feed } = opened;
    const [sender] = await ethers.getSigners();
    if (sender === undefined) throw new Error("The chain has no accounts");
    const report = signedReport({ observedAt: now, price: PRICE });
    const relay = await ethers.deployContract("ReportRelay");
    for (const contract of [feed, relay]) {
      const caller = await deployClosedCaller(sender, await contract.getAddress());
      const [data, error] =
        contract === feed
          ? [feed.interface.encodeFunctionData("update", [report]), "RefundFailed"]
          : [relay.interface.encodeFunctionData("run", [[], []]), "LeftoverStuck"];
      await expect(sender.sendTransaction({ to: caller, data, value: 7n }))
        .to.be.revertedWithCustomError(contract, error)
        .withArgs(caller, 7n);
    }
    const direct = await deployClosedCaller(sender, await feed.getAddress());
    const data = feed.interface.encodeFunctionData("update", [report]);
    await expect(sender.sendTransaction({ to: direct, data })).to.emit(feed, "ReportAccepted");
  });

  it("is not made for what it cannot read, or for reports of any age", async () => {
    const { ethers, feed, verifier } = opened;
    const make = (stream: string, maxAge: bigint) =>
      ethers.deployContract("StreamsFeed", [verifier, stream, 18, maxAge, "x"]);
    await expect(make(`0x0004${"ab".repeat(30)}`, MAX_AGE)).to.be.revertedWithCustomError(
      feed,
      "SchemaNotSupported",
    );
    for (const maxAge of [0n, 61n]) {
      await expect(make(STREAM, maxAge))
        .to.be.revertedWithCustomError(feed, "MaxAgeOutOfBounds")
        .withArgs(maxAge, 1n, 60n);
    }
  });
});

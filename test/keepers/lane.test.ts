import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Wallet } from "ethers";
import { RetryableError, SkippedError } from "../../keepers/src/failures.ts";
import type { Log } from "../../keepers/src/log.ts";
import { EndpointError, RpcError } from "../../keepers/src/rpc/rpcError.ts";
import { Attempts } from "../../keepers/src/send/attempts.ts";
import { Lane } from "../../keepers/src/send/lane.ts";
import { verdictOf } from "../../keepers/src/send/sendErrors.ts";
import { Database } from "../../keepers/src/store/database.ts";
import { Outbox } from "../../keepers/src/store/outbox.ts";
import { FakeMempool } from "./support/fakeMempool.ts";
import { KEEPER_KEY } from "./support/localHouse.ts";

const GWEI = 10n ** 9n;
const wallet = new Wallet(KEEPER_KEY);
const silent: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

const submission = (data: string) => ({
  subject: `account ${data}`,
  kind: "liquidate",
  to: wallet.address,
  data,
  gasLimit: 100_000n,
  baseFeePerGas: 10n * GWEI,
});

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("It did not fail"),
    (error: unknown) => error,
  );
}

/** As if the process had been killed at this point: nothing after it runs. */
class Killed extends Error {}

describe("a lane", () => {
  let directory: string;
  let file: string;
  let database: Database;
  let chain: FakeMempool;
  let nowMs: number;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "keeper-lane-"));
    file = join(directory, "keeper.sqlite");
    database = new Database(file);
    chain = new FakeMempool();
    nowMs = 0;
  });
  afterEach(() => {
    database.close();
    rmSync(directory, { recursive: true });
  });

  function laneOf(outbox = new Outbox({ database, signer: wallet.address })): Lane {
    return new Lane({
      chain,
      outbox,
      wallet,
      chainId: 31337,
      limits: { maxFeePerGas: 40n * GWEI, minPriorityFeePerGas: GWEI },
      replaceAfterMs: 1_000,
      log: silent,
      now: () => nowMs,
    });
  }

  /** What a new process finds: the same file, opened again. */
  function restart(): Lane {
    database.close();
    database = new Database(file);
    return laneOf();
  }

  it("gives each transaction the next nonce, several under way at once, and reports each end", async () => {
    const lane = laneOf();
    for (const data of ["0x01", "0x02", "0x03"]) await lane.submit(submission(data));
    expect(chain.handed.map(({ nonce }) => nonce)).to.deep.equal([0, 1, 2]);
    expect(await lane.poll(10n * GWEI)).to.deep.equal([]);
    expect(lane.inFlight).to.have.length(3);
    chain.mine(7);
    const ended = await lane.poll(10n * GWEI);
    expect(ended.map(({ receipt }) => receipt?.blockNumber)).to.deep.equal([7, 7, 7]);
    expect(chain.included).to.deep.equal(["0x01", "0x02", "0x03"]);
    expect(lane.inFlight).to.deep.equal([]);
  });

  it("replaces what waits too long at the same nonce and fees at least an eighth higher, up to the limit", async () => {
    const lane = laneOf();
    await lane.submit(submission("0x01"));
    for (let round = 1; round <= 8; round++) {
      nowMs += 1_001;
      await lane.poll(10n * GWEI);
    }
    const offers = new Map(chain.handed.map((signed) => [signed.hash, signed]));
    const distinct = [...offers.values()];
    expect(distinct.length).to.be.greaterThan(3);
    for (const [i, next] of distinct.slice(1).entries()) {
      const previous = distinct[i];
      expect(next.nonce).to.equal(0);
      expect(8n * (next.maxFeePerGas ?? 0n) >= 9n * (previous?.maxFeePerGas ?? 0n)).to.equal(true);
      expect(
        8n * (next.maxPriorityFeePerGas ?? 0n) >= 9n * (previous?.maxPriorityFeePerGas ?? 0n),
      ).to.equal(true);
      expect((next.maxFeePerGas ?? 0n) <= 40n * GWEI).to.equal(true);
    }
    chain.mine(9);
    expect(await lane.poll(10n * GWEI)).to.have.length(1);
    expect(chain.included).to.deep.equal(["0x01"]);
  });

  it("finds the receipt of an earlier signature when that is the one included", async () => {
    const lane = laneOf();
    const first = await lane.submit(submission("0x01"));
    chain.onHand = () => "lose";
    nowMs += 1_001;
    await lane.poll(10n * GWEI);
    expect(chain.handed).to.have.length(2);
    chain.mine(3);
    const [ended] = await lane.poll(10n * GWEI);
    expect(ended?.receipt?.transactionHash).to.equal(first);
  });

  it("reports a nonce used by another transaction, and goes on with the next", async () => {
    const lane = laneOf();
    await lane.submit(submission("0x01"));
    chain.useNonce();
    const [ended] = await lane.poll(10n * GWEI);
    expect(ended?.receipt).to.equal(null);
    await lane.submit(submission("0x02"));
    expect(chain.handed.at(-1)?.nonce).to.equal(1);
  });

  it("takes the next nonce when its own turns out to be used while sending", async () => {
    const lane = laneOf();
    await lane.submit(submission("0x01"));
    chain.mine(1);
    chain.useNonce();
    await lane.submit(submission("0x02"));
    chain.mine(2);
    expect(chain.included).to.deep.equal(["0x01", "0x02"]);
    expect(await lane.poll(GWEI)).to.have.length(2);
  });

  it("keeps a transaction under way when nobody knows whether it arrived", async () => {
    const lane = laneOf();
    chain.onHand = () => {
      throw new EndpointError("no answer");
    };
    await lane.submit(submission("0x01"));
    expect(lane.inFlight).to.have.length(1);
    chain.onHand = () => "take";
    nowMs += 6_000;
    await lane.poll(10n * GWEI);
    chain.mine(1);
    expect(await lane.poll(10n * GWEI)).to.have.length(1);
    expect(chain.included).to.deep.equal(["0x01"]);
  });

  it("skips what no fee within the limit would get included, and an empty wallet", async () => {
    const lane = laneOf();
    const dear = { ...submission("0x01"), baseFeePerGas: 40n * GWEI };
    expect(await failureOf(lane.submit(dear))).to.be.instanceOf(SkippedError);
    chain.onHand = () => {
      throw new RpcError({
        code: -32000,
        message: "insufficient funds for gas * price + value",
        data: undefined,
      });
    };
    expect(String(await failureOf(lane.submit(submission("0x01"))))).to.contain(
      "send it gas money",
    );
    chain.onHand = () => {
      throw new RpcError({ code: -32000, message: "intrinsic gas too low", data: undefined });
    };
    expect(await failureOf(lane.submit(submission("0x01")))).to.be.instanceOf(RetryableError);
    expect(lane.inFlight).to.deep.equal([]);
    chain.onHand = () => "take";
    await lane.submit(submission("0x02"));
    expect(chain.handed.at(-1)?.nonce).to.equal(0);
  });

  it("watches again a transaction whose block is gone, and hands it over once more", async () => {
    const lane = laneOf();
    await lane.submit(submission("0x01"));
    chain.mine(12);
    await lane.poll(10n * GWEI);
    chain.undoLast();
    await lane.reopenAbove(11);
    expect(lane.inFlight).to.have.length(1);
    chain.mine(12);
    expect(await lane.poll(10n * GWEI)).to.have.length(1);
    expect(chain.included).to.deep.equal(["0x01"]);
  });

  describe("whose process is killed", () => {
    it("before signing: forgets the plan and sends nothing", async () => {
      const outbox = new Outbox({ database, signer: wallet.address });
      outbox.sign = () => {
        throw new Killed();
      };
      expect(await failureOf(laneOf(outbox).submit(submission("0x01")))).to.be.instanceOf(Killed);
      const lane = restart();
      expect(await lane.recover()).to.deep.equal({ dropped: 1, reopened: 0 });
      expect(chain.handed).to.deep.equal([]);
    });

    it("after signing, before sending: sends the same signature, once", async () => {
      chain.onHand = () => {
        throw new Killed();
      };
      // A thrown hand-over is "unknown" to the lane; the process is gone right after it.
      await laneOf().submit(submission("0x01"));
      chain.onHand = () => "take";
      const lane = restart();
      expect(await lane.recover()).to.deep.equal({ dropped: 0, reopened: 1 });
      chain.mine(1);
      expect(await lane.poll(10n * GWEI)).to.have.length(1);
      expect(chain.included).to.deep.equal(["0x01"]);
      expect(new Set(chain.handed.map(({ hash }) => hash)).size).to.equal(1);
    });

    it("after sending: does not send a second transaction for it, mined or not", async () => {
      await laneOf().submit(submission("0x01"));
      let lane = restart();
      await lane.recover();
      await lane.submit(submission("0x02"));
      expect(chain.handed.map(({ nonce }) => nonce)).to.deep.equal([0, 0, 1]);
      chain.mine(1);
      lane = restart();
      expect((await lane.recover()).reopened).to.equal(2);
      const ended = await lane.poll(10n * GWEI);
      expect(ended.every(({ receipt }) => receipt?.status === 1n)).to.equal(true);
      expect(chain.included).to.deep.equal(["0x01", "0x02"]);
    });

    it("between the signature of a replacement and its sending: either is found", async () => {
      const lane = laneOf();
      await lane.submit(submission("0x01"));
      chain.onHand = () => "lose";
      nowMs += 1_001;
      await lane.poll(10n * GWEI);
      const again = restart();
      chain.onHand = () => "take";
      await again.recover();
      chain.mine(1);
      const [ended] = await again.poll(10n * GWEI);
      expect(ended?.intent.attempts).to.have.length(2);
      expect(chain.included).to.deep.equal(["0x01"]);
    });

    it("after the receipt was recorded: has nothing left to do", async () => {
      const lane = laneOf();
      await lane.submit(submission("0x01"));
      chain.mine(1);
      await lane.poll(10n * GWEI);
      expect(await restart().recover()).to.deep.equal({ dropped: 0, reopened: 0 });
    });
  });

  it("does not share its file with another process", () => {
    expect(() => new Database(file)).to.throw("Another keeper may be using it");
  });
});

describe("what nodes say to a signed transaction", () => {
  const refusal = (message: string) =>
    verdictOf(new RpcError({ code: -32000, message, data: undefined }));
  const examples: Readonly<Record<string, string>> = {
    "already known": "known",
    "nonce too low": "nonceUsed",
    "Nonce too low. Expected nonce to be 3 but got 2.": "nonceUsed",
    "replacement transaction underpriced": "underpriced",
    "Sender doesn't have enough funds to send tx.": "unfunded",
    "exceeds block gas limit": "refused",
  };
  for (const [message, verdict] of Object.entries(examples)) {
    it(`"${message}" means ${verdict}`, () => {
      expect(refusal(message)).to.equal(verdict);
    });
  }

  it("silence means that nobody knows", () => {
    expect(verdictOf(new EndpointError("no answer"))).to.equal("unknown");
  });
});

describe("attempts", () => {
  it("wait twice as long after each failure, and not at all after a success", () => {
    let nowMs = 0;
    const attempts = new Attempts(() => nowMs);
    const waits = [1, 2, 3, 4].map(() => {
      attempts.failed("account 1");
      return attempts.waitMs("account 1");
    });
    expect(waits).to.deep.equal([250, 500, 1_000, 2_000]);
    expect(attempts.isStubborn("account 1")).to.equal(true);
    expect(attempts.mustWait("account 2")).to.equal(false);
    nowMs = 2_000;
    expect(attempts.mustWait("account 1")).to.equal(false);
    attempts.failed("account 1");
    attempts.succeeded("account 1");
    expect(attempts.mustWait("account 1")).to.equal(false);
  });
});

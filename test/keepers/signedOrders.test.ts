import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { subjectsOf } from "../../keepers/src/decide/action.ts";
import { matchCandidatesOf, matchesOf } from "../../keepers/src/decide/matches.ts";
import {
  type BadLine,
  type KnownOrder,
  OrderFile,
  readOrderLines,
} from "../../keepers/src/orders/orderFile.ts";
import { ONE } from "../../sdk/src/amounts.ts";
import { formatOrderLine, parseOrderLine } from "../../sdk/src/orders/orderLines.ts";
import { OrderError, orderHashOf, type SignedOrder } from "../../sdk/src/orders/signedOrder.ts";
import { anAccount, aPosition } from "./support/reports.ts";

const venue = { chainId: 1n, signedOrders: `0x${"22".repeat(20)}` };

function signedOf(changes: Partial<SignedOrder["order"]> = {}): SignedOrder {
  return {
    order: {
      account: 50n,
      market: 0n,
      size: 4n * ONE,
      limitPrice: 1_990n * ONE,
      expiry: 5_000n,
      nonce: 1n,
      counterparty: 0n,
      signer: `0x${"11".repeat(20)}`,
      reduceOnly: false,
      makerOnly: false,
      ...changes,
    },
    signature: "0x1234",
  };
}

const knownOf = (changes: Partial<SignedOrder["order"]> = {}): KnownOrder => {
  const signed = signedOf(changes);
  return { signed, hash: orderHashOf(venue, signed.order) };
};

describe("lines of signed orders", () => {
  it("are read as they were written", () => {
    const signed = signedOf({ size: -3n, nonce: 2n ** 256n - 1n });
    expect(parseOrderLine(formatOrderLine(signed))).to.deep.equal(signed);
    expect(formatOrderLine(signed)).to.contain('"size":"-3"').and.not.to.contain("\n");
  });

  it("say what is wrong with them", () => {
    const wrong = (line: string) => {
      try {
        parseOrderLine(line);
        return "nothing";
      } catch (error) {
        return error instanceof OrderError ? error.message : String(error);
      }
    };
    const changed = (from: string, to: string) =>
      wrong(formatOrderLine(signedOf()).replace(from, to));
    expect(wrong("{")).to.equal("It is not JSON");
    expect(changed('"market":"0"', '"market":"256"')).to.equal("order.market: must fit uint8");
    expect(changed('"nonce":"1"', '"nonce":1')).to.contain("order.nonce: must be an integer");
    expect(changed('"nonce":"1",', "")).to.contain("order.nonce");
    expect(changed("0x1234", "0x123")).to.equal("signature: must be 0x and hex digits");
    expect(changed('"size":"4000000000000000000"', '"size":"0"')).to.equal(
      "order.size: must not be 0",
    );
    expect(changed('"order"', '"extra":1,"order"')).to.contain("extra");
  });
});

describe("a file of signed orders", () => {
  let directory: string;
  let file: string;
  let bad: BadLine[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "orders-test-"));
    file = join(directory, "orders.jsonl");
    bad = [];
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  const opened = () =>
    new OrderFile({ file, venue, onBadLines: (badLines) => bad.push(...badLines) });
  const lines = (...texts: string[]) => texts.map((text) => `${text}\n`).join("");

  it("gives each order once and reports bad lines by their number", () => {
    const [a, b] = [formatOrderLine(signedOf()), formatOrderLine(signedOf({ nonce: 2n }))];
    const { orders, badLines } = readOrderLines(lines(a, "", "nonsense", b, a), venue);
    expect(orders.map(({ signed }) => signed.order.nonce)).to.deep.equal([1n, 2n]);
    expect(badLines).to.deep.equal([{ line: 3, reason: "It is not JSON" }]);
  });

  it("is read again when it has changed, and only then", () => {
    writeFileSync(file, lines(formatOrderLine(signedOf())));
    const orders = opened();
    const first = orders.orders();
    expect(first).to.have.length(1);
    expect(orders.orders()).to.equal(first);
    writeFileSync(
      file,
      lines(formatOrderLine(signedOf()), formatOrderLine(signedOf({ nonce: 2n }))),
    );
    expect(orders.orders()).to.have.length(2);
  });

  it("may be missing at first, and may be in the middle of being written", () => {
    const orders = opened();
    expect(orders.orders()).to.deep.equal([]);
    expect(bad).to.have.length(1);
    expect(bad[0]).to.include({ line: 0 });
    expect(orders.orders()).to.deep.equal([]);
    expect(bad).to.have.length(1);
    const whole = formatOrderLine(signedOf());
    writeFileSync(file, `${whole}\n${whole.slice(0, 40)}`);
    expect(orders.orders()).to.have.length(1);
    expect(bad).to.have.length(1);
  });
});

describe("deciding which signed orders a slice is matched against", () => {
  const failing = (size: bigint, account = 5n) =>
    anAccount({
      account,
      equityUsd: 50n * ONE,
      maintenanceUsd: 80n * ONE,
      // The pool would pay, or ask, 2 000.
      positions: [aPosition({ size, code: "Partial", closeSize: ONE })],
    });
  const candidates = (orders: KnownOrder[], report = failing(10n * ONE)) =>
    matchCandidatesOf({ reports: [report], orders, now: 2_000 }).map(
      ({ order }) => order.signed.order.limitPrice / ONE,
    );

  it("offers what was long to those who bid more than the pool, the highest first", () => {
    const bids = [2_001n, 2_003n, 2_000n, 1_999n, 2_002n, 2_004n].map((price) =>
      knownOf({ limitPrice: price * ONE, nonce: price }),
    );
    expect(candidates(bids)).to.deep.equal([2_004n, 2_003n, 2_002n]);
    expect(candidates([knownOf({ limitPrice: 2_005n * ONE, size: -ONE })])).to.deep.equal([]);
  });

  it("offers what was short to those who ask less than the pool, the lowest first", () => {
    const asks = [1_999n, 1_998n, 2_000n, 2_001n].map((price) =>
      knownOf({ limitPrice: price * ONE, nonce: price, size: -ONE }),
    );
    expect(candidates(asks, failing(-10n * ONE))).to.deep.equal([1_998n, 1_999n]);
  });

  it("leaves out orders of others' markets, of the account itself, for another counterparty, or past their time", () => {
    const better = { limitPrice: 2_005n * ONE };
    expect(
      candidates([
        knownOf({ ...better, market: 1n }),
        knownOf({ ...better, account: 5n }),
        knownOf({ ...better, counterparty: 6n }),
        knownOf({ ...better, expiry: 1_999n }),
      ]),
    ).to.deep.equal([]);
    expect(candidates([knownOf({ ...better, counterparty: 5n })])).to.deep.equal([2_005n]);
  });

  it("asks for no account that no slice acts on", () => {
    const order = knownOf({ limitPrice: 2_005n * ONE });
    const paced = anAccount({
      account: 5n,
      maintenanceUsd: ONE,
      positions: [aPosition({ size: ONE, code: "Paced" })],
    });
    expect(candidates([order], paced)).to.deep.equal([]);
    expect(candidates([order], { ...failing(ONE), marginFailure: "0x12" })).to.deep.equal([]);
  });

  it("keeps one order, and one account, from being used twice at a time", () => {
    const order = knownOf({ limitPrice: 2_005n * ONE });
    const { plan } = aPosition({ size: ONE, keeperRewardUsd: 3n * ONE });
    const [action] = matchesOf([{ candidate: { account: 5n, market: 0, order }, plan }]);
    expect(action).to.include({ kind: "matchLiquidation", rewardUsd: 3n * ONE });
    expect(action === undefined ? [] : subjectsOf(action)[1]).to.equal(
      `signed order ${order.hash}`,
    );
  });
});

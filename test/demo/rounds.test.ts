import { expect } from "chai";
import { roundsBetween } from "../../scripts/demo/chain/rounds.ts";
import { ONE } from "../../sdk/src/amounts.ts";

const usd = (amount: number) => BigInt(Math.round(amount * 100)) * (ONE / 100n);

describe("demo: rounds between two prices of a path", () => {
  it("are only the second of them when the price moved little", () => {
    const from = { timestamp: 1_000n, prices: { main: usd(200), second: usd(8_000) } };
    const to = { timestamp: 1_900n, prices: { main: usd(197), second: usd(8_100) } };
    expect(roundsBetween({ from, to })).to.deep.equal([to]);
  });

  it("make moves of at most two per cent, evenly in time, and end exactly there", () => {
    const from = { timestamp: 1_000n, prices: { main: usd(168), second: usd(9_000) } };
    const to = { timestamp: 1_900n, prices: { main: usd(125), second: usd(7_700) } };
    const rounds = roundsBetween({ from, to });
    // ln(168 / 125) = 0.2957: fifteen moves.
    expect(rounds).to.have.length(15);
    expect(rounds.at(-1)).to.deep.equal(to);
    let before = from;
    for (const round of rounds) {
      expect(round.timestamp - before.timestamp).to.equal(60n);
      const fall = Number((before.prices.main * 10_000n) / round.prices.main) / 10_000 - 1;
      expect(fall).to.be.within(0.0195, 0.0202);
      expect(round.prices.second < before.prices.second).to.equal(true);
      before = round;
    }
  });

  it("never share a second, however far the price jumps", () => {
    const from = { timestamp: 1_000n, prices: { main: usd(100), second: usd(100) } };
    const to = { timestamp: 1_003n, prices: { main: usd(300), second: usd(100) } };
    const rounds = roundsBetween({ from, to });
    expect(rounds.map(({ timestamp }) => timestamp)).to.deep.equal([1_001n, 1_002n, 1_003n]);
    const sameSecond = { ...to, timestamp: 1_000n };
    expect(roundsBetween({ from, to: sameSecond })).to.deep.equal([sameSecond]);
  });
});

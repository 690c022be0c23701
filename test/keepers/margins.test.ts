import { expect } from "chai";
import { isUnpaid, subjectsOf } from "../../keepers/src/decide/action.ts";
import { refreshesOf } from "../../keepers/src/decide/margins.ts";

const ONE = 10n ** 18n;
const NOW = 1_900_000_000;

/** Multipliers in thousandths, as of so many seconds ago. */
const state = (initial: bigint, refreshed: bigint, secondsAgo: number) => ({
  initial: (initial * ONE) / 1_000n,
  refreshed: (refreshed * ONE) / 1_000n,
  maintenance: ONE,
  asked: (refreshed * ONE) / 1_000n,
  regime: ONE,
  refreshedAt: BigInt(NOW - secondsAgo),
});

describe("margins that are brought up to date", () => {
  it("are those that volatility has left behind, and those nobody has asked about for an hour", () => {
    const multipliers = new Map([
      [0, state(1_000n, 1_000n, 60)],
      [1, state(1_005n, 1_000n, 60)],
      [2, state(1_006n, 1_000n, 60)],
      [3, state(2_000n, 2_000n, 3_599)],
      [4, state(2_000n, 2_000n, 3_600)],
      // Margins that do not follow were never refreshed.
      [5, state(1_000n, 1_000n, NOW)],
    ]);
    const actions = refreshesOf(multipliers, NOW);
    expect(actions).to.deep.equal([
      { kind: "refreshMargins", market: 2 },
      { kind: "refreshMargins", market: 4 },
    ]);
    expect(actions.flatMap(subjectsOf)).to.deep.equal(["margins 2", "margins 4"]);
    expect(actions.every(isUnpaid)).to.equal(true);
  });
});

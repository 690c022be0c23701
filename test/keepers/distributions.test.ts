import { expect } from "chai";
import { subjectsOf } from "../../keepers/src/decide/action.ts";
import { distributionsOf } from "../../keepers/src/decide/distributions.ts";

const USD = 10n ** 18n;

describe("distributions", () => {
  const tranches = new Map([
    [0, { toFundUsd: 700n * USD, toProtocolUsd: 300n * USD }],
    [1, { toFundUsd: 700n * USD, toProtocolUsd: 299n * USD }],
    [2, { toFundUsd: 0n, toProtocolUsd: 0n }],
  ]);

  it("are asked for where they move enough", () => {
    expect(distributionsOf({ tranches, leastUsd: 1_000n * USD })).to.deep.equal([
      { kind: "distribute", market: 0 },
    ]);
  });

  it("are never asked for where there is nothing to share", () => {
    const actions = distributionsOf({ tranches, leastUsd: 0n });
    expect(actions.map((action) => subjectsOf(action))).to.deep.equal([
      ["tranche 0"],
      ["tranche 1"],
    ]);
  });
});

/** What a finding comes to. `about` is the detector, `where` the functions it names; why it stands. */
export interface Verdict {
  readonly about: string;
  readonly where: readonly string[] | "everywhere";
  readonly why: string;
}

/**
 * Every finding of Slither, and why the code stays as it is. A finding without a verdict fails the audit, and so does a verdict without a finding.
 */
export const verdicts: readonly Verdict[] = [
  {
    about: "arbitrary-send-erc20",
    where: ["Cash.pull"],
    why: "An internal function; the only caller, deposit, passes msg.sender.",
  },
  {
    about: "weak-prng",
    where: ["ObservationLib.clock"],
    why: "The remainder of a clock by its period, not a random number.",
  },
  {
    about: "divide-before-multiply",
    where: ["FixedPoint.divUp", "FixedPoint.divFloor", "FixedPoint.divCeil"],
    why: "The product is compared with the dividend to see whether the division was exact.",
  },
  {
    about: "divide-before-multiply",
    where: ["Liquidating._takePenalty"],
    why: "Deposits are kept in whole cents; the reward is what those cents are.",
  },
  {
    about: "divide-before-multiply",
    where: ["SliceBucket.capacityDown"],
    why: "Doubling and then two fifths, each exact to the unit below: a capacity rounds down.",
  },
  {
    about: "divide-before-multiply",
    where: ["RiskParameters.highestMultiplier"],
    why: "A rate is kept in steps; the product is the highest whole number of them.",
  },
  {
    about: "divide-before-multiply",
    where: ["VolatilityMath.lnRatioDown", "VolatilityMath.decay", "VolatilityMath._averaged"],
    why: "Terms of a series, each cut to the unit of the sum, and an average cut to the unit it is kept in; the functions state how far the results may be off.",
  },
  {
    about: "incorrect-equality",
    where: "everywhere",
    why: "Comparisons of stored numbers, times and amounts with zero or with each other; no balance that somebody else can send to is compared.",
  },
  {
    about: "reentrancy-no-eth",
    where: [
      "DelayedOrders.cancel",
      "DelayedOrders.execute",
      "DelayedOrders.executeBatch",
      "SignedOrders.liquidate",
      "LiquidityPool.processRedemptions",
      "CollateralAuction.start",
      "CollateralAuction.take",
      "BackstopPool.take",
      "ClearingHouse.withdraw",
    ],
    why: "Each holds a transient lock over the whole call, and what it calls are the house and its oracle, which call nobody back.",
  },
  {
    about: "reentrancy-benign",
    where: ["BackstopPool.unwind"],
    why: "Under the lock, as above.",
  },
  {
    about: "reentrancy-events",
    where: "everywhere",
    why: "Modules are asked before the state they decide is written and told; the house's lock, or the venue's, is held throughout.",
  },
  {
    about: "uninitialized-local",
    where: "everywhere",
    why: "The language zeroes locals. Each of these is a sum, a counter or a struct that starts empty.",
  },
  {
    about: "unused-return",
    where: "everywhere",
    why: "Results that the caller has no use for: parts of a tuple, sums already booked, and the casts of Words, which are there to revert.",
  },
  {
    about: "missing-zero-check",
    where: ["constructor.token", "constructor.house"],
    why: "The deployment checks what it deployed. A house without a token answers no deposit.",
  },
  {
    about: "missing-zero-check",
    where: ["constructor.soleDepositor"],
    why: "Zero means that the vault is open to everybody.",
  },
  {
    about: "calls-loop",
    where: "everywhere",
    why: "Loops over the markets of an account, sixteen at most, or over a list that the caller chose and pays for. None of the calls goes to an address that a user named.",
  },
  {
    about: "timestamp",
    where: "everywhere",
    why: "Times here are seconds to days. A proposer who shifts a block by seconds moves a pacing window, an auction or a heartbeat by as much, and no condition pays more than that.",
  },
  {
    about: "costly-loop",
    where: "everywhere",
    why: "A cache written once a transaction, or one record deleted an item of a list.",
  },
  {
    about: "cyclomatic-complexity",
    where: ["Settlement.pullLosses"],
    why: "One rule with its rounding; split, its parts could only be understood together.",
  },
  {
    about: "dead-code",
    where: ["CreditVault._transferOut"],
    why: "A hook of the base contract.",
  },
  {
    about: "assembly",
    where: ["SafeFeedCall.latestRoundData", "SafeFeedCall.decimals"],
    why: "Solidity copies all that a call returns; a feed that answers with a megabyte must not be copied.",
  },
  {
    about: "naming-convention",
    where: "everywhere",
    why: "Constants and immutables are written in capitals, their getters too.",
  },
  {
    about: "unimplemented-functions",
    where: ["SignedOrders"],
    why: "They are implemented by public mappings.",
  },
  {
    about: "unindexed-event-address",
    where: ["ICreditVault.AuctionSet", "IOracleRouter.SequencerFeedSet"],
    why: "Set once, or by the governor: nobody filters by them.",
  },
];

/** Why a branch that no test takes is not taken. */
export interface Verdict {
  readonly place: string;
  readonly condition: string;
  readonly outcome: boolean;
  readonly why: string;
}

export const verdicts: readonly Verdict[] = [
  {
    place: "LossTiers._cashBelowTranche",
    condition: "fund != except",
    outcome: false,
    why: "Left out are accounts that go bankrupt and resolution accounts; the fund has cash and claims only, so it is neither.",
  },
  {
    place: "LossTiers._cashBelowTranche",
    condition: "protocol != except",
    outcome: false,
    why: "Left out are accounts that go bankrupt and resolution accounts; the protocol's has cash and claims only, so it is neither.",
  },
  {
    place: "LossTiers.share",
    condition: "amount != 0",
    outcome: false,
    why: "The only caller returns before it where there is nothing to share.",
  },
  {
    place: "MarketEvents.bookLoss",
    condition: "fromSurplus > surplus",
    outcome: true,
    why: "The fraction is at most 1, and 1 of a whole number rounds to itself: a guard against a fraction that is ever computed otherwise.",
  },
  {
    place: "WindDownPath._isOutageStanding",
    condition: "price.status != PriceStatus.Valid",
    outcome: false,
    why: "Both callers have refused or returned where the price is valid.",
  },
  {
    place: "BackstopPool._leave",
    condition: "shares == 0",
    outcome: true,
    why: "No shares are worth no assets, which is asked first; and a payment above 0 burns a share at least.",
  },
  {
    place: "ReserveVault._leave",
    condition: "shares == 0",
    outcome: true,
    why: "No shares are worth no assets, which is asked first; and a payment above 0 burns a share at least.",
  },
];

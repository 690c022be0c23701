import { openBook, saveBook } from "./book.ts";
import { type Call, log, marketOf, Refusal, termsOf } from "./call.ts";
import { rescale } from "./multipliers.ts";
import { observe } from "./oracle.ts";
import type { MarketId } from "./state.ts";
import { type Capped, type ChangedTerms, poolOf, type Terms } from "./terms.ts";

/** The governor's changes, each a call of its own at the contract that keeps the terms. */
export function setTerms(
  call: Call,
  id: MarketId,
  { market, risk, cover, liquidation, auction, insurance, tiers, split }: Partial<ChangedTerms>,
): void {
  const old = termsOf(call, id);
  if (market !== undefined) {
    if (marketOf(call, id).ended !== null) throw new Refusal("MarketWoundDown", id);
    // Funding up to now is at the old terms.
    saveBook(call, openBook(call, id, observe(call, id, "SameBlock")));
    log(call, "MarketTermsSet", id, poolOf(id), ...Object.values(market));
  }
  if (risk !== undefined) rescale(call, id, old.risk, risk);
  const changed: Terms = {
    market: market ?? old.market,
    risk: risk ?? old.risk,
    cover: cover ?? old.cover,
    liquidation: liquidation ?? old.liquidation,
    auctionSeconds: auction?.durationSeconds ?? old.auctionSeconds,
    insurance: insurance ?? old.insurance,
    tiers: tiers ?? old.tiers,
    split: split ?? old.split,
    feed: old.feed,
  };
  const { terms } = call.state;
  call.state.terms = { ...terms, markets: new Map(terms.markets).set(id, changed) };
}

/** See IClearingHouse.setBackstopShare. */
export function setBackstopShare(call: Call, share: bigint): void {
  const { terms } = call.state;
  log(call, "BackstopShareSet", terms.backstopShare, share);
  call.state.terms = { ...terms, backstopShare: share };
}

/** See ILossWaterfall.setHouseEpochCap. */
export function setHouseEpochCap(call: Call, tier: Capped, cap: bigint): void {
  const { terms } = call.state;
  call.state.terms = { ...terms, houseEpochCaps: { ...terms.houseEpochCaps, [tier]: cap } };
}

import type { Verdict } from "./verdict.ts";

/** Of the ledger. */
export const coreVerdicts: readonly Verdict[] = [
  {
    place: "DefaultPath.resolve",
    original: "work.header.flags & HAS_CHARGES != 0",
    mutated: "work.header.flags & HAS_CHARGES != (0 + 1)",
    kind: "equivalent",
    why: "The flag is 2, so the test is always true; refunds of an account without charges are none, and cost gas only.",
  },
  {
    place: "HouseViews._peekRefunded",
    original: "work.header.flags & HAS_CHARGES != 0",
    mutated: "work.header.flags | HAS_CHARGES != 0",
    kind: "equivalent",
    why: "Always true; refunds of an account without charges are none.",
  },
  {
    place: "HouseViews._portfolioOf",
    original: "continue;",
    mutated: "(nothing)",
    kind: "equivalent",
    why: "Where no event waits, what matures once it is applied is what matures now.",
  },
  {
    place: "Liquidating.pacedStateOf",
    original: "view_.bucketUsedUsd != 0 || view_.accountUsedRatio != 0",
    mutated: "view_.bucketUsedUsd != (0 + 1) || view_.accountUsedRatio != 0",
    kind: "equivalent",
    why: "The window is then read although nothing is used, and nothing used needs no time to pass.",
  },
  {
    place: "Liquidating._pace",
    original: "work.header.sliceUsed = used > 255 ? 255 : used",
    mutated: "work.header.sliceUsed = used >= 255 ? 255 : used",
    kind: "equivalent",
    why: "Where both are equal it does not matter which is taken.",
  },
  {
    place: "LossTiers._cashBelowTranche",
    original: "state.protocol != address(0)",
    mutated: "state.protocol != address((0 + 1))",
    kind: "guarded",
    why: "Without a protocol vault the account asked for is that of address 0, whose cash nobody could count on or take.",
  },
  {
    place: "MarketEvents._collect",
    original: "until > block.timestamp",
    mutated: "until >= block.timestamp",
    kind: "equivalent",
    why: "A grace that ends in this block is over for whoever asks.",
  },
  {
    place: "PoolFills.requireRoom",
    original: "equity < required.toInt()",
    mutated: "equity <= required.toInt()",
    kind: "harmless",
    why: "A pool whose equity is its margin to the unit of 1e-18 USD.",
  },
  {
    place: "Settlement._coversLosses",
    original: "value < 0",
    mutated: "value <= 0",
    kind: "equivalent",
    why: "A value of 0 adds nothing.",
  },
  {
    place: "Settlement.payGain",
    original: "amount > reserve",
    mutated: "amount >= reserve",
    kind: "equivalent",
    why: "Where both are equal it does not matter which is taken.",
  },
  {
    place: "TakeOverPath._closeInventory",
    original:
      "holding.value == 0 || holding.leg.size.magnitude() >= state.markets[holding.book.id].lotSize",
    mutated:
      "holding.value == (0 + 1) || holding.leg.size.magnitude() >= state.markets[holding.book.id].lotSize",
    kind: "harmless",
    why: "Inventory that came out at exactly nothing is closed with nothing.",
  },
  {
    place: "Trading.trade",
    original:
      "OrderRules.drawForCosts( state, work, holding, request.sizeDelta, price, feeUsd + request.keeperFeeUsd, reduces ? 0 : depositUsd )",
    mutated:
      "OrderRules.drawForCosts( state, work, holding, request.sizeDelta, price, feeUsd + request.keeperFeeUsd, reduces ? (0 + 1) : depositUsd )",
    kind: "harmless",
    why: "A unit of 1e-18 USD of credit.",
  },
  {
    place: "WindDownPath._record",
    original:
      "state.events[book.id][number] = MarketEvent({ x: book.x.toInt128(), fraction: uint64(WAD), kind: kind, bookedAt: uint40(block.timestamp), loss: 0, revealed: 0 …",
    mutated:
      "state.events[book.id][number] = MarketEvent({ x: book.x.toInt128(), fraction: uint64(WAD), kind: kind, bookedAt: uint40(block.timestamp), loss: 0, revealed: (0…",
    kind: "harmless",
    why: "What was revealed is read of losses only; an event of an end shares none.",
  },
  {
    place: "WindDownPath._dueOf",
    original: "closingPrice > highest",
    mutated: "closingPrice >= highest",
    kind: "equivalent",
    why: "Where both are equal it does not matter which is taken.",
  },
  {
    place: "WindDownPath._boundsOf",
    original: "lastPrice + lastPrice.mulWadDown(WIND_DOWN_MOVE)",
    mutated: "lastPrice + lastPrice.mulWadUp(WIND_DOWN_MOVE)",
    kind: "harmless",
    why: "A unit of 1e-18 USD, in prices that a feed cannot have.",
  },
  {
    place: "Words.pack",
    original: "(header.cash >> 96) | (header.markets >> 64) | (header.goodSince >> 16)",
    mutated: "(header.cash >> 96) | (header.markets >> 64) | (header.goodSince << 16)",
    kind: "equivalent",
    why: "A false alarm: what is called for it looks at each field again and finds none too wide.",
  },
];

import { type Call, found } from "./call.ts";
import { down, exact, lesser, ONE, positive } from "./rational.ts";
import type { MarketId } from "./state.ts";

const DAY = 86_400n;

/** How much the fund pays towards a deficit, counted against its caps; each of them down. See ILossWaterfall. */
export function absorb(call: Call, id: MarketId, deficit: bigint, cash: bigint): bigint {
  const { epoch } = call.state;
  const { insurance } = found(call.terms.markets.get(id), `terms of market ${id}`);
  const number = call.now / DAY;
  const isSame = epoch.number === number;
  const paid = isSame ? epoch.paid : 0n;
  const paidHere = isSame ? (epoch.paidByMarket.get(id) ?? 0n) : 0n;
  const cashOfEpoch = exact(cash + paid);
  const limits = [
    down(exact(deficit).times(exact(ONE - insurance.coinsurance))),
    cash,
    down(exact(cash).times(exact(insurance.eventCap))),
    positive(down(cashOfEpoch.times(exact(insurance.epochCap))) - paidHere),
    positive(down(cashOfEpoch.times(exact(call.terms.houseEpochCap))) - paid),
  ];
  const amount = limits.reduce(lesser);
  if (amount === 0n) return 0n;
  if (!isSame) epoch.paidByMarket.clear();
  epoch.number = number;
  epoch.paid = paid + amount;
  epoch.paidByMarket.set(id, paidHere + amount);
  return amount;
}

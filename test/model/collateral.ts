import { type Call, found, priceMemoryOf } from "./call.ts";
import { debtIn } from "./debts.ts";
import { type Freshness, observe, peek } from "./oracle.ts";
import { down, exact, greater, lesser, Rational, up } from "./rational.ts";
import type { Kind } from "./risk.ts";
import type { AccountName, Asset, MarketId } from "./state.ts";
import type { CollateralTerms } from "./terms.ts";

/** {s}, for so long the last valid price counts where only health is judged. */
const MAX_AGE = 3n * 86_400n;

export function collateralTermsOf({ terms }: Call, asset: Asset): CollateralTerms {
  return found(terms.credit.assets.get(asset), `collateral ${asset}`);
}

/** {qTok} */
export function amountOf({ state }: Call, name: AccountName, asset: Asset): bigint {
  return state.credit.collateral.get(name)?.get(asset) ?? 0n;
}

/** What an account has deposited, without what it has nothing of. */
export function assetsOf({ state }: Call, name: AccountName): readonly Asset[] {
  const amounts = state.credit.collateral.get(name) ?? new Map<Asset, bigint>();
  return [...amounts].flatMap(([asset, amount]) => (amount === 0n ? [] : [asset]));
}

/** {qTok}, of all accounts. */
export function totalOf({ state }: Call, asset: Asset): bigint {
  return [...state.credit.collateral.values()].reduce(
    (sum, amounts) => sum + (amounts.get(asset) ?? 0n),
    0n,
  );
}

export function setAmount(call: Call, name: AccountName, asset: Asset, amount: bigint): void {
  const amounts = new Map(call.state.credit.collateral.get(name) ?? []);
  amounts.set(asset, amount);
  call.state.credit.collateral.set(name, amounts);
}

/** Units of a token, of at most 18 decimals, as booked. */
export function booked(native: bigint, decimals: bigint): bigint {
  return native * 10n ** (18n - decimals);
}

/** Booked as whole units of a token, up. */
export function nativeUp(amount: bigint, decimals: bigint): bigint {
  return new Rational(amount, 10n ** (18n - decimals)).ceiling();
}

/** How an amount is lent against. */
export type Haircut = Pick<CollateralTerms, "topShare" | "minShare" | "sizeSlope" | "depth">;

/** ⌊⌊a·P⌋·clamp(h₀ − ⌈h₁·a/D⌉, h_min, h₀)⌋ */
export function lentAgainst(haircut: Haircut, amount: bigint, price: bigint): bigint {
  const { topShare, minShare, sizeSlope, depth } = haircut;
  const cut = up(exact(sizeSlope).times(new Rational(amount, depth)));
  const share = greater(topShare - cut, minShare);
  const notional = down(exact(amount).times(exact(price)));
  return down(exact(notional).times(exact(lesser(share, topShare))));
}

function sumOver(call: Call, name: AccountName, priceOf: (market: MarketId) => bigint): bigint {
  return assetsOf(call, name).reduce((sum, asset) => {
    const terms = collateralTermsOf(call, asset);
    const amount = booked(amountOf(call, name, asset), terms.decimals);
    return sum + lentAgainst(terms, amount, priceOf(terms.priceMarket));
  }, 0n);
}

/** What would be lent against an account's collateral if it owed no deficit: at valid prices, or, where only health is judged, at those that were valid for as long as that counts. */
export function worthOfCollateral(call: Call, name: AccountName, kind: Kind): bigint {
  return sumOver(call, name, (market) => {
    const { status, price } = peek(call, market);
    const { publishedAt } = priceMemoryOf(call, market);
    if (status === "Valid") return price;
    return kind === "Initial" || call.now > publishedAt + MAX_AGE ? 0n : price;
  });
}

/** See ICreditVault.valueOf. */
export function valueOfCollateral(call: Call, name: AccountName, kind: Kind): bigint {
  return debtIn(call, name).deficit === 0n ? worthOfCollateral(call, name, kind) : 0n;
}

/** The same at valid prices that are observed. */
export function observedValue(call: Call, name: AccountName, freshness: Freshness): bigint {
  if (debtIn(call, name).deficit !== 0n) return 0n;
  const markets = assetsOf(call, name).map((each) => collateralTermsOf(call, each).priceMarket);
  const prices = new Map(markets.map((id) => [id, observe(call, id, freshness)] as const));
  return sumOver(call, name, (market) => {
    const { status, price } = found(prices.get(market), "price");
    return status === "Valid" ? price : 0n;
  });
}

import { defaultLensAbi } from "../abis/DefaultLens.ts";
import type { AccountId } from "../accountId.ts";
import { type Caller, type CallOptions, typedContract } from "../typedContract.ts";

export interface DefaultQuestion {
  readonly market: number;
  /** D18{USD/base} */
  readonly price: bigint;
  readonly payers: readonly AccountId[];
}

export interface DefaultSource {
  /** The lens for defaults. */
  readonly lens: string;
  readonly caller: Caller;
}

/** What an account would leave in a market. D18{USD} */
export interface Deficit {
  readonly account: AccountId;
  readonly deficitUsd: bigint;
}

/** The `count` largest of some deficits, largest first; accounts that could pay are none. */
export function largestDeficits(deficits: readonly Deficit[], count: number): readonly Deficit[] {
  return deficits
    .filter(({ deficitUsd }) => deficitUsd > 0n)
    .sort((a, b) =>
      a.deficitUsd === b.deficitUsd
        ? a.account < b.account
          ? -1
          : 1
        : a.deficitUsd > b.deficitUsd
          ? -1
          : 1,
    )
    .slice(0, count);
}

/** What payers would be charged if these accounts defaulted at the price; those of them that could pay change nothing. */
export function previewDefault(
  { lens, caller }: DefaultSource,
  { market, price, payers, defaulters }: DefaultQuestion & { defaulters: readonly AccountId[] },
  options: CallOptions = {},
) {
  const contract = typedContract(defaultLensAbi, lens, caller);
  return contract.call("previewDefault", [BigInt(market), defaulters, price, payers], options);
}

/** What payers would be charged if of some accounts those with the `count` largest deficits at the price defaulted. */
export async function previewLargestDefaults(
  source: DefaultSource,
  question: DefaultQuestion & {
    readonly accounts: readonly AccountId[];
    readonly count: number;
    readonly pageSize?: number;
  },
  options: CallOptions = {},
) {
  const { market, price, accounts, count, pageSize = 50 } = question;
  const contract = typedContract(defaultLensAbi, source.lens, source.caller);
  const deficits: Deficit[] = [];
  for (let first = 0; first < accounts.length; first += pageSize) {
    const page = accounts.slice(first, first + pageSize);
    const amounts = await contract.call("deficitsOf", [BigInt(market), page, price], options);
    deficits.push(...page.map((account, i) => ({ account, deficitUsd: amounts[i] ?? 0n })));
  }
  const largest = largestDeficits(deficits, count);
  const defaulters = largest.map(({ account }) => account);
  return {
    largest,
    ...(await previewDefault(source, { ...question, defaulters }, options)),
  };
}

// Lenders, and the accounts of the book that live on what they borrow: they pledge a token that falls with a market.

import { MaxUint256 } from "ethers";
import { ONE } from "../../../sdk/src/amounts.ts";
import { divideUp, least } from "../bigint.ts";
import type { Prices } from "./feeds.ts";
import { mintTo, toNative } from "./funding.ts";
import type { House } from "./house.ts";
import type { LocalChain } from "./local-chain.ts";
import type { BookAccount } from "./open-book.ts";
import { ROLES } from "./roles.ts";

/** D18{1} Part of its cash that an account borrows. */
const BORROWED_SHARE = (80n * ONE) / 100n;
/** D18{USD} The most one account borrows. */
const LARGEST_LOAN_USD = 400_000n * ONE;
/** D18{1} Credit line over loan at the beginning: the collateral may fall by a tenth before it is auctioned. */
const LINE_PER_LOAN = (112n * ONE) / 100n;
/** D18{1} What lenders have over what is borrowed. */
const LENT_PER_LOAN = (125n * ONE) / 100n;
const CENT = ONE / 100n;
const PLEDGE_GAS = 600_000n;

/** D18{USD} What an account of the book borrows; 0 for one that lives on its own cash. */
export function loanUsdOf({ plan }: BookAccount): bigint {
  if (plan.pledges === null) return 0n;
  const wanted = least([(plan.cashUsd * BORROWED_SHARE) / ONE, LARGEST_LOAN_USD]);
  return wanted - (wanted % CENT);
}

/** Lenders pay in; who lives on credit pledges, and draws what it needs. */
export async function extendCredit(query: {
  chain: LocalChain;
  house: House;
  prices: Prices;
  accounts: readonly BookAccount[];
}): Promise<void> {
  const { chain, house, accounts } = query;
  const borrowers = accounts.filter((account) => loanUsdOf(account) > 0n);
  if (borrowers.length === 0) return;
  const loansUsd = borrowers.reduce((sum, account) => sum + loanUsdOf(account), 0n);
  const lender = chain.account(ROLES.lender);
  const lentNative = toNative(house, cents((loansUsd * LENT_PER_LOAN) / ONE));
  await mintTo({ chain, house, holder: lender, amountNative: lentNative });
  await chain.send(lender, house.token.transaction("approve", [house.credit.address, MaxUint256]));
  await chain.send(lender, house.credit.transaction("deposit", [lentNative, lender]));
  for (const account of borrowers) await pledge({ ...query, account });
  await chain.mine(chain.now + 1n);
}

async function pledge(query: {
  chain: LocalChain;
  house: House;
  prices: Prices;
  account: BookAccount;
}): Promise<void> {
  const { chain, house, prices, account } = query;
  const { id, owner, plan } = account;
  if (plan.pledges === null) return;
  const { slot, asset, decimals, terms } = house.collateral[plan.pledges];
  const loanUsd = loanUsdOf(account);
  // What is lent against it at its largest share, in whole units of the token.
  const worthUsd = divideUp(loanUsd * LINE_PER_LOAN, terms.topShare);
  const amountNative = divideUp(worthUsd * 10n ** BigInt(decimals), prices[slot]);
  const { credit } = house;
  await chain.send(owner, asset.transaction("mint", [owner, amountNative]));
  await chain.send(owner, asset.transaction("approve", [credit.address, amountNative]));
  const deposit = credit.transaction("depositCollateral", [asset.address, amountNative, id]);
  await chain.send(owner, { ...deposit, gas: PLEDGE_GAS });
  const draw = house.house.transaction("drawCredit", [id, loanUsd]);
  await chain.send(owner, { ...draw, gas: PLEDGE_GAS });
}

function cents(amountUsd: bigint): bigint {
  return amountUsd - (amountUsd % CENT);
}

import { getAddress, toBeHex } from "ethers";

/** An account's id as the contracts carry it: owner in the high 160 bits, sub-account number in the low 96. */
export type AccountId = bigint;

const SUB_BITS = 96n;
const MAX_SUB = (1n << SUB_BITS) - 1n;
const MAX_ID = (1n << 256n) - 1n;

/** Id of the account number `sub` of `owner`. */
export function accountIdOf(owner: string, sub = 0n): AccountId {
  if (sub < 0n || sub > MAX_SUB) {
    throw new RangeError(`Sub-account number ${sub} is outside 0 to ${MAX_SUB}`);
  }
  return (BigInt(getAddress(owner)) << SUB_BITS) | sub;
}

/** The house's own accounts in a market, and their numbers. */
export const SYSTEM_ACCOUNTS = { resolution: 0n, tearUp: 1n, deficit: 2n, tranche: 3n } as const;
export type SystemAccountKind = keyof typeof SYSTEM_ACCOUNTS;

/** Id of one of the house's own accounts in a market. */
export function systemAccountOf(house: string, market: bigint, kind: SystemAccountKind): AccountId {
  return accountIdOf(house, market * 4n + SYSTEM_ACCOUNTS[kind]);
}

export function ownerOf(account: AccountId): string {
  return getAddress(toBeHex(checked(account) >> SUB_BITS, 20));
}

export function subOf(account: AccountId): bigint {
  return checked(account) & MAX_SUB;
}

/** The id as 32 bytes of hex: how manifests and logs write it. */
export function formatAccountId(account: AccountId): string {
  return toBeHex(checked(account), 32);
}

/** Reads what people write: 32 bytes of hex, "owner", or "owner/sub". */
export function parseAccountId(text: string): AccountId {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return BigInt(text);
  const match = /^(0x[0-9a-fA-F]{40})(?:\/(\d+))?$/.exec(text);
  const owner = match?.[1];
  if (owner === undefined) {
    throw new RangeError(`"${text}" is no account: write owner, owner/sub, or 32 bytes of hex`);
  }
  return accountIdOf(owner, BigInt(match?.[2] ?? "0"));
}

/** The id as people read it: "owner/sub". */
export function describeAccount(account: AccountId): string {
  return `${ownerOf(account)}/${subOf(account)}`;
}

function checked(account: AccountId): AccountId {
  if (account < 0n || account > MAX_ID) {
    throw new RangeError(`Account id ${account} does not fit 256 bits`);
  }
  return account;
}

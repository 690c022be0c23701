/**
 * Code of a contract that passes a call on and logs what became of it, so that a refusal is no failed transaction and can be read like any event. Called with
 * 20 bytes of address and the data behind them; its only log has topic 1 or 0 and what was returned or reverted with.
 *
 *     calldatacopy(0, 20, calldatasize() - 20)
 *     success := call(gas(), shr(96, calldataload(0)), 0, 0, calldatasize() - 20, 0, 0)
 *     returndatacopy(0, 0, returndatasize())
 *     log1(0, returndatasize(), success)
 */
export const RELAY_CODE = "0x5f5f601436038060145f375f5f5f3560601c5af13d5f5f3e3d5fa100";

/** Who acts through it. */
export const RELAYS = {
  /** Owns all actors' accounts. */
  owner: "0x000000000000000000000000000000000000aaaa",
  /** Pays deposits, and is a venue that all actors let trade. */
  venue: "0x000000000000000000000000000000000000bbbb",
  anybody: "0x000000000000000000000000000000000000cccc",
} as const;

export type Relayed = keyof typeof RELAYS;

/** What to send so that a relay makes a call. */
export function throughRelay(
  relay: Relayed,
  { to, data }: { readonly to: string; readonly data: string },
): { readonly to: string; readonly data: string } {
  return { to: RELAYS[relay], data: to.toLowerCase() + data.slice(2) };
}

/** Whether a relay's log tells of success. */
export function hasPassed(topic: string): boolean {
  return BigInt(topic) === 1n;
}

import { keccak256 } from "ethers";

/** Whether a block header's filter allows that one of the addresses logged something. It may say yes wrongly, never no. */
export function bloomMayHold(logsBloom: string, addresses: readonly string[]): boolean {
  const bloom = BigInt(logsBloom);
  return addresses.some((address) => bitsOf(address).every((bit) => (bloom >> bit) & 1n));
}

/** Three times eleven bits of the address's hash. */
function bitsOf(address: string): bigint[] {
  const hash = BigInt(keccak256(address));
  return [0n, 1n, 2n].map((pair) => (hash >> (240n - 16n * pair)) & 0x7ffn);
}

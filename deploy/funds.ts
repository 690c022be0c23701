import { formatEther, type Provider } from "ethers";
import type { Parameters } from "../sdk/src/parameters.ts";
import { DeployError } from "./deployError.ts";

/** {gas} A whole deployment, measured and rounded up; a test holds it against the real one. */
const HOUSE_GAS = 112_000_000n;
const MARKET_GAS = 8_000_000n;
const COLLATERAL_GAS = 3_000_000n;
const SECONDARY_GAS = 3_000_000n;

/** {gas} At most this much is needed to deploy everything. */
export function gasNeeded(parameters: Parameters): bigint {
  const { markets, credit } = parameters;
  const paired = [...markets, ...credit.collateral].filter(({ secondary }) => secondary !== null);
  return (
    HOUSE_GAS +
    MARKET_GAS * BigInt(markets.length) +
    COLLATERAL_GAS * BigInt(credit.collateral.length) +
    SECONDARY_GAS * BigInt(paired.length)
  );
}

/** Whether the deployer can pay for a whole deployment at present prices. */
export async function requireFunds(
  provider: Provider,
  deployer: string,
  parameters: Parameters,
): Promise<void> {
  const { maxFeePerGas, gasPrice } = await provider.getFeeData();
  const price = maxFeePerGas ?? gasPrice ?? 0n;
  const needed = gasNeeded(parameters) * price;
  const balance = await provider.getBalance(deployer);
  if (balance >= needed) return;
  throw new DeployError(
    "funds",
    `The deployer ${deployer} has ${formatEther(balance)} ETH on ${parameters.network}, and deploying needs up to ${rounded(needed)} ETH ` +
      `at present gas prices. Send it at least ${rounded(needed - balance)} ETH.`,
  );
}

/** Ether with four decimals, rounded up. */
function rounded(wei: bigint): string {
  const unit = 10n ** 14n;
  return formatEther(((wei + unit - 1n) / unit) * unit);
}

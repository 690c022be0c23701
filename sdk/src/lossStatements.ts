import type { Provider } from "ethers";
import { clearingHouseAbi } from "./abis/ClearingHouse.ts";
import type { AccountId } from "./accountId.ts";
import { typedContract } from "./typedContract.ts";

/** What a buffer paid at one default, or was to have back: for those whose money it is. */
export interface LossStatement {
  readonly kind: "paid" | "repaid";
  readonly market: number;
  /** 0 tranche, 1 fund, 2 protocol, 3 backstop. */
  readonly tier: number;
  /** D18{USD} Paid out of its cash, or claimed of what inventory earned. */
  readonly amountUsd: bigint;
  /** D18{USD} Its cash before and after; null for a claim, which moves none. */
  readonly cashBeforeUsd: bigint | null;
  readonly cashAfterUsd: bigint | null;
  readonly blockNumber: number;
  readonly transactionHash: string;
}

/** Every loss that one buffer's account bore, and what came back of it, in the order in which it happened. */
export async function lossStatements(query: {
  readonly provider: Pick<Provider, "call" | "getLogs">;
  readonly house: string;
  readonly account: AccountId;
  readonly fromBlock: number;
  readonly toBlock?: number | "latest";
}): Promise<readonly LossStatement[]> {
  const { provider, house, account, fromBlock, toBlock = "latest" } = query;
  const contract = typedContract(clearingHouseAbi, house, provider);
  const topics = [
    [contract.topicOf("TierPaid"), contract.topicOf("TierRepaid")],
    null,
    null,
    `0x${account.toString(16).padStart(64, "0")}`,
  ];
  const logs = await provider.getLogs({ address: contract.address, topics, fromBlock, toBlock });
  return logs.flatMap((log): LossStatement[] => {
    const event = contract.parseLog(log);
    const { blockNumber, transactionHash } = log;
    if (event?.name === "TierPaid") {
      const { market, tier, paidUsd, cashBeforeUsd, cashAfterUsd } = event.args;
      return [
        {
          kind: "paid",
          market: Number(market),
          tier: Number(tier),
          amountUsd: paidUsd,
          cashBeforeUsd,
          cashAfterUsd,
          blockNumber,
          transactionHash,
        },
      ];
    }
    if (event?.name === "TierRepaid") {
      const { market, tier, claimUsd } = event.args;
      return [
        {
          kind: "repaid",
          market: Number(market),
          tier: Number(tier),
          amountUsd: claimUsd,
          cashBeforeUsd: null,
          cashAfterUsd: null,
          blockNumber,
          transactionHash,
        },
      ];
    }
    return [];
  });
}

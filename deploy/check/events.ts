import type { Provider } from "ethers";
import type { Abi, EventName, EventOf } from "../../sdk/src/abi.ts";
import type { Manifest } from "../../sdk/src/manifest.ts";
import type { TypedContract } from "../../sdk/src/typedContract.ts";

/** Public nodes refuse to search longer stretches at once. */
const BLOCKS_AT_ONCE = 10_000;

/** Every event of one kind that a contract has emitted since the deployment. */
export async function eventsOf<A extends Abi>(
  provider: Provider,
  contract: TypedContract<A>,
  name: EventName<A>,
  { startBlock }: Manifest,
): Promise<EventOf<A>[]> {
  const latest = await provider.getBlockNumber();
  const events: EventOf<A>[] = [];
  for (let from = startBlock; from <= latest; from += BLOCKS_AT_ONCE) {
    const logs = await provider.getLogs({
      address: contract.address,
      topics: [contract.topicOf(name)],
      fromBlock: from,
      toBlock: Math.min(from + BLOCKS_AT_ONCE - 1, latest),
    });
    for (const log of logs) {
      const event = contract.parseLog(log);
      if (event !== undefined) events.push(event);
    }
  }
  return events;
}

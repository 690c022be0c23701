import { ZeroAddress } from "ethers";
import { accessManagerAbi } from "../../../sdk/src/abis/AccessManager.ts";
import { enums } from "../../../sdk/src/abis/enums.ts";
import { liquidationMapAbi } from "../../../sdk/src/abis/LiquidationMap.ts";
import { oracleRouterAbi } from "../../../sdk/src/abis/OracleRouter.ts";
import { riskEngineAbi } from "../../../sdk/src/abis/RiskEngine.ts";
import type { AccountId } from "../../../sdk/src/accountId.ts";
import type { Density } from "../../../sdk/src/forecast/cascade.ts";
import type { Direction } from "../../../sdk/src/forecast/touchTable.ts";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { combined } from "../../../sdk/src/math/volatilityMath.ts";
import { type Caller, typedContract } from "../../../sdk/src/typedContract.ts";
import type { MapEntry } from "../decide/notes.ts";

/** Index of the component that stands for clusters. */
export const CLUSTER = BigInt(enums.RegimeComponent.indexOf("Cluster"));

const SIDES: Readonly<Record<Direction, bigint>> = {
  fall: BigInt(enums.Direction.indexOf("Fall")),
  rise: BigInt(enums.Direction.indexOf("Rise")),
};

/** What of a market's regime the cluster component may do. */
export interface RegimeTerms {
  /** D18{1} Most that it adds; 0 where margins do not follow. */
  readonly cap: bigint;
  /** D18{1} R, all components together. */
  readonly regime: bigint;
}

/** What forecasting needs of the chain. */
export interface MapReader {
  /** Variance of the price's logarithm per second, {1/s}. */
  variance(market: number, block: number): Promise<number>;
  /** What the map has in buckets `first` and on. {USD} */
  density(
    place: { market: number; direction: Direction; first: number; count: number },
    block: number,
  ): Promise<Density>;
  entries(account: AccountId, markets: Iterable<number>, block: number): Promise<MapEntry[]>;
  /** {s} When the account was noted; 0 for never. */
  notedAt(account: AccountId, block: number): Promise<number>;
  regime(market: number, block: number): Promise<RegimeTerms>;
  /** Why an address may not raise the regime; null when it may. */
  refusalToRaise(address: string, block: number): Promise<string | null>;
}

export function mapReader(manifest: Manifest, caller: Caller): MapReader {
  const { liquidationMap, oracleRouter, riskEngine, accessManager } = manifest.contracts;
  const map = typedContract(liquidationMapAbi, liquidationMap, caller);
  const oracle = typedContract(oracleRouterAbi, oracleRouter, caller);
  const risk = typedContract(riskEngineAbi, riskEngine, caller);
  const manager = typedContract(accessManagerAbi, accessManager, caller);
  const selector = risk.interface.getFunction("raiseRegime")?.selector ?? "";

  return {
    async variance(market, block) {
      const { slow, fast } = await oracle.call("variancesOf", [BigInt(market)], {
        blockTag: block,
      });
      return Number(combined({ slow, fast })) / 1e18;
    },
    async density({ market, direction, first, count }, block) {
      const from = Math.max(first, 0);
      const side = SIDES[direction];
      const notionals = await map.call(
        "bucketsOf",
        [BigInt(market), side, BigInt(from), BigInt(count)],
        { blockTag: block },
      );
      const density = new Map<number, number>();
      for (const [at, notionalUsd] of notionals.entries()) {
        if (notionalUsd > 0n) density.set(from + at, Number(notionalUsd) / 1e18);
      }
      return density;
    },
    entries: (account, markets, block) =>
      Promise.all(
        [...markets].map(async (market) => {
          const { price, notionalUsd } = await map.call("entryOf", [account, BigInt(market)], {
            blockTag: block,
          });
          return { market, price, notionalUsd };
        }),
      ),
    async notedAt(account, block) {
      return Number(await map.call("notedAtOf", [account], { blockTag: block }));
    },
    async regime(market, block) {
      const [terms, { regime }] = await Promise.all([
        risk.call("adaptiveTermsOf", [BigInt(market)], { blockTag: block }),
        risk.call("multipliersOf", [BigInt(market)], { blockTag: block }),
      ]);
      const follows = terms.horizonSeconds !== 0n || terms.source !== ZeroAddress;
      return { cap: follows ? (terms.regimeCaps[Number(CLUSTER)] ?? 0n) : 0n, regime };
    },
    async refusalToRaise(address, block) {
      const { immediate, delay } = await manager.call("canCall", [address, riskEngine, selector], {
        blockTag: block,
      });
      if (immediate) return null;
      const role = await manager.call("getTargetFunctionRole", [riskEngine, selector], {
        blockTag: block,
      });
      const how = delay > 0n ? `may only ${delay} s after it has scheduled it` : "may not";
      return `${address} ${how} call raiseRegime on the risk engine, ${riskEngine}: that is for role ${role} without a delay, which the administrator of the AccessManager, ${accessManager}, grants`;
    },
  };
}

import {
  buildModule,
  type Future,
  FutureType,
  type IgnitionModule,
} from "@nomicfoundation/ignition-core";
import type { Parameters } from "../../sdk/src/parameters.ts";
import { collateralModule } from "./collateral.ts";
import { houseModule } from "./house.ts";
import { marketModule, sequencerModule } from "./markets.ts";
import { openingModule, rolesModule } from "./opening.ts";

/** The whole deployment. */
export function breakwaterModule(parameters: Parameters): IgnitionModule {
  const house = houseModule(parameters);
  const sequencer = sequencerModule(parameters, house);
  const markets = parameters.markets.map((market, id) =>
    marketModule(market, id, house, sequencer, parameters.steward),
  );
  const collateral = parameters.credit.collateral.map((each, index) =>
    collateralModule(each, index, house, sequencer),
  );
  const roles = rolesModule(parameters, house);
  const opening = openingModule({ parameters, house, markets, collateral, roles });
  return buildModule("Breakwater", (m) => m.useModule(opening));
}

const WITHOUT_TRANSACTION: readonly FutureType[] = [
  FutureType.CONTRACT_AT,
  FutureType.NAMED_ARTIFACT_CONTRACT_AT,
  FutureType.STATIC_CALL,
];

/** How many transactions a module sends. */
export function transactionsOf(module: IgnitionModule): number {
  const sending = allFutures(module).filter((future) => !WITHOUT_TRANSACTION.includes(future.type));
  return new Set(sending).size;
}

function allFutures(module: IgnitionModule): Future[] {
  return [...module.futures, ...[...module.submodules].flatMap(allFutures)];
}

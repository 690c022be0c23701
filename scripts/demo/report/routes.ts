import { z } from "zod";

/** The ways in which positions of failing accounts, and what they left, found somebody else: nothing else lists them. */
export const routeSchema = z.enum([
  /** Against the pool. */
  "slice",
  /** A part of a position, or of inventory, by anybody at the auction's price. */
  "takeOver",
  /** All positions of an account at once. */
  "takeOverWhole",
  /** Collateral of an account that owes more than is lent against it. */
  "collateralAuction",
  /** A part of a position, or of inventory, by the backstop. */
  "backstop",
  /** Against a signed order that paid more than the pool. */
  "signedOrder",
  /** Inventory, to the pool. */
  "resolution",
  /** Against the opposite side, pro rata. */
  "tearUp",
]);

export type Route = z.infer<typeof routeSchema>;
export const ROUTES = routeSchema.options;

/** Something for each route. */
export function perRoute<Value>(make: (route: Route) => Value): Record<Route, Value> {
  const schema = z.record(routeSchema, z.custom<Value>());
  return schema.parse(Object.fromEntries(ROUTES.map((route) => [route, make(route)])));
}

/** How often a route was taken, and with how much. */
export interface RouteUse {
  readonly count: number;
  /** D18{USD} At the index price. */
  readonly notionalUsd: bigint;
}

export type RouteUses = Readonly<Record<Route, RouteUse>>;

/** Counts what takes a route. */
export class RouteCounter {
  readonly #uses = new Map<Route, RouteUse>();

  add(route: Route, notionalUsd: bigint): void {
    const { count, notionalUsd: before } = this.#useOf(route);
    this.#uses.set(route, { count: count + 1, notionalUsd: before + notionalUsd });
  }

  get uses(): RouteUses {
    return perRoute((route) => this.#useOf(route));
  }

  #useOf(route: Route): RouteUse {
    return this.#uses.get(route) ?? { count: 0, notionalUsd: 0n };
  }
}

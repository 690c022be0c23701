/** The ways in which positions of failing accounts, and what they left, found somebody else. */
export const ROUTES = [
  "slice",
  "takeOver",
  "takeOverWhole",
  "collateralAuction",
  "backstop",
  "signedOrder",
  "resolution",
  "tearUp",
] as const;

export type Route = (typeof ROUTES)[number];

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
    return {
      slice: this.#useOf("slice"),
      takeOver: this.#useOf("takeOver"),
      takeOverWhole: this.#useOf("takeOverWhole"),
      collateralAuction: this.#useOf("collateralAuction"),
      backstop: this.#useOf("backstop"),
      signedOrder: this.#useOf("signedOrder"),
      resolution: this.#useOf("resolution"),
      tearUp: this.#useOf("tearUp"),
    };
  }

  #useOf(route: Route): RouteUse {
    return this.#uses.get(route) ?? { count: 0, notionalUsd: 0n };
  }
}

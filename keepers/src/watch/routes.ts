import { formatD18 } from "../../../sdk/src/amounts.ts";

/** Ways in which a failing account, or what it leaves, is resolved. */
export const ROUTES = [
  "slice",
  "signedOrder",
  "takeOver",
  "takeOverWhole",
  "backstop",
  "collateralAuction",
  "resolution",
  "tearUp",
] as const;

export type Route = (typeof ROUTES)[number];

/** One use of a route by the keeper. */
export interface RouteUse {
  readonly route: Route;
  /** D18{USD} */
  readonly notionalUsd: bigint;
}

/** How often and for how much the keeper used each route. */
export class RouteTotals {
  readonly #totals = new Map<Route, { count: number; notionalUsd: bigint }>(
    ROUTES.map((route) => [route, { count: 0, notionalUsd: 0n }]),
  );

  add({ route, notionalUsd }: RouteUse): void {
    const total = this.#totals.get(route) ?? { count: 0, notionalUsd: 0n };
    this.#totals.set(route, {
      count: total.count + 1,
      notionalUsd: total.notionalUsd + notionalUsd,
    });
  }

  entries(): (RouteUse & { readonly count: number })[] {
    return [...this.#totals].map(([route, total]) => ({ route, ...total }));
  }

  /** The same by route, amounts as decimal texts. */
  texts(): Record<Route, { readonly count: number; readonly notionalUsd: string }> {
    const of = (route: Route) => {
      const { count, notionalUsd } = this.#totals.get(route) ?? { count: 0, notionalUsd: 0n };
      return { count, notionalUsd: formatD18(notionalUsd) };
    };
    return {
      slice: of("slice"),
      signedOrder: of("signedOrder"),
      takeOver: of("takeOver"),
      takeOverWhole: of("takeOverWhole"),
      backstop: of("backstop"),
      collateralAuction: of("collateralAuction"),
      resolution: of("resolution"),
      tearUp: of("tearUp"),
    };
  }
}

import { ZeroAddress } from "ethers";
import type { Action } from "../../model/action.ts";
import type { Transaction } from "./chain.ts";
import { throughRelay } from "./relays.ts";
import type { Contracts } from "./transactions.ts";

/** What has to do with margins that follow. */
export type FollowingAction = Extract<
  Action,
  { kind: "setAdaptive" | "setImplied" | "refreshMargins" | "raiseRegime" }
>;

/** The transaction that such an action is. What prices measure of volatility is left out: they follow what is implied. */
export function following(action: FollowingAction, { risk, feeds }: Contracts): Transaction {
  switch (action.kind) {
    case "setAdaptive": {
      const { horizonSeconds, deviations, regimeCaps } = action.following;
      const [macro = 0n, correlation = 0n, congestion = 0n, cluster = 0n] = regimeCaps;
      const caps = [macro, correlation, congestion, cluster] as const;
      const terms = { source: ZeroAddress, horizonSeconds, deviations, regimeCaps: caps };
      return risk.transaction("setAdaptiveTerms", [action.market, terms]);
    }
    case "setImplied": {
      const { implied } = action;
      const feed = implied === null ? ZeroAddress : (feeds[Number(implied.feedOf)]?.address ?? "");
      const { maxAgeSeconds, wholeAnswer } = implied ?? { maxAgeSeconds: 0n, wholeAnswer: 0n };
      return risk.transaction("setImpliedTerms", [
        action.market,
        { feed, maxAgeSeconds, wholeAnswer },
      ]);
    }
    case "refreshMargins":
      return throughRelay("anybody", risk.transaction("refresh", [action.market]));
    case "raiseRegime": {
      const { market, component, excess, lifetime } = action;
      return risk.transaction("raiseRegime", [market, component, excess, lifetime]);
    }
  }
}

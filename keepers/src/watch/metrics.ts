import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export type Metrics = ReturnType<typeof createMetrics>;

/** What operators watch. Names are explained in docs/keepers.md. */
export function createMetrics() {
  const registry = new Registry();
  registry.setDefaultLabels({ app: "breakwater-keeper" });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    syncedBlock: new Gauge({ name: "synced_block", help: "Last block worked out", registers }),
    headLagBlocks: new Gauge({
      name: "head_lag_blocks",
      help: "Blocks between the best and the worst endpoint",
      registers,
    }),
    accounts: new Gauge({ name: "accounts", help: "Accounts known", registers }),
    liquidatableAccounts: new Gauge({
      name: "liquidatable_accounts",
      help: "Accounts that can be liquidated or resolved now",
      registers,
    }),
    oldestLiquidatableAgeSeconds: new Gauge({
      name: "oldest_liquidatable_age_seconds",
      help: "Since when the oldest of them waits",
      registers,
    }),
    hotAccounts: new Gauge({
      name: "hot_accounts",
      help: "Accounts looked at in every block",
      registers,
    }),
    accountsRead: new Counter({
      name: "accounts_read_total",
      help: "Judgements asked for",
      registers,
    }),
    auditMismatches: new Counter({
      name: "audit_mismatch_total",
      help: "Accounts believed safe and found below maintenance margin; must stay 0",
      registers,
    }),
    bookImbalances: new Gauge({
      name: "book_imbalances",
      help: "Differences in the house's books that should be 0 at the newest block; must stay 0",
      registers,
    }),
    feedAgeSeconds: new Gauge({
      name: "feed_age_seconds",
      help: "Age of the price at the newest block",
      labelNames: ["market"],
      registers,
    }),
    cascadeProbability: new Gauge({
      name: "cascade_probability",
      help: "That the price gets, within the horizon, to where liquidations would feed themselves; 0 where nowhere",
      labelNames: ["market", "direction"],
      registers,
    }),
    cascadePriceUsd: new Gauge({
      name: "cascade_price_usd",
      help: "Where that begins, the nearest place of each direction; 0 where nowhere",
      labelNames: ["market", "direction"],
      registers,
    }),
    cascadeNotionalUsd: new Gauge({
      name: "cascade_notional_usd",
      help: "Notional that would be liquidated there",
      labelNames: ["market", "direction"],
      registers,
    }),
    transactions: new Counter({
      name: "tx_total",
      help: "Transactions by result",
      labelNames: ["kind", "result"],
      registers,
    }),
    routes: new Counter({
      name: "routes_total",
      help: "What the keeper's transactions did, by route",
      labelNames: ["route"],
      registers,
    }),
    routeNotionalUsd: new Counter({
      name: "route_notional_usd_total",
      help: "Notional of what they did, by route",
      labelNames: ["route"],
      registers,
    }),
    outrun: new Counter({
      name: "outrun_total",
      help: "Transactions that found their work done by somebody else",
      labelNames: ["kind"],
      registers,
    }),
    unpaidGasLeft: new Gauge({
      name: "unpaid_gas_left",
      help: "Gas left in this hour for calls nobody pays for",
      registers,
    }),
    gasSpentWei: new Counter({ name: "gas_spent_wei_total", help: "Paid for gas", registers }),
    rewardsUsd: new Counter({
      name: "rewards_usd_total",
      help: "Rewards of included liquidations",
      registers,
    }),
    walletWei: new Gauge({ name: "wallet_wei", help: "Gas money left", registers }),
    reorgDepth: new Histogram({
      name: "reorg_depth",
      help: "Blocks taken back at once",
      buckets: [1, 2, 3, 5, 8, 12, 24, 64],
      registers,
    }),
    rpcFailures: new Counter({
      name: "rpc_failures_total",
      help: "Requests an endpoint did not answer",
      labelNames: ["endpoint"],
      registers,
    }),
    priceToInclusionSeconds: new Histogram({
      name: "price_to_inclusion_seconds",
      help: "From first seeing the block that made an account liquidatable to the receipt",
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 12, 24, 60],
      registers,
    }),
    tickSeconds: new Histogram({
      name: "tick_seconds",
      help: "Working out one block",
      buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers,
    }),
  };
}

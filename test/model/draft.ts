import type {
  Account,
  Backstop,
  Credit,
  HouseState,
  Market,
  MarketEvent,
  Position,
  PriceMemory,
  Shares,
  Staked,
} from "./state.ts";

/** A map that copies a value when it is first asked for: what is written to it leaves the map it was made from as it was. */
class Draft<K, V> extends Map<K, V> {
  readonly #copy: (value: V) => V;
  readonly #own = new Set<K>();

  constructor(base: ReadonlyMap<K, V>, copy: (value: V) => V) {
    super();
    this.#copy = copy;
    for (const [key, value] of base) super.set(key, value);
  }

  override get(key: K): V | undefined {
    const value = super.get(key);
    if (value === undefined || this.#own.has(key)) return value;
    const copied = this.#copy(value);
    this.set(key, copied);
    return copied;
  }

  override set(key: K, value: V): this {
    this.#own.add(key);
    return super.set(key, value);
  }
}

/** A state to write to, which leaves the one it was made from as it was. Only `get` copies: values that are iterated over are to be read. */
export function draftOf({
  accounts,
  markets,
  prices,
  shares,
  epochs,
  ...rest
}: HouseState): HouseState {
  return {
    ...rest,
    powers: new Map(rest.powers),
    accounts: new Draft(accounts, copyOfAccount),
    markets: new Draft(markets, copyOfMarket),
    prices: new Draft(prices, copyOfPrice),
    shares: new Draft(shares, copyOfShares),
    backstop: copyOfBackstop(rest.backstop),
    signed: {
      filled: new Map(rest.signed.filled),
      least: new Map(rest.signed.least),
      cancelled: new Map(rest.signed.cancelled),
    },
    orders: { ...rest.orders, waiting: new Map(rest.orders.waiting) },
    reserve: copyOfStaked(rest.reserve),
    credit: copyOfCredit(rest.credit),
    epochs: new Map(epochs),
  };
}

/** The same with plain maps, once nothing more is written to it. */
export function settled({ accounts, markets, prices, shares, ...rest }: HouseState): HouseState {
  return {
    ...rest,
    accounts: new Map(accounts),
    markets: new Map(markets),
    prices: new Map(prices),
    shares: new Map(shares),
  };
}

function copyOfAccount(account: Account): Account {
  return {
    ...account,
    markets: new Set(account.markets),
    positions: mapped(account.positions, copyOfPosition),
    mark: account.mark && { ...account.mark },
  };
}

function copyOfPosition(position: Position): Position {
  return {
    ...position,
    fills: mapped(position.fills, copyOf),
    charges: position.charges.map(copyOf),
  };
}

function copyOfMarket(market: Market): Market {
  return {
    ...market,
    longs: { ...market.longs },
    shorts: { ...market.shorts },
    owedBack: { ...market.owedBack },
    events: market.events.map((event): MarketEvent => ({ ...event })),
  };
}

function copyOfPrice(memory: PriceMemory): PriceMemory {
  const { feed, jump, previous, present } = memory;
  return {
    ...memory,
    feed: { ...feed },
    jump: jump && { ...jump },
    previous: { ...previous },
    present: { ...present },
  };
}

function copyOfShares(shares: Shares): Shares {
  return {
    ...shares,
    balances: new Map(shares.balances),
    deposits: new Map(shares.deposits),
    redemptions: new Map(shares.redemptions),
    claimable: new Map(shares.claimable),
  };
}

function copyOfStaked<T extends Staked>(vault: T): T {
  return {
    ...vault,
    balances: new Map(vault.balances),
    cooldowns: new Map(vault.cooldowns),
  };
}

function copyOfBackstop(backstop: Backstop): Backstop {
  return {
    ...copyOfStaked(backstop),
    joined: new Set(backstop.joined),
    taken: new Map(backstop.taken),
    unwoundAt: new Map(backstop.unwoundAt),
  };
}

function copyOfCredit(credit: Credit): Credit {
  return {
    ...credit,
    debts: new Map(credit.debts),
    collateral: new Map(credit.collateral),
    clocks: new Map(credit.clocks),
    balances: new Map(credit.balances),
  };
}

function copyOf<T extends object>(value: T): T {
  return { ...value };
}

function mapped<K, V>(map: ReadonlyMap<K, V>, copy: (value: V) => V): Map<K, V> {
  const copied = new Map<K, V>();
  for (const [key, value] of map) copied.set(key, copy(value));
  return copied;
}

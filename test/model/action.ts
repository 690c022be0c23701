import type {
  AccountName,
  Asset,
  Caller,
  Delegate,
  Following,
  Implied,
  MarketId,
  Mode,
  Order,
  SignedOrder,
} from "./state.ts";
import type { Capped, ChangedTerms } from "./terms.ts";

/** One thing that somebody does, at some seconds after the last. Amounts are booked (1e-18). */
export type Action = { readonly seconds: bigint } & (
  | { readonly kind: "publish"; readonly market: MarketId; readonly price: bigint }
  | { readonly kind: "poke"; readonly market: MarketId }
  | { readonly kind: "deposit"; readonly account: AccountName; readonly usd: bigint }
  | {
      readonly kind: "withdraw";
      readonly account: AccountName;
      readonly usd: bigint;
      readonly caller: Caller;
    }
  | {
      readonly kind: "setDelegate";
      readonly account: AccountName;
      readonly delegate: Delegate;
      readonly powers: bigint;
      readonly caller: Caller;
    }
  | { readonly kind: "setTerms"; readonly market: MarketId; readonly terms: Partial<ChangedTerms> }
  | { readonly kind: "setBackstopShare"; readonly share: bigint }
  | { readonly kind: "setHouseEpochCap"; readonly tier: Capped; readonly cap: bigint }
  | { readonly kind: "setAdaptive"; readonly market: MarketId; readonly following: Following }
  | { readonly kind: "setImplied"; readonly market: MarketId; readonly implied: Implied | null }
  | { readonly kind: "refreshMargins"; readonly market: MarketId }
  | {
      readonly kind: "raiseRegime";
      readonly market: MarketId;
      readonly component: bigint;
      readonly excess: bigint;
      readonly lifetime: bigint;
    }
  | { readonly kind: "distribute"; readonly market: MarketId }
  | {
      readonly kind: "trade";
      readonly account: AccountName;
      readonly market: MarketId;
      readonly sizeDelta: bigint;
      readonly limitPrice: bigint;
      readonly spread: bigint;
      readonly reduceOnly: boolean;
      readonly keeper: AccountName;
      readonly keeperFeeUsd: bigint;
      readonly caller: Caller;
    }
  | { readonly kind: "commitOrder"; readonly order: Order; readonly caller: Caller }
  | { readonly kind: "cancelOrder"; readonly number: bigint; readonly caller: Caller }
  | { readonly kind: "executeOrder"; readonly number: bigint; readonly keeper: AccountName }
  | {
      readonly kind: "executeOrders";
      readonly numbers: readonly bigint[];
      readonly keeper: AccountName;
    }
  | { readonly kind: "removeExpired"; readonly numbers: readonly bigint[] }
  | {
      readonly kind: "fillSigned";
      readonly order: SignedOrder;
      readonly taker: AccountName;
      readonly amount: bigint;
      readonly caller: Caller;
    }
  | {
      readonly kind: "fillSignedPair";
      readonly maker: SignedOrder;
      readonly taker: SignedOrder;
      readonly amount: bigint;
    }
  | {
      readonly kind: "liquidateSigned";
      readonly account: AccountName;
      readonly order: SignedOrder;
    }
  | {
      readonly kind: "cancelNonces";
      readonly account: AccountName;
      readonly word: bigint;
      readonly mask: bigint;
      readonly caller: Caller;
    }
  | {
      readonly kind: "raiseMinNonce";
      readonly account: AccountName;
      readonly nonce: bigint;
      readonly caller: Caller;
    }
  | {
      readonly kind: "settle";
      readonly accounts: readonly AccountName[];
      readonly caller: Caller;
    }
  | { readonly kind: "setMode"; readonly market: MarketId; readonly mode: Mode }
  | {
      readonly kind: "requestDeposit";
      readonly market: MarketId;
      /** {qTok} */
      readonly amount: bigint;
      readonly limitPrice: bigint;
      readonly caller: Caller;
    }
  | {
      readonly kind: "requestRedemption";
      readonly market: MarketId;
      readonly shares: bigint;
      readonly limitPrice: bigint;
      readonly caller: Caller;
    }
  | {
      readonly kind: "cancelDeposit";
      readonly market: MarketId;
      readonly id: bigint;
      readonly caller: Caller;
    }
  | { readonly kind: "claimPayout"; readonly market: MarketId; readonly owner: Caller }
  | { readonly kind: "processDeposit"; readonly market: MarketId; readonly id: bigint }
  | { readonly kind: "processRedemptions"; readonly market: MarketId; readonly most: bigint }
  | { readonly kind: "stake"; readonly amount: bigint; readonly caller: Caller }
  | { readonly kind: "requestCooldown"; readonly shares: bigint; readonly caller: Caller }
  | { readonly kind: "redeemStake"; readonly shares: bigint; readonly caller: Caller }
  | { readonly kind: "fundReserve"; readonly amount: bigint; readonly caller: Caller }
  | { readonly kind: "coolReserve"; readonly shares: bigint; readonly caller: Caller }
  | { readonly kind: "redeemReserve"; readonly shares: bigint; readonly caller: Caller }
  | { readonly kind: "checkpoint" }
  | { readonly kind: "takeByBackstop"; readonly account: AccountName; readonly market: MarketId }
  | { readonly kind: "unwindByBackstop"; readonly market: MarketId }
  | { readonly kind: "refreshCoverage"; readonly market: MarketId }
  | {
      readonly kind: "publishCollateral";
      readonly asset: Asset;
      readonly price: bigint;
    }
  | {
      readonly kind: "depositCollateral" | "withdrawCollateral";
      readonly account: AccountName;
      readonly asset: Asset;
      /** {qTok} */
      readonly amount: bigint;
      readonly caller: Caller;
    }
  | {
      readonly kind: "drawCredit" | "repayCredit";
      readonly account: AccountName;
      readonly usd: bigint;
      readonly caller: Caller;
    }
  | {
      readonly kind: "repayDebt";
      readonly account: AccountName;
      /** {qTok} */
      readonly amount: bigint;
      readonly caller: Caller;
    }
  | { readonly kind: "lend"; readonly amount: bigint; readonly caller: Caller }
  | { readonly kind: "redeemLent"; readonly shares: bigint; readonly caller: Caller }
  | { readonly kind: "accrue" }
  | { readonly kind: "writeOff"; readonly account: AccountName }
  | { readonly kind: "startAuction"; readonly account: AccountName; readonly asset: Asset }
  | {
      readonly kind: "takeCollateral";
      readonly account: AccountName;
      readonly asset: Asset;
      /** {qTok} */
      readonly most: bigint;
      readonly limitPrice: bigint;
      readonly deadline: bigint;
      readonly caller: Caller;
    }
  | { readonly kind: "noteOutage"; readonly market: MarketId }
  | { readonly kind: "announceWindDown"; readonly market: MarketId; readonly price: bigint }
  | { readonly kind: "cancelWindDown"; readonly market: MarketId }
  | { readonly kind: "windDown"; readonly market: MarketId }
  | { readonly kind: "mark"; readonly accounts: readonly AccountName[] }
  | { readonly kind: "tearUpPool"; readonly market: MarketId }
  | {
      readonly kind: "touch";
      readonly account: AccountName;
      readonly market: MarketId;
      readonly most: bigint;
    }
  | {
      readonly kind: "claimRefunds";
      readonly account: AccountName;
      readonly market: MarketId;
      readonly most: bigint;
    }
  | { readonly kind: "liquidate"; readonly account: AccountName; readonly market: MarketId }
  | {
      readonly kind: "liquidateBatch";
      readonly items: readonly { readonly account: AccountName; readonly market: MarketId }[];
    }
  | {
      readonly kind: "resolve";
      readonly account: AccountName;
      readonly losers: readonly AccountName[];
    }
  | { readonly kind: "bookLoss"; readonly market: MarketId }
  | { readonly kind: "unwind"; readonly market: MarketId }
  | { readonly kind: "tearUp"; readonly market: MarketId }
  | {
      readonly kind: "matchOrders";
      readonly maker: AccountName;
      readonly taker: AccountName;
      readonly market: MarketId;
      readonly sizeDelta: bigint;
      readonly price: bigint;
      readonly makerReduceOnly: boolean;
      readonly takerReduceOnly: boolean;
    }
  | {
      readonly kind: "liquidateAgainst";
      readonly account: AccountName;
      readonly market: MarketId;
      readonly maker: AccountName;
      readonly makerSizeDelta: bigint;
      readonly price: bigint;
      readonly makerReduceOnly: boolean;
    }
  | {
      readonly kind: "takeOver";
      readonly account: AccountName;
      readonly market: MarketId;
      readonly taker: AccountName;
      readonly maxSize: bigint;
      readonly limitPrice: bigint;
      readonly expectedVersion: bigint;
      readonly caller: Caller;
    }
  | {
      readonly kind: "takeOverWhole";
      readonly account: AccountName;
      readonly taker: AccountName;
      readonly minDiscountUsd: bigint;
      readonly expectedVersion: bigint;
      readonly caller: Caller;
    }
);

/** Who acts, by name. */
export const ACTORS: readonly AccountName[] = Array.from({ length: 8 }, (_, i) => `actor ${i}`);
export const KEEPER: AccountName = "keeper";

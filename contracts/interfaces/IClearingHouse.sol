// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {CoverageLevel} from "../types/CoverageLevel.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind, Portfolio} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {ILiquidationEngine} from "./ILiquidationEngine.sol";
import {Tier} from "./ILossWaterfall.sol";

/// @title The ledger
/// @notice Holds every token of the system, and is the only writer of accounts and positions. Everything else is a module with a narrow role.
///
/// Symbols: cash `c`, signed size `s`, signed quote leg `v`, index price `P`, cumulative funding `F`, `X = P − F`, unsettled value `U = s·X + v`,
/// market reserve `B`, booked and not yet collected loss `L`, collected surplus not yet refunded `S`. In every market `Σs = 0` and
/// `Σv = B + L − S`; over the house `tokens = Σc + ΣB`. All amounts are D18; positive is good for the account.
interface IClearingHouse {
    /* TYPES */

    /// @notice How far a market is open. `ReduceOnly` closes, liquidates and settles; `Halted` neither trades nor liquidates; `WoundDown`, for good, has closed every position
    /// and settles what is left at a price that never changes.
    enum MarketMode {
        Unlisted,
        Open,
        ReduceOnly,
        Halted,
        WoundDown
    }

    /// @notice Fixed terms of a market, set by the governor.
    /// @param pool account of the market's liquidity pool
    /// @param skewScale D18{base}, K: skew that moves the pool's price by 100 %
    /// @param exposureCap D18{base}, largest size of the pool through orders
    /// @param lotSize D18{base}, smallest unit of a fill
    /// @param minNotionalUsd D18{USD}, smallest position an order may leave
    /// @param maxFundingRate D18{1/day}, r_max
    /// @param maxFundingVelocity D18{1/day²}, v_max
    /// @param takerFee D18{1} of the notional at the index, for the part of a fill that adds to the skew
    /// @param makerFee D18{1} of the notional at the index, for the part that takes the skew towards zero
    /// @param insuranceShare D18{1} of fees for the market's own tranche; the rest is the pool's
    /// @param band D18{1}, largest distance of a fill's price from the index
    /// @param unwindTolerance D18{1}, u_max: largest discount at which a resolution account sells
    /// @param tearUpLoss D18{1}, u_R: loss of a resolution account per notional that allows an early tear-up
    /// @param tearUpDelay {s}, T_R: age of a resolution account's inventory that allows a tear-up
    struct MarketTerms {
        AccountId pool;
        uint256 skewScale;
        uint256 exposureCap;
        uint256 lotSize;
        uint256 minNotionalUsd;
        uint256 maxFundingRate;
        uint256 maxFundingVelocity;
        uint256 takerFee;
        uint256 makerFee;
        uint256 insuranceShare;
        uint256 band;
        uint256 unwindTolerance;
        uint256 tearUpLoss;
        uint256 tearUpDelay;
    }

    /// @notice A fill against the market's pool, asked for by a venue.
    /// @param account whose position changes; it must have given the venue the power to trade
    /// @param market where
    /// @param sizeDelta D18{base}, signed, a multiple of the lot
    /// @param limitPrice D18{USD/base}, worst price accepted, spread included
    /// @param spread D18{1}, added to the price against the account (0 for a price published after the commitment)
    /// @param reduceOnly reverts unless the fill brings the position nearer to zero without crossing it
    /// @param keeper account that receives `keeperFeeUsd`
    /// @param keeperFeeUsd D18{USD}, out of the account's cash
    struct TradeRequest {
        AccountId account;
        MarketId market;
        int256 sizeDelta;
        uint256 limitPrice;
        uint256 spread;
        bool reduceOnly;
        AccountId keeper;
        uint256 keeperFeeUsd;
    }

    /// @notice A fill between two accounts at a price that both agreed to, asked for by a venue that both gave the power to trade.
    /// @param maker whose order stood
    /// @param taker who met it
    /// @param market where
    /// @param sizeDelta D18{base}, signed, of the taker, a multiple of the lot; the maker's is the opposite
    /// @param price D18{USD/base}, inside the market's band around the index
    /// @param makerReduceOnly reverts unless the fill brings the maker's position nearer to zero without crossing it
    /// @param takerReduceOnly likewise for the taker
    struct MatchRequest {
        AccountId maker;
        AccountId taker;
        MarketId market;
        int256 sizeDelta;
        uint256 price;
        bool makerReduceOnly;
        bool takerReduceOnly;
    }

    /// @notice A liquidation executed against an account instead of the pool, asked for by a venue that this account gave the power to trade.
    /// @param account to liquidate
    /// @param market where
    /// @param maker who takes the other side
    /// @param makerSizeDelta D18{base}, signed, the most that the maker takes
    /// @param price D18{USD/base}, better for the liquidated account than the pool's, inside the market's band
    /// @param makerReduceOnly reverts unless the fill brings the maker's position nearer to zero without crossing it
    /// @param keeper account that receives the reward
    struct LiquidationMatch {
        AccountId account;
        MarketId market;
        AccountId maker;
        int256 makerSizeDelta;
        uint256 price;
        bool makerReduceOnly;
        AccountId keeper;
    }

    /// @notice One item of a liquidation batch.
    struct LiquidationItem {
        AccountId account;
        MarketId market;
    }

    /// @notice A take-over of one position.
    /// @param account whose position is taken over, or the resolution account of `market`, whose inventory is
    /// @param market where
    /// @param taker account that takes it; the caller owns it or has the power to trade for it
    /// @param maxSize D18{base}, unsigned, the most that the taker wants
    /// @param limitPrice D18{USD/base}, worst price accepted: the highest for what was long, the lowest for what was short
    /// @param deadline {s}, last second at which the request is good
    /// @param expectedVersion version of `account` that the taker looked at; 0: any
    /// @param data if not empty, the caller is called back with it (ITakeOverCallback)
    struct TakeOverRequest {
        AccountId account;
        MarketId market;
        AccountId taker;
        uint256 maxSize;
        uint256 limitPrice;
        uint256 deadline;
        uint256 expectedVersion;
        bytes data;
    }

    /// @notice A take-over of all positions of an account together.
    /// @param account whose positions are taken over
    /// @param taker account that takes them; the caller owns it or has the power to trade for it
    /// @param minDiscountUsd D18{USD}, least sum of the discounts accepted
    /// @param deadline {s}, last second at which the request is good
    /// @param expectedVersion version of `account` that the taker looked at; 0: any
    /// @param data if not empty, the caller is called back with it (ITakeOverCallback)
    struct TakeOverWholeRequest {
        AccountId account;
        AccountId taker;
        uint256 minDiscountUsd;
        uint256 deadline;
        uint256 expectedVersion;
        bytes data;
    }

    /// @notice An account's distress clock.
    /// @param startedAt {s}, when the account was first seen below maintenance margin; 0: the clock does not run
    /// @param healthySince {s}, since when it has been seen at or above it only; 0: not
    /// @param shortfallUsd D18{USD}, maintenance margin less equity when last seen
    /// @param elapsedSeconds {s}, how long its auctions have run: since the start or the last outage or halt in one of its markets
    struct DistressState {
        uint256 startedAt;
        uint256 healthySince;
        uint256 shortfallUsd;
        uint256 elapsedSeconds;
    }

    /// @notice An account, as stored.
    /// @param cashUsd D18{USD}, the deposit included
    /// @param depositUsd D18{USD}, liquidation deposit locked in `cashUsd`
    /// @param heldUsd D18{USD}, cash kept aside for losses in markets without a valid price
    /// @param markets set of markets with a size or a quote leg
    /// @param version counts changes, wraps at 2¹⁶
    /// @param slicedAt {s}, when the account was last liquidated
    /// @param sliceUsedRatio D18{1}, how much of its pacing allowance it had then used
    /// @param graceUsd D18{USD}, charges of applied events so recent that nobody is liquidated through them
    struct AccountState {
        uint256 cashUsd;
        uint256 depositUsd;
        uint256 heldUsd;
        uint256 markets;
        uint256 version;
        uint256 slicedAt;
        uint256 sliceUsedRatio;
        uint256 graceUsd;
    }

    /// @notice A position.
    /// @param size D18{base}, with all market events applied
    /// @param quote D18{USD}, with all market events applied
    /// @param storedSize D18{base}, as stored, events after `eventsSeen` not applied: what the identity Σs = 0 is about
    /// @param storedQuote D18{USD}, as stored: what Σv = B + L − S is about
    /// @param eventsSeen number of the last market event applied in storage
    struct PositionState {
        int256 size;
        int256 quote;
        int256 storedSize;
        int256 storedQuote;
        uint256 eventsSeen;
    }

    /// @notice What defaults left in a market, and what the next call would do with it.
    /// @param size D18{base}, signed, of the resolution account
    /// @param valueUsd D18{USD}, signed, its unsettled value: what is left of it once nothing is left to sell becomes a deficit or a recovery
    /// @param unwindDelta D18{base}, signed, what `unwind` would fill against the pool; 0 when price, room or market refuse
    /// @param tearUpSize D18{base}, unsigned, the most that `tearUp` would tear up after selling to the pool what it takes; 0 when it would refuse, or the pool takes all
    /// @param tearUpAt {s}, from when `tearUp` needs no loss
    /// @param tearUpLossUsd D18{USD}, loss from which it does not wait
    struct InventoryState {
        int256 size;
        int256 valueUsd;
        int256 unwindDelta;
        uint256 tearUpSize;
        uint256 tearUpAt;
        uint256 tearUpLossUsd;
    }

    /// @notice How far a market's buffers reach: the cash of its tranche and the share of the insurance fund's that it counts on.
    /// @param level what margins go by now, as last measured
    /// @param measuredLevel what `refreshCoverage` would make of it
    /// @param openInterestUsd D18{USD}, the larger side
    /// @param buffersUsd D18{USD}
    /// @param targetUsd D18{USD}, what they should reach; 0: the market has no target, and is always covered
    struct CoverageState {
        CoverageLevel level;
        CoverageLevel measuredLevel;
        uint256 openInterestUsd;
        uint256 buffersUsd;
        uint256 targetUsd;
    }

    /// @notice A market's books, funding accrued to now at the last price.
    /// @param longOpenInterest D18{base}, traders' longs, tear-ups applied; the pool is in neither side
    /// @param longQuote D18{USD}, their quote legs
    /// @param reserveUsd D18{USD}, B
    /// @param uncollectedLossUsd D18{USD}, L
    /// @param surplusUsd D18{USD}, S
    /// @param pendingLossUsd D18{USD}, deficits waiting to be booked
    /// @param fundingIndex D18{USD/base}, F
    /// @param fundingRate D18{1/day}
    /// @param averageSkewRatio D18{1}
    /// @param lastPrice D18{USD/base}, price the market last worked at
    /// @param updatedAt {s}
    /// @param events number of the last market event (1 when there was none)
    /// @param bucketUsedUsd D18{USD}, notional taken from the pacing bucket of liquidations, as of `bucketAt`
    /// @param bucketAt {s}
    struct MarketState {
        MarketMode mode;
        uint256 longOpenInterest;
        uint256 shortOpenInterest;
        int256 longQuote;
        int256 shortQuote;
        uint256 reserveUsd;
        uint256 uncollectedLossUsd;
        uint256 surplusUsd;
        uint256 pendingLossUsd;
        int256 fundingIndex;
        int256 fundingRate;
        int256 averageSkewRatio;
        uint256 lastPrice;
        uint256 updatedAt;
        uint256 events;
        uint256 bucketUsedUsd;
        uint256 bucketAt;
    }

    /// @notice What happened to a position of a market as a whole, applied to each when next touched.
    enum MarketEventKind {
        None,
        Loss,
        TearUpLongs,
        TearUpShorts
    }

    /// @param x D18{USD/base}, X at the event
    /// @param fraction D18{1}, γ of a loss, f of a tear-up
    /// @param lossUsd D18{USD}, r, the loss shared (less what was recovered since)
    /// @param revealedUsd D18{USD}, A, gains at the event found by touches so far
    struct MarketEventState {
        MarketEventKind kind;
        int256 x;
        uint256 fraction;
        uint256 lossUsd;
        uint256 revealedUsd;
        uint256 bookedAt;
    }

    /// @notice How near the end of a market is.
    /// @param price D18{USD/base}, at which it was closed, or would be now
    /// @param allowedAt {s}, from when anybody may wind it down; 0: neither a notice nor an outage stands, or it has been
    /// @param announcedPrice D18{USD/base}, the governor's, for the case that there is no valid one; 0: none
    /// @param noticeEndsAt {s}, from when what was announced may come; 0: nothing is announced
    /// @param outageAt {s}, when the market was last noted to be without a valid price; 0: never
    /// @param endedAt {s}, when it was wound down; 0: not
    /// @param paysFrom {s}, from when gains are paid; 0: it is not wound down
    struct WindDownState {
        uint256 price;
        uint256 allowedAt;
        uint256 announcedPrice;
        uint256 noticeEndsAt;
        uint256 outageAt;
        uint256 endedAt;
        uint256 paysFrom;
    }

    /// @notice Every term of `Σs = 0` and `Σv = B + L − S` in a market. Sums of the sides are effective: tear-ups count from when they were booked, charges from when
    /// they are touched. The pool is in neither side; the resolution account is.
    /// @param longOpenInterest D18{base}, of the longs
    /// @param shortOpenInterest D18{base}, of the shorts
    /// @param poolSize D18{base}, signed
    /// @param resolutionSize D18{base}, signed, part of a side
    /// @param mirrorSize D18{base}, signed, of the tear-up account: what tear-ups have still to take off positions, and the units that truncation left
    /// @param longQuote D18{USD}, quote legs of the longs
    /// @param shortQuote D18{USD}, of the shorts
    /// @param poolQuote D18{USD}
    /// @param resolutionQuote D18{USD}, part of a side while the account has a size
    /// @param mirrorQuote D18{USD}
    /// @param deficitQuote D18{USD}, of the deficit account
    /// @param fundQuote D18{USD}, of the insurance fund
    /// @param trancheQuote D18{USD}, of the market's own tranche
    /// @param flatQuote D18{USD}, what the identity leaves to all accounts without a size, the deficit account and the funds among them
    /// @param reserveUsd D18{USD}, B
    /// @param uncollectedLossUsd D18{USD}, L
    /// @param surplusUsd D18{USD}, S
    /// @param pendingLossUsd D18{USD}, deficits waiting to be booked
    /// @param refundsDueUsd D18{USD}, what is known to have been charged too much and not been paid back
    /// @param sizeDifference D18{base}, long − short + pool: 0, but for the units that truncated tear-ups left
    /// @param pendingDifferenceUsd D18{USD}, deficit account + pending deficits: 0
    struct MarketReconciliation {
        uint256 longOpenInterest;
        uint256 shortOpenInterest;
        int256 poolSize;
        int256 resolutionSize;
        int256 mirrorSize;
        int256 longQuote;
        int256 shortQuote;
        int256 poolQuote;
        int256 resolutionQuote;
        int256 mirrorQuote;
        int256 deficitQuote;
        int256 fundQuote;
        int256 trancheQuote;
        int256 flatQuote;
        uint256 reserveUsd;
        uint256 uncollectedLossUsd;
        uint256 surplusUsd;
        uint256 pendingLossUsd;
        uint256 refundsDueUsd;
        int256 sizeDifference;
        int256 pendingDifferenceUsd;
    }

    /// @notice Every term of `tokens = Σc + ΣB`.
    /// @param tokensUsd D18{USD}, the house's balance of the settlement token, rounded down
    /// @param ledgerUsd D18{USD}, what was paid in less what was paid out
    /// @param reservesUsd D18{USD}, B of all markets
    /// @param cashUsd D18{USD}, signed, ledger − reserves: what the cash of all accounts comes to
    /// @param donatedUsd D18{USD}, signed, tokens − ledger: what was sent here without being paid in; never below 0
    struct HouseReconciliation {
        uint256 tokensUsd;
        uint256 ledgerUsd;
        uint256 reservesUsd;
        int256 cashUsd;
        int256 donatedUsd;
    }

    /// @notice What one buffer has for a deficit, and pays of it.
    /// @param account of the buffer; number 0 of nobody where there is none
    /// @param availableUsd D18{USD}, its cash; of the backstop what is free
    /// @param paidUsd D18{USD}
    struct TierCover {
        AccountId account;
        uint256 availableUsd;
        uint256 paidUsd;
    }

    /// @notice A market's own tranche.
    /// @param account of the tranche
    /// @param cashUsd D18{USD}
    /// @param retainedUsd D18{USD}, of that, what it keeps: the rest came in since it last shared
    /// @param toFundUsd D18{USD}, what `distribute` would move to the insurance fund now, 0 while deficits wait
    /// @param toProtocolUsd D18{USD}, and to the protocol
    /// @param owedToFundUsd D18{USD}, what the fund paid for the market's inventory, to be had back of its profit
    /// @param owedToProtocolUsd D18{USD}, likewise
    /// @param owedToBackstopUsd D18{USD}, likewise, of the backstop that paid last
    struct TrancheState {
        AccountId account;
        uint256 cashUsd;
        uint256 retainedUsd;
        uint256 toFundUsd;
        uint256 toProtocolUsd;
        uint256 owedToFundUsd;
        uint256 owedToProtocolUsd;
        uint256 owedToBackstopUsd;
    }

    /* EVENTS */

    /// @notice Tokens came in. `cashUsd` is the account's cash after it. D18{USD}
    event Deposited(
        AccountId indexed account,
        address indexed from,
        uint256 amountUsd,
        uint256 cashUsd,
        uint256 version
    );
    /// @notice Tokens went out to `to`. `cashUsd` is the account's cash after it. D18{USD}
    event Withdrawn(AccountId indexed account, address indexed to, uint256 amountUsd, uint256 cashUsd, uint256 version);
    /// @notice `powers` is what the delegate may do from now on, not a change.
    event DelegateSet(AccountId indexed account, address indexed delegate, uint256 powers);
    /// @notice A fill against the pool. `size`, `quote`, `cashUsd` are the account's state after it; `price` D18{USD/base} includes the venue's spread.
    event Traded(
        AccountId indexed account,
        MarketId indexed market,
        int256 sizeDelta,
        uint256 price,
        uint256 feeUsd,
        int256 size,
        int256 quote,
        uint256 cashUsd,
        uint256 version
    );
    /// @notice A fill between two accounts, once for each whose own decision it was. `sizeDelta` is the account's; `size`, `quote`, `cashUsd` are its
    /// state after it. A side that was liquidated or taken over has its own event with the like.
    event Matched(
        AccountId indexed account,
        MarketId indexed market,
        AccountId indexed counterparty,
        int256 sizeDelta,
        uint256 price,
        uint256 feeUsd,
        int256 size,
        int256 quote,
        uint256 cashUsd,
        uint256 version
    );
    /// @notice `amountUsd` moved from quote to cash (negative: a loss was pulled).
    event Settled(
        AccountId indexed account,
        MarketId indexed market,
        int256 amountUsd,
        int256 size,
        int256 quote,
        uint256 cashUsd,
        uint256 version
    );
    /// @notice Part or all of a distressed position was closed. `equityUsd` and `maintenanceUsd` are what the plan found before it; `size`, `quote`, `cashUsd`
    /// are the account's state after it.
    event Liquidated(
        AccountId indexed account,
        MarketId indexed market,
        AccountId indexed keeper,
        int256 sizeDelta,
        uint256 price,
        uint256 penaltyUsd,
        uint256 rewardUsd,
        int256 equityUsd,
        uint256 maintenanceUsd,
        int256 size,
        int256 quote,
        uint256 cashUsd,
        uint256 version
    );
    /// @notice The account's distress clock runs since `startedAt` {s}; `healthySince` {s} is 0 while it is below maintenance margin. `shortfallUsd` is what it misses now,
    /// `totalShortfallUsd` what all marked accounts miss. D18{USD}
    event Marked(
        AccountId indexed account,
        uint256 startedAt,
        uint256 healthySince,
        uint256 shortfallUsd,
        uint256 totalShortfallUsd
    );
    /// @notice The account's distress clock stands. `totalShortfallUsd` D18{USD} is what all marked accounts miss after it.
    event Unmarked(AccountId indexed account, uint256 totalShortfallUsd);
    /// @notice Part or all of a position passed to `taker` at `price` D18{USD/base}, at most `discountUsd` in the taker's favour. `equityUsd` and `maintenanceUsd` are what
    /// the plan found before it; `size`, `quote`, `cashUsd` are the account's state after it. The taker's side is a `Matched`.
    event TakenOver(
        AccountId indexed account,
        MarketId indexed market,
        AccountId indexed taker,
        int256 sizeDelta,
        uint256 price,
        uint256 discountUsd,
        int256 equityUsd,
        uint256 maintenanceUsd,
        int256 size,
        int256 quote,
        uint256 cashUsd,
        uint256 version
    );
    /// @notice A take-over took nothing, and why.
    event TakeOverSkipped(AccountId indexed account, MarketId indexed market, ILiquidationEngine.PlanCode code);
    /// @notice A take-over of a whole account took nothing, and why.
    event TakeOverWholeSkipped(AccountId indexed account, ILiquidationEngine.PlanCode code);
    /// @notice An item of a batch closed nothing, and why.
    event LiquidationSkipped(AccountId indexed account, MarketId indexed market, ILiquidationEngine.PlanCode code);
    /// @notice The account's default was recognised. `deficitUsd` is what it could not pay over all markets.
    event Resolved(
        AccountId indexed account,
        AccountId indexed keeper,
        uint256 deficitUsd,
        uint256 rewardUsd,
        uint256 cashUsd,
        uint256 version
    );
    /// @notice An opening paid its insurance premium to the market's tranche. `goodDays` is for how long the account had been in good standing. D18{USD}, {days}
    event PremiumPaid(AccountId indexed account, MarketId indexed market, uint256 premiumUsd, uint256 goodDays);
    /// @notice A market's buffers passed a half or a quarter of their target. D18{USD}
    event CoverageChanged(MarketId indexed market, CoverageLevel level, uint256 buffersUsd, uint256 targetUsd);
    /// @notice A buffer paid towards a deficit of a market; its cash before and after. D18{USD}
    event TierPaid(
        MarketId indexed market,
        Tier indexed tier,
        AccountId indexed account,
        uint256 paidUsd,
        uint256 cashBeforeUsd,
        uint256 cashAfterUsd
    );
    /// @notice A buffer got a claim on what inventory of a market earned: what it had paid for it, or, the tranche, the rest. D18{USD}
    event TierRepaid(MarketId indexed market, Tier indexed tier, AccountId indexed account, uint256 claimUsd);
    /// @notice A market's tranche shared what it had taken in, and has `retainedUsd` left. D18{USD}
    event Distributed(MarketId indexed market, uint256 toFundUsd, uint256 toProtocolUsd, uint256 retainedUsd);
    /// @notice How one market's deficit was met: by buffers, `coveredUsd`; the rest waits, with what waited before.
    event DeficitCovered(MarketId indexed market, uint256 deficitUsd, uint256 coveredUsd, uint256 pendingUsd);
    /// @notice Event `number` charges `fraction` of every unsettled gain at `x` when it is next touched. The last two are L and S after it. D18{USD}
    event LossBooked(
        MarketId indexed market,
        uint256 indexed number,
        uint256 lossUsd,
        uint256 fraction,
        int256 x,
        uint256 uncollectedLossUsd,
        uint256 surplusUsd
    );
    /// @notice Event `number` closes `fraction` of every position on the torn side at `x` when it is next touched; `size` D18{base} in all.
    event TornUp(MarketId indexed market, uint256 indexed number, uint256 size, uint256 fraction, int256 x);
    /// @notice The pool's side of event `number`, a tear-up of the side opposite to it: `sizeDelta` D18{base} at the index. `equityUsd` and `maintenanceUsd` are what the
    /// plan found before it; `size`, `quote`, `cashUsd` are the pool's state after it.
    event PoolTornUp(
        AccountId indexed account,
        MarketId indexed market,
        uint256 indexed number,
        int256 sizeDelta,
        int256 equityUsd,
        uint256 maintenanceUsd,
        int256 size,
        int256 quote,
        uint256 cashUsd,
        uint256 version
    );
    /// @notice A bankrupt account's position passed to the resolution account at the index: `size` D18{base}, with `quote` D18{USD} credited to the taker.
    event PositionMoved(
        AccountId indexed account,
        MarketId indexed market,
        AccountId indexed to,
        int256 size,
        int256 quote
    );
    /// @notice Market events up to number `upTo` reached a position; `size`, `quote` are its state after them.
    event EventsApplied(
        AccountId indexed account,
        MarketId indexed market,
        uint256 upTo,
        uint256 chargedUsd,
        int256 size,
        int256 quote
    );
    /// @notice Charge of event `number` was partly returned; `quote` is the position's quote leg after it. D18{USD}
    event Refunded(
        AccountId indexed account,
        MarketId indexed market,
        uint256 indexed number,
        uint256 amountUsd,
        int256 quote
    );
    /// @notice A resolution account's profit met deficits that nobody had been charged for yet, then went to those who had been charged and, beyond their
    /// charge, to buffers as claims (see TierRepaid). D18{USD}
    event Recovered(MarketId indexed market, uint256 toPendingUsd, uint256 toWinnersUsd, uint256 toBuffersUsd);
    /// @notice The resolution account traded with the pool; `remaining` D18{base} is what it still holds.
    event Unwound(MarketId indexed market, int256 sizeDelta, uint256 price, int256 remaining);
    /// @notice A market exists from now on, halted.
    event MarketListed(MarketId indexed market, MarketTerms terms);
    /// @notice `terms` hold from now on; funding was accrued at the old ones up to now.
    event MarketTermsSet(MarketId indexed market, MarketTerms terms);
    /// @notice How far the market is open has changed.
    event MarketModeSet(MarketId indexed market, MarketMode oldMode, MarketMode newMode);
    /// @notice Whether `venue` may fill orders of accounts that gave it the power to trade.
    event VenueSet(address indexed venue, bool listed);
    /// @notice Cash was drawn on a credit line. `cashUsd` is the account's cash after it, `lendersCashUsd` what the lenders' account has left. D18{USD}
    event CreditDrawn(
        AccountId indexed account,
        uint256 amountUsd,
        uint256 cashUsd,
        uint256 version,
        uint256 lendersCashUsd
    );
    /// @notice Cash repaid debt. `cashUsd` is the account's cash after it, `lendersCashUsd` that of the lenders' account. D18{USD}
    event CreditRepaid(
        AccountId indexed account,
        uint256 amountUsd,
        uint256 cashUsd,
        uint256 version,
        uint256 lendersCashUsd
    );
    /// @notice Whether the account has collateral or debt in the credit vault, from now on.
    event CreditFlagSet(AccountId indexed account, bool hasCredit, uint256 version);
    /// @notice The backstop gets this part of penalties from now on. D18{1}
    event BackstopShareSet(uint256 oldShare, uint256 newShare);
    /// @notice A module was replaced.
    event ModuleSet(bytes32 indexed module, address oldAddress, address newAddress);

    /// @notice The market was seen without a valid price. From `allowedAt` {s} anybody may wind it down, unless one is published until then.
    event OutageNoted(MarketId indexed market, PriceStatus status, uint256 outageAt, uint256 allowedAt);
    /// @notice The governor wants the market to end: from `noticeEndsAt` {s} at the index, or, in an outage, at `price` D18{USD/base}.
    event WindDownAnnounced(MarketId indexed market, uint256 price, uint256 noticeEndsAt);
    /// @notice What was announced will not come.
    event WindDownCancelled(MarketId indexed market);
    /// @notice Every position of the market is closed at `price`, X being `x`, both D18{USD/base}, by the events up to `number`. Gains are paid from `paysFrom` {s}.
    event WoundDown(MarketId indexed market, uint256 price, int256 x, uint256 number, uint256 paysFrom);

    /* ERRORS */

    /// @notice Thrown when an amount is zero or becomes zero in the settlement token's decimals.
    error AmountZero(AccountId account);
    /// @notice Thrown when a transfer brought another amount than asked for (fee-on-transfer tokens are not supported).
    error TokenAmountMismatch(uint256 receivedNative, uint256 expectedNative);
    /// @notice Thrown when the caller has not the needed power over the account. Powers: 1 trade, 2 withdraw; the owner
    /// has all but trading through `trade`, which is for venues.
    error NotAuthorized(AccountId account, address caller, uint256 powerNeeded);
    /// @notice Thrown when the caller is no listed venue.
    error CallerNotVenue(address caller);
    /// @notice Thrown for powers other than the bits 1 (trade) and 2 (withdraw).
    error PowersUnknown(uint256 powers);
    /// @notice Thrown when a signature's deadline has passed. {s}
    error SignatureExpired(uint256 deadline, uint256 timestamp);
    /// @notice Thrown when a signature is not the account owner's over exactly these values and the present nonce.
    error SignatureInvalid(address owner);
    /// @notice Thrown when the house's own accounts (resolution, tear-up, deficit) are named where a user's account is needed.
    error SystemAccount(AccountId account);
    /// @notice Thrown when a market does not exist.
    error MarketNotListed(MarketId market);
    /// @notice Thrown when the market's mode does not allow this.
    error MarketNotOpen(MarketId market, MarketMode mode);
    /// @notice Thrown when a term lies outside the bounds that are fixed in code.
    error TermsOutOfBounds(bytes32 term, uint256 value, uint256 min, uint256 max);
    /// @notice Thrown when an account would be in more markets than it may be; close one first.
    error TooManyMarkets(AccountId account, uint256 count, uint256 max);
    /// @notice Thrown when the market has no price that this action accepts; retry when it has.
    error PriceNotValid(MarketId market, PriceStatus status);
    /// @notice Thrown when an order's size is zero or no multiple of the lot. D18{base}
    error SizeNotInLots(int256 sizeDelta, uint256 lotSize);
    /// @notice Thrown when a reduce-only fill would open, add or cross zero.
    error NotAReduction(AccountId account, int256 size, int256 sizeDelta);
    /// @notice Thrown when a liquidation engine gives a taker more than a tenth of the notional it takes over. D18{USD}
    error DiscountTooHigh(AccountId account, uint256 discountUsd, uint256 highestUsd);
    /// @notice Thrown when the discounts on a whole account are less than the taker asks for; they grow with time. D18{USD}
    error DiscountBelowMinimum(uint256 discountUsd, uint256 minDiscountUsd);
    /// @notice Thrown when an account is to take over its own positions.
    error TakerIsAccount(AccountId account);
    /// @notice Thrown when the account is not as the taker saw it; look again.
    error AccountChanged(AccountId account, uint256 version, uint256 expectedVersion);
    /// @notice Thrown when a request's deadline has passed. {s}
    error DeadlinePassed(uint256 deadline, uint256 timestamp);
    /// @notice Thrown when an opening would leave a market's buffers below a quarter of their target. D18{USD}
    error CoverageTooLow(MarketId market, uint256 buffersUsd, uint256 neededUsd);
    /// @notice Thrown when a risk engine asks for a premium of more than 3 % of the notional opened.
    error PremiumTooHigh(AccountId account, uint256 premiumUsd, uint256 highestUsd);
    /// @notice Thrown when a liquidation engine asks for more than 5 % of the notional it closes.
    error PenaltyTooHigh(AccountId account, uint256 penaltyUsd, uint256 highestUsd);
    /// @notice Thrown when the fill's price, spread included, is worse than the order's limit. D18{USD/base}
    error PriceBeyondLimit(uint256 price, uint256 limitPrice);
    /// @notice Thrown when the skew after an opening would move the marginal price further from the index than the band. D18{1}
    error PriceBeyondBand(MarketId market, uint256 marginalDistance, uint256 band);
    /// @notice Thrown when the price of a match is further from the index than the band. D18{USD/base}
    error PriceOutsideBand(MarketId market, uint256 price, uint256 lowest, uint256 highest);
    /// @notice Thrown when a liquidation is to be matched at a price that is no better for the account than the pool's. D18{USD/base}
    error PriceNotBetter(uint256 price, uint256 poolPrice);
    /// @notice Thrown when both sides of a match are the same account.
    error SelfMatch(AccountId account);
    /// @notice Thrown when the pool would hold more than its cap; a smaller order or one against the skew passes. D18{base}
    error PoolExposureExceeded(MarketId market, uint256 size, uint256 cap);
    /// @notice Thrown when the pool's equity would not cover its initial margin. D18{USD}
    error PoolBelowInitialMargin(MarketId market, int256 equityUsd, uint256 requiredUsd);
    /// @notice Thrown when an order would leave a position smaller than the minimum; close all of it or leave more. D18{USD}
    error PositionBelowMinimum(AccountId account, uint256 notionalUsd, uint256 minimumUsd);
    /// @notice Thrown when cash does not cover edge, fees, deposit and insurance premium of an opening. D18{USD}
    error CashTooLow(AccountId account, uint256 cashUsd, uint256 neededUsd);
    /// @notice Thrown when more is asked for than can be withdrawn now. D18{USD}
    error FreeCashTooLow(AccountId account, uint256 freeCashUsd, uint256 askedUsd);
    /// @notice Thrown when an action that adds risk, or a reduction that costs more than the band allows, would end below initial margin. D18{USD}
    error AccountBelowInitialMargin(AccountId account, int256 equityUsd, uint256 requiredUsd);
    /// @notice Thrown when a match that reduces a position would leave the account below initial margin and less healthy than it was. D18{USD}
    error HealthWouldFall(
        AccountId account,
        int256 equityUsd,
        uint256 maintenanceUsd,
        int256 equityBeforeUsd,
        uint256 maintenanceBeforeUsd
    );
    /// @notice Thrown when a reduction would leave negative equity; the account has to be resolved. D18{USD}
    error AccountBankrupt(AccountId account, int256 equityUsd);
    /// @notice Thrown when an account is to be resolved whose equity is not negative. D18{USD}
    error AccountNotBankrupt(AccountId account, int256 equityUsd);
    /// @notice Thrown when more market events wait than one call applies; call `touch` first.
    error EventsPending(AccountId account, MarketId market, uint256 pending, uint256 maximum);
    /// @notice Thrown when the market's resolution account holds nothing or, for a tear-up, less than a lot.
    error NothingToUnwind(MarketId market);
    /// @notice Thrown when the pool's price is further from the index than the resolution account may sell at.
    error UnwindTooCostly(MarketId market, int256 skewRatio, uint256 tolerance);
    /// @notice Thrown when inventory is neither old enough nor has lost enough to be torn up. {s}, D18{USD}
    error TearUpTooEarly(MarketId market, uint256 allowedAt, uint256 lossUsd, uint256 lossNeededUsd);
    /// @notice Thrown when a pool is to be restored that is at or above maintenance margin, recent charges counted back, or holds less than a lot. D18{USD}
    error PoolNotDistressed(MarketId market, int256 equityUsd, uint256 maintenanceUsd);
    /// @notice Thrown when a pool is to be restored that has lost everything: `resolve` its account. D18{USD}
    error PoolBankrupt(MarketId market, int256 equityUsd);
    /// @notice Thrown when a pool has not been marked, or not been left alone, for long enough; for one that is not marked `allowedAt` counts from a mark now. {s}
    error PoolTearUpTooEarly(MarketId market, uint256 allowedAt, uint256 timestamp);
    /// @notice Thrown when a tranche cannot share what it took in because deficits of its market wait to be booked; `bookLoss` books them. D18{USD}
    error DeficitsPending(MarketId market, uint256 pendingUsd);
    /// @notice Thrown when a tranche has nothing to share: no more cash than it keeps, or a split that leaves it all. D18{USD}
    error NothingToDistribute(MarketId market, uint256 cashUsd, uint256 retainedUsd);
    /// @notice Thrown when what waits is too small for a loss event or the last event is too recent. D18{USD}, {s}
    error LossNotBookable(MarketId market, uint256 pendingUsd, uint256 minimumUsd, uint256 allowedAt);
    /// @notice Thrown when a market number is taken.
    error MarketAlreadyListed(MarketId market);
    /// @notice Thrown when an account that is already in a market is to become a pool.
    error PoolInUse(AccountId pool, uint256 markets);
    /// @notice Thrown when terms name another pool than the one the market was listed with.
    error PoolFixed(MarketId market, AccountId pool);
    /// @notice Thrown when a market that has ended is asked for another mode or other terms, or to end again.
    error MarketWoundDown(MarketId market);
    /// @notice Thrown when a market may not be wound down yet. `allowedAt` is 0 while neither a notice nor an outage stands. {s}
    error WindDownNotDue(MarketId market, uint256 allowedAt, uint256 timestamp);
    /// @notice Thrown when the announced price is too far from the last valid one. D18{USD/base}
    error WindDownPriceOutOfBounds(MarketId market, uint256 price, uint256 lowest, uint256 highest);
    /// @notice Thrown when there is no announcement to cancel.
    error WindDownNotAnnounced(MarketId market);
    /// @notice Thrown when an outage is to be noted of a market that has a valid price. D18{USD/base}
    error MarketHasPrice(MarketId market, uint256 price);
    /// @notice Thrown when the caller is not the credit vault.
    error CallerNotCreditVault(address caller);
    /// @notice Thrown when less can be drawn than was asked for. D18{USD}
    error CreditLineTooLow(AccountId account, uint256 drawableUsd, uint256 askedUsd);
    /// @notice Thrown when there is no module of this name.
    error ModuleUnknown(bytes32 module);
    /// @notice Thrown when a module is to be replaced by nothing.
    error ModuleZero(bytes32 module);
    /// @notice Thrown when a module that can be set only once is set again.
    error ModuleFixed(bytes32 module, address current);

    /* USERS */

    /// @notice Pays settlement tokens into an account. Needs no price; anybody may pay into any account.
    /// @param amountNative {qTok}, credited rounded down to D18{USD}
    /// @custom:rounding down, against the account
    /// @dev Reverts: AmountZero, SystemAccount, TokenAmountMismatch.
    function deposit(AccountId account, uint256 amountNative) external;

    /// @notice Pays free cash out. Needs no price for an account without positions and negative quote legs.
    /// @param amountNative {qTok}, debited rounded up to D18{USD}
    /// @param to who receives the tokens
    /// @custom:rounding up, against the account
    /// @dev Reverts: NotAuthorized, AmountZero, FreeCashTooLow, EventsPending. It settles nothing:
    /// a matured gain is withdrawn by `settle` and `withdraw`, in one `multicall`.
    /// @custom:access owner, or a delegate with the power to withdraw
    function withdraw(AccountId account, uint256 amountNative, address to) external;

    /// @notice Sets what `delegate` may do for the account: bits 1 trade (venues need it), 2 withdraw; 0 revokes.
    /// @dev Reverts: NotAuthorized, PowersUnknown.
    /// @custom:access owner
    function setDelegate(AccountId account, address delegate, uint256 powers) external;

    /// @notice `setDelegate` by the owner's EIP-712 (or EIP-1271) signature over (account, delegate, powers, nonce, deadline).
    /// @param deadline {s}, last second at which the signature is accepted
    /// @dev Reverts: SignatureExpired, SignatureInvalid, PowersUnknown. A signature works once: `nonceOf` moves on.
    function setDelegateBySignature(
        AccountId account,
        address delegate,
        uint256 powers,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Settles accounts: pulls losses into the market reserves, pays gains that have stood long enough.
    /// @dev Called by others than the account's owner or delegate it pulls only what is lost at both extremes of the maturity window too.
    /// The house's own accounts are skipped. A market without a valid price pays nothing; its share of a loss is held in cash.
    /// Reverts: EventsPending (call `touch` first).
    /// @custom:rounding losses up, gains down, against the account
    function settle(AccountId[] calldata accounts) external;

    /// @notice Applies up to `maxEvents` market events to a position. Anybody may; when and by whom changes nothing about what is charged.
    /// @custom:rounding charges up, tear-ups towards zero
    function touch(AccountId account, MarketId market, uint256 maxEvents) external;

    /// @notice Credits what loss events took too much, as far as it is proven and collected, newest `maxRecords` charges first.
    /// @return refundedUsd D18{USD}
    /// @custom:rounding down, against the account
    /// @dev Reverts: EventsPending (call `touch` first).
    function claimRefunds(
        AccountId account,
        MarketId market,
        uint256 maxRecords
    ) external returns (uint256 refundedUsd);

    /* CREDIT */

    /// @notice Turns part of the account's credit line into cash.
    /// @dev Also done by the house where cash runs short: for losses, an order's costs, and what initial margin needs beyond the account's own equity after
    /// an order or a withdrawal. Reverts: NotAuthorized, AmountZero, CreditLineTooLow.
    /// @param amountUsd D18{USD}
    /// @custom:access the account's owner, or a delegate that may withdraw
    function drawCredit(AccountId account, uint256 amountUsd) external;

    /// @notice Repays debt from the account's cash: for those who may withdraw as far as free cash reaches, for anybody else only as far as the account
    /// keeps its initial margin without its credit line. `settle` does the latter.
    /// @param amountUsd D18{USD}, most to be repaid
    /// @return repaidUsd D18{USD}
    function repayCredit(AccountId account, uint256 amountUsd) external returns (uint256 repaidUsd);

    /// @notice Says whether an account has anything in the credit vault; the house asks for no other account.
    /// @dev Reverts: CallerNotCreditVault, SystemAccount.
    /// @custom:access the credit vault
    function flagCredit(AccountId account, bool hasCredit) external;

    /// @notice Reverts with AccountBelowInitialMargin unless the account has its initial margin with the line it has now, and draws what it lacks without it.
    /// @dev Reverts: CallerNotCreditVault, EventsPending.
    /// @custom:access the credit vault
    function requireCreditMargin(AccountId account) external;

    /* VENUES */

    /// @notice Fills an account's order against the market's pool at the pool's price.
    /// @return price D18{USD/base}, spread included
    /// @return feeUsd D18{USD}
    /// @dev Price and fee are those of `previewTrade` at the same state; an opening pays its insurance premium besides (PremiumPaid). Reverts: CallerNotVenue, NotAuthorized,
    /// PriceNotValid, MarketNotOpen, SizeNotInLots, NotAReduction, PriceBeyondLimit, PriceBeyondBand,
    /// PositionBelowMinimum, CashTooLow, TooManyMarkets, PoolExposureExceeded, PoolBelowInitialMargin, CoverageTooLow, AccountBelowInitialMargin, AccountBankrupt,
    /// EventsPending, SystemAccount.
    /// @custom:rounding price and fee against the account
    /// @custom:access a listed venue that the account gave the power to trade
    function trade(TradeRequest calldata request) external returns (uint256 price, uint256 feeUsd);

    /// @notice Fills two accounts against each other at a price that both agreed to.
    /// @return makerFeeUsd D18{USD}
    /// @return takerFeeUsd D18{USD}
    /// @dev Fees are those of `previewMatch` at the same state. Either side pays its edge against the index, its fee and, opening, the deposit and its
    /// insurance premium (PremiumPaid) in cash.
    /// It ends with `E ≥ IM`; one that only came nearer to zero may also end with `E ≥ 0` and no less healthy.
    /// Reverts: CallerNotVenue, NotAuthorized, SelfMatch, SystemAccount, PriceNotValid, MarketNotOpen, SizeNotInLots, NotAReduction, PriceOutsideBand,
    /// PositionBelowMinimum, CashTooLow, TooManyMarkets, CoverageTooLow, AccountBelowInitialMargin, HealthWouldFall, AccountBankrupt, EventsPending.
    /// @custom:rounding fees up, the quote leg against the taker
    /// @custom:access a listed venue that both accounts gave the power to trade
    function matchOrders(MatchRequest calldata request) external returns (uint256 makerFeeUsd, uint256 takerFeeUsd);

    /// @notice Liquidates against an account that pays more than the pool: the same plan, cut to what that account takes, its penalty pro rata at most.
    /// @return plan what was done; a code that closes nothing is not an error
    /// @dev The plan is that of `previewLiquidationMatch` at the same state. The liquidated account's health does not fall (LIQ-2) and the bucket is debited (LIQ-4);
    /// the maker pays no fee and is held to the rules of `matchOrders`.
    /// Reverts: CallerNotVenue, NotAuthorized, SelfMatch, SystemAccount, MarketNotOpen, SizeNotInLots (less than a lot can be closed), NotAReduction,
    /// PriceNotBetter, PriceOutsideBand, PositionBelowMinimum, CashTooLow, TooManyMarkets, AccountBelowInitialMargin, HealthWouldFall, AccountBankrupt,
    /// PenaltyTooHigh, EventsPending.
    /// @custom:rounding against the liquidated account, by at most one unit
    /// @custom:access a listed venue that the maker gave the power to trade
    function liquidateAgainst(LiquidationMatch calldata request) external returns (ILiquidationEngine.Plan memory plan);

    /* KEEPERS */

    /// @notice Closes as much of a distressed position as restores the account, and no more.
    /// @param keeper account that receives the reward
    /// @return plan what was done; a code that closes nothing is not an error
    /// @dev The plan is that of `previewLiquidation` at the same state. What the account cannot pay of the penalty becomes a claim of the market's tranche.
    /// Reverts: SystemAccount (keeper), NotAReduction and PenaltyTooHigh (a planner beyond its powers).
    /// @custom:rounding against the account
    function liquidate(
        AccountId account,
        MarketId market,
        AccountId keeper
    ) external returns (ILiquidationEngine.Plan memory plan);

    /// @notice `liquidate` for many; an item that closes nothing is a cheap no-op with its code.
    function liquidateBatch(
        LiquidationItem[] calldata items,
        AccountId keeper
    ) external returns (ILiquidationEngine.PlanCode[] memory codes);

    /// @notice Starts, keeps or clears the distress clocks of accounts, from which their auctions count. An account below maintenance margin (recent charges counted
    /// back) is marked with what it misses; one that is not is cleared at E ≥ IM, or once it has been seen healthy for as long as the longest auction in its markets.
    /// @return isMarked whether each account's clock runs after this
    /// @dev Anybody may. An account that cannot be judged now is left as it is: one with more waiting events than a call applies (those have been applied), one that
    /// is only healthy if a market without a valid price counts in its favour, one without positions, one of the house's own. Orders, withdrawals, liquidations and
    /// take-overs of a marked account do the same. A deposit does not, since it needs no price: deposit and mark in one `multicall`.
    function mark(AccountId[] calldata accounts) external returns (bool[] memory isMarked);

    /// @notice Takes over as much of a distressed position as restores the account, or inventory of a resolution account, at the price of a Dutch auction: from the
    /// index when the account was marked (or just now, by this call) to the lesser of what leaves its health unchanged and what a liquidation would cost.
    /// @return plan what was done; a code that takes nothing is not an error
    /// @dev The plan is that of `previewTakeOver` at the same state. The call clamps: it takes no more than `maxSize` and what there is. The taker
    /// ends with E ≥ IM and pays no fee; insurance pays nothing. Also possible in a market open to reductions only: size changes hands, it does not grow.
    /// Reverts: NotAuthorized, DeadlinePassed, SystemAccount (taker, or an account of the house other than the market's resolution account), TakerIsAccount,
    /// AccountChanged, PriceBeyondLimit, PositionBelowMinimum, CashTooLow (deposit), TooManyMarkets, AccountBelowInitialMargin, EventsPending, MarketNotListed,
    /// NotAReduction and DiscountTooHigh (a planner beyond its powers).
    /// @custom:rounding size up, price for the account that is taken from
    /// @custom:access owner of the taker, or a delegate with the power to trade
    function takeOver(TakeOverRequest calldata request) external returns (ILiquidationEngine.TakeOverPlan memory plan);

    /// @notice Takes over all positions of an account with H < ⅓ that have a valid price, each at its own bound.
    /// @return total what was done; a code that takes nothing is not an error
    /// @return parts one per market of the account, in ascending order of market
    /// @dev The plan is that of `previewTakeOverWhole` at the same state. Reverts as `takeOver`, with DiscountBelowMinimum instead of PriceBeyondLimit.
    /// @custom:rounding prices for the account that is taken from
    /// @custom:access owner of the taker, or a delegate with the power to trade
    function takeOverWhole(
        TakeOverWholeRequest calldata request
    ) external returns (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts);

    /// @notice Recognises the default of an account with negative equity: pulls its cash, moves its positions to the resolution accounts at the
    /// index, and covers what is missing from the buffers, tier by tier, and, last, from the unsettled gains of the same market.
    /// @param losers accounts to settle first, so that reserves are as full as they can be
    /// @param keeper account that receives the liquidation deposit
    /// @dev Reverts: AccountNotBankrupt, MarketNotOpen (halted), PriceNotValid (in none of its markets), SystemAccount, EventsPending. Positions in
    /// markets without a valid price stay until there is one.
    /// @custom:rounding against the account
    function resolve(AccountId account, AccountId[] calldata losers, AccountId keeper) external;

    /// @notice Sells inventory of the market's resolution account to the pool, as far as the price is within tolerance of the index. Where what it took over has
    /// cancelled, it only closes the profit or loss.
    /// @return sizeDelta D18{base}, what the resolution account traded
    /// @dev Reverts: NothingToUnwind, UnwindTooCostly, PriceNotValid, MarketNotOpen, PoolExposureExceeded, PoolBelowInitialMargin.
    function unwind(MarketId market) external returns (int256 sizeDelta);

    /// @notice Sells to the pool what it takes near the index, and reduces the opposite side pro rata at the index by the rest of the resolution account's position.
    /// @dev Booked once; each position is closed in part when next touched. Reverts: NothingToUnwind, TearUpTooEarly, PriceNotValid, MarketNotOpen.
    /// @custom:rounding fills towards zero, prices against the torn side
    function tearUp(MarketId market) external;

    /// @notice Restores a pool that has been below maintenance margin for too long: reduces the opposite side pro rata at the index, against the pool, until the pool's
    /// E ≥ τ·MM. A pool is not liquidated and nobody can be made to trade with it, so this is its only route: it is open once the pool has been marked, and has
    /// not been torn up against, for two windows w₀ of the market's liquidation terms, outages and halts starting them anew.
    /// @return plan what was done, that of `previewTearUpPool` at the same state; a few units more are closed where the fraction does not divide evenly
    /// @dev Booked once; each position is closed in part when next touched, the pool at once. A pool with E < 0 is resolved instead.
    /// Reverts: PoolNotDistressed, PoolBankrupt, PoolTearUpTooEarly, PriceNotValid, MarketNotOpen, MarketNotListed, NotAReduction (a planner beyond its powers).
    /// @custom:rounding size up, fills towards zero, prices against the torn side
    function tearUpPool(MarketId market) external returns (ILiquidationEngine.PoolPlan memory plan);

    /// @notice Measures how far a market's buffers reach. Below half of their target its initial margins rise by a quarter, below a quarter nothing can be opened
    /// (IRiskEngine.CoverTerms). Openings and deficits measure too; this is for what changed without them.
    /// @dev Reverts: PriceNotValid, MarketNotListed.
    function refreshCoverage(MarketId market) external returns (CoverageLevel level);

    /// @notice Splits what a market's tranche has taken in since it last shared by the market's written weights: to the insurance fund, to the protocol, the rest stays. Anybody may ask for it.
    /// @custom:rounding down: what is not whole stays in the tranche
    /// @dev Reverts: DeficitsPending, NothingToDistribute.
    function distribute(MarketId market) external;

    /// @notice Books the deficits that have been waiting, once the minimum gap between events has passed.
    /// @dev Reverts: LossNotBookable, PriceNotValid, MarketNotOpen.
    /// @custom:rounding the shared fraction up; what it takes too much is refunded
    function bookLoss(MarketId market) external;

    /// @notice Notes that a market has no valid price. After seven days without one from here on, anybody may wind it down.
    /// @dev Noting an outage that stands changes nothing. A valid price that is observed ends it: whoever wants the market to live on has it observed (IOracleRouter.poke).
    /// Reverts: MarketNotListed, MarketWoundDown, MarketHasPrice.
    /// @custom:access anybody
    function noteOutage(MarketId market) external;

    /// @notice Ends a market for good: closes every position at one price and leaves claims and debts, to be settled, resolved and paid like any others.
    /// @dev Due once a notice has run out (then at the index if that is valid, else, in an outage of two days, at the announced price), or after an outage of seven days, at the last valid price.
    /// The pool, the fund and the resolution account are closed at once, everybody else when next touched (two market events). Gains are paid after a day. Costs the same however
    /// many positions there are. Reverts: MarketNotListed, MarketWoundDown, WindDownNotDue.
    /// @custom:access anybody
    function windDown(MarketId market) external;

    /* GOVERNANCE */

    /// @notice Adds a market, halted, with its pool. Its number and pool stay for good.
    /// @param market 0 … 63, unused
    /// @custom:access governor
    /// @dev Reverts: MarketAlreadyListed, TermsOutOfBounds, SystemAccount, PoolInUse.
    function listMarket(MarketId market, MarketTerms calldata terms) external;

    /// @notice Changes a market's terms within the bounds in code; funding up to now accrues at the old ones.
    /// @custom:access governor
    /// @dev Reverts: MarketNotListed, TermsOutOfBounds, PoolFixed.
    function setMarketTerms(MarketId market, MarketTerms calldata terms) external;

    /// @notice Opens a market, restricts it to reductions, or halts it. Deposits, settling and flat withdrawals go on in any mode.
    /// @custom:access governor; through the circuit breaker the guardian, only towards less risk
    /// @dev Reverts: MarketNotListed.
    function setMarketMode(MarketId market, MarketMode mode) external;

    /// @notice Announces the end of a market: from two days on anybody may wind it down.
    /// @param newPrice D18{USD/base}, for the case that the market then has no valid price; at most 10 % from the last valid one, then as now
    /// @dev A new announcement replaces the old one and its time.
    /// @custom:access governor
    function announceWindDown(MarketId market, uint256 newPrice) external;

    /// @notice Takes an announcement back.
    /// @custom:access governor
    function cancelWindDown(MarketId market) external;

    /// @notice Replaces a module. Names: "risk", "oracle", "liquidation", "waterfall", "backstop", and once each "insurance", "protocol" and "credit".
    /// @custom:access governor
    /// @dev Reverts: ModuleUnknown, ModuleZero, ModuleFixed, SystemAccount.
    function setModule(bytes32 module, address newAddress) external;

    /// @notice Sets what the backstop gets of the part of penalties that would go to the market's tranche.
    /// @param newShare D18{1}, at most a half; kept in millionths
    /// @custom:access governor
    /// @dev Reverts: TermsOutOfBounds, ModuleZero (no backstop is connected).
    function setBackstopShare(uint256 newShare) external;

    /// @notice Lists a venue or takes it off the list. A listed venue can trade only for accounts that gave it the power to.
    /// @custom:access governor
    function setVenue(address venue, bool listed) external;

    /* VIEWS */

    /// @notice The settlement token.
    function TOKEN() external view returns (address);

    /// @notice D18{USD}, locked by an account's first position, out of which small liquidations pay the keeper's gas.
    function LIQUIDATION_DEPOSIT() external view returns (uint256);

    /// @notice Address of a module; zero before it is set. Reverts: ModuleUnknown.
    function moduleOf(bytes32 module) external view returns (address);

    /// @notice Whether `venue` may fill orders.
    function isVenue(address venue) external view returns (bool);

    /// @notice What `delegate` may do for the account: bits 1 trade, 2 withdraw.
    function powersOf(AccountId account, address delegate) external view returns (uint256);

    /// @notice Nonce that the owner's next signature has to carry.
    function nonceOf(AccountId account) external view returns (uint256);

    /// @notice Set of listed markets, one bit each.
    function listedMarkets() external view returns (uint256);

    /// @notice The terms of a market as they are kept (rates in millionths).
    function termsOf(MarketId market) external view returns (MarketTerms memory);

    /// @notice How far a market is open. Asks no module, so it answers whatever the oracle does.
    function modeOf(MarketId market) external view returns (MarketMode);

    /// @notice A market's books, funding accrued to now.
    function marketOf(MarketId market) external view returns (MarketState memory);

    /// @notice A market event; `number` counts from 2, the first event.
    function eventOf(MarketId market, uint256 number) external view returns (MarketEventState memory);

    /// @notice An account as stored; market events not applied.
    function accountOf(AccountId account) external view returns (AccountState memory);

    /// @notice A position as stored, and with all market events applied.
    function positionOf(AccountId account, MarketId market) external view returns (PositionState memory);

    /// @notice The account as the risk engine sees it now.
    function portfolioOf(AccountId account, MarginKind kind) external view returns (Portfolio memory);

    /// @notice Equity and requirement now.
    function marginOf(AccountId account, MarginKind kind) external view returns (int256 equityUsd, uint256 requiredUsd);

    /// @notice What can be withdrawn now. D18{USD}
    function freeCashOf(AccountId account) external view returns (uint256);

    /// @notice What `liquidate` would do now.
    function previewLiquidation(
        AccountId account,
        MarketId market
    ) external view returns (ILiquidationEngine.Plan memory);

    /// @notice The account's distress clock.
    function distressOf(AccountId account) external view returns (DistressState memory);

    /// @notice What all marked accounts missed when last seen. D18{USD}
    function totalShortfallUsd() external view returns (uint256);

    /// @notice What `takeOver` would do now.
    function previewTakeOver(
        AccountId account,
        MarketId market,
        uint256 maxSize
    ) external view returns (ILiquidationEngine.TakeOverPlan memory);

    /// @notice What `takeOver` by the backstop would do by its rule. For its account (sub-account 0 of the module "backstop") the auction of a resolution account's
    /// inventory counts as finished at once; that of a position does if its account has been marked and had no slice for two windows w₀ of the market's liquidation
    /// terms, or its auction is over, and E < ⅔·MM, recent charges counted back. Where that is not so the backstop is a taker like any other, and this view says why:
    /// `Paced` it is too early; `NotDeep` there is too much equity left.
    function previewBackstop(
        AccountId account,
        MarketId market,
        uint256 maxSize
    ) external view returns (ILiquidationEngine.TakeOverPlan memory);

    /// @notice D18{1}, what the backstop gets of the part of penalties that would go to the market's tranche.
    function backstopShare() external view returns (uint256);

    /// @notice What `takeOverWhole` would do now; `parts` is empty where the house itself refuses.
    function previewTakeOverWhole(
        AccountId account
    )
        external
        view
        returns (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts);

    /// @notice What `tearUpPool` would do now. `NoPosition` where the pool holds less than a lot.
    function previewTearUpPool(MarketId market) external view returns (ILiquidationEngine.PoolPlan memory);

    /// @notice When pacing lets a position be liquidated, should its account be in distress: how much now, when the next lot, when and how much at most.
    /// @dev Nothing where the account has no such position.
    function previewPacing(AccountId account, MarketId market) external view returns (ILiquidationEngine.Pacing memory);

    /// @notice How far a market's buffers reach, now and as last measured.
    function coverageOf(MarketId market) external view returns (CoverageState memory);

    /// @notice For how many whole days the account has been in good standing: since the day after its first opening, or after it was last liquidated, taken over or
    /// resolved.
    function standingOf(AccountId account) external view returns (uint256 goodDays);

    /// @notice What `unwind` and `tearUp` would do with a market's inventory now.
    function previewInventory(MarketId market) external view returns (InventoryState memory);

    /// @notice Price of a fill against the pool now, without spread, and its fee. D18{USD/base}, D18{USD}
    function previewTrade(MarketId market, int256 sizeDelta) external view returns (uint256 price, uint256 feeUsd);

    /// @notice What a match would cost now: each side's fee, and what the taker gives up against the index (the maker gains it; negative: the other way round).
    /// @param sizeDelta D18{base}, signed, of the taker
    /// @param price D18{USD/base}
    /// @dev Reverts: PriceNotValid, PriceOutsideBand. Cash and margin of the two are judged when it is made.
    function previewMatch(
        MarketId market,
        int256 sizeDelta,
        uint256 price
    ) external view returns (uint256 makerFeeUsd, uint256 takerFeeUsd, int256 takerEdgeUsd);

    /// @notice What `liquidateAgainst` would do now, as far as the liquidated account is concerned; the maker is judged when it is done.
    /// @param makerSizeDelta D18{base}, signed, the most that the maker takes
    /// @dev Reverts: NotAReduction, SizeNotInLots, PriceNotBetter, PriceOutsideBand.
    function previewLiquidationMatch(
        AccountId account,
        MarketId market,
        int256 makerSizeDelta,
        uint256 price
    ) external view returns (ILiquidationEngine.Plan memory);

    /// @notice How near the end of a market is, or how it ended.
    function windDownOf(MarketId market) external view returns (WindDownState memory);

    /// @notice The set of markets that are wound down, one bit each.
    function woundDownMarkets() external view returns (uint256);

    /// @notice The books of a market, term by term, with the differences that are 0 while they balance (CONS-2).
    /// @dev Reads stored state only: it needs no price, never acts, and costs the same however many accounts there are. The sums over accounts are for who knows
    /// them all: Σ `storedSize` and Σ `storedQuote` of `positionOf` over every account, this market's own included, come to 0 and to B + L − S to the unit.
    function reconciliationOf(MarketId market) external view returns (MarketReconciliation memory);

    /// @notice The books of the house, term by term (CONS-1). `balanceOf` is read here for comparison only: nothing is ever priced or paid by it.
    function reconciliation() external view returns (HouseReconciliation memory);

    /// @notice What the buffers would pay now towards a deficit of a market, in the order in which they pay; the rest is shared by the market's winners.
    /// @param deficitUsd D18{USD}
    /// @dev What `resolve` takes runs the same code. Payments of one transaction change the next: caps are per event and epoch.
    function previewCover(MarketId market, uint256 deficitUsd) external view returns (TierCover[4] memory);

    /// @notice A market's own tranche, and what `distribute` would move now.
    function trancheOf(MarketId market) external view returns (TrancheState memory);

    /// @notice The house's own account in a market: 0 resolution, 1 tear-up, 2 deficit, 3 tranche.
    function systemAccountOf(MarketId market, uint256 kind) external view returns (AccountId);
}

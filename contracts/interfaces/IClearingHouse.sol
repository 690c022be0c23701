// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind, Portfolio} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {ILiquidationEngine} from "./ILiquidationEngine.sol";

/// @title The ledger
/// @notice Holds every token of the system, and is the only writer of accounts and positions. Everything else is a module with a narrow role.
///
/// Symbols: cash `c`, signed size `s`, signed quote leg `v`, index price `P`, cumulative funding `F`, `X = P − F`, unsettled value `U = s·X + v`,
/// market reserve `B`, booked and not yet collected loss `L`, collected surplus not yet refunded `S`. In every market `Σs = 0` and
/// `Σv = B + L − S`; over the house `tokens = Σc + ΣB`. All amounts are D18; positive is good for the account.
interface IClearingHouse {
    /* TYPES */

    /// @notice How far a market is open. `ReduceOnly` closes, liquidates and settles; `Halted` neither trades nor liquidates.
    enum MarketMode {
        Unlisted,
        Open,
        ReduceOnly,
        Halted
    }

    /// @notice Fixed terms of a market, set by the governor.
    /// @param pool account of the market's liquidity pool
    /// @param skewScale D18{base}, K: skew that moves the pool's price by 100 %
    /// @param exposureCap D18{base}, largest size of the pool through orders
    /// @param lotSize D18{base}, smallest unit of a fill
    /// @param minNotionalUsd D18{USD}, smallest position an order may leave
    /// @param maxFundingRate D18{1/day}, r_max
    /// @param maxFundingVelocity D18{1/day²}, v_max
    /// @param takerFee D18{1} of notional, for fills that add to the skew
    /// @param makerFee D18{1} of notional, for fills that reduce it
    /// @param insuranceShare D18{1} of fees for the insurance fund; the rest is the pool's
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

    /// @notice One item of a liquidation batch.
    struct LiquidationItem {
        AccountId account;
        MarketId market;
    }

    /// @notice An account, as stored.
    /// @param cashUsd D18{USD}, the deposit included
    /// @param depositUsd D18{USD}, liquidation deposit locked in `cashUsd`
    /// @param heldUsd D18{USD}, cash kept aside for losses in markets without a valid price
    /// @param markets set of markets with a size or a quote leg
    /// @param version counts changes, wraps at 2²⁴
    struct AccountState {
        uint256 cashUsd;
        uint256 depositUsd;
        uint256 heldUsd;
        uint256 markets;
        uint256 version;
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

    /* EVENTS */

    event Deposited(
        AccountId indexed account,
        address indexed from,
        uint256 amountUsd,
        uint256 cashUsd,
        uint256 version
    );
    event Withdrawn(AccountId indexed account, address indexed to, uint256 amountUsd, uint256 cashUsd, uint256 version);
    event DelegateSet(AccountId indexed account, address indexed delegate, uint256 powers);
    /// @notice A fill against the pool. `size`, `quote`, `cashUsd` are the account's state after it.
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
    /// @notice How one market's deficit was met.
    event DeficitCovered(MarketId indexed market, uint256 deficitUsd, uint256 insuranceUsd, uint256 pendingUsd);
    event LossBooked(
        MarketId indexed market,
        uint256 indexed number,
        uint256 lossUsd,
        uint256 fraction,
        int256 x,
        uint256 uncollectedLossUsd,
        uint256 surplusUsd
    );
    event TornUp(MarketId indexed market, uint256 indexed number, uint256 size, uint256 fraction, int256 x);
    event PositionMoved(
        AccountId indexed account,
        MarketId indexed market,
        AccountId indexed to,
        int256 size,
        int256 quote
    );
    event EventsApplied(
        AccountId indexed account,
        MarketId indexed market,
        uint256 upTo,
        uint256 chargedUsd,
        int256 size,
        int256 quote
    );
    event Refunded(
        AccountId indexed account,
        MarketId indexed market,
        uint256 indexed number,
        uint256 amountUsd,
        int256 quote
    );
    event Recovered(MarketId indexed market, uint256 toWinnersUsd, uint256 toInsuranceUsd);
    event Unwound(MarketId indexed market, int256 sizeDelta, uint256 price, int256 remaining);
    event MarketListed(MarketId indexed market, MarketTerms terms);
    event MarketTermsSet(MarketId indexed market, MarketTerms terms);
    event MarketModeSet(MarketId indexed market, MarketMode oldMode, MarketMode newMode);
    event VenueSet(address indexed venue, bool listed);
    event ModuleSet(bytes32 indexed module, address oldAddress, address newAddress);

    /* ERRORS */

    /// @notice Thrown when an amount is zero or becomes zero in the settlement token's decimals.
    error AmountZero(AccountId account);
    /// @notice Thrown when a transfer brought another amount than asked for (fee-on-transfer tokens are not supported).
    error TokenAmountMismatch(uint256 receivedNative, uint256 expectedNative);
    /// @notice Thrown when the caller has not the needed power over the account. Powers: 1 trade, 2 withdraw; the owner has all but trading, which is for venues.
    error NotAuthorized(AccountId account, address caller, uint256 powerNeeded);
    error CallerNotVenue(address caller);
    /// @notice Thrown for powers other than the bits 1 (trade) and 2 (withdraw).
    error PowersUnknown(uint256 powers);
    error SignatureExpired(uint256 deadline, uint256 timestamp);
    error SignatureInvalid(address owner);
    /// @notice Thrown when the house's own accounts (resolution, tear-up, deficit) are named where a user's account is needed.
    error SystemAccount(AccountId account);
    error MarketNotListed(MarketId market);
    error MarketNotOpen(MarketId market, MarketMode mode);
    error TermsOutOfBounds(bytes32 term, uint256 value, uint256 min, uint256 max);
    error TooManyMarkets(AccountId account, uint256 count, uint256 max);
    error PriceNotValid(MarketId market, PriceStatus status);
    error SizeNotInLots(int256 sizeDelta, uint256 lotSize);
    /// @notice Thrown when a reduce-only fill would open, add or cross zero.
    error NotAReduction(AccountId account, int256 size, int256 sizeDelta);
    /// @notice Thrown when a liquidation engine asks for more than 5 % of the notional it closes.
    error PenaltyTooHigh(AccountId account, uint256 penaltyUsd, uint256 highestUsd);
    error PriceBeyondLimit(uint256 price, uint256 limitPrice);
    error PriceBeyondBand(MarketId market, uint256 marginalDistance, uint256 band);
    error PoolExposureExceeded(MarketId market, uint256 size, uint256 cap);
    error PoolBelowInitialMargin(MarketId market, int256 equityUsd, uint256 requiredUsd);
    error PositionBelowMinimum(AccountId account, uint256 notionalUsd, uint256 minimumUsd);
    error CashTooLow(AccountId account, uint256 cashUsd, uint256 neededUsd);
    error FreeCashTooLow(AccountId account, uint256 freeCashUsd, uint256 askedUsd);
    error AccountBelowInitialMargin(AccountId account, int256 equityUsd, uint256 requiredUsd);
    error AccountBankrupt(AccountId account, int256 equityUsd);
    error AccountNotBankrupt(AccountId account, int256 equityUsd);
    /// @notice Thrown when more market events wait than one call applies; call `touch` first.
    error EventsPending(AccountId account, MarketId market, uint256 pending, uint256 maximum);
    error NothingToUnwind(MarketId market);
    /// @notice Thrown when the pool's price is further from the index than the resolution account may sell at.
    error UnwindTooCostly(MarketId market, int256 skewRatio, uint256 tolerance);
    error TearUpTooEarly(MarketId market, uint256 allowedAt, uint256 lossUsd, uint256 lossNeededUsd);
    error LossNotBookable(MarketId market, uint256 pendingUsd, uint256 minimumUsd, uint256 allowedAt);
    error MarketAlreadyListed(MarketId market);
    /// @notice Thrown when an account that is already in a market is to become a pool.
    error PoolInUse(AccountId pool, uint256 markets);
    error PoolFixed(MarketId market, AccountId pool);
    error ModuleUnknown(bytes32 module);
    error ModuleZero(bytes32 module);
    error ModuleFixed(bytes32 module, address current);

    /* USERS */

    /// @notice Pays settlement tokens into an account. Needs no price; anybody may pay into any account.
    /// @param amountNative {qTok}
    function deposit(AccountId account, uint256 amountNative) external;

    /// @notice Pays free cash out. Needs no price for an account without positions and negative quote legs.
    /// @param amountNative {qTok}
    /// @custom:access owner, or a delegate with the power to withdraw
    function withdraw(AccountId account, uint256 amountNative, address to) external;

    /// @notice Sets what `delegate` may do for the account: bits 1 trade (venues need it), 2 withdraw; 0 revokes.
    /// @custom:access owner
    function setDelegate(AccountId account, address delegate, uint256 powers) external;

    /// @notice `setDelegate` by the owner's EIP-712 (or EIP-1271) signature over (account, delegate, powers, nonce, deadline).
    function setDelegateBySignature(
        AccountId account,
        address delegate,
        uint256 powers,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Settles accounts: pulls losses into the market reserves, pays gains that have stood long enough.
    /// @dev Called by others than the account's owner or delegate it pulls only what is lost at both extremes of the maturity window too.
    /// The house's own accounts are skipped.
    function settle(AccountId[] calldata accounts) external;

    /// @notice Applies up to `maxEvents` market events to a position.
    function touch(AccountId account, MarketId market, uint256 maxEvents) external;

    /// @notice Credits what loss events took too much, as far as it is proven and collected, newest `maxRecords` charges first.
    /// @return refundedUsd D18{USD}
    function claimRefunds(
        AccountId account,
        MarketId market,
        uint256 maxRecords
    ) external returns (uint256 refundedUsd);

    /* VENUES */

    /// @notice Fills an account's order against the market's pool at the pool's price.
    /// @return price D18{USD/base}
    /// @return feeUsd D18{USD}
    /// @custom:access a listed venue that the account gave the power to trade
    function trade(TradeRequest calldata request) external returns (uint256 price, uint256 feeUsd);

    /* KEEPERS */

    /// @notice Closes as much of a distressed position as restores the account, and no more.
    /// @param keeper account that receives the reward
    /// @return plan what was done; a code that closes nothing is not an error
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

    /// @notice Recognises the default of an account with negative equity: pulls its cash, moves its positions to the resolution accounts at the
    /// index, and covers what is missing from insurance and, last, from the unsettled gains of the same market.
    /// @param losers accounts to settle first, so that reserves are as full as they can be
    /// @param keeper account that receives the liquidation deposit
    function resolve(AccountId account, AccountId[] calldata losers, AccountId keeper) external;

    /// @notice Sells inventory of the market's resolution account to the pool, as far as the price is within tolerance of the index.
    /// @return sizeDelta D18{base}, what the resolution account traded
    function unwind(MarketId market) external returns (int256 sizeDelta);

    /// @notice Reduces the opposite side pro rata at the index by what the resolution account could not sell.
    function tearUp(MarketId market) external;

    /// @notice Books the deficits that have been waiting, once the minimum gap between events has passed.
    function bookLoss(MarketId market) external;

    /* GOVERNANCE */

    function listMarket(MarketId market, MarketTerms calldata terms) external;

    function setMarketTerms(MarketId market, MarketTerms calldata terms) external;

    /// @custom:access the circuit breaker
    function setMarketMode(MarketId market, MarketMode mode) external;

    /// @notice Replaces a module. Names: "risk", "oracle", "liquidation", "waterfall", and "insurance" (once).
    function setModule(bytes32 module, address newAddress) external;

    function setVenue(address venue, bool listed) external;

    /* VIEWS */

    function TOKEN() external view returns (address);

    /// @notice D18{USD}, locked by an account's first position, out of which small liquidations pay the keeper's gas.
    function LIQUIDATION_DEPOSIT() external view returns (uint256);

    function moduleOf(bytes32 module) external view returns (address);

    function isVenue(address venue) external view returns (bool);

    function powersOf(AccountId account, address delegate) external view returns (uint256);

    function nonceOf(AccountId account) external view returns (uint256);

    /// @notice Set of listed markets, one bit each.
    function listedMarkets() external view returns (uint256);

    function termsOf(MarketId market) external view returns (MarketTerms memory);

    function marketOf(MarketId market) external view returns (MarketState memory);

    function eventOf(MarketId market, uint256 number) external view returns (MarketEventState memory);

    function accountOf(AccountId account) external view returns (AccountState memory);

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

    /// @notice Price of a fill against the pool now, without spread, and its fee. D18{USD/base}, D18{USD}
    function previewTrade(MarketId market, int256 sizeDelta) external view returns (uint256 price, uint256 feeUsd);

    /// @notice The house's own account in a market: 0 resolution, 1 tear-up, 2 deficit.
    function systemAccountOf(MarketId market, uint256 kind) external view returns (AccountId);
}

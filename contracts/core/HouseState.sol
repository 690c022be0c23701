// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ICreditVault} from "../interfaces/ICreditVault.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {ILossWaterfall} from "../interfaces/ILossWaterfall.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Funding, Rates, Reserves, Sides} from "./MarketWords.sol";

/// @notice Net fills of a position in the two latest buckets that had any, as packed words.
struct Fills {
    uint256 latest;
    uint256 before;
}

/// @notice A market: hot state in five words, what only defaults use, terms.
struct Market {
    // what valuing a position needs: OI per side without the pool, tear-ups applied when booked, and the number of the last event;
    // F, the price the market last worked at, and when; K, funding rate and how far the market is open
    Sides sides;
    Funding funding;
    Rates rates;
    // what acting needs besides: B, skew average, pacing bucket
    Reserves reserves;
    // quote legs of the sides, tear-ups applied when booked, charges when touched (Words.packQuotes)
    uint256 quotes;
    // L and S
    uint128 uncollectedLoss;
    uint128 surplus;
    // deficits waiting to be booked (the deficit account's negative quote), refunds due in total
    uint128 pendingLoss;
    uint128 refundsDue;
    // refunds paid since dues have exceeded S
    uint128 refundedShort;
    // what the tranche keeps of its cash, D18{USD}: the rest came in since it last shared
    uint128 retained;
    // terms
    address pool;
    uint24 takerFeePips;
    uint24 makerFeePips;
    uint24 insuranceSharePips;
    uint24 bandPips;
    uint112 exposureCap;
    uint64 lotSize;
    uint80 minNotional;
    uint24 unwindTolerancePips;
    uint24 tearUpLossPips;
    uint32 tearUpDelay;
    // when the resolution account last began to hold inventory; number of the last loss event; when the last halt ended
    uint40 inventoryAt;
    uint32 lastLoss;
    uint40 resumedAt;
}

/// @notice A market event: two slots.
struct MarketEvent {
    int128 x;
    uint64 fraction;
    IClearingHouse.MarketEventKind kind;
    uint40 bookedAt;
    uint128 loss;
    uint128 revealed;
}

/// @notice What one loss event took from one position, so that a surplus can be returned. Linked from newest to oldest.
struct Charge {
    uint112 gain;
    uint112 received;
    uint32 older;
}

/// @notice Charges of events so recent that nobody may be liquidated through them.
struct Grace {
    uint128 amount;
    uint40 until;
}

/// @notice What the tiers below the tranche have paid for the inventory of a market, and have back of its profit before the tranche. D18{USD}
struct OwedBack {
    uint128 fund;
    uint128 protocol;
    uint96 toBackstop;
    address backstop;
}

/// @notice An account's distress clock: one slot.
/// @param startedAt {s}, when it was first seen with E < MM
/// @param healthySince {s}, since when it has been seen healthy only; 0: not
/// @param shortfall D18{USD}, MM − E when last seen
struct Mark {
    uint40 startedAt;
    uint40 healthySince;
    uint128 shortfall;
}

/// @notice What leads to the end of a market, and when it came: one slot.
/// @param price D18{USD/base}, announced by the governor
/// @param noticeEndsAt {s}, from when the announced end may come; 0: none is announced
/// @param outageAt {s}, when the market was seen without a valid price; 0: not
/// @param endedAt {s}, when it was wound down; 0: not
struct WindDown {
    uint104 price;
    uint40 noticeEndsAt;
    uint40 outageAt;
    uint40 endedAt;
}

/// @notice Everything the house remembers.
struct HouseState {
    IRiskEngine risk;
    IOracleRouter oracle;
    // one slot, which every liquidation reads: the engine, and what the backstop gets of penalties; 0 while none is connected
    ILiquidationEngine liquidation;
    uint24 backstopSharePips;
    ILossWaterfall waterfall;
    uint64 listed;
    // one slot: the fund, and the shortfalls of all marked accounts, D18{USD}
    address insurance;
    uint96 shortfall;
    mapping(AccountId account => uint256 headerWord) headers;
    mapping(AccountId account => mapping(MarketId market => uint256 legWord)) positions;
    mapping(AccountId account => mapping(MarketId market => Fills)) fills;
    mapping(MarketId market => Market) markets;
    mapping(MarketId market => mapping(uint256 number => MarketEvent)) events;
    mapping(AccountId account => mapping(MarketId market => uint256 heldUsd)) held;
    mapping(AccountId account => mapping(MarketId market => uint32 newest)) newestCharge;
    mapping(AccountId account => mapping(MarketId market => mapping(uint256 number => Charge))) charges;
    mapping(AccountId account => Grace) graces;
    mapping(AccountId account => mapping(address delegate => uint256 powers)) powers;
    mapping(AccountId account => uint256 nonce) nonces;
    mapping(address venue => bool isListed) venues;
    ICreditVault credit;
    mapping(AccountId account => Mark) marks;
    address backstop;
    // markets that are wound down, for good
    uint64 woundDown;
    mapping(MarketId market => WindDown) windDowns;
    // owner of the protocol's own junior money
    address protocol;
    mapping(MarketId market => OwedBack) owedBack;
    // D18{USD}, what came in less what went out: Σ cash + Σ B (CONS-1)
    uint256 ledger;
}

/// @dev Header flag: some cash is held for a market without a valid price.
uint256 constant HAS_HELD = 1;
/// @dev Header flag: a loss event charged this account; refunds or grace may be due.
uint256 constant HAS_CHARGES = 2;
/// @dev Header flag: the account has collateral or debt in the credit vault. The vault is asked for no other account.
uint256 constant HAS_CREDIT = 8;
/// @dev Header flag: the distress clock runs.
uint256 constant MARKED = 4;
/// @dev Header flag: a buffer's account (a tranche, the insurance fund, the protocol's). What it claims of a market is paid after everybody else's gains there.
uint256 constant JUNIOR = 16;
/// @dev Market alert: deficits are waiting, so gains are paid from B less them.
uint256 constant LOSS_PENDING = 1;
/// @dev Market alert: L is above dust, so gains count less for opening and withdrawing.
uint256 constant LOSS_UNCOLLECTED = 2;

/// @dev Market alert: the buffers were below half of their target when last looked at, so initial margin is higher.
uint256 constant COVERAGE_LOW = 4;
/// @dev Market alert: they were below a quarter of it.
uint256 constant COVERAGE_SHORT = 8;
/// @dev Market alerts that say how far the buffers reach; the others follow from L and the waiting deficits.
uint256 constant COVERAGE_ALERTS = 12;

/// @dev Kinds of the house's own accounts in a market.
uint256 constant RESOLUTION = 0;
uint256 constant TEAR_UP = 1;
uint256 constant DEFICIT = 2;
uint256 constant TRANCHE = 3;

/// @dev Most markets an account may be in.
uint256 constant MAX_MARKETS = 16;
/// @dev Most market events one touch applies.
uint256 constant MAX_EVENTS_PER_TOUCH = 16;
/// @dev Most past charges whose refunds a liquidation or resolution claims by itself.
uint256 constant MAX_REFUNDS_PER_LIQUIDATION = 8;
/// @dev D18{1} of the notional closed: no liquidation engine may take more.
uint256 constant MAX_PENALTY_RATE = 0.05e18;
/// @dev D18{1} of the notional opened: no risk engine may ask for a higher premium.
uint256 constant MAX_PREMIUM_RATE = 0.03e18;
/// @dev D18{1} of what would go to insurance: the backstop gets no more, since insurance pays first.
uint256 constant MAX_BACKSTOP_SHARE = 0.5e18;
/// @dev {s}, least time between two loss events of a market.
uint256 constant LOSS_EVENT_GAP = 60;
/// @dev D18{USD}, r_min: smaller deficits wait until they are worth an event.
uint256 constant MIN_BOOKED_LOSS = 100e18;
/// @dev D18{USD}, L_dust.
uint256 constant LOSS_DUST = 10e18;
/// @dev {s}, how long a market has to be without a valid price before anybody may wind it down at its last one.
uint256 constant WIND_DOWN_OUTAGE = 7 days;
/// @dev {s}, how long before it comes the end of a market has to be announced.
uint256 constant WIND_DOWN_NOTICE = 2 days;
/// @dev D18{1}, how far from the last valid price the announced one may be.
uint256 constant WIND_DOWN_MOVE = 0.1e18;
/// @dev {s}, for how long after a market's end its gains are not paid: losers are pulled and defaults recognised first. Also how rarely deficits below r_min are booked there.
uint256 constant WIND_DOWN_PAUSE = 1 days;
/// @dev {s}, length of a wound-down market's maturity buckets.
uint256 constant WIND_DOWN_BUCKET = 600;
/// @dev {s}, T_c: for so long after an event nobody is liquidated through its charge alone.
uint256 constant CHARGE_GRACE = 60;

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {EagerEvents, Holding} from "../../differential/EagerEvents.sol";
import {HouseWorld} from "./HouseWorld.sol";

/// @title KeeperHandler
/// @notice What anybody may do for a reward: liquidate, resolve, unwind, tear up, book. Each call is compared with what the books said before it.
abstract contract KeeperHandler is HouseWorld {
    using EagerEvents for Holding;

    /// @dev D18{USD}, what roundings of one fill may move between accounts' values.
    int256 internal constant KEEPER_DUST = 16;

    /// @dev An account before a call, in each market.
    /// @param paid what it had paid as a buffer, and how often it was repaid
    struct Shot {
        AccountId account;
        uint256 cash;
        uint256 paid;
        uint256[3] repaid;
        int256[3] storedSize;
        int256[3] storedQuote;
        Holding[3] holdings;
    }

    /// @dev A market before a call.
    struct MarketShot {
        uint256 reserve;
        uint256 uncollected;
        uint256 surplus;
        uint256 pending;
        uint256 long;
        uint256 short;
        int256 longQuote;
        int256 shortQuote;
        uint256 events;
    }

    /// @dev What a liquidation is compared with.
    /// @param preview what the view says it will do
    /// @param capacity D18{USD}, of the market's bucket
    /// @param together D18{USD}, what account, pool, fund and whoever is rewarded have
    struct BeforeClosing {
        int256 size;
        int256 equity;
        uint256 required;
        int256 together;
        uint256 capacity;
        ILiquidationEngine.Plan preview;
    }

    /// @dev D18{USD}, capacity of a market's bucket when it was last followed.
    mapping(uint256 market => uint256 usd) private _capacitySeen;

    /* LIQUIDATION */

    /// @notice Liquidates one position.
    function liquidate(uint256 who, uint256 where, uint256 forWhom) public {
        if (vm.getBlockTimestamp() < keepersBackAt) return;
        // Refunds and waiting events would move health for reasons of their own.
        _claimAll(actors[who % ACTORS]);
        _liquidate(actors[who % ACTORS], where % MARKETS, forWhom % 4 == 0 ? actors[forWhom % ACTORS] : keeper);
    }

    /// @notice Liquidates whoever is worst off, wherever something can be closed.
    function liquidateWorst() public {
        if (vm.getBlockTimestamp() < keepersBackAt) return;
        (AccountId account, uint256 m, bool found) = _worst();
        if (!found) return;
        _claimAll(account);
        _liquidate(account, m, keeper);
    }

    /// @notice Sweeps over everybody in one call.
    function liquidateBatch(uint256 which) public {
        if (vm.getBlockTimestamp() < keepersBackAt) return;
        IClearingHouse.LiquidationItem[] memory items = new IClearingHouse.LiquidationItem[](6);
        for (uint256 i; i < items.length; ++i) {
            uint256 pick = which >> (i * 8);
            items[i] = IClearingHouse.LiquidationItem({
                account: actors[pick % ACTORS],
                market: _marketId((pick >> 4) % MARKETS)
            });
        }
        _act(abi.encodeCall(house.liquidateBatch, (items, keeper)), "");
        // Their closed sizes are not followed one by one.
        for (uint256 m; m < MARKETS; ++m) bucketAt[m] = 0;
    }

    function _liquidate(
        AccountId account,
        uint256 m,
        AccountId rewarded
    ) internal returns (ILiquidationEngine.PlanCode) {
        AccountId apart = rewarded == account ? keeper : rewarded;
        BeforeClosing memory before = _beforeClosing(account, m, apart);
        (, bytes memory result) = _act(abi.encodeCall(house.liquidate, (account, _marketId(m), rewarded)), "");
        ILiquidationEngine.Plan memory plan = abi.decode(result, (ILiquidationEngine.Plan));
        assertEq(uint256(plan.code), uint256(before.preview.code), "LIQ-1: view and action disagree");
        assertEq(plan.closeSize, before.preview.closeSize, "LIQ-1: view and action close different sizes");
        if (plan.code < ILiquidationEngine.PlanCode.Partial) {
            assertEq(_size(account, _marketId(m)), before.size, "LIQ-1: a refused liquidation closed something");
            return plan.code;
        }
        _reach(
            plan.code == ILiquidationEngine.PlanCode.Full ? bytes32("full liquidation") : bytes32("partial liquidation")
        );
        assertLt(before.equity, int256(before.required), "LIQ-1: liquidated at E >= MM");
        assertApproxEqAbs(
            _wealthTogether(account, m, apart),
            before.together,
            uint256(KEEPER_DUST),
            "LIQ-3: a liquidation created or lost value"
        );
        assertLe(plan.penaltyUsd, uint256(before.equity), "LIQ-3: penalty above what was left");
        _assertHealthier(account, _marketId(m), before, plan.closeSize);
        if (plan.code == ILiquidationEngine.PlanCode.Partial) _assertNoMoreThanNeeded(account, m, plan);
        _assertPaced(m, before, plan);
        _assertLive(account, m);
        return plan.code;
    }

    /// @dev LIVE-1: where something can be liquidated, its owner can pay in and the market lets reductions through.
    function _assertLive(AccountId account, uint256 m) private {
        uint256 before = vm.snapshotState();
        _fund(account, 1e18);
        int256 size = _size(account, _marketId(m));
        int256 lot = int256(house.termsOf(_marketId(m)).lotSize);
        IClearingHouse.TradeRequest memory request = _request(account, _marketId(m), size > 0 ? -lot : lot);
        request.reduceOnly = true;
        if (size != 0) {
            try house.trade(request) {} catch (bytes memory reason) {
                bytes4 selector = bytes4(reason);
                bool isMarket =
                    selector == IClearingHouse.MarketNotOpen.selector ||
                        selector == IClearingHouse.PriceNotValid.selector;
                assertFalse(isMarket, "LIVE-1: liquidated where reductions are refused");
            }
        }
        vm.revertToState(before);
    }

    function _beforeClosing(
        AccountId account,
        uint256 m,
        AccountId apart
    ) private view returns (BeforeClosing memory before) {
        before.size = _size(account, _marketId(m));
        (before.equity, before.required) = house.marginOf(account, MarginKind.Maintenance);
        before.preview = house.previewLiquidation(account, _marketId(m));
        before.together = _wealthTogether(account, m, apart);
        before.capacity = _capacityOf(m);
    }

    /// @dev β·D, twice that where marked accounts miss more than a quarter of insurance. D18{USD}
    function _capacityOf(uint256 m) private view returns (uint256) {
        uint256 price = oracle.peek(1 << m)[0].price;
        uint256 share = liquidation.liquidationTermsOf(_marketId(m)).sliceShare;
        if (house.totalShortfallUsd() > (_cash(_fundAccount()) + _cash(_trancheOf(m))) / 4) share *= 2;
        uint256 depth = (house.termsOf(_marketId(m)).skewScale * price) / 1e20;
        return (depth * share) / 1e18;
    }

    /// @dev What a liquidation may move value between. D18{USD}
    /// @param apart who is rewarded, unless it is the account itself
    function _wealthTogether(AccountId account, uint256 m, AccountId apart) private view returns (int256) {
        return _wealth(account) + _wealthOfHouse(m) + (apart == keeper ? int256(0) : _wealth(apart));
    }

    /// @dev LIQ-2.
    function _assertHealthier(
        AccountId account,
        MarketId id,
        BeforeClosing memory before,
        uint256 closed
    ) private view {
        int256 newSize = _size(account, id);
        assertEq(_magnitude(newSize) + closed, _magnitude(before.size), "LIQ-2: size is not lower by what was closed");
        if (newSize != 0) assertTrue((newSize > 0) == (before.size > 0), "LIQ-2: the position changed sides");
        (int256 newEquity, uint256 newRequired) = house.marginOf(account, MarginKind.Maintenance);
        assertGe(newEquity, int256(0), "LIQ-2: a liquidation left a debt");
        // E'/MM' >= E/MM.
        assertGe(uint256(newEquity) * before.required, uint256(before.equity) * newRequired, "LIQ-2: health fell");
    }

    /// @dev LIQ-2: no more was closed than lifts the account to the target, a lot and what the penalty fell short of its highest rate aside.
    function _assertNoMoreThanNeeded(AccountId account, uint256 m, ILiquidationEngine.Plan memory plan) private view {
        (int256 equity, uint256 required) = house.marginOf(account, MarginKind.Maintenance);
        ILiquidationEngine.LiquidationTerms memory terms = liquidation.liquidationTermsOf(_marketId(m));
        uint256 price = oracle.peek(1 << m)[0].price;
        uint256 spared = (((plan.closeSize * price) / 1e18) * terms.maxPenaltyRate) / 1e18 - plan.penaltyUsd;
        // A lot frees less than a tenth of its notional.
        uint256 lot = (house.termsOf(_marketId(m)).lotSize * price) / 1e19;
        assertLe(
            uint256(equity),
            (required * terms.target) / 1e18 + lot + spared,
            "LIQ-2: more was closed than the target needs"
        );
    }

    /// @dev LIQ-4, by a bucket of its own: what was closed may exceed what has flowed out by one capacity, small positions by two.
    function _assertPaced(uint256 m, BeforeClosing memory before, ILiquidationEngine.Plan memory plan) private {
        ILiquidationEngine.LiquidationTerms memory terms = liquidation.liquidationTermsOf(_marketId(m));
        uint256 price = oracle.peek(1 << m)[0].price;
        uint256 capacity = before.capacity;
        // What is over of another capacity flows at another speed.
        if (capacity != _capacitySeen[m]) (_capacitySeen[m], bucketUsed[m]) = (capacity, 0);
        uint256 flowed = (capacity * (vm.getBlockTimestamp() - bucketAt[m])) / terms.windowSeconds;
        uint256 used = bucketUsed[m] > flowed ? bucketUsed[m] - flowed : 0;
        used += (plan.closeSize * price) / 1e18;
        (bucketUsed[m], bucketAt[m]) = (used, vm.getBlockTimestamp());
        uint256 notional = (_magnitude(before.size) * price) / 1e18;
        bool isWhole = plan.code == ILiquidationEngine.PlanCode.Full || notional <= terms.smallNotionalUsd;
        assertLe(used, (isWhole ? 2 : 1) * capacity + 1e18, "LIQ-4: more liquidated than the bucket holds");
    }

    function _claimAll(AccountId account) internal {
        for (uint256 m; m < MARKETS; ++m) {
            _touch(account, m);
            // Shared out pro rata while the surplus is short, so that each claim leaves something: until none is worth a cent.
            for (uint256 i; i < 64; ++i) {
                (, bytes memory result) = _act(abi.encodeCall(house.claimRefunds, (account, _marketId(m), 1_000)), "");
                if (abi.decode(result, (uint256)) == 0) break;
            }
        }
    }

    /// @dev The account with the least equity for its requirement, and its largest position.
    function _worst() internal view returns (AccountId worst, uint256 market, bool found) {
        int256 least = type(int256).max;
        for (uint256 i; i < ACTORS; ++i) {
            if (house.accountOf(actors[i]).markets == 0) continue;
            (int256 equity, uint256 required) = house.marginOf(actors[i], MarginKind.Maintenance);
            if (required == 0 || equity - int256(required) >= least) continue;
            (least, worst) = (equity - int256(required), actors[i]);
        }
        if (least >= 0) return (worst, 0, false);
        uint256 largest;
        for (uint256 m; m < MARKETS; ++m) {
            uint256 notional = (_magnitude(_size(worst, _marketId(m))) * oracle.peek(1 << m)[0].price) / 1e18;
            if (notional > largest) (largest, market, found) = (notional, m, true);
        }
    }

    function _magnitude(int256 value) internal pure returns (uint256) {
        return value < 0 ? uint256(-value) : uint256(value);
    }

    /* DEFAULT */

    /// @notice Resolves an account, with a random list of losers.
    function resolve(uint256 who, uint256 losersMask) public {
        if (vm.getBlockTimestamp() < keepersBackAt) return;
        _resolve(actors[who % ACTORS], losersMask);
    }

    /// @notice Resolves whoever is worst off.
    function resolveWorst(uint256 losersMask) public {
        if (vm.getBlockTimestamp() < keepersBackAt) return;
        (AccountId account, , bool found) = _worst();
        if (found) _resolve(account, losersMask);
    }

    /// @notice A pool is an account like any other.
    function resolvePool(uint256 where) public {
        if (vm.getBlockTimestamp() < keepersBackAt) return;
        (bool ok, ) = _act(
            abi.encodeCall(house.resolve, (pools[where % MARKETS], new AccountId[](0), keeper)),
            _resolveRefusals()
        );
        if (ok) _reach("pool resolved");
    }

    function _resolveRefusals() private pure returns (bytes memory) {
        return
            abi.encodePacked(
                IClearingHouse.AccountNotBankrupt.selector,
                IClearingHouse.PriceNotValid.selector,
                IClearingHouse.MarketNotOpen.selector,
                IClearingHouse.EventsPending.selector
            );
    }

    function _resolve(AccountId account, uint256 losersMask) internal returns (bool ok) {
        AccountId[] memory losers = _pick(losersMask);
        Shot[] memory shots = _shoot();
        MarketShot[3] memory markets = _shootMarkets();
        uint256 deposit_ = house.accountOf(account).depositUsd;
        uint256 touched = house.accountOf(account).markets;
        for (uint256 i; i < losers.length; ++i) touched |= house.accountOf(losers[i]).markets;
        uint256 keeperBefore = _cash(keeper);

        (ok, ) = _act(abi.encodeCall(house.resolve, (account, losers, keeper)), _resolveRefusals());
        if (!ok) return false;
        _reach("bankruptcy");
        IClearingHouse.AccountState memory state = house.accountOf(account);
        assertEq(_cash(keeper) - keeperBefore, deposit_, "LIQ-5: the keeper did not get the liquidation deposit");
        assertEq(state.depositUsd, 0, "LIQ-5: a deposit is left");
        for (uint256 m; m < MARKETS; ++m) {
            if (!_isValid(m)) continue;
            assertEq(_size(account, _marketId(m)), int256(0), "SENIOR-1: the bankrupt kept a position");
            assertEq(_quote(account, _marketId(m)), int256(0), "SENIOR-1: the bankrupt kept a claim or debt");
        }
        // Nothing but what is held for markets without a price is left to whoever could not pay, a unit a market aside: cash is shared out rounded down.
        assertLe(state.cashUsd, state.heldUsd + MARKETS, "SENIOR-1: the bankrupt kept cash");
        _assertOthersUntouched(shots, markets, account, losers, MARKETS);
        _assertMarketsUntouched(markets, ~touched);
    }

    function _pick(uint256 mask) private view returns (AccountId[] memory picked) {
        uint256 count;
        for (uint256 i; i < ACTORS; ++i) count += (mask >> i) & 1;
        picked = new AccountId[](count);
        for (uint256 i; i < ACTORS; ++i) if ((mask >> i) & 1 != 0) picked[--count] = actors[i];
    }

    /// @notice Sells inventory to a pool.
    function unwind(uint256 where) public {
        uint256 m = where % MARKETS;
        Shot[] memory shots = _shoot();
        MarketShot[3] memory markets = _shootMarkets();
        (bool ok, ) = _act(
            abi.encodeCall(house.unwind, (_marketId(m))),
            abi.encodePacked(
                IClearingHouse.PriceNotValid.selector,
                IClearingHouse.MarketNotOpen.selector,
                IClearingHouse.NothingToUnwind.selector,
                IClearingHouse.UnwindTooCostly.selector,
                IClearingHouse.PoolExposureExceeded.selector,
                IClearingHouse.PoolBelowInitialMargin.selector
            )
        );
        if (!ok) return;
        _assertOthersUntouched(shots, markets, keeper, new AccountId[](0), m);
        _assertMarketsUntouched(markets, ~(1 << m));
    }

    /// @notice Tears up what could not be sold.
    function tearUp(uint256 where) public {
        _tearUp(where % MARKETS);
    }

    function _tearUp(uint256 m) internal returns (bool ok) {
        uint256 unwinds = _unwinds[m];
        Shot[] memory shots = _shoot();
        MarketShot[3] memory markets = _shootMarkets();
        (ok, ) = _act(
            abi.encodeCall(house.tearUp, (_marketId(m))),
            abi.encodePacked(
                IClearingHouse.PriceNotValid.selector,
                IClearingHouse.MarketNotOpen.selector,
                IClearingHouse.NothingToUnwind.selector,
                IClearingHouse.TearUpTooEarly.selector
            )
        );
        if (!ok) return false;
        // What the pool takes is sold to it before anybody is torn up.
        uint256 filled = _unwinds[m] == unwinds ? MARKETS : m;
        _assertOthersUntouched(shots, markets, keeper, new AccountId[](0), filled);
        _assertMarketsUntouched(markets, ~(1 << m));
    }

    /// @notice Books what waits.
    function bookLoss(uint256 where) public {
        uint256 m = where % MARKETS;
        Shot[] memory shots = _shoot();
        MarketShot[3] memory markets = _shootMarkets();
        (bool ok, ) = _act(
            abi.encodeCall(house.bookLoss, (_marketId(m))),
            abi.encodePacked(
                IClearingHouse.PriceNotValid.selector,
                IClearingHouse.MarketNotOpen.selector,
                IClearingHouse.LossNotBookable.selector
            )
        );
        if (!ok) return;
        _assertOthersUntouched(shots, markets, keeper, new AccountId[](0), MARKETS);
        _assertMarketsUntouched(markets, ~(1 << m));
        _reach("waiting loss booked");
    }

    /// @notice A tranche shares what it has taken in: nobody's cash moves but the buffers', and together they have what they had.
    function shareTranche(uint256 where) public {
        uint256 m = where % MARKETS;
        Shot[] memory shots = _shoot();
        MarketShot[3] memory markets = _shootMarkets();
        uint256 buffers = _cash(_trancheOf(m)) + _cash(_fundAccount()) + _cash(_reserveAccount());
        uint256 pending = house.marketOf(_marketId(m)).pendingLossUsd;
        (bool ok, ) = _act(
            abi.encodeCall(house.distribute, (_marketId(m))),
            abi.encodePacked(IClearingHouse.DeficitsPending.selector, IClearingHouse.NothingToDistribute.selector)
        );
        if (!ok) return;
        assertEq(pending, 0, "WATER-1: shared while deficits waited");
        assertEq(
            _cash(_trancheOf(m)) + _cash(_fundAccount()) + _cash(_reserveAccount()),
            buffers,
            "CONS-1: sharing made or lost cash"
        );
        _assertOthersUntouched(shots, markets, keeper, new AccountId[](0), MARKETS);
        _assertMarketsUntouched(markets, type(uint256).max);
        _reach("tranche shared");
    }

    /* BEFORE AND AFTER */

    function _shoot() internal view returns (Shot[] memory shots) {
        // Of what a world adds, the backstop is an account like an actor's.
        shots = new Shot[](ACTORS + MARKETS + (more.length == 0 ? 0 : 1));
        for (uint256 i; i < shots.length; ++i) {
            Shot memory shot = shots[i];
            shot.account =
                i < ACTORS
                    ? actors[i]
                    : i < ACTORS + MARKETS
                        ? pools[i - ACTORS]
                        : more[0];
            shot.cash = _cash(shot.account);
            if (i == ACTORS + MARKETS) (shot.paid, shot.repaid) = (paidByBackstop, repaidToBackstop);
            for (uint256 m; m < MARKETS; ++m) {
                IClearingHouse.PositionState memory position = house.positionOf(shot.account, _marketId(m));
                (shot.storedSize[m], shot.storedQuote[m]) = (position.storedSize, position.storedQuote);
                shot.holdings[m] = Holding({size: position.size, quote: position.quote});
            }
        }
    }

    function _shootMarkets() internal view returns (MarketShot[3] memory shots) {
        for (uint256 m; m < MARKETS; ++m) shots[m] = _shootMarket(m);
    }

    function _shootMarket(uint256 m) private view returns (MarketShot memory) {
        IClearingHouse.MarketState memory state = house.marketOf(_marketId(m));
        return
            MarketShot({
                reserve: state.reserveUsd,
                uncollected: state.uncollectedLossUsd,
                surplus: state.surplusUsd,
                pending: state.pendingLossUsd,
                long: state.longOpenInterest,
                short: state.shortOpenInterest,
                longQuote: state.longQuote,
                shortQuote: state.shortQuote,
                events: state.events
            });
    }

    /// @dev SENIOR-1: whoever is neither acted on nor listed keeps cash and stored position to the unit, and is charged or torn exactly as the
    /// reference says, from their own state before. Pools have seen every event, so that only what they hold with events applied is theirs to keep.
    /// @param filled market in which a pool traded; none when it is no market
    function _assertOthersUntouched(
        Shot[] memory shots,
        MarketShot[3] memory markets,
        AccountId account,
        AccountId[] memory losers,
        uint256 filled
    ) internal view {
        for (uint256 i; i < shots.length; ++i) {
            Shot memory shot = shots[i];
            if (shot.account == account || _contains(losers, shot.account)) continue;
            bool isPool = i >= ACTORS && i < ACTORS + MARKETS;
            if (isPool && i - ACTORS == filled) continue;
            bool isBackstop = i == ACTORS + MARKETS;
            uint256 paid = isBackstop ? paidByBackstop - shot.paid : 0;
            assertEq(_cash(shot.account) + paid, shot.cash, "SENIOR-1: a default moved somebody's cash");
            for (uint256 m; m < MARKETS; ++m) {
                // A claim for what it once paid comes on top, before or after what the call books.
                if (isBackstop && repaidToBackstop[m] != shot.repaid[m]) continue;
                _assertOnlyEvents(shot, m, markets[m].events, isPool);
            }
        }
    }

    function _assertOnlyEvents(Shot memory shot, uint256 m, uint256 eventsBefore, bool isPool) private view {
        MarketId id = _marketId(m);
        IClearingHouse.PositionState memory position = house.positionOf(shot.account, id);
        if (!isPool) {
            assertEq(position.storedSize, shot.storedSize[m], "SENIOR-1: a default moved somebody's size");
            assertEq(position.storedQuote, shot.storedQuote[m], "SENIOR-1: a default moved somebody's quote leg");
        }
        Holding memory expected = shot.holdings[m];
        uint256 events = house.marketOf(id).events;
        for (uint256 number = eventsBefore + 1; number <= events; ++number) {
            expected = expected.applied(house.eventOf(id, number));
        }
        assertEq(position.size, expected.size, "TEAR-1: torn by another fraction than everybody");
        assertEq(position.quote, expected.quote, "SENIOR-1: charged otherwise than by the gain at the event");
    }

    /// @dev RING-1: markets outside the set are as they were.
    function _assertMarketsUntouched(MarketShot[3] memory shots, uint256 untouched) internal view {
        for (uint256 m; m < MARKETS; ++m) {
            if ((untouched >> m) & 1 == 0) continue;
            assertEq(
                keccak256(abi.encode(_shootMarket(m))),
                keccak256(abi.encode(shots[m])),
                "RING-1: a default changed another market"
            );
        }
    }

    function _contains(AccountId[] memory accounts, AccountId account) private pure returns (bool) {
        for (uint256 i; i < accounts.length; ++i) if (accounts[i] == account) return true;
        return false;
    }
}

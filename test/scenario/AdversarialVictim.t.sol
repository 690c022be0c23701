// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {IDelayedOrders} from "../../contracts/interfaces/IDelayedOrders.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {IOracleRouter} from "../../contracts/interfaces/IOracleRouter.sol";
import {ISignedOrders} from "../../contracts/interfaces/ISignedOrders.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {HostileOwner} from "../support/HostileOwner.sol";
import {Routes, Way} from "../support/Routes.sol";

/// @notice Every way of L1 to L13 in which a victim, or who stands behind it, may be in the way: one test each, in a whole house. Whatever it is, the first open route leads to a healthy or resolved
/// account, no call lowers its health, and nobody gains by it.
contract AdversarialVictim_Test is Routes {
    /// @dev Alice long 80 ETH at 2 000 with 10 000 USD, the other side bob's.
    function _openAlice() private {
        _open(bob, ETH, 60_000e18, -200e18);
        _open(alice, ETH, 10_000e18, 80e18);
    }

    function _assertEnded(AccountId account, uint256 mostCalls) private returns (Way memory way) {
        way = _restore(account);
        assertTrue(way.ended, "LIQ-5");
        assertLe(way.calls, mostCalls, "LIQ-5: bounded calls");
        assertGe(_equity(account), 0, "no debt is left");
        _assertBooks();
    }

    /* L1: PENDING ORDERS, PENDING WITHDRAWALS, SIGNED ORDERS */

    IDelayedOrders private _delayed;
    ISignedOrders private _signed;

    function _deployVenues() private {
        _delayed = IDelayedOrders(deploy("DelayedOrders", abi.encode(house, address(this))));
        _signed = ISignedOrders(deploy("SignedOrders", abi.encode(house)));
        house.setVenue(address(_delayed), true);
        house.setVenue(address(_signed), true);
        _delayed.setOrderTerms(ETH, IDelayedOrders.OrderTerms(60, 0.005e18, 1e18));
        AccountId[2] memory sides = [alice, carol];
        for (uint256 i; i < 2; ++i) {
            vm.startPrank(sides[i].owner());
            house.setDelegate(sides[i], address(_delayed), 1);
            house.setDelegate(sides[i], address(_signed), 1);
            vm.stopPrank();
        }
    }

    function _commit(int256 sizeDelta) private returns (uint256) {
        IDelayedOrders.Order memory order;
        (order.account, order.market, order.sizeDelta) = (alice, ETH, sizeDelta);
        order.limitPrice = sizeDelta > 0 ? type(uint112).max : 0;
        (order.keeperFeeUsd, order.expiry) = (1e18, vm.getBlockTimestamp() + 1 hours);
        vm.prank(alice.owner());
        return _delayed.commit(order);
    }

    function _sign(int256 size, uint256 price) private returns (ISignedOrders.SignedOrder memory signed) {
        (, uint256 privateKey) = makeAccount("alice");
        ISignedOrders.Order memory order = signed.order;
        (order.account, order.market, order.size, order.limitPrice) = (alice, ETH, size, price);
        (order.expiry, order.signer) = (vm.getBlockTimestamp() + 1 hours, alice.owner());
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, _signed.hashOf(order));
        signed.signature = abi.encodePacked(r, s, v);
    }

    /// @dev Orders that wait, orders that are signed, shares of the backstop on their way out: the account goes the same way as without them, and afterwards they do no harm.
    function test_L1_routes_goTheSameWay_whenOrdersAndWithdrawalsWait() public {
        _deployVenues();
        _openAlice();
        uint256 snapshot = vm.snapshotState();
        _move(ETH, 1_925e8);
        Way memory plain = _assertEnded(alice, 3);
        (int256 size, uint256 cash) = (_size(alice, ETH), _cash(alice));
        vm.revertToState(snapshot);

        uint256[] memory ids = new uint256[](6);
        for (uint256 i; i < 6; ++i) ids[i] = _commit(i % 2 == 0 ? int256(80e18) : -int256(160e18));
        ISignedOrders.SignedOrder memory buys = _sign(500e18, 1_925e18);
        ISignedOrders.SignedOrder memory sells = _sign(-500e18, 1_900e18);
        _cool(alice.owner(), 0);
        _move(ETH, 1_925e8);
        uint256 all = cash;
        vm.expectPartialRevert(IClearingHouse.FreeCashTooLow.selector);
        vm.prank(alice.owner());
        house.withdraw(alice, all, alice.owner());
        Way memory way = _assertEnded(alice, 3);
        assertEq(way.calls, plain.calls, "the same way");
        assertEq(_size(alice, ETH), size);
        assertEq(_cash(alice), cash);

        IDelayedOrders.ExecutionCode[] memory codes = _delayed.executeBatch(ids, keeper);
        for (uint256 i; i < 6; ++i) {
            assertEq(
                uint256(codes[i]),
                uint256(IDelayedOrders.ExecutionCode.Rejected),
                "adds risk it has no margin for"
            );
        }
        vm.startPrank(carol.owner());
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        _signed.fill(buys, carol, 100e18);
        vm.expectPartialRevert(IClearingHouse.CashTooLow.selector);
        _signed.fill(sells, carol, 200e18);
        vm.stopPrank();
        assertEq(_size(alice, ETH), size, "nothing was filled");
        _assertBooks();
    }

    /* L2: CODE THAT REVERTS, BURNS, RE-ENTERS, RETURNS A MEGABYTE */

    function _hostile(uint256 behaviour) private returns (AccountId account) {
        HostileOwner owner = new HostileOwner(HostileOwner.Behaviour(behaviour), house);
        account = accountIdOf(address(owner), 0);
        owner.act(address(house), abi.encodeCall(house.setDelegate, (account, address(this), 1)));
        people.push(account);
    }

    /// @dev Slices, a take-over, a bid of the backstop and a resolution of an account whose owner, and whose keeper's owner, misbehaves: nobody calls either.
    function test_L2_routes_callNobody_whenVictimAndKeeperAreHostile() public {
        _open(bob, ETH, 60_000e18, -200e18);
        for (uint256 i; i < 4; ++i) {
            uint256 snapshot = vm.snapshotState();
            AccountId victim = _hostile(i);
            keeper = _hostile(3 - i);
            _open(victim, ETH, 10_000e18, 80e18);
            _move(ETH, 1_925e8);
            _assertEnded(victim, 3);
            _move(ETH, 1_915e8);
            (hasTaker, takerIsFirst) = (true, true);
            _assertEnded(victim, 3);
            (hasTaker, takerIsFirst) = (false, false);
            _closePool(ETH);
            while (_health(victim) > 0.6e18) _move(ETH, answers[0] - 2e8);
            Way memory way = _assertEnded(victim, 4);
            assertEq(way.bids, 1, "the backstop's");
            _move(ETH, 1_600e8);
            way = _assertEnded(victim, 4);
            assertEq(way.resolutions, 1);
            assertGt(_cash(keeper), DEPOSIT_USD, "the keeper is paid");
            // The one that reverts counts nothing.
            if (i != 0) assertEq(HostileOwner(payable(victim.owner())).calls(), 0, "never called");
            if (i != 3) assertEq(HostileOwner(payable(keeper.owner())).calls(), 0, "never called");
            vm.revertToState(snapshot);
        }
    }

    /* L3: ONE PERSON IS VICTIM, KEEPER, TAKER AND STAKER */

    /// @dev What one person has who owns the victim, the taker, the keeper and a part of the backstop. D18{USD}
    function _together(AccountId taker, address staker) private view returns (int256) {
        uint256 share = (uint256(_equityOfPool()) * vault.balanceOf(staker)) / vault.totalSupply();
        return _worth(alice) + _worth(taker) + int256(_cash(rival)) + int256(share);
    }

    function testFuzz_L3_routes_gainNothing_whenAllSidesAreOne(uint256 price, uint256 elapsed, uint256 order) public {
        keeper = rival;
        AccountId taker = accountIdOf(alice.owner(), 1);
        people.push(taker);
        _fund(taker, 200_000e18);
        _stake(alice.owner(), STAKED_USD);
        _openAlice();
        _move(ETH, int256(bound(price, 1_895e8, 1_928e8)));
        _markAndWait(alice, bound(elapsed, 0, 200));
        int256 before = _together(taker, alice.owner());
        for (uint256 i; i < 4; ++i) {
            uint256 route = (order >> (2 * i)) % 4;
            if (route == 0) house.liquidate(alice, ETH, rival);
            else if (route == 1) _takeFor(taker);
            else if (route == 2) _tryTake();
            else _takeWholeFor(taker);
            assertLe(_together(taker, alice.owner()), before + 100, "COAL-1: a gain from dealing with oneself");
        }
        _assertBooks();
    }

    function _takeFor(AccountId taker) private {
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        request.taker = taker;
        vm.prank(taker.owner());
        house.takeOver(request);
    }

    function _takeWholeFor(AccountId taker) private {
        IClearingHouse.TakeOverWholeRequest memory request = _takeWhole(alice);
        request.taker = taker;
        vm.prank(taker.owner());
        house.takeOverWhole(request);
    }

    function _tryTake() private {
        if (_refusalOf(alice, ETH) == 0) pool.take(alice, ETH);
    }

    /* L4: LESS EQUITY THAN PENALTY AND TIP */

    /// @dev From two units to a few USD of equity: penalty and discount yield, no debt is left.
    function testFuzz_L4_routes_leaveNoDebt_whenHardlyAnythingIsLeft(uint256 equity, bool isTaken) public {
        _openAlice();
        _move(ETH, 1_870e8);
        equity = bound(equity, 4, 10e18);
        _fund(alice, uint256(int256(equity) - _equity(alice)));
        assertEq(_equity(alice), int256(equity));
        (hasTaker, takerIsFirst) = (isTaken, isTaken);
        uint256 buffers = _cash(_fundAccount()) + _cash(_trancheOf(ETH));
        _assertEnded(alice, 6);
        assertGe(
            _cash(_fundAccount()) + _cash(_trancheOf(ETH)),
            buffers,
            "LIQ-3: insurance pays neither penalty nor discount"
        );
        assertEq(house.marketOf(ETH).pendingLossUsd, 0);
    }

    /// @dev Of less than two units nothing could be booked without making a debt by rounding: that state alone has no route, and the next tick of the price ends it, in either direction.
    function test_L4_routes_waitForATick_whenLessThanTwoUnitsAreLeft() public {
        _openAlice();
        _move(ETH, 1_870e8);
        _fund(alice, uint256(1 - _equity(alice)));
        assertEq(_equity(alice), 1);
        assertEq(_previewCode(alice, ETH), uint256(ILiquidationEngine.PlanCode.Unaffordable));
        assertEq(uint256(house.previewLiquidation(alice, ETH).code), uint256(ILiquidationEngine.PlanCode.Unaffordable));
        for (int256 tick = -1; tick <= 1; tick += 2) {
            uint256 snapshot = vm.snapshotState();
            hasTaker = true;
            _move(ETH, 1_870e8 + tick);
            _assertEnded(alice, 3);
            vm.revertToState(snapshot);
        }
    }

    /* L5: DEEPLY NEGATIVE, TWICE */

    function test_L5_routes_resolveIt_whenItIsDeeplyNegativeTwice() public {
        _fund(bob, 200_000e18);
        for (uint256 i; i < 2; ++i) {
            answers[0] = 2_000e8;
            _elapseLong(1_300);
            _open(alice, ETH, 60_000e18, 500e18);
            _trade(bob, ETH, -500e18);
            _move(ETH, 900e8);
            assertLt(_equity(alice), -400_000e18);
            uint256 fund = _cash(_fundAccount());
            Way memory way = _assertEnded(alice, 1);
            assertEq(way.resolutions, 1);
            assertEq(house.accountOf(alice).markets, 0);
            assertLe(fund - _cash(_fundAccount()), (INSURANCE_USD * 26) / 100, "WATER-1: within the cap of an event");
            assertTrue(_clearInventory(ETH).ended);
            _collect(ETH);
            _assertBooks();
            // Bob starts anew; all he has in cash is his.
            if (_size(bob, ETH) != 0) _trade(bob, ETH, -_size(bob, ETH));
        }
    }

    /* L6: AS MANY MARKETS AS THERE MAY BE, AND YEARS OF FUNDING */

    function _listSixteen() private {
        for (uint8 m = 2; m < 16; ++m) {
            MarketId market = MarketId.wrap(m);
            (IOracleRouter.FeedConfig memory config, ) = oracle.feedOf(ETH);
            oracle.setFeed(market, config);
            risk.setRiskTerms(market, _riskTerms());
            liquidation.setLiquidationTerms(market, _liquidationTerms());
            liquidation.setAuctionTerms(market, liquidation.auctionTermsOf(ETH));
            waterfall.setInsuranceTerms(market, waterfall.insuranceTermsOf(ETH));
            AccountId lp = accountIdOf(makeAddr(string.concat("pool ", vm.toString(uint256(m)))), 0);
            house.listMarket(market, _terms(lp, 500_000e18, 0.001e18));
            house.setMarketMode(market, IClearingHouse.MarketMode.Open);
            _fund(lp, POOL_USD);
        }
    }

    function _gasOf(bytes memory data) private returns (uint256 gasUsed) {
        (bool success, ) = address(house).call(data);
        assertTrue(success, "LIQ-5");
        return vm.lastCallGas().gasTotalUsed;
    }

    function test_L6_routes_haveBoundedGas_whenItIsInSixteenMarketsForYears() public {
        _listSixteen();
        _fund(alice, 4_000_000e18);
        for (uint8 m; m < 16; ++m) _trade(alice, MarketId.wrap(m), m == 1 ? int256(20e18) : int256(400e18));
        for (uint256 year; year < 5; ++year) {
            skipSeconds(365 days);
            feeds[0].push(2_000e8);
            feeds[1].push(40_000e8);
            oracle.poke((1 << 16) - 1);
        }
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        // Years of funding have taken much of it, or all: bring it below maintenance margin, but not below zero.
        if (equity < 0) _fund(alice, uint256(int256(required / 2) - equity));
        else _withdrawTo(equity, required);
        (equity, required) = house.marginOf(alice, MarginKind.Maintenance);
        assertGt(equity, 0);
        assertLt(equity, int256(required));
        uint256 snapshot = vm.snapshotState();
        assertLt(_gasOf(abi.encodeCall(house.liquidate, (alice, ETH, keeper))), 3_000_000, "slice");
        vm.revertToState(snapshot);
        house.liquidate(alice, BTC, keeper);
        _markAndWait(alice, 0);
        assertLt(_gasOf(abi.encodeCall(house.takeOver, (_take(alice, ETH, ALL)))), 5_000_000, "take-over");
        vm.revertToState(snapshot);
        feeds[0].push(1_700e8);
        skipSeconds(12);
        assertLt(_equity(alice), 0);
        AccountId[] memory nobody;
        assertLt(_gasOf(abi.encodeCall(house.resolve, (alice, nobody, keeper))), 12_000_000, "resolution");
        assertEq(house.accountOf(alice).markets, 0);
    }

    /// @dev The price falls until half of the maintenance margin is left.
    function _withdrawTo(int256 equity, uint256 required) private {
        // Fifteen markets follow the first feed with 400 each.
        int256 fall = ((equity - int256(required / 2)) * 1e8) / 6_000e18;
        feeds[0].push(2_000e8 - fall);
        skipSeconds(12);
    }

    /* L7: PAUSE, PRICE MOVES, UNPAUSE */

    function test_L7_routes_waitAndGiveGrace_whenTheMarketWasHalted() public {
        _openAlice();
        _move(ETH, 1_930e8);
        _markAndWait(alice, 90);
        assertGt(house.previewTakeOver(alice, ETH, ALL).discountUsd, 0);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        _move(ETH, 1_910e8);
        assertEq(house.liquidate(alice, ETH, keeper).closeSize, 0, "halted");
        assertEq(house.takeOver(_take(alice, ETH, ALL)).takeSize, 0, "halted");
        // LIVE-1: she may pay in all the time.
        uint256 snapshot = vm.snapshotState();
        _fund(alice, 5_000e18);
        _setMode(ETH, IClearingHouse.MarketMode.Open);
        assertTrue(_isRestored(alice));
        assertEq(house.liquidate(alice, ETH, keeper).closeSize, 0);
        vm.revertToState(snapshot);

        _setMode(ETH, IClearingHouse.MarketMode.Open);
        assertEq(house.distressOf(alice).elapsedSeconds, 0, "the auction starts anew");
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(alice, ETH, ALL);
        assertEq(plan.discountUsd, 0, "at the index");
        assertEq(plan.price, 1_910e18);
        _assertEnded(alice, 4);
    }

    /* L8: NO KEEPER FOR SIX HOURS, GAS TIMES A HUNDRED (the story: NoTakers) */

    function test_L8_routes_takeNoMore_whenNobodyCameForSixHours() public {
        _openAlice();
        _move(ETH, 1_925e8);
        _markAndWait(alice, 0);
        _elapse(90);
        uint256 reward = house.previewLiquidation(alice, ETH).keeperRewardUsd;
        uint256 price = house.previewTakeOver(alice, ETH, 10e18).price;
        bytes32 before = _fingerprint(alice);
        vm.txGasPrice(10_000 gwei);
        _elapseLong(6 hours);
        assertEq(_fingerprint(alice), before, "waiting takes nothing");
        assertApproxEqRel(
            house.previewTakeOver(alice, ETH, 10e18).price,
            price,
            0.0005e18,
            "the floor of the first minutes"
        );
        assertApproxEqRel(house.previewLiquidation(alice, ETH).keeperRewardUsd, reward, 0.05e18, "whatever gas costs");
        (hasTaker, takerIsFirst) = (true, true);
        _assertEnded(alice, 2);
    }

    /* L9: THE LAST TRADER, THE LAST PROVIDER OF LIQUIDITY */

    function test_L9_routes_endIt_whenItIsTheLastTraderAndThePoolTheLastProvider() public {
        _open(alice, ETH, 60_000e18, 500e18);
        _move(ETH, 1_935e8);
        _assertEnded(alice, 3);
        _move(ETH, 1_700e8);
        assertLt(_equity(alice), 0);
        _assertEnded(alice, 1);
        assertTrue(_clearInventory(ETH).ended);
        _collect(ETH);
        assertEq(house.marketOf(ETH).longOpenInterest + house.marketOf(ETH).shortOpenInterest, 0, "nobody is left");
        assertEq(_size(pools[0], ETH), 0);
        _elapseLong(1_500);
        for (uint256 i; i < 4; ++i) house.claimRefunds(pools[0], ETH, 16);
        _settle(pools[0]);
        uint256 cash = _cash(pools[0]);
        assertGt(cash, POOL_USD + 50_000e18, "it has what alice lost");
        assertEq(_takeFreeCash(pools[0]), cash, "and leaves with all of it");
        // Claims of insurance on penalties aside nothing is left in the market.
        _settle(_trancheOf(ETH));
        assertLt(house.marketOf(ETH).reserveUsd, 0.01e18);
        _assertBooks();
        vm.expectPartialRevert(IClearingHouse.PoolBelowInitialMargin.selector);
        this.tradeAs(carol, ETH, 1e18);
    }

    function tradeAs(AccountId account, MarketId market, int256 size) external {
        _trade(account, market, size);
    }

    /* L10: NO CASH */

    /// @dev All her cash has gone into one market's reserve; a gain in another, not yet matured, is all that keeps her above zero.
    function _withoutCash() private {
        _fund(alice, 14_600e18);
        _trade(alice, ETH, 80e18);
        _trade(alice, BTC, 2e18);
        _open(bob, ETH, 60_000e18, -200e18);
        (answers[0], answers[1]) = (1_800e8, 42_200e8);
        _elapseLong(1_300);
        // A stranger settles what is lost and stands.
        _settleAs(STRANGER, alice);
        assertLe(_cash(alice), DEPOSIT_USD + 5e18, "no cash but the deposit");
        assertGt(_equity(alice), 0);
        assertLt(_health(alice), 1e18);
    }

    function test_L10_routes_goOn_whenThereIsNoCash() public {
        _withoutCash();
        uint256 snapshot = vm.snapshotState();
        // A reduction of her own.
        int256 equity = _equity(alice);
        _trade(alice, ETH, -10e18);
        assertGe(_equity(alice), 0);
        assertLe(equity - _equity(alice), 20e18, "fee and impact, as a claim");
        _assertBooks();
        vm.revertToState(snapshot);
        // Slices, and what they cannot pay in cash is a claim.
        Way memory way = _assertEnded(alice, 8);
        assertGt(way.slices, 0);
        vm.revertToState(snapshot);
        // A take-over at the end of the curve.
        (hasTaker, takerIsFirst) = (true, true);
        _markAndWait(alice, 90);
        way = _assertEnded(alice, 8);
        assertGt(way.takeOvers + way.wholes, 0);
    }

    /* L11: A TAKE AT H = 0.99 */

    function test_L11_takeOver_costsNoMoreThanASlice_whenHealthIsHigh() public {
        _openAlice();
        _move(ETH, 1_925e8);
        _setHealth(0.99e18);
        _markAndWait(alice, 900);
        ILiquidationEngine.Plan memory slice = house.previewLiquidation(alice, ETH);
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(alice, ETH, slice.closeSize);
        uint256 cost = uint256(int256(slice.penaltyUsd) + slice.impactUsd);
        assertGt(plan.takeSize, 0);
        assertLe(plan.discountUsd * slice.closeSize, cost * plan.takeSize, "L11");
        (hasTaker, takerIsFirst) = (true, true);
        int256 worth = _worth(alice);
        _assertEnded(alice, 1);
        assertLe(worth - _worth(alice), int256(cost + cost / 10), "for the whole of it too");
    }

    /* L12: SKEW THE POOL SO THAT SLICES ARE REFUSED, THEN TAKE */

    function test_L12_takeOver_isNoCheaper_whenThePoolWasSkewedForIt() public {
        _openAlice();
        _move(ETH, 1_905e8);
        _markAndWait(alice, 90);
        uint256 fair = house.previewTakeOver(alice, ETH, 10e18).discountUsd;
        AccountId attacker = _person("attacker");
        _fund(attacker, 3_000_000e18);
        int256 together = _worth(attacker) + _worth(carol);
        _trade(attacker, ETH, -9_000e18);
        assertEq(
            uint256(house.previewLiquidation(alice, ETH).code),
            uint256(ILiquidationEngine.PlanCode.Unaffordable),
            "slices are refused"
        );
        assertEq(house.previewTakeOver(alice, ETH, 10e18).discountUsd, fair, "L12: and taking is no cheaper");
        house.takeOver(_take(alice, ETH, ALL));
        assertTrue(_isRestored(alice));
        _trade(attacker, ETH, 9_000e18);
        assertLt(_worth(attacker) + _worth(carol), together, "the skewing has cost more than it could bring");
        _assertBooks();
    }

    /* L12: HOLD THE BACKSTOP OFF WITH SLICES OF A LOT */

    /// @dev Each slice, however small, gives the backstop 2w₀ to wait. Where the pool is full an accomplice makes room for one lot and has it sliced, again and again, for the fee on a
    /// lot. That holds the backstop off for as long as the auction runs, and no longer; takers it never holds off.
    function test_L12_take_isHeldOffNoLongerThanTheAuction_whenSlicesOfALotGoOn() public {
        AccountId accomplice = _person("accomplice");
        _openAlice();
        _open(accomplice, ETH, 10_000e18, 1e18);
        _capPool(ETH, (119e18 * 4) / 5);
        _move(ETH, 1_908e8);
        assertLt(_health(alice), 0.66e18);
        _markAndWait(alice, 0);
        int256 spent = _worth(accomplice);
        int256 size = _size(alice, ETH);
        for (uint256 i; i < 5; ++i) {
            _elapse(15);
            assertEq(house.liquidate(alice, ETH, keeper).closeSize, 0, "the pool is full");
            _trade(accomplice, ETH, 0.001e18);
            assertEq(house.liquidate(alice, ETH, keeper).closeSize, 0.001e18, "but for a lot");
            assertEq(
                uint256(house.previewBackstop(alice, ETH, ALL).code),
                uint256(ILiquidationEngine.PlanCode.Paced),
                "as long as the auction runs"
            );
        }
        _elapse(15);
        _trade(accomplice, ETH, 0.001e18);
        assertEq(house.liquidate(alice, ETH, keeper).closeSize, 0.001e18);
        assertGe(
            uint256(house.previewBackstop(alice, ETH, ALL).code),
            uint256(ILiquidationEngine.PlanCode.Partial),
            "a minute and a half after the mark it takes, whatever was sliced"
        );
        assertEq(size - _size(alice, ETH), 0.006e18);
        assertLt(spent - _worth(accomplice), 1e18, "for less than a USD");
        assertLt(_health(alice), 0.67e18, "and she is where she was");
        uint256 snapshot = vm.snapshotState();
        (hasTaker, takerIsFirst) = (true, true);
        assertEq(_assertEnded(alice, 1).takeOvers, 1, "any taker ends it");
        vm.revertToState(snapshot);
        (hasTaker, takerIsFirst) = (false, false);
        assertEq(_assertEnded(alice, 2).bids, 1, "or the backstop");
    }

    /* L13: A FILL OF 4 D, THEN SLICES */

    /// @dev From 2 D short to 2 D long in one fill, the slices of others behind it, and back: the victim's health never falls, and the attacker pays for it.
    function test_L13_liquidate_isNoPrize_whenAFillOfFourDepthsComesFirst() public {
        AccountId attacker = _person("attacker");
        _fund(attacker, 6_000_000e18);
        _openAlice();
        _trade(attacker, ETH, 9_800e18);
        _elapseLong(900);
        int256 worth = _worth(attacker);
        _move(ETH, 1_925e8);
        worth -= 75 * 9_800e18;
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        // Down by four D: the pool pays next to nothing for what alice sells behind it.
        _trade(attacker, ETH, -19_600e18);
        house.liquidate(alice, ETH, keeper);
        _assertNoLessHealthy(alice, equity, required);
        _trade(attacker, ETH, 19_600e18);
        assertLt(_worth(attacker), worth, "L13: it does not pay");
        _elapseLong(900);
        _assertEnded(alice, 4);
    }
}

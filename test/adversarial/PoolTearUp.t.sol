// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {TakeOverScenarios} from "../support/TakeOverScenarios.sol";

/// @notice Attempts to bring a tear-up against a pool about, to dodge it, or to gain from it.
contract PoolTearUpAttacks is TakeOverScenarios {
    uint256 private constant WAIT = 20;
    AccountId private pool;

    function setUp() public override {
        super.setUp();
        pool = pools[0];
        _withdraw(pool, POOL_USD - 200_000e18);
    }

    /// @dev Alice and bob are long 600 and 300 ETH from 2 000 on against a pool of 200 000 USD.
    function _build() private {
        _open(alice, ETH, 400_000e18, 600e18);
        _open(bob, ETH, 400_000e18, 300e18);
    }

    function _sink() private {
        _build();
        _price(ETH, 2_175);
        assertLt(_health(pool), 1e18);
        assertTrue(_mark(pool));
    }

    function _tearUp() private {
        skipSeconds(WAIT);
        house.tearUpPool(ETH);
        _assertConserved(_users());
    }

    /// @dev However large the skew that orders make, the pool keeps initial margin: only prices bring it below maintenance margin.
    function testFuzz_tearUpPool_cannotBeBroughtAboutByOrders(uint256 first, uint256 second, bool isLong) public {
        _fund(carol, 50_000_000e18);
        _fund(alice, 50_000_000e18);
        int256 sign = isLong ? int256(1) : -int256(1);
        uint256[2] memory sizes = [bound(first, 1, 12_000), bound(second, 1, 12_000)];
        for (uint256 i; i < 2; ++i) {
            (bool done, ) = address(house).call(
                abi.encodeCall(house.trade, (_request(i == 0 ? carol : alice, ETH, sign * int256(sizes[i] * 1e18))))
            );
            if (!done) continue;
        }
        assertFalse(_mark(pool), "what an opening leaves is E >= IM");
        (int256 equity, uint256 required) = house.marginOf(pool, MarginKind.Maintenance);
        assertGt(equity, int256((required * 3) / 2));
        skipSeconds(WAIT);
        vm.expectPartialRevert(IClearingHouse.PoolNotDistressed.selector);
        house.tearUpPool(ETH);
    }

    /// @dev While the pool is below initial margin nobody adds to its skew; what reduces it reduces the tear-up.
    function test_tearUpPool_isNotEnlarged_whenSomebodyTradesBeforeIt() public {
        _sink();
        uint256 planned = house.previewTearUpPool(ETH).closeSize;
        vm.expectPartialRevert(IClearingHouse.PoolBelowInitialMargin.selector);
        _trade(carol, ETH, 1e18);
        _trade(carol, ETH, -100e18);
        assertLt(house.previewTearUpPool(ETH).closeSize, planned);
    }

    /// @dev A pair of the attacker's own, matched against each other, only takes part: everybody else keeps more, and the pair gains nothing at the index.
    function test_tearUpPool_givesNothing_whenAPairWidensTheSide() public {
        _sink();
        AccountId dave = _trader("dave");
        _fund(dave, 1_000_000e18);
        int256 before = _equity(carol) + _equity(dave);
        house.matchOrders(
            IClearingHouse.MatchRequest({
                maker: dave,
                taker: carol,
                market: ETH,
                sizeDelta: 900e18,
                price: 2_175e18,
                makerReduceOnly: false,
                takerReduceOnly: false
            })
        );
        uint256 planned = house.previewTearUpPool(ETH).closeSize;
        skipSeconds(WAIT);
        house.tearUpPool(ETH);
        assertApproxEqAbs(_size(alice, ETH), 600e18 - int256((planned * 600) / 1_800), 1e6, "half of what it was");
        assertLe(_equity(carol) + _equity(dave), before, "ROUND-1");
    }

    /// @dev COAL-1: at one price nobody gains or loses by it, pool and torn side together or apart.
    function testFuzz_tearUpPool_movesNoEquity(uint256 price, bool touchesFirst) public {
        _build();
        _price(ETH, bound(price, 2_160, 2_215));
        assertTrue(_mark(pool));
        skipSeconds(WAIT);
        int256 ofAlice = _equity(alice);
        int256 ofBob = _equity(bob);
        int256 ofPool = _equity(pool);
        house.tearUpPool(ETH);
        if (touchesFirst) house.touch(bob, ETH, 16);
        assertApproxEqAbs(_equity(alice), ofAlice, 2);
        assertApproxEqAbs(_equity(bob), ofBob, 2);
        assertApproxEqAbs(_equity(pool), ofPool, 2);
    }

    /// @dev SENIOR-1: touching late changes the time, not the amount.
    function test_tearUpPool_takesTheSame_whenTouchedLate() public {
        _sink();
        _tearUp();
        house.touch(alice, ETH, 16);
        _price(ETH, 2_300);
        house.touch(bob, ETH, 16);
        assertApproxEqAbs(_size(alice, ETH), _size(bob, ETH) * 2, 4);
        assertApproxEqAbs(_quote(alice, ETH), _quote(bob, ETH) * 2, 10e18, "but for what they traded at");
    }

    /// @dev Nobody leaves the side before it either: closing in time is what the wait is for, and it is paid by the pool's own price.
    function test_tearUpPool_isNotNeeded_whenTheSideClosesInTime() public {
        _sink();
        _trade(alice, ETH, -500e18);
        skipSeconds(WAIT);
        assertGe(_health(pool), 1e18);
        vm.expectPartialRevert(IClearingHouse.PoolNotDistressed.selector);
        house.tearUpPool(ETH);
    }

    /// @dev Who provides liquidity cannot take it out while the pool is below initial margin, before or after.
    function test_withdraw_revertsWhenThePoolIsAboutToBeRestored() public {
        _sink();
        assertEq(house.freeCashOf(pool), 0);
        vm.prank(pool.owner());
        vm.expectPartialRevert(IClearingHouse.FreeCashTooLow.selector);
        house.withdraw(pool, 1, pool.owner());
        _tearUp();
        assertEq(house.freeCashOf(pool), 0, "sound, and still below initial margin");
    }

    /// @dev A pool that has recovered is left alone, and its clock stands once that has been seen; sinking again starts it anew.
    function test_tearUpPool_startsAnew_whenThePoolWasHealthyAgain() public {
        _sink();
        skipSeconds(WAIT);
        _price(ETH, 2_050);
        vm.expectPartialRevert(IClearingHouse.PoolNotDistressed.selector);
        house.tearUpPool(ETH);
        assertFalse(_mark(pool), "E >= IM");
        _price(ETH, 2_175);
        assertTrue(_mark(pool));
        uint256 markedAt = vm.getBlockTimestamp();
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.PoolTearUpTooEarly.selector, ETH, markedAt + WAIT, markedAt)
        );
        house.tearUpPool(ETH);
    }

    /// @dev S10: a falling market books one event in two windows at most, whoever calls.
    function test_tearUpPool_booksFewEvents_whenThePriceRunsAway() public {
        _sink();
        skipSeconds(WAIT);
        uint256 booked;
        uint256 startedAt = vm.getBlockTimestamp();
        for (uint256 price = 2_180; price < 2_280; price += 10) {
            (bool done, ) = address(house).call(abi.encodeCall(house.tearUpPool, (ETH)));
            if (done) ++booked;
            skipSeconds(2);
            feeds[0].push(int256(price * 1e8));
        }
        assertGt(booked, 0);
        assertLe(booked, 1 + (vm.getBlockTimestamp() - startedAt) / WAIT);
        _assertConserved(_users());
    }
}

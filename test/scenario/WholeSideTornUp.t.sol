// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {WholeHouse} from "../support/WholeHouse.sol";

/// @notice TEAR-1 at its limit: what a default left is as large as the whole other side, and nobody takes any of it. Every position of that side ends at the index, whether it is many accounts,
/// one, or the pool; each is paid its gain less its share of the loss, and gets it out in cash.
contract WholeSideTornUp_Test is WholeHouse {
    AccountId private _dave;
    AccountId private _erin;

    function setUp() public override {
        super.setUp();
        _dave = _person("dave");
        _erin = _person("erin");
    }

    /// @dev Alice, long all that the others are short, is bankrupt and resolved at 1 600; nobody takes her inventory until it may be torn up.
    function _strandAll() private returns (AccountId resolution) {
        _move(ETH, 1_600e8);
        assertLt(_equity(alice), -100_000e18);
        _resolve(alice);
        _assertBooks();
        _closePool(ETH);
        pool.setMaxLeverage(1e18);
        resolution = house.systemAccountOf(ETH, 0);
        vm.expectPartialRevert(IClearingHouse.TearUpTooEarly.selector);
        house.tearUp(ETH);
        _elapse(600);
    }

    /// @dev After the tear-up: everybody of the side is flat, the loss is collected, and each gets out what is theirs. Returns what they have together.
    function _assertAllOut(AccountId[] memory side) private returns (int256 together) {
        for (uint256 i; i < side.length; ++i) {
            house.touch(side[i], ETH, 16);
            assertEq(_size(side[i], ETH), 0, "flat");
            _assertBooks();
        }
        IClearingHouse.MarketState memory state = house.marketOf(ETH);
        assertEq(state.shortOpenInterest, 0, "CONS-3: no side is left");
        assertLe(state.uncollectedLossUsd, 1e6, "SOC-1: every booked loss is collected");
        assertApproxEqAbs(house.positionOf(house.systemAccountOf(ETH, 1), ETH).storedSize, 0, 4, "the mirror is empty");
        // A gain is paid when it has stood.
        _elapseLong(1_500);
        for (uint256 i; i < side.length; ++i) {
            house.claimRefunds(side[i], ETH, 16);
            _settle(side[i]);
            int256 worth = _worth(side[i]);
            assertApproxEqAbs(int256(_cash(side[i])), worth, 1e6, "all of it is cash");
            assertApproxEqAbs(int256(_takeFreeCash(side[i])), worth, 1e6, "CASH-1: and can be taken out");
            together += worth;
        }
        _assertBooks();
    }

    function test_story_everyShortIsClosedAtTheIndex() public {
        _open(bob, ETH, 60_000e18, -250e18);
        _open(_dave, ETH, 60_000e18, -150e18);
        _open(_erin, ETH, 60_000e18, -100e18);
        _open(alice, ETH, 60_000e18, 500e18);
        AccountId resolution = _strandAll();
        AccountId[] memory side = new AccountId[](3);
        (side[0], side[1], side[2]) = (bob, _dave, _erin);
        int256[3] memory worth = [_worth(bob), _worth(_dave), _worth(_erin)];
        _watchCash();
        house.tearUp(ETH);
        IClearingHouse.MarketEventState memory torn = house.eventOf(ETH, house.marketOf(ETH).events);
        assertEq(torn.fraction, 1e18, "the whole side");
        assertEq(_size(resolution, ETH), 0);
        _assertCashMovedOnlyOf(new AccountId[](0));
        for (uint256 i; i < 3; ++i) {
            assertApproxEqAbs(_worth(side[i]), worth[i], 4, "TEAR-1: at the index, nobody gains or loses");
        }
        // Each bore the same part γ of their gain at the index, which per ETH is nearly the same for all.
        uint256 shared = house.marketOf(ETH).uncollectedLossUsd;
        assertGt(shared, 50_000e18);
        int256 together = _assertAllOut(side);
        assertApproxEqRel(
            uint256(together),
            180_000e18 + 200_000e18 - shared,
            0.01e18,
            "what they had and made, less the loss"
        );
        assertGt(worth[2], 60_000e18, "G2: principal is whole");
    }

    function test_story_theOneShortIsClosedAtTheIndex() public {
        _open(bob, ETH, 60_000e18, -500e18);
        _open(alice, ETH, 60_000e18, 500e18);
        _strandAll();
        AccountId[] memory side = new AccountId[](1);
        side[0] = bob;
        int256 worth = _worth(bob);
        house.tearUp(ETH);
        assertApproxEqAbs(_worth(bob), worth, 4);
        assertApproxEqAbs(_assertAllOut(side), worth, 1e12, "a refund aside nothing happens on the way out");
        assertGt(worth, 60_000e18);
    }

    /// @dev Of what alice bought a part came from the pool, which has no room for more: it is torn up like everybody else.
    function test_story_thePoolIsPartOfTheSide() public {
        _open(bob, ETH, 60_000e18, -300e18);
        _open(alice, ETH, 60_000e18, 500e18);
        assertEq(_size(pools[0], ETH), -int256(200e18));
        _strandAll();
        int256[2] memory worth = [_worth(pools[0]), _worth(bob)];
        _watchCash();
        house.tearUp(ETH);
        assertEq(house.eventOf(ETH, house.marketOf(ETH).events).fraction, 1e18, "the whole side");
        assertEq(_size(pools[0], ETH), 0);
        assertEq(_size(house.systemAccountOf(ETH, 0), ETH), 0);
        assertApproxEqAbs(_worth(pools[0]), worth[0], 4, "TEAR-1: at the index");
        assertGt(worth[0], int256(POOL_USD), "it has gained by the fall, less its part of what alice could not pay");
        // Ten minutes of funding that the inventory paid are insured.
        _assertCashMovedOnlyOf(_list2(_fundAccount(), _trancheOf(ETH)));
        assertGt(_cashGained(_fundAccount()) + _cashGained(_trancheOf(ETH)), -0.01e18);
        AccountId[] memory side = new AccountId[](1);
        side[0] = bob;
        assertApproxEqAbs(_assertAllOut(side), worth[1], 1e12);
        house.claimRefunds(pools[0], ETH, 16);
        _settle(pools[0]);
        assertApproxEqAbs(int256(_cash(pools[0])), worth[0], 0.01e18, "paid out of what alice paid in");
        _assertBooks();
    }

    /// @dev The pool alone is the other side. It quotes for whatever brings it nearer to zero: that is sold to it, and there is nothing to tear up.
    function test_story_thePoolIsTheWholeSide() public {
        _open(alice, ETH, 60_000e18, 500e18);
        assertEq(_size(pools[0], ETH), -int256(500e18));
        _strandAll();
        int256 worth = _worth(pools[0]);
        uint256 events = house.marketOf(ETH).events;
        (uint256 price, ) = house.previewTrade(ETH, -500e18);
        house.tearUp(ETH);
        assertEq(_size(pools[0], ETH), 0);
        assertEq(_size(house.systemAccountOf(ETH, 0), ETH), 0);
        assertEq(house.marketOf(ETH).events, events, "no tear-up");
        // What it gives above the index is the winners': the one winner is the pool itself, which gets it back as a refund.
        assertApproxEqAbs(worth - _worth(pools[0]), int256(((price - 1_600e18) * 500e18) / 1e18), 1e6, "its own quote");
        assertEq(house.marketOf(ETH).longOpenInterest + house.marketOf(ETH).shortOpenInterest, 0);
        _assertBooks();
        _elapseLong(1_500);
        // What waits is shared out pro rata, so that each claim leaves a little.
        for (uint256 i; i < 4; ++i) house.claimRefunds(pools[0], ETH, 16);
        _settle(pools[0]);
        assertApproxEqAbs(int256(_cash(pools[0])), worth, 0.01e18, "paid out of what alice paid in");
        assertLe(house.marketOf(ETH).uncollectedLossUsd, 1e6);
        _assertBooks();
    }
}

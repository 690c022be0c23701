// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice SOC-1: what waits is booked at most once a minute, and only when it is worth an event.
contract ClearingHouse_bookLoss_Test is HouseScenarios {
    /// @dev Two defaults within a minute: the first is booked, about 900 USD of the second wait.
    function _pend() private returns (uint256 bookedAt, uint256 pending) {
        _uninsure(ETH);
        _open(bob, ETH, 60_000e18, -20e18);
        _open(alice, ETH, 1_100e18, 10e18);
        _open(carol, ETH, 1_100e18, 10e18);
        _price(ETH, 1_800);
        _resolve(alice);
        bookedAt = vm.getBlockTimestamp();
        house.touch(carol, ETH, 1);
        skipSeconds(12);
        _resolve(carol);
        pending = house.marketOf(ETH).pendingLossUsd;
        assertGt(pending, 800e18);
        assertEq(house.marketOf(ETH).events, 2);
    }

    function _expectNotBookable(uint256 pending, uint256 allowedAt) private {
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.LossNotBookable.selector, ETH, pending, 100e18, allowedAt)
        );
        house.bookLoss(ETH);
    }

    function test_bookLoss_revertsWhenNothingWaits() public {
        _expectNotBookable(0, 0);
    }

    function test_bookLoss_revertsWhenTheLastEventIsTooRecent() public {
        (uint256 bookedAt, uint256 pending) = _pend();
        _expectNotBookable(pending, bookedAt + 60);
        vm.warp(bookedAt + 59);
        _expectNotBookable(pending, bookedAt + 60);
        vm.warp(bookedAt + 60);
        house.bookLoss(ETH);
    }

    function test_bookLoss_revertsWhenItIsTooSmall() public {
        _uninsure(ETH);
        _open(bob, ETH, 60_000e18, -20e18);
        _open(alice, ETH, 120e18, 1e18);
        _price(ETH, 1_820);
        _resolve(alice);
        _expectNotBookable(house.marketOf(ETH).pendingLossUsd, 0);
    }

    function test_bookLoss_revertsWhenMarketIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        house.bookLoss(MarketId.wrap(9));
    }

    function test_bookLoss_revertsWhenThePriceIsStale() public {
        _pend();
        skipSeconds(3_601);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, ETH, PriceStatus.Stale));
        house.bookLoss(ETH);
    }

    function test_bookLoss_revertsWhenMarketIsHalted() public {
        _pend();
        skipSeconds(60);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.MarketNotOpen.selector, ETH, IClearingHouse.MarketMode.Halted)
        );
        house.bookLoss(ETH);
    }

    function test_bookLoss_booksWhatWaited() public {
        (uint256 bookedAt, uint256 pending) = _pend();
        vm.warp(bookedAt + 60);
        vm.expectEmit(true, true, false, false, address(house));
        emit IClearingHouse.LossBooked(ETH, 3, pending, 0, 0, 0, 0);
        vm.prank(STRANGER);
        house.bookLoss(ETH);
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        assertEq(market.pendingLossUsd, 0);
        assertEq(market.events, 3);
        assertEq(house.eventOf(ETH, 3).lossUsd, pending);
        assertEq(_quote(house.systemAccountOf(ETH, 2), ETH), 0);
        _assertConserved(_users());
        house.touch(bob, ETH, 16);
        assertEq(house.marketOf(ETH).uncollectedLossUsd, 0, "SOC-1: both are collected");
        _assertConserved(_users());
    }

    function test_bookLoss_reachesThePoolAndTheFundAtOnce() public {
        (uint256 bookedAt, ) = _pend();
        vm.warp(bookedAt + 60);
        house.bookLoss(ETH);
        AccountId[3] memory standing = [pools[0], _fundAccount(), house.systemAccountOf(ETH, 0)];
        for (uint256 i; i < standing.length; ++i) {
            IClearingHouse.PositionState memory position = house.positionOf(standing[i], ETH);
            if (position.storedSize != 0 || position.storedQuote != 0) assertEq(position.eventsSeen, 3);
        }
    }
}

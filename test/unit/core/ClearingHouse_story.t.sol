// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {HouseFixture} from "../../support/HouseFixture.sol";

/// @notice The whole life of a market in a few tests: open, gain, settle, partial liquidation, default, sharing, tear-up.
contract ClearingHouse_story_Test is HouseFixture {
    function _users() private view returns (AccountId[] memory users) {
        users = new AccountId[](3);
        (users[0], users[1], users[2]) = (alice, bob, carol);
    }

    function test_trade_opensAgainstThePoolAndPaysTheEdgeAtOnce() public {
        _open(alice, ETH, 10_000e18, 20e18);
        assertEq(_size(alice, ETH), int256(20e18));
        assertEq(_size(pools[0], ETH), -int256(20e18));
        // Half of 20/500 000 above the index: 4 cents a unit.
        assertEq(house.marketOf(ETH).reserveUsd, 0.8e18, "edge in the reserve");
        assertEq(_quote(alice, ETH), -int256(40_000e18), "filled at the index once the edge is paid");
        _assertConserved(_users());
    }

    function test_settle_paysAGainOnlyOnceItHasStood() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _open(bob, ETH, 10_000e18, -20e18);
        _price(ETH, 2_100);
        _settle(bob);
        uint256 before = _cash(alice);
        _settle(alice);
        assertEq(_cash(alice), before, "PAID-1: too young");
        _wait(ETH, 2_100, 1_500);
        _settle(alice);
        assertGt(_cash(alice), before + 1_900e18, "matured");
        _assertConserved(_users());
    }

    function test_liquidate_closesPartAndRaisesHealth() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _price(ETH, 1_925);
        uint256 healthBefore = _health(alice);
        assertLt(healthBefore, 1e18);
        ILiquidationEngine.Plan memory preview = house.previewLiquidation(alice, ETH);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Partial));
        assertEq(plan.closeSize, preview.closeSize, "preview");
        assertEq(_size(alice, ETH), int256(80e18) - int256(plan.closeSize));
        assertGt(_health(alice), healthBefore, "LIQ-2");
        assertGt(_cash(keeper), 0);
        _assertConserved(_users());
    }

    /// @dev Regression: the edge that the pool gave was credited to the reserve without leaving the pool's cash.
    function test_liquidate_takesThePoolsEdgeOutOfItsCash() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _price(ETH, 1_925);
        uint256 before = _cash(pools[0]);
        house.liquidate(alice, ETH, keeper);
        // Closing a long while longs outweigh shorts fills above the index.
        assertLt(_cash(pools[0]), before, "CONS-1");
        _assertConserved(_users());
    }

    function test_resolve_insuranceThenWinnersPay() public {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        _price(ETH, 1_600);
        assertLt(_equity(alice), 0);
        uint256 bobCash = _cash(bob);
        int256 bobEquity = _equity(bob);
        _resolve(alice);
        assertEq(_cash(bob), bobCash, "SENIOR-1: no cash moves");
        assertEq(_size(alice, ETH), 0);
        IClearingHouse.MarketState memory state = house.marketOf(ETH);
        assertEq(state.events, 2, "one loss event");
        assertGt(state.uncollectedLossUsd, 0);
        assertLt(_equity(bob), bobEquity, "the winner's gain is charged");
        _assertConserved(_users());
        house.touch(bob, ETH, 1);
        _assertConserved(_users());
        skipSeconds(700);
        _price(ETH, 1_600);
        house.tearUp(ETH);
        _assertConserved(_users());
        house.touch(bob, ETH, 10);
        _assertConserved(_users());
        assertEq(_size(house.systemAccountOf(ETH, 0), ETH), 0);
    }
}

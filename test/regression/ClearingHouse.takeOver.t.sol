// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {BackstopScenarios} from "../support/BackstopScenarios.sol";

/// @notice LIQ-5: small positions that the pool cannot take. A taker without a position in the market was refused for holding less than the minimum, so nobody but those who had one
/// could end the distress.
contract ClearingHouse_takeOver_regression_Test is BackstopScenarios {
    /// @dev Alice has about the notional, a little below maintenance margin, and the pool no room.
    function _distressSmall(uint256 cashUsd, int256 size, uint256 priceUsd) private {
        _open(bob, ETH, 10_000e18, -size);
        _open(alice, ETH, cashUsd, size);
        _price(ETH, priceUsd);
        assertLt(_health(alice), 1e18);
        assertGt(_equity(alice), 0);
        _closePool(ETH);
        assertEq(
            uint256(house.previewLiquidation(alice, ETH).code),
            uint256(ILiquidationEngine.PlanCode.PoolUnavailable),
            "no slice"
        );
        assertEq(_size(carol, ETH), 0);
    }

    /// @dev What restores 600 USD is less than 250: the minimum is taken.
    function test_takeOver_takesTheMinimum_whenLessWouldRestore() public {
        _distressSmall(37e18, 0.3e18, 1_940);
        ILiquidationEngine.TakeOverPlan memory plan = _takeOver(alice, ETH, ALL);
        assertEq(_codeOf(plan), uint256(ILiquidationEngine.PlanCode.Partial));
        assertEq(plan.takeSize, 0.129e18, "250 USD in whole lots");
        assertEq(_size(carol, ETH), int256(0.129e18));
        assertGe(_health(alice), 1.15e18);
        _assertConserved(_everybody());
    }

    /// @dev A position of 252 USD has become one of 241.
    function test_takeOver_takesAll_whenThePositionIsBelowTheMinimum() public {
        _distressSmall(19e18, 0.126e18, 1_915);
        assertEq(_codeOf(_takeOver(alice, ETH, ALL)), uint256(ILiquidationEngine.PlanCode.Full));
        assertEq(_size(carol, ETH), int256(0.126e18));
        assertEq(house.accountOf(alice).markets, 0);
        _assertConserved(_everybody());
    }

    /// @dev The backstop is a taker like any other.
    function test_take_takesAll_whenThePositionIsBelowTheMinimum() public {
        _stake(lena, 100_000e18);
        _distressSmall(19e18, 0.126e18, 1_912);
        _price(ETH, 1_908);
        assertLt(_health(alice), 0.66e18);
        _markAndWait(alice, PAUSE);
        assertEq(_codeOf(_poolTakes(alice, ETH)), uint256(ILiquidationEngine.PlanCode.Full));
        assertEq(_size(poolAccount, ETH), int256(0.126e18));
        _assertConserved(_everybody());
    }
}

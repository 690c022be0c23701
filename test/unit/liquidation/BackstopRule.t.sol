// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {BackstopRule} from "../../../contracts/liquidation/BackstopRule.sol";
import {BackstopScenarios} from "../../support/BackstopScenarios.sol";

/// @notice How much of a position the backstop closes at once, where what would be left is too small to stand alone.
contract BackstopRule_Test is BackstopScenarios {
    /// @dev The pool is long `size`, and traders so short that not more than 0.1 ETH can be sold within the tolerance (1 % of 500 000).
    function _sliceOf(uint256 size) private returns (int256 sizeDelta) {
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        (market.longOpenInterest, market.shortOpenInterest) = (0, 4_999.95e18);
        vm.mockCall(address(house), abi.encodeCall(house.marketOf, (ETH)), abi.encode(market));
        IClearingHouse.PositionState memory position = house.positionOf(poolAccount, ETH);
        position.size = int256(size);
        vm.mockCall(address(house), abi.encodeCall(house.positionOf, (poolAccount, ETH)), abi.encode(position));
        (sizeDelta, ) = pool.previewUnwind(ETH);
    }

    /// @dev 250 USD are 0.125 ETH: of 0.2 ETH so much stays, although 0.1 could be sold.
    function test_sliceOf_leavesTheMinimum_whenTheRestWouldBeLess() public {
        assertEq(_sliceOf(0.2e18), int256(-0.075e18));
        assertEq(_sliceOf(0.225e18), int256(-0.1e18), "the rest is the minimum");
    }

    function test_sliceOf_isNothing_whenTheWholeIsTooSmallToLeaveARest() public {
        assertEq(_sliceOf(0.125e18), int256(0));
        assertEq(_sliceOf(0.11e18), int256(0));
        assertEq(_sliceOf(0.1e18), int256(-0.1e18), "all of it is within the tolerance");
    }

    function test_limitPriceOf_isTheIndexMovedByTheTolerance() public pure {
        assertEq(BackstopRule.limitPriceOf(1, 100, 0.01e18), 102);
        assertEq(BackstopRule.limitPriceOf(-1, 100, 0.01e18), 98);
        assertEq(BackstopRule.limitPriceOf(-1, 1, 0.01e18), 0, "nothing is below nothing");
    }
}

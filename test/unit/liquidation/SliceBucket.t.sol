// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {SliceBucket} from "../../../contracts/liquidation/SliceBucket.sol";
import {Test} from "../../support/Test.sol";

/// @notice The ends of pacing: ranges that are none, buckets without capacity, amounts that no wait makes room for.
contract SliceBucket_Test is Test {
    uint256 private constant NEVER = type(uint256).max;

    /// @dev The library takes its stress from calldata.
    function windowUp(ILiquidationEngine.Stress calldata stress) external pure returns (uint256) {
        return SliceBucket.windowUp(10, 0.006e18, stress);
    }

    function _range(uint256 low, uint256 high) private pure returns (ILiquidationEngine.Stress memory stress) {
        (stress.windowLow, stress.windowHigh) = (low, high);
    }

    function test_windowUp_isTheTerm_whenThereIsNoRange() public view {
        assertEq(this.windowUp(_range(0, 2_000e18)), 10, "nothing observed");
        assertEq(this.windowUp(_range(2_000e18, 1_999e18)), 10, "turned round");
        assertEq(this.windowUp(_range(2_000e18, 2_012e18)), 10, "the reference");
        assertEq(this.windowUp(_range(2_000e18, 2_000e18)), 5, "calm");
        assertEq(this.windowUp(_range(2_000e18, 2_400e18)), 40, "wild");
    }

    function test_secondsUntilRoom_isForEver_whenAnAccountsThirdIsTooSmall() public pure {
        assertEq(SliceBucket.secondsUntilRoom(0, 300e18, 0, false, 100e18, 10), 0);
        assertEq(SliceBucket.secondsUntilRoom(0, 300e18, 0, false, 100e18 + 1, 10), NEVER);
        assertEq(SliceBucket.secondsUntilRoom(0, 300e18, 0, true, 100e18 + 1, 10), 0, "in deep distress");
        assertEq(SliceBucket.secondsUntilRoom(0, 300e18, 0, true, 300e18 + 1, 10), NEVER);
    }

    function test_secondsUntilRoom_isZero_whenNothingIsAskedOfNoCapacity() public pure {
        assertEq(SliceBucket.secondsUntilRoom(0, 0, 0, false, 0, 10), 0);
        assertEq(SliceBucket.secondsUntilRoom(0, 0, 0, false, 1, 10), NEVER);
    }

    function test_secondsUntilWhole_isForEver_whenTwoCapacitiesAreTooLittle() public pure {
        assertEq(SliceBucket.secondsUntilWhole(0, 100, 200, 10), 0);
        assertEq(SliceBucket.secondsUntilWhole(0, 100, 201, 10), NEVER);
        assertEq(SliceBucket.secondsUntilWhole(50, 100, 200, 10), 5);
    }

    function test_secondsUntilFull_isTheAccounts_whenTheBucketHasNoCapacity() public pure {
        assertEq(SliceBucket.secondsUntilFull(7, 0, 0.5e18, 10), 5);
        assertEq(SliceBucket.secondsUntilFull(70, 100, 0.5e18, 10), 7);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Standing} from "../../../contracts/core/Standing.sol";
import {AccountHeader} from "../../../contracts/core/Words.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice Good standing at the ends of its count of days.
contract Standing_Test is HouseScenarios {
    /// @dev Called from outside, so that each call has a block's own time.
    function restarted() external view returns (uint256) {
        AccountHeader memory header;
        Standing.restart(header);
        return header.goodSince;
    }

    function test_standingOf_isZero_whenTheAccountNeverOpened() public {
        assertEq(house.standingOf(alice), 0);
        _open(alice, ETH, 10_000e18, 1e18);
        assertEq(house.standingOf(alice), 0, "from tomorrow on");
        skipSeconds(2 days);
        assertEq(house.standingOf(alice), 1);
    }

    function test_restart_countsFromTomorrow() public {
        vm.warp(20_000 days + 5);
        assertEq(this.restarted(), 20_001);
    }

    /// @dev Sixteen bits of days end in 2149.
    function test_restart_staysAtTheLastDay_whenDaysNoLongerFit() public {
        vm.warp(65_533 days);
        assertEq(this.restarted(), 65_534);
        vm.warp(65_534 days);
        assertEq(this.restarted(), 65_535);
        vm.warp(70_000 days);
        assertEq(this.restarted(), 65_535);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Markets} from "../../../contracts/core/Markets.sol";
import {Test} from "../../support/Test.sol";

contract Markets_Test is Test {
    /// @dev The slot of the average holds no more.
    function test_skewRatioOf_staysWithinNine() public pure {
        assertEq(Markets.skewRatioOf(3e18, 2e18), 1.5e18);
        assertEq(Markets.skewRatioOf(-3e18, 2e18), -1.5e18);
        assertEq(Markets.skewRatioOf(9e18, 1e18), 9e18);
        assertEq(Markets.skewRatioOf(9e18 + 1, 1e18), 9e18);
        assertEq(Markets.skewRatioOf(-9e18 - 1, 1e18), -9e18);
        assertEq(Markets.skewRatioOf(type(int112).max, 1), 9e18);
    }
}

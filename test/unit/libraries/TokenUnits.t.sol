// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenUnits} from "../../../contracts/libraries/TokenUnits.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract TokenUnitsTest is LibraryTest {
    function test_toUsdDown_revertsWhenAmountHasNoRoom() public {
        expectOverflow();
        this.toUsdDown(MAX, 17);
        expectOverflow();
        this.toUsdDown(MAX / ONE + 1, 0);
    }

    function test_toNativeDown_revertsWhenAmountHasNoRoom() public {
        expectOverflow();
        this.toNativeDown(MAX, 19);
    }

    function test_toUsdDown_revertsWhenDecimalsAreAbove95() public {
        // 10⁷⁷ is the largest power of ten in a word.
        assertEq(this.toUsdDown(MAX, 95), MAX / 10 ** 77);
        expectOverflow();
        this.toUsdDown(MAX, 96);
    }

    /// @dev A3: decimals 0, 2, 6, 8, 18, 24, and the first that are finer than D18.
    function test_A3_toUsdDown_readsOneToken() public pure {
        uint8[7] memory decimals = [0, 2, 6, 8, 18, 19, 24];
        for (uint256 i; i < decimals.length; ++i) {
            uint256 one = 10 ** decimals[i];
            assertEq(TokenUnits.toUsdDown(one, decimals[i]), ONE);
            assertEq(TokenUnits.toNativeDown(ONE, decimals[i]), one);
            assertEq(TokenUnits.toUsdDown(0, decimals[i]), 0);
            assertEq(TokenUnits.toNativeDown(0, decimals[i]), 0);
        }
    }

    function test_A3_toUsdDown_roundsDown_whenTokenIsFiner() public pure {
        assertEq(TokenUnits.toUsdDown(999_999, 24), 0);
        assertEq(TokenUnits.toUsdDown(1_999_999, 24), 1);
        assertEq(TokenUnits.toNativeDown(1, 24), 1_000_000);
    }

    function test_A3_toNativeDown_roundsDown_whenTokenIsCoarser() public pure {
        assertEq(TokenUnits.toNativeDown(1e12 - 1, 6), 0);
        assertEq(TokenUnits.toNativeDown(2e12 - 1, 6), 1);
        assertEq(TokenUnits.toUsdDown(1, 6), 1e12);
    }

    function test_A3_toUsdUp_roundsUp_whenTokenIsFiner() public pure {
        assertEq(TokenUnits.toUsdUp(1, 24), 1);
        assertEq(TokenUnits.toUsdUp(1_000_001, 24), 2);
        assertEq(TokenUnits.toUsdUp(1, 6), 1e12);
        assertEq(TokenUnits.toUsdUp(0, 24), 0);
    }

    function test_A3_toNativeUp_roundsUp_whenTokenIsCoarser() public pure {
        assertEq(TokenUnits.toNativeUp(1, 6), 1);
        assertEq(TokenUnits.toNativeUp(1e12 + 1, 6), 2);
        assertEq(TokenUnits.toNativeUp(1, 24), 1_000_000);
        assertEq(TokenUnits.toNativeUp(0, 6), 0);
    }

    /// @dev What is rounded up covers what was asked for, by less than a unit.
    function testFuzz_toNativeUp_coversTheAmount(uint256 amount, uint256 decimals) public pure {
        decimals = bound(decimals, 0, 36);
        amount = spread(amount, 0, 1e48);
        uint256 native = TokenUnits.toNativeUp(amount, decimals);
        assertGe(TokenUnits.toUsdDown(native, decimals), amount);
        assertLe(native - TokenUnits.toNativeDown(amount, decimals), 1);
        assertLe(TokenUnits.toUsdUp(amount, decimals) - TokenUnits.toUsdDown(amount, decimals), 1);
    }

    /// @dev ROUND-1: there and back never gains.
    function testFuzz_ROUND1_toNativeDown_roundTripNeverGains(uint256 amount, uint256 decimals) public pure {
        decimals = bound(decimals, 0, 36);
        amount = spread(amount, 0, 1e48);
        uint256 native = TokenUnits.toNativeDown(amount, decimals);
        uint256 back = TokenUnits.toUsdDown(native, decimals);
        assertLe(back, amount);
        if (decimals >= 18) assertEq(back, amount);
        else assertLt(amount - back, 10 ** (18 - decimals));
        uint256 usd = TokenUnits.toUsdDown(amount, decimals);
        if (decimals <= 18) assertEq(TokenUnits.toNativeDown(usd, decimals), amount);
        else assertLe(TokenUnits.toNativeDown(usd, decimals), amount);
    }

    function toUsdDown(uint256 amount, uint256 decimals) external pure returns (uint256) {
        return TokenUnits.toUsdDown(amount, decimals);
    }

    function toNativeDown(uint256 amount, uint256 decimals) external pure returns (uint256) {
        return TokenUnits.toNativeDown(amount, decimals);
    }
}

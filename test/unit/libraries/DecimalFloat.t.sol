// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DecimalFloat} from "../../../contracts/libraries/DecimalFloat.sol";
import {LibraryTest} from "./LibraryTest.sol";

contract DecimalFloatTest is LibraryTest {
    function test_encode_revertsWhenDigitsExceedThree() public {
        expectRefusal(1_001);
        this.encode(1_001);
        expectRefusal(12_340);
        this.encode(12_340);
        expectRefusal(MAX);
        this.encode(MAX);
    }

    function test_encode_revertsWhenExponentExceeds63() public {
        uint256 highest = 999 * 10 ** 63;
        assertEq(DecimalFloat.decode(this.encode(highest)), highest);
        expectRefusal(highest * 10);
        this.encode(highest * 10);
        // 100·10⁶³ is still in reach.
        assertEq(DecimalFloat.decode(this.encode(10 ** 65)), 10 ** 65);
        expectRefusal(10 ** 66);
        this.encode(10 ** 66);
    }

    function test_encode_isExact_whenSmall() public pure {
        for (uint256 value; value <= 1_000; ++value) {
            assertEq(DecimalFloat.decode(DecimalFloat.encode(value)), value);
        }
        assertEq(DecimalFloat.encode(0), 0);
        assertEq(DecimalFloat.encode(999), 999);
        // 1 000 = 100·10¹
        assertEq(DecimalFloat.encode(1_000), (1 << 10) | 100);
    }

    function test_decode_holdsForEveryWord() public pure {
        assertEq(DecimalFloat.decode(0), 0);
        assertEq(DecimalFloat.decode(type(uint16).max), 1_023 * 10 ** 63);
    }

    function testFuzz_encode_roundTrips(uint256 digits, uint256 exponent) public pure {
        digits = bound(digits, 0, 999);
        exponent = bound(exponent, 0, 63);
        uint256 value = digits * 10 ** exponent;
        assertEq(DecimalFloat.decode(DecimalFloat.encode(value)), value);
    }

    function testFuzz_encode_refusesOrRoundTrips(uint256 value) public view {
        value = spread(value, 0, MAX - 1);
        try this.encode(value) returns (uint16 packed) {
            assertEq(DecimalFloat.decode(packed), value);
        } catch (bytes memory reason) {
            assertEq(reason, refusal(value));
            uint256 digits = value;
            while (digits % 10 == 0) digits /= 10;
            assertGt(digits, 999);
        }
    }

    function expectRefusal(uint256 value) private {
        vm.expectRevert(refusal(value));
    }

    function refusal(uint256 value) private pure returns (bytes memory) {
        return abi.encodeWithSelector(DecimalFloat.TooManySignificantDigits.selector, value, 999);
    }

    function encode(uint256 value) external pure returns (uint16) {
        return DecimalFloat.encode(value);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeFeedCall} from "../../../contracts/libraries/SafeFeedCall.sol";
import {LibraryTest} from "./LibraryTest.sol";

/// @dev Answers any call with `count` words, the first being `first`, the others 2, 3, 4 and so on; or misbehaves.
contract ScriptedFeed {
    enum Mode {
        Answers,
        Reverts,
        BurnsGas
    }

    Mode private immutable _MODE;
    uint256 private immutable _FIRST;
    uint256 private immutable _BYTES;

    constructor(Mode mode, uint256 first, uint256 byteLength) {
        (_MODE, _FIRST, _BYTES) = (mode, first, byteLength);
    }

    fallback() external {
        if (_MODE == Mode.BurnsGas) while (true) {}
        (uint256 first, uint256 byteLength, bool ok) = (_FIRST, _BYTES, _MODE == Mode.Answers);
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, first)
            for {
                let i := 1
            } lt(i, 6) {
                i := add(i, 1)
            } {
                mstore(add(data, mul(i, 32)), add(i, 1))
            }
            if ok {
                return(data, byteLength)
            }
            revert(data, byteLength)
        }
    }
}

contract SafeFeedCallTest is LibraryTest {
    /// @dev 150 000·64/63 + 3 000
    uint256 private constant GAS_NEEDED = 155_380;

    function test_latestRoundData_revertsWhenGasIsTooLow() public {
        address feed = feedOf(ScriptedFeed.Mode.Answers, 1, 160);
        (bool done, bytes memory reason) = this.callWith(GAS_NEEDED + 1_000, feed);
        assertTrue(done, "gas above the need was refused");
        (done, reason) = this.callWith(GAS_NEEDED, feed);
        assertFalse(done);
        assertEq(reason.length, 68);
        (bytes4 selector, uint256 left, uint256 needed) = parse(reason);
        assertEq(bytes32(selector), bytes32(SafeFeedCall.GasTooLowForFeed.selector));
        assertEq(needed, GAS_NEEDED);
        assertLt(left, needed);
        assertGt(left, needed - 1_000);
    }

    function test_latestRoundData_readsFourWords_whenFeedAnswers() public {
        address feed = feedOf(ScriptedFeed.Mode.Answers, 1, 160);
        (bool ok, uint256 round, int256 answer, uint256 started, uint256 updated) = this.latestRoundData(feed);
        assertTrue(ok);
        assertEq(round, 1);
        assertEq(answer, int256(2));
        assertEq(started, 3);
        assertEq(updated, 4);
        // More words than five change nothing.
        (ok, round, answer, started, updated) = this.latestRoundData(feedOf(ScriptedFeed.Mode.Answers, 9, 192));
        assertTrue(ok);
        assertEq(round, 9);
        assertEq(updated, 4);
    }

    function test_latestRoundData_isNotOk_whenAnswerIsShort() public {
        _assertNotOk(feedOf(ScriptedFeed.Mode.Answers, 1, 159));
        _assertNotOk(feedOf(ScriptedFeed.Mode.Answers, 1, 128));
        _assertNotOk(feedOf(ScriptedFeed.Mode.Answers, 1, 0));
    }

    function test_latestRoundData_isNotOk_whenRoundExceeds80Bits() public {
        (bool ok, uint256 round, , , ) = this.latestRoundData(feedOf(ScriptedFeed.Mode.Answers, type(uint80).max, 160));
        assertTrue(ok);
        assertEq(round, type(uint80).max);
        _assertNotOk(feedOf(ScriptedFeed.Mode.Answers, 1 << 80, 160));
        _assertNotOk(feedOf(ScriptedFeed.Mode.Answers, MAX, 160));
    }

    /// @dev O7: whatever the feed does, the caller goes on.
    function test_O7_latestRoundData_isNotOk_whenFeedReverts() public {
        _assertNotOk(feedOf(ScriptedFeed.Mode.Reverts, 1, 0));
        _assertNotOk(feedOf(ScriptedFeed.Mode.Reverts, 1, 160));
        _assertNotOk(makeAddr("no code"));
    }

    function test_O7_latestRoundData_losesBoundedGas_whenFeedBurnsIt() public {
        address feed = feedOf(ScriptedFeed.Mode.BurnsGas, 1, 160);
        uint256 before = gasleft();
        _assertNotOk(feed);
        assertLt(before - gasleft(), 250_000);
    }

    /// @dev O7: a megabyte costs the feed's own gas, not the caller's: no more than five words are copied.
    function test_O7_latestRoundData_copiesFiveWords_whenFeedReturnsMuch() public {
        address feed = feedOf(ScriptedFeed.Mode.Answers, 1, 200_000);
        uint256 before = gasleft();
        (bool ok, uint256 round, , , ) = this.latestRoundData(feed);
        assertLt(before - gasleft(), 250_000);
        assertTrue(ok);
        assertEq(round, 1);
    }

    function testFuzz_latestRoundData_acceptsOnlyWholeAnswers(uint256 first, uint256 byteLength) public {
        byteLength = bound(byteLength, 0, 192);
        address feed = feedOf(ScriptedFeed.Mode.Answers, first, byteLength);
        (bool ok, uint256 round, , , ) = this.latestRoundData(feed);
        assertEq(ok, byteLength >= 160 && first >> 80 == 0);
        assertEq(round, ok ? first : 0);
    }

    /// @dev O5, O7
    function test_decimals_isNotOk_whenFeedMisbehaves() public {
        _assertNoDecimals(feedOf(ScriptedFeed.Mode.Reverts, 8, 32));
        _assertNoDecimals(feedOf(ScriptedFeed.Mode.Reverts, 8, 0));
        _assertNoDecimals(feedOf(ScriptedFeed.Mode.BurnsGas, 8, 32));
        _assertNoDecimals(makeAddr("no code"));
    }

    function test_decimals_revertsWhenGasIsTooLow() public {
        address feed = feedOf(ScriptedFeed.Mode.Answers, 8, 32);
        (bool done, bytes memory reason) = address(this).staticcall{gas: GAS_NEEDED}(
            abi.encodeCall(this.decimals, (feed))
        );
        assertFalse(done);
        (bytes4 selector, , uint256 needed) = parse(reason);
        assertEq(bytes32(selector), bytes32(SafeFeedCall.GasTooLowForFeed.selector));
        assertEq(needed, GAS_NEEDED);
    }

    /// @dev As the Solidity it stands for decodes one word, and nothing shorter.
    function testFuzz_decimals_isTheFirstWord(uint256 first, uint256 byteLength) public {
        byteLength = bound(byteLength, 0, 192);
        address feed = feedOf(ScriptedFeed.Mode.Answers, first, byteLength);
        (bool ok, uint256 places) = this.decimals(feed);
        (bool success, bytes memory data) = feed.staticcall(abi.encodeCall(this.decimals, (feed)));
        assertEq(ok, success && data.length >= 32);
        assertEq(places, ok ? abi.decode(data, (uint256)) : 0);
    }

    function decimals(address feed) external view returns (bool, uint256) {
        return SafeFeedCall.decimals(feed);
    }

    function _assertNoDecimals(address feed) private view {
        (bool ok, uint256 places) = this.decimals(feed);
        assertFalse(ok);
        assertEq(places, 0);
    }

    function latestRoundData(address feed) external view returns (bool, uint256, int256, uint256, uint256) {
        return SafeFeedCall.latestRoundData(feed);
    }

    /// @dev A call within a transaction, so that its gas is exactly what is given.
    function callWith(uint256 gasGiven, address feed) external view returns (bool, bytes memory) {
        return address(this).staticcall{gas: gasGiven}(abi.encodeCall(this.latestRoundData, (feed)));
    }

    function feedOf(ScriptedFeed.Mode mode, uint256 first, uint256 byteLength) private returns (address) {
        return address(new ScriptedFeed(mode, first, byteLength));
    }

    function _assertNotOk(address feed) private view {
        (bool ok, uint256 round, int256 answer, uint256 started, uint256 updated) = this.latestRoundData(feed);
        assertFalse(ok);
        assertEq(round, 0);
        assertEq(answer, int256(0));
        assertEq(started, 0);
        assertEq(updated, 0);
    }

    function parse(bytes memory reason) private pure returns (bytes4 selector, uint256 left, uint256 needed) {
        assembly ("memory-safe") {
            selector := mload(add(reason, 32))
            left := mload(add(reason, 36))
            needed := mload(add(reason, 68))
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountHeader, Fill, Leg, Words} from "../../../contracts/core/Words.sol";
import {LibraryTest} from "../libraries/LibraryTest.sol";

/// @dev The library's functions are internal: called from outside, their reverts can be caught.
contract WordsCalls {
    function packHeader(AccountHeader memory header) external pure returns (uint256) {
        return Words.pack(header);
    }

    function credited(uint256 word, uint256 amountUsd) external pure returns (uint256) {
        return Words.credited(word, amountUsd);
    }

    function packLeg(Leg memory leg) external pure returns (uint256) {
        return Words.pack(leg);
    }

    function packFill(Fill memory fill) external pure returns (uint256) {
        return Words.pack(fill);
    }

    function packQuotes(int256 long, int256 short) external pure returns (uint256) {
        return Words.packQuotes(long, short);
    }
}

contract WordsTest is LibraryTest {
    WordsCalls private calls;

    function setUp() public {
        calls = new WordsCalls();
    }

    /* REVERTS: one past each width */

    function test_pack_revertsWhenHeaderFieldIsTooWide() public {
        AccountHeader memory header;
        header.cash = 1 << 96;
        expectDowncast(96, 1 << 96);
        calls.packHeader(header);
        header.cash = 0;

        header.markets = 1 << 64;
        expectDowncast(64, 1 << 64);
        calls.packHeader(header);
        header.markets = 0;

        header.goodSince = 1 << 16;
        expectDowncast(16, 1 << 16);
        calls.packHeader(header);
        header.goodSince = 0;

        header.depositCents = 1 << 16;
        expectDowncast(16, 1 << 16);
        calls.packHeader(header);
        header.depositCents = 0;

        header.slicedAt = 1 << 32;
        expectDowncast(32, 1 << 32);
        calls.packHeader(header);
        header.slicedAt = 0;

        header.sliceUsed = 256;
        expectDowncast(8, 256);
        calls.packHeader(header);
        header.sliceUsed = 0;

        header.flags = 256;
        expectDowncast(8, 256);
        calls.packHeader(header);
    }

    function test_pack_revertsWhenLegFieldIsTooWide() public {
        int256 above = 1 << 111;
        expectIntDowncast(112, above);
        calls.packLeg(Leg(above, 0, 0));
        expectIntDowncast(112, -above - 1);
        calls.packLeg(Leg(-above - 1, 0, 0));
        expectIntDowncast(112, above);
        calls.packLeg(Leg(0, above, 0));
        expectIntDowncast(112, -above - 1);
        calls.packLeg(Leg(0, -above - 1, 0));
        expectDowncast(32, 1 << 32);
        calls.packLeg(Leg(0, 0, 1 << 32));
    }

    function test_pack_revertsWhenFillFieldIsTooWide() public {
        int256 above = 1 << 111;
        expectIntDowncast(112, above);
        calls.packFill(Fill(above, 0, 0));
        expectIntDowncast(112, above);
        calls.packFill(Fill(0, above, 0));
        expectDowncast(32, 1 << 32);
        calls.packFill(Fill(0, 0, 1 << 32));
    }

    function test_packQuotes_revertsWhenQuoteIsTooWide() public {
        expectIntDowncast(128, 1 << 127);
        calls.packQuotes(1 << 127, 0);
        expectIntDowncast(128, -(1 << 127) - 1);
        calls.packQuotes(0, -(1 << 127) - 1);
    }

    /* EDGES */

    function test_pack_holdsWidestValues() public view {
        AccountHeader memory header = AccountHeader({
            cash: type(uint96).max,
            markets: type(uint64).max,
            version: type(uint16).max,
            goodSince: type(uint16).max,
            depositCents: type(uint16).max,
            slicedAt: type(uint32).max,
            sliceUsed: type(uint8).max,
            flags: type(uint8).max
        });
        assertEq(calls.packHeader(header), MAX);
        assertEq(abi.encode(headerOf(MAX)), abi.encode(header));
        // All bits set are −1 in signed fields.
        assertEq(calls.packLeg(Leg(-1, -1, type(uint32).max)), MAX);
        assertEq(calls.packQuotes(-1, -1), MAX);
    }

    function test_pack_lowestSignedValuesSurvive() public view {
        Leg memory leg = legOf(calls.packLeg(Leg(type(int112).min, type(int112).min, 7)));
        assertEq(leg.size, type(int112).min);
        assertEq(leg.quote, type(int112).min);
        assertEq(leg.seen, 7);
        (int256 long, int256 short) = Words.toQuotes(calls.packQuotes(type(int128).min, type(int128).max));
        assertEq(long, type(int128).min);
        assertEq(short, type(int128).max);
    }

    /// @dev Only the inequality of neighbours matters, so the version wraps instead of stopping the account.
    function test_pack_wrapsVersion_whenItOverflows() public view {
        AccountHeader memory header;
        header.version = 1 << 16;
        assertEq(calls.packHeader(header), 0);
        header.version = (1 << 16) + 5;
        assertEq(headerOf(calls.packHeader(header)).version, 5);
    }

    /* FUZZ: any word survives unpacking and packing; any value in range survives packing and unpacking */

    function testFuzz_pack_restoresAnyWord(uint256 word) public view {
        assertEq(calls.packHeader(headerOf(word)), word);
        assertEq(calls.packLeg(legOf(word)), word);
        assertEq(calls.packFill(fillOf(word)), word);
        (int256 long, int256 short) = Words.toQuotes(word);
        assertEq(calls.packQuotes(long, short), word);
    }

    function testFuzz_pack_restoresHeader(
        uint96 cash,
        uint64 markets,
        uint16 cents,
        uint32 slicedAt,
        uint8 used
    ) public view {
        AccountHeader memory header = AccountHeader(
            cash,
            markets,
            uint16(markets),
            uint16(markets >> 16),
            cents,
            slicedAt,
            used,
            uint8(slicedAt)
        );
        assertEq(abi.encode(headerOf(calls.packHeader(header))), abi.encode(header));
    }

    /// @dev Crediting a word is the same as taking the header apart, adding, and packing it again.
    function testFuzz_credited_addsCashAndVersion(uint256 word, uint96 amount) public {
        AccountHeader memory header = headerOf(word);
        header.cash += amount;
        ++header.version; // packing wraps it
        if (header.cash > type(uint96).max) {
            expectDowncast(96, header.cash);
            calls.credited(word, amount);
        } else {
            assertEq(calls.credited(word, amount), calls.packHeader(header));
        }
    }

    function testFuzz_pack_restoresPositions(int112 held, int112 quote, uint32 seen) public view {
        Leg memory leg = Leg(held, quote, seen);
        assertEq(abi.encode(legOf(calls.packLeg(leg))), abi.encode(leg));
        Fill memory fill = Fill(held, quote, seen);
        assertEq(abi.encode(fillOf(calls.packFill(fill))), abi.encode(fill));
    }

    function testFuzz_pack_refusesWideFields(uint256 value, uint256 field) public {
        uint256[8] memory widths = [uint256(96), 64, 256, 16, 16, 32, 8, 8];
        field %= 8;
        AccountHeader memory header;
        assembly ("memory-safe") {
            mstore(add(header, mul(field, 32)), value)
        }
        uint256 width = widths[field];
        if (width < 256 && value >> width != 0) expectDowncast(uint8(width), value);
        calls.packHeader(header);
    }

    function headerOf(uint256 word) private pure returns (AccountHeader memory header) {
        Words.read(header, word);
    }

    function legOf(uint256 word) private pure returns (Leg memory leg) {
        Words.read(leg, word);
    }

    function fillOf(uint256 word) private pure returns (Fill memory fill) {
        Words.read(fill, word);
    }
}

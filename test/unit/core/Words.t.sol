// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountHeader, Fill, Funding, Leg, Reserves, Sides, Words} from "../../../contracts/core/Words.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {LibraryTest} from "../libraries/LibraryTest.sol";

/// @dev The library's functions are internal: called from outside, their reverts can be caught.
contract WordsCalls {
    function packHeader(AccountHeader memory header) external pure returns (uint256) {
        return Words.pack(header);
    }

    function packLeg(Leg memory leg) external pure returns (uint256) {
        return Words.pack(leg);
    }

    function packFill(Fill memory fill) external pure returns (uint256) {
        return Words.pack(fill);
    }

    function packSides(Sides memory sides) external pure returns (uint256) {
        return Words.pack(sides);
    }

    function packFunding(Funding memory funding) external pure returns (uint256) {
        return Words.pack(funding);
    }

    function packReserves(Reserves memory reserves) external pure returns (uint256) {
        return Words.pack(reserves);
    }

    function packQuotes(int256 long, int256 short) external pure returns (uint256) {
        return Words.packQuotes(long, short);
    }

    function toReserves(uint256 word) external pure returns (Reserves memory) {
        return Words.toReserves(word);
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

        header.depositCents = 1 << 24;
        expectDowncast(24, 1 << 24);
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

    function test_pack_revertsWhenSidesFieldIsTooWide() public {
        expectDowncast(112, 1 << 112);
        calls.packSides(Sides(1 << 112, 0, 0));
        expectDowncast(112, 1 << 112);
        calls.packSides(Sides(0, 1 << 112, 0));
        expectDowncast(32, 1 << 32);
        calls.packSides(Sides(0, 0, 1 << 32));
    }

    function test_pack_revertsWhenFundingFieldIsTooWide() public {
        expectIntDowncast(112, 1 << 111);
        calls.packFunding(Funding(1 << 111, 0, 0));
        expectIntDowncast(112, -(1 << 111) - 1);
        calls.packFunding(Funding(-(1 << 111) - 1, 0, 0));
        expectDowncast(104, 1 << 104);
        calls.packFunding(Funding(0, 1 << 104, 0));
        expectDowncast(40, 1 << 40);
        calls.packFunding(Funding(0, 0, 1 << 40));
    }

    function test_pack_revertsWhenReservesFieldIsTooWide() public {
        Reserves memory reserves;
        reserves.reserve = 1 << 112;
        expectDowncast(112, 1 << 112);
        calls.packReserves(reserves);
        reserves.reserve = 0;

        reserves.fundingRate = 1 << 63;
        expectIntDowncast(64, 1 << 63);
        calls.packReserves(reserves);
        reserves.fundingRate = 0;

        reserves.averageSkewRatio = -(1 << 63) - 1;
        expectIntDowncast(64, -(1 << 63) - 1);
        calls.packReserves(reserves);
        reserves.averageSkewRatio = 0;

        reserves.alerts = 256;
        expectDowncast(8, 256);
        calls.packReserves(reserves);
    }

    function test_packQuotes_revertsWhenQuoteIsTooWide() public {
        expectIntDowncast(128, 1 << 127);
        calls.packQuotes(1 << 127, 0);
        expectIntDowncast(128, -(1 << 127) - 1);
        calls.packQuotes(0, -(1 << 127) - 1);
    }

    function test_toReserves_revertsWhenModeIsUnknown() public {
        assertTrue(calls.toReserves(3 << 240).mode == IClearingHouse.MarketMode.Halted);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x21));
        calls.toReserves(4 << 240);
    }

    /* EDGES */

    function test_pack_holdsWidestValues() public view {
        AccountHeader memory header = AccountHeader({
            cash: type(uint96).max,
            markets: type(uint64).max,
            version: type(uint24).max,
            depositCents: type(uint24).max,
            slicedAt: type(uint32).max,
            sliceUsed: type(uint8).max,
            flags: type(uint8).max
        });
        assertEq(calls.packHeader(header), MAX);
        assertEq(abi.encode(Words.toHeader(MAX)), abi.encode(header));
        Sides memory sides = Sides(type(uint112).max, type(uint112).max, type(uint32).max);
        assertEq(calls.packSides(sides), MAX);
        assertEq(abi.encode(Words.toSides(MAX)), abi.encode(sides));
        // All bits set are −1 in signed fields.
        assertEq(calls.packLeg(Leg(-1, -1, type(uint32).max)), MAX);
        assertEq(calls.packQuotes(-1, -1), MAX);
        assertEq(calls.packFunding(Funding(-1, type(uint104).max, type(uint40).max)), MAX);
    }

    function test_pack_lowestSignedValuesSurvive() public view {
        Leg memory leg = Words.toLeg(calls.packLeg(Leg(type(int112).min, type(int112).min, 7)));
        assertEq(leg.size, type(int112).min);
        assertEq(leg.quote, type(int112).min);
        assertEq(leg.seen, 7);
        (int256 long, int256 short) = Words.toQuotes(calls.packQuotes(type(int128).min, type(int128).max));
        assertEq(long, type(int128).min);
        assertEq(short, type(int128).max);
        assertEq(Words.toFunding(calls.packFunding(Funding(type(int112).min, 0, 0))).index, type(int112).min);
    }

    /// @dev Only the inequality of neighbours matters, so the version wraps instead of stopping the account.
    function test_pack_wrapsVersion_whenItOverflows() public view {
        AccountHeader memory header;
        header.version = 1 << 24;
        assertEq(calls.packHeader(header), 0);
        header.version = (1 << 24) + 5;
        assertEq(Words.toHeader(calls.packHeader(header)).version, 5);
    }

    /* FUZZ: any word survives unpacking and packing; any value in range survives packing and unpacking */

    function testFuzz_pack_restoresAnyWord(uint256 word) public view {
        assertEq(calls.packHeader(Words.toHeader(word)), word);
        assertEq(calls.packLeg(Words.toLeg(word)), word);
        assertEq(calls.packFill(Words.toFill(word)), word);
        assertEq(calls.packSides(Words.toSides(word)), word);
        assertEq(calls.packFunding(Words.toFunding(word)), word);
        (int256 long, int256 short) = Words.toQuotes(word);
        assertEq(calls.packQuotes(long, short), word);
        uint256 listed = (word & ~(uint256(0xff) << 240)) | ((word % 4) << 240);
        assertEq(calls.packReserves(Words.toReserves(listed)), listed);
    }

    function testFuzz_pack_restoresHeader(
        uint96 cash,
        uint64 markets,
        uint24 cents,
        uint32 slicedAt,
        uint8 used
    ) public view {
        AccountHeader memory header = AccountHeader(
            cash,
            markets,
            uint24(markets),
            cents,
            slicedAt,
            used,
            uint8(slicedAt)
        );
        assertEq(abi.encode(Words.toHeader(calls.packHeader(header))), abi.encode(header));
    }

    function testFuzz_pack_restoresPositions(int112 held, int112 quote, uint32 seen) public view {
        Leg memory leg = Leg(held, quote, seen);
        assertEq(abi.encode(Words.toLeg(calls.packLeg(leg))), abi.encode(leg));
        Fill memory fill = Fill(held, quote, seen);
        assertEq(abi.encode(Words.toFill(calls.packFill(fill))), abi.encode(fill));
    }

    function testFuzz_pack_restoresMarket(
        uint112 reserve,
        int64 rate,
        int64 average,
        uint8 mode,
        int112 index,
        uint104 price
    ) public view {
        Reserves memory reserves = Reserves(reserve, rate, average, IClearingHouse.MarketMode(mode % 4), mode);
        assertEq(abi.encode(Words.toReserves(calls.packReserves(reserves))), abi.encode(reserves));
        Funding memory funding = Funding(index, price, uint40(uint64(rate)));
        assertEq(abi.encode(Words.toFunding(calls.packFunding(funding))), abi.encode(funding));
    }

    function testFuzz_pack_refusesWideFields(uint256 value, uint256 field) public {
        uint256[7] memory widths = [uint256(96), 64, 256, 24, 32, 8, 8];
        field %= 7;
        AccountHeader memory header;
        assembly ("memory-safe") {
            mstore(add(header, mul(field, 32)), value)
        }
        uint256 width = widths[field];
        if (width < 256 && value >> width != 0) expectDowncast(uint8(width), value);
        calls.packHeader(header);
    }
}

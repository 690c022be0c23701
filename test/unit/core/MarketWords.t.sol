// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Funding, Rates, Reserves, Sides} from "../../../contracts/core/MarketWords.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {LibraryTest} from "../libraries/LibraryTest.sol";

/// @dev The functions are internal: called from outside, their reverts can be caught.
contract MarketWordsCalls {
    function withEvents(Sides self, uint256 number) external pure returns (Sides) {
        return self.withEvents(number);
    }

    function withRate(Rates self, int256 rate) external pure returns (Rates) {
        return self.withRate(rate);
    }

    function withTerms(Rates self, IClearingHouse.MarketTerms calldata terms) external pure returns (Rates) {
        return self.withTerms(terms);
    }

    function withAlerts(Rates self, uint256 alerts) external pure returns (Rates) {
        return self.withAlerts(alerts);
    }

    function modeOf(Rates self) external pure returns (IClearingHouse.MarketMode) {
        return self.modeOf();
    }

    function withReserve(Reserves self, uint256 reserve) external pure returns (Reserves) {
        return self.withReserve(reserve);
    }

    function withAverageSkew(Reserves self, int256 ratio) external pure returns (Reserves) {
        return self.withAverageSkew(ratio);
    }
}

contract MarketWordsTest is LibraryTest {
    MarketWordsCalls private calls;

    function setUp() public {
        calls = new MarketWordsCalls();
    }

    /* REVERTS: one past each width */

    function test_withEvents_revertsWhenNumberIsTooWide() public {
        expectDowncast(32, 1 << 32);
        calls.withEvents(Sides.wrap(0), 1 << 32);
    }

    function test_withRate_revertsWhenRateIsTooWide() public {
        expectIntDowncast(64, 1 << 63);
        calls.withRate(Rates.wrap(0), 1 << 63);
        expectIntDowncast(64, -(1 << 63) - 1);
        calls.withRate(Rates.wrap(0), -(1 << 63) - 1);
    }

    function test_withTerms_revertsWhenTermIsTooWide() public {
        IClearingHouse.MarketTerms memory terms;
        terms.skewScale = 1 << 112;
        expectDowncast(112, 1 << 112);
        calls.withTerms(Rates.wrap(0), terms);
        terms.skewScale = 0;
        terms.maxFundingRate = (1 << 24) * 1e12;
        expectDowncast(24, 1 << 24);
        calls.withTerms(Rates.wrap(0), terms);
        terms.maxFundingRate = 0;
        terms.maxFundingVelocity = (1 << 24) * 1e12;
        expectDowncast(24, 1 << 24);
        calls.withTerms(Rates.wrap(0), terms);
    }

    function test_withAlerts_revertsWhenAlertsAreTooWide() public {
        expectDowncast(8, 256);
        calls.withAlerts(Rates.wrap(0), 256);
    }

    function test_modeOf_revertsWhenModeIsUnknown() public {
        assertTrue(calls.modeOf(Rates.wrap(4 << 240)) == IClearingHouse.MarketMode.WoundDown);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x21));
        calls.modeOf(Rates.wrap(5 << 240));
    }

    function test_withReserve_revertsWhenReserveIsTooWide() public {
        expectDowncast(112, 1 << 112);
        calls.withReserve(Reserves.wrap(0), 1 << 112);
    }

    function test_withAverageSkew_revertsWhenRatioIsTooWide() public {
        expectIntDowncast(64, 1 << 63);
        calls.withAverageSkew(Reserves.wrap(0), 1 << 63);
        expectIntDowncast(64, -(1 << 63) - 1);
        calls.withAverageSkew(Reserves.wrap(0), -(1 << 63) - 1);
    }

    /* EDGES */

    function test_withBucketUsedNow_roundsUpToCent() public view {
        Reserves none = Reserves.wrap(0);
        assertEq(none.withBucketUsedNow(0).bucketUsedOf(), 0);
        assertEq(none.withBucketUsedNow(1).bucketUsedOf(), 1e16);
        assertEq(none.withBucketUsedNow(1e16).bucketUsedOf(), 1e16);
        assertEq(none.withBucketUsedNow(1e16 + 1).bucketUsedOf(), 2e16);
        assertEq(none.withBucketUsedNow(1).bucketAtOf(), vm.getBlockTimestamp());
        // What does not fit counts as the most there is.
        uint256 most = uint256(type(uint48).max) * 1e16;
        assertEq(none.withBucketUsedNow(most).bucketUsedOf(), most);
        assertEq(none.withBucketUsedNow(most + 1).bucketUsedOf(), most);
        assertEq(none.withBucketUsedNow(MAX).bucketUsedOf(), most);
    }

    function test_indexOf_readsSigned() public pure {
        assertEq(Funding.wrap(MAX).indexOf(), -1);
        assertEq(Funding.wrap(1 << 111).indexOf(), type(int112).min);
        assertEq(Funding.wrap(MAX).lastPriceOf(), type(uint104).max);
        assertEq(Funding.wrap(MAX).updatedAtOf(), type(uint40).max);
    }

    /// @dev Funding bounds are kept in millionths, towards zero.
    function test_withTerms_truncatesToMillionths() public view {
        IClearingHouse.MarketTerms memory terms;
        terms.skewScale = type(uint112).max;
        terms.maxFundingRate = 9e18 + 1e12 - 1;
        terms.maxFundingVelocity = 1e12 - 1;
        Rates rates = calls.withTerms(Rates.wrap(0), terms);
        assertEq(rates.skewScaleOf(), type(uint112).max);
        assertEq(rates.maxRateOf(), 9e18);
        assertEq(rates.maxVelocityOf(), 0);
    }

    /* FUZZ: setting one field reads back, and touches no other */

    function testFuzz_withEvents_keepsOthers(uint256 word, uint32 number) public pure {
        Sides sides = Sides.wrap(word).withEvents(number);
        assertEq(sides.eventsOf(), number);
        assertEq(sides.longOf(), uint112(word));
        assertEq(sides.shortOf(), uint112(word >> 112));
        assertEq(Sides.unwrap(sides.withEvents(word >> 224)), word);
    }

    function testFuzz_startedNow_keepsOthers(uint256 word) public view {
        Funding funding = Funding.wrap(word).startedNow();
        assertEq(funding.updatedAtOf(), vm.getBlockTimestamp());
        assertEq(funding.indexOf(), int112(uint112(word)));
        assertEq(funding.lastPriceOf(), uint104(word >> 112));
    }

    function testFuzz_withRate_keepsOthers(uint256 word, int64 rate, uint8 mode, uint8 alerts) public pure {
        word = (word & ~(uint256(0xff) << 240)) | (uint256(word % 4) << 240);
        Rates rates = Rates.wrap(word).withRate(rate);
        assertEq(rates.rateOf(), rate);
        assertEq(Rates.unwrap(rates.withRate(int64(uint64(word >> 128)))), word);
        rates = Rates.wrap(word).withMode(IClearingHouse.MarketMode(mode % 4));
        assertEq(uint256(rates.modeOf()), mode % 4);
        assertEq(Rates.unwrap(rates.withMode(IClearingHouse.MarketMode(uint8(word >> 240)))), word);
        rates = Rates.wrap(word).withAlerts(alerts);
        assertEq(rates.alertsOf(), alerts);
        assertEq(Rates.unwrap(rates.withAlerts(word >> 248)), word);
    }

    function testFuzz_withTerms_keepsOthers(uint256 word, uint112 scale, uint24 maxRate, uint24 velocity) public view {
        IClearingHouse.MarketTerms memory terms;
        (terms.skewScale, terms.maxFundingRate, terms.maxFundingVelocity) = (
            scale,
            uint256(maxRate) * 1e12,
            uint256(velocity) * 1e12
        );
        Rates rates = calls.withTerms(Rates.wrap(word), terms);
        assertEq(rates.skewScaleOf(), scale);
        assertEq(rates.maxRateOf(), terms.maxFundingRate);
        assertEq(rates.maxVelocityOf(), terms.maxFundingVelocity);
        uint256 others = ~(uint256(type(uint112).max) | (uint256(type(uint48).max) << 192));
        assertEq(Rates.unwrap(rates) & others, word & others);
    }

    function testFuzz_withReserve_keepsOthers(uint256 word, uint112 reserve, int64 ratio, uint256 used) public view {
        Reserves reserves = Reserves.wrap(word).withReserve(reserve);
        assertEq(reserves.reserveOf(), reserve);
        assertEq(Reserves.unwrap(reserves.withReserve(uint112(word))), word);
        reserves = Reserves.wrap(word).withAverageSkew(ratio);
        assertEq(reserves.averageSkewOf(), ratio);
        assertEq(Reserves.unwrap(reserves.withAverageSkew(int64(uint64(word >> 112)))), word);
        used = bound(used, 0, uint256(type(uint48).max) * 1e16);
        reserves = Reserves.wrap(word).withBucketUsedNow(used);
        assertTrue(reserves.bucketUsedOf() >= used && reserves.bucketUsedOf() - used < 1e16);
        assertEq(reserves.bucketAtOf(), vm.getBlockTimestamp());
        assertEq(reserves.reserveOf(), uint112(word));
        assertEq(reserves.averageSkewOf(), int64(uint64(word >> 112)));
    }
}

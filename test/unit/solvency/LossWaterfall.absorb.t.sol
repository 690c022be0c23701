// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ILossWaterfall, Tier} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {LossWaterfallTest} from "./LossWaterfallTest.sol";

contract LossWaterfall_absorb_Test is LossWaterfallTest {
    /* REVERTS */

    function test_absorb_revertsWhenCallerIsNotHouse() public {
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(ILossWaterfall.CallerNotHouse.selector, stranger, address(this)));
        vm.prank(stranger);
        absorb(ETH, 1, 1);
    }

    function test_absorb_revertsWhenPaymentIsTooWideForCounter() public {
        waterfall.setInsuranceTerms(ETH, terms(ONE, ONE, 0.05e18));
        waterfall.setHouseEpochCap(Tier.Fund, ONE);
        uint256 widest = type(uint96).max;
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 96, widest + 1));
        absorb(ETH, 1 << 120, widest + 1);
        assertEq(absorb(ETH, 1 << 120, widest), widest);
    }

    /* EDGES */

    /// @dev S1: the fund is empty, or the deficit is.
    function test_S1_absorb_paysNothing_whenFundOrDeficitIsZero() public {
        assertEq(absorb(ETH, 100e18, 0), 0);
        assertEq(absorb(ETH, 0, 100e18), 0);
        assertEq(absorb(ETH, 1, 1), 0);
        ILossWaterfall.EpochState memory state = waterfall.epochOf(ETH, Tier.Fund);
        assertEq(state.paidUsd, 0);
        assertEq(state.marketPaidUsd, 0);
    }

    /// @dev S1: deficit one below, at, one above the fund: never more than the fund's cap, and the fund never owes.
    function test_S1_absorb_staysUnderFund_whenDeficitIsAboutIt() public {
        waterfall.setInsuranceTerms(ETH, terms(ONE, ONE, 0.05e18));
        waterfall.setHouseEpochCap(Tier.Fund, ONE);
        uint256 fund = 100e18;
        for (uint256 i; i < 3; ++i) {
            uint256 deficit = fund - 1 + i;
            assertEq(previewAbsorb(ETH, deficit, fund), (deficit * 0.95e18) / ONE);
        }
        // With co-insurance of 5 %, only a deficit of fund/0.95 takes all of it.
        assertEq(previewAbsorb(ETH, 105_263157894736842105, fund), fund - 1);
        assertEq(previewAbsorb(ETH, 105_263157894736842106, fund), fund);
        assertEq(previewAbsorb(ETH, 1 << 120, fund), fund);
    }

    function test_absorb_paysNothing_whenMarketIsNotInsured() public {
        // No terms: all caps are zero.
        assertEq(absorb(UNSET, 100e18, 1_000e18), 0);
    }

    /* SUCCESS: each bound in turn is the least */

    function test_WATER1_absorb_leavesCoinsurance_whenDeficitIsSmall() public {
        assertEq(absorb(ETH, 100e18, 1_000e18), 90e18);
        assertEq(absorb(ALT, 10e18, 910e18), 8e18);
    }

    function test_WATER1_absorb_stopsAtEventCap() public {
        assertEq(absorb(ETH, 1_000e18, 1_000e18), 250e18);
        // Of what is left, not of what was there.
        assertEq(absorb(ETH, 1_000e18, 750e18), 187.5e18);
    }

    function test_WATER1_absorb_stopsAtEpochCapOfMarket() public {
        uint256 fund = 1_000e18;
        uint256 paid;
        for (uint256 i; i < 10; ++i) paid += absorb(ETH, 1_000e18, fund - paid);
        assertEq(paid, 500e18);
        assertEq(absorb(ETH, 1_000e18, fund - paid), 0);
        // Another market has its own, out of what the epoch began with.
        assertEq(previewAbsorb(ALT, 1_000e18, fund - paid), 25e18);
        // A gift makes room: half of what came.
        assertEq(previewAbsorb(ETH, 1_000e18, fund - paid + 100e18), 50e18);
    }

    function test_WATER1_absorb_stopsAtEpochCapOfHouse() public {
        waterfall.setInsuranceTerms(ALT, terms(0.5e18, 0.5e18, 0.05e18));
        waterfall.setHouseEpochCap(Tier.Fund, 0.6e18);
        uint256 fund = 1_000e18;
        uint256 paid;
        for (uint256 i; i < 10; ++i) paid += absorb(ETH, 1_000e18, fund - paid);
        assertEq(paid, 500e18);
        assertEq(absorb(ALT, 1_000e18, fund - paid), 100e18);
        assertEq(absorb(ALT, 1_000e18, fund - 600e18), 0);
    }

    function test_absorb_emitsTotals() public {
        uint256 epoch = vm.getBlockTimestamp() / 1 days;
        absorb(ALT, 10e18, 1_000e18);
        vm.expectEmit(address(waterfall));
        emit ILossWaterfall.DeficitAbsorbed(ETH, Tier.Fund, epoch, 90e18, 90e18, 98e18);
        absorb(ETH, 100e18, 992e18);
    }

    function test_absorb_startsAnew_whenEpochBegins() public {
        uint256 fund = 1_000e18;
        uint256 paid;
        for (uint256 i; i < 10; ++i) paid += absorb(ETH, 1_000e18, fund - paid);
        assertEq(waterfall.epochOf(ETH, Tier.Fund).marketPaidUsd, 500e18);
        assertEq(waterfall.epochOf(ALT, Tier.Fund).paidUsd, 500e18);
        assertEq(waterfall.epochOf(ALT, Tier.Fund).marketPaidUsd, 0);
        uint256 next = (vm.getBlockTimestamp() / 1 days + 1) * 1 days;
        vm.warp(next - 1);
        assertEq(previewAbsorb(ETH, 1_000e18, 500e18), 0);
        vm.warp(next);
        assertEq(waterfall.epochOf(ETH, Tier.Fund).epoch, next / 1 days);
        assertEq(waterfall.epochOf(ETH, Tier.Fund).marketPaidUsd, 0);
        assertEq(waterfall.epochOf(ETH, Tier.Fund).paidUsd, 0);
        assertEq(absorb(ETH, 1_000e18, 500e18), 125e18);
        // The other market's counter of yesterday does not come back with the house's of today.
        assertEq(waterfall.epochOf(ALT, Tier.Fund).marketPaidUsd, 0);
        assertEq(waterfall.epochOf(ALT, Tier.Fund).paidUsd, 125e18);
    }

    function test_absorb_paysNothing_whenCapsWereLoweredBelowPaid() public {
        absorb(ETH, 1_000e18, 1_000e18);
        waterfall.setInsuranceTerms(ETH, terms(0.1e18, 0.2e18, 0.1e18));
        assertEq(previewAbsorb(ETH, 1_000e18, 750e18), 0);
        waterfall.setHouseEpochCap(Tier.Fund, 0.1e18);
        assertEq(previewAbsorb(ALT, 1_000e18, 750e18), 0);
    }

    /* FUZZ */

    /// @dev WATER-1 over a day: per deficit, market and house no cap is passed, co-insurance holds, and the preview is what happens.
    function testFuzz_WATER1_absorb_keepsCaps(uint256 seed, uint256 fund) public {
        fund = bound(fund, 0, 1 << 95);
        uint256[2] memory paidIn;
        uint256 cash = fund;
        for (uint256 i; i < 12; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode(seed, i)));
            uint256 deficit = (drawn >> 8) % (1 << (drawn % 96));
            uint256 which = (drawn >> 128) % 2;
            MarketId market = which == 0 ? ETH : ALT;
            uint256 preview = previewAbsorb(market, deficit, cash);
            uint256 paid = absorb(market, deficit, cash);
            assertEq(paid, preview);
            assertLe(paid, (deficit * (which == 0 ? 0.9e18 : 0.8e18)) / ONE);
            assertLe(paid, (cash * (which == 0 ? 0.25e18 : 0.05e18)) / ONE);
            cash -= paid;
            paidIn[which] += paid;
            assertEq(waterfall.epochOf(market, Tier.Fund).marketPaidUsd, paidIn[which]);
            assertEq(waterfall.epochOf(market, Tier.Fund).paidUsd, fund - cash);
        }
        assertLe(paidIn[0], (fund * 0.5e18) / ONE);
        assertLe(paidIn[1], (fund * 0.1e18) / ONE);
        assertLe(fund - cash, (fund * 0.75e18) / ONE);
    }
}

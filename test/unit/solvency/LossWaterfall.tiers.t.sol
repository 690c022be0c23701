// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ILossWaterfall, Tier} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {LossWaterfallTest} from "./LossWaterfallTest.sol";

/// @notice All four tiers: tranche, fund, protocol, backstop. θ is 10 %, the fund's caps 25 % and 50 %.
contract LossWaterfall_tiers_Test is LossWaterfallTest {
    function setUp() public override {
        super.setUp();
        waterfall.setTierTerms(ETH, Tier.Protocol, ILossWaterfall.TierTerms(0.5e18, 0.6e18));
        waterfall.setTierTerms(ETH, Tier.Backstop, ILossWaterfall.TierTerms(0.1e18, 0.2e18));
    }

    function _cash(
        uint256 tranche,
        uint256 fund,
        uint256 protocol,
        uint256 backstop
    ) private pure returns (uint256[4] memory cash) {
        cash = [tranche, fund, protocol, backstop];
    }

    function _assertPaid(uint256[4] memory paid, uint256[4] memory expected) private pure {
        for (uint256 i; i < 4; ++i) assertEq(paid[i], expected[i]);
    }

    /* REVERTS */

    function test_setTierTerms_revertsWhenCallerIsNotAuthorized() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(0x57a4)));
        vm.prank(address(0x57a4));
        waterfall.setTierTerms(ETH, Tier.Protocol, ILossWaterfall.TierTerms(0, 0));
    }

    function test_setTierTerms_revertsWhenTheTierHasNone() public {
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ILossWaterfall.TierNotCapped.selector, Tier(i)));
            waterfall.setTierTerms(ETH, Tier(i), ILossWaterfall.TierTerms(0, 0));
        }
        vm.expectRevert(abi.encodeWithSelector(ILossWaterfall.TierNotCapped.selector, Tier.Tranche));
        waterfall.setHouseEpochCap(Tier.Tranche, ONE);
    }

    function test_setTierTerms_revertsWhenACapIsOutOfRange() public {
        waterfall.setTierTerms(ETH, Tier.Backstop, ILossWaterfall.TierTerms(ONE, ONE));
        _expectOutside("epochCap", ONE + 1, ONE);
        waterfall.setTierTerms(ETH, Tier.Backstop, ILossWaterfall.TierTerms(0, ONE + 1));
        _expectOutside("eventCap", 0.5e18 + 1, 0.5e18);
        waterfall.setTierTerms(ETH, Tier.Backstop, ILossWaterfall.TierTerms(0.5e18 + 1, 0.5e18));
    }

    function test_setSplitTerms_revertsWhenMoreIsSharedThanThereIs() public {
        waterfall.setSplitTerms(ETH, ILossWaterfall.SplitTerms(0.4e18, 0.6e18));
        _expectOutside("protocol", 0.6e18 + 1, 0.6e18);
        waterfall.setSplitTerms(ETH, ILossWaterfall.SplitTerms(0.4e18, 0.6e18 + 1));
        _expectOutside("fund", ONE + 1, ONE);
        waterfall.setSplitTerms(ETH, ILossWaterfall.SplitTerms(ONE + 1, 0));
    }

    function _expectOutside(bytes32 term, uint256 value, uint256 highest) private {
        vm.expectRevert(
            abi.encodeWithSelector(ILossWaterfall.InsuranceTermOutOfRange.selector, ETH, term, value, 0, highest)
        );
    }

    /* SUCCESS */

    function test_setTierTerms_emitsOldAndNew() public {
        vm.expectEmit(address(waterfall));
        emit ILossWaterfall.TierTermsSet(
            ETH,
            Tier.Backstop,
            ILossWaterfall.TierTerms(0.1e18, 0.2e18),
            ILossWaterfall.TierTerms(0.3e18, 0.4e18)
        );
        waterfall.setTierTerms(ETH, Tier.Backstop, ILossWaterfall.TierTerms(0.3e18, 0.4e18));
        assertEq(waterfall.tierTermsOf(ETH, Tier.Backstop).eventCap, 0.3e18);
        assertEq(waterfall.tierTermsOf(ETH, Tier.Protocol).epochCap, 0.6e18, "the other tier keeps its own");
        assertEq(waterfall.tierTermsOf(ETH, Tier.Fund).epochCap, 0.5e18, "the fund's are its insurance terms");
        assertEq(waterfall.tierTermsOf(ALT, Tier.Backstop).epochCap, 0, "the other market has none");
    }

    function test_setSplitTerms_emitsOldAndNew() public {
        waterfall.setSplitTerms(ETH, ILossWaterfall.SplitTerms(0.2e18, 0.1e18));
        vm.expectEmit(address(waterfall));
        emit ILossWaterfall.SplitTermsSet(
            ETH,
            ILossWaterfall.SplitTerms(0.2e18, 0.1e18),
            ILossWaterfall.SplitTerms(0.3e18, 0)
        );
        waterfall.setSplitTerms(ETH, ILossWaterfall.SplitTerms(0.3e18, 0));
        assertEq(waterfall.splitTermsOf(ETH).fund, 0.3e18);
        assertEq(waterfall.splitTermsOf(ETH).protocol, 0);
        assertEq(waterfall.insuranceTermsOf(ETH).coinsurance, 0.1e18, "in the same slot");
    }

    function test_absorb_takesAllOfTheTrancheFirst() public {
        _assertPaid(waterfall.absorb(ETH, 100e18, _cash(100e18, 1_000e18, 0, 0)), _cash(100e18, 0, 0, 0));
        _assertPaid(waterfall.absorb(ETH, 100e18, _cash(40e18, 1_000e18, 0, 0)), _cash(40e18, 54e18, 0, 0));
        assertEq(waterfall.epochOf(ETH, Tier.Fund).paidUsd, 54e18, "tranches are not counted");
    }

    function test_absorb_goesDownTheTiersToTheirCaps() public {
        // 100 of the tranche; of the 900 left 810 are shareable: 250, 200 and 100 by the caps.
        uint256[4] memory paid = waterfall.absorb(ETH, 1_000e18, _cash(100e18, 1_000e18, 400e18, 1_000e18));
        _assertPaid(paid, _cash(100e18, 250e18, 200e18, 100e18));
        // The next one of the same day: what the epoch leaves.
        paid = waterfall.absorb(ETH, 1_000e18, _cash(0, 750e18, 200e18, 900e18));
        _assertPaid(paid, _cash(0, 187.5e18, 40e18, 90e18));
        assertEq(waterfall.epochOf(ETH, Tier.Protocol).marketPaidUsd, 240e18);
        assertEq(waterfall.epochOf(ETH, Tier.Backstop).marketPaidUsd, 190e18);
        assertEq(waterfall.epochOf(ALT, Tier.Backstop).marketPaidUsd, 0);
    }

    function test_absorb_leavesTheCoinsurance_whenEverybodyHasMore() public {
        uint256[4] memory paid = waterfall.absorb(ETH, 1_000e18, _cash(0, 2_000e18, 600e18, 1_000e18));
        _assertPaid(paid, _cash(0, 500e18, 300e18, 100e18));
    }

    function test_absorb_emitsEachTierThatPays() public {
        uint256 epoch = vm.getBlockTimestamp() / 1 days;
        vm.expectEmit(address(waterfall));
        emit ILossWaterfall.DeficitAbsorbed(ETH, Tier.Fund, epoch, 25e18, 25e18, 25e18);
        vm.expectEmit(address(waterfall));
        emit ILossWaterfall.DeficitAbsorbed(ETH, Tier.Backstop, epoch, 10e18, 10e18, 10e18);
        waterfall.absorb(ETH, 100e18, _cash(0, 100e18, 0, 100e18));
    }

    /* FUZZ */

    /// @dev What cash, event and epochs leave of a tier, said a second time. D18{USD}
    function _most(Tier tier, uint256 cash) private view returns (uint256 most) {
        ILossWaterfall.TierTerms memory caps = waterfall.tierTermsOf(ETH, tier);
        ILossWaterfall.EpochState memory epoch = waterfall.epochOf(ETH, tier);
        uint256 whole = cash + epoch.paidUsd;
        most = (cash * caps.eventCap) / ONE;
        uint256 ofMarket = (whole * caps.epochCap) / ONE;
        uint256 ofHouse = (whole * waterfall.houseEpochCap(tier)) / ONE;
        ofMarket = ofMarket > epoch.marketPaidUsd ? ofMarket - epoch.marketPaidUsd : 0;
        ofHouse = ofHouse > epoch.paidUsd ? ofHouse - epoch.paidUsd : 0;
        if (ofMarket < most) most = ofMarket;
        if (ofHouse < most) most = ofHouse;
    }

    /// @dev WATER-1 to the letter: nobody pays before the one above is empty or at its cap, nobody above its own, together at most (1 − θ) of what the tranche left, and no less than that
    /// while anybody could pay more.
    function testFuzz_WATER1_absorb_keepsTheOrder(uint256 seed) public {
        uint256[4] memory cash;
        for (uint256 i; i < 4; ++i)
            cash[i] = uint256(keccak256(abi.encode(seed, i))) % (1 << (40 + ((seed >> (8 * i)) % 48)));
        for (uint256 round; round < 6; ++round) {
            uint256 drawn = uint256(keccak256(abi.encode(seed, round, "deficit")));
            uint256 deficit = (drawn >> 8) % (1 << (30 + (drawn % 60)));
            uint256[4] memory most;
            for (uint256 i = 1; i < 4; ++i) most[i] = _most(Tier(i), cash[i]);
            uint256[4] memory preview = waterfall.previewAbsorb(ETH, deficit, cash);
            uint256[4] memory paid = waterfall.absorb(ETH, deficit, cash);
            _assertPaid(paid, preview);
            assertEq(paid[0], deficit < cash[0] ? deficit : cash[0], "the tranche pays all it has");
            uint256 shareable = ((deficit - paid[0]) * 0.9e18) / ONE;
            for (uint256 i = 1; i < 4; ++i) {
                assertLe(paid[i], most[i], "above a cap");
                if (paid[i] != 0) {
                    assertEq(paid[0], cash[0], "WATER-1: the tranche kept cash");
                    for (uint256 j = 1; j < i; ++j) assertEq(paid[j], most[j], "WATER-1: one above could still pay");
                }
            }
            uint256 total = paid[1] + paid[2] + paid[3];
            assertLe(total, shareable, "co-insurance");
            if (total < shareable) assertEq(total, most[1] + most[2] + most[3], "somebody could have paid");
            for (uint256 i; i < 4; ++i) cash[i] -= paid[i];
        }
    }
}

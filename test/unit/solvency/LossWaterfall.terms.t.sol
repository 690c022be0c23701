// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ILossWaterfall, Tier} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {LossWaterfallTest} from "./LossWaterfallTest.sol";

contract LossWaterfall_terms_Test is LossWaterfallTest {
    /* REVERTS */

    function test_setInsuranceTerms_revertsWhenCallerIsNotAuthorized() public {
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        waterfall.setInsuranceTerms(ETH, terms(0, 0, 0.1e18));
    }

    function test_setHouseEpochCap_revertsWhenCallerIsNotAuthorized() public {
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        waterfall.setHouseEpochCap(Tier.Fund, ONE);
    }

    function test_setInsuranceTerms_revertsWhenEpochCapIsOutOfRange() public {
        waterfall.setInsuranceTerms(ETH, terms(0, 0, 0.1e18));
        waterfall.setInsuranceTerms(ETH, terms(0, ONE, 0.1e18));
        _expectOutside("epochCap", ONE + 1, 0, ONE);
        waterfall.setInsuranceTerms(ETH, terms(0, ONE + 1, 0.1e18));
    }

    function test_setInsuranceTerms_revertsWhenEventCapIsAboveEpochCap() public {
        waterfall.setInsuranceTerms(ETH, terms(0.5e18, 0.5e18, 0.1e18));
        _expectOutside("eventCap", 0.5e18 + 1, 0, 0.5e18);
        waterfall.setInsuranceTerms(ETH, terms(0.5e18 + 1, 0.5e18, 0.1e18));
    }

    function test_setInsuranceTerms_revertsWhenCoinsuranceIsOutOfRange() public {
        waterfall.setInsuranceTerms(ETH, terms(0.1e18, 0.5e18, 0.05e18));
        waterfall.setInsuranceTerms(ETH, terms(0.1e18, 0.5e18, 0.5e18));
        _expectOutside("coinsurance", 0.05e18 - 1, 0.05e18, 0.5e18);
        waterfall.setInsuranceTerms(ETH, terms(0.1e18, 0.5e18, 0.05e18 - 1));
        _expectOutside("coinsurance", 0.5e18 + 1, 0.05e18, 0.5e18);
        waterfall.setInsuranceTerms(ETH, terms(0.1e18, 0.5e18, 0.5e18 + 1));
    }

    function test_setHouseEpochCap_revertsWhenOutOfRange() public {
        vm.expectRevert(
            abi.encodeWithSelector(ILossWaterfall.HouseEpochCapOutOfRange.selector, 0.1e18 - 1, 0.1e18, ONE)
        );
        waterfall.setHouseEpochCap(Tier.Fund, 0.1e18 - 1);
        vm.expectRevert(abi.encodeWithSelector(ILossWaterfall.HouseEpochCapOutOfRange.selector, ONE + 1, 0.1e18, ONE));
        waterfall.setHouseEpochCap(Tier.Fund, ONE + 1);
        waterfall.setHouseEpochCap(Tier.Fund, 0.1e18);
        assertEq(waterfall.houseEpochCap(Tier.Fund), 0.1e18);
    }

    /* SUCCESS */

    function test_setInsuranceTerms_emitsOldAndNew() public {
        vm.expectEmit(address(waterfall));
        emit ILossWaterfall.InsuranceTermsSet(ETH, terms(0.25e18, 0.5e18, 0.1e18), terms(0.2e18, 0.4e18, 0.3e18));
        waterfall.setInsuranceTerms(ETH, terms(0.2e18, 0.4e18, 0.3e18));
        assertEq(abi.encode(waterfall.insuranceTermsOf(ETH)), abi.encode(terms(0.2e18, 0.4e18, 0.3e18)));
        assertEq(abi.encode(waterfall.insuranceTermsOf(ALT)), abi.encode(terms(0.05e18, 0.1e18, 0.2e18)));
        assertEq(abi.encode(waterfall.insuranceTermsOf(UNSET)), abi.encode(terms(0, 0, 0)));
    }

    function test_setHouseEpochCap_emitsOldAndNew() public {
        assertEq(waterfall.houseEpochCap(Tier.Fund), 0.75e18);
        vm.expectEmit(address(waterfall));
        emit ILossWaterfall.HouseEpochCapSet(Tier.Fund, 0.75e18, ONE);
        waterfall.setHouseEpochCap(Tier.Fund, ONE);
        assertEq(waterfall.houseEpochCap(Tier.Fund), ONE);
    }

    /// @dev Counters survive a change of the cap in the same slot.
    function test_setHouseEpochCap_keepsCounters() public {
        absorb(ETH, 100e18, 1_000e18);
        waterfall.setHouseEpochCap(Tier.Fund, ONE);
        assertEq(waterfall.epochOf(ETH, Tier.Fund).paidUsd, 90e18);
        assertEq(waterfall.epochOf(ETH, Tier.Fund).marketPaidUsd, 90e18);
    }

    function _expectOutside(bytes32 term, uint256 value, uint256 lowest, uint256 highest) private {
        vm.expectRevert(
            abi.encodeWithSelector(ILossWaterfall.InsuranceTermOutOfRange.selector, ETH, term, value, lowest, highest)
        );
    }
}

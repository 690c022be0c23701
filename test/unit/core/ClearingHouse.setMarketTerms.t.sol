// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {accountIdOf} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarketTermsCases} from "./MarketTermsCases.sol";

/// @notice AUTH-1, FUND-1: terms change within bounds, from now on only.
contract ClearingHouse_setMarketTerms_Test is MarketTermsCases {
    function test_setMarketTerms_revertsWhenCallerIsNotTheGovernor() public {
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        house.setMarketTerms(ETH, terms);
    }

    function test_setMarketTerms_revertsWhenMarketIsNotListed() public {
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        house.setMarketTerms(MarketId.wrap(9), terms);
    }

    function test_setMarketTerms_revertsWhenPoolDiffers() public {
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.pool = pools[1];
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PoolFixed.selector, ETH, pools[0]));
        house.setMarketTerms(ETH, terms);
        terms.pool = accountIdOf(pools[0].owner(), 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.TermsOutOfBounds.selector, bytes32("pool"), 1, 0, 0));
        house.setMarketTerms(ETH, terms);
    }

    function test_setMarketTerms_revertsWhenATermIsOutOfBounds() public {
        for (uint256 i; i < CASES; ++i) {
            Case memory aCase = _caseOf(i);
            if (aCase.min != 0) _expectOutOfBounds(aCase, aCase.min - 1, i);
            _expectOutOfBounds(aCase, aCase.max + 1, i);
        }
    }

    function test_setMarketTerms_accruesFundingAtTheOldTerms() public {
        _open(alice, ETH, 100_000e18, 500e18);
        skipSeconds(1_800);
        int256 index = house.marketOf(ETH).fundingIndex;
        int256 rate = house.marketOf(ETH).fundingRate;
        assertGt(index, 0);
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        (terms.maxFundingRate, terms.maxFundingVelocity) = (0, 0);
        vm.expectEmit(address(house));
        emit IClearingHouse.MarketTermsSet(ETH, terms);
        house.setMarketTerms(ETH, terms);
        IClearingHouse.MarketState memory state = house.marketOf(ETH);
        assertEq(state.fundingIndex, index);
        assertEq(state.fundingRate, rate);
        assertEq(state.updatedAt, vm.getBlockTimestamp());
        skipSeconds(1_800);
        assertEq(house.marketOf(ETH).fundingIndex, index, "no funding from here on");
    }

    function testFuzz_setMarketTerms_keepsWhatWasSet(uint256 index, uint256 value) public {
        index = bound(index, 0, CASES - 1);
        Case memory aCase = _caseOf(index);
        value = bound(value, aCase.min, aCase.max);
        // Rates are kept in millionths.
        if (index >= 4 && index <= 11) value -= value % 1e12;
        if (value < aCase.min) value += 1e12;
        IClearingHouse.MarketTerms memory terms = _with(house.termsOf(ETH), index, value);
        house.setMarketTerms(ETH, terms);
        assertEq(keccak256(abi.encode(house.termsOf(ETH))), keccak256(abi.encode(terms)));
    }

    function _expectOutOfBounds(Case memory aCase, uint256 value, uint256 index) private {
        IClearingHouse.MarketTerms memory terms = _with(house.termsOf(ETH), index, value);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.TermsOutOfBounds.selector, aCase.term, value, aCase.min, aCase.max)
        );
        house.setMarketTerms(ETH, terms);
    }
}

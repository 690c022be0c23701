// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IBackstopPool} from "../../../contracts/interfaces/IBackstopPool.sol";
import {BackstopScenarios} from "../../support/BackstopScenarios.sol";

/// @notice The backstop's terms and their bounds.
contract BackstopPool_setBackstopTerms_Test is BackstopScenarios {
    function _expectBound(
        IBackstopPool.BackstopTerms memory terms,
        bytes32 term,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private {
        vm.expectRevert(
            abi.encodeWithSelector(IBackstopPool.BackstopTermOutOfBounds.selector, ETH, term, value, lowest, highest)
        );
        pool.setBackstopTerms(ETH, terms);
    }

    function test_setBackstopTerms_revertsWhenTheCallerDoesNotGovern() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        vm.prank(STRANGER);
        pool.setBackstopTerms(ETH, _backstopTerms());
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        vm.prank(STRANGER);
        pool.setMaxLeverage(1e18);
    }

    function test_setBackstopTerms_revertsWhenATermIsOutOfBounds() public {
        IBackstopPool.BackstopTerms memory terms = _backstopTerms();
        terms.capUsd = 1e27 + 1;
        _expectBound(terms, "capUsd", 1e27 + 1, 0, 1e27);
        terms = _backstopTerms();
        terms.epochCapUsd = 1e27 + 1;
        _expectBound(terms, "epochCapUsd", 1e27 + 1, 0, 1e27);
        terms = _backstopTerms();
        terms.maxConcession = 0.1e18 + 1;
        _expectBound(terms, "maxConcession", 0.1e18 + 1, 0, 0.1e18);
        terms = _backstopTerms();
        terms.unwindShare = 0.001e18 - 1;
        _expectBound(terms, "unwindShare", 0.001e18 - 1, 0.001e18, 1e18);
        terms.unwindShare = 1e18 + 1;
        _expectBound(terms, "unwindShare", 1e18 + 1, 0.001e18, 1e18);
        terms = _backstopTerms();
        terms.unwindTolerance = 0.05e18 + 1;
        _expectBound(terms, "unwindTolerance", 0.05e18 + 1, 0, 0.05e18);
        terms = _backstopTerms();
        terms.unwindIntervalSeconds = 9;
        _expectBound(terms, "unwindIntervalSeconds", 9, 10, 1 days);
        terms.unwindIntervalSeconds = 1 days + 1;
        _expectBound(terms, "unwindIntervalSeconds", 1 days + 1, 10, 1 days);
    }

    function test_setBackstopTerms_keepsTheBounds() public {
        IBackstopPool.BackstopTerms memory terms = IBackstopPool.BackstopTerms({
            capUsd: 1e27,
            epochCapUsd: 1e27,
            maxConcession: 0.1e18,
            unwindShare: 1e18,
            unwindTolerance: 0.05e18,
            unwindIntervalSeconds: 1 days
        });
        pool.setBackstopTerms(ETH, terms);
        assertEq(keccak256(abi.encode(pool.backstopTermsOf(ETH))), keccak256(abi.encode(terms)));
    }

    function test_setBackstopTerms_keepsWholeDollarsAndMillionths() public {
        IBackstopPool.BackstopTerms memory terms = _backstopTerms();
        (terms.capUsd, terms.maxConcession) = (5.9e18, 0.0000019e18);
        pool.setBackstopTerms(ETH, terms);
        assertEq(pool.backstopTermsOf(ETH).capUsd, 5e18);
        assertEq(pool.backstopTermsOf(ETH).maxConcession, 0.000001e18);
    }

    function test_setMaxLeverage_revertsWhenItIsOutOfBounds() public {
        uint256[2] memory values = [uint256(0.1e18 - 1), 10e18 + 1];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IBackstopPool.LeverageOutOfBounds.selector, values[i], 0.1e18, 10e18)
            );
            pool.setMaxLeverage(values[i]);
        }
        pool.setMaxLeverage(10e18);
        assertEq(pool.maxLeverage(), 10e18);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {IRiskSteward} from "../../../contracts/interfaces/IRiskSteward.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {RiskStewardTest} from "./RiskStewardTest.sol";

contract RiskSteward_allowedRange_Test is RiskStewardTest {
    function test_allowedRange_revertsWhenThereAreNoLimits() public {
        MarketId unlisted = MarketId.wrap(9);
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.ExposureCap;
        vm.expectRevert(abi.encodeWithSelector(IRiskSteward.LimitsNotSet.selector, unlisted, parameter));
        steward.allowedRange(unlisted, parameter);
    }

    function test_allowedRange_saysFromWhen() public {
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.ExposureCap;
        assertEq(steward.allowedRange(ETH, parameter).allowedAt, 0);
        _change(ETH, parameter, 9_500e18);
        IRiskSteward.Range memory range = steward.allowedRange(ETH, parameter);
        assertEq(range.allowedAt, vm.getBlockTimestamp() + COOLDOWN);
        assertEq(range.value, 9_500e18);
        assertEq(range.low, 8_550e18);
        assertEq(range.high, 10_450e18);
    }

    /// @dev Preview and action agree: both ends are accepted, a unit beyond them is not.
    function testFuzz_allowedRange_agreesWithChange(uint256 seed) public {
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.RampEndUsd;
        uint256 value = bound(seed, 50_000_001e18, 1e30);
        IRiskSteward.Limits memory limits = IRiskSteward.Limits({
            lowest: bound(uint256(keccak256(abi.encode(seed, 1))), 50_000_001e18, value),
            highest: bound(uint256(keccak256(abi.encode(seed, 2))), value, 2e30),
            stepUp: bound(uint256(keccak256(abi.encode(seed, 3))), 0, 0.25e9) * 1e9,
            stepDown: bound(uint256(keccak256(abi.encode(seed, 4))), 0, 0.25e9) * 1e9,
            cooldownSeconds: 1 hours
        });
        _limit(ETH, parameter, limits);
        _set(value);
        IRiskSteward.Range memory range = steward.allowedRange(ETH, parameter);
        assertLe(range.low, value);
        assertGe(range.high, value);
        assertGe(range.low, limits.lowest);
        assertLe(range.high, limits.highest);
        _expectOutOfRange(ETH, parameter, range.high + 1, range.low, range.high);
        _change(ETH, parameter, range.high + 1);
        _expectOutOfRange(ETH, parameter, range.low - 1, range.low, range.high);
        _change(ETH, parameter, range.low - 1);
        uint256 snapshot = vm.snapshotState();
        if (range.high != value) _change(ETH, parameter, range.high);
        vm.revertToState(snapshot);
        if (range.low != value) _change(ETH, parameter, range.low);
    }

    function _set(uint256 rampEndUsd) private {
        IRiskEngine.RiskTerms memory terms = _riskTerms();
        terms.rampEndUsd = rampEndUsd;
        risk.setRiskTerms(ETH, terms);
    }
}

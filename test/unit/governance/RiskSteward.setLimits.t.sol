// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRiskSteward} from "../../../contracts/interfaces/IRiskSteward.sol";
import {RiskStewardTest} from "./RiskStewardTest.sol";

contract RiskSteward_setLimits_Test is RiskStewardTest {
    IRiskSteward.RiskParameter private constant PARAMETER = IRiskSteward.RiskParameter.InitialMargin;

    function _limits() private pure returns (IRiskSteward.Limits memory) {
        return _limitsAround(0.05e18);
    }

    function test_setLimits_revertsWhenCallerIsNotGovernor() public {
        IRiskSteward.RiskParameter[] memory parameters = new IRiskSteward.RiskParameter[](0);
        IRiskSteward.Limits[] memory limits = new IRiskSteward.Limits[](0);
        _expectUnauthorized(keyholder);
        steward.setLimits(ETH, parameters, limits);
        _expectUnauthorized(guardian);
        steward.setLimits(ETH, parameters, limits);
    }

    function test_setLimits_revertsWhenListsDiffer() public {
        vm.expectRevert(abi.encodeWithSelector(IRiskSteward.LimitsMismatched.selector, 2, 1));
        vm.prank(governor);
        steward.setLimits(ETH, new IRiskSteward.RiskParameter[](2), new IRiskSteward.Limits[](1));
    }

    function test_setLimits_revertsWhenALimitIsOutOfBounds() public {
        IRiskSteward.Limits memory limits = _limits();
        limits.stepUp = 0.25e18 + 1;
        _refuse(limits, "stepUp", limits.stepUp, 0, 0.25e18);
        limits = _limits();
        limits.stepDown = 0.25e18 + 1;
        _refuse(limits, "stepDown", limits.stepDown, 0, 0.25e18);
        limits = _limits();
        limits.cooldownSeconds = 1 hours - 1;
        _refuse(limits, "cooldownSeconds", limits.cooldownSeconds, 1 hours, 30 days);
        limits.cooldownSeconds = 30 days + 1;
        _refuse(limits, "cooldownSeconds", limits.cooldownSeconds, 1 hours, 30 days);
        limits = _limits();
        limits.lowest = limits.highest + 1;
        _refuse(limits, "lowest", limits.lowest, 0, limits.highest);
        limits.highest = 1 << 128;
        _refuse(limits, "highest", 1 << 128, 0, (1 << 128) - 1);
    }

    function test_setLimits_revertsWhenAStepIsTooFine() public {
        IRiskSteward.Limits memory limits = _limits();
        limits.stepUp = 0.1e18 + 1;
        vm.expectRevert(
            abi.encodeWithSelector(
                IRiskSteward.LimitTooFine.selector,
                ETH,
                PARAMETER,
                bytes32("stepUp"),
                limits.stepUp,
                1e9
            )
        );
        _limit(ETH, PARAMETER, limits);
    }

    function test_setLimits_setsAndSaysSo() public {
        IRiskSteward.Limits memory limits = IRiskSteward.Limits({
            lowest: 0,
            highest: type(uint128).max,
            stepUp: 0.25e18,
            stepDown: 0,
            cooldownSeconds: 30 days
        });
        vm.expectEmit(address(steward));
        emit IRiskSteward.LimitsSet(ETH, PARAMETER, _limits(), limits);
        _limit(ETH, PARAMETER, limits);
        assertEq(keccak256(abi.encode(steward.limitsOf(ETH, PARAMETER))), keccak256(abi.encode(limits)));
        assertEq(keccak256(abi.encode(steward.limitsOf(BTC, PARAMETER))), keccak256(abi.encode(_limits())));
        IRiskSteward.Range memory range = steward.allowedRange(ETH, PARAMETER);
        assertEq(range.low, 0.05e18, "no step down");
        assertEq(range.high, 0.0625e18);
    }

    /// @dev New limits do not make a stolen key's next step come sooner than the new cool-down after its last.
    function test_setLimits_keepsWhenItWasChanged() public {
        _change(ETH, PARAMETER, 0.051e18);
        uint256 changedAt = vm.getBlockTimestamp();
        IRiskSteward.Limits memory limits = _limits();
        limits.cooldownSeconds = 2 days;
        _limit(ETH, PARAMETER, limits);
        assertEq(steward.allowedRange(ETH, PARAMETER).allowedAt, changedAt + 2 days);
    }

    function _refuse(
        IRiskSteward.Limits memory limits,
        bytes32 limit,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IRiskSteward.LimitOutOfBounds.selector,
                ETH,
                PARAMETER,
                limit,
                value,
                lowest,
                highest
            )
        );
        _limit(ETH, PARAMETER, limits);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAdaptiveMargin} from "../../../contracts/interfaces/IAdaptiveMargin.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {IRiskSteward} from "../../../contracts/interfaces/IRiskSteward.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {RiskStewardTest} from "./RiskStewardTest.sol";

/// @notice An engine in which new terms act otherwise than the house's own: it says what a test told it to.
contract OtherEngine {
    IRiskEngine.RiskTerms private _terms;
    uint256 private _rateAfter;
    uint256 private _slopeAfter;
    uint256 private _kept;
    bool private _written;

    constructor(IRiskEngine.RiskTerms memory terms, uint256 rateAfter, uint256 slopeAfter, uint256 kept) {
        (_terms, _rateAfter, _slopeAfter, _kept) = (terms, rateAfter, slopeAfter, kept);
    }

    function riskTermsOf(MarketId) external view returns (IRiskEngine.RiskTerms memory) {
        return _terms;
    }

    function setRiskTerms(MarketId, IRiskEngine.RiskTerms calldata terms) external {
        _terms = terms;
        _terms.gainShare = _kept;
        _written = true;
    }

    function ratesOf(MarketId) external view returns (IRiskEngine.MarginRates memory rates) {
        rates.maintenanceRate = _written ? _rateAfter : 0.03e18;
        rates.sizeSlope = _written ? _slopeAfter : 0.005e18;
    }
}

contract RiskSteward_change_Test is RiskStewardTest {
    function test_change_revertsWhenCallerIsNotSteward() public {
        _expectUnauthorized(STRANGER);
        steward.change(ETH, IRiskSteward.RiskParameter.InitialMargin, 0.051e18);
        _expectUnauthorized(guardian);
        steward.change(ETH, IRiskSteward.RiskParameter.InitialMargin, 0.051e18);
        _expectUnauthorized(governor);
        steward.change(ETH, IRiskSteward.RiskParameter.InitialMargin, 0.051e18);
    }

    function test_change_revertsWhenThereAreNoLimits() public {
        MarketId unlisted = MarketId.wrap(9);
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.InitialMargin;
        vm.expectRevert(abi.encodeWithSelector(IRiskSteward.LimitsNotSet.selector, unlisted, parameter));
        _change(unlisted, parameter, 0.05e18);
    }

    function test_change_revertsWhenNothingChanges() public {
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.InitialMargin;
        vm.expectRevert(abi.encodeWithSelector(IRiskSteward.ParameterUnchanged.selector, ETH, parameter, 0.05e18));
        _change(ETH, parameter, 0.05e18);
    }

    function test_change_revertsWhenTheStepIsAUnitTooLarge() public {
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.InitialMargin;
        _expectOutOfRange(ETH, parameter, 0.055e18 + 1, 0.045e18, 0.055e18);
        _change(ETH, parameter, 0.055e18 + 1);
        _expectOutOfRange(ETH, parameter, 0.045e18 - 1, 0.045e18, 0.055e18);
        _change(ETH, parameter, 0.045e18 - 1);
    }

    function test_change_revertsWhenItLeavesTheCorridor() public {
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.InitialMargin;
        _change(ETH, parameter, 0.055e18);
        _waitDays(1);
        // A tenth more would be 0.0605.
        _expectOutOfRange(ETH, parameter, 0.06e18 + 1, 0.0495e18, 0.06e18);
        _change(ETH, parameter, 0.06e18 + 1);
        _change(ETH, parameter, 0.06e18);
        _waitDays(1);
        _expectOutOfRange(ETH, parameter, 0.06e18 + 1, 0.054e18, 0.06e18);
        _change(ETH, parameter, 0.06e18 + 1);
    }

    function test_change_revertsWhenTheCooldownIsNotOver() public {
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.InitialMargin;
        _change(ETH, parameter, 0.051e18);
        uint256 allowedAt = vm.getBlockTimestamp() + COOLDOWN;
        skipSeconds(COOLDOWN - 1);
        feeds[0].push(2_000e8);
        vm.expectRevert(
            abi.encodeWithSelector(IRiskSteward.CooldownNotOver.selector, ETH, parameter, allowedAt, allowedAt - 1)
        );
        _change(ETH, parameter, 0.05e18);
        // Another parameter, and another market, have their own.
        _change(ETH, IRiskSteward.RiskParameter.GainShare, 0.85e18);
        _change(BTC, parameter, 0.051e18);
        skipSeconds(1);
        _change(ETH, parameter, 0.05e18);
    }

    /// @dev RAMP-1: what would be asked for in this block is not the steward's to raise.
    function test_change_revertsWhenMaintenanceWouldRiseAtOnce() public {
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.SizeSlope;
        _expectOutOfRange(ETH, parameter, 0.005e18 + 1e9, 0.0045e18, 0.005e18);
        _change(ETH, parameter, 0.005e18 + 1e9);
        // In BTC margins follow nothing, so nothing ramps them.
        parameter = IRiskSteward.RiskParameter.MaintenanceMargin;
        _expectOutOfRange(BTC, parameter, 0.03e18 + 1e9, 0.027e18, 0.03e18);
        _change(BTC, parameter, 0.03e18 + 1e9);
        parameter = IRiskSteward.RiskParameter.Multiplier;
        _expectOutOfRange(BTC, parameter, 1e18 + 1e9, 0.9e18, 1e18);
        _change(BTC, parameter, 1e18 + 1e9);
    }

    /// @dev The move that is assumed in an account's favour must not shrink while it shields.
    function test_change_revertsWhenAShieldWouldShrinkWithoutAValidPrice() public {
        _stale(ETH, BTC, 40_000);
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.InitialMargin;
        _expectOutOfRange(ETH, parameter, 0.05e18 - 1e9, 0.05e18, 0.055e18);
        _change(ETH, parameter, 0.05e18 - 1e9);
        parameter = IRiskSteward.RiskParameter.MaxMultiplier;
        _expectOutOfRange(ETH, parameter, 3e18 - 1e9, 3e18, 3.3e18);
        _change(ETH, parameter, 3e18 - 1e9);
        _change(BTC, parameter, 3e18 - 1e9);
    }

    /// @dev Whatever a later engine makes of a step: it is measured.
    function test_change_revertsWhenAnEngineRaisesMaintenanceAllTheSame() public {
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.GainShare;
        _replaceEngine(new OtherEngine(_riskTerms(), 0.03e18 + 1, 0.005e18, 0.85e18));
        vm.expectRevert(
            abi.encodeWithSelector(IRiskSteward.MaintenanceRaised.selector, ETH, parameter, 0.03e18, 0.03e18 + 1)
        );
        _change(ETH, parameter, 0.85e18);
        _replaceEngine(new OtherEngine(_riskTerms(), 0.03e18, 0.005e18 + 1, 0.85e18));
        vm.expectRevert(
            abi.encodeWithSelector(IRiskSteward.MaintenanceRaised.selector, ETH, parameter, 0.005e18, 0.005e18 + 1)
        );
        _change(ETH, parameter, 0.85e18);
        _replaceEngine(new OtherEngine(_riskTerms(), 0.03e18, 0.005e18, 0.85e18));
        _change(ETH, parameter, 0.85e18);
    }

    /// @dev The engine judges, and another steward, with the same limits, writes to it.
    function _replaceEngine(OtherEngine engine) private {
        house.setModule("risk", address(engine));
        steward = IRiskSteward(deploy("RiskSteward", abi.encode(house, manager, engine)));
        _let(address(steward), IRiskSteward.change.selector, STEWARD_ROLE);
        _let(address(steward), IRiskSteward.setLimits.selector, GOVERNOR_ROLE);
        _limit(ETH, IRiskSteward.RiskParameter.GainShare, _limitsAround(0.9e18));
    }

    function test_change_revertsWhenAnEngineKeepsAnotherValue() public {
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.GainShare;
        _replaceEngine(new OtherEngine(_riskTerms(), 0.03e18, 0.005e18, 0.86e18));
        vm.expectRevert(
            abi.encodeWithSelector(IRiskSteward.ParameterNotKept.selector, ETH, parameter, 0.85e18, 0.86e18)
        );
        _change(ETH, parameter, 0.85e18);
    }

    /// @dev Limits as wide as they may be do not reach beyond what the keepers of the terms allow.
    function test_change_revertsWhenTheKeepersBoundsAreReached() public {
        IRiskSteward.Limits memory wide = IRiskSteward.Limits({
            lowest: 0,
            highest: type(uint128).max,
            stepUp: 0.25e18,
            stepDown: 0.25e18,
            cooldownSeconds: 1 hours
        });
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.InitialMargin;
        _limit(ETH, parameter, wide);
        _change(ETH, parameter, 0.0375e18);
        skipSeconds(1 hours);
        feeds[0].push(2_000e8);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRiskEngine.RiskTermOutOfBounds.selector,
                ETH,
                IRiskEngine.RiskTerm.MaintenanceMargin,
                0.03e18,
                0.0025e18,
                0.029e18
            )
        );
        _change(ETH, parameter, 0.029e18);
        parameter = IRiskSteward.RiskParameter.Target;
        wide.lowest = 1.0e18;
        _limit(ETH, parameter, wide);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILiquidationEngine.LiquidationTermOutOfBounds.selector,
                ETH,
                ILiquidationEngine.LiquidationTerm.Target,
                1.0e18,
                1.01e18,
                2e18
            )
        );
        _change(ETH, parameter, 1.0e18);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAdaptiveMargin.AdaptiveTermTooFine.selector,
                IAdaptiveMargin.AdaptiveTerm.RegimeCap,
                0.195e18,
                0.01e18
            )
        );
        _change(ETH, IRiskSteward.RiskParameter.MacroCap, 0.195e18);
    }

    /// @dev Of all that its contract has the power to write, a step changes the one word that is asked for.
    function test_change_changesOneWord_whenAnyParameterIsSteppedUpOrDown() public {
        uint256 ups;
        for (uint256 i; i < PARAMETERS; ++i) {
            IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter(i);
            IRiskSteward.Range memory range = steward.allowedRange(ETH, parameter);
            assertEq(range.value, _value(ETH, parameter), "value");
            // Where a rise acts at once, or equals the lowest there is, there is one way only.
            if (range.high != range.value) {
                _stepAndCompare(parameter, _inSteps(parameter, range.high));
                ++ups;
            }
            _waitDays(1);
            range = steward.allowedRange(ETH, parameter);
            if (parameter == IRiskSteward.RiskParameter.Multiplier) range.low = 1e18;
            uint256 low = _inSteps(parameter, range.low + (range.value - range.low) / 2);
            _stepAndCompare(parameter, low);
        }
        assertEq(ups, PARAMETERS - 1, "all but the slope go up");
    }

    function _stepAndCompare(IRiskSteward.RiskParameter parameter, uint256 newValue) private {
        bytes memory before = _allTerms(ETH);
        bytes memory other = _allTerms(BTC);
        uint256 oldValue = _value(ETH, parameter);
        vm.expectEmit(address(steward));
        emit IRiskSteward.ParameterChanged({
            market: ETH,
            parameter: parameter,
            by: keyholder,
            oldValue: oldValue,
            newValue: newValue,
            allowedAt: vm.getBlockTimestamp() + COOLDOWN
        });
        _change(ETH, parameter, newValue);
        assertEq(_value(ETH, parameter), newValue, "the parameter");
        assertEq(_differences(before, _allTerms(ETH)), 1, "words that changed");
        assertEq(_differences(other, _allTerms(BTC)), 0, "words of another market");
    }

    /// @dev How many words differ.
    function _differences(bytes memory a, bytes memory b) private pure returns (uint256 count) {
        assertEq(a.length, b.length);
        for (uint256 word; word < a.length; word += 32) {
            for (uint256 i = word; i < word + 32; ++i) {
                if (a[i] != b[i]) {
                    ++count;
                    break;
                }
            }
        }
    }

    /// @dev A raise of m_M that is allowed acts along the ramp.
    function test_change_ramps_whenMarginsFollow() public {
        uint256 before = risk.ratesOf(ETH).maintenanceRate;
        _change(ETH, IRiskSteward.RiskParameter.MaintenanceMargin, 0.033e18);
        assertLe(risk.ratesOf(ETH).maintenanceRate, before, "RAMP-1: in its block");
        skipSeconds(30 minutes);
        assertGt(risk.ratesOf(ETH).maintenanceRate, before, "on its way");
        skipSeconds(1 hours);
        assertEq(risk.ratesOf(ETH).maintenanceRate, 0.033e18, "there");
    }

    /// @dev The steward does not keep the governor out, and its range follows what the governor does.
    function test_change_goesOnFromTheGovernorsValue_whenThatLeftTheCorridor() public {
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.InitialMargin;
        IRiskEngine.RiskTerms memory terms = _riskTerms();
        terms.initialMargin = 0.08e18;
        risk.setRiskTerms(ETH, terms);
        _expectOutOfRange(ETH, parameter, 0.081e18, 0.072e18, 0.08e18);
        _change(ETH, parameter, 0.081e18);
        _change(ETH, parameter, 0.072e18);
        _waitDays(1);
        // Back in, it stays in.
        _change(ETH, parameter, 0.0648e18);
        _waitDays(1);
        _change(ETH, parameter, 0.06e18);
        _waitDays(1);
        _expectOutOfRange(ETH, parameter, 0.061e18, 0.054e18, 0.06e18);
        _change(ETH, parameter, 0.061e18);
    }
}

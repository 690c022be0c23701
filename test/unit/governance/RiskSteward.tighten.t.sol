// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRiskSteward} from "../../../contracts/interfaces/IRiskSteward.sol";
import {RiskStewardTest} from "./RiskStewardTest.sol";

contract RiskSteward_tighten_Test is RiskStewardTest {
    /// @dev In the order of RiskParameter: 1 a rise reduces risk, 2 a fall does, 0 neither surely.
    bytes private constant DIRECTIONS = hex"0101000201010102020000010101000000000200000000000000000000";

    function test_tighten_revertsWhenCallerIsNotGuardian() public {
        _expectUnauthorized(STRANGER);
        steward.tighten(ETH, IRiskSteward.RiskParameter.InitialMargin, 0.051e18);
        _expectUnauthorized(keyholder);
        steward.tighten(ETH, IRiskSteward.RiskParameter.InitialMargin, 0.051e18);
    }

    function test_tighten_revertsWhenTheCooldownIsNotOver() public {
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.InitialMargin;
        uint256 allowedAt = vm.getBlockTimestamp() + COOLDOWN;
        _change(ETH, parameter, 0.049e18);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRiskSteward.CooldownNotOver.selector,
                ETH,
                parameter,
                allowedAt,
                vm.getBlockTimestamp()
            )
        );
        _tighten(ETH, parameter, 0.05e18);
    }

    /// @dev AUTH-1: the guardian can only reduce risk. Both ways of every parameter are tried, a unit of what is kept is enough.
    function test_AUTH1_tighten_revertsWhenRiskWouldNotFall() public {
        assertEq(DIRECTIONS.length, PARAMETERS);
        for (uint256 i; i < PARAMETERS; ++i) {
            IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter(i);
            uint256 value = _value(ETH, parameter);
            bool up = DIRECTIONS[i] == 0x01;
            bool down = DIRECTIONS[i] == 0x02;
            uint256 higher = _inSteps(parameter, steward.allowedRange(ETH, parameter).high);
            if (up) {
                _tighten(ETH, parameter, higher);
                assertEq(_value(ETH, parameter), higher, "raised");
                value = higher;
            } else {
                _expectNotTightening(parameter, value, higher > value ? higher : value + 1);
                _tighten(ETH, parameter, higher > value ? higher : value + 1);
            }
            uint256 lower = value - 1;
            if (down) {
                lower = _inSteps(parameter, steward.allowedRange(ETH, parameter).low);
                _tighten(ETH, parameter, lower);
                assertEq(_value(ETH, parameter), lower, "lowered");
            } else {
                _expectNotTightening(parameter, value, lower);
                _tighten(ETH, parameter, lower);
            }
        }
    }

    function _expectNotTightening(IRiskSteward.RiskParameter parameter, uint256 value, uint256 newValue) private {
        vm.expectRevert(abi.encodeWithSelector(IRiskSteward.NotTightening.selector, ETH, parameter, value, newValue));
    }
}

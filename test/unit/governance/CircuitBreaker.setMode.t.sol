// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICircuitBreaker} from "../../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {CircuitBreakerTest} from "./CircuitBreakerTest.sol";

contract CircuitBreaker_setMode_Test is CircuitBreakerTest {
    function test_setMode_revertsWhenCallerIsNotGovernor() public {
        _expectUnauthorized(stranger);
        breaker.setMode(ETH, IClearingHouse.MarketMode.Open);
        _expectUnauthorized(guardian);
        breaker.setMode(ETH, IClearingHouse.MarketMode.Open);
    }

    function test_setMode_revertsWhenMarketIsUnlisted() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, UNLISTED));
        vm.prank(governor);
        breaker.setMode(UNLISTED, IClearingHouse.MarketMode.Open);
    }

    function test_setMode_revertsWhenModeIsUnlisted() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, ETH));
        vm.prank(governor);
        breaker.setMode(ETH, IClearingHouse.MarketMode.Unlisted);
    }

    function test_setMode_liftsAHaltBeforeItsEnd() public {
        uint256 endsAt = _halt(ETH, HIGHEST);
        _expectMove(ETH, governor, IClearingHouse.MarketMode.Halted, IClearingHouse.MarketMode.Open, endsAt, 0);
        _setMode(ETH, IClearingHouse.MarketMode.Open);
        _assertMode(ETH, IClearingHouse.MarketMode.Open);
        _assertHalt(0, 0, 0);
    }

    function test_setMode_opensAMarketForTheFirstTime() public {
        _setMode(NEVER_OPENED, IClearingHouse.MarketMode.Open);
        _assertMode(NEVER_OPENED, IClearingHouse.MarketMode.Open);
    }

    /// @dev AUTH-1: whatever the guardian and time do in whatever order, a market never gets a more open mode than the governor left it in.
    function testFuzz_setMode_isTheMostOpenModeEver(uint256 seed, uint8 start) public {
        IClearingHouse.MarketMode limit = IClearingHouse.MarketMode(bound(uint256(start), 1, 3));
        _setMode(ETH, limit);
        for (uint256 i; i < 12; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 act = seed % 4;
            if (act == 0) skipSeconds((seed >> 8) % (2 * HIGHEST));
            else if (act == 1) _try(abi.encodeCall(ICircuitBreaker.guard, (ETH)));
            else if (act == 2) _try(abi.encodeCall(ICircuitBreaker.halt, (ETH, (seed >> 8) % (2 * HIGHEST))));
            else _try(abi.encodeCall(ICircuitBreaker.release, (ETH)));
            assertGe(uint256(house.modeOf(ETH)), uint256(limit), "AUTH-1");
        }
    }

    /// @dev AUTH-1: without the breaker neither guardian nor governor reaches the house's modes.
    function test_setMode_isTheOnlyWayToAMode() public {
        _expectUnauthorized(guardian);
        house.setMarketMode(ETH, IClearingHouse.MarketMode.Halted);
        _expectUnauthorized(governor);
        house.setMarketMode(ETH, IClearingHouse.MarketMode.Halted);
    }

    function _try(bytes memory data) private {
        vm.prank(guardian);
        (bool done, ) = address(breaker).call(data);
        done;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../../contracts/types/AccountId.sol";
import {FundingInput, FundingMath} from "../../contracts/libraries/FundingMath.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice F1 to F3: funding among accounts that come and go, in steps of a second, and pushed for a block.
contract Funding_adversarial_Test is HouseScenarios {
    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    /* F1 */

    /// @dev Three traders open, turn and leave at random for a thousand steps while time passes at one price. What one pays another receives: they, the pool and
    /// whoever fees go to own together what was paid in, but for the rounding of each value.
    function test_F1_trade_nets_whenTradersComeAndGoAThousandTimes() public {
        AccountId[3] memory traders = [alice, bob, carol];
        for (uint256 i; i < 3; ++i) _fund(traders[i], 1_000_000e18);
        uint256 seed = 0xf1;
        uint256 turns;
        for (uint256 step; step < 1_000; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            skipSeconds(1 + (seed % 900));
            feeds[0].push(2_000e8);
            AccountId trader = traders[(seed >> 32) % 3];
            int256 size = _size(trader, ETH);
            int256 delta = (seed >> 64) % 4 == 0 && size != 0 ? -size : (int256((seed >> 96) % 400) - 200) * 1e18;
            if (delta == 0) continue;
            _trade(trader, ETH, delta);
            if ((size > 0) != (_size(trader, ETH) > 0)) ++turns;
            if (step % 100 == 0) _assertConserved(_users());
        }
        assertGt(turns, 200, "they hardly moved");
        assertNotEq(house.marketOf(ETH).fundingIndex, int256(0), "no funding");

        for (uint256 i; i < 3; ++i) {
            int256 size = _size(traders[i], ETH);
            if (size != 0) _trade(traders[i], ETH, -size);
        }
        assertEq(_size(pools[0], ETH), int256(0));
        _wait(ETH, 2_000, 3 * BUCKET_SECONDS);
        for (uint256 i; i < 3; ++i) _settle(traders[i]);
        _settle(pools[0]);
        // Everybody is flat, so nothing but the index's truncation can be left in the market: a unit of each fill at most.
        assertLe(house.marketOf(ETH).reserveUsd, 10_000, "FUND-1: funding kept or made value");
        _assertConserved(_users());
    }

    /* F2 */

    /// @dev A day in steps of a second, and at once: each step truncates the rate by less than a unit and the integral by less than two.
    function test_F2_advance_isTheSame_whenUpdatedEverySecondOfADay() public pure {
        FundingInput memory input = FundingInput({
            rate: -0.01e18,
            skew: 40_000e18,
            skewScale: 500_000e18,
            maxVelocity: 0.09e18,
            maxRate: 0.0274e18,
            elapsedSeconds: 86_400
        });
        (int256 rate, int256 integral) = FundingMath.advance(input);
        input.elapsedSeconds = 1;
        int256 sum;
        for (uint256 second; second < 86_400; ++second) {
            int256 part;
            (input.rate, part) = FundingMath.advance(input);
            sum += part;
        }
        assertApproxEqAbs(input.rate, rate, 86_400, "FUND-1: rate");
        assertApproxEqAbs(sum, integral, 2 * 86_400, "FUND-1: integral");
    }

    /* F3 */

    /// @dev A skew of the whole cap for one block moves the rate by v_max·k/K·dt and nothing else: bob pays what that is worth, and whoever pushed pays fees on both
    /// fills.
    function test_F3_trade_movesFundingLittle_whenASkewStandsForABlock() public {
        _open(bob, ETH, 100_000e18, 100e18);
        skipSeconds(12);
        feeds[0].push(2_000e8);
        uint256 before = vm.snapshotState();
        skipSeconds(1 days);
        feeds[0].push(2_000e8);
        int256 undisturbed = _equity(bob);
        vm.revertToState(before);

        _fund(carol, 10_000_000e18);
        uint256 cash = 10_000_000e18;
        _trade(carol, ETH, 9_000e18);
        skipSeconds(12);
        feeds[0].push(2_000e8);
        int256 rate = house.marketOf(ETH).fundingRate;
        _trade(carol, ETH, -9_000e18);
        assertLe(house.marketOf(ETH).fundingRate - rate, int256(0), "closing does not push further");
        // v_max·(9 100/500 000)·12 s, in rate a day.
        assertLe(rate, int256(0.09e18 * 9_100 * 12) / 500_000 / 86_400 + (0.09e18 * 100 * 24) / 500_000 / 86_400 + 2);
        skipSeconds(1 days - 12);
        feeds[0].push(2_000e8);
        // The rate that is left over costs bob less than a ten-thousandth of a per cent of his notional a day.
        assertApproxEqAbs(_equity(bob), undisturbed, 0.2e18, "F3: what a block's skew does to others");
        assertLt(_equity(carol), int256(cash) - 12_500e18, "and whoever made it paid both fees");
    }
}

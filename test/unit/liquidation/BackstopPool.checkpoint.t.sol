// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBackstopPool} from "../../../contracts/interfaces/IBackstopPool.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {BackstopScenarios} from "../../support/BackstopScenarios.sol";

/// @notice The history of gains and losses, which anybody can read on chain.
contract BackstopPool_checkpoint_Test is BackstopScenarios {
    function test_checkpoint_revertsWhenAPriceIsNotValid() public {
        _stake(lena, 100_000e18);
        _ripe();
        pool.take(alice, ETH);
        skipSeconds(3_601);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, ETH, PriceStatus.Stale));
        pool.checkpoint();
    }

    function test_checkpoint_recordsGainsAndLosses() public {
        _stake(lena, 100_000e18);
        _ripe();
        uint256 discount = pool.take(alice, ETH).discountUsd;
        IBackstopPool.HistoryPoint memory taken = _lastPoint();
        assertApproxEqAbs(taken.gainUsd, discount, 1e6);
        assertLe(taken.lossUsd, 10);
        assertEq(taken.recordedAt, vm.getBlockTimestamp());
        assertApproxEqRel(taken.sharePrice, 1e18 + discount / 100_000, 1e9);

        uint256 size = uint256(_size(poolAccount, ETH));
        _price(ETH, 1_900);
        pool.checkpoint();
        IBackstopPool.HistoryPoint memory fallen = _lastPoint();
        assertApproxEqAbs(fallen.lossUsd - taken.lossUsd, 8 * size, 1e6);
        assertEq(fallen.gainUsd, taken.gainUsd);
        assertLt(fallen.sharePrice, taken.sharePrice);

        _price(ETH, 1_903);
        pool.checkpoint();
        assertApproxEqAbs(_lastPoint().gainUsd - taken.gainUsd, 3 * size, 1e6);
        assertEq(_lastPoint().lossUsd, fallen.lossUsd);
    }

    /// @dev What comes and goes is neither.
    function test_checkpoint_countsDepositsAndRedemptionsAsNeither() public {
        _stake(lena, 100_000e18);
        _stake(luis, 50_000e18);
        _cool(lena, 100_000e18);
        skipSeconds(COOLDOWN);
        _redeem(lena, 60_000e18);
        pool.checkpoint();
        assertEq(_lastPoint().gainUsd, 0);
        assertEq(_lastPoint().lossUsd, 0);
        assertApproxEqAbs(_lastPoint().sharePrice, 1e18, 1e8);
        assertEq(pool.historyLength(), 2, "two in one second are one");
    }

    function test_checkpoint_countsADonationAsAGain() public {
        _stake(lena, 100_000e18);
        _fund(poolAccount, 1_000e18);
        pool.checkpoint();
        assertEq(_lastPoint().gainUsd, 1_000e18);
    }

    function test_historyBefore_findsTheLastPoint() public {
        assertEq(pool.historyBefore(vm.getBlockTimestamp()).recordedAt, 0);
        uint256 start = vm.getBlockTimestamp();
        for (uint256 i; i < 9; ++i) {
            _stake(lena, 1e18);
            skipSeconds(100);
        }
        assertEq(pool.historyLength(), 9);
        assertEq(pool.historyBefore(start - 1).recordedAt, 0);
        for (uint256 i; i < 9; ++i) {
            assertEq(pool.historyBefore(start + 100 * i).recordedAt, start + 100 * i);
            assertEq(pool.historyBefore(start + 100 * i + 99).recordedAt, start + 100 * i);
            assertEq(pool.historyAt(i).recordedAt, start + 100 * i);
        }
        assertEq(pool.historyBefore(type(uint256).max).recordedAt, start + 800);
    }
}

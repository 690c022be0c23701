// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {TakeOverScenarios} from "../support/TakeOverScenarios.sol";

/// @notice LIQ-2, LIQ-3 and HEALTH-1 of take-overs over the whole range of health, sizes, skews and moments, alone or with a second market that may have no price.
contract TakeOverHealth_Test is TakeOverScenarios {
    struct Before {
        int256 equity;
        uint256 required;
        int256 equityOfTaker;
        int256 deposits;
        int256 size;
    }

    /// @dev What both have together, deposits included.
    function _sum(Before memory state) private pure returns (int256) {
        return state.equity + state.equityOfTaker + state.deposits;
    }

    /// @dev Alice with 80 ETH and half a BTC on either side, losing; carol has 10 ETH on her side; a skew of the moment or of longer.
    function _arrange(bool isLong, int256 skew, bool lasts, bool silent, uint256 health) private {
        AccountId dave = _trader("dave");
        _fund(dave, 3_000_000e18);
        _open(alice, ETH, 20_000e18, isLong ? int256(80e18) : -80e18);
        _trade(carol, ETH, isLong ? int256(10e18) : -10e18);
        _trade(alice, BTC, isLong ? int256(0.5e18) : -0.5e18);
        if (silent) _stale(BTC, ETH, 2_000);
        _price(ETH, isLong ? 1_650 : 2_350);
        if (!silent) feeds[1].push(40_000e8);
        skew -= skew % 0.001e18;
        if (skew > 1e18 || skew < -1e18) _trade(dave, ETH, skew);
        if (lasts) skipSeconds(300);
        _setHealth(health);
    }

    function _read() private view returns (Before memory before) {
        (before.equity, before.required) = house.marginOf(alice, MarginKind.Maintenance);
        before.equityOfTaker = _equity(carol);
        before.deposits = int256(house.accountOf(alice).depositUsd + house.accountOf(carol).depositUsd);
        before.size = _size(alice, ETH);
    }

    function testFuzz_takeOver_neverLowersHealth(
        bool isLong,
        bool lasts,
        bool silent,
        int256 skew,
        uint256 health,
        uint256 wait,
        uint256 maxSize
    ) public {
        health = bound(health, 0.0001e18, 0.9999e18);
        _arrange(isLong, bound(skew, -8_000e18, 8_000e18), lasts, silent, health);
        _mark(alice);
        skipSeconds(bound(wait, 0, 120));
        if (_equity(alice) < 0 || _health(alice) >= 1e18) return;
        Before memory before = _read();
        ILiquidationEngine.TakeOverPlan memory plan = house.takeOver(
            _take(alice, ETH, bound(maxSize, 0.001e18, 90e18))
        );
        Before memory afterwards = _read();
        if (plan.takeSize == 0) return;
        // Funding and prices stand still within the call.
        assertGe(
            afterwards.equity * int256(before.required),
            before.equity * int256(afterwards.required),
            "LIQ-2: health fell"
        );
        assertGe(afterwards.equity, int256(0), "LIQ-3: below zero");
        assertLe(_sum(afterwards), _sum(before) + 1, "LIQ-3: value out of nothing");
        assertGe(_sum(afterwards) + 8, _sum(before), "LIQ-3: value lost");
        (int256 equity, uint256 required) = house.marginOf(carol, MarginKind.Initial);
        assertGe(equity, int256(required), "HEALTH-1");
        int256 left = afterwards.size;
        assertTrue(left == 0 || (left > 0) == (before.size > 0), "turned");
        assertLt(left < 0 ? -left : left, before.size < 0 ? -before.size : before.size, "not smaller");
    }

    function testFuzz_takeOverWhole_neverGoesBelowZero(
        bool isLong,
        bool silent,
        int256 skew,
        uint256 health,
        uint256 wait
    ) public {
        health = bound(health, 0.0001e18, 0.33e18);
        _arrange(isLong, bound(skew, -8_000e18, 8_000e18), false, silent, health);
        _mark(alice);
        skipSeconds(bound(wait, 0, 120));
        if (_equity(alice) < 0) return;
        Before memory before = _read();
        (ILiquidationEngine.TakeOverPlan memory total, ) = house.takeOverWhole(_takeWhole(alice));
        Before memory afterwards = _read();
        if (total.code < ILiquidationEngine.PlanCode.Partial) return;
        assertEq(afterwards.size, int256(0));
        assertGe(
            afterwards.equity * int256(before.required),
            before.equity * int256(afterwards.required),
            "LIQ-2: health fell"
        );
        assertLe(_sum(afterwards), _sum(before) + 2, "LIQ-3: value out of nothing");
        assertGe(_sum(afterwards) + 16, _sum(before), "LIQ-3: value lost");
    }
}

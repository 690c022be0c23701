// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBackstopPool} from "../../contracts/interfaces/IBackstopPool.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {BackstopScenarios} from "../support/BackstopScenarios.sol";

/// @notice Trading around a slice that the backstop closes, in one transaction.
contract BackstopSandwich_Test is BackstopScenarios {
    /// @dev A tenth of depth a minute, at most 1 % from the index.
    function _backstopTerms() internal pure override returns (IBackstopPool.BackstopTerms memory terms) {
        terms = super._backstopTerms();
        terms.unwindShare = 0.1e18;
    }

    /// @dev What a slice loses is bounded by its tolerance, however far the skew was pushed for it; who pushes gains the slice's share of depth on what they trade, less fees.
    function testFuzz_unwind_losesAtMostItsTolerance_whenSurrounded(uint256 size) public {
        _stake(lena, 1_000_000e18);
        _ripe();
        pool.take(alice, ETH);
        int256 held = _size(poolAccount, ETH);
        assertGt(held, int256(0));
        AccountId dave = _trader("dave");
        _fund(dave, 3_000_000e18);
        size = bound(size, 1e18, 8_000e18);
        size -= size % 0.001e18;
        skipSeconds(60);
        feeds[0].push(1_908e8);

        int256 ofPool = _equity(poolAccount);
        int256 ofDave = _equity(dave);
        _trade(dave, ETH, -int256(size));
        (int256 planned, ) = pool.previewUnwind(ETH);
        if (planned != 0) pool.unwind(ETH);
        _trade(dave, ETH, int256(size));
        uint256 closed = uint256(held - _size(poolAccount, ETH));
        uint256 closedUsd = (closed * 1_908e18) / 1e18;
        assertGe(
            _equity(poolAccount),
            ofPool - int256((closedUsd * 0.0105e18) / 1e18) - 1e15,
            "more than tolerance and fee"
        );
        uint256 tradedUsd = (size * 1_908e18) / 1e18;
        int256 most = int256((tradedUsd * closed) / 500_000e18) - int256((tradedUsd * 0.0007e18) / 1e18);
        assertLe(_equity(dave) - ofDave, most + 1e15, "more than its share of depth");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice Trading around a liquidation in one transaction: sell, have a long closed, buy back at what it has become cheaper by.
contract Sandwich_Test is HouseScenarios {
    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    /// @dev Alice long, bob short 1 500 ETH; alice is below maintenance margin, the pool has no skew.
    function _arrange() private {
        _fund(alice, 170_000e18);
        _fund(bob, 400_000e18);
        for (uint256 i; i < 3; ++i) {
            _trade(alice, ETH, 500e18);
            _trade(bob, ETH, -500e18);
        }
        _fund(carol, 3_000_000e18);
        _price(ETH, 1_946);
        assertLt(_health(alice), 0.95e18);
    }

    /// @dev A slice of x makes what is traded around it x/K cheaper. Fees at both ends come off that; at a quarter of a third of depth they are nearly all of it.
    function testFuzz_liquidate_yieldsASandwicherItsShareOfDepthLessFees(int256 size) public {
        _arrange();
        size = bound(size, 1e18, 8_000e18);
        size -= size % 0.001e18;
        int256 before = _equity(carol);
        uint256 health = _health(alice);
        _trade(carol, ETH, -size);
        uint256 closed = house.liquidate(alice, ETH, keeper).closeSize;
        _trade(carol, ETH, size);
        int256 gain = _equity(carol) - before;
        assertGe(_health(alice), health, "LIQ-2");
        assertLe(closed, 416.667e18, "LIQ-4: a third of a quarter of depth");
        uint256 traded = (uint256(size) * 1_946e18) / 1e18;
        uint256 cheaper = (traded * closed) / 500_000e18;
        uint256 fees = (traded * 0.0007e18) / 1e18;
        // The deposit that carol locks comes back when she is flat; the last part may pay the taker's fee.
        assertLe(gain, int256(cheaper) - int256(fees) + 1e15, "no more than its share of depth");
        assertLe(gain, int256(traded) / 7_000, "1.4 bp of what was traded");
    }
}

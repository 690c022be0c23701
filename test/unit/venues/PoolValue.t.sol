// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {LiquidityPoolTest} from "./LiquidityPoolTest.sol";

/// @notice What the pool is worth: trades move it by their fees only, prices by the pool's own position.
contract PoolValue_Test is LiquidityPoolTest {
    /// @dev D18{1}, what of a fee is the pool's
    uint256 private constant POOL_SHARE = 0.8e18;

    function test_valuation_isCash_whenPoolIsFlat() public {
        _provide(10_000);
        skipSeconds(30 days);
        ILiquidityPool.Valuation memory value = pool.valuation();
        assertEq(value.equityUsd, int256(10_000e18));
        assertEq(value.redeemableUsd, 10_000e18);
        assertEq(value.freeCashUsd, 10_000e18);
        assertEq(value.supply, 10_000e18);
        assertTrue(value.priceUsable, "no price is needed");
    }

    /// @dev CONS-1: nothing is priced by a token balance.
    function test_valuation_ignoresTokensSentToThePool() public {
        _provide(10_000);
        token.mint(address(pool), 5_000 * USD);
        token.mint(address(house), 5_000 * USD);
        assertEq(pool.valuation().equityUsd, int256(10_000e18));
        assertEq(pool.previewDeposit(100 * USD), 100e18);
    }

    /// @dev The premium of the skew is not the pool's to give away: it is paid back when the skew returns to zero.
    function test_valuation_leavesThePremiumOut() public {
        _provide(1_000_000);
        _fund(alice, 200_000e18);
        (, uint256 fee) = _trade(alice, SOL, 10_000e18); // 0.2 % of K: paid 0.1 % above the index for 1 000 000
        assertEq(pool.valuation().equityUsd, int256(1_000_000e18 + (fee * POOL_SHARE) / 1e18), "only the fee");
        assertEq(house.marketOf(SOL).reserveUsd, 1_000e18, "the premium waits in the reserve");
        (, uint256 feeBack) = _trade(alice, SOL, -10_000e18);
        uint256 earned = ((fee + feeBack) * POOL_SHARE) / 1e18;
        assertApproxEqAbs(uint256(pool.valuation().equityUsd), 1_000_000e18 + earned, 10, "and was paid back");
    }

    /// @dev The pool loses what its position loses.
    function testFuzz_valuation_movesWithThePoolsPosition(int256 lots, uint256 cents) public {
        _provide(1_000_000);
        lots = bound(lots, -200_000, 200_000);
        vm.assume(lots > 300 || lots < -300);
        _skew(lots * 0.01e18);
        int256 before = pool.valuation().equityUsd;
        cents = bound(cents, 6_000, 15_000);
        feed.push(int256(cents * 1e6));
        // −size·ΔP, and the premium P·k²/2K at the new price instead of the old
        int256 size = lots * 0.01e18;
        int256 move = int256(cents * 1e16) - 100e18;
        int256 premium = (((size * size) / 1e18) * move) / (2 * int256(SKEW_SCALE));
        int256 expected = before - (size * move) / 1e18 - premium;
        assertApproxEqAbs(pool.valuation().equityUsd, expected, 10);
    }

    /// @dev ROUND-1: whatever is traded in whatever order, the pool's equity grows by its share of the fees and by nothing else; its
    /// redeemable value never grows by trading.
    function testFuzz_valuation_growsByFeesOnly_whenTraded(uint256 seed) public {
        _provide(2_000_000);
        _fund(alice, 2_000_000e18);
        _fund(bob, 2_000_000e18);
        uint256 equity = uint256(pool.valuation().equityUsd);
        for (uint256 i; i < 8; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            int256 size = (int256((seed >> 8) % 2_000_000) - 1_000_000) * 0.01e18;
            if (size > -3e18 && size < 3e18) size = 3e18;
            try house.trade(_request(seed % 2 == 0 ? alice : bob, SOL, size)) returns (uint256, uint256 fee) {
                // The insurance's part is rounded up.
                equity += fee - (fee * 0.2e18 + 1e18 - 1) / 1e18;
            } catch {} // a remainder below the minimum, or beyond the band
            assertApproxEqAbs(uint256(pool.valuation().equityUsd), equity, 100 * (i + 1));
        }
    }
}

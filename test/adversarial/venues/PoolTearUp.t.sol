// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {LiquidityPoolTest} from "../../unit/venues/LiquidityPoolTest.sol";

/// @notice What a tear-up against a pool means for those who fund it.
contract PoolTearUpProviders is LiquidityPoolTest {
    /// @dev Lena provides 200 000 USD; alice is long 20 000 SOL from 100 on. At 108 the pool has less than maintenance margin.
    function _sink() private {
        _provide(200_000);
        _skew(20_000e18);
        _fund(alice, 1_000_000e18);
        assertGe(_health(_account()), 1e18);
    }

    function _tearUp() private {
        assertTrue(_mark(_account()));
        _skip(20, 108);
        house.tearUpPool(SOL);
    }

    /// @dev S2: who has asked for their money before the pool sinks still waits until it is above initial margin.
    function test_processRedemptions_revertsWhenThePoolIsAboutToBeRestored() public {
        _sink();
        uint256 id = _requestRedemption(lena, shares.balanceOf(lena));
        _skip(DELAY, 108);
        assertLt(_health(_account()), 1e18);
        bytes memory refusal = abi.encodeWithSelector(
            ILiquidityPool.RedemptionsWaiting.selector,
            ILiquidityPool.RedemptionStatus.NoFreeCash,
            id
        );
        vm.expectRevert(refusal);
        pool.processRedemptions(1);
        _tearUp();
        assertGe(_health(_account()), 1.15e18);
        vm.expectRevert(refusal);
        pool.processRedemptions(1);
    }

    /// @dev The account's equity is what it was; the premium for the skew that is gone stays with the shares.
    function test_valuation_keepsThePremium_whenASideIsTornUp() public {
        _sink();
        _solPrice(108);
        assertTrue(_mark(_account()));
        _skip(20, 108);
        int256 equity = _equity(_account());
        int256 worth = pool.valuation().equityUsd;
        uint256 skew = uint256(-_size(_account(), SOL));
        house.tearUpPool(SOL);
        uint256 left = uint256(-_size(_account(), SOL));
        assertApproxEqAbs(_equity(_account()), equity, 2);
        // P·k²/2K
        uint256 premium = (108 * (skew ** 2 - left ** 2)) / (2 * SKEW_SCALE);
        assertApproxEqAbs(pool.valuation().equityUsd - worth, int256(premium), 10);
    }

    /// @dev Shares of a bankrupt pool are worth nothing, and nobody buys any.
    function test_processDeposit_returnsIt_whenThePoolWasResolved() public {
        _sink();
        uint256 id = _request(luis, 50_000);
        _skip(DELAY, 125);
        assertLt(_equity(_account()), 0);
        house.resolve(_account(), new AccountId[](0), keeper);
        assertEq(_size(_account(), SOL), 0);
        assertEq(pool.previewRedemption(shares.balanceOf(lena)), 0);
        assertEq(pool.processDeposit(id), 0);
        assertEq(pool.claimableOf(luis), 50_000 * USD);
        vm.expectPartialRevert(IClearingHouse.PoolNotDistressed.selector);
        house.tearUpPool(SOL);
    }
}

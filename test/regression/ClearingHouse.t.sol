// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {HouseFixture} from "../support/HouseFixture.sol";

/// @notice Defects the house once had, one test each.
contract ClearingHouse_regression_Test is HouseFixture {
    /// @dev HEALTH-1, M3: a reduction of one lot could pay any fee to a keeper of one's own while only E ≥ 0 was asked for, which took the margin of an open
    /// position out of reach of initial margin.
    function test_trade_revertsWhenReductionPaysItsKeeperMoreThanTheBandAllows() public {
        _open(alice, ETH, 10_000e18, 80e18);
        IClearingHouse.TradeRequest memory request = _request(alice, ETH, -0.001e18);
        request.reduceOnly = true;
        request.keeper = accountIdOf(alice.owner(), 1);
        request.keeperFeeUsd = 5_000e18;
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        house.trade(request);
    }

    /// @dev LIQ-5: closing a small position as a whole released the liquidation deposit before the keeper's gas floor was taken out of it.
    function test_liquidate_paysTheGasFloor_whenTheLastPositionIsClosed() public {
        _open(bob, ETH, 100_000e18, -200e18);
        _open(alice, ETH, 21e18, 0.126e18);
        _price(ETH, 1_925);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Full));
        assertLt(plan.keeperRewardUsd, plan.gasFloorUsd, "the penalty alone is no reward");
        assertEq(house.accountOf(alice).markets, 0, "nothing is left of the position");
        assertEq(house.accountOf(alice).depositUsd, 0, "nor of the deposit");
        assertApproxEqAbs(_cash(keeper), plan.gasFloorUsd, 0.01e18, "the floor is paid, in whole cents");
        assertGt(_cash(keeper), plan.keeperRewardUsd);
    }

    /// @dev A tear-up leaves units of inventory by truncation. They could be torn up again and again, each time with a market event that every
    /// position then has to apply.
    function test_tearUp_revertsWhenLessThanALotIsLeft() public {
        _defaultAndTearUp();
        int256 dust = _size(house.systemAccountOf(ETH, 0), ETH);
        assertNotEq(dust, int256(0), "the fraction truncates");
        skipSeconds(3_000);
        _price(ETH, 1_600);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingToUnwind.selector, ETH));
        house.tearUp(ETH);
    }

    /// @dev Inventory taken over while units of older inventory were left was as old as those: it could be torn up at once.
    function test_resolve_startsTheTearUpDelay_whenUnitsOfOlderInventoryAreLeft() public {
        _defaultAndTearUp();
        skipSeconds(86_400);
        _price(ETH, 1_600);
        AccountId dave = _trader("dave");
        _open(dave, ETH, 30_000e18, 300e18);
        _price(ETH, 1_440);
        _resolve(dave);
        uint256 resolvedAt = vm.getBlockTimestamp();
        AccountId resolution = house.systemAccountOf(ETH, 0);
        int256 size = _size(resolution, ETH);
        assertGt(size, int256(299e18));
        vm.expectRevert(
            abi.encodeWithSelector(
                IClearingHouse.TearUpTooEarly.selector,
                ETH,
                resolvedAt + 600,
                uint256(-_equity(resolution)),
                (uint256(size) * 1_440) / 100
            )
        );
        house.tearUp(ETH);
    }

    /// @dev A default of alice against bob and carol, torn up.
    function _defaultAndTearUp() private {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _open(carol, ETH, 60_000e18, -300e18);
        _price(ETH, 1_600);
        _resolve(alice);
        skipSeconds(700);
        _price(ETH, 1_600);
        house.tearUp(ETH);
    }
}

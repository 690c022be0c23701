// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {TakeOverScenarios} from "../../support/TakeOverScenarios.sol";

/// @notice Inventory of a resolution account is sold by the same auction, near the index, and closes as it does when the pool buys it.
contract ClearingHouse_takeOverInventory_Test is TakeOverScenarios {
    AccountId private _resolution;

    /// @dev The resolution account of ETH holds 500 long at 1 600; bob is short 500.
    function _strand() private {
        _bankruptAlice();
        _resolve(alice);
        _resolution = house.systemAccountOf(ETH, 0);
        assertEq(_size(_resolution, ETH), int256(500e18));
    }

    function test_takeOverInventory_isAtTheIndexAtFirst() public {
        _strand();
        ILiquidationEngine.TakeOverPlan memory plan = _takeOver(_resolution, ETH, 100e18);
        assertEq(_codeOf(plan), uint256(ILiquidationEngine.PlanCode.Partial));
        assertEq(plan.price, 1_600e18);
        assertEq(_size(carol, ETH), int256(100e18));
        assertEq(_size(_resolution, ETH), int256(400e18));
        _assertConserved(_users());
    }

    function test_takeOverInventory_discountGrowsToWhatThePoolWouldTake() public {
        _strand();
        skipSeconds(AUCTION_SECONDS / 2);
        ILiquidationEngine.TakeOverPlan memory half = house.previewTakeOver(_resolution, ETH, ALL);
        skipSeconds(AUCTION_SECONDS);
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(_resolution, ETH, ALL);
        // 500 of 500 000 move the pool by 0.1 %: on average half of it, of 800 000.
        assertApproxEqRel(plan.discountUsd, 400e18, 1e9);
        assertApproxEqAbs(half.discountUsd, plan.discountUsd / 2, 10);
        assertEq(plan.elapsedSeconds, AUCTION_SECONDS + AUCTION_SECONDS / 2);
    }

    function test_takeOverInventory_discountIsBoundedByTheTolerance() public {
        _strand();
        _trade(carol, ETH, -1_500e18);
        skipSeconds(1_000);
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(_resolution, ETH, ALL);
        assertEq(plan.discountUsd, 800e18, "a thousandth of 800 000, not the 0.35 % that the pool asks");
        assertEq(plan.price, 1_598.4e18);
    }

    /// @dev L12 for inventory.
    function test_L12_takeOverInventory_isNoCheaper_whenThePoolIsSkewedFirst() public {
        _strand();
        skipSeconds(AUCTION_SECONDS);
        uint256 fair = house.previewTakeOver(_resolution, ETH, ALL).discountUsd;
        _trade(carol, ETH, -5_000e18);
        assertEq(house.previewTakeOver(_resolution, ETH, ALL).discountUsd, fair);
    }

    function test_takeOverInventory_startsAnew_whenAHaltEnds() public {
        _strand();
        skipSeconds(AUCTION_SECONDS);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        assertEq(_previewCode(_resolution, ETH), uint256(ILiquidationEngine.PlanCode.Halted));
        _setMode(ETH, IClearingHouse.MarketMode.Open);
        assertEq(house.previewTakeOver(_resolution, ETH, ALL).discountUsd, 0);
    }

    function test_takeOverInventory_skips_whenTheTakerWantsLessThanALot() public {
        _strand();
        assertEq(_codeOf(_takeOver(_resolution, ETH, 0.0009e18)), uint256(ILiquidationEngine.PlanCode.TooSmall));
    }

    function test_takeOverInventory_closesWithItsLoss_whenTheLastPartIsTaken() public {
        _strand();
        skipSeconds(AUCTION_SECONDS);
        uint256 fund = _cash(_fundAccount());
        uint256 paid;
        for (uint256 i; i < 4; ++i) {
            assertEq(_cash(_fundAccount()), fund, "nothing is settled before the last");
            paid += _takeOver(_resolution, ETH, 125e18).discountUsd;
            _assertConserved(_users());
        }
        assertEq(_size(_resolution, ETH), 0);
        assertEq(_quote(_resolution, ETH), 0, "its loss is a deficit of the market");
        assertGt(paid, 90e18);
        assertApproxEqAbs(fund - _cash(_fundAccount()), (paid * 9) / 10, 1e18, "nine tenths from insurance");
        assertEq(_size(carol, ETH), int256(500e18));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingToUnwind.selector, ETH));
        house.unwind(ETH);
    }

    function test_takeOverInventory_returnsAProfitToTheWinners() public {
        _strand();
        house.touch(bob, ETH, 16);
        IClearingHouse.MarketEventState memory lossEvent = house.eventOf(ETH, 2);
        _price(ETH, 1_650);
        int256 value = _equity(_resolution);
        assertApproxEqAbs(value, 25_000e18, 10e18);
        _takeOver(_resolution, ETH, 200e18);
        _takeOver(_resolution, ETH, ALL);
        assertEq(_quote(_resolution, ETH), 0);
        uint256 recovered = lossEvent.lossUsd - house.eventOf(ETH, 2).lossUsd;
        assertApproxEqAbs(recovered, 25_000e18, 100e18);
        house.claimRefunds(bob, ETH, 10);
        _assertConserved(_users());
    }

    function test_takeOverInventory_worksAlongsideUnwind() public {
        _strand();
        _trade(carol, ETH, -300e18);
        house.unwind(ETH);
        int256 left = _size(_resolution, ETH);
        assertGt(left, 0);
        _takeOver(_resolution, ETH, ALL);
        assertEq(_size(_resolution, ETH), 0);
        assertEq(_size(carol, ETH), left - int256(300e18));
        _assertConserved(_users());
    }

    /// @dev Any order of parts: conserved, no discount beyond tolerance, closed in the end.
    function testFuzz_takeOverInventory_conserves(
        uint256 first,
        uint256 second,
        uint256 price,
        uint256 elapsed
    ) public {
        _strand();
        _price(ETH, bound(price, 1_500, 1_700));
        skipSeconds(bound(elapsed, 0, 200));
        uint256 events = house.marketOf(ETH).events;
        uint256[3] memory sizes = [bound(first, 1e18, 249e18), bound(second, 1e18, 249e18), ALL];
        for (uint256 i; i < 3; ++i) {
            int256 before = _equity(carol) + int256(house.accountOf(carol).depositUsd);
            ILiquidationEngine.TakeOverPlan memory plan = _takeOver(_resolution, ETH, sizes[i]);
            uint256 notional = (plan.takeSize * bound(price, 1_500, 1_700)) / 1e18;
            assertLe(plan.discountUsd, notional * 1e15 + 1e18, "u_max");
            _assertConserved(_users());
            // Closing may book a loss event, of which the taker's fresh gain bears its part.
            if (house.marketOf(ETH).events != events) break;
            int256 gained = _equity(carol) + int256(house.accountOf(carol).depositUsd) - before;
            assertApproxEqAbs(gained, int256(plan.discountUsd), 1e6);
        }
        assertEq(_size(_resolution, ETH), 0);
        assertEq(_quote(_resolution, ETH), 0);
    }
}

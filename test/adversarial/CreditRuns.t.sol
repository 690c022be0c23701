// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {CreditFixture} from "../support/CreditFixture.sol";

/// @notice Somebody takes all of the lenders' cash for a moment, while alice has lost most of her margin and leans on her line: what that can cost her, and what it leaves.
contract CreditRuns_Test is CreditFixture {
    AccountId private dave;

    function setUp() public override {
        super.setUp();
        dave = _trader("dave");
        _pledge(dave, wbtc, 100e8);
        _fund(carol, 1_000_000e18);
        vm.prank(carol.owner());
        house.setDelegate(carol, address(this), 1);
    }

    /// @dev Alice long, bob short 100 ETH; at `price` what alice has of her own is below her maintenance margin, and her line carries her.
    function _lean(uint256 price) private {
        _pledge(alice, wbtc, 1e8);
        _open(bob, ETH, 50_000e18, -100e18);
        _trade(alice, ETH, 100e18);
        _price(ETH, price);
        _collateralPrices(40_000, 2_000);
        assertGt(_health(alice), 1e18);
    }

    function _takeCash() private {
        _draw(dave, vault.cashUsd());
    }

    function _payBack() private {
        vm.prank(dave.owner());
        house.repayCredit(dave, type(uint256).max);
    }

    function _assertBooks() private view {
        AccountId[] memory users = new AccountId[](5);
        (users[0], users[1], users[2], users[3], users[4]) = (alice, bob, carol, vault.lenders(), dave);
        _assertConserved(users);
    }

    /// @dev LIQ-2, LIQ-3: a slice at most, at its usual price, and she keeps line and collateral.
    function test_liquidate_keepsHealth_whenTheLineIsTakenForAMoment() public {
        _lean(1_920);
        int256 before = _equity(alice);
        _takeCash();
        uint256 health = _health(alice);
        assertLt(health, 1e18);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertGe(_health(alice), health, "LIQ-2");
        _payBack();
        assertLe(plan.penaltyUsd, (plan.closeSize * 1_920) / 100, "LIQ-3: the highest rate");
        assertGe(
            _equity(alice),
            before - int256(plan.penaltyUsd + uint256(plan.impactUsd)) - 1e15,
            "nothing else is lost"
        );
        assertEq(vault.collateralOf(alice, address(wbtc)), 1e8);
        _assertBooks();
    }

    /// @dev A mark made in that moment counts no shortfall any longer once somebody looks again.
    function test_mark_forgetsTheShortfall_whenTheCashIsBack() public {
        _lean(1_920);
        _takeCash();
        assertTrue(_mark(alice));
        assertGt(house.totalShortfallUsd(), 0);
        _payBack();
        _mark(alice);
        assertEq(house.totalShortfallUsd(), 0);
    }

    /// @dev Marked in one such moment and taken over in a later one, she pays no more than what she has of her own.
    function test_takeOverWhole_takesNoMoreThanHerOwn_whenTheLineIsTakenForAMoment() public {
        _lean(1_905);
        _takeCash();
        int256 own = _equity(alice);
        assertGt(own, int256(0));
        assertLt(_health(alice), 0.33e18);
        _mark(alice);
        _payBack();
        skipSeconds(120);
        feeds[0].push(1_905e8);
        _collateralPrices(40_000, 2_000);
        uint256 line = uint256(_equity(alice) - own);
        _takeCash();
        (ILiquidationEngine.TakeOverPlan memory total, ) = house.takeOverWhole(
            IClearingHouse.TakeOverWholeRequest({
                account: alice,
                taker: carol,
                minDiscountUsd: 0,
                deadline: vm.getBlockTimestamp(),
                expectedVersion: 0,
                data: ""
            })
        );
        _payBack();
        assertLe(int256(total.discountUsd), own, "LIQ-3");
        assertEq(_size(alice, ETH), int256(0));
        assertGe(_equity(alice), int256(line) - 1e18, "her line is whole");
        assertEq(vault.deficitOf(alice), 0);
        _assertBooks();
    }
}

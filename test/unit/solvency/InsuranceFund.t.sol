// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IInsuranceFund} from "../../../contracts/interfaces/IInsuranceFund.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {HouseFixture} from "../../support/HouseFixture.sol";

/// @notice The fund in a whole house.
contract InsuranceFundTest is HouseFixture {
    IInsuranceFund private fund;
    address private donor;

    function setUp() public override {
        super.setUp();
        fund = IInsuranceFund(insurance);
        donor = makeAddr("donor");
        token.mint(donor, 1_000e6);
        vm.prank(donor);
        token.approve(insurance, type(uint256).max);
    }

    function test_donate_revertsWhenAmountIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AmountZero.selector, fund.account()));
        vm.prank(donor);
        fund.donate(0);
    }

    function test_donate_revertsWhenDonorHasTooLittle() public {
        vm.expectRevert(
            abi.encodeWithSignature("ERC20InsufficientBalance(address,uint256,uint256)", donor, 1_000e6, 1_000e6 + 1)
        );
        vm.prank(donor);
        fund.donate(1_000e6 + 1);
    }

    function test_donate_addsToFund() public {
        vm.expectEmit(insurance);
        emit IInsuranceFund.Donated(donor, 1_000e6, INSURANCE_USD + 1_000e18);
        vm.prank(donor);
        fund.donate(1_000e6);
        assertEq(fund.assetsUsd(), INSURANCE_USD + 1_000e18);
        assertEq(token.balanceOf(insurance), 0);
        assertEq(token.balanceOf(donor), 0);
    }

    function test_account_isFundsOwn() public view {
        AccountId account = fund.account();
        assertTrue(account == accountIdOf(insurance, 0));
        assertEq(account.owner(), insurance);
    }

    /// @dev A4: tokens sent straight to the fund are nobody's, and change nothing.
    function test_A4_assetsUsd_ignoresStrayTokens() public {
        token.mint(insurance, 5e6);
        assertEq(fund.assetsUsd(), INSURANCE_USD);
        // A donation neither takes them along nor fails.
        vm.prank(donor);
        fund.donate(1e6);
        assertEq(fund.assetsUsd(), INSURANCE_USD + 1e18);
        assertEq(token.balanceOf(insurance), 5e6);
    }

    /// @dev AUTH-1: nobody, whoever calls, has a power over the fund's account.
    function test_AUTH1_account_cannotBeEmptiedByAnybody() public {
        AccountId account = fund.account();
        address[3] memory callers = [donor, address(this), makeAddr("guardian")];
        for (uint256 i; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, account, callers[i], 2));
            vm.prank(callers[i]);
            house.withdraw(account, 1e6, callers[i]);
        }
        assertEq(fund.assetsUsd(), INSURANCE_USD);
    }

    function test_claimUsdOf_isZero_whenNothingIsOwed() public view {
        assertEq(fund.claimUsdOf(ETH), 0);
        assertEq(fund.claimUsdOf(BTC), 0);
    }

    /// @dev What it paid for an inventory that earned it back is owed by the market, and shown.
    function test_claimUsdOf_showsWhatIsToComeBack() public {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        _price(ETH, 1_600);
        _resolve(alice);
        assertEq(_cash(fund.account()), (INSURANCE_USD * 3) / 4);
        assertEq(fund.claimUsdOf(ETH), 0);
        skipSeconds(700);
        _price(ETH, 1_900);
        _tearUpAll(ETH);
        assertEq(fund.claimUsdOf(ETH), INSURANCE_USD / 4);
    }

    /// @dev A penalty that could not be paid in cash is owed to the market's own tranche.
    function test_claimUsdOf_showsNoUnpaidPenalty() public {
        _open(alice, ETH, 3_000e18, 10e18);
        _trade(alice, BTC, 0.5e18);
        // 2 000 gained in ETH stand unpaid; 4 000 lost in BTC take all cash.
        _price(ETH, 2_200);
        _price(BTC, 32_000);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertGt(plan.penaltyUsd, 0);
        assertEq(house.accountOf(alice).cashUsd - house.accountOf(alice).depositUsd, 0);
        assertEq(uint256(_quote(_trancheOf(ETH), ETH)), plan.penaltyUsd);
        assertEq(fund.claimUsdOf(ETH), 0);
    }
}

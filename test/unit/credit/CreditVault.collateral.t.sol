// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ICreditVault} from "../../../contracts/interfaces/ICreditVault.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {RateTerms} from "../../../contracts/types/RateTerms.sol";
import {CreditFixture} from "../../support/CreditFixture.sol";
import {ITokenControl} from "../../support/HouseFixture.sol";

contract CreditVault_depositCollateral_Test is CreditFixture {
    function test_depositCollateral_revertsWhenCallerHasNoPower() public {
        wbtc.mint(address(this), 1e8);
        wbtc.approve(address(vault), 1e8);
        AccountId stranger = accountIdOf(makeAddr("stranger"), 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, stranger, address(this), 3));
        vault.depositCollateral(address(wbtc), 1e8, stranger);
        // The fixture may trade for alice.
        vault.depositCollateral(address(wbtc), 1e8, alice);
        assertEq(vault.collateralOf(alice, address(wbtc)), 1e8);
    }

    function test_depositCollateral_revertsWhenNotListed() public {
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(ICreditVault.CollateralNotListed.selector, address(token)));
        vault.depositCollateral(address(token), 1, alice);
    }

    function test_depositCollateral_revertsWhenZero() public {
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(ICreditVault.CollateralAmountZero.selector, alice, address(wbtc)));
        vault.depositCollateral(address(wbtc), 0, alice);
    }

    function test_depositCollateral_revertsWhenAboveTheCap() public {
        ICreditVault.CollateralTerms memory terms = _collateralTerms(40, 50e18);
        terms.cap = 10e18;
        vault.setCollateralTerms(address(wbtc), terms);
        _pledge(alice, wbtc, 10e8);
        wbtc.mint(bob.owner(), 1);
        vm.startPrank(bob.owner());
        wbtc.approve(address(vault), 1);
        vm.expectRevert(
            abi.encodeWithSelector(ICreditVault.CollateralCapExceeded.selector, address(wbtc), 10e18 + 1e10, 10e18)
        );
        vault.depositCollateral(address(wbtc), 1, bob);
        vm.stopPrank();
    }

    function test_depositCollateral_revertsWhenTheTokenTakesAFee() public {
        ITokenControl fee = ITokenControl(deploy("FeeOnTransferToken", abi.encode(uint8(18), uint256(100))));
        vault.setCollateralTerms(address(fee), _collateralTerms(41, 100e18));
        fee.mint(alice.owner(), 1e18);
        vm.startPrank(alice.owner());
        fee.approve(address(vault), 1e18);
        vm.expectPartialRevert(ICreditVault.CollateralAmountMismatch.selector);
        vault.depositCollateral(address(fee), 1e18, alice);
        vm.stopPrank();
    }

    function test_depositCollateral_flagsTheAccountAndMakesALine() public {
        _pledge(alice, wbtc, 1e8);
        _pledge(alice, weth, 10e18);
        // 40 000·(0.85 − 0.5/50) + 20 000·(0.85 − 0.5/100)
        assertEq(vault.lineOf(alice, MarginKind.Initial), 33_600e18 + 16_900e18);
        assertEq(house.portfolioOf(alice, MarginKind.Initial).creditLineUsd, 50_500e18, "counts as equity");
        assertEq(_equity(alice), 50_500e18);
        assertEq(house.freeCashOf(alice), 0, "a promise is not cash");
        assertEq(house.portfolioOf(bob, MarginKind.Initial).creditLineUsd, 0);
    }

    function test_lineOf_isAtMostTheLendersCash() public {
        _pledge(alice, wbtc, 300e8);
        assertEq(vault.valueOf(alice, MarginKind.Initial), 6_000_000e18, "half of 12M at this size");
        assertEq(vault.lineOf(alice, MarginKind.Initial), LENT_USD);
    }

    /// @dev More collateral never counts less, at any size.
    function testFuzz_valueOf_neverFalls_whenCollateralIsAdded(uint256 first, uint256 second) public {
        first = bound(first, 1, 100e8);
        second = bound(second, 1, 100e8);
        _pledge(alice, wbtc, first);
        uint256 before = vault.valueOf(alice, MarginKind.Initial);
        _pledge(alice, wbtc, second);
        assertGe(vault.valueOf(alice, MarginKind.Initial), before);
    }

    function test_valueOf_ignoresASilentFeedForDrawsOnly() public {
        _pledge(alice, wbtc, 1e8);
        _pledge(alice, weth, 10e18);
        skipSeconds(3_601);
        wethFeed.push(2_000e8);
        assertEq(vault.valueOf(alice, MarginKind.Initial), 16_900e18, "WBTC counts 0 for new draws");
        assertEq(vault.valueOf(alice, MarginKind.Maintenance), 50_500e18, "its last price still tells health");
        vm.prank(alice.owner());
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.CreditLineTooLow.selector, alice, 16_900e18, 16_900e18 + 1)
        );
        house.drawCredit(alice, 16_900e18 + 1);
        skipSeconds(3 days);
        wethFeed.push(2_000e8);
        assertEq(vault.valueOf(alice, MarginKind.Maintenance), 16_900e18, "not for ever");
    }
}

contract CreditVault_withdrawCollateral_Test is CreditFixture {
    function test_withdrawCollateral_revertsWhenCallerMayNotWithdraw() public {
        _pledge(alice, wbtc, 1e8);
        // The power to trade is not enough.
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, address(this), 2));
        vault.withdrawCollateral(address(wbtc), 1e8, alice, address(this));
    }

    function test_withdrawCollateral_revertsWhenMoreThanThereIs() public {
        _pledge(alice, wbtc, 1e8);
        vm.prank(alice.owner());
        vm.expectRevert(
            abi.encodeWithSelector(ICreditVault.CollateralTooLow.selector, alice, address(wbtc), 1e8, 1e8 + 1)
        );
        vault.withdrawCollateral(address(wbtc), 1e8 + 1, alice, alice.owner());
    }

    function test_withdrawCollateral_revertsWhenDebtWouldExceedTheLine() public {
        _pledge(alice, wbtc, 2e8);
        _draw(alice, 50_000e18);
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(ICreditVault.DebtAboveLine.selector, alice, 50_000e18, 33_600e18));
        vault.withdrawCollateral(address(wbtc), 1e8, alice, alice.owner());
    }

    function test_withdrawCollateral_revertsWhenInitialMarginNeedsIt() public {
        _pledge(alice, wbtc, 1e8);
        _fund(alice, 1_500e18);
        _trade(alice, ETH, 20e18);
        _price(ETH, 1_960);
        _collateralPrices(40_000, 2_000);
        // What is left stands for the debt of some 500, but not for the 800 lost since.
        vm.prank(alice.owner());
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        vault.withdrawCollateral(address(wbtc), 0.97e8, alice, alice.owner());
        vm.prank(alice.owner());
        vault.withdrawCollateral(address(wbtc), 0.9e8, alice, alice.owner());
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertEq(equity - int256(vault.lineOf(alice, MarginKind.Initial)), int256(required), "drawn to its margin");
    }

    function test_withdrawCollateral_needsNoPrice_whenThereIsNoDebtAndNoPosition() public {
        _pledge(alice, wbtc, 1e8);
        skipSeconds(30 days);
        vm.prank(alice.owner());
        vault.withdrawCollateral(address(wbtc), 1e8, alice, bob.owner());
        assertEq(wbtc.balanceOf(bob.owner()), 1e8);
        assertEq(house.portfolioOf(alice, MarginKind.Initial).creditLineUsd, 0);
    }
}

contract CreditVault_setCollateralTerms_Test is CreditFixture {
    function _expectOutOfBounds(bytes32 term, uint256 value, uint256 lowest, uint256 highest) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICreditVault.CollateralTermOutOfBounds.selector,
                address(wbtc),
                term,
                value,
                lowest,
                highest
            )
        );
    }

    function test_setCollateralTerms_revertsWhenCallerIsNotGovernor() public {
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice.owner()));
        vault.setCollateralTerms(address(wbtc), _collateralTerms(40, 1e18));
    }

    function test_setCollateralTerms_revertsWhenOutOfBounds() public {
        ICreditVault.CollateralTerms memory terms = _collateralTerms(40, 50e18);
        terms.topShare = 0.95e18 + 1;
        _expectOutOfBounds("topShare", terms.topShare, 0, 0.95e18);
        vault.setCollateralTerms(address(wbtc), terms);
        terms.topShare = 0.85e18;
        terms.minShare = 0.425e18 - 1;
        _expectOutOfBounds("minShare", terms.minShare, 0.425e18, 0.85e18);
        vault.setCollateralTerms(address(wbtc), terms);
        terms.minShare = 0.5e18;
        terms.maxDiscount = 0.12e18 + 1;
        _expectOutOfBounds("maxDiscount", terms.maxDiscount, 0.01e18, 0.12e18);
        vault.setCollateralTerms(address(wbtc), terms);
        terms.maxDiscount = 0.1e18;
        terms.auctionSeconds = 29;
        _expectOutOfBounds("auctionSeconds", 29, 30, 3_600);
        vault.setCollateralTerms(address(wbtc), terms);
        terms.auctionSeconds = 30;
        terms.depth = 0;
        _expectOutOfBounds("depth", 0, 1, 1e36);
        vault.setCollateralTerms(address(wbtc), terms);
        terms.depth = 1;
        terms.priceMarket = MarketId.wrap(64);
        _expectOutOfBounds("priceMarket", 64, 0, 63);
        vault.setCollateralTerms(address(wbtc), terms);
    }

    function test_setCollateralTerms_revertsWhenItIsTheSettlementToken() public {
        vm.expectRevert(abi.encodeWithSelector(ICreditVault.CollateralNotPossible.selector, address(token), 0, 0));
        vault.setCollateralTerms(address(token), _collateralTerms(40, 1e18));
    }

    function test_setCollateralTerms_revertsWhenDecimalsAreTooMany() public {
        address fine = _deployCollateral(25);
        vm.expectRevert(abi.encodeWithSelector(ICreditVault.CollateralDecimalsTooMany.selector, fine, 25, 24));
        vault.setCollateralTerms(fine, _collateralTerms(40, 1e18));
    }

    function test_setCollateralTerms_revertsWhenSixteenAreListed() public {
        for (uint256 i = 2; i < 16; ++i) vault.setCollateralTerms(_deployCollateral(18), _collateralTerms(41, 1e18));
        address last = _deployCollateral(18);
        vm.expectRevert(abi.encodeWithSelector(ICreditVault.CollateralNotPossible.selector, last, 16, 16));
        vault.setCollateralTerms(last, _collateralTerms(41, 1e18));
        assertEq(vault.listedCollateral().length, 16);
    }

    function test_setRateTerms_revertsWhenOutOfBounds() public {
        RateTerms memory terms = RateTerms(0.02e18, 0.1e18, 4e18 + 1, 0.8e18);
        vm.expectRevert(
            abi.encodeWithSelector(ICreditVault.RateTermOutOfBounds.selector, bytes32("maxRate"), 4e18 + 1, 0, 4e18)
        );
        vault.setRateTerms(terms);
        terms.maxRate = 0.05e18;
        vm.expectRevert(
            abi.encodeWithSelector(ICreditVault.RateTermOutOfBounds.selector, bytes32("kinkRate"), 0.1e18, 0, 0.05e18)
        );
        vault.setRateTerms(terms);
        terms = RateTerms(0, 0.1e18, 1e18, 0.995e18);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICreditVault.RateTermOutOfBounds.selector,
                bytes32("kinkUtilization"),
                0.995e18,
                0.1e18,
                0.99e18
            )
        );
        vault.setRateTerms(terms);
    }

    function test_setAuction_revertsWhenSet() public {
        vm.expectRevert(abi.encodeWithSelector(ICreditVault.AuctionFixed.selector, address(auction)));
        vault.setAuction(address(1));
    }

    /// @dev A collateral of any decimals is worth the same, and comes out to the unit.
    function test_depositCollateral_valuesAnyDecimals() public {
        uint8[5] memory decimals = [0, 6, 8, 18, 24];
        for (uint256 i; i < 5; ++i) {
            ITokenControl asset = ITokenControl(_deployCollateral(decimals[i]));
            vault.setCollateralTerms(address(asset), _collateralTerms(41, 1_000e18));
            AccountId account = accountIdOf(alice.owner(), uint96(10 + i));
            uint256 amount = 10 * 10 ** decimals[i];
            _pledge(account, asset, amount);
            assertEq(vault.lineOf(account, MarginKind.Initial), 16_900e18);
            _draw(account, 16_900e18);
            assertEq(_cash(account), 16_900e18);
            vm.startPrank(account.owner());
            house.repayCredit(account, type(uint256).max);
            vault.withdrawCollateral(address(asset), amount, account, bob.owner());
            vm.stopPrank();
            assertEq(asset.balanceOf(bob.owner()), amount);
        }
    }
}

contract CreditVault_constructor_Test is CreditFixture {
    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    function test_constructor_revertsWhenTheSettlementTokenHasTooManyDecimals() public {
        address fine = deploy("TestToken", abi.encode("Fine", "FINE", uint8(19), type(uint256).max));
        address other = deploy("ClearingHouse", abi.encode(fine, address(this), DEPOSIT_USD));
        vm.expectRevert(abi.encodeWithSelector(ICreditVault.SettlementDecimalsTooMany.selector, 19, 18));
        this.deployVault(other);
    }

    function deployVault(address house_) external returns (address) {
        return deploy("CreditVault", abi.encode(house_, address(this), "Credit", "CR"));
    }

    /// @dev The whole vault with a settlement token of 18 decimals.
    function test_constructor_takesASettlementTokenOf18Decimals() public {
        assertEq(vault.decimals(), 24);
        assertEq(vault.totalAssets(), 1_000_000e18);
        _pledge(alice, wbtc, 1e8);
        _draw(alice, 33_600e18);
        _withdraw(alice, 33_600e18);
        skipSeconds(100 days);
        uint256 debt = vault.debtOf(alice);
        token.mint(address(this), debt);
        token.approve(address(vault), debt);
        assertEq(vault.repay(alice, debt), debt, "to the unit");
        assertEq(vault.debtOf(alice), 0);
        vm.startPrank(lender);
        assertGe(vault.redeem(vault.maxRedeem(lender), lender, lender), 1_000_000e18);
        vm.stopPrank();
        _assertConserved(_creditUsers());
    }
}

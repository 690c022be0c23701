// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BackstopScenarios} from "../support/BackstopScenarios.sol";

/// @notice A3, ROUND-1: in and out of the backstop in tokens coarser and finer than USD are kept.
abstract contract BackstopUnits is BackstopScenarios {
    /// @dev The pool holds a position, so that entering and leaving have different prices.
    function setUp() public virtual override {
        super.setUp();
        _stake(lena, 1_000_000e18);
        _ripe();
        pool.take(alice, ETH);
        _price(ETH, 1_913);
        _mark(alice);
    }

    function _enter(uint256 assets) private returns (uint256 shares) {
        token.mint(luis, assets);
        vm.prank(luis);
        token.approve(address(pool), type(uint256).max);
        uint256 preview = vault.previewDeposit(assets);
        vm.prank(luis);
        shares = vault.deposit(assets, luis);
        assertEq(shares, preview, "previewDeposit");
    }

    function _passLuis() private {
        _cool(luis, vault.balanceOf(luis));
        _passCooldown(1_913, 40_000);
        _mark(alice);
    }

    /// @dev One by amount, one by shares, both ways out; nothing is gained, and previews are deeds.
    function testFuzz_ROUND1_redeem_gainsNothing_whenUnitsDiffer(uint256 amount, uint256 part) public {
        uint256 one = 10 ** _decimals();
        uint256 assets = bound(amount, one / 1_000 + 1, 1_000_000 * one);
        uint256 shares = _enter(assets);
        _passLuis();
        uint256 received;
        part = bound(part, 0, vault.maxWithdraw(luis));
        if (part != 0) {
            uint256 burnt = vault.previewWithdraw(part);
            vm.prank(luis);
            assertEq(vault.withdraw(part, luis, luis), burnt, "previewWithdraw");
            received += part;
        }
        uint256 rest = vault.maxRedeem(luis);
        uint256 preview = vault.previewRedeem(rest);
        if (preview != 0) {
            assertEq(_redeem(luis, rest), preview, "previewRedeem");
            received += preview;
        }
        assertLe(vault.balanceOf(luis), shares);
        assertLe(received, assets, "ROUND-1");
        assertEq(token.balanceOf(luis), received);
        // Finer tokens leave parts of a unit in the house.
        if (_decimals() <= 18) _assertConserved(_everybody());
    }

    function testFuzz_ROUND1_mint_costsAtLeastItsWorth(uint256 shares) public {
        shares = bound(shares, 1, 1_000_000e18);
        uint256 cost = vault.previewMint(shares);
        token.mint(luis, cost);
        vm.prank(luis);
        token.approve(address(pool), type(uint256).max);
        vm.prank(luis);
        assertEq(vault.mint(shares, luis), cost, "previewMint");
        assertEq(vault.balanceOf(luis), shares);
        assertLe(vault.previewRedeem(shares), cost, "ROUND-1");
        assertEq(token.balanceOf(luis), 0);
    }

    /// @dev All that may leave can, and not a unit more.
    function test_withdraw_paysTheMost() public {
        _enter(500_000 * 10 ** _decimals());
        _passLuis();
        uint256 most = vault.maxWithdraw(luis);
        assertGt(most, 0);
        vm.expectRevert();
        vm.prank(luis);
        vault.withdraw(most + 10 ** _decimals(), luis, luis);
        vm.prank(luis);
        vault.withdraw(most, luis, luis);
        assertEq(token.balanceOf(luis), most);
    }
}

contract BackstopSixDecimals_adversarial_Test is BackstopUnits {
    function _decimals() internal pure override returns (uint8) {
        return 6;
    }
}

contract BackstopTwentyFourDecimals_adversarial_Test is BackstopUnits {
    function _decimals() internal pure override returns (uint8) {
        return 24;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILossWaterfall, Tier} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {IStakedShares} from "../../../contracts/interfaces/IStakedShares.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {TierScenarios} from "../../support/TierScenarios.sol";

/// @notice The vault of junior money where there is nothing in it, too much, or more markets than it knows.
contract ReserveVault_ends_Test is TierScenarios {
    function _cooled(uint256 amountUsd) private returns (uint256 shares) {
        shares = _reserve(ruth, amountUsd);
        vm.prank(ruth);
        reserve.requestCooldown(shares);
        _passCooldown(2_000, 40_000);
    }

    /* REVERTS */

    function test_deposit_revertsWhenAUnitBuysNoShare() public {
        _reserve(ruth, 100e18);
        _fund(reserveAccount, 100e18);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.AmountTooSmall.selector, 1, 0));
        vm.prank(ruth);
        reserveShares.deposit(1, ruth);
    }

    function test_deposit_revertsWhenTheTokenKeepsAPart() public {
        token.mint(ruth, 10e18);
        vm.startPrank(ruth);
        token.approve(address(reserve), 10e18);
        // A balance that a transfer does not change.
        vm.mockCall(address(token), abi.encodeCall(token.balanceOf, (address(reserve))), abi.encode(uint256(7)));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.TokenAmountMismatch.selector, 0, 10e18));
        reserveShares.deposit(10e18, ruth);
        vm.stopPrank();
    }

    function test_withdraw_revertsWhenNothingIsThere() public {
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, ruth, 1e18, 0));
        vm.prank(ruth);
        reserveShares.withdraw(1e18, ruth, ruth);
    }

    function test_redeem_revertsWhenAShareIsWorthNoUnit() public {
        _cooled(100e18);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.AmountTooSmall.selector, 0, 1));
        vm.prank(ruth);
        reserveShares.redeem(1, ruth, ruth);
    }

    /* SUCCESS */

    function test_withdraw_paysAnApprovedSpender() public {
        uint256 shares = _cooled(100e18);
        address spender = makeAddr("spender");
        vm.prank(ruth);
        IERC20(address(reserve)).approve(spender, shares);
        uint256 expected = reserveShares.previewWithdraw(10e18);
        // ⌈10·(S + V)/E⌉: the virtual part is the vault's.
        assertEq(expected, (10e18 * (100e18 + VIRTUAL)) / 100e18);
        vm.prank(spender);
        assertEq(reserveShares.withdraw(10e18, spender, ruth), expected);
        assertEq(token.balanceOf(spender), 10e18);
        assertEq(IERC20(address(reserve)).allowance(ruth, spender), shares - expected);
        assertEq(reserve.cooldownOf(ruth).shares, shares - expected);
    }

    function test_previewWithdraw_isNothing_whenNothingIsAskedOfAnEmptyVault() public view {
        assertEq(reserveShares.previewWithdraw(0), 0);
        assertEq(reserveShares.previewWithdraw(1), type(uint256).max);
    }

    function test_maxDeposit_isZero_whenTheVaultIsFull() public {
        _fund(reserveAccount, 999_999_999e18);
        assertEq(reserveShares.maxDeposit(ruth), 1e18);
        _fund(reserveAccount, 1e18);
        assertEq(reserveShares.maxDeposit(ruth), 0);
        _fund(reserveAccount, 1e18);
        assertEq(reserveShares.maxDeposit(ruth), 0);
    }

    function test_maxDeposit_isOpenToTheSoleDepositor() public {
        IERC4626 own = IERC4626(deploy("ReserveVault", abi.encode(house, ruth, "Own", "OWN")));
        assertEq(own.maxDeposit(ruth), 1_000_000_000e18);
        assertEq(own.maxDeposit(lena), 0);
    }

    /// @dev Inventory that has won back a part of what the reserve paid: newcomers pay for that part.
    function test_previewDeposit_countsWhatInventoryHasWonBack_whenItIsLessThanWasPaid() public {
        _reserve(ruth, 30_000e18);
        _bankruptAlice();
        _setTier(Tier.Fund, 0);
        _resolve(alice);
        assertEq(_cash(reserveAccount), 0, "all of it paid");
        _price(ETH, 1_620);
        uint256 won = uint256(house.previewInventory(ETH).valueUsd);
        assertGt(won, 9_000e18);
        assertLt(won, 30_000e18);
        assertEq(
            reserveShares.previewDeposit(1_000e18),
            (1_000e18 * (30_000e18 + VIRTUAL)) / (won + VIRTUAL),
            "as if it were there"
        );
    }

    /// @dev A claim in a market that is not the first.
    function test_valuation_countsAClaimInAnyMarket() public {
        waterfall.setTierTerms(BTC, Tier.Protocol, ILossWaterfall.TierTerms(ONE, ONE));
        _reserve(ruth, 30_000e18);
        _setTier(Tier.Fund, 0);
        _open(alice, BTC, 60_000e18, 25e18);
        _open(bob, BTC, 60_000e18, -25e18);
        _price(BTC, 32_000);
        _resolve(alice);
        skipSeconds(700);
        _price(BTC, 38_000);
        _tearUpAll(BTC);
        assertEq(_quote(reserveAccount, BTC), 30_000e18);
        (uint256 equityUsd, uint256 redeemableUsd, ) = reserve.valuation();
        assertEq(equityUsd, 30_000e18);
        assertEq(redeemableUsd, 0);
        _assertBooked();
    }

    /// @dev Numbers of markets may leave gaps: what is summed over them is the same.
    function test_reconciliation_sumsAllMarkets_whenNumbersLeaveAGap() public {
        uint256 shares = _cooled(100e18);
        _list(MarketId.wrap(3), 100e8, 1_000_000e18, 0.001e18);
        _open(alice, MarketId.wrap(3), 10_000e18, 500e18);
        _open(bob, ETH, 10_000e18, -10e18);
        uint256 reserves = house.marketOf(MarketId.wrap(3)).reserveUsd + house.marketOf(ETH).reserveUsd;
        assertGt(house.marketOf(MarketId.wrap(3)).reserveUsd, 0);
        assertEq(house.reconciliation().reservesUsd, reserves);
        assertEq(reserveShares.maxRedeem(ruth), shares, "no inventory anywhere has lost");
        assertEq(reserveShares.previewDeposit(1e18), 1e18);
    }
}

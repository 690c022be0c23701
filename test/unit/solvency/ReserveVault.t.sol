// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IReserveVault} from "../../../contracts/interfaces/IReserveVault.sol";
import {IStakedShares} from "../../../contracts/interfaces/IStakedShares.sol";
import {Tier} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {TierScenarios} from "../../support/TierScenarios.sol";

/// @notice The vault of junior money: entering, leaving, being slashed.
contract ReserveVault_Test is TierScenarios {
    address private _rita;

    function setUp() public override {
        super.setUp();
        _rita = makeAddr("rita, depositor");
    }

    function _coolDown(address depositor, uint256 shares) private {
        vm.prank(depositor);
        reserve.requestCooldown(shares);
    }

    function _leave(address depositor, uint256 shares) private returns (uint256 assets) {
        vm.prank(depositor);
        return reserveShares.redeem(shares, depositor, depositor);
    }

    /* REVERTS */

    function test_deposit_revertsWhenTheVaultIsAnothersOwn() public {
        address deployed = deploy("ReserveVault", abi.encode(house, ruth, "Own", "OWN"));
        (IReserveVault own, IERC4626 shares) = (IReserveVault(deployed), IERC4626(deployed));
        assertEq(own.SOLE_DEPOSITOR(), ruth);
        token.mint(_rita, 10e18);
        vm.startPrank(_rita);
        token.approve(deployed, 10e18);
        vm.expectRevert(abi.encodeWithSelector(IReserveVault.DepositorNotAllowed.selector, _rita, ruth));
        shares.deposit(10e18, _rita);
        vm.stopPrank();
        assertEq(shares.maxDeposit(_rita), 0);
        assertEq(shares.maxMint(_rita), 0);
        token.mint(ruth, 10e18);
        vm.startPrank(ruth);
        token.approve(deployed, 10e18);
        assertEq(shares.deposit(10e18, ruth), 10e18);
        vm.stopPrank();
    }

    function test_deposit_revertsWhenItIsWorthNoShare() public {
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.AmountTooSmall.selector, 0, 0));
        vm.prank(_rita);
        reserveShares.deposit(0, _rita);
    }

    function test_deposit_revertsWhenTheVaultIsDepleted() public {
        _reserve(ruth, 10_000e18);
        _setTier(Tier.Protocol, 9e18);
        token.mint(_rita, 10e18);
        vm.startPrank(_rita);
        token.approve(address(reserve), 10e18);
        vm.expectRevert(abi.encodeWithSelector(IReserveVault.ReserveDepleted.selector, 9e18, 10_000e18));
        reserveShares.deposit(10e18, _rita);
        vm.stopPrank();
        assertEq(reserveShares.maxDeposit(_rita), 0);
        // Money paid into the account makes it whole, for the old shares.
        _fund(reserveAccount, 9_991e18);
        assertApproxEqAbs(_reserve(_rita, 10e18), 10e18, 1e6);
    }

    function test_deposit_revertsWhenItIsAboveTheMost() public {
        uint256 most = reserveShares.maxDeposit(_rita);
        assertEq(most, 1_000_000_000e18);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxDeposit.selector, _rita, most + 1, most));
        vm.prank(_rita);
        reserveShares.deposit(most + 1, _rita);
    }

    function test_requestCooldown_revertsWhenItIsForMoreThanTheBalance() public {
        _reserve(ruth, 100e18);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.CooldownAboveBalance.selector, ruth, 100e18 + 1, 100e18));
        _coolDown(ruth, 100e18 + 1);
    }

    function test_redeem_revertsWhenOutsideTheWindow() public {
        _reserve(ruth, 100e18);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.CooldownTooSmall.selector, ruth, 1e18, 0));
        _leave(ruth, 1e18);
        _coolDown(ruth, 50e18);
        uint256 opensAt = vm.getBlockTimestamp() + COOLDOWN;
        skipSeconds(COOLDOWN - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.CooldownRunning.selector, ruth, opensAt, opensAt - 1));
        _leave(ruth, 1e18);
        assertEq(reserveShares.maxRedeem(ruth), 0);
        skipSeconds(1);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.CooldownTooSmall.selector, ruth, 50e18 + 1, 50e18));
        _leave(ruth, 50e18 + 1);
        assertEq(reserveShares.maxRedeem(ruth), 50e18);
        _leave(ruth, 20e18);
        assertEq(reserve.cooldownOf(ruth).shares, 30e18);
        skipSeconds(WINDOW);
        vm.expectRevert(
            abi.encodeWithSelector(IStakedShares.CooldownExpired.selector, ruth, opensAt + WINDOW, opensAt + WINDOW)
        );
        _leave(ruth, 1e18);
        assertEq(reserveShares.maxWithdraw(ruth), 0);
    }

    function test_redeem_revertsWhenAShortfallIsOpen() public {
        _reserve(ruth, 100e18);
        _coolDown(ruth, 100e18);
        _passCooldown(2_000, 40_000);
        _distressDeeply();
        _mark(alice);
        uint256 shortfall = house.totalShortfallUsd();
        assertGt(shortfall, TOLERANCE);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.ShortfallOpen.selector, shortfall, TOLERANCE));
        _leave(ruth, 1e18);
        assertEq(reserveShares.maxRedeem(ruth), 0);
    }

    /// @dev What is in sight of whoever buffers: inventory that has lost.
    function test_redeem_revertsWhenInventoryHasLost() public {
        _reserve(ruth, 100e18);
        _coolDown(ruth, 100e18);
        _passCooldown(2_000, 40_000);
        _capTier(Tier.Protocol, 0, 0);
        _strand();
        assertEq(reserveShares.maxRedeem(ruth), 100e18);
        _price(ETH, 1_590);
        uint256 loss = uint256(-house.previewInventory(ETH).valueUsd);
        assertGt(loss, TOLERANCE);
        vm.expectRevert(abi.encodeWithSelector(IStakedShares.InventoryLossOpen.selector, ETH, loss, TOLERANCE));
        _leave(ruth, 1e18);
        assertEq(reserveShares.maxRedeem(ruth), 0);
        skipSeconds(600);
        _publish(1_590, 40_000);
        _tearUpAll(ETH);
        assertEq(_leave(ruth, 100e18), (100e18 * uint256(100e18)) / (100e18 + VIRTUAL));
    }

    /* SUCCESS */

    function test_deposit_mintsAtCashPerShare() public {
        assertEq(_reserve(ruth, 100e18), 100e18, "one for one at first");
        assertEq(_cash(reserveAccount), 100e18);
        _setTier(Tier.Protocol, 50e18);
        // (S + V)/(E + V), down.
        assertEq(_reserve(_rita, 50e18), (50e18 * (100e18 + VIRTUAL)) / (50e18 + VIRTUAL));
        (uint256 equityUsd, uint256 redeemableUsd, uint256 supply) = reserve.valuation();
        assertEq(equityUsd, 100e18);
        assertEq(redeemableUsd, 100e18);
        assertEq(supply, reserveShares.totalSupply());
    }

    function test_mint_costsWhatThePreviewSays() public {
        _reserve(ruth, 100e18);
        _setTier(Tier.Protocol, 40e18);
        uint256 cost = reserveShares.previewMint(50e18);
        assertApproxEqAbs(cost, 20e18, 1e12);
        token.mint(_rita, 1_000e18);
        vm.startPrank(_rita);
        token.approve(address(reserve), type(uint256).max);
        assertEq(reserveShares.mint(50e18, _rita), cost);
        vm.stopPrank();
        assertEq(token.balanceOf(_rita), 1_000e18 - cost);
        assertEq(reserveShares.balanceOf(_rita), 50e18);
        assertEq(reserveShares.totalSupply(), 150e18);
        assertEq(reserveShares.totalAssets(), 40e18 + cost);
        assertEq(_cash(reserveAccount), 40e18 + cost);
    }

    function test_redeem_takesTheSharesAway() public {
        _reserve(ruth, 100e18);
        _reserve(_rita, 60e18);
        vm.expectEmit(address(reserve));
        emit IStakedShares.CooldownRequested(
            ruth,
            80e18,
            vm.getBlockTimestamp() + COOLDOWN,
            vm.getBlockTimestamp() + COOLDOWN + WINDOW
        );
        _coolDown(ruth, 80e18);
        skipSeconds(COOLDOWN);
        assertEq(reserveShares.maxWithdraw(ruth), reserveShares.previewRedeem(80e18));
        uint256 assets = _leave(ruth, 30e18);
        assertEq(reserveShares.balanceOf(ruth), 70e18);
        assertEq(reserveShares.totalSupply(), 130e18);
        assertEq(reserveShares.totalAssets(), 160e18 - assets);
        assertEq(reserveShares.maxRedeem(ruth), 50e18, "of those that cooled down");
    }

    /// @dev Every market is looked at, to the last.
    function test_redeem_revertsWhenInventoryOfTheLastMarketHasLost() public {
        _reserve(ruth, 100e18);
        _coolDown(ruth, 100e18);
        _passCooldown(2_000, 40_000);
        IClearingHouse.InventoryState memory inventory = house.previewInventory(BTC);
        assertEq(inventory.valueUsd, 0);
        inventory.valueUsd = -int256(TOLERANCE);
        _mockInventory(inventory);
        assertEq(reserveShares.maxRedeem(ruth), 100e18, "what is tolerated");
        inventory.valueUsd = -int256(TOLERANCE) - 1;
        _mockInventory(inventory);
        assertEq(reserveShares.maxRedeem(ruth), 0);
        vm.expectRevert(
            abi.encodeWithSelector(IStakedShares.InventoryLossOpen.selector, BTC, TOLERANCE + 1, TOLERANCE)
        );
        _leave(ruth, 1e18);
    }

    function _mockInventory(IClearingHouse.InventoryState memory inventory) private {
        vm.mockCall(address(house), abi.encodeCall(IClearingHouse.previewInventory, (BTC)), abi.encode(inventory));
    }

    function test_redeem_paysThePriceOfThen_whenItWasSlashedMeanwhile() public {
        _reserve(ruth, 30_000e18);
        _coolDown(ruth, 30_000e18);
        _bankruptAlice();
        _setTier(Tier.Fund, 0);
        _capTier(Tier.Protocol, 0.5e18, ONE);
        _resolve(alice);
        assertEq(_cash(reserveAccount), 15_000e18);
        skipSeconds(COOLDOWN);
        _publish(1_600, 40_000);
        _tearUpAll(ETH);
        uint256 expected = (30_000e18 * uint256(15_000e18)) / (30_000e18 + VIRTUAL);
        assertEq(reserveShares.previewRedeem(30_000e18), expected);
        assertEq(_leave(ruth, 30_000e18), expected);
        assertEq(token.balanceOf(ruth), expected);
        _assertBooked();
    }

    /// @dev A claim is nothing to those who leave, and all of itself to those who come.
    function test_valuation_countsClaimsForNewcomersOnly() public {
        _reserve(ruth, 30_000e18);
        _bankruptAlice();
        _setTier(Tier.Fund, 0);
        _resolve(alice);
        skipSeconds(700);
        _price(ETH, 1_900);
        _tearUpAll(ETH);
        assertEq(_quote(reserveAccount, ETH), 30_000e18);
        (uint256 equityUsd, uint256 redeemableUsd, ) = reserve.valuation();
        assertEq(equityUsd, 30_000e18);
        assertEq(redeemableUsd, 0);
        assertEq(reserveShares.totalAssets(), 0);
        assertEq(reserveShares.previewWithdraw(1), type(uint256).max);
        assertApproxEqAbs(_reserve(_rita, 1_000e18), 1_000e18, 1);
        // Paid by anybody's settlement once it has stood.
        house.touch(bob, ETH, 16);
        _wait(ETH, 1_900, 1_500);
        _settle(bob);
        _settle(pools[0]);
        _settle(reserveAccount);
        assertApproxEqAbs(_cash(reserveAccount), 31_000e18, 1e18);
        _assertBooked();
    }

    /// @dev S3: whoever donates to an empty vault gives the donation away; a unit of it buys no more than a unit.
    function test_S3_deposit_isNotInflated_whenSomebodyDonates() public {
        _fund(reserveAccount, 1_000e18);
        assertEq(_reserve(_rita, 1), 1);
        assertEq(reserveShares.balanceOf(address(reserve)), 1_000e18, "what was there belongs to nobody");
        _fund(reserveAccount, 1_000_000e18);
        uint256 shares = _reserve(ruth, 100e18);
        uint256 worth = reserveShares.convertToAssets(shares);
        assertApproxEqAbs(worth, 100e18, 1e6);
        _coolDown(ruth, shares);
        skipSeconds(COOLDOWN);
        assertApproxEqAbs(_leave(ruth, shares), 100e18, 1e9);
    }

    function test_transfer_takesNothingOfTheCooldownAlong() public {
        _reserve(ruth, 100e18);
        _coolDown(ruth, 100e18);
        vm.prank(ruth);
        reserveShares.transfer(_rita, 40e18);
        assertEq(reserve.cooldownOf(ruth).shares, 60e18);
        assertEq(reserve.cooldownOf(_rita).shares, 0);
    }

    /* FUZZ */

    /// @dev ROUND-1: in and out at one price gains nothing, in whatever amounts.
    function testFuzz_ROUND1_redeem_gainsNothing(uint256 amount, uint256 held, uint256 lost) public {
        _reserve(ruth, bound(held, 1e6, 100_000e18));
        uint256 cash = _cash(reserveAccount);
        _setTier(Tier.Protocol, cash - bound(lost, 0, (cash * 99) / 100));
        amount = bound(amount, 1e6, 1_000_000e18);
        uint256 shares = _reserve(_rita, amount);
        _coolDown(_rita, shares);
        skipSeconds(COOLDOWN);
        assertLe(_leave(_rita, shares), amount, "ROUND-1");
    }
}

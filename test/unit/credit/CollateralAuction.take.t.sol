// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralAuction} from "../../../contracts/interfaces/ICollateralAuction.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {CreditFixture} from "../../support/CreditFixture.sol";

/// @notice Auctions of collateral, from start to end.
contract CollateralAuction_take_Test is CreditFixture {
    /// @dev Alice draws 160 000 against 5 WBTC (share 0.8) and takes it out; at 36 000 her line is 144 000.
    function _aboveTheLine() private {
        _pledge(alice, wbtc, 5e8);
        _draw(alice, 160_000e18);
        _withdraw(alice, 160_000e18);
        skipSeconds(12);
        _collateralPrices(36_000, 2_000);
    }

    function _request(uint256 maxAmount) private view returns (ICollateralAuction.TakeRequest memory) {
        return
            ICollateralAuction.TakeRequest({
                account: alice,
                asset: address(wbtc),
                maxAmountNative: maxAmount,
                limitPrice: type(uint256).max,
                deadline: type(uint256).max,
                to: taker
            });
    }

    function test_start_revertsWhenWithinTheLine() public {
        _pledge(alice, wbtc, 5e8);
        _draw(alice, 160_000e18);
        _withdraw(alice, 160_000e18);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralAuction.AccountWithinLine.selector, alice, 160_000e18, 160_000e18)
        );
        auction.start(alice, address(wbtc));
    }

    function test_start_revertsWhenSpareCashRestoresTheLine() public {
        _pledge(alice, wbtc, 5e8);
        _draw(alice, 160_000e18);
        skipSeconds(12);
        _collateralPrices(36_000, 2_000);
        vm.expectPartialRevert(ICollateralAuction.AccountWithinLine.selector);
        auction.start(alice, address(wbtc));
        house.repayCredit(alice, type(uint256).max);
        assertLt(vault.debtOf(alice), 1e18, "anybody may repay what the account's margin does not need");
    }

    function test_start_revertsWhenThereIsNoneOfTheCollateral() public {
        _aboveTheLine();
        vm.expectRevert(abi.encodeWithSelector(ICollateralAuction.NothingToSell.selector, alice, address(weth)));
        auction.start(alice, address(weth));
    }

    function test_start_revertsWhenRunning() public {
        _aboveTheLine();
        auction.start(alice, address(wbtc));
        uint256 startedAt = vm.getBlockTimestamp();
        skipSeconds(30);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralAuction.AuctionRunning.selector, alice, address(wbtc), startedAt)
        );
        auction.start(alice, address(wbtc));
        (uint256 shownAt, uint256 expiresAt) = auction.auctionOf(alice, address(wbtc));
        assertEq(shownAt, startedAt);
        assertEq(expiresAt, startedAt + 270);
    }

    function test_start_revertsWhenThePriceIsNotValid() public {
        _aboveTheLine();
        skipSeconds(3_601);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollateralAuction.CollateralPriceNotValid.selector,
                address(wbtc),
                PriceStatus.Stale
            )
        );
        auction.start(alice, address(wbtc));
    }

    function test_take_revertsWhenNotRunning() public {
        _aboveTheLine();
        vm.expectRevert(abi.encodeWithSelector(ICollateralAuction.AuctionNotRunning.selector, alice, address(wbtc), 0));
        auction.take(_request(1e8));
        auction.start(alice, address(wbtc));
        uint256 expiresAt = vm.getBlockTimestamp() + 270;
        skipSeconds(271);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralAuction.AuctionNotRunning.selector, alice, address(wbtc), expiresAt)
        );
        auction.take(_request(1e8));
        assertEq(auction.previewTake(alice, address(wbtc), 1e8).amountNative, 0);
        auction.start(alice, address(wbtc));
    }

    function test_take_revertsWhenDeadlineOrLimitIsPassed() public {
        _aboveTheLine();
        auction.start(alice, address(wbtc));
        ICollateralAuction.TakeRequest memory request = _request(1e8);
        request.limitPrice = 35_999e18;
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralAuction.AuctionPriceAboveLimit.selector, 36_000e18, 35_999e18)
        );
        auction.take(request);
        request.deadline = vm.getBlockTimestamp() - 1;
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralAuction.TakeExpired.selector, request.deadline, vm.getBlockTimestamp())
        );
        auction.take(request);
    }

    /// @dev The clock counts only seconds with a valid price: after an outage the auction begins anew, at the index.
    function test_take_revertsWhenTheFeedWasSilent() public {
        _aboveTheLine();
        auction.start(alice, address(wbtc));
        skipSeconds(40);
        wbtcFeed.push(0);
        oracle.poke(1 << 40);
        skipSeconds(20);
        wbtcFeed.push(36_000e8);
        oracle.poke(1 << 40);
        skipSeconds(20);
        vm.expectRevert(abi.encodeWithSelector(ICollateralAuction.AuctionBroken.selector, alice, address(wbtc), 60));
        auction.take(_request(1e8));
        auction.start(alice, address(wbtc));
        assertEq(auction.previewTake(alice, address(wbtc), 1e8).price, 36_000e18);
    }

    function test_take_sellsAsMuchAsRestoresTheLineAndNoMore() public {
        _aboveTheLine();
        auction.start(alice, address(wbtc));
        skipSeconds(45);
        ICollateralAuction.TakePlan memory preview = auction.previewTake(alice, address(wbtc), type(uint256).max);
        assertEq(preview.price, 34_200e18, "half of the discount at half of the time");
        ICollateralAuction.TakePlan memory plan = _take(alice, wbtc, type(uint256).max);
        assertEq(plan.amountNative, preview.amountNative, "preview");
        assertEq(plan.paymentNative, preview.paymentNative, "preview");
        assertLt(plan.amountNative, 5e8);
        assertEq(wbtc.balanceOf(taker), plan.amountNative);
        uint256 value = vault.valueOf(alice, MarginKind.Initial);
        assertLe(vault.debtOf(alice), (value * 95) / 100, "restored");
        assertGe(vault.debtOf(alice), (value * 9499) / 10000, "and no more than that");
        assertEq(_cash(alice), 0, "all of it repaid debt");
        (uint256 startedAt, ) = auction.auctionOf(alice, address(wbtc));
        assertEq(startedAt, 0, "ended");
        _assertConserved(_creditUsers());
    }

    function test_take_partlyLeavesTheRestForSale() public {
        _aboveTheLine();
        auction.start(alice, address(wbtc));
        uint256 whole = auction.previewTake(alice, address(wbtc), type(uint256).max).amountNative;
        skipSeconds(90);
        _take(alice, wbtc, 0.1e8);
        uint256 rest = auction.previewTake(alice, address(wbtc), type(uint256).max).amountNative;
        assertGt(rest, 0);
        skipSeconds(100);
        assertEq(auction.previewTake(alice, address(wbtc), 1).price, 32_400e18, "stays at the floor");
        _take(alice, wbtc, type(uint256).max);
        assertGt(rest + 0.1e8, whole, "a lower price needs more");
        assertLe(vault.debtOf(alice), vault.valueOf(alice, MarginKind.Initial));
        _assertConserved(_creditUsers());
    }

    function test_take_buysNothing_whenBackWithinTheLine() public {
        _aboveTheLine();
        auction.start(alice, address(wbtc));
        skipSeconds(12);
        _collateralPrices(41_000, 2_000);
        ICollateralAuction.TakePlan memory plan = _take(alice, wbtc, 1e8);
        assertEq(plan.amountNative, 0);
        assertEq(plan.paymentNative, 0);
        (uint256 startedAt, ) = auction.auctionOf(alice, address(wbtc));
        assertEq(startedAt, 0, "ended");
    }

    /// @dev Whatever a taker takes, and when: the account pays at most the discount, the house's books stay whole, and the shortfall shrinks.
    function testFuzz_take_alwaysHelps(uint256 debt, uint256 price, uint256 amount, uint256 wait) public {
        _pledge(alice, wbtc, 5e8);
        _pledge(alice, weth, 10e18);
        debt = bound(debt, 1_000e18, 176_900e18);
        _draw(alice, debt);
        _withdraw(alice, debt - (debt % 1e12));
        skipSeconds(12);
        price = bound(price, 17_000, 39_000);
        _collateralPrices(price, 2_000);
        uint256 value = vault.valueOf(alice, MarginKind.Maintenance);
        vm.assume(vault.debtOf(alice) > value);
        auction.start(alice, address(wbtc));
        skipSeconds(bound(wait, 0, 270));
        uint256 debtBefore = vault.debtOf(alice);
        ICollateralAuction.TakePlan memory plan = _take(alice, wbtc, bound(amount, 1, 5e8));
        assertGt(plan.amountNative, 0);
        assertGe(plan.price, price * 0.9e18, "floor");
        assertLe(vault.debtOf(alice), debtBefore);
        uint256 gapBefore = debtBefore > value ? debtBefore - value : 0;
        uint256 left = vault.valueOf(alice, MarginKind.Maintenance);
        uint256 gapAfter = vault.debtOf(alice) > left ? vault.debtOf(alice) - left : 0;
        assertLe(gapAfter, gapBefore, "nearer to the line");
        _assertConserved(_creditUsers());
    }
}

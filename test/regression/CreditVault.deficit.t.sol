// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ICollateralAuction} from "../../contracts/interfaces/ICollateralAuction.sol";
import {ICreditVault} from "../../contracts/interfaces/ICreditVault.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../contracts/types/PriceStatus.sol";
import {CreditFixture} from "../support/CreditFixture.sol";

/// @notice A line is a promise of cash that others can take first. Whoever was carried by one and let fall leaves a loss to others: the collateral behind the line
/// answers for it (COAL-1, WATER-1).
contract CreditVault_deficit_Test is CreditFixture {
    AccountId private dave;

    function setUp() public override {
        super.setUp();
        dave = _trader("dave");
    }

    /* ARRANGE */

    /// @dev Alice long and bob short 500 ETH, matched at the index. Alice has ten WBTC and no cash of her own; at 1 800 she has lost 49 000 USD more than she had drawn.
    function _carried() private {
        _pledge(alice, wbtc, 10e8);
        _fund(bob, 200_000e18);
        house.matchOrders(
            IClearingHouse.MatchRequest({
                maker: bob,
                taker: alice,
                market: ETH,
                sizeDelta: 500e18,
                price: 2_000e18,
                makerReduceOnly: false,
                takerReduceOnly: false
            })
        );
        _price(ETH, 1_800);
        _collateralPrices(40_000, 2_000);
        assertGt(_health(alice), 1e18, "carried by her line");
        assertLt(_own(alice), -45_000e18, "and by nothing else");
    }

    /// @dev Dave takes all of the lenders' cash for a moment; alice is bankrupt in it.
    function _letFall() private {
        _pledge(dave, wbtc, 100e8);
        _draw(dave, vault.cashUsd());
        _resolve(alice);
        _repay(dave);
        vm.prank(dave.owner());
        vault.withdrawCollateral(address(wbtc), 100e8, dave, dave.owner());
    }

    /// @dev Repays all that an account owes, out of its owner's pocket but for its cash.
    function _repay(AccountId account) private {
        address owner = account.owner();
        vm.startPrank(owner);
        house.repayCredit(account, type(uint256).max);
        uint256 debt = vault.debtOf(account);
        token.mint(owner, _native(debt) + 2);
        token.approve(address(vault), type(uint256).max);
        vault.repay(account, _native(debt) + 2);
        vm.stopPrank();
        assertEq(vault.debtOf(account), 0);
    }

    /// @dev The collateral's feed goes below its floor.
    function _silence() private {
        skipSeconds(12);
        wbtcFeed.push(1);
    }

    /* READ */

    function _own(AccountId account) private view returns (int256) {
        return _equity(account) - int256(house.portfolioOf(account, MarginKind.Maintenance).creditLineUsd);
    }

    /// @dev All that alice, bob and dave have together, collateral at its price.
    function _wealth() private view returns (int256) {
        return
            _own(alice) +
            _own(bob) +
            _own(dave) +
            int256(_cash(keeper)) +
            int256(vault.collateralOf(alice, address(wbtc)) * 40_000e10) -
            int256(vault.debtOf(alice));
    }

    function _insuranceUsd() private view returns (uint256) {
        return _cash(accountIdOf(insurance, 0));
    }

    function _assertWhole() private view {
        AccountId[] memory users = new AccountId[](5);
        (users[0], users[1], users[2], users[3], users[4]) = (alice, bob, carol, vault.lenders(), dave);
        _assertConserved(users);
    }

    /* COAL-1 */

    /// @dev One owner of all three got 25 000 USD out of insurance by it, at no risk.
    function test_COAL1_resolve_gainsNothing_whenTheLineIsTakenForAMoment() public {
        _carried();
        int256 before = _wealth();
        uint256 fund = _insuranceUsd();
        _letFall();
        assertLt(_insuranceUsd(), fund - 20_000e18, "insurance has paid");
        house.touch(bob, ETH, 16);
        // But for a cent of rounding in dave's repayment.
        assertLe(_wealth(), before + 0.01e18, "COAL-1");
        assertGt(vault.deficitOf(alice), 45_000e18);
        assertEq(vault.lineOf(alice, MarginKind.Maintenance), 0, "nothing is lent to her");
        _assertWhole();
    }

    function test_withdrawCollateral_revertsWhenADeficitIsOwed() public {
        _carried();
        _letFall();
        bytes memory refusal = abi.encodeWithSelector(
            ICreditVault.DeficitUnpaid.selector,
            alice,
            vault.deficitOf(alice)
        );
        vm.prank(alice.owner());
        vm.expectRevert(refusal);
        vault.withdrawCollateral(address(wbtc), 1, alice, alice.owner());
        vm.expectRevert();
        vault.writeOff(alice);
    }

    function test_repay_paysLendersThenInsurance_whenADeficitIsOwed() public {
        _carried();
        _letFall();
        uint256 deficit = vault.deficitOf(alice);
        uint256 fund = _insuranceUsd();
        uint256 lent = vault.totalDebtUsd();
        assertEq(vault.debtOf(alice) - deficit, lent + 1, "the rest is the lenders', rounded up");
        uint256 cash = vault.cashUsd();
        _repay(alice);
        assertApproxEqAbs(_insuranceUsd(), fund + deficit, 1e12, "insurance has the deficit, rounded up");
        assertApproxEqAbs(vault.cashUsd(), cash + lent, 1e12, "lenders have the debt");
        vm.prank(alice.owner());
        vault.withdrawCollateral(address(wbtc), 10e8, alice, alice.owner());
        assertEq(wbtc.balanceOf(alice.owner()), 10e8);
        _assertWhole();
    }

    function test_take_sellsUntilTheDeficitIsPaid() public {
        _carried();
        _letFall();
        uint256 fund = _insuranceUsd();
        uint256 deficit = vault.deficitOf(alice);
        auction.start(alice, address(wbtc));
        skipSeconds(45);
        ICollateralAuction.TakePlan memory plan = _take(alice, wbtc, type(uint256).max);
        assertEq(plan.price, 38_000e18);
        assertGt(plan.amountNative, 2e8);
        assertLt(plan.amountNative, 3e8, "a hundred thousand USD at 38 000 apiece");
        assertEq(vault.debtOf(alice), 0);
        assertApproxEqAbs(_insuranceUsd(), fund + deficit, 1e12);
        assertGt(vault.lineOf(alice, MarginKind.Maintenance), 0, "and she may borrow again");
        _assertWhole();
    }

    /// @dev Insurance got her claims with her losses: she owes what is left of them.
    function test_resolve_countsClaimsAgainstTheDeficit() public {
        _pledge(alice, wbtc, 10e8);
        _fund(alice, 10_000e18);
        _fund(bob, 400_000e18);
        _trade(bob, ETH, -300e18);
        _trade(alice, ETH, 300e18);
        _trade(bob, BTC, 5e18);
        _trade(alice, BTC, -5e18);
        _price(ETH, 1_700);
        feeds[1].push(39_000e8);
        _collateralPrices(40_000, 2_000);
        int256 own = _own(alice);
        assertLt(own, -10_000e18);
        assertGt(
            house.portfolioOf(alice, MarginKind.Maintenance).exposures[1].valueUsd,
            4_000e18,
            "a gain in the other market"
        );
        _letFall();
        assertApproxEqAbs(vault.deficitOf(alice), uint256(-own), 6e18, "no more than she lacked");
        _assertWhole();
    }

    /* SILENT FEEDS */

    /// @dev G3: collateral that nobody can value kept a loss from being recognised for three days, while the winner was paid from what others had paid in.
    function test_resolve_takes_whenOnlyASilentFeedCarriesTheAccount() public {
        _carried();
        _silence();
        assertGt(_health(alice), 1e18, "PRICE-1: the silent feed liquidates nobody");
        assertEq(house.liquidate(alice, ETH, keeper).closeSize, 0);
        _resolve(alice);
        assertEq(_size(alice, ETH), 0);
        assertGt(vault.deficitOf(alice), 45_000e18, "her collateral answers once it has a price");
        _assertWhole();
    }

    /// @dev The same feed does not let a healthy account be resolved.
    function test_resolve_revertsWhenOwnEquityIsLeftWhileTheFeedIsSilent() public {
        _pledge(alice, wbtc, 10e8);
        _trade(alice, ETH, 100e18);
        _price(ETH, 1_950);
        _silence();
        vm.expectPartialRevert(IClearingHouse.AccountNotBankrupt.selector);
        _resolve(alice);
    }

    /// @dev What is worthless by now, but was worth something at its last valid price, would have kept an account from liquidation for days.
    function test_depositCollateral_revertsWhenThePriceIsNotValid() public {
        _silence();
        wbtc.mint(alice.owner(), 1e8);
        vm.startPrank(alice.owner());
        wbtc.approve(address(vault), 1e8);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollateralAuction.CollateralPriceNotValid.selector,
                address(wbtc),
                PriceStatus.OutOfBounds
            )
        );
        vault.depositCollateral(address(wbtc), 1e8, alice);
        vm.stopPrank();
    }
}

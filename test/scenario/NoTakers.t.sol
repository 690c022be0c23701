// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBackstopPool} from "../../contracts/interfaces/IBackstopPool.sol";
import {ICollateralAuction} from "../../contracts/interfaces/ICollateralAuction.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {WholeHouse} from "../support/WholeHouse.sol";

/// @notice L8: for six hours nobody liquidates and nobody takes, while gas costs a hundred times as much. Auctions run to their floor and wait there; an outage starts them anew, at the
/// index. What has become a default meanwhile is resolved at once when keepers are back, with nobody but those who had gained in the same market paying for it.
contract NoTakers_Test is WholeHouse {
    AccountId private _debtor;

    function setUp() public override {
        super.setUp();
        _debtor = _person("debtor");
        _open(bob, ETH, 200_000e18, -500e18);
        _open(alice, ETH, 51_500e18, 500e18);
        // Ten WBTC, and 300 000 USD that left with it.
        _pledge(_debtor, wbtc, 10e8);
        vm.prank(_debtor.owner());
        house.drawCredit(_debtor, 290_000e18);
        _takeFreeCash(_debtor);
        // The backstop has money, but may not bid here; the pool has no room.
        pool.setBackstopTerms(ETH, _noBid());
        _closePool(ETH);
        _assertBooks();
    }

    function _noBid() private pure returns (IBackstopPool.BackstopTerms memory terms) {
        terms = _backstopTerms();
        terms.capUsd = 0;
    }

    /// @dev What the curves ask and give now: never below their floors.
    function _assertFloors(int256 ethPrice) private view {
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(alice, ETH, ALL);
        if (plan.takeSize != 0) {
            uint256 notional = (plan.takeSize * uint256(ethPrice)) / 1e8;
            assertGe(plan.price, (uint256(ethPrice) * 1e10 * 985) / 1_000, "phi_max and the pool's impact at most");
            assertLe(plan.discountUsd, (notional * 11) / 1_000, "L8");
            assertLe(plan.discountUsd, uint256(plan.equityUsd), "never more than she has");
        }
        ICollateralAuction.TakePlan memory sale = collateralAuction.previewTake(_debtor, address(wbtc), ALL);
        if (sale.amountNative != 0) assertGe(sale.price, (uint256(answers[4]) * 1e10 * 9) / 10, "1 - maxDiscount");
    }

    function test_L8_story_nobodyTakesForSixHours() public {
        vm.txGasPrice(5_000 gwei);
        _moveCollateral(32_000e8, 2_000e8);
        _move(ETH, 1_940e8);
        assertLt(_health(alice), 1e18);
        assertGt(credit.debtOf(_debtor), credit.valueOf(_debtor, MarginKind.Maintenance));
        _markAndWait(alice, 0);
        collateralAuction.start(_debtor, address(wbtc));
        _watchCash();
        bytes32 before = keccak256(abi.encode(house.positionOf(alice, ETH), house.accountOf(alice).cashUsd));

        // Two hours at the floor, or without an auction: nothing is sold, nothing changes hands.
        for (uint256 i; i < 24; ++i) {
            _elapse(i == 0 ? 90 : 300);
            _assertFloors(1_940e8);
        }
        assertEq(collateralAuction.previewTake(_debtor, address(wbtc), ALL).amountNative, 0, "it has expired");
        uint256 atFloor = 1_940e18 - house.previewTakeOver(alice, ETH, 5e18).price;
        assertGt(atFloor, 0);
        assertEq(
            keccak256(abi.encode(house.positionOf(alice, ETH), house.accountOf(alice).cashUsd)),
            before,
            "waiting takes nothing from her"
        );
        _assertCashMovedOnlyOf(new AccountId[](0));

        // The feeds are silent for more than an hour. When they are back the auction is at the index again.
        skipSeconds(3_700);
        assertEq(_previewCode(alice, ETH), uint256(ILiquidationEngine.PlanCode.PriceNotValid));
        _elapse(12);
        assertEq(house.distressOf(alice).elapsedSeconds, 0, "L8: auctions reset");
        ILiquidationEngine.TakeOverPlan memory plan = house.previewTakeOver(alice, ETH, ALL);
        assertEq(plan.discountUsd, 0);
        assertEq(plan.price, 1_940e18, "at the index");
        _elapse(45);
        assertApproxEqRel(1_940e18 - house.previewTakeOver(alice, ETH, 5e18).price, atFloor / 2, 0.02e18, "half way");

        // It falls for the rest of the day, and still nobody comes.
        for (int256 i; i < 30; ++i) {
            answers[0] = 1_940e8 - 2e8 * i;
            _elapse(300);
            _assertFloors(answers[0]);
        }
        _assertCashMovedOnlyOf(new AccountId[](0));
        assertEq(_previewCode(alice, ETH), uint256(ILiquidationEngine.PlanCode.Bankrupt));
        _assertBooks();
        _keepersReturn();
        _sellCollateral();
    }

    function _keepersReturn() private {
        uint256 deficit = uint256(-_equity(alice));
        int256 winners = _worth(bob) + _worth(pools[0]);
        (uint256 fund, uint256 tranche) = (_cash(_fundAccount()), _cash(_trancheOf(ETH)));
        assertGt(deficit, 5_000e18);
        _resolve(alice);
        assertEq(house.accountOf(alice).markets, 0);
        assertEq(house.totalShortfallUsd(), 0);
        uint256 insured = fund - _cash(_fundAccount());
        assertApproxEqAbs(
            insured,
            ((deficit - tranche) * 9) / 10,
            1e12,
            "nine tenths of what the tranche left are insured, inside the caps"
        );
        insured += tranche;
        uint256 shared = uint256(winners - _worth(bob) - _worth(pools[0]));
        assertApproxEqAbs(shared, deficit - insured, 1e6, "the rest is shared by those who gained");
        winners = _worth(bob);
        _assertBooks();

        // Nobody takes the inventory either, and the pool has no room.
        vm.expectPartialRevert(IClearingHouse.PoolExposureExceeded.selector);
        house.unwind(ETH);
        vm.expectPartialRevert(IClearingHouse.TearUpTooEarly.selector);
        house.tearUp(ETH);
        _elapse(600);
        assertLe(house.previewTakeOver(house.systemAccountOf(ETH, 0), ETH, ALL).price, 1_882e18);
        assertGe(house.previewTakeOver(house.systemAccountOf(ETH, 0), ETH, ALL).price, (1_882e18 * 999) / 1_000);
        house.tearUp(ETH);
        house.touch(bob, ETH, 16);
        assertEq(_size(house.systemAccountOf(ETH, 0), ETH), 0, "all of it");
        assertEq(_size(bob, ETH), 0, "bob was the other side");
        assertLe(house.marketOf(ETH).uncollectedLossUsd, 1e6, "SOC-1: collected");
        assertApproxEqAbs(_worth(bob), winners, 1e6, "out of his gain, and no more");
        AccountId[] memory named = new AccountId[](4);
        (named[0], named[1], named[2], named[3]) = (alice, keeper, _fundAccount(), _trancheOf(ETH));
        _assertCashMovedOnlyOf(named);
        assertEq(_cashGained(keeper), int256(DEPOSIT_USD), "the bounty does not depend on gas");
        _assertBooks();
    }

    /// @dev The auction of collateral has to be started again, and starts at the index.
    function _sellCollateral() private {
        vm.expectPartialRevert(ICollateralAuction.AuctionNotRunning.selector);
        this.buyCollateral(1);
        _elapse(12);
        collateralAuction.start(_debtor, address(wbtc));
        assertEq(collateralAuction.previewTake(_debtor, address(wbtc), ALL).price, 32_000e18);
        _elapse(45);
        uint256 lenders = credit.totalAssets();
        ICollateralAuction.TakePlan memory sale = this.buyCollateral(type(uint256).max);
        assertApproxEqRel(sale.price, (32_000e18 * 95) / 100, 0.001e18);
        assertLe(credit.debtOf(_debtor), credit.valueOf(_debtor, MarginKind.Maintenance));
        assertGe(credit.totalAssets(), lenders, "lenders lost nothing");
        _assertBooks();
    }

    /// @dev Buys as the fixture.
    function buyCollateral(uint256 most) external returns (ICollateralAuction.TakePlan memory) {
        token.mint(address(this), 1_000_000e18);
        token.approve(address(credit), type(uint256).max);
        return
            collateralAuction.take(
                ICollateralAuction.TakeRequest({
                    account: _debtor,
                    asset: address(wbtc),
                    maxAmountNative: most,
                    limitPrice: type(uint256).max,
                    deadline: type(uint256).max,
                    to: address(this)
                })
            );
    }
}

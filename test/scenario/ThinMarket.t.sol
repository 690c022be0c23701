// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../../contracts/interfaces/IRiskEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {WholeHouse} from "../support/WholeHouse.sol";

/// @notice A thin market, D = 400 000 USD, with one position of five times that. Slices of a twelfth of D nibble at it while it falls, a taker restores it in one call, and when it is in deep
/// distress another takes all of it: no debt is left, and the pool is never pushed further than its part.
contract ThinMarket_Test is WholeHouse {
    uint256 private constant DEPTH_USD = 400_000e18;
    MarketId private _thin;
    bool private _isThin;

    function setUp() public override {
        super.setUp();
        _isThin = true;
        _thin = _listNext(200e8, 200_000e18, 0.01e18);
    }

    /// @dev The starting parameters of a thin market.
    function _riskTerms() internal view override returns (IRiskEngine.RiskTerms memory terms) {
        terms = super._riskTerms();
        if (!_isThin) return terms;
        (terms.initialMargin, terms.maintenanceMargin, terms.sizeSlope) = (0.2e18, 0.12e18, 0.01e18);
        terms.gainShare = 0.5e18;
    }

    function _liquidationTerms() internal view override returns (ILiquidationEngine.LiquidationTerms memory terms) {
        terms = super._liquidationTerms();
        if (!_isThin) return terms;
        (terms.maxPenaltyRate, terms.windowSeconds, terms.smallNotionalUsd) = (0.025e18, 20, 2_000e18);
    }

    function _terms(
        AccountId pool_,
        uint256 skewScale,
        uint256 lotSize
    ) internal view override returns (IClearingHouse.MarketTerms memory terms) {
        terms = super._terms(pool_, skewScale, lotSize);
        if (!_isThin) return terms;
        (terms.takerFee, terms.makerFee, terms.band) = (0.0015e18, 0.0005e18, 0.05e18);
        (terms.unwindTolerance, terms.tearUpLoss, terms.tearUpDelay) = (0.003e18, 0.02e18, 1_200);
    }

    /// @dev Alice has 2M USD, five times D, with her initial margin of a quarter; bob the other side.
    function _openAlice() private {
        _fund(bob, 1_500_000e18);
        _fund(alice, 520_000e18);
        _pair(alice, bob, _thin, 10_000e18);
        _takeFreeCash(alice);
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertApproxEqRel(required, 500_000e18, 0.001e18);
        assertApproxEqAbs(equity, int256(required), 1e12);
        _assertBooks();
    }

    function _notionalOf(AccountId account) private view returns (uint256) {
        return (uint256(_size(account, _thin)) * oracle.peek(_thin.bit())[0].price) / 1e18;
    }

    /// @dev Slices as fast as pacing lets a keeper, at most `most`.
    function _sliceUntilHealthy(uint256 most) private returns (uint256 calls) {
        while (calls < most && _health(alice) < 1e18) {
            (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
            uint256 room = house.previewPacing(alice, _thin).roomUsd;
            ILiquidationEngine.Plan memory plan = house.liquidate(alice, _thin, keeper);
            assertGt(plan.closeSize, 0);
            assertLe((plan.closeSize * plan.price) / 1e18, room + 2e18, "LIQ-4");
            _assertNoLessHealthy(alice, equity, required);
            _assertBooks();
            ++calls;
            if (_health(alice) < 1e18) _elapse(house.previewPacing(alice, _thin).fullAt - vm.getBlockTimestamp());
        }
    }

    /// @dev Nobody but keepers, and the price stands: slices restore it in the end, and the pool's price has hardly moved.
    function test_story_slicesAloneRestoreIt_whenThePriceStands() public {
        _openAlice();
        _move(_thin, 179e8);
        assertLt(_health(alice), 1e18);
        assertGt(_health(alice), 0.9e18);
        _watchCash();
        uint256 startedAt = vm.getBlockTimestamp();
        uint256 whole = _notionalOf(alice);
        int256 worth = _worth(alice);
        uint256 calls = _sliceUntilHealthy(60);
        assertGe(_health(alice), 1e18);
        assertGt(calls, 1, "one slice is a twelfth of D");
        assertLe(calls, 20, "bounded calls");
        assertLe(vm.getBlockTimestamp() - startedAt, calls * 4 * 20, "four windows of 20 s each at most");
        uint256 closed = whole - _notionalOf(alice);
        assertLt(closed, whole / 2, "most of it is still hers");
        // Sold at once it would have cost N²/(2·K·P) = 45 000 and more, most of what she had left.
        uint256 lost = uint256(worth - _worth(alice));
        assertLt(lost, 20_000e18);
        assertLe(lost, (closed * 35) / 1_000, "penalty of 2.5 % and impact of a percent at most");
        assertEq(house.marketOf(_thin).pendingLossUsd, 0);
        AccountId[] memory named = new AccountId[](4);
        (named[0], named[1], named[2], named[3]) = (alice, keeper, poolAccount, _trancheOf(_thin));
        _assertCashMovedOnlyOf(named);
        _assertBooks();
    }

    /// @dev The price goes on falling while slices are paced; a taker restores what they could not.
    function test_story_aTakerRestoresIt_whenItFallsFasterThanSlices() public {
        _openAlice();
        _move(_thin, 179e8);
        uint256 calls = _sliceUntilHealthy(2);
        _markAndWait(alice, 0);
        _move(_thin, 176e8);
        calls += _sliceUntilHealthy(1);
        _elapse(90);
        assertLt(_health(alice), 1e18);
        _watchCash();
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        int256 before = _worth(alice) + _worth(carol);
        ILiquidationEngine.TakeOverPlan memory plan = _takeOver(alice, _thin, ALL);
        assertEq(calls, 3);
        assertGt((plan.takeSize * 176), DEPTH_USD / 4, "more than a bucket at once");
        assertGt(plan.discountUsd, 0);
        _assertNoLessHealthy(alice, equity, required);
        assertGe(_health(alice), 1.15e18);
        assertApproxEqAbs(_worth(alice) + _worth(carol), before, 4, "LIQ-3: between the two of them");
        assertGe(_worth(carol), 1_000_000e18, "carol is paid the discount");
        _assertCashMovedOnlyOf(_list2(alice, carol));
        assertEq(house.marketOf(_thin).pendingLossUsd, 0);
        _assertBooks();
    }

    /// @dev A gap into deep distress: H < ⅓, one account takes all of it before it is bankrupt.
    function test_story_oneTakesAllOfIt_whenItGapsIntoDeepDistress() public {
        _fund(carol, 1_000_000e18);
        _openAlice();
        _move(_thin, 157e8);
        assertGt(_equity(alice), 0);
        assertLt(_health(alice), 0.33e18);
        _markAndWait(alice, 0);
        _elapse(45);
        _watchCash();
        int256 before = _worth(alice) + _worth(carol);
        int256 equity = _equity(alice);
        (ILiquidationEngine.TakeOverPlan memory total, ) = _takeOverWhole(alice);
        assertEq(_size(alice, _thin), 0);
        assertEq(_size(carol, _thin), int256(10_000e18));
        assertGe(_equity(alice), 0, "no debt");
        assertLe(total.discountUsd, uint256(equity), "the discount comes out of what is left");
        assertApproxEqAbs(_worth(alice) + _worth(carol), before, 4, "LIQ-3");
        _assertCashMovedOnlyOf(_list2(alice, carol));
        assertEq(house.marketOf(_thin).pendingLossUsd, 0, "no bad debt");
        _assertBooks();
    }

    /// @dev A gap past everything: resolved, and the position of five times D leaves without touching the pool: bob, who is the whole other side, is torn up at the index.
    function test_story_theOtherSideTakesItBack_whenItGapsIntoBankruptcy() public {
        _openAlice();
        _move(_thin, 120e8);
        assertLt(_equity(alice), -250_000e18);
        uint256 deficit = uint256(-_equity(alice));
        _watchCash();
        (uint256 fund, uint256 tranche) = (_cash(_fundAccount()), _cash(_trancheOf(_thin)));
        _resolve(alice);
        _assertBooks();
        uint256 paid = fund - _cash(_fundAccount());
        assertApproxEqAbs(paid, fund / 4, 1e12, "a quarter of insurance is the cap of one event");
        assertEq(_cash(_trancheOf(_thin)), 0, "WATER-1: the tranche has paid all it had");
        paid += tranche;
        assertApproxEqRel(
            house.marketOf(_thin).uncollectedLossUsd,
            deficit - paid,
            1e6,
            "and the rest is bob's, who gained 800 000"
        );
        _elapse(1_200);
        house.unwind(_thin);
        uint256 sold = uint256(int256(10_000e18) - _size(house.systemAccountOf(_thin, 0), _thin));
        assertLe(sold * 200, DEPTH_USD * 3, "the pool takes what it bears at 30 bp");
        house.tearUp(_thin);
        house.touch(bob, _thin, 16);
        assertLt(_size(house.systemAccountOf(_thin, 0), _thin), int256(0.01e18));
        assertApproxEqAbs(_size(bob, _thin), -int256(sold), 1e6, "bob keeps what the pool took");
        _assertBooks();
        // Everything booked has been collected from bob's gain, and his cash is whole.
        assertLe(house.marketOf(_thin).uncollectedLossUsd, 1e6);
        AccountId[] memory named = new AccountId[](4);
        (named[0], named[1], named[2], named[3]) = (alice, keeper, _fundAccount(), _trancheOf(_thin));
        _assertCashMovedOnlyOf(named);
        assertGe(_worth(bob), 1_500_000e18, "G2: his principal");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {WholeHouse} from "../support/WholeHouse.sol";

/// @notice A market that is deep for what fails in it: D is 10M USD. A position of a tenth of D is restored by one slice, one of eight tenths by a few, each within its window; nobody else
/// notices, and nobody is left with a debt.
contract DeepMarket_Test is WholeHouse {
    /// @dev Fees taken from alice, impact and penalty. D18{USD}
    struct Bill {
        uint256 calls;
        uint256 closedUsd;
        int256 impactUsd;
        uint256 penaltyUsd;
    }

    function _slice(Bill memory bill, uint256 price) private {
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        int256 worth = _worth(alice);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertGt(plan.closeSize, 0, "a slice was possible");
        _assertNoLessHealthy(alice, equity, required);
        assertApproxEqAbs(
            worth - _worth(alice),
            int256(plan.penaltyUsd) + plan.impactUsd,
            4,
            "LIQ-3: she pays penalty and impact, and nothing else"
        );
        ++bill.calls;
        bill.closedUsd += (plan.closeSize * price) / 1e18;
        bill.impactUsd += plan.impactUsd;
        bill.penaltyUsd += plan.penaltyUsd;
        _assertBooks();
    }

    /// @dev Alice has 1M USD of ETH with little more than her initial margin, bob the other side.
    function _openAlice() private {
        _open(bob, ETH, 200_000e18, -500e18);
        _open(alice, ETH, 51_500e18, 500e18);
        _assertBooks();
    }

    function test_story_oneSliceRestoresATenthOfDepth() public {
        _openAlice();
        _move(ETH, 1_950e8);
        assertApproxEqRel(_health(alice), 0.9e18, 0.03e18);
        _watchCash();
        uint256 tranche = _cash(_trancheOf(ETH));
        Bill memory bill;
        _slice(bill, 1_950e18);

        // x* of protocol section 6.1's example, and no more.
        assertApproxEqRel(bill.closedUsd, 301_000e18, 0.15e18);
        assertGe(_health(alice), 1.15e18);
        assertLt(_health(alice), 1.16e18);
        assertLt(uint256(bill.impactUsd), (bill.closedUsd * 2) / 10_000, "a deep market hardly moves");
        // Four tenths of the penalty are the keeper's; of the rest the backstop has three tenths.
        uint256 toKeeper = (bill.penaltyUsd * 4) / 10;
        uint256 toBackstop = ((bill.penaltyUsd - toKeeper) * 3) / 10;
        assertApproxEqAbs(_cashGained(keeper), int256(toKeeper), 4);
        assertApproxEqAbs(_cashGained(poolAccount), int256(toBackstop), 4);
        assertApproxEqAbs(_cashGained(_trancheOf(ETH)), int256(bill.penaltyUsd - toKeeper - toBackstop), 4);
        _assertCashMovedOnlyOf(_paidByLiquidations());

        // It falls on, and a second slice is enough again.
        _move(ETH, 1_930e8);
        assertLt(_health(alice), 1e18);
        _slice(bill, 1_930e18);
        assertGe(_health(alice), 1.15e18);
        assertEq(bill.calls, 2);
        assertEq(house.marketOf(ETH).pendingLossUsd + house.marketOf(ETH).uncollectedLossUsd, 0, "no bad debt");
        assertGt(_cash(_trancheOf(ETH)), tranche, "insurance has only received");

        // It comes back: what is left of her position has come back with it.
        _move(ETH, 2_000e8);
        int256 left = _worth(alice);
        _trade(alice, ETH, -_size(alice, ETH));
        _elapseLong(1_500);
        _settle(alice);
        assertApproxEqRel(uint256(_worth(alice)), uint256(left), 0.02e18);
        assertEq(house.accountOf(alice).markets, 0);
        assertEq(_takeFreeCash(alice), uint256(_worth(alice)) + token.balanceOf(alice.owner()), "all of it is hers");
        _assertBooks();
    }

    function _paidByLiquidations() private view returns (AccountId[] memory named) {
        named = new AccountId[](4);
        (named[0], named[1], named[2], named[3]) = (alice, keeper, poolAccount, _trancheOf(ETH));
    }

    /// @dev Eight tenths of D: the account's third of the bucket per window, until the target is reached.
    function test_story_someSlicesRestoreEightTenthsOfDepth() public {
        _fund(bob, 2_000_000e18);
        _fund(alice, 440_000e18);
        _pair(alice, bob, ETH, 4_000e18);
        _takeFreeCash(alice);
        _move(ETH, 1_950e8);
        assertLt(_health(alice), 1e18);
        _watchCash();
        uint256 tranche = _cash(_trancheOf(ETH));
        Bill memory bill;
        uint256 startedAt = vm.getBlockTimestamp();
        uint256 window = house.previewPacing(alice, ETH).windowSeconds;
        uint256 capacity = house.previewPacing(alice, ETH).capacityUsd;
        for (uint256 i; i < 12 && _health(alice) < 1e18; ++i) {
            uint256 closed = bill.closedUsd;
            _slice(bill, 1_950e18);
            assertLe(bill.closedUsd - closed, capacity / 3 + 2e18, "LIQ-4: a third of the bucket at once");
            if (_health(alice) < 1e18) _elapse(house.previewPacing(alice, ETH).fullAt - vm.getBlockTimestamp());
        }
        assertGe(_health(alice), 1e18);
        assertLe(bill.calls, 4, "bounded calls");
        assertLe(vm.getBlockTimestamp() - startedAt, 4 * 4 * window, "bounded time");
        assertLt(uint256(bill.impactUsd), bill.closedUsd / 500, "it was never dearer than 0.2 %");
        assertGt(_cash(_trancheOf(ETH)), tranche);
        assertEq(house.marketOf(ETH).pendingLossUsd, 0);
        _assertCashMovedOnlyOf(_paidByLiquidations());
        // A fill against the pool does not change what bob has.
        assertGt(_worth(bob), int256(2_000_000e18), "bob gains by the fall alone");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {WholeHouse} from "../support/WholeHouse.sol";

/// @notice A crash by 28 % within an hour, and no keeper. The winner knows, and uses the hour: settles the losers, settles, withdraws whatever comes loose. Then a keeper is back, resolves two
/// accounts, slices a third, and cleans up. What the two could not pay is met by insurance and by the winners' gains: of nobody else a cent moves, and nobody ends with less than they paid in.
contract KeeperAbsent_Test is WholeHouse {
    AccountId private _dave;
    AccountId private _erin;
    /// @dev D18{USD}, what bob took out while nobody looked.
    uint256 private _takenOut;
    uint256 private _calls;

    function setUp() public override {
        super.setUp();
        _dave = _person("dave");
        _erin = _person("erin");
        _open(bob, ETH, 150_000e18, -700e18);
        _open(alice, ETH, 55_000e18, 500e18);
        _open(_dave, ETH, 60_000e18, 300e18);
        _open(_erin, ETH, 120_000e18, 200e18);
        _assertBooks();
    }

    /// @dev Settles the losers as a stranger, then himself, and takes out what is free.
    function _run() private {
        AccountId[] memory losers = new AccountId[](3);
        (losers[0], losers[1], losers[2]) = (alice, _dave, _erin);
        vm.startPrank(bob.owner());
        house.settle(losers);
        house.settle(_one(bob));
        vm.stopPrank();
        _takenOut += _takeFreeCash(bob);
    }

    function _crash() private {
        for (int256 i = 1; i <= 12; ++i) {
            answers[0] = 2_000e8 - (560e8 * i) / 12;
            _elapse(300);
            _run();
            _assertBooks();
        }
    }

    function test_story_nobodyComesForAnHour() public {
        int256 poolWorth = _worth(pools[0]);
        uint256 lost = _cash(alice) + _cash(_dave) + _cash(_erin);
        _crash();
        // G3: he got no more than losers have paid in, and carol's cash was free all the time (CASH-1).
        assertGt(_takenOut, 100_000e18, "he did run");
        assertLe(_takenOut, 150_000e18 + lost);
        assertEq(_takeFreeCash(carol), 1_000_000e18);
        assertLt(_equity(alice), -150_000e18);
        assertLt(_equity(_dave), -50_000e18);
        assertGt(_equity(_erin), 0);
        assertLt(_health(_erin), 1e18);
        assertGe(_health(bob), 1e18);

        _watchCash();
        uint256 fund = _cash(_fundAccount());
        uint256 deficits = uint256(-_equity(alice) - _equity(_dave));
        int256 winners = _worth(bob) + _worth(pools[0]);
        _keeperReturns();
        uint256 insured = fund - _cash(_fundAccount());
        uint256 tranche = uint256(-_cashGained(_trancheOf(ETH)));
        assertLe(insured, fund / 2, "WATER-1: half of the fund is the cap of a day");
        assertGt(insured, fund / 4);
        // Who lost how much: tranche and fund what they insured, the winners the rest of the deficits, out of gains.
        int256 shared = winners - _worth(bob) - _worth(pools[0]);
        assertApproxEqAbs(shared, int256(deficits - insured - tranche), 500e18, "nobody else lost anything");
        assertEq(_cashGained(bob), 0, "SENIOR-1: not out of his cash");
        assertGt(_cashGained(pools[0]), -100e18, "the pool pays the edge of what it buys");
        assertGt(_cashGained(keeper), 0, "the keeper is paid");
        assertGe(_worth(bob) + int256(_takenOut), 150_000e18, "G2: he has what he paid in, and a gain");
        assertGe(_worth(pools[0]), poolWorth, "and so has the pool");
        assertGe(_equity(_erin), 0);
        assertLe(_calls, 20, "bounded calls");
        _everybodyLeaves();
    }

    function _keeperReturns() private {
        // The worst first.
        house.resolve(alice, _one(_dave), keeper);
        _assertBooks();
        house.resolve(_dave, new AccountId[](0), keeper);
        _assertBooks();
        _calls = 2;
        while (_health(_erin) < 1e18) {
            (int256 equity, uint256 required) = house.marginOf(_erin, MarginKind.Maintenance);
            ILiquidationEngine.Plan memory plan = house.liquidate(_erin, ETH, keeper);
            assertGt(plan.closeSize, 0);
            _assertNoLessHealthy(_erin, equity, required);
            ++_calls;
            _elapse(40);
        }
        _elapse(61);
        if (house.marketOf(ETH).pendingLossUsd >= 100e18) {
            house.bookLoss(ETH);
            ++_calls;
        }
        // What the two left is sold near the index, as far as the pool takes it, the rest torn up.
        _elapse(600);
        house.tearUp(ETH);
        ++_calls;
        _elapse(61);
        if (house.marketOf(ETH).pendingLossUsd >= 100e18) {
            house.bookLoss(ETH);
            ++_calls;
        }
        assertLt(_size(house.systemAccountOf(ETH, 0), ETH), int256(0.001e18));
        house.touch(bob, ETH, 16);
        house.touch(_erin, ETH, 16);
        _calls += 2;
        assertLe(house.marketOf(ETH).uncollectedLossUsd, 1e6, "SOC-1: all collected");
        _assertBooks();
    }

    /// @dev Everybody closes, waits until gains have stood, and takes out what is theirs.
    function _everybodyLeaves() private {
        AccountId[2] memory left = [bob, _erin];
        for (uint256 i; i < 2; ++i) {
            int256 size = _size(left[i], ETH);
            if (size != 0) _trade(left[i], ETH, -size);
        }
        _elapseLong(1_800);
        for (uint256 i; i < 2; ++i) {
            house.claimRefunds(left[i], ETH, 16);
            _settle(left[i]);
            int256 worth = _worth(left[i]);
            assertApproxEqAbs(int256(_takeFreeCash(left[i])), worth, 1e6, "CASH-1");
            _assertBooks();
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {TakeOverScenarios} from "../../support/TakeOverScenarios.sol";

/// @notice LIQ-1 to LIQ-3 for take-overs of whole accounts: only below a third of the requirement, each position at its own bound.
contract ClearingHouse_takeOverWhole_Test is TakeOverScenarios {
    /// @dev Alice long 80 ETH and short 2 BTC, far below a third of her maintenance margin; bob holds the other sides.
    function _sinkAlice() private {
        _open(alice, ETH, 10_000e18, 80e18);
        _open(alice, BTC, 6_000e18, -2e18);
        _open(bob, ETH, 100_000e18, -80e18);
        _trade(bob, BTC, 2e18);
        _price(ETH, 1_900);
        feeds[1].push(43_500e8);
        assertLt(_health(alice), 0.3e18);
        assertGt(_equity(alice), 100e18);
    }

    /// @dev Adds cash until 3·E = MM + `delta`.
    function _setThird(int256 delta) private {
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        _fund(alice, uint256((int256(required) + delta) / 3 - equity));
    }

    function _expectSkip(AccountId account, ILiquidationEngine.PlanCode code) private {
        bytes32 before = _fingerprint(account);
        vm.expectEmit(address(house));
        emit IClearingHouse.TakeOverWholeSkipped(account, code);
        house.takeOverWhole(_takeWhole(account));
        assertEq(_fingerprint(account), before);
        (ILiquidationEngine.TakeOverPlan memory total, ) = house.previewTakeOverWhole(account);
        assertEq(_codeOf(total), uint256(code), "preview");
    }

    /* OTHER MARKETS */

    /// @dev Each of the two is in a market in which the other is not: the prices of three go to those whom they concern.
    function test_takeOverWhole_readsEachItsOwnPrices_whenTheTakerIsElsewhere() public {
        _list(MarketId.wrap(2), 100e8, 10_000_000e18, 0.1e18);
        _open(alice, MarketId.wrap(2), 10_000e18, 1_600e18);
        _open(bob, MarketId.wrap(2), 100_000e18, -1_600e18);
        _trade(carol, ETH, 1e18);
        _trade(carol, BTC, -0.1e18);
        skipSeconds(12);
        feeds[2].push(94.5e8);
        assertLt(_health(alice), 0.3e18);
        assertGt(_equity(alice), 10e18);
        _takeOverWhole(alice);
        assertEq(_size(carol, MarketId.wrap(2)), int256(1_600e18));
        assertEq(_size(carol, ETH), int256(1e18));
        assertEq(_size(carol, BTC), -int256(0.1e18));
    }

    /// @dev The same with the markets the other way round: what the taker holds comes after.
    function test_takeOverWhole_readsEachItsOwnPrices_whenTheTakersMarketIsAfter() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _open(bob, ETH, 100_000e18, -80e18);
        _trade(carol, BTC, -0.1e18);
        _price(ETH, 1_890);
        assertLt(_health(alice), 0.3e18);
        assertGt(_equity(alice), 10e18);
        _takeOverWhole(alice);
        assertEq(_size(carol, ETH), int256(80e18));
        assertEq(_size(carol, BTC), -int256(0.1e18));
    }

    /* REVERTS */

    function test_takeOverWhole_revertsWhenCallerMayNotTradeForTheTaker() public {
        _sinkAlice();
        IClearingHouse.TakeOverWholeRequest memory request = _takeWhole(alice);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, carol, STRANGER, 1));
        vm.prank(STRANGER);
        house.takeOverWhole(request);
    }

    function test_takeOverWhole_revertsWhenDeadlineHasPassed() public {
        _sinkAlice();
        IClearingHouse.TakeOverWholeRequest memory request = _takeWhole(alice);
        uint256 now_ = vm.getBlockTimestamp();
        request.deadline = now_ - 1;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.DeadlinePassed.selector, now_ - 1, now_));
        house.takeOverWhole(request);
    }

    function test_takeOverWhole_revertsWhenAccountHasChanged() public {
        _sinkAlice();
        IClearingHouse.TakeOverWholeRequest memory request = _takeWhole(alice);
        uint256 version = _version(alice);
        request.expectedVersion = version + 1;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountChanged.selector, alice, version, version + 1));
        house.takeOverWhole(request);
    }

    function test_takeOverWhole_revertsWhenPartyIsNotAUsers() public {
        _sinkAlice();
        AccountId system = house.systemAccountOf(ETH, 0);
        IClearingHouse.TakeOverWholeRequest memory request = _takeWhole(system);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, system));
        house.takeOverWhole(request);
        request = _takeWhole(alice);
        request.taker = pools[1];
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, pools[1]));
        vm.prank(pools[1].owner());
        house.takeOverWhole(request);
        request.taker = alice;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.TakerIsAccount.selector, alice));
        house.takeOverWhole(request);
    }

    function test_takeOverWhole_revertsWhenDiscountIsBelowTheMinimum() public {
        _sinkAlice();
        _markAndWait(alice, 45);
        (ILiquidationEngine.TakeOverPlan memory total, ) = house.previewTakeOverWhole(alice);
        IClearingHouse.TakeOverWholeRequest memory request = _takeWhole(alice);
        request.minDiscountUsd = total.discountUsd + 1;
        vm.expectRevert(
            abi.encodeWithSelector(
                IClearingHouse.DiscountBelowMinimum.selector,
                total.discountUsd,
                total.discountUsd + 1
            )
        );
        house.takeOverWhole(request);
        request.minDiscountUsd = total.discountUsd;
        house.takeOverWhole(request);
        assertEq(_size(alice, ETH), 0);
    }

    function test_takeOverWhole_revertsWhenTakerWouldBeBelowInitialMargin() public {
        _sinkAlice();
        AccountId poor = _trader("poor");
        _fund(poor, 5_000e18);
        IClearingHouse.TakeOverWholeRequest memory request = _takeWhole(alice);
        request.taker = poor;
        _refusal(abi.encodeCall(house.takeOverWhole, (request)), IClearingHouse.AccountBelowInitialMargin.selector);
    }

    /* CODES THAT TAKE NOTHING */

    function test_takeOverWhole_skips_whenHealthIsExactlyAThird() public {
        _sinkAlice();
        (, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        // Equity in units: the next whole third.
        _setThird(int256((3 - (required % 3)) % 3));
        (int256 equity, ) = house.marginOf(alice, MarginKind.Maintenance);
        assertGe(uint256(equity) * 3, required);
        assertLt((uint256(equity) - 1) * 3, required, "one unit less would be below");
        _expectSkip(alice, ILiquidationEngine.PlanCode.NotDeep);
    }

    function test_takeOverWhole_acts_whenHealthIsAUnitBelowAThird() public {
        _sinkAlice();
        (, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        _setThird(int256((3 - (required % 3)) % 3) - 3);
        (int256 equity, ) = house.marginOf(alice, MarginKind.Maintenance);
        assertLt(uint256(equity) * 3, required);
        assertGe((uint256(equity) + 1) * 3, required);
        (ILiquidationEngine.TakeOverPlan memory total, ) = _takeOverWhole(alice);
        assertEq(_codeOf(total), uint256(ILiquidationEngine.PlanCode.Full));
    }

    function test_takeOverWhole_skips_whenHealthyBankruptOrEmpty() public {
        _expectSkip(keeper, ILiquidationEngine.PlanCode.NoPosition);
        _open(alice, ETH, 20_000e18, 80e18);
        _open(bob, ETH, 20_000e18, -80e18);
        _expectSkip(alice, ILiquidationEngine.PlanCode.Healthy);
        _price(ETH, 1_700);
        _expectSkip(alice, ILiquidationEngine.PlanCode.Bankrupt);
    }

    function test_takeOverWhole_skips_whenAMarketIsHalted() public {
        _sinkAlice();
        _setMode(BTC, IClearingHouse.MarketMode.Halted);
        _expectSkip(alice, ILiquidationEngine.PlanCode.Halted);
    }

    /// @dev A market without a valid price is left alone; there its position is valued in the account's favour.
    function test_takeOverWhole_leavesAMarketWithoutAPrice() public {
        _sinkAlice();
        _price(ETH, 1_870);
        oracle.poke(ETH.bit() | BTC.bit());
        skipSeconds(3_601);
        feeds[0].push(1_800e8);
        (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts) = house
            .previewTakeOverWhole(alice);
        if (_codeOf(total) == uint256(ILiquidationEngine.PlanCode.Full)) {
            assertEq(_codeOf(parts[1]), uint256(ILiquidationEngine.PlanCode.PriceNotValid));
            _takeOverWhole(alice);
            assertEq(_size(alice, ETH), 0);
            assertEq(_size(alice, BTC), -int256(2e18));
        } else {
            assertGt(_health(alice), 0.33e18, "shocked in favour");
        }
    }

    function test_takeOverWhole_skips_whenAccountIsThePool() public {
        _open(alice, ETH, 60_000e18, 500e18);
        (ILiquidationEngine.TakeOverPlan memory total, ) = house.previewTakeOverWhole(pools[0]);
        assertEq(_codeOf(total), uint256(ILiquidationEngine.PlanCode.PoolUnavailable));
    }

    /* SUCCESS */

    /// @dev LIQ-3 over several markets: the discounts are the taker's, and no more than there is.
    function test_takeOverWhole_takesEveryPosition() public {
        _sinkAlice();
        _markAndWait(alice, AUCTION_SECONDS);
        int256 victim = _equity(alice) + int256(house.accountOf(alice).depositUsd);
        int256 taker = _equity(carol) + int256(house.accountOf(carol).depositUsd);
        uint256 fund = _cash(_fundAccount());
        (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts) = _takeOverWhole(
            alice
        );
        assertEq(_codeOf(total), uint256(ILiquidationEngine.PlanCode.Full));
        assertEq(parts.length, 2);
        assertEq(parts[0].discountUsd + parts[1].discountUsd, total.discountUsd);
        assertGt(parts[0].discountUsd, 0);
        assertGt(parts[1].discountUsd, 0);
        assertLe(total.discountUsd, uint256(total.equityUsd));
        assertEq(_size(alice, ETH), 0);
        assertEq(_size(alice, BTC), 0);
        assertEq(_size(carol, ETH), int256(80e18));
        assertEq(_size(carol, BTC), -int256(2e18));
        int256 left = _equity(alice) + int256(house.accountOf(alice).depositUsd);
        assertGe(left, 0);
        assertApproxEqAbs(left - victim, -int256(total.discountUsd), 1e6);
        assertApproxEqAbs(
            left + _equity(carol) + int256(house.accountOf(carol).depositUsd),
            victim + taker,
            8,
            "LIQ-3"
        );
        assertEq(_cash(_fundAccount()), fund);
        _assertConserved(_users());
    }

    function test_takeOverWhole_sharesTheBooks_whenTheTakerIsInTheSameMarkets() public {
        _trade(carol, ETH, -30e18);
        _trade(carol, BTC, 1e18);
        _sinkAlice();
        _markAndWait(alice, 60);
        _takeOverWhole(alice);
        assertEq(_size(carol, ETH), int256(50e18));
        assertEq(_size(carol, BTC), -int256(1e18));
        _assertConserved(_users());
    }

    function test_takeOverWhole_leavesTheVictimItsCash() public {
        _sinkAlice();
        int256 worth = _equity(alice) + int256(DEPOSIT_USD);
        _takeOverWhole(alice);
        _settle(alice);
        assertApproxEqAbs(_cash(alice), uint256(worth), 10, "at the index nothing is lost");
        assertEq(house.accountOf(alice).depositUsd, 0);
        _withdraw(alice, house.freeCashOf(alice));
        _assertConserved(_users());
    }

    /// @dev LIQ-2 and LIQ-3 at any depth, time and pair of prices.
    function testFuzz_takeOverWhole_isZeroSumAndLeavesNothingNegative(
        uint256 ethPrice,
        uint256 btcPrice,
        uint256 cash,
        uint256 elapsed
    ) public {
        _open(alice, ETH, 10_000e18, 80e18);
        _open(alice, BTC, 6_000e18, -2e18);
        _open(bob, ETH, 100_000e18, -80e18);
        _trade(bob, BTC, 2e18);
        _price(ETH, bound(ethPrice, 1_850, 1_950));
        feeds[1].push(int256(bound(btcPrice, 41_000, 44_500) * 1e8));
        _fund(alice, bound(cash, 1, 3_000e18));
        _markAndWait(alice, bound(elapsed, 0, 120));
        int256 equity = _equity(alice);
        uint256 health = _health(alice);
        int256 before = equity + int256(house.accountOf(alice).depositUsd) + _equity(carol);
        (ILiquidationEngine.TakeOverPlan memory total, ) = _takeOverWhole(alice);
        if (_codeOf(total) != uint256(ILiquidationEngine.PlanCode.Full)) {
            assertTrue(equity < 3 || health >= uint256(1e18) / 3);
            return;
        }
        assertLe(health, uint256(1e18) / 3);
        assertGe(_equity(alice), 0, "LIQ-3");
        int256 sum = _equity(alice) + int256(house.accountOf(alice).depositUsd);
        sum += _equity(carol) + int256(house.accountOf(carol).depositUsd);
        assertApproxEqAbs(sum, before, 10, "LIQ-3");
        _assertConserved(_users());
    }
}

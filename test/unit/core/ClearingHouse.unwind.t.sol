// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice A resolution account sells near the index only.
contract ClearingHouse_unwind_Test is HouseScenarios {
    /// @dev The resolution account of ETH holds 500 long at 1 600; bob is short 500.
    function _strand() private returns (AccountId resolution) {
        _bankruptAlice();
        _resolve(alice);
        return house.systemAccountOf(ETH, 0);
    }

    function test_unwind_revertsWhenThereIsNothing() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingToUnwind.selector, ETH));
        house.unwind(ETH);
    }

    function test_unwind_revertsWhenMarketIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        house.unwind(MarketId.wrap(9));
    }

    function test_unwind_revertsWhenThePriceIsStale() public {
        _strand();
        skipSeconds(3_601);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, ETH, PriceStatus.Stale));
        house.unwind(ETH);
    }

    function test_unwind_revertsWhenMarketIsHalted() public {
        _strand();
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.MarketNotOpen.selector, ETH, IClearingHouse.MarketMode.Halted)
        );
        house.unwind(ETH);
    }

    function test_unwind_revertsWhenThePoolsPriceIsTooFarFromTheIndex() public {
        _strand();
        _open(carol, ETH, 200_000e18, -500e18);
        // 500 of 500 000 short: selling starts at the tolerance of 0.1 %.
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.UnwindTooCostly.selector, ETH, -0.001e18, 0.001e18));
        house.unwind(ETH);
    }

    function test_unwind_revertsWhenThePoolWouldPassItsCap() public {
        _strand();
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.exposureCap = 100e18;
        house.setMarketTerms(ETH, terms);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PoolExposureExceeded.selector, ETH, 500e18, 100e18));
        house.unwind(ETH);
    }

    function test_unwind_revertsWhenThePoolWouldBeBelowInitialMargin() public {
        _strand();
        uint256 all = house.freeCashOf(pools[0]);
        _withdraw(pools[0], (all / 1e12) * 1e12);
        int256 worth = _equity(pools[0]);
        uint256 required = risk.initialMarginOf(ETH, 800_000e18, 8_000_000e18, 800_000e18);
        bytes memory arguments = _refusal(
            abi.encodeCall(house.unwind, (ETH)),
            IClearingHouse.PoolBelowInitialMargin.selector
        );
        (MarketId market, int256 equity, uint256 needed) = abi.decode(arguments, (MarketId, int256, uint256));
        assertTrue(market == ETH);
        assertEq(needed, required);
        // The pool buys 500 at 0.05 % below the index.
        assertApproxEqAbs(equity, worth + 400e18, 1e18);
    }

    function test_unwind_sellsAllOfIt_whenThePriceAllows() public {
        AccountId resolution = _strand();
        uint256 fund = _cash(_fundAccount());
        vm.expectEmit(address(house));
        emit IClearingHouse.Unwound(ETH, -500e18, 1_599.2e18, 0);
        assertEq(house.unwind(ETH), -int256(500e18));
        assertEq(_size(resolution, ETH), 0);
        assertEq(_size(pools[0], ETH), int256(500e18));
        assertEq(_quote(resolution, ETH), 0, "its loss of 400 is a deficit of the market");
        assertApproxEqAbs(fund - _cash(_fundAccount()), 360e18, 1e18, "nine tenths from insurance");
        assertApproxEqAbs(house.marketOf(ETH).pendingLossUsd, 40e18, 1e18);
        _assertConserved(_users());
    }

    function test_unwind_sellsAsMuchAsTheToleranceAllows() public {
        AccountId resolution = _strand();
        _open(carol, ETH, 200_000e18, -300e18);
        // Down to twice (0.1 % − 300/500 000)·K.
        assertEq(house.unwind(ETH), -int256(400e18));
        assertEq(_size(resolution, ETH), int256(100e18));
        _assertConserved(_users());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.UnwindTooCostly.selector, ETH, -0.0014e18, 0.001e18));
        house.unwind(ETH);
    }

    /// @dev The same the other way round: a short is bought back at the pool's price, which the longs of others have raised.
    function test_unwind_buysAsMuchAsTheToleranceAllows_whenTheInventoryIsShort() public {
        _open(alice, ETH, 60_000e18, -500e18);
        _open(bob, ETH, 60_000e18, 500e18);
        _price(ETH, 2_400);
        _resolve(alice);
        _open(carol, ETH, 200_000e18, 300e18);
        // Up to twice (0.1 % − 300/500 000)·K.
        assertEq(house.unwind(ETH), int256(400e18));
        assertEq(_size(house.systemAccountOf(ETH, 0), ETH), -int256(100e18));
        _assertConserved(_users());
    }

    function test_unwind_returnsAProfitToTheWinners() public {
        AccountId resolution = _strand();
        house.touch(bob, ETH, 16);
        IClearingHouse.MarketEventState memory lossEvent = house.eventOf(ETH, 2);
        _price(ETH, 1_650);
        int256 value = _equity(resolution);
        assertApproxEqAbs(value, 25_000e18, 10e18);
        house.unwind(ETH);
        uint256 recovered = lossEvent.lossUsd - house.eventOf(ETH, 2).lossUsd;
        assertApproxEqAbs(recovered, 25_000e18 - 412.5e18, 10e18, "less what selling cost");
        assertEq(house.marketOf(ETH).surplusUsd + house.marketOf(ETH).uncollectedLossUsd > 0, true);
        int256 quote = _quote(bob, ETH);
        uint256 refunded = house.claimRefunds(bob, ETH, 10);
        assertApproxEqRel(refunded, recovered, 0.01e18, "bob had borne nearly all of it");
        assertEq(_quote(bob, ETH), quote + int256(refunded));
        _assertConserved(_users());
    }

    function testFuzz_unwind_neverSellsFurtherThanTheTolerance(uint256 others, bool isShort) public {
        _strand();
        int256 skew = int256(bound(others, 1, 2_000)) * 1e18;
        _open(carol, ETH, 500_000e18, isShort ? -skew : skew);
        (bool done, bytes memory data) = address(house).call(abi.encodeCall(house.unwind, (ETH)));
        if (done) {
            int256 sizeDelta = abi.decode(data, (int256));
            assertLt(sizeDelta, 0);
            // p = P·(1 + (k + Δ/2)/K) ≥ P·(1 − 0.1 %)
            int256 before = isShort ? -skew : skew;
            assertGe(2 * before + sizeDelta, -int256(1_000e18));
        } else {
            assertEq(bytes32(bytes4(data)), bytes32(IClearingHouse.UnwindTooCostly.selector));
            assertTrue(isShort && skew >= 500e18 - 0.0005e18);
        }
        _assertConserved(_users());
    }
}

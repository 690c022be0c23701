// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILossWaterfall} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice SENIOR-1, RING-1, WATER-1: a default is recognised at once, and only gains of the same market share it.
contract ClearingHouse_resolve_Test is HouseScenarios {
    /* REVERTS */

    function test_resolve_revertsWhenAccountIsTheHouses() public {
        AccountId system = house.systemAccountOf(ETH, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, system));
        house.resolve(system, new AccountId[](0), keeper);
    }

    function test_resolve_revertsWhenKeeperIsTheHouses() public {
        AccountId system = house.systemAccountOf(ETH, 2);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, system));
        house.resolve(alice, new AccountId[](0), system);
    }

    function test_resolve_revertsWhenEquityIsNotNegative() public {
        _distressAlice();
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountNotBankrupt.selector, alice, _equity(alice)));
        _resolve(alice);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountNotBankrupt.selector, carol, int256(0)));
        _resolve(carol);
    }

    function test_resolve_revertsWhenAPositionIsInAHaltedMarket() public {
        _bankruptAlice();
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.MarketNotOpen.selector, ETH, IClearingHouse.MarketMode.Halted)
        );
        _resolve(alice);
    }

    function test_resolve_revertsWhenThePriceIsStale() public {
        _bankruptAlice();
        skipSeconds(3_601);
        // Without a price the position counts in favour of the account: nobody is taken over at a dead price.
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountNotBankrupt.selector, alice, _equity(alice)));
        _resolve(alice);
        feeds[0].push(1_600e8);
        _resolve(alice);
        assertEq(_size(alice, ETH), 0);
        _assertConserved(_users());
    }

    function test_resolve_revertsWhenTooManyEventsWait() public {
        _bookLosses(17);
        AccountId[] memory losers = _one(bob);
        _open(alice, ETH, 60_000e18, 500e18);
        _price(ETH, 1_600);
        bytes memory reason = abi.encodeWithSelector(IClearingHouse.EventsPending.selector, bob, ETH, 17, 16);
        vm.expectRevert(reason);
        house.resolve(bob, new AccountId[](0), keeper);
        vm.expectRevert(reason);
        house.resolve(alice, losers, keeper);
    }

    function test_resolve_revertsWhenTheRiskEngineLies() public {
        _distressAlice();
        int256 equity = _equity(alice);
        vm.mockCall(address(risk), risk.assess.selector, abi.encode(-int256(1e18), uint256(0)));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountNotBankrupt.selector, alice, equity));
        _resolve(alice);
    }

    /* EDGES */

    function test_resolve_worksInReduceOnlyMode() public {
        _bankruptAlice();
        _setMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        _resolve(alice);
        assertEq(_size(alice, ETH), 0);
    }

    function test_resolve_takesNoMoreThanTheFundHas_whenTheWaterfallLies() public {
        _bankruptAlice();
        uint256 fund = _cash(_fundAccount());
        vm.mockCall(address(waterfall), ILossWaterfall.absorb.selector, _everything());
        _resolve(alice);
        assertEq(_cash(_fundAccount()), 0);
        assertApproxEqAbs(house.eventOf(ETH, 2).lossUsd + fund, 140_600e18, 500e18);
        _assertConserved(_users());
    }

    function test_resolve_takesNoMoreThanTheDeficit_whenTheWaterfallLies() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _open(bob, ETH, 10_000e18, -80e18);
        _price(ETH, 1_850);
        int256 equity = _equity(alice);
        uint256 buffers = _cash(_fundAccount()) + _cash(_trancheOf(ETH));
        vm.mockCall(address(waterfall), ILossWaterfall.absorb.selector, _everything());
        _resolve(alice);
        assertEq(_cash(_trancheOf(ETH)), 0, "WATER-1: the tranche first");
        assertEq(_cash(_fundAccount()), uint256(int256(buffers) + equity));
        assertEq(house.marketOf(ETH).events, 1);
        _assertConserved(_users());
    }

    /// @dev What a waterfall answers that has every tier pay more than there is.
    function _everything() private pure returns (bytes memory) {
        uint256 all = type(uint256).max;
        return abi.encode(all, all, all, all);
    }

    function test_resolve_keepsASmallLossPending() public {
        _uninsure(ETH);
        _open(bob, ETH, 10_000e18, -20e18);
        _open(alice, ETH, 120e18, 1e18);
        _price(ETH, 1_820);
        int256 equity = _equity(alice);
        uint256 tranche = _cash(_trancheOf(ETH));
        uint256 rest = uint256(-equity) - tranche;
        vm.expectEmit(address(house));
        emit IClearingHouse.DeficitCovered(ETH, uint256(-equity), tranche, rest);
        _resolve(alice);
        assertEq(house.marketOf(ETH).pendingLossUsd, rest);
        assertEq(house.marketOf(ETH).events, 1);
        assertEq(_quote(house.systemAccountOf(ETH, 2), ETH), -int256(rest), "the deficit account owes it");
        _assertConserved(_users());
    }

    function test_resolve_takesThePoolOver_whenItIsBankrupt() public {
        vm.prank(pools[0].owner());
        house.withdraw(pools[0], 4_970_000e6, pools[0].owner());
        _open(alice, ETH, 60_000e18, 200e18);
        _price(ETH, 2_200);
        assertLt(_equity(pools[0]), 0);
        uint256 cash = _cash(alice);
        _resolve(pools[0]);
        assertEq(_size(pools[0], ETH), 0);
        assertEq(_size(house.systemAccountOf(ETH, 0), ETH), -int256(200e18));
        assertEq(_cash(alice), cash, "SENIOR-1");
        _assertConserved(_users());
        skipSeconds(601);
        _price(ETH, 2_200);
        house.tearUp(ETH);
        house.touch(alice, ETH, 16);
        assertEq(_size(alice, ETH), 0, "the winners of an empty pool are closed at the index");
        _assertConserved(_users());
    }

    function test_resolve_passesAClaimInAnotherMarketToTheTrancheOfTheDeficit() public {
        _fund(alice, 60_000e18);
        _trade(alice, BTC, 5e18);
        _trade(alice, ETH, 400e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _price(BTC, 44_000);
        _price(ETH, 1_600);
        int256 gain = 5e18 * 4_000;
        _resolve(alice);
        assertApproxEqAbs(_quote(_trancheOf(ETH), BTC), gain, 10e18, "counted as nothing until it is paid");
        assertEq(_quote(_fundAccount(), BTC), 0, "the fund buys none of it");
        assertEq(_quote(_trancheOf(BTC), BTC), 0);
        assertEq(_size(alice, BTC), 0);
        assertEq(_size(house.systemAccountOf(BTC, 0), BTC), int256(5e18));
        assertEq(house.marketOf(BTC).events, 1, "RING-1: BTC bears nothing");
        _assertConserved(_users());
    }

    function test_resolve_sharesCashProRata_whenTwoMarketsLose() public {
        _uninsure(ETH);
        _uninsure(BTC);
        _fund(alice, 60_000e18);
        _trade(alice, BTC, 10e18);
        _trade(alice, ETH, 200e18);
        _open(bob, ETH, 60_000e18, -200e18);
        _open(carol, BTC, 60_000e18, -10e18);
        _price(BTC, 32_000);
        _price(ETH, 1_600);
        // Both lose 80 000, less an edge.
        _resolve(alice);
        uint256 ethLoss = house.eventOf(ETH, 2).lossUsd;
        uint256 btcLoss = house.eventOf(BTC, 2).lossUsd;
        assertApproxEqRel(ethLoss, btcLoss, 0.01e18);
        assertApproxEqAbs(ethLoss + btcLoss, 100_250e18, 500e18);
        _assertConserved(_users());
    }

    function test_resolve_settlesTheListedLosersFirst() public {
        _open(carol, ETH, 60_000e18, 100e18);
        _bankruptAlice();
        _wait(ETH, 1_600, 1_500);
        AccountId[] memory losers = new AccountId[](3);
        (losers[0], losers[1], losers[2]) = (carol, alice, house.systemAccountOf(ETH, 0));
        uint256 cash = _cash(carol);
        house.resolve(alice, losers, keeper);
        assertApproxEqAbs(_cash(carol), cash - 40_000e18, 300e18);
        _assertConserved(_users());
    }

    /* SUCCESS */

    function test_resolve_emitsTheStateAfterIt() public {
        _bankruptAlice();
        int256 equity = _equity(alice);
        uint256 cash = _cash(alice);
        int256 value = equity - int256(cash - DEPOSIT_USD);
        uint256 fund = _cash(_fundAccount());
        uint256 paid = _cash(_trancheOf(ETH)) + fund / 4;
        uint256 rest = uint256(-equity) - paid;
        vm.expectEmit(true, true, true, false, address(house));
        emit IClearingHouse.PositionMoved(alice, ETH, house.systemAccountOf(ETH, 0), 500e18, 0);
        vm.expectEmit(address(house));
        emit IClearingHouse.DeficitCovered(ETH, uint256(-equity), paid, rest);
        vm.expectEmit(address(house));
        emit IClearingHouse.Resolved(alice, keeper, uint256(-equity), DEPOSIT_USD, 0, _version(alice) + 2);
        vm.expectEmit(true, true, false, false, address(house));
        emit IClearingHouse.LossBooked(ETH, 2, rest, 0, 0, 0, 0);
        _resolve(alice);

        assertLt(value, 0);
        IClearingHouse.AccountState memory state = house.accountOf(alice);
        assertEq(state.cashUsd, 0);
        assertEq(state.depositUsd, 0);
        assertEq(state.markets, 0);
        assertEq(_cash(_trancheOf(ETH)), 0);
        assertEq(_cash(_fundAccount()), fund - fund / 4);
        IClearingHouse.MarketEventState memory lossEvent = house.eventOf(ETH, 2);
        assertEq(lossEvent.lossUsd, rest);
        assertEq(lossEvent.x, int256(1_600e18) - house.marketOf(ETH).fundingIndex);
        assertEq(lossEvent.bookedAt, vm.getBlockTimestamp());
        assertEq(house.marketOf(ETH).pendingLossUsd, 0);
        _assertConserved(_users());
    }

    /* FUZZ */

    /// @dev SENIOR-1 and the theorem: nobody else's cash, collateral or size changes; the charge stays within the gain and is enough.
    function testFuzz_resolve_takesNothingButGains(uint256 price, uint256 size, uint256 other, bool isLong) public {
        int256 sign = isLong ? int256(1) : -int256(1);
        int256 delta = sign * int256(bound(size, 50, 500) * 1e18);
        _uninsure(ETH);
        _open(alice, ETH, 60_000e18, delta);
        _open(bob, ETH, 60_000e18, -delta);
        _open(carol, ETH, 60_000e18, sign * int256(bound(other, 1, 100) * 1e18));
        uint256 move = bound(price, 1, 500);
        _price(ETH, isLong ? 2_000 - move : 2_000 + move);
        if (_equity(alice) >= 0) return;
        uint256[3] memory cash = [_cash(bob), _cash(carol), _cash(pools[0])];
        int256 bobGain = _equity(bob) - int256(cash[0]) + int256(DEPOSIT_USD);
        int256 carolEquity = _equity(carol);
        int256 bobEquity = _equity(bob);
        int256 poolEquity = _equity(pools[0]);
        uint256 deficit = uint256(-_equity(alice));
        uint256 tranche = _cash(_trancheOf(ETH));
        deficit -= deficit < tranche ? deficit : tranche;
        _resolve(alice);
        assertEq(_cash(bob), cash[0], "SENIOR-1");
        assertEq(_cash(carol), cash[1], "SENIOR-1");
        assertEq(_cash(pools[0]), cash[2], "SENIOR-1");
        assertEq(_equity(carol), carolEquity, "who had no gain pays nothing");
        assertGe(bobEquity - _equity(bob), 0);
        assertLe(bobEquity - _equity(bob), bobGain, "a charge stays within the gain");
        house.touch(bob, ETH, 16);
        house.touch(carol, ETH, 16);
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        if (market.events == 2) {
            assertEq(market.uncollectedLossUsd, 0, "SOC-1: all is collected");
            uint256 charged = uint256(bobEquity - _equity(bob)) + uint256(poolEquity - _equity(pools[0]));
            assertEq(charged, deficit + market.surplusUsd);
        }
        _assertConserved(_users());
    }

    function test_resolve_leavesOtherMarketsAlone() public {
        _open(carol, BTC, 60_000e18, 10e18);
        AccountId dave = _trader("dave");
        _open(dave, BTC, 60_000e18, -10e18);
        _price(BTC, 42_000);
        _bankruptAlice();
        bytes32 before = keccak256(abi.encode(house.positionOf(carol, BTC), house.positionOf(dave, BTC), _market(BTC)));
        _resolve(alice);
        bytes32 later = keccak256(abi.encode(house.positionOf(carol, BTC), house.positionOf(dave, BTC), _market(BTC)));
        assertEq(later, before, "RING-1");
    }

    function _market(MarketId market) private view returns (bytes memory) {
        IClearingHouse.MarketState memory state = house.marketOf(market);
        return
            abi.encode(
                state.reserveUsd,
                state.uncollectedLossUsd,
                state.surplusUsd,
                state.pendingLossUsd,
                state.longOpenInterest,
                state.events
            );
    }

    /// @dev What is lost stands in a market whose price nobody knows: it waits there, and the gain elsewhere is a claim of that market's tranche.
    function test_resolve_leavesNoDeficit_whenOnlyAMarketWithoutAPriceHasLost() public {
        _fund(carol, 17_000e18);
        _trade(carol, BTC, 5e18);
        _trade(carol, ETH, 20e18);
        _price(ETH, 2_100);
        _price(BTC, 29_000);
        _stale(BTC, ETH, 2_100);
        // Even with the doubt about the price in its favour.
        assertLt(_equity(carol), -10_000e18);
        uint256 insured = _cash(_fundAccount());
        _resolve(carol);
        assertEq(_size(carol, ETH), int256(0));
        assertEq(_size(carol, BTC), int256(5e18));
        assertEq(_cash(_fundAccount()), insured, "no buffer paid");
        assertEq(house.marketOf(ETH).pendingLossUsd, 0);
        assertGt(_quote(_trancheOf(ETH), ETH), 1_900e18);
        _assertConserved(_users());
    }
}

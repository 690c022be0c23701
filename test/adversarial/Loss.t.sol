// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILossWaterfall, Tier} from "../../contracts/interfaces/ILossWaterfall.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice Attacks on who bears a loss. The token has 18 decimals, so the fund can be set to the unit.
contract Loss_adversarial_Test is HouseScenarios {
    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    /* S0: what a winner does between a default becoming visible and being resolved */

    /// @dev Alice's default resolved, bob touched, all of bob's accounts settled once their gains have stood. What bob owns then.
    function _bobAfterAll(AccountId other) private returns (int256 worth) {
        _resolve(alice);
        house.touch(bob, ETH, 16);
        house.touch(other, ETH, 16);
        worth = _equity(bob) + _equity(other);
    }

    function _baseline(AccountId other) private returns (int256 worth) {
        uint256 snapshot = vm.snapshotState();
        worth = _bobAfterAll(other);
        vm.revertToState(snapshot);
    }

    function test_S0_settle_escapesNoCharge() public {
        _bankruptAlice();
        int256 idle = _baseline(carol);
        _settle(bob);
        assertEq(_bobAfterAll(carol), idle);
    }

    function test_S0_trade_escapesNoCharge_whenTheWinnerCloses() public {
        _bankruptAlice();
        int256 idle = _baseline(carol);
        _trade(bob, ETH, 500e18);
        int256 edge = 400e18;
        // What the pool's price gives a fill that adds to the skew is worse than the index; only that and the fee differ.
        assertLe(_bobAfterAll(carol), idle + edge / 100, "closing saves nothing");
    }

    function test_S0_trade_escapesNoCharge_whenTheGainMovesToAnotherAccount() public {
        _fund(carol, 100_000e18);
        _bankruptAlice();
        int256 idle = _baseline(carol);
        // Bob closes and carol, who is bob's too, takes the position over at the same price.
        _trade(bob, ETH, 500e18);
        _trade(carol, ETH, -500e18);
        _settle(bob);
        assertLe(_bobAfterAll(carol), idle);
    }

    function test_S0_trade_escapesNoCharge_whenTheWinnerOpensMore() public {
        _fund(bob, 100_000e18);
        _bankruptAlice();
        int256 idle = _baseline(carol);
        _trade(bob, ETH, -300e18);
        assertLe(_bobAfterAll(carol), idle);
    }

    function test_S0_trade_escapesNoCharge_whenTheWinnerHedges() public {
        _fund(carol, 100_000e18);
        _bankruptAlice();
        int256 idle = _baseline(carol);
        _trade(carol, ETH, 500e18);
        assertLe(_bobAfterAll(carol), idle);
    }

    /// @dev Once charged, waiting does not bring it back either: cash comes to what the books showed.
    function test_S0_settle_paysWhatTheChargeLeft_whenItHasStood() public {
        _bankruptAlice();
        _trade(bob, ETH, 500e18);
        _resolve(alice);
        house.touch(bob, ETH, 16);
        int256 worth = _equity(bob);
        _wait(ETH, 1_600, 1_500);
        _settle(bob);
        worth += int256(DEPOSIT_USD);
        assertEq(_equity(bob), worth, "the deposit is free");
        assertApproxEqAbs(int256(_cash(bob)) - int256(house.accountOf(bob).depositUsd) + _quote(bob, ETH), worth, 1);
        _assertConserved(_users());
    }

    /* S1: the deficit and the fund, to the unit */

    function _terms(uint256 eventCap, uint256 epochCap, uint256 coinsurance) private {
        waterfall.setInsuranceTerms(ETH, ILossWaterfall.InsuranceTerms(eventCap, epochCap, coinsurance));
        waterfall.setHouseEpochCap(Tier.Fund, 1e18);
    }

    /// @dev Leaves exactly `amount` in the fund. Only a test can: the fund itself withdraws for nobody.
    function _setFund(uint256 amount) private {
        uint256 cash = _cash(_fundAccount());
        if (cash > amount) _withdraw(_fundAccount(), cash - amount);
        else if (cash < amount) _fund(_fundAccount(), amount - cash);
        assertEq(_cash(_fundAccount()), amount);
    }

    /// @dev Resolves alice's default with the tranche empty and the fund at `fund`; insurance pays `expected`, bob's gain the rest.
    function _expectPaid(uint256 fund, uint256 expected) private {
        uint256 snapshot = vm.snapshotState();
        assertEq(_cash(_trancheOf(ETH)), 0, "the fund comes next");
        uint256 deficit = uint256(-_equity(alice));
        uint256 cash = _cash(bob);
        _setFund(fund);
        uint256 rest = deficit - expected;
        vm.expectEmit(address(house));
        emit IClearingHouse.DeficitCovered(ETH, deficit, expected, rest);
        _resolve(alice);
        assertEq(_cash(_fundAccount()), fund - expected, "WATER-1");
        if (rest >= 100e18) assertEq(house.eventOf(ETH, 2).lossUsd, rest);
        else assertEq(house.marketOf(ETH).pendingLossUsd, rest);
        assertEq(_cash(bob), cash, "SENIOR-1");
        _assertConserved(_users());
        house.touch(bob, ETH, 16);
        assertEq(house.marketOf(ETH).uncollectedLossUsd, 0, "SOC-1: the rest is collected");
        _assertConserved(_users());
        vm.revertToState(snapshot);
    }

    function test_S1_resolve_paysToTheUnit_whenTheFundIsAboutTheDeficit() public {
        _bankruptAlice();
        _drainTranche(ETH);
        uint256 deficit = uint256(-_equity(alice));
        // No cap but 5 % co-insurance, the least there is.
        _terms(1e18, 1e18, 0.05e18);
        uint256 share = (deficit * 0.95e18) / 1e18;
        _expectPaid(0, 0);
        _expectPaid(1, 1);
        _expectPaid(share - 1, share - 1);
        _expectPaid(share, share);
        _expectPaid(share + 1, share);
        _expectPaid(deficit - 1, share);
        _expectPaid(deficit, share);
        _expectPaid(deficit + 1, share);
    }

    function test_S1_resolve_paysTheEventCap_whenTheDeficitIsAboutIt() public {
        _bankruptAlice();
        _drainTranche(ETH);
        uint256 deficit = uint256(-_equity(alice));
        _terms(0.25e18, 1e18, 0.1e18);
        uint256 share = (deficit * 0.9e18) / 1e18;
        _expectPaid(4 * share - 4, share - 1);
        _expectPaid(4 * share, share);
        _expectPaid(4 * share + 4, share);
        _expectPaid(100_000e18, 25_000e18);
    }

    function test_S1_resolve_paysTheEpochCapOverSeveralDefaults() public {
        _terms(0.25e18, 0.3e18, 0.1e18);
        _open(bob, ETH, 200_000e18, -1_000e18);
        _open(alice, ETH, 60_000e18, 500e18);
        _open(carol, ETH, 60_000e18, 500e18);
        _price(ETH, 1_600);
        _setFund(100_000e18);
        _resolve(alice);
        assertEq(_cash(_fundAccount()), 75_000e18);
        house.touch(carol, ETH, 16);
        skipSeconds(60);
        _resolve(carol);
        assertEq(_cash(_fundAccount()), 70_000e18, "30 % of what the epoch began with");
        _assertConserved(_users());
    }

    function test_S1_resolve_paysNothing_whenThereIsNoCover() public {
        _bankruptAlice();
        _drainTranche(ETH);
        _terms(0, 0, 0.5e18);
        _expectPaid(1_000_000e18, 0);
    }

    /* S5: many winners, touched in any order, twice */

    function _winners(uint256 count) private returns (AccountId[] memory winners) {
        winners = new AccountId[](count);
        _uninsure(ETH);
        _open(alice, ETH, 60_000e18, 500e18);
        for (uint256 i; i < count; ++i) {
            winners[i] = _trader(string.concat("winner ", vm.toString(i)));
            // Some bought first: their gains differ.
            if (i % 3 == 0) _open(winners[i], ETH, 4_000e18, 2e18);
            else _fund(winners[i], 4_000e18);
            _trade(winners[i], ETH, -int256((i % 7) + 10) * 1e18);
        }
        // One who loses on their side: netted with theirs, his loss makes the shares too large, and refunds due.
        _price(ETH, 1_500);
        _open(carol, ETH, 60_000e18, -100e18);
        _price(ETH, 1_600);
        _resolve(alice);
    }

    function testFuzz_S5_touch_chargesTheSameInAnyOrder(uint256 seed) public {
        AccountId[] memory winners = _winners(24);
        IClearingHouse.MarketEventState memory lossEvent = house.eventOf(ETH, 2);
        int256[] memory expected = new int256[](winners.length);
        // The pool has been charged already.
        uint256 uncollected = house.marketOf(ETH).uncollectedLossUsd;
        uint256 total;
        for (uint256 i; i < winners.length; ++i) {
            IClearingHouse.PositionState memory position = house.positionOf(winners[i], ETH);
            int256 gain = (position.storedSize * lossEvent.x) / 1e18 + position.storedQuote;
            uint256 charge = (uint256(gain) * lossEvent.fraction + 1e18 - 1) / 1e18;
            expected[i] = position.storedQuote - int256(charge);
            total += charge;
        }
        uint256[] memory order = new uint256[](winners.length);
        for (uint256 i; i < order.length; ++i) order[i] = i;
        for (uint256 i = order.length - 1; i != 0; --i) {
            uint256 j = uint256(keccak256(abi.encode(seed, i))) % (i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        for (uint256 round; round < 2; ++round) {
            for (uint256 i; i < order.length; ++i) {
                house.touch(winners[order[i]], ETH, 16);
                assertApproxEqAbs(_quote(winners[order[i]], ETH), expected[order[i]], 2, "SOC-1");
            }
        }
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        assertEq(market.uncollectedLossUsd, 0, "all of it");
        assertApproxEqAbs(market.surplusUsd, total - uncollected, 100, "and the overcharge is kept for refunds");
    }

    function test_S5_claimRefunds_returnsTheSameShareInAnyOrder() public {
        AccountId[] memory winners = _winners(24);
        for (uint256 i; i < winners.length; ++i) house.touch(winners[i], ETH, 16);
        uint256 surplus = house.marketOf(ETH).surplusUsd;
        uint256 refunded;
        assertGt(surplus, 100e18);
        for (uint256 round; round < 2; ++round) {
            for (uint256 i = winners.length; i != 0; --i) refunded += house.claimRefunds(winners[i - 1], ETH, 16);
            refunded += house.claimRefunds(pools[0], ETH, 16);
            assertEq(house.claimRefunds(carol, ETH, 16), 0, "who was not charged");
        }
        assertLe(refunded, surplus);
        assertApproxEqAbs(refunded, surplus, 1_000_000, "nothing is left but units");
    }

    /* S6: a list of losers moves no deficit */

    /// @dev Alice loses in ETH and in BTC and gains nowhere: whatever list is given, each market's deficit is the same to the unit.
    function testFuzz_S6_resolve_coversTheSameDeficits_whenTheListDiffers(uint256 seed) public {
        _uninsure(ETH);
        _uninsure(BTC);
        _fund(alice, 60_000e18);
        _trade(alice, BTC, 10e18);
        _trade(alice, ETH, 200e18);
        _open(bob, ETH, 60_000e18, -250e18);
        _open(carol, BTC, 60_000e18, -12e18);
        AccountId dave = _trader("dave");
        _open(dave, ETH, 60_000e18, 50e18);
        _trade(dave, BTC, 2e18);
        _price(BTC, 32_000);
        _price(ETH, 1_600);

        uint256 snapshot = vm.snapshotState();
        _resolve(alice);
        uint256 ethLoss = house.eventOf(ETH, 2).lossUsd;
        uint256 btcLoss = house.eventOf(BTC, 2).lossUsd;
        vm.revertToState(snapshot);

        AccountId[9] memory everybody = [
            alice,
            bob,
            carol,
            dave,
            keeper,
            pools[0],
            pools[1],
            _fundAccount(),
            house.systemAccountOf(ETH, 0)
        ];
        AccountId[] memory losers = new AccountId[](bound(seed, 0, 12));
        for (uint256 i; i < losers.length; ++i) losers[i] = everybody[uint256(keccak256(abi.encode(seed, i))) % 9];
        house.resolve(alice, losers, keeper);
        assertEq(house.eventOf(ETH, 2).lossUsd, ethLoss, "RING-1");
        assertEq(house.eventOf(BTC, 2).lossUsd, btcLoss, "RING-1");
    }

    /// @dev Where the bankrupt account has a gain in BTC, the list decides how much of it is paid in time; BTC itself never bears anything.
    function test_S6_resolve_chargesNothingToAMarketWithoutLoss() public {
        _uninsure(ETH);
        _uninsure(BTC);
        _fund(alice, 60_000e18);
        _trade(alice, BTC, 5e18);
        _trade(alice, ETH, 400e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _open(carol, BTC, 60_000e18, -5e18);
        _price(BTC, 44_000);
        _wait(BTC, 44_000, 1_500);
        feeds[0].push(1_600e8);
        skipSeconds(12);
        AccountId[] memory losers = new AccountId[](2);
        (losers[0], losers[1]) = (carol, bob);
        int256 carolWorth = _equity(carol);
        for (uint256 i; i < 2; ++i) {
            uint256 snapshot = vm.snapshotState();
            house.resolve(alice, i == 0 ? new AccountId[](0) : losers, keeper);
            IClearingHouse.MarketState memory market = house.marketOf(BTC);
            assertEq(market.events, 1);
            assertEq(market.pendingLossUsd + market.uncollectedLossUsd, 0);
            assertApproxEqAbs(_equity(carol), carolWorth, 1);
            _assertConserved(_users());
            vm.revertToState(snapshot);
        }
    }

    /* S8: a wick and a stranger */

    function test_S8_settle_takesNothing_whenStrangerUsesAWick() public {
        _open(alice, ETH, 30_000e18, 100e18);
        _open(bob, ETH, 30_000e18, -100e18);
        uint256 cash = _cash(alice);
        _price(ETH, 1_800);
        _settleAs(STRANGER, alice);
        _settleAs(STRANGER, bob);
        assertEq(_cash(alice), cash, "nothing for a price that did not stand");
        _price(ETH, 2_000);
        _settleAs(STRANGER, alice);
        assertEq(_cash(alice), cash);
        assertApproxEqAbs(_equity(alice), int256(cash - DEPOSIT_USD), 1e18, "funding aside");
        assertEq(_cash(bob), 30_000e18 - (30_000e18 - _cash(bob)), "nor given");
        _assertConserved(_users());
    }

    function test_S8_resolve_takesNothingOfAListedLoser_whenTheLossIsAWick() public {
        _open(carol, ETH, 60_000e18, 100e18);
        _bankruptAlice();
        uint256 cash = _cash(carol);
        vm.prank(STRANGER);
        house.resolve(alice, _one(carol), keeper);
        assertApproxEqAbs(_cash(carol), cash, 0.001e18, "twelve seconds of funding stood at 2 000 too");
    }

    /* S13: a dead feed */

    /// @dev A default in ETH covers the same deficits whether the account's BTC feed lives or not, as long as its last price is the same.
    function test_S13_resolve_recognisesTheSameDeficit_whenAnotherFeedIsDead() public {
        _uninsure(ETH);
        _fund(alice, 60_000e18);
        _trade(alice, BTC, 5e18);
        _trade(alice, ETH, 450e18);
        _open(bob, ETH, 60_000e18, -450e18);
        _price(BTC, 38_000);
        oracle.poke(BTC.bit());
        skipSeconds(3_500);
        _price(ETH, 1_600);
        uint256 snapshot = vm.snapshotState();
        _resolve(alice);
        uint256 alive = house.eventOf(ETH, 2).lossUsd;
        vm.revertToState(snapshot);
        skipSeconds(200);
        assertGt(_equity(alice), int256(_cash(alice)) - 230_000e18);
        _resolve(alice);
        // 200 seconds of funding more.
        assertApproxEqRel(house.eventOf(ETH, 2).lossUsd, alive, 0.001e18, "redirects nothing");
        assertEq(_size(alice, ETH), 0, "shields nobody");
        assertEq(_size(alice, BTC), int256(5e18));
        assertEq(house.marketOf(BTC).events, 1);
        _assertConserved(_users());
    }

    /// @dev A dead feed does not keep a distressed account from being liquidated elsewhere.
    function test_S13_liquidate_actsInALiveMarket_whenAnotherFeedIsDead() public {
        _fund(alice, 13_000e18);
        _trade(alice, BTC, 0.1e18);
        _trade(alice, ETH, 100e18);
        _open(bob, ETH, 60_000e18, -100e18);
        _stale(BTC, ETH, 1_920);
        assertLt(_health(alice), 1e18);
        house.liquidate(alice, ETH, keeper);
        assertLt(_size(alice, ETH), int256(100e18));
        assertEq(_size(alice, BTC), int256(0.1e18));
    }
}

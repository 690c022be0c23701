// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice Defaults larger than every buffer: whose cash moves (nobody's), what is charged (what was booked and the surplus, to the unit), who gets the surplus back (whoever was charged), and who can
/// take out their money meanwhile (everybody).
contract LossToTheLast_Test is HouseScenarios {
    AccountId private dora;
    AccountId private eve;
    AccountId private fred;
    AccountId private gus;
    AccountId[] private others;

    function setUp() public override {
        super.setUp();
        (dora, eve, fred, gus) = (_trader("dora"), _trader("eve"), _trader("fred"), _trader("gus"));
        // Whoever is neither bankrupt nor a buffer: winners with and without a size, one who came late, cash alone, another market, the pools.
        others.push(bob);
        others.push(carol);
        others.push(dora);
        others.push(eve);
        others.push(fred);
        others.push(pools[0]);
        others.push(pools[1]);
    }

    /* THE ARRANGEMENT */

    /// @dev Alice and gus long with far too little; bob short, carol's short closed with an unpaid gain, dora short since late, the pool short; eve has cash, fred is in BTC. At about 1 100 alice and gus leave some
    /// 600 000 USD, six times the fund.
    function _arrange(uint256 seed) private {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(gus, ETH, 40_000e18, int256(200 + (seed % 150)) * 1e18);
        _open(bob, ETH, 100_000e18, -int256(300 + ((seed >> 16) % 100)) * 1e18);
        _open(carol, ETH, 50_000e18, -100e18);
        _fund(eve, 30_000e18);
        _open(fred, BTC, 40_000e18, 2e18);
        _price(ETH, 1_700 - ((seed >> 32) % 200));
        _trade(carol, ETH, 100e18);
        _open(dora, ETH, 60_000e18, -50e18);
        _price(ETH, 1_100 + ((seed >> 48) % 150));
    }

    function _cashes() private view returns (uint256[] memory cashes) {
        cashes = new uint256[](others.length);
        for (uint256 i; i < others.length; ++i) cashes[i] = _cash(others[i]);
    }

    function _assertSameCash(uint256[] memory before) private view {
        for (uint256 i; i < others.length; ++i)
            assertEq(_cash(others[i]), before[i], "SENIOR-1: no cash of others moves");
    }

    /// @dev CASH-1: everybody takes out a part of what is free, in an order by the seed; nothing refuses.
    function _withdrawAll(uint256 seed) private {
        uint256 count = others.length;
        for (uint256 i; i < count; ++i) {
            AccountId account = others[(i * 3 + seed) % count];
            uint256 free = house.freeCashOf(account);
            uint256 amount = (free * (10 + (seed % 30))) / 100;
            if (amount < 1e12) continue;
            uint256 before = token.balanceOf(account.owner());
            _withdraw(account, amount);
            assertEq(token.balanceOf(account.owner()) - before, _native(amount));
        }
    }

    function _assertBooks() private view {
        AccountId[] memory users = new AccountId[](7);
        (users[0], users[1], users[2], users[3]) = (alice, bob, carol, dora);
        (users[4], users[5], users[6]) = (eve, fred, gus);
        _assertConserved(users);
    }

    /* THE MUST-SHOW */

    /// @dev SENIOR-1, SOC-1, CASH-1, S5.
    function testFuzz_default_takesNobodysCashAndReturnsTheSurplus_whenItIsLargerThanEveryBuffer(uint256 seed) public {
        _arrange(seed);
        _withdrawAll(seed >> 8);

        // Recognised: two within a minute, so the second waits.
        uint256[] memory cashes = _cashes();
        uint256 fund = _cash(_fundAccount());
        _resolve(alice);
        _assertSameCash(cashes);
        _withdrawAll(seed >> 24);
        cashes = _cashes();
        house.touch(gus, ETH, 16);
        _resolve(gus);
        _assertSameCash(cashes);
        uint256 pending = house.marketOf(ETH).pendingLossUsd;
        assertGt(pending, 1_000e18, "the second waits");
        assertGt(_cash(_fundAccount()), fund / 4, "caps leave the fund something");
        skipSeconds(61);
        feeds[0].push(int256(house.marketOf(ETH).lastPrice / 1e10));
        house.bookLoss(ETH);
        _assertSameCash(cashes);
        _assertBooks();
        _withdrawAll(seed >> 40);
        cashes = _cashes();

        uint256 booked = house.eventOf(ETH, 2).lossUsd + house.eventOf(ETH, 3).lossUsd;
        assertGt(booked, 300_000e18, "far more than every buffer");
        uint256 charged = _touchAll(seed >> 56, booked);
        _assertSameCash(cashes);
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        assertEq(market.uncollectedLossUsd, 0, "all of it is collected");
        assertEq(charged, booked + market.surplusUsd, "SOC-1: charged = booked + surplus, to the unit");
        _withdrawAll(seed >> 64);
        cashes = _cashes();

        uint256 refunded = _refundAll(seed >> 72);
        assertLe(refunded, market.surplusUsd);
        assertLe(market.surplusUsd - refunded, 100, "all of the surplus has come back, but for units");
        _assertSameCash(cashes);
        _assertBooks();
        _withdrawAll(seed >> 80);
    }

    /// @dev Touches everybody in an order by the seed, twice, and adds up what was charged. Nobody pays more than their gain; who had none pays nothing.
    function _touchAll(uint256 seed, uint256 booked) private returns (uint256 charged) {
        // The pool and the buffers were touched when the events were booked: what they paid is the rest of what has been collected.
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        charged = booked - market.uncollectedLossUsd + market.surplusUsd;
        for (uint256 round; round < 2; ++round) {
            for (uint256 i; i < others.length; ++i) {
                AccountId account = others[(i * 3 + seed) % others.length];
                int256 before = house.positionOf(account, ETH).storedQuote;
                house.touch(account, ETH, 16);
                uint256 charge = uint256(before - house.positionOf(account, ETH).storedQuote);
                if (round == 1 || account == eve || account == fred) assertEq(charge, 0);
                charged += charge;
                assertGe(_unsettled(account), int256(-1), "G2: a charge is never more than the gain");
            }
        }
    }

    function _unsettled(AccountId account) private view returns (int256) {
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        int256 x = int256(market.lastPrice) - market.fundingIndex;
        // Whoever loses is none of those who are charged.
        int256 value = (_size(account, ETH) * x) / 1e18 + _quote(account, ETH);
        return _size(account, ETH) > 0 ? int256(0) : value;
    }

    function _refundAll(uint256 seed) private returns (uint256 refunded) {
        for (uint256 round; round < 3; ++round) {
            for (uint256 i; i < others.length; ++i) {
                AccountId account = others[(i * 3 + seed) % others.length];
                uint256 amount = house.claimRefunds(account, ETH, 16);
                if (account == eve || account == fred || account == pools[1])
                    assertEq(amount, 0, "never to whom nothing was charged");
                refunded += amount;
            }
        }
        refunded += house.claimRefunds(_fundAccount(), ETH, 16);
        refunded += house.claimRefunds(house.systemAccountOf(ETH, 3), ETH, 16);
        refunded += house.claimRefunds(house.systemAccountOf(ETH, 0), ETH, 16);
    }

    /* S4: PROFIT OF INVENTORY */

    /// @dev What the inventory earns goes to those who were charged for it, not to whoever came after.
    function test_S4_tearUp_returnsProfitToThoseCharged_whenTheLossWasShared() public {
        _uninsure(ETH);
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 100_000e18, -400e18);
        _price(ETH, 1_600);
        _resolve(alice);
        house.touch(bob, ETH, 16);
        uint256 loss = house.eventOf(ETH, 2).lossUsd;
        _open(dora, ETH, 60_000e18, -20e18);
        _price(ETH, 1_700);
        skipSeconds(600);
        _price(ETH, 1_700);
        _tearUpAll(ETH);
        assertLt(house.eventOf(ETH, 2).lossUsd, loss - 40_000e18, "the profit repays the event");
        assertEq(house.claimRefunds(dora, ETH, 16), 0, "who came after gets nothing");
        house.touch(bob, ETH, 16);
        assertGt(house.claimRefunds(bob, ETH, 16), 20_000e18);
        _assertBooks();
    }

    /* S10: HUNDREDS OF EVENTS */

    /// @dev 200 loss events behind one winner: what they take is bounded by the gain, every call by sixteen events, and all of it is collected in the end.
    function test_S10_touch_reachesAWinner_whenHundredsOfEventsWait() public {
        _uninsure(ETH);
        _open(bob, ETH, 200_000e18, -400e18);
        AccountId[] memory losers = new AccountId[](200);
        for (uint256 i; i < losers.length; ++i) {
            losers[i] = _trader(string.concat("loser ", vm.toString(i)));
            _open(losers[i], ETH, 1_100e18, 10e18);
        }
        _price(ETH, 1_800);
        for (uint256 i; i < losers.length; ++i) {
            house.touch(losers[i], ETH, 256);
            _resolve(losers[i]);
            skipSeconds(61);
            feeds[0].push(1_800e8);
        }
        assertEq(house.marketOf(ETH).events - house.positionOf(bob, ETH).eventsSeen, 200);
        vm.expectPartialRevert(IClearingHouse.EventsPending.selector);
        _withdraw(bob, 1e18);
        uint256 cash = _cash(bob);
        uint256 worst;
        for (uint256 i; i < 13; ++i) {
            uint256 gas = gasleft();
            vm.prank(STRANGER);
            house.touch(bob, ETH, 16);
            gas -= gasleft();
            if (gas > worst) worst = gas;
        }
        assertLt(worst, 1_500_000, "bounded");
        assertEq(house.positionOf(bob, ETH).eventsSeen, house.marketOf(ETH).events);
        assertEq(house.marketOf(ETH).uncollectedLossUsd, 0, "SOC-1: all are collected");
        assertEq(_cash(bob), cash);
        assertGt(_unsettled(bob), int256(0), "charged less than the gain");
        house.claimRefunds(bob, ETH, 256);
        _withdraw(bob, house.freeCashOf(bob) / 2);
        _assertConserved(_users());
    }

    /* S12: A HEDGED PAIR */

    /// @dev Legs of 200 000 and 90 000 USD, short by about a thousand: the buffers of the losing market pay for the leg, and the winning leg comes back to the very tranche that paid first, once it has
    /// been paid by those who lost in that market. It counts for nothing before.
    function test_S12_resolve_passesTheWinningLegToTheTrancheThatPaid_whenAPairDefaultsByALittle() public {
        _open(alice, ETH, 110_000e18, 500e18);
        _trade(alice, BTC, 20e18);
        _open(bob, ETH, 100_000e18, -500e18);
        _price(BTC, 44_450);
        _price(ETH, 1_600);
        int256 equity = _equity(alice);
        assertLt(equity, 0);
        assertGt(equity, -6_000e18, "short by little");
        AccountId tranche = house.systemAccountOf(ETH, 3);
        uint256 fundBefore = _cash(_fundAccount());
        uint256 trancheBefore = _cash(tranche);
        _resolve(alice);
        int256 claim = _quote(tranche, BTC);
        assertGt(claim, int256(80_000e18), "C1: the winning leg is the ETH tranche's");
        assertEq(_quote(_fundAccount(), BTC), int256(0), "not the fund's");
        assertEq(_quote(house.systemAccountOf(BTC, 3), BTC), int256(0), "nor the winning market's");
        assertEq(_cash(tranche), 0, "the tranche paid all it had");
        assertGt(trancheBefore, 0);
        assertGe(
            _cash(_fundAccount()),
            fundBefore - fundBefore / 4,
            "S12: what a hedged pair gets off the fund is capped"
        );

        // A second default finds nothing in the claim.
        _assertConserved(_users());
        _wait(BTC, 44_450, 1_500);
        feeds[0].push(1_600e8);
        _settleAs(STRANGER, pools[1]);
        _settleAs(STRANGER, tranche);
        assertApproxEqAbs(_cash(tranche), uint256(claim), 1e18, "paid by the losers of BTC, as far as they lost");
        assertApproxEqAbs(_quote(tranche, BTC), int256(0), 1e18);
        _assertConserved(_users());
    }

    /// @dev CONS-2. A tranche that has a claim in another market is no standing account there: what loss events take of the claim has to be collected before it
    /// inherits more.
    function test_resolve_keepsTheBooks_whenTheHeirHasEventsWaiting() public {
        _uninsure(ETH);
        _uninsure(BTC);
        // Two who are short of ETH and have won in BTC; one who fails in BTC in between.
        _open(alice, ETH, 110_000e18, 500e18);
        _trade(alice, BTC, 20e18);
        _open(gus, ETH, 110_000e18, 500e18);
        _trade(gus, BTC, 20e18);
        _open(bob, ETH, 300_000e18, -900e18);
        _open(dora, BTC, 30_000e18, -10e18);
        _price(BTC, 44_450);
        _price(ETH, 1_580);
        _resolve(alice);
        AccountId tranche = house.systemAccountOf(ETH, 3);
        int256 first = _quote(tranche, BTC);
        assertGt(first, int256(80_000e18));
        _resolve(dora);
        assertEq(house.marketOf(BTC).events, 2, "a loss event in BTC");
        assertEq(house.positionOf(tranche, BTC).eventsSeen, 1, "which the claim has not seen");
        house.touch(gus, BTC, 16);
        house.touch(gus, ETH, 16);
        skipSeconds(61);
        feeds[0].push(1_580e8);
        feeds[1].push(44_450e8);
        _assertBooks();
        _resolve(gus);
        _assertBooks();
        assertEq(house.positionOf(tranche, BTC).eventsSeen, 2);
        assertGt(_quote(tranche, BTC), first, "both claims, less what the event took");
        for (uint256 i; i < others.length; ++i) house.touch(others[i], BTC, 16);
        assertEq(house.marketOf(BTC).uncollectedLossUsd, 0, "SOC-1");
        _assertBooks();
    }

    /// @dev RING-1, S7: the claim is junior in its market: it waits until everybody else's gains there are covered.
    function test_S7_settle_paysAnInheritedClaimLast_whenTheReserveIsShort() public {
        _uninsure(ETH);
        _open(alice, ETH, 110_000e18, 500e18);
        _trade(alice, BTC, 20e18);
        _open(bob, BTC, 100_000e18, 10e18);
        _price(BTC, 44_450);
        _price(ETH, 1_600);
        _resolve(alice);
        AccountId tranche = house.systemAccountOf(ETH, 3);
        _wait(BTC, 44_450, 1_500);
        // Too little comes in for both: a small loser pays.
        _open(carol, BTC, 30_000e18, -1e18);
        _price(BTC, 46_000);
        _wait(BTC, 46_000, 1_500);
        _settleAs(STRANGER, carol);
        uint256 before = _cash(tranche);
        _settleAs(STRANGER, tranche);
        assertEq(_cash(tranche), before, "junior");
        uint256 cash = _cash(bob);
        _settleAs(STRANGER, bob);
        assertGt(_cash(bob), cash, "senior");
        _assertConserved(_users());
    }
}

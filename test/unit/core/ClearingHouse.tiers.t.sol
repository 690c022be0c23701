// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILossWaterfall, Tier} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {TierScenarios} from "../../support/TierScenarios.sol";

/// @notice Who pays for a default, in which order, and to whom it comes back.
contract ClearingHouse_tiers_Test is TierScenarios {
    /// @dev Alice bankrupt by about 140 000; fund 50 000, reserve 30 000, backstop 20 000, the tranche what it took in fees.
    function _bankruptBehindTiers() private returns (uint256 deficit) {
        _reserve(ruth, 30_000e18);
        _stake(lena, 20_000e18);
        _bankruptAlice();
        _setTier(Tier.Fund, 50_000e18);
        deficit = uint256(-_equity(alice));
        assertGt(_cash(_trancheOf(ETH)), 100e18);
    }

    /* COVER */

    function test_resolve_emptiesTierAfterTier() public {
        uint256 deficit = _bankruptBehindTiers();
        uint256[4] memory cash = _tiers();
        for (uint256 i; i < 4; ++i) {
            vm.expectEmit(address(house));
            emit IClearingHouse.TierPaid(ETH, Tier(i), _accountOf(Tier(i)), cash[i], cash[i], 0);
        }
        uint256 paid = cash[0] + 100_000e18;
        vm.expectEmit(address(house));
        emit IClearingHouse.DeficitCovered(ETH, deficit, paid, deficit - paid);
        _resolve(alice);
        for (uint256 i; i < 4; ++i) assertEq(_cash(_accountOf(Tier(i))), 0);
        assertEq(house.eventOf(ETH, 2).lossUsd, deficit - paid);
        IClearingHouse.TrancheState memory tranche = house.trancheOf(ETH);
        assertEq(tranche.owedToFundUsd, 50_000e18);
        assertEq(tranche.owedToProtocolUsd, 30_000e18);
        assertEq(tranche.owedToBackstopUsd, 20_000e18);
        _assertBooked();
    }

    function test_resolve_asksNobodyElse_whenTheTrancheHasEnough() public {
        _fund(poolAccount, 20_000e18);
        _open(bob, ETH, 200_000e18, -300e18);
        for (uint256 i; i < 40; ++i) {
            _trade(bob, ETH, -300e18);
            _trade(bob, ETH, 300e18);
        }
        _open(alice, ETH, 1_100e18, 10e18);
        _price(ETH, 1_880);
        uint256 deficit = uint256(-_equity(alice));
        uint256[4] memory cash = _tiers();
        assertGt(cash[0], deficit);
        vm.mockCallRevert(address(waterfall), ILossWaterfall.absorb.selector, "");
        _resolve(alice);
        uint256[4] memory left = _tiers();
        assertEq(cash[0] - left[0], deficit);
        for (uint256 i = 1; i < 4; ++i) assertEq(left[i], cash[i]);
        assertEq(house.marketOf(ETH).pendingLossUsd, 0);
        _assertBooked();
    }

    function test_resolve_takesTheTrancheFirst_whenTheWaterfallSaysNothing() public {
        uint256 deficit = _bankruptBehindTiers();
        uint256 tranche = _cash(_trancheOf(ETH));
        vm.mockCall(address(waterfall), ILossWaterfall.absorb.selector, abi.encode(uint256(0), 0, 0, 0));
        _resolve(alice);
        assertEq(_cash(_trancheOf(ETH)), 0, "WATER-1");
        assertEq(house.eventOf(ETH, 2).lossUsd, deficit - tranche);
        _assertBooked();
    }

    function test_resolve_takesNoMoreThanThereIs_whenTheWaterfallLies() public {
        uint256 deficit = _bankruptBehindTiers();
        uint256[4] memory cash = _tiers();
        uint256 all = type(uint256).max;
        vm.mockCall(address(waterfall), ILossWaterfall.absorb.selector, abi.encode(all, all, all, all));
        _resolve(alice);
        assertEq(house.eventOf(ETH, 2).lossUsd, deficit - cash[0] - cash[1] - cash[2] - cash[3]);
        _assertBooked();
    }

    function test_resolve_takesNoMoreThanIsMissing_whenTheWaterfallLies() public {
        _bankruptBehindTiers();
        _fund(reserveAccount, 1_000_000e18);
        uint256 deficit = uint256(-_equity(alice));
        uint256[4] memory cash = _tiers();
        uint256 all = type(uint256).max;
        vm.mockCall(address(waterfall), ILossWaterfall.absorb.selector, abi.encode(all, all, all, all));
        _resolve(alice);
        uint256[4] memory left = _tiers();
        assertEq(cash[2] - left[2], deficit - cash[0] - cash[1], "the rest is the reserve's");
        assertEq(left[3], cash[3], "nothing is missing any more");
        assertEq(house.marketOf(ETH).events, 1);
        _assertBooked();
    }

    /// @dev The backstop may be the bankrupt: its cash is in the call's memory, and pays as its own, once.
    function test_resolve_leavesOutTheBackstop_whenItIsTheOneResolved() public {
        _bankruptAlice();
        house.setModule("backstop", alice.owner());
        uint256 deficit = uint256(-_equity(alice));
        uint256 tranche = _cash(_trancheOf(ETH));
        _setTier(Tier.Fund, 0);
        _resolve(alice);
        assertEq(_cash(alice), 0);
        assertEq(house.eventOf(ETH, 2).lossUsd, deficit - tranche);
        _assertBooked();
    }

    function test_resolve_sparesTheBackstopsMargin() public {
        _bankruptAlice();
        _setTier(Tier.Fund, 0);
        // Dave stands in for a backstop with positions.
        AccountId dave = _trader("dave");
        house.setModule("backstop", dave.owner());
        _open(dave, ETH, 30_000e18, 100e18);
        uint256 free = house.freeCashOf(dave);
        assertGt(free, 1_000e18);
        assertLt(free, _cash(dave) - 5_000e18);
        IClearingHouse.TierCover[4] memory preview = house.previewCover(ETH, 1_000_000e18);
        assertEq(preview[3].availableUsd, free);
        assertEq(preview[3].paidUsd, free);
        uint256 cash = _cash(dave);
        _resolve(alice);
        assertEq(cash - _cash(dave), free);
        assertEq(house.freeCashOf(dave), 0, "E = IM is left");
        AccountId[] memory users = new AccountId[](4);
        (users[0], users[1], users[2], users[3]) = (alice, bob, carol, dave);
        _assertConserved(users);
    }

    function test_previewCover_countsNothing_whenOneOfTheBackstopsPricesIsNotValid() public {
        house.setModule("backstop", carol.owner());
        _open(carol, BTC, 30_000e18, 1e18);
        assertGt(house.previewCover(ETH, 1_000_000e18)[3].paidUsd, 0);
        skipSeconds(4_000);
        feeds[0].push(2_000e8);
        assertEq(house.previewCover(ETH, 1_000_000e18)[3].availableUsd, 0);
        // Flat, it needs no price.
        feeds[1].push(40_000e8);
        _trade(carol, BTC, -1e18);
        skipSeconds(4_000);
        feeds[0].push(2_000e8);
        assertEq(house.previewCover(ETH, 1_000_000e18)[3].availableUsd, house.freeCashOf(carol));
        assertGt(house.freeCashOf(carol), 1_000_000e18);
    }

    function test_previewCover_countsNothing_whenTooManyEventsWaitForTheBackstop() public {
        house.setModule("backstop", bob.owner());
        _capTier(Tier.Backstop, 0, 0);
        _bookLosses(16);
        assertGt(house.previewCover(ETH, 1_000_000e18)[3].availableUsd, 0);
        AccountId late = _trader("late loser");
        _open(late, ETH, 1_100e18, 10e18);
        _price(ETH, 1_600);
        _resolve(late);
        assertEq(house.previewCover(ETH, 1_000_000e18)[3].availableUsd, 0);
        house.touch(bob, ETH, 17);
        assertGt(house.previewCover(ETH, 1_000_000e18)[3].availableUsd, 0);
    }

    function test_previewCover_namesNobody_whenATierIsNotConnected() public view {
        IClearingHouse.TierCover[4] memory tiers = house.previewCover(ETH, 100e18);
        assertTrue(tiers[0].account == _trancheOf(ETH));
        assertTrue(tiers[1].account == _fundAccount());
        assertTrue(tiers[2].account == reserveAccount);
        assertTrue(tiers[3].account == poolAccount);
        assertEq(tiers[1].paidUsd, 90e18);
        assertEq(tiers[2].paidUsd, 0);
    }

    function test_setModule_revertsWhenTheProtocolIsReplaced() public {
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.ModuleFixed.selector, bytes32("protocol"), address(reserve))
        );
        house.setModule("protocol", STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, accountIdOf(address(house), 0)));
        house.setModule("protocol", address(house));
        assertEq(house.moduleOf("protocol"), address(reserve));
    }

    /// @dev What is foreseen is what happens, whatever there is and whatever is missing.
    function testFuzz_previewCover_isWhatIsPaid(uint256 seed) public {
        _reserve(ruth, bound(seed >> 8, 1, 60_000e18));
        _stake(lena, bound(seed >> 80, 1, 60_000e18));
        _capTier(Tier.Protocol, bound(seed >> 16, 0, ONE), ONE);
        _capTier(Tier.Backstop, bound(seed >> 24, 0, ONE), ONE);
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        _price(ETH, bound(seed >> 32, 1_500, 1_870));
        if (_equity(alice) >= 0) return;
        _setTier(Tier.Fund, bound(seed >> 40, 0, 100_000e18));
        IClearingHouse.TierCover[4] memory preview = house.previewCover(ETH, uint256(-_equity(alice)));
        uint256[4] memory cash = _tiers();
        _resolve(alice);
        uint256[4] memory left = _tiers();
        for (uint256 i; i < 4; ++i) {
            assertEq(preview[i].availableUsd, cash[i]);
            assertEq(cash[i] - left[i], preview[i].paidUsd);
        }
        _assertBooked();
    }

    /* COMING BACK */

    /// @dev What alice left is sold at a profit of `profit`, about.
    function _profit(uint256 price) private returns (uint256 profit) {
        skipSeconds(700);
        _price(ETH, price);
        profit = uint256(_equity(house.systemAccountOf(ETH, 0)));
        _tearUpAll(ETH);
    }

    function test_tearUp_repaysTheLastTierFirst_whenTheInventoryMadeAProfit() public {
        _bankruptBehindTiers();
        _resolve(alice);
        uint256 booked = house.eventOf(ETH, 2).lossUsd;
        uint256 profit = _profit(1_770);
        uint256 left = profit - booked;
        assertGt(left, 20_000e18 + 10_000e18);
        assertLt(left, 20_000e18 + 30_000e18);
        assertEq(house.eventOf(ETH, 2).lossUsd, 0, "the winners before anybody");
        assertEq(_quote(poolAccount, ETH), 20_000e18, "then the backstop");
        assertEq(uint256(_quote(reserveAccount, ETH)), left - 20_000e18, "then the protocol");
        assertEq(_quote(_fundAccount(), ETH), 0);
        assertEq(_quote(_trancheOf(ETH), ETH), 0);
        IClearingHouse.TrancheState memory tranche = house.trancheOf(ETH);
        assertEq(tranche.owedToBackstopUsd, 0);
        assertEq(tranche.owedToProtocolUsd, 50_000e18 - left);
        assertEq(tranche.owedToFundUsd, 50_000e18);
        _assertBooked();
    }

    /* CLAIMS */

    /// @dev Nine tenths of alice's deficit of about 40 000 at 1 800 are paid by fund or reserve; at 1 850 her inventory is torn off bob with a profit of 25 000, of which the
    /// one that paid has a claim to what winners are not given back. Carol, long 200, has lost 30 000 and not paid.
    function _claimBehindBob(uint256 fundUsd) private {
        _reserve(ruth, 100_000e18);
        _open(alice, ETH, 60_000e18, 500e18);
        _open(carol, ETH, 100_000e18, 200e18);
        _open(bob, ETH, 100_000e18, -700e18);
        _drainTranche(ETH);
        _price(ETH, 1_800);
        _setTier(Tier.Fund, fundUsd);
        _resolve(alice);
        _wait(ETH, 1_850, 600);
        _tearUpAll(ETH);
        _trade(bob, ETH, -_size(bob, ETH));
        assertEq(_size(bob, ETH), 0, "bob has a claim, and no position");
    }

    /// @dev WATER-1: what the reserve does not cover of a trader's closed gain comes before a buffer's claim, whichever buffer it is.
    function _assertWaitsForBob(AccountId buffer) private {
        uint256 claim = uint256(_quote(buffer, ETH));
        uint256 lacking = uint256(_quote(bob, ETH)) + claim - house.marketOf(ETH).reserveUsd;
        // Counted twice, or as anybody's, the claim would be paid in part.
        assertGt(claim, lacking / 2 + 1_000e18);
        assertLt(claim, lacking);
        uint256 before = _cash(buffer);
        _settle(buffer);
        assertEq(_cash(buffer), before, "too young");
        _wait(ETH, 1_850, 3 * BUCKET_SECONDS);
        _settle(buffer);
        assertEq(_cash(buffer), before, "junior");
        _settle(carol);
        _settle(bob);
        assertEq(_quote(bob, ETH), 0, "bob has all of it");
        _settle(buffer);
        assertApproxEqAbs(_cash(buffer), before + claim, 1e18, "and what is left is the buffer's");
    }

    function test_settle_paysTheFundNothing_whenAClosedGainIsUnpaid() public {
        _claimBehindBob(100_000e18);
        _assertWaitsForBob(_fundAccount());
    }

    function test_settle_paysTheProtocolNothing_whenAClosedGainIsUnpaid() public {
        _claimBehindBob(0);
        _assertWaitsForBob(reserveAccount);
    }

    /// @dev A claim that a tear-up gave has to stand like any other gain, though the reserve covers it.
    function test_settle_paysTheFundOnlyOnceItsClaimHasStood() public {
        _claimBehindBob(100_000e18);
        _settle(carol);
        _settle(bob);
        uint256 before = _cash(_fundAccount());
        _settle(_fundAccount());
        assertEq(_cash(_fundAccount()), before, "PAID-1");
        _wait(ETH, 1_850, 3 * BUCKET_SECONDS);
        _settle(bob);
        _settle(_fundAccount());
        assertGt(_cash(_fundAccount()), before + 15_000e18);
    }

    function test_tearUp_leavesTheTrancheTheRest_whenEverybodyHasTheirs() public {
        _bankruptBehindTiers();
        _resolve(alice);
        uint256 booked = house.eventOf(ETH, 2).lossUsd;
        uint256 profit = _profit(1_900);
        assertEq(_quote(poolAccount, ETH), 20_000e18);
        assertEq(_quote(reserveAccount, ETH), 30_000e18);
        assertEq(_quote(_fundAccount(), ETH), 50_000e18);
        assertEq(uint256(_quote(_trancheOf(ETH), ETH)), profit - booked - 100_000e18);
        _assertBooked();
        // Paid once it has stood and everybody else's gains are covered.
        house.touch(bob, ETH, 16);
        _wait(ETH, 1_900, 1_500);
        _settle(bob);
        _settle(pools[0]);
        _settle(reserveAccount);
        _settle(_fundAccount());
        _settle(_trancheOf(ETH));
        assertApproxEqAbs(_cash(reserveAccount), 30_000e18, 1e18);
        assertApproxEqAbs(_cash(_trancheOf(ETH)), profit - booked - 100_000e18, 100e18);
        _assertBooked();
    }

    function test_tearUp_leavesItToTheTranche_whenOtherInventoryBeganSince() public {
        _bankruptBehindTiers();
        _resolve(alice);
        skipSeconds(700);
        _tearUpAll(ETH);
        assertEq(house.trancheOf(ETH).owedToFundUsd, 50_000e18);
        // The next default's inventory owes nothing to those who paid for the last.
        AccountId dave = _trader("dave");
        _open(dave, ETH, 60_000e18, 500e18);
        _fund(bob, 60_000e18);
        _trade(bob, ETH, -500e18);
        _price(ETH, 1_300);
        _resolve(dave);
        assertEq(house.trancheOf(ETH).owedToFundUsd, 0);
        _assertBooked();
    }

    /// @dev A claim can only be added to a position that has seen everything: a backstop far behind waits for the next profit.
    function test_tearUp_passesOverTheBackstop_whenTooManyEventsWaitForIt() public {
        AccountId dave = _trader("dave");
        house.setModule("backstop", dave.owner());
        _open(dave, ETH, 20_000e18, -1e18);
        _bankruptAlice();
        _setTier(Tier.Fund, 0);
        _resolve(alice);
        uint256 owed = house.trancheOf(ETH).owedToBackstopUsd;
        assertGt(owed, 10_000e18);
        _capTier(Tier.Backstop, 0, 0);
        _uninsure(ETH);
        AccountId[] memory losers = new AccountId[](17);
        for (uint256 i; i < losers.length; ++i) {
            losers[i] = _trader(string.concat("loser ", vm.toString(i)));
            _open(losers[i], ETH, 1_100e18, 10e18);
        }
        _price(ETH, 1_450);
        for (uint256 i; i < losers.length; ++i) {
            house.touch(losers[i], ETH, 32);
            skipSeconds(61);
            _resolve(losers[i]);
        }
        _profit(1_900);
        assertEq(house.trancheOf(ETH).owedToBackstopUsd, owed, "it is still owed");
        assertGt(_quote(_trancheOf(ETH), ETH), int256(owed), "the tranche has it meanwhile");
        assertGt(house.marketOf(ETH).events - house.positionOf(dave, ETH).eventsSeen, 0);
    }

    /* SHARING */

    function test_distribute_revertsWhenNothingCameIn() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingToDistribute.selector, ETH, 0, 0));
        house.distribute(ETH);
        _open(alice, ETH, 10_000e18, 20e18);
        uint256 cash = _cash(_trancheOf(ETH));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingToDistribute.selector, ETH, cash, 0));
        house.distribute(ETH);
    }

    function test_distribute_revertsWhenDeficitsWait() public {
        _split(0.5e18, 0.1e18);
        _uninsure(ETH);
        _capTier(Tier.Protocol, 0, 0);
        _capTier(Tier.Backstop, 0, 0);
        _open(bob, ETH, 10_000e18, -20e18);
        _open(alice, ETH, 120e18, 1e18);
        _price(ETH, 1_820);
        _resolve(alice);
        uint256 pending = house.marketOf(ETH).pendingLossUsd;
        assertGt(pending, 0);
        _trade(bob, ETH, 10e18);
        assertEq(house.trancheOf(ETH).toFundUsd, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.DeficitsPending.selector, ETH, pending));
        house.distribute(ETH);
    }

    function test_distribute_splitsWhatCameInOnce() public {
        _split(0.5e18, 0.1e18);
        _open(alice, ETH, 10_000e18, 20e18);
        uint256 cash = _cash(_trancheOf(ETH));
        uint256 fund = _cash(_fundAccount());
        IClearingHouse.TrancheState memory tranche = house.trancheOf(ETH);
        assertEq(tranche.toFundUsd, cash / 2);
        assertEq(tranche.toProtocolUsd, cash / 10);
        vm.expectEmit(address(house));
        emit IClearingHouse.Distributed(ETH, cash / 2, cash / 10, cash - cash / 2 - cash / 10);
        house.distribute(ETH);
        assertEq(_cash(_fundAccount()) - fund, cash / 2);
        assertEq(_cash(reserveAccount), cash / 10);
        uint256 retained = cash - cash / 2 - cash / 10;
        assertEq(house.trancheOf(ETH).retainedUsd, retained);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingToDistribute.selector, ETH, retained, retained));
        house.distribute(ETH);
        _trade(alice, ETH, 10e18);
        uint256 inflow = _cash(_trancheOf(ETH)) - retained;
        house.distribute(ETH);
        assertEq(_cash(_trancheOf(ETH)), retained + inflow - inflow / 2 - inflow / 10);
        _assertBooked();
    }

    function test_distribute_countsWhatComesInAfterALoss() public {
        _split(ONE, 0);
        _open(alice, ETH, 10_000e18, 20e18);
        _split(0, 0.5e18);
        house.distribute(ETH);
        uint256 retained = house.trancheOf(ETH).retainedUsd;
        assertGt(retained, 0);
        // A default takes it: what comes in afterwards is inflow again.
        _open(bob, ETH, 60_000e18, -500e18);
        AccountId dave = _trader("dave");
        _open(dave, ETH, 60_000e18, 480e18);
        _price(ETH, 1_600);
        _resolve(dave);
        assertEq(_cash(_trancheOf(ETH)), 0);
        assertEq(house.trancheOf(ETH).retainedUsd, 0);
        _trade(bob, ETH, 100e18);
        uint256 cash = _cash(_trancheOf(ETH));
        house.distribute(ETH);
        assertEq(_cash(_trancheOf(ETH)), cash - cash / 2);
    }

    function test_distribute_movesNoMoreThanCameIn_whenTheWaterfallLies() public {
        _open(alice, ETH, 10_000e18, 20e18);
        uint256 cash = _cash(_trancheOf(ETH));
        vm.mockCall(address(waterfall), ILossWaterfall.splitTermsOf.selector, abi.encode(uint256(5e18), uint256(7e18)));
        uint256 fund = _cash(_fundAccount());
        house.distribute(ETH);
        assertEq(_cash(_fundAccount()) - fund, cash);
        assertEq(_cash(reserveAccount), 0);
        _assertBooked();
    }

    /// @dev Nothing is made or lost by sharing, however often, and what is not whole stays.
    function testFuzz_distribute_conserves(uint256 toFund, uint256 toProtocol, uint256 size) public {
        toFund = bound(toFund, 0, ONE);
        toProtocol = bound(toProtocol, 0, ONE - toFund);
        _split(toFund, toProtocol);
        _open(alice, ETH, 60_000e18, int256(bound(size, 1, 400) * 1e18));
        uint256[4] memory cash = _tiers();
        if (house.trancheOf(ETH).toFundUsd + house.trancheOf(ETH).toProtocolUsd == 0) return;
        house.distribute(ETH);
        uint256[4] memory left = _tiers();
        assertEq(left[1] - cash[1], (cash[0] * toFund) / ONE);
        assertEq(left[2] - cash[2], (cash[0] * toProtocol) / ONE);
        assertEq(left[0] + left[1] + left[2], cash[0] + cash[1] + cash[2]);
        _assertBooked();
    }

    /// @dev What inventory wins back beyond the loss event goes to the backstop first, which had paid more than that.
    function test_tearUp_repaysTheBackstopInPart_whenTheProfitIsLessThanItPaid() public {
        _stake(lena, 300_000e18);
        _setTier(Tier.Fund, 0);
        _bankruptAlice();
        _resolve(alice);
        uint256 owed = house.trancheOf(ETH).owedToBackstopUsd;
        assertGt(owed, 100_000e18);
        skipSeconds(700);
        _price(ETH, 1_700);
        _tearUpAll(ETH);
        uint256 left = house.trancheOf(ETH).owedToBackstopUsd;
        assertLt(left, owed - 30_000e18);
        assertGt(left, 0);
        assertEq(_quote(poolAccount, ETH), int256(owed - left), "a claim of what came back");
        _assertBooked();
    }
}

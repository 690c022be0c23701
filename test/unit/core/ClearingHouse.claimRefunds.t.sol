// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice SOC-1: what was charged beyond the loss comes back to those who were charged, never twice.
contract ClearingHouse_claimRefunds_Test is HouseScenarios {
    /// @dev Alice defaults; bob and carol gain on the side on which dave loses, so together they are charged too much.
    function _overcharge() private returns (AccountId dave) {
        _uninsure(ETH);
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -250e18);
        _open(carol, ETH, 60_000e18, -250e18);
        _price(ETH, 1_500);
        dave = _trader("dave");
        _open(dave, ETH, 60_000e18, -100e18);
        _price(ETH, 1_600);
        _resolve(alice);
    }

    function test_claimRefunds_revertsWhenTooManyEventsWait() public {
        _bookLosses(33);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.EventsPending.selector, bob, ETH, 33, 16));
        house.claimRefunds(bob, ETH, 1);
        house.touch(bob, ETH, 17);
        house.claimRefunds(bob, ETH, 1);
    }

    function test_claimRefunds_creditsNothing_whenNothingWasCharged() public {
        _open(alice, ETH, 10_000e18, 20e18);
        bytes32 before = _fingerprint(alice);
        assertEq(house.claimRefunds(alice, ETH, 10), 0);
        assertEq(house.claimRefunds(carol, ETH, 10), 0);
        assertEq(house.claimRefunds(alice, MarketId.wrap(200), 10), 0);
        assertEq(_fingerprint(alice), before);
    }

    function test_claimRefunds_creditsNothing_whenNothingIsProven() public {
        _overcharge();
        assertEq(house.claimRefunds(bob, ETH, 10), 0, "only bob's gain is known");
    }

    function test_claimRefunds_creditsNothing_whenItMayReadNoRecord() public {
        _overcharge();
        house.touch(bob, ETH, 1);
        house.touch(carol, ETH, 1);
        assertEq(house.claimRefunds(bob, ETH, 0), 0);
    }

    function test_claimRefunds_creditsNothing_whenAccountLostOrCameLater() public {
        AccountId dave = _overcharge();
        AccountId erin = _trader("erin");
        _open(erin, ETH, 60_000e18, -100e18);
        house.touch(bob, ETH, 1);
        house.touch(carol, ETH, 1);
        house.touch(dave, ETH, 1);
        _price(ETH, 1_550);
        assertEq(house.claimRefunds(dave, ETH, 10), 0, "a loser");
        assertEq(house.claimRefunds(erin, ETH, 10), 0, "a newcomer");
    }

    function test_claimRefunds_emitsTheStateAfterIt() public {
        _overcharge();
        house.touch(bob, ETH, 1);
        house.touch(carol, ETH, 1);
        IClearingHouse.MarketEventState memory lossEvent = house.eventOf(ETH, 2);
        uint256 surplus = house.marketOf(ETH).surplusUsd;
        assertEq(house.marketOf(ETH).uncollectedLossUsd, 0);
        // S = γ·A − r, up to the rounding of two charges.
        uint256 overcharged = (lossEvent.revealedUsd * lossEvent.fraction) / 1e18 - lossEvent.lossUsd;
        assertApproxEqAbs(surplus, overcharged, 4);

        int256 quote = _quote(bob, ETH);
        uint256 snapshot = vm.snapshotState();
        uint256 amount = house.claimRefunds(bob, ETH, 10);
        vm.revertToState(snapshot);
        vm.expectEmit(address(house));
        emit IClearingHouse.Refunded(bob, ETH, 2, amount, quote + int256(amount));
        vm.prank(STRANGER);
        house.claimRefunds(bob, ETH, 10);
        assertEq(_quote(bob, ETH), quote + int256(amount));
        assertEq(house.marketOf(ETH).surplusUsd, surplus - amount);
        assertEq(house.claimRefunds(bob, ETH, 10), 0, "once");

        // The pool, long 100 since dave sold at 1 500, gained too.
        uint256 others = house.claimRefunds(carol, ETH, 10) + house.claimRefunds(pools[0], ETH, 10);
        assertApproxEqAbs(amount + others, overcharged, 8, "all of it comes back");
        assertLe(amount + others, surplus);
    }

    /// @dev Alice's loss is charged to three. What is due is γ·A − r at each step, not more with each.
    function test_claimRefunds_isDueWhatWasOvercharged_whenAThirdGainIsFound() public {
        _overcharge();
        AccountId[3] memory gainers = [bob, carol, pools[0]];
        for (uint256 i; i < 3; ++i) {
            house.touch(gainers[i], ETH, 1);
            IClearingHouse.MarketEventState memory lossEvent = house.eventOf(ETH, 2);
            uint256 taken = (lossEvent.revealedUsd * lossEvent.fraction) / 1e18;
            uint256 dueUsd = taken > lossEvent.lossUsd ? taken - lossEvent.lossUsd : 0;
            assertEq(house.reconciliationOf(ETH).refundsDueUsd, dueUsd);
            assertEq(dueUsd > 0, i != 0, "from the second on");
        }
    }

    /// @dev What earlier gainers were charged too much is shared in by the next loss, once: γ = r / (gains + S − L).
    function test_resolve_sharesOverGainsAndSurplus_whenASurplusWaits() public {
        AccountId dave = _overcharge();
        AccountId[4] memory holders = [bob, carol, dave, pools[0]];
        for (uint256 i; i < 4; ++i) house.touch(holders[i], ETH, 1);
        uint256 base = house.marketOf(ETH).surplusUsd;
        assertGt(base, 5_000e18);
        assertEq(house.marketOf(ETH).uncollectedLossUsd, 0);
        AccountId erin = _trader("erin");
        _open(erin, ETH, 8_200e18, 100e18);
        skipSeconds(61);
        _price(ETH, 1_400);
        for (uint256 i; i < 4; ++i) {
            int256 value = house.portfolioOf(holders[i], MarginKind.Maintenance).exposures[0].valueUsd;
            if (value > 0) base += uint256(value);
        }
        _resolve(erin);
        IClearingHouse.MarketEventState memory lossEvent = house.eventOf(ETH, 3);
        assertGt(lossEvent.lossUsd, 5_000e18);
        assertApproxEqRel(lossEvent.fraction, (lossEvent.lossUsd * 1e18) / base, 1e9, "gamma");
    }

    function test_claimRefunds_revivesAPosition_whenItHadBeenClosed() public {
        _overcharge();
        _trade(bob, ETH, 250e18);
        house.touch(carol, ETH, 1);
        _wait(ETH, 1_600, 1_500);
        _settle(bob);
        uint256 amount = house.claimRefunds(bob, ETH, 10);
        assertGt(amount, 1_000e18);
        assertEq(house.accountOf(bob).markets, ETH.bit());
    }
}

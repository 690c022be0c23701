// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {IStakedShares} from "../../contracts/interfaces/IStakedShares.sol";
import {Tier} from "../../contracts/interfaces/ILossWaterfall.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {TierScenarios} from "../support/TierScenarios.sol";

/// @notice Attacks on the buffers, and on who bears what before the winners do.
contract Tiers_adversarial_Test is TierScenarios {
    /* S1: the deficit and the tranche, to the unit */

    /// @dev Alice misses exactly `deficit`.
    function _bankruptBy(uint256 deficit) private {
        int256 missing = -_equity(alice) - int256(deficit);
        assertGt(missing, 0);
        _fund(alice, uint256(missing));
        assertEq(-_equity(alice), int256(deficit));
    }

    function _expectPaid(uint256 deficit, uint256 byTranche, uint256 byFund, uint256 byReserve) private {
        uint256 snapshot = vm.snapshotState();
        _bankruptBy(deficit);
        uint256[4] memory cash = _tiers();
        _resolve(alice);
        uint256[4] memory left = _tiers();
        assertEq(cash[0] - left[0], byTranche, "tranche");
        assertEq(cash[1] - left[1], byFund, "fund");
        assertEq(cash[2] - left[2], byReserve, "protocol");
        assertEq(cash[3] - left[3], 0, "backstop");
        uint256 rest = deficit - byTranche - byFund - byReserve;
        if (rest >= 100e18) assertEq(house.eventOf(ETH, 2).lossUsd, rest);
        else assertEq(house.marketOf(ETH).pendingLossUsd, rest);
        _assertBooked();
        vm.revertToState(snapshot);
    }

    function test_S1_resolve_paysToTheUnit_whenTheTrancheIsAboutTheDeficit() public {
        _reserve(ruth, 1_000e18);
        _stake(lena, 1_000e18);
        _bankruptAlice();
        uint256 tranche = _cash(_trancheOf(ETH));
        assertGt(tranche, 100e18);
        _expectPaid(1, 1, 0, 0);
        _expectPaid(tranche - 1, tranche - 1, 0, 0);
        _expectPaid(tranche, tranche, 0, 0);
        // Of one unit beyond it nothing is shareable: nine tenths of it, rounded down.
        _expectPaid(tranche + 1, tranche, 0, 0);
        _expectPaid(tranche + 10, tranche, 9, 0);
        _setTier(Tier.Fund, 90e18);
        _expectPaid(tranche + 100e18, tranche, 90e18, 0);
        _expectPaid(tranche + 100e18 + 10, tranche, 90e18, 9);
        _setTier(Tier.Fund, 90e18 - 1);
        _expectPaid(tranche + 100e18, tranche, 90e18 - 1, 1);
        _setTier(Tier.Fund, 0);
        _expectPaid(tranche + 1_000e18, tranche, 0, 900e18);
    }

    /* S2: a staker asks out before a loss */

    /// @dev One block before: the cooldown has just begun, and the shares bear it all.
    function test_S2_requestCooldown_escapesNothing_whenAskedOneBlockBefore() public {
        uint256 mine = _reserve(ruth, 10_000e18);
        uint256 staked = _stake(lena, 10_000e18);
        _bankruptAlice();
        _setTier(Tier.Fund, 0);
        vm.prank(ruth);
        reserve.requestCooldown(mine);
        _cool(lena, staked);
        skipSeconds(12);
        feeds[0].push(1_600e8);
        vm.expectPartialRevert(IStakedShares.CooldownRunning.selector);
        vm.prank(ruth);
        reserveShares.redeem(mine, ruth, ruth);
        _resolve(alice);
        assertEq(_cash(reserveAccount), 0, "all of it was there");
        assertEq(_cash(poolAccount), 0);
    }

    /// @dev In the window as the loss appears: from the moment anybody has marked who misses margin, nobody leaves.
    function test_S2_redeem_waits_whenTheLossIsInSight() public {
        uint256 mine = _reserve(ruth, 10_000e18);
        uint256 staked = _stake(lena, 10_000e18);
        vm.prank(ruth);
        reserve.requestCooldown(mine);
        _cool(lena, staked);
        _passCooldown(2_000, 40_000);
        _bankruptAlice();
        _mark(alice);
        vm.expectPartialRevert(IStakedShares.ShortfallOpen.selector);
        vm.prank(ruth);
        reserveShares.redeem(mine, ruth, ruth);
        vm.expectPartialRevert(IStakedShares.ShortfallOpen.selector);
        _redeem(lena, staked);
        _setTier(Tier.Fund, 0);
        _resolve(alice);
        assertEq(_cash(reserveAccount), 0);
        assertEq(_cash(poolAccount), 0);
    }

    /// @dev Asking again starts anew, calling off ends it, and shares that change hands have not cooled.
    function test_S2_requestCooldown_startsAnew_whenCancelledAskedAgainOrTransferred() public {
        uint256 mine = _reserve(ruth, 10_000e18);
        address accomplice = makeAddr("accomplice");
        vm.startPrank(ruth);
        reserve.requestCooldown(mine);
        skipSeconds(COOLDOWN - 1);
        reserve.requestCooldown(0);
        skipSeconds(1);
        vm.expectPartialRevert(IStakedShares.CooldownTooSmall.selector);
        reserveShares.redeem(1e18, ruth, ruth);
        reserve.requestCooldown(mine);
        skipSeconds(COOLDOWN / 2);
        reserve.requestCooldown(mine);
        skipSeconds(COOLDOWN / 2);
        vm.expectPartialRevert(IStakedShares.CooldownRunning.selector);
        reserveShares.redeem(1e18, ruth, ruth);
        skipSeconds(COOLDOWN / 2);
        reserveShares.transfer(accomplice, mine);
        vm.stopPrank();
        vm.expectPartialRevert(IStakedShares.CooldownTooSmall.selector);
        vm.prank(accomplice);
        reserveShares.redeem(1e18, accomplice, accomplice);
    }

    /* S3: an empty vault, one unit, a donation */

    /// @dev The first depositor with one unit and a donation takes nothing from the next.
    function testFuzz_S3_deposit_losesNextToNothing_whenTheFirstDonates(uint256 donation, uint256 amount) public {
        address thief = makeAddr("thief");
        amount = bound(amount, 1e12, 1_000_000e18);
        donation = bound(donation, 0, 1_000_000e18);
        uint256 first = _reserve(thief, 1);
        if (donation != 0) _fund(reserveAccount, donation);
        if (donation > 1_000_000) {
            // A share is worth more than what the contract calls noise; the victim may still come.
            assertGt(reserveShares.maxDeposit(ruth), 0);
        }
        uint256 shares = reserveShares.previewDeposit(amount);
        if (shares == 0) return;
        shares = _reserve(ruth, amount);
        vm.prank(thief);
        reserve.requestCooldown(first);
        skipSeconds(COOLDOWN);
        vm.prank(thief);
        try reserveShares.redeem(first, thief, thief) returns (uint256 taken) {
            assertLe(taken, donation + 1, "S3: the thief has the victim's money");
        } catch {}
    }

    /* L3: victim, liquidator and tier in one hand */

    /// @dev Whatever is liquidated: what the three have together at one price does not grow, though all that the tranche takes in goes to them.
    function testFuzz_L3_liquidate_gainsNothing_whenTheTierIsTheVictims(uint256 price, uint256 size) public {
        _split(0, ONE);
        _reserve(ruth, 10_000e18);
        int256 position = int256(bound(size, 20, 80) * 1e18);
        _open(alice, ETH, 10_000e18, position);
        _open(bob, ETH, 100_000e18, -position);
        house.distribute(ETH);
        _price(ETH, bound(price, 1_880, 1_960));
        if (_health(alice) >= 1e18 || _equity(alice) <= 0) return;
        int256 before = _together();
        for (uint256 i; i < 4; ++i) {
            house.liquidate(alice, ETH, keeper);
            if (house.trancheOf(ETH).toProtocolUsd != 0) house.distribute(ETH);
            assertLe(_together(), before + 1, "L3");
        }
        _assertBooked();
    }

    /// @dev Equity of the victim, cash of liquidator and tier, the backstop's share of penalties (nobody's here) not counted. D18{USD}
    function _together() private view returns (int256) {
        return
            _equity(alice) + int256(house.accountOf(alice).depositUsd) + int256(_cash(keeper) + _cash(reserveAccount));
    }

    /// @dev A pair of the attacker's that defaults on one leg takes from the tiers what caps and co-insurance leave, whoever owns their shares.
    function testFuzz_L3_resolve_takesNoMoreThanTheCaps_whenAPairDefaults(uint256 price, uint256 caps) public {
        _reserve(ruth, 50_000e18);
        _stake(lena, 50_000e18);
        uint256 cap = bound(caps, 0, ONE);
        _capTier(Tier.Protocol, cap, ONE);
        _capTier(Tier.Backstop, cap / 2, ONE);
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        _price(ETH, bound(price, 1_400, 1_860));
        if (_equity(alice) >= 0) return;
        uint256 deficit = uint256(-_equity(alice));
        uint256[4] memory cash = _tiers();
        _resolve(alice);
        uint256[4] memory left = _tiers();
        uint256 shareable = deficit > cash[0] ? ((deficit - cash[0]) * 9) / 10 : 0;
        assertLe(cash[1] + cash[2] + cash[3] - left[1] - left[2] - left[3], shareable, "co-insurance");
        assertLe(cash[2] - left[2], (cash[2] * cap) / ONE);
        assertLe(cash[3] - left[3], (cash[3] * (cap / 2)) / ONE);
        if (cash[3] != left[3] && cap != 0) {
            assertEq(left[1], 0, "WATER-1: the fund first");
            assertEq(cash[2] - left[2], (cash[2] * cap) / ONE, "WATER-1: then the protocol, to its cap");
        }
        _assertBooked();
    }

    /* SHARING WHAT A DEFAULT WILL TAKE */

    /// @dev A split just before a default moves money between buffers, not out of them: what it saves anybody is at most the split part of one day's inflow.
    function test_distribute_savesNobody_whenADefaultIsInSight() public {
        _split(0.3e18, 0);
        _bankruptAlice();
        uint256 snapshot = vm.snapshotState();
        _resolve(alice);
        uint256 shared = house.eventOf(ETH, 2).lossUsd;
        vm.revertToState(snapshot);
        uint256 moved = (_cash(_trancheOf(ETH)) * 3) / 10;
        house.distribute(ETH);
        _resolve(alice);
        uint256 sharedNow = house.eventOf(ETH, 2).lossUsd;
        assertLe(sharedNow > shared ? sharedNow - shared : shared - sharedNow, moved);
        _assertBooked();
    }

    /* NOBODY TRADES OR TAKES OUT FOR A TRANCHE */

    function test_tranche_isOutOfReach() public {
        AccountId tranche = _trancheOf(ETH);
        _open(alice, ETH, 10_000e18, 20e18);
        assertGt(_cash(tranche), 0);
        vm.expectPartialRevert(IClearingHouse.NotAuthorized.selector);
        house.withdraw(tranche, 1, address(this));
        vm.expectPartialRevert(IClearingHouse.NotAuthorized.selector);
        house.trade(_request(tranche, ETH, 1e18));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, tranche));
        house.deposit(tranche, 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, tranche));
        house.resolve(tranche, new AccountId[](0), keeper);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice Claims without a size: of the resolution account, and of the insurance fund next to those of traders.
contract ClearingHouse_claims_Test is HouseScenarios {
    AccountId private _resolution;
    AccountId private _insurer;
    AccountId private _dave;

    function setUp() public override {
        super.setUp();
        _resolution = house.systemAccountOf(ETH, 0);
        _insurer = _fundAccount();
        _dave = _trader("dave");
    }

    /// @dev SOC-1: a long and a short of one size taken over left the resolution account with a loss and no size. Nothing could close it: the winners of
    /// the market owned claims that nobody paid for, until another default came along.
    function test_unwind_coversTheLoss_whenWhatWasTakenOverCancels() public {
        _open(alice, ETH, 12_000e18, 100e18);
        _open(bob, ETH, 100_000e18, -200e18);
        _price(ETH, 1_600);
        _resolve(alice);
        _price(ETH, 1_500);
        _open(carol, ETH, 7_800e18, -100e18);
        _price(ETH, 1_585);
        _resolve(carol);
        assertEq(_size(_resolution, ETH), int256(0), "the long and the short cancel");
        uint256 loss = uint256(-_quote(_resolution, ETH));
        assertApproxEqAbs(loss, 1_500e18, 1e18);
        uint256 pending = house.marketOf(ETH).pendingLossUsd;
        uint256 fund = _cash(_insurer);

        assertEq(house.unwind(ETH), int256(0), "there is nothing to sell");
        assertEq(_quote(_resolution, ETH), int256(0), "closed");
        uint256 paid = fund - _cash(_insurer);
        uint256 booked = pending + loss - paid;
        IClearingHouse.MarketState memory state = house.marketOf(ETH);
        assertGt(paid, 0);
        assertTrue(
            state.pendingLossUsd == booked || house.eventOf(ETH, state.events).lossUsd == booked,
            "what insurance does not pay is a deficit"
        );
        AccountId[] memory users = new AccountId[](3);
        (users[0], users[1], users[2]) = (alice, bob, carol);
        _assertConserved(users);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingToUnwind.selector, ETH));
        house.unwind(ETH);
    }

    /// @dev WATER-1: claims of insurance counted as junior to the gains of open positions only. What a trader had closed stood behind insurance.
    function test_settle_paysBuffersNothing_whenClosedGainsAreUnpaid() public {
        // What dave has earned goes to the tranche that pays for what he lost.
        AccountId heir = _trancheOf(BTC);
        _open(carol, ETH, 100_000e18, 115e18);
        _open(bob, ETH, 20_000e18, -110e18);
        _open(_dave, ETH, 9_000e18, -10e18);
        _trade(_dave, BTC, 3e18);
        _open(alice, ETH, 5_000e18, 5e18);
        _price(ETH, 1_900);
        _trade(bob, ETH, 110e18);
        _trade(_dave, ETH, 10e18);
        // The only loss that reaches the reserve for now.
        _trade(alice, ETH, -5e18);
        _price(BTC, 36_000);
        _resolve(_dave);
        uint256 claim = uint256(_quote(heir, ETH));
        assertGt(claim, 900e18, "what dave had earned");
        _waitBoth(1_900, 36_000, 1_500);
        uint256 reserve = house.marketOf(ETH).reserveUsd;
        assertGt(reserve, 400e18);
        assertLt(reserve, uint256(_quote(bob, ETH)), "bob's closed gain alone is more than the reserve");

        uint256 before = _cash(heir);
        _settle(heir);
        assertEq(_cash(heir), before, "the buffer waits");
        before = _cash(bob);
        _settle(bob);
        assertEq(_cash(bob) - before, reserve, "bob does not");

        _settleAs(carol.owner(), carol);
        _settle(bob);
        assertEq(_quote(bob, ETH), int256(0), "bob has all of it");
        _settle(heir);
        assertEq(_quote(heir, ETH), int256(0), "and what is left is the buffer's");
    }

    function _waitBoth(uint256 ethUsd, uint256 btcUsd, uint256 duration) private {
        for (uint256 waited; waited < duration; waited += 300) {
            skipSeconds(300);
            feeds[0].push(int256(ethUsd * 1e8));
            feeds[1].push(int256(btcUsd * 1e8));
            oracle.poke(ETH.bit() | BTC.bit());
        }
    }
}

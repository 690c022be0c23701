// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

interface IMulticall {
    function multicall(bytes[] calldata data) external returns (bytes[] memory results);
}

/// @notice M1, M2, M5: taking out what margin allows, again and again, through every door.
contract Cycles_adversarial_Test is HouseScenarios {
    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    /* M1 */

    /// @dev Sixteen million dollars at initial margin to the unit: the next tick liquidates nobody, and the way down to maintenance margin leaves slices enough.
    function test_M1_withdraw_leavesAMargin_whenAVeryLargePositionIsAtTheEdge() public {
        _open(alice, ETH, 3_000_000e18, 8_000e18);
        _open(bob, ETH, 3_000_000e18, -8_000e18);
        _withdraw(alice, house.freeCashOf(alice));
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertEq(equity, int256(required), "at the edge");

        skipSeconds(12);
        feeds[0].push(2_000e8 - 1);
        assertEq(house.freeCashOf(alice), 0);
        assertEq(_code(house.previewLiquidation(alice, ETH)), uint256(ILiquidationEngine.PlanCode.Healthy));
        (equity, required) = house.marginOf(alice, MarginKind.Maintenance);
        assertGt(equity, int256(required), "one tick below is far above maintenance margin");

        // 1 % at a time until she is liquidated: she never owes anything.
        uint256 slices;
        for (uint256 price = 1_990; price > 1_800 && slices < 40; price -= 10) {
            _price(ETH, price);
            for (uint256 i; i < 3; ++i) {
                ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
                if (plan.closeSize == 0) break;
                ++slices;
                assertGe(_equity(alice), int256(0), "a slice left a debt");
                skipSeconds(12);
                feeds[0].push(int256(price * 1e8));
            }
        }
        assertGt(slices, 3, "she was not liquidated");
        _assertConserved(_users());
    }

    /* M2 */

    /// @dev The trend is a friend: alice takes out what has matured, buys as much as her margin allows, and does it again while the price rises by half. Then it
    /// falls back at once. The fund loses no more than its cap, and nobody's cash moves but hers, her losers' and the fund's.
    function test_M2_resolve_costsTheFundItsCapAtMost_whenProfitsWereWithdrawnAndLeveredAgain() public {
        _open(alice, ETH, 200_000e18, 1_000e18);
        _fund(bob, 40_000_000e18);
        uint256 taken;
        uint256 price = 2_000;
        for (uint256 round; round < 8; ++round) {
            price = (price * 105) / 100;
            _price(ETH, price);
            _wait(ETH, price, 3 * BUCKET_SECONDS);
            // The pool's losses are what she is paid from.
            _settle(pools[0]);
            _settleAs(alice.owner(), alice);
            uint256 free = house.freeCashOf(alice);
            taken += free / 2;
            _withdraw(alice, free / 2);
            _leverUp(alice);
        }
        assertGt(taken, 100_000e18, "nothing was taken out");
        _trade(bob, ETH, -_size(alice, ETH));
        uint256 bobsCash = _cash(bob);
        uint256 fundBefore = _cash(_fundAccount());

        _price(ETH, (price * 60) / 100);
        assertLt(_equity(alice), int256(0), "not bankrupt");
        _resolve(alice);
        uint256 paid = fundBefore - _cash(_fundAccount());
        assertGt(paid, 0, "the fund paid nothing");
        assertLe(paid, (fundBefore * 25) / 100, "WATER-1: above the cap of an event");
        assertEq(_cash(bob), bobsCash, "SENIOR-1: somebody's cash moved");
        _assertConserved(_users());
    }

    /// @dev Four do the same at once, and one fall takes all of them on one day: the fund loses what it may in an epoch, and not a unit more.
    function test_M2_resolve_costsTheFundItsEpochsCapAtMost_whenManyLeverUpAndFallTogether() public {
        AccountId[4] memory riders = [alice, carol, _trader("dave"), _trader("erin")];
        for (uint256 i; i < 4; ++i) _open(riders[i], ETH, 120_000e18, 500e18);
        _fund(bob, 40_000_000e18);
        uint256 price = 2_000;
        for (uint256 round; round < 3; ++round) {
            price = (price * 105) / 100;
            _price(ETH, price);
            _wait(ETH, price, 3 * BUCKET_SECONDS);
            _settle(pools[0]);
            for (uint256 i; i < 4; ++i) {
                _settleAs(riders[i].owner(), riders[i]);
                _withdraw(riders[i], house.freeCashOf(riders[i]) / 2);
                _leverUp(riders[i]);
            }
        }
        uint256 fundBefore = _cash(_fundAccount());
        uint256 bobsCash = _cash(bob);
        _price(ETH, (price * 60) / 100);
        for (uint256 i; i < 4; ++i) {
            assertLt(_equity(riders[i]), int256(0), "not bankrupt");
            _resolve(riders[i]);
        }
        uint256 paid = fundBefore - _cash(_fundAccount());
        // A quarter of what is there each time, until it is half of what was there.
        assertGe(paid, (fundBefore * 49) / 100, "the epoch's cap was not reached");
        assertLe(paid, fundBefore / 2, "WATER-1: above the cap of an epoch");
        assertEq(_cash(bob), bobsCash, "SENIOR-1: somebody's cash moved");
    }

    /// @dev Opens as much as goes, in halving steps.
    function _leverUp(AccountId account) private {
        for (int256 size = 1_024e18; size >= 1e18; size /= 2) {
            try house.trade(_request(account, ETH, size)) {} catch (bytes memory reason) {
                bytes4 why = bytes4(reason);
                assertTrue(
                    why == IClearingHouse.AccountBelowInitialMargin.selector ||
                        why == IClearingHouse.CashTooLow.selector ||
                        why == IClearingHouse.PriceBeyondBand.selector ||
                        why == IClearingHouse.PoolExposureExceeded.selector ||
                        why == IClearingHouse.PoolBelowInitialMargin.selector,
                    "refused for another reason"
                );
            }
        }
    }

    /* M5 */

    /// @dev Whatever a batch does in between, each of its calls ends with E ≥ IM, so its end does.
    function test_M5_multicall_revertsWhole_whenOneCallEndsBelowInitialMargin() public {
        _open(alice, ETH, 30_000e18, 100e18);
        uint256 free = house.freeCashOf(alice);
        address owner = alice.owner();
        uint256 tokens = token.balanceOf(owner);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IClearingHouse.withdraw, (alice, free, owner));
        calls[1] = abi.encodeCall(IClearingHouse.withdraw, (alice, 1, owner));
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.FreeCashTooLow.selector, alice, 0, 1));
        IMulticall(address(house)).multicall(calls);
        assertEq(token.balanceOf(owner), tokens, "the first call stood");
        assertEq(house.freeCashOf(alice), free);
    }

    /// @dev A delegate that may trade, with another that may withdraw: neither together nor in turn do they take more than the owner could.
    function test_M5_withdraw_takesNoMoreThanTheOwnerCould_whenDelegatesActInTurn() public {
        address other = makeAddr("withdrawing delegate");
        vm.prank(alice.owner());
        house.setDelegate(alice, other, 2);
        _open(alice, ETH, 30_000e18, 100e18);
        for (uint256 i; i < 8; ++i) {
            uint256 free = house.freeCashOf(alice);
            vm.prank(other);
            if (free == 0) vm.expectPartialRevert(IClearingHouse.FreeCashTooLow.selector);
            house.withdraw(alice, free == 0 ? 1 : free, other);
            _trade(alice, ETH, i % 2 == 0 ? -int256(10e18) : -int256(1e18));
            (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
            assertGe(equity, int256(required), "HEALTH-1");
        }
        // 2: may withdraw, may not trade, and the other way round.
        vm.prank(other);
        vm.expectPartialRevert(IClearingHouse.CallerNotVenue.selector);
        house.trade(_request(alice, ETH, 1e18));
        vm.expectPartialRevert(IClearingHouse.NotAuthorized.selector);
        house.withdraw(alice, 1, address(this));
        _assertConserved(_users());
    }

    /// @dev The same account twice in a batch: the second is judged as the first has left it.
    function test_M5_liquidateBatch_judgesEachAsTheOneBeforeLeftIt() public {
        _distressAlice();
        uint256 before = vm.snapshotState();
        house.liquidate(alice, ETH, keeper);
        house.liquidate(alice, ETH, keeper);
        int256 size = _size(alice, ETH);
        uint256 cash = _cash(alice);
        vm.revertToState(before);
        IClearingHouse.LiquidationItem[] memory items = new IClearingHouse.LiquidationItem[](2);
        items[0] = IClearingHouse.LiquidationItem(alice, ETH);
        items[1] = items[0];
        house.liquidateBatch(items, keeper);
        assertEq(_size(alice, ETH), size);
        assertEq(_cash(alice), cash);
        _assertConserved(_users());
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice Attacks on margin: taking value out of an account that needs it, sitting on the edge, hiding in small sizes. The token has 18 decimals, so the
/// edge is a unit wide.
contract Margin_adversarial_Test is HouseScenarios {
    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    /// @dev Alice is long 100 ETH with equity of exactly initial margin.
    function _aliceAtInitialMargin() private {
        _open(alice, ETH, 30_000e18, 100e18);
        _withdraw(alice, house.freeCashOf(alice));
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertEq(equity, int256(required));
    }

    /* M3 */

    function test_M3_withdraw_revertsWhenAtInitialMargin() public {
        _aliceAtInitialMargin();
        vm.prank(alice.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.FreeCashTooLow.selector, alice, 0, 1));
        house.withdraw(alice, 1, alice.owner());
    }

    function test_M3_trade_revertsWhenItAddsRiskAtInitialMargin() public {
        _aliceAtInitialMargin();
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        house.trade(_request(alice, ETH, 0.001e18));
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        house.trade(_request(alice, BTC, 0.01e18));
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        house.trade(_request(alice, ETH, -200.001e18));
    }

    function test_M3_trade_revertsWhenAReductionGivesValueAway() public {
        _aliceAtInitialMargin();
        _price(ETH, 1_990);
        // Through the keeper's fee: 2 % of 1 990 a unit is 39.8, and the pool pays 0.4 for less skew.
        IClearingHouse.TradeRequest memory request = _request(alice, ETH, -1e18);
        request.keeper = accountIdOf(alice.owner(), 1);
        request.keeperFeeUsd = 41e18;
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        house.trade(request);
        // Through the spread, which the pool gets.
        request.keeperFeeUsd = 0;
        request.spread = 0.03e18;
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        house.trade(request);
        // Through both.
        request.keeperFeeUsd = 30e18;
        request.spread = 0.01e18;
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        house.trade(request);
    }

    /// @dev However an account that is at its margin is reduced, it is no less healthy afterwards: fees to a friend cannot hollow it out.
    function test_M3_trade_keepsHealth_whenReducedManyTimesAtTheHighestFee() public {
        _aliceAtInitialMargin();
        AccountId friend = accountIdOf(alice.owner(), 1);
        uint256 health = _health(alice);
        for (uint256 i; i < 60; ++i) {
            IClearingHouse.TradeRequest memory request = _request(alice, ETH, -1e18);
            (request.keeper, request.keeperFeeUsd) = (friend, 39e18);
            house.trade(request);
            assertGe(_health(alice), health, "HEALTH-1");
            health = _health(alice);
        }
        assertEq(_cash(friend), 60 * 39e18);
        _assertConserved(_users1(friend));
    }

    function test_M3_settle_changesNoEquity() public {
        _aliceAtInitialMargin();
        _open(bob, ETH, 60_000e18, -100e18);
        _price(ETH, 1_990);
        int256 equity = _equity(alice);
        _settleAs(alice.owner(), alice);
        _settleAs(STRANGER, alice);
        house.touch(alice, ETH, 16);
        house.claimRefunds(alice, ETH, 16);
        house.liquidate(alice, ETH, keeper);
        vm.prank(alice.owner());
        house.setDelegate(alice, STRANGER, 3);
        assertApproxEqAbs(_equity(alice), equity, 1);
    }

    function test_M3_withdraw_revertsWhenTheGainIsOnlyUnsettled() public {
        _aliceAtInitialMargin();
        _price(ETH, 2_200);
        // 20 000 of gain, but young: it neither pays out nor carries a withdrawal.
        assertEq(house.freeCashOf(alice), 0);
    }

    /* M4 */

    function test_M4_trade_revertsWhenMarginIsExactBeforeFees() public {
        (uint256 cash, uint256 fee) = _exactCash();
        _fund(alice, cash);
        vm.expectRevert(
            abi.encodeWithSelector(
                IClearingHouse.AccountBelowInitialMargin.selector,
                alice,
                int256(_required() - fee),
                _required()
            )
        );
        house.trade(_request(alice, ETH, 100e18));
        _fund(alice, fee - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IClearingHouse.AccountBelowInitialMargin.selector,
                alice,
                int256(_required()) - 1,
                _required()
            )
        );
        house.trade(_request(alice, ETH, 100e18));
        _fund(alice, 1);
        _trade(alice, ETH, 100e18);
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertEq(equity, int256(required), "to the unit");
    }

    /// @dev Cash for 100 ETH without the fee: initial margin, edge and deposit.
    function _exactCash() private view returns (uint256 cash, uint256 fee) {
        (, fee) = house.previewTrade(ETH, 100e18);
        cash = _required() + 20e18 + DEPOSIT_USD;
    }

    function _required() private view returns (uint256) {
        return risk.initialMarginOf(ETH, 200_000e18, 10_000_000e18, 200_000e18);
    }

    /* M6 */

    function test_M6_trade_revertsWhenALotBelowTheMinimum() public {
        _fund(alice, 1_000e18);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PositionBelowMinimum.selector, alice, 248e18, 250e18));
        house.trade(_request(alice, ETH, 0.124e18));
        _trade(alice, ETH, 0.125e18);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PositionBelowMinimum.selector, alice, 248e18, 250e18));
        house.trade(_request(alice, ETH, -0.001e18));
        _trade(alice, ETH, 0.1e18);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PositionBelowMinimum.selector, alice, 248e18, 250e18));
        house.trade(_request(alice, ETH, -0.101e18));
        _trade(alice, ETH, -0.1e18);
        _trade(alice, ETH, -0.125e18);
        assertEq(_size(alice, ETH), 0);
    }

    /// @dev A position that the price made small can be closed, and is liquidated whole.
    function test_M6_liquidate_closesAllOfIt_whenThePriceMadeItSmall() public {
        _open(bob, ETH, 60_000e18, -10e18);
        _open(alice, ETH, 100e18, 0.125e18);
        _price(ETH, 1_300);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PositionBelowMinimum.selector, alice, 161.2e18, 250e18));
        house.trade(_request(alice, ETH, -0.001e18));
        _price(ETH, 1_250);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Full));
        assertEq(_size(alice, ETH), 0);
    }

    /// @dev Dust costs whoever spreads it: every account is closed whole in one pass, and each pays its keeper's gas.
    function test_M6_liquidateBatch_clearsManyDustAccounts() public {
        uint256 count = 60;
        _open(bob, ETH, 60_000e18, -30e18);
        IClearingHouse.LiquidationItem[] memory items = new IClearingHouse.LiquidationItem[](count);
        for (uint256 i; i < count; ++i) {
            AccountId dust = _trader(string.concat("dust ", vm.toString(i)));
            _open(dust, ETH, 21e18, 0.126e18);
            items[i] = IClearingHouse.LiquidationItem(dust, ETH);
        }
        _price(ETH, 1_925);
        house.liquidateBatch(items, keeper);
        for (uint256 i; i < count; ++i) {
            assertEq(_size(items[i].account, ETH), 0);
            assertEq(house.accountOf(items[i].account).markets, 0);
        }
        assertApproxEqAbs(_cash(keeper), count * 1e18, count * 0.01e18, "the gas floor of each");
    }

    function _users1(AccountId other) private view returns (AccountId[] memory users) {
        users = new AccountId[](4);
        (users[0], users[1], users[2], users[3]) = (alice, bob, carol, other);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {CoverScenarios} from "../../support/CoverScenarios.sol";
import {Vm} from "../../support/Vm.sol";

/// @notice What openings pay to the market's tranche: ten basis points of the notional that uses all of an account's equity, thrice as much while it is fresh.
contract ClearingHouse_premiums_Test is CoverScenarios {
    function setUp() public override {
        super.setUp();
        _wantPremiums();
    }

    /* REVERTS */

    /// @dev 100 000 USD of notional need 5 005 of margin; what is left of 5 305 after fee and deposit does not reach for the premium of 283 too.
    function test_matchOrders_revertsWhenMarginIsThereAndThePremiumIsNot() public {
        _fund(alice, 100_000e18);
        _fund(bob, 5_305e18);
        bytes memory reason = _refusal(
            abi.encodeCall(house.matchOrders, (_order(50e18))),
            IClearingHouse.AccountBelowInitialMargin.selector
        );
        (AccountId account, int256 equity, uint256 required) = abi.decode(reason, (AccountId, int256, uint256));
        assertEq(AccountId.unwrap(account), AccountId.unwrap(bob));
        assertEq(equity, 5_250e18);
        assertGt(required, 5_250e18);
        _fund(bob, required - uint256(equity));
        _match(50e18);
        assertEq(_size(bob, ETH), int256(50e18));
    }

    /// @dev A gain in another market is margin, but pays nothing.
    function test_trade_revertsWhenEquityIsThereAndCashIsNot() public {
        _open(alice, BTC, 100_000e18, 10e18);
        _wait(BTC, 48_000, 1_500);
        _price(ETH, 2_000);
        uint256 spare = 30e18;
        _withdraw(alice, _cash(alice) - DEPOSIT_USD - spare);
        bytes memory reason = _refusal(
            abi.encodeCall(house.trade, (_request(alice, ETH, 25e18))),
            IClearingHouse.CashTooLow.selector
        );
        (, uint256 cash, uint256 needed) = abi.decode(reason, (AccountId, uint256, uint256));
        assertLt(cash, spare - 24e18, "the fee of 25 and the edge are paid already");
        assertGt(needed, cash);
    }

    function test_trade_revertsWhenTheJudgeAsksForTooMuch() public {
        _fund(alice, 100_000e18);
        // 3 % of the 20 000 opened.
        vm.mockCall(
            address(risk),
            IRiskEngine.assessOpening.selector,
            abi.encode(int256(100_000e18), uint256(0), uint256(600e18 + 1))
        );
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PremiumTooHigh.selector, alice, 600e18 + 1, 600e18));
        _trade(alice, ETH, 10e18);
        vm.mockCall(
            address(risk),
            IRiskEngine.assessOpening.selector,
            abi.encode(int256(100_000e18), uint256(0), uint256(600e18))
        );
        _trade(alice, ETH, 10e18);
        assertEq(_trancheUsd(), 600e18);
    }

    /* SUCCESS */

    function test_matchOrders_takesThePremium_whenBothSidesOpen() public {
        _fund(alice, 10_000e18);
        _fund(bob, 20_000e18);
        // 5 000 of margin: half of alice's equity, a quarter of bob's. Both are fresh.
        vm.expectEmit(address(house));
        emit IClearingHouse.PremiumPaid(bob, ETH, 75e18, 0);
        vm.expectEmit(address(house));
        emit IClearingHouse.PremiumPaid(alice, ETH, 150e18, 0);
        _match(50e18);
        assertEq(_trancheUsd(), 225e18);
        assertEq(_cash(alice), 10_000e18 - 20e18 - 150e18);
        assertEq(_cash(bob), 20_000e18 - 50e18 - 75e18);
        // Both reverse: the half that closes is free, the other costs what it did and a little more, since equity is less.
        _match(-100e18);
        assertGt(_trancheUsd(), 2 * 225e18);
        assertLt(_trancheUsd(), 2 * 225e18 + 5e18);
        assertEq(_size(bob, ETH), int256(-50e18));
    }

    /// @dev The premium is that of the market in which is opened, whatever else the account holds.
    function test_trade_takesThePremiumOfItsMarket_whenTheAccountIsInAnother() public {
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0, 0, 0, 0, 0));
        risk.setCoverTerms(BTC, IRiskEngine.CoverTerms(0, 0, 0, 0, 0.001e18));
        _open(alice, ETH, 20_000e18, 1e18);
        assertEq(_trancheUsd(), 0);
        uint256 before = _cash(_trancheOf(BTC));
        _trade(alice, BTC, 1e18);
        assertGt(_cash(_trancheOf(BTC)), before + 10e18);
        _trade(alice, ETH, 1e18);
        assertEq(_trancheUsd(), 0, "ETH asks for none");
    }

    function test_trade_takesNoPremium_whenItReduces() public {
        _open(alice, ETH, 10_000e18, 50e18);
        uint256 tranche = _trancheUsd();
        assertApproxEqAbs(tranche, 150e18, 1e6);
        _trade(alice, ETH, -20e18);
        _trade(alice, ETH, -30e18);
        assertEq(_trancheUsd(), tranche);
        assertEq(house.standingOf(alice), 0);
    }

    function test_trade_paysWhatTheEventSays() public {
        _fund(alice, 10_000e18);
        vm.recordLogs();
        _trade(alice, ETH, -50e18);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 found;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IClearingHouse.PremiumPaid.selector) continue;
            ++found;
            (uint256 premium, uint256 goodDays) = abi.decode(logs[i].data, (uint256, uint256));
            assertEq(premium, _trancheUsd());
            assertEq(goodDays, 0);
        }
        assertEq(found, 1);
    }

    function test_trade_paysAThird_whenInGoodStanding() public {
        _fund(alice, 10_000e18);
        _fund(bob, 1_000_000e18);
        _match(0.2e18);
        _match(-0.2e18);
        assertEq(house.standingOf(alice), 0);
        skipSeconds(1 days);
        assertEq(house.standingOf(alice), 0, "from the day after");
        skipSeconds(15 days);
        assertEq(house.standingOf(alice), 15);
        skipSeconds(40 days);
        assertEq(house.standingOf(alice), 55);
        _price(ETH, 2_000);
        uint256 before = _trancheUsd();
        _fund(alice, 10_000e18 - _cash(alice));
        _match(-50e18);
        // bob pays his: he uses next to nothing, so a quarter.
        assertApproxEqAbs(_trancheUsd() - before, 50e18 + 25e18, 1e6);
    }

    function test_liquidate_makesTheAccountFresh() public {
        _aged();
        _price(ETH, 1_925);
        assertEq(house.standingOf(alice), 40);
        house.liquidate(alice, ETH, keeper);
        assertEq(house.standingOf(alice), 0);
        skipSeconds(2 days);
        assertEq(house.standingOf(alice), 1);
    }

    function test_takeOver_makesTheAccountFresh() public {
        _aged();
        _fund(carol, 1_000_000e18);
        _price(ETH, 1_925);
        assertTrue(_mark(alice));
        skipSeconds(45);
        _price(ETH, 1_925);
        uint256 tranche = _trancheUsd();
        vm.prank(carol.owner());
        house.takeOver(_take(alice, ETH, type(uint256).max));
        assertGt(_size(carol, ETH), int256(0));
        assertEq(house.standingOf(alice), 0);
        assertEq(_trancheUsd(), tranche, "the taker pays no premium");
        skipSeconds(3 days);
        assertEq(house.standingOf(carol), 2, "but has begun to count");
    }

    function test_resolve_makesTheAccountFresh() public {
        _aged();
        _price(ETH, 1_800);
        _resolve(alice);
        assertEq(house.standingOf(alice), 0);
    }

    /// @dev Alice opens 80 ETH with 10 000 USD after forty days of good standing.
    function _aged() private {
        _fund(alice, 9_000e18);
        _fund(bob, 100_000e18);
        _match(0.2e18);
        _match(-0.2e18);
        skipSeconds(41 days);
        _price(ETH, 2_000);
        _match(-80e18);
        assertEq(house.standingOf(alice), 40);
    }

    function _order(int256 takerDelta) private view returns (IClearingHouse.MatchRequest memory) {
        return
            IClearingHouse.MatchRequest({
                maker: alice,
                taker: bob,
                market: ETH,
                sizeDelta: takerDelta,
                price: INDEX,
                makerReduceOnly: false,
                takerReduceOnly: false
            });
    }
}

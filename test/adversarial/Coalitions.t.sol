// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice S7, S9, S11, S14: several accounts of one owner, or one owner and time, against the sharing of losses. The token has 18 decimals.
contract Coalitions_adversarial_Test is HouseScenarios {
    AccountId internal dave;

    function setUp() public override {
        super.setUp();
        dave = _trader("dave");
    }

    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    function _all() private view returns (AccountId[] memory users) {
        users = new AccountId[](4);
        (users[0], users[1], users[2], users[3]) = (alice, bob, carol, dave);
    }

    /* S7 */

    /// @dev Alice's gain against carol, who cannot pay it, carries nothing in another market before it has stood.
    function test_S7_trade_isRefused_whenMarginIsAPhantomGain() public {
        _open(carol, ETH, 60_000e18, -500e18);
        _open(alice, ETH, 60_000e18, 500e18);
        _price(ETH, 2_500);
        assertLt(_equity(carol), int256(0), "the gain has nobody behind it");
        assertGt(_equity(alice), int256(250_000e18));
        assertEq(house.freeCashOf(alice), 0);
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        house.trade(_request(alice, BTC, 5e18));
    }

    /// @dev No keeper comes for twenty minutes, so it has stood, and alice loses it to dave in another market: bitcoin falls while she is long and he is short. Once
    /// all is recognised the three of them have what they came with and what the fund paid, and the fund paid no more than its caps.
    function test_S7_resolve_costsTheFundItsCaps_whenAPhantomGainWasLostInAnotherMarket() public {
        _open(carol, ETH, 60_000e18, -500e18);
        _open(alice, ETH, 60_000e18, 500e18);
        _fund(dave, 200_000e18);
        uint256 brought = 320_000e18;
        _price(ETH, 2_500);
        _waitBoth(2_500, 40_000, 3 * BUCKET_SECONDS);
        _trade(alice, BTC, 60e18);
        _trade(dave, BTC, -60e18);
        skipSeconds(12);
        feeds[1].push(35_000e8);
        uint256 fund = _cash(_fundAccount());
        uint256 poolsBefore = uint256(_equity(pools[0]) + _equity(pools[1]));

        _resolve(carol);
        house.touch(alice, ETH, 16);
        assertLt(_equity(alice), int256(0), "the phantom is gone");
        skipSeconds(61);
        feeds[0].push(2_500e8);
        feeds[1].push(35_000e8);
        _resolve(alice);
        _endAll();
        uint256 paid = fund - _cash(_fundAccount());
        assertLe(paid, fund / 2, "WATER-1: caps of the epoch");
        uint256 left = _cash(alice) + _cash(carol) + _cash(dave);
        assertLe(left, brought + paid + _lostBy(poolsBefore), "COAL-1: somebody else paid them");
        _assertConserved(_all());
    }

    function _lostBy(uint256 before) private view returns (uint256) {
        uint256 now_ = uint256(_equity(pools[0]) + _equity(pools[1]));
        return before > now_ ? before - now_ : 0;
    }

    /// @dev Both feeds go on at these prices for a while.
    function _waitBoth(uint256 ethUsd, uint256 btcUsd, uint256 duration) private {
        for (uint256 waited; waited < duration; waited += 300) {
            skipSeconds(300);
            feeds[0].push(int256(ethUsd * 1e8));
            feeds[1].push(int256(btcUsd * 1e8));
            oracle.poke(3);
        }
    }

    /// @dev Inventory is sold or torn up, losses are booked, everybody is touched, closes and is paid.
    function _endAll() private {
        _waitBoth(2_500, 35_000, 3 * BUCKET_SECONDS);
        for (uint256 m; m < 2; ++m) {
            if (house.previewInventory(m == 0 ? ETH : BTC).size != 0) house.tearUp(m == 0 ? ETH : BTC);
        }
        for (uint256 m; m < 2; ++m) {
            skipSeconds(61);
            feeds[0].push(2_500e8);
            feeds[1].push(35_000e8);
            try house.bookLoss(m == 0 ? ETH : BTC) {} catch {}
        }
        AccountId[] memory users = _all();
        for (uint256 round; round < 2; ++round) {
            for (uint256 i; i < users.length; ++i) {
                house.touch(users[i], ETH, 16);
                house.touch(users[i], BTC, 16);
                house.claimRefunds(users[i], ETH, 16);
                house.claimRefunds(users[i], BTC, 16);
                int256 size = _size(users[i], BTC);
                if (size != 0) _trade(users[i], BTC, -size);
                size = _size(users[i], ETH);
                if (size != 0) _trade(users[i], ETH, -size);
            }
            _waitBoth(2_500, 35_000, 3 * BUCKET_SECONDS);
            for (uint256 i; i < users.length; ++i) _settle(users[i]);
            for (uint256 i; i < 2; ++i) _settle(pools[i]);
        }
    }

    /* S9 */

    /// @dev Bob has won 500 000 and been paid what alice had. Before her default is booked carol takes a losing position on bob's side: the side's sum shows less
    /// than its winners have, so bob is charged all of his gain and stands below maintenance margin. Nobody can use that, and once the pool's gain is revealed he gets back what was too much.
    function test_S9_liquidate_isRefused_whenASideWasNettedDownToChargeItsWinner() public {
        _uninsure(ETH);
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        _price(ETH, 1_000);
        _settleAs(alice.owner(), alice);
        _wait(ETH, 1_000, 3 * BUCKET_SECONDS);
        _settle(bob);
        _withdraw(bob, house.freeCashOf(bob));
        // Carol sells 500 at about 1 000 and the price goes up by a tenth: her loss nets bob's gain.
        _open(carol, ETH, 400_000e18, -500e18);
        _price(ETH, 1_100);
        uint256 before = vm.snapshotState();
        _resolve(alice);
        uint256 number = house.marketOf(ETH).events;
        uint256 fraction = house.eventOf(ETH, number).fraction;
        int256 worth = _equity(bob);
        ILiquidationEngine.Plan memory plan = house.liquidate(bob, ETH, keeper);
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Healthy), "liquidated through its charge");

        // The pool, touched with the booking, has revealed its gain; bob's own comes with his touch.
        house.claimRefunds(bob, ETH, 16);
        assertGt(_equity(bob), worth, "nothing came back");
        skipSeconds(61);
        feeds[0].push(1_100e8);
        plan = house.liquidate(bob, ETH, keeper);
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Healthy), "and not after the grace either");
        int256 restored = _equity(bob);

        // Had carol closed before, the same default would cost him the same, but for the impact of her fill, which is the pool's.
        vm.revertToState(before);
        _trade(carol, ETH, 500e18);
        _resolve(alice);
        assertLe(house.eventOf(ETH, house.marketOf(ETH).events).fraction, fraction, "netting raised it");
        house.touch(bob, ETH, 16);
        house.claimRefunds(bob, ETH, 16);
        assertApproxEqAbs(
            restored,
            _equity(bob),
            500e18,
            "the attack cost bob more than her closing fill moved the pool"
        );
    }

    /* S11 */

    /// @dev A pair dumps a loss: alice and her accomplice carol face each other, the price crashes, alice is resolved and her position goes through the resolution
    /// account. Together they end with at most what they brought and what the fund paid; whoever buys from the resolution account has no better price than its tolerance.
    function test_S11_unwind_yieldsAPairNothing_whenItDumpsThroughTheResolutionAccount() public {
        _fund(carol, 60_000e18);
        _open(alice, ETH, 60_000e18, 500e18);
        _trade(carol, ETH, -500e18);
        uint256 fund = _cash(_fundAccount());
        int256 poolBefore = _equity(pools[0]);
        _price(ETH, 1_600);
        _resolve(alice);
        // Carol closes into the sale and opens again behind it.
        _trade(carol, ETH, 400e18);
        try house.unwind(ETH) {} catch {}
        _trade(carol, ETH, -_size(carol, ETH));
        try house.unwind(ETH) {} catch {}
        _wait(ETH, 1_600, 1_200);
        if (house.previewInventory(ETH).size != 0) house.tearUp(ETH);
        house.touch(carol, ETH, 16);
        house.claimRefunds(carol, ETH, 16);
        if (_size(carol, ETH) != 0) _trade(carol, ETH, -_size(carol, ETH));
        _wait(ETH, 1_600, 3 * BUCKET_SECONDS);
        _settle(carol);
        _settle(pools[0]);
        uint256 paid = fund - _cash(_fundAccount());
        int256 poolLost = poolBefore - _equity(pools[0]);
        assertLe(
            int256(_cash(alice) + _cash(carol)),
            int256(120_000e18 + paid) + (poolLost > 0 ? poolLost : int256(0)),
            "COAL-1"
        );
        // 10 bp of what was sold, at most, is what the pool can have lost to them.
        assertLe(poolLost, 800e18, "the pool paid more than the tolerance");
        _assertConserved(_all());
    }

    /// @dev Alice, nearly bankrupt, reduces to zero against an accomplice at the edge of the band, to hand over what she has: a reduction by agreement keeps health.
    function test_S11_matchOrders_revertsWhenAReductionToZeroGivesTheRestAway() public {
        _fund(carol, 100_000e18);
        _open(alice, ETH, 10_000e18, 80e18);
        _price(ETH, 1_900);
        assertGt(_equity(alice), int256(0));
        assertLt(_health(alice), 1e18);
        IClearingHouse.MatchRequest memory request = IClearingHouse.MatchRequest({
            maker: carol,
            taker: alice,
            market: ETH,
            sizeDelta: -79e18,
            price: 1_862e18,
            makerReduceOnly: false,
            takerReduceOnly: true
        });
        // What she gives away she pays at once, in cash she does not have.
        vm.expectPartialRevert(IClearingHouse.CashTooLow.selector);
        house.matchOrders(request);
        request.sizeDelta = -80e18;
        vm.expectPartialRevert(IClearingHouse.CashTooLow.selector);
        house.matchOrders(request);
        // And where her cash would do, her health must not fall.
        (request.sizeDelta, request.price) = (-30e18, 1_865e18);
        vm.expectPartialRevert(IClearingHouse.HealthWouldFall.selector);
        house.matchOrders(request);
    }

    /* S14 */

    /// @dev Bob wins, then the feed is silent for longer than a gain has to stand. When the price is back his gain is as young as it was: alice's default comes first.
    function test_S14_settle_paysNothing_whenTheGainStoodThroughAnOutageOnly() public {
        _bankruptAlice();
        uint256 cash = _cash(bob);
        skipSeconds(2 hours);
        _settle(bob);
        assertEq(_cash(bob), cash, "paid without a price");
        _price(ETH, 1_600);
        _settle(bob);
        // The 500 that the pool paid him for taking its skew away are older than the fall: they stood while the price was still good.
        assertEq(_cash(bob), cash + 500e18, "PAID-1: the outage counted");
        _resolve(alice);
        int256 worth = _equity(bob);
        house.touch(bob, ETH, 16);
        assertEq(_equity(bob), worth, "charged like everybody");
        _wait(ETH, 1_600, 3 * BUCKET_SECONDS);
        _settle(bob);
        assertGt(_cash(bob), cash, "and paid what is left when it has stood");
        _assertConserved(_all());
    }
}

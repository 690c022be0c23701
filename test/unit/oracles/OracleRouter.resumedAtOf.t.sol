// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../../../contracts/types/MarketId.sol";
import {OracleTest} from "./OracleTest.sol";

/// @notice L8: since when a price has been valid again, told alike before and after somebody observes it.
contract OracleRouter_resumedAtOf_Test is OracleTest {
    /// @dev What is told before the observation is what it stores.
    function _assertResumedNow() private {
        uint256 now_ = vm.getBlockTimestamp();
        assertEq(router.resumedAtOf(ETH), now_, "told");
        observe();
        assertEq(router.resumedAtOf(ETH), now_, "stored");
        skipSeconds(7);
        assertEq(router.resumedAtOf(ETH), now_, "kept");
        observe();
        assertEq(router.resumedAtOf(ETH), now_, "and not renewed");
    }

    function test_resumedAtOf_isZero_whenThePriceNeverFailed() public {
        assertEq(router.resumedAtOf(ETH), 0);
        assertEq(router.resumedAtOf(MarketId.wrap(9)), 0);
        for (uint256 i; i < 30; ++i) {
            skipSeconds(MAX_AGE - 1);
            pushPrice(PRICE + i * 1e18);
            observe();
        }
        assertEq(router.resumedAtOf(ETH), 0);
    }

    function test_resumedAtOf_isZero_whenTheRoundComesInItsLastSecond() public {
        observe();
        skipSeconds(MAX_AGE - 1); // the round was one second old
        pushPrice(PRICE);
        assertEq(router.resumedAtOf(ETH), 0);
        observe();
        assertEq(router.resumedAtOf(ETH), 0);
    }

    function test_resumedAtOf_isNow_whenTheRoundComesASecondLate() public {
        observe();
        skipSeconds(MAX_AGE);
        pushPrice(PRICE);
        _assertResumedNow();
    }

    function test_resumedAtOf_staysAsItWas_whenThePriceIsNotValid() public {
        observe();
        skipSeconds(2 * MAX_AGE);
        assertEq(router.resumedAtOf(ETH), 0);
        observe();
        assertEq(router.resumedAtOf(ETH), 0);
        pushPrice(PRICE);
        _assertResumedNow();
    }

    function test_resumedAtOf_isNow_whenThePriceIsBackInBounds() public {
        observe();
        skipSeconds(60);
        pushPrice(CEILING + 1e18);
        observe();
        skipSeconds(60);
        pushPrice(PRICE);
        _assertResumedNow();
    }

    function test_resumedAtOf_isNow_whenAJumpIsConfirmed() public {
        observe();
        skipSeconds(60);
        pushPrice(3_000e18);
        observe();
        skipSeconds(60);
        pushPrice(3_001e18);
        _assertResumedNow();
    }

    function test_resumedAtOf_isNow_whenTheGuardianAcceptsAJump() public {
        observe();
        skipSeconds(60);
        pushPrice(3_000e18);
        observe();
        router.acceptJump(ETH, router.recordOf(ETH).jumpRoundId);
        assertEq(router.resumedAtOf(ETH), vm.getBlockTimestamp());
    }

    /// @dev The same round of the same bucket: only the sequencer tells that there was an outage.
    function test_resumedAtOf_isNow_whenTheSequencerIsReadyAgain() public {
        observe();
        skipSeconds(10);
        vm.prank(address(batch));
        sequencer.goDown();
        skipSeconds(10);
        vm.prank(address(batch));
        sequencer.goUp();
        assertEq(router.resumedAtOf(ETH), 0);
        skipSeconds(GRACE);
        _assertResumedNow();
    }

    function test_resumedAtOf_isNow_whenAPokeFindsThePriceBack() public {
        observe();
        skipSeconds(2 * MAX_AGE);
        pushPrice(PRICE);
        router.poke(ETH_SET);
        assertEq(router.resumedAtOf(ETH), vm.getBlockTimestamp());
    }

    /// @dev A feed replaced while its price was good is no outage; one replaced after it failed is.
    function test_resumedAtOf_knowsWhetherAReplacedFeedHadFailed() public {
        observe();
        skipSeconds(60);
        router.setFeed(ETH, config(address(feed)));
        assertEq(router.resumedAtOf(ETH), 0);
        skipSeconds(2 * MAX_AGE);
        pushPrice(PRICE);
        router.setFeed(ETH, config(address(feed)));
        assertEq(router.resumedAtOf(ETH), vm.getBlockTimestamp());
    }
}

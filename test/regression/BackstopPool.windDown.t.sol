// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {TierScenarios} from "../support/TierScenarios.sol";

/// @notice Defects that the backstop's cash once had while one of its markets had ended, one test each. Carol stands in for it, with a position in either market.
contract BackstopPool_windDown_regression_Test is TierScenarios {
    function _carolTakes() private {
        house.setModule("backstop", carol.owner());
        _open(carol, ETH, 12_000e18, 50e18);
        _trade(carol, BTC, 1e18);
        assertEq(_available(), house.freeCashOf(carol));
    }

    function _available() private view returns (uint256) {
        return house.previewCover(ETH, 1_000_000e18)[3].availableUsd;
    }

    /// @dev WATER-1: the feed of a market that had ended was asked for its price, and a dead one kept the backstop from paying for as long as it had anything there or elsewhere.
    function test_previewCover_countsTheBackstop_whenTheFeedOfAnEndedMarketIsDead() public {
        _carolTakes();
        oracle.poke(ETH.bit());
        skipSeconds(3_601);
        feeds[1].push(40_000e8);
        house.noteOutage(ETH);
        skipSeconds(7 days);
        feeds[1].push(40_000e8);
        house.windDown(ETH);
        assertGt(house.freeCashOf(carol), 1_000e18);
        assertEq(_available(), house.freeCashOf(carol));
        house.touch(carol, ETH, 2);
        assertEq(_available(), house.freeCashOf(carol), "touched");
    }

    /// @dev A gain in a market that had just ended, which nobody may open or withdraw against for a day, counted as what the backstop's other positions stand on as long as its
    /// events waited.
    function test_previewCover_countsNoGainOfAnEndedMarket_whenItsPauseRuns() public {
        _carolTakes();
        _price(ETH, 2_100);
        _wait(ETH, 2_100, 1_800);
        house.announceWindDown(ETH, 2_100e18);
        skipSeconds(2 days);
        feeds[0].push(2_100e8);
        feeds[1].push(40_000e8);
        house.windDown(ETH);
        IClearingHouse.PositionState memory position = house.positionOf(carol, ETH);
        assertGt(position.quote, 4_000e18, "a gain");
        assertGt(position.storedSize, 0, "that nobody has touched");
        assertEq(_available(), house.freeCashOf(carol));
    }
}

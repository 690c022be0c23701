// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

interface ICrowd {
    function open(uint256 more, uint256 cashNative, uint256 size) external;

    function accountAt(uint256 index) external view returns (AccountId);
}

/// @notice S5 with a crowd: one loss event behind many winners, 500 of them every day; `CROWD=10000` in the environment makes it ten thousand (three minutes).
contract Crowds_adversarial_Test is HouseScenarios {
    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    /// @dev Many shorts, and as many longs that lose, but can. Alice's default is charged to the shorts. They are touched out of order, half of them twice: what
    /// they were charged is what was booked and the surplus, to the unit, and a second touch changes nothing.
    function test_S5_touch_collectsAllOfIt_whenACrowdOfWinnersIsTouchedOutOfOrder() public {
        uint256 winners = vm.envOr("CROWD", uint256(500));
        _uninsure(ETH);
        ICrowd crowd = ICrowd(deploy("Crowd", abi.encode(house, ETH)));
        house.setVenue(address(crowd), true);
        // 2 000 ETH on each side, 2.5 times initial margin.
        uint256 cash = 1_000_000e18 / winners + 100e18;
        uint256 size = (2_000e18 / winners / 1e15) * 1e15;
        token.mint(address(crowd), 2 * winners * cash);
        for (uint256 i; i < 2 * winners; i += 500) crowd.open(500, cash, size);
        _open(alice, ETH, 60_000e18, 500e18);
        _price(ETH, 1_700);
        _resolve(alice);
        // The event is the first of its market, after the listing.
        IClearingHouse.MarketEventState memory lossEvent = house.eventOf(ETH, 2);
        assertGt(lossEvent.lossUsd, 10_000e18);
        uint256 uncollected = house.marketOf(ETH).uncollectedLossUsd;
        uint256 surplus = house.marketOf(ETH).surplusUsd;

        uint256 charged;
        uint256 step = 7_919; // prime, so that it meets every one of them
        for (uint256 i; i < winners; ++i) {
            AccountId winner = crowd.accountAt(2 * ((i * step) % winners) + 1);
            int256 before = house.positionOf(winner, ETH).storedQuote;
            house.touch(winner, ETH, 16);
            int256 quote = house.positionOf(winner, ETH).storedQuote;
            charged += uint256(before - quote);
            if (i % 2 == 0) {
                house.touch(winner, ETH, 16);
                assertEq(house.positionOf(winner, ETH).storedQuote, quote, "SOC-1: charged twice");
            }
        }
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        assertEq(market.uncollectedLossUsd, 0, "SOC-1: some of it was not collected");
        assertEq(
            charged,
            uncollected + (market.surplusUsd - surplus),
            "SOC-1: charged, but neither booked nor surplus"
        );
        for (uint256 i; i < 2 * winners; i += 2 * 97) {
            AccountId loser = crowd.accountAt(i);
            int256 before = house.positionOf(loser, ETH).storedQuote;
            house.touch(loser, ETH, 16);
            assertEq(house.positionOf(loser, ETH).storedQuote, before, "SOC-1: a loser was charged");
        }
    }
}

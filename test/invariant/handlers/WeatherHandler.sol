// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {HouseWorld, IFeedFaults} from "./HouseWorld.sol";

/// @title WeatherHandler
/// @notice What nobody in the house decides: prices, time, feeds that fail, keepers that are away, tokens sent by mistake, modes of markets.
abstract contract WeatherHandler is HouseWorld {
    /// @notice A small move.
    function drift(uint256 where, uint256 move) public {
        _move(where % MARKETS, 9_850 + (move % 301));
        if (move & 1 == 0) oracle.poke(ALL_MARKETS);
        _watch();
    }

    /// @notice A crash or a surge of up to 35 %.
    function crash(uint256 where, uint256 move) public {
        _move(where % MARKETS, move & 1 == 0 ? 6_500 + (move % 3_000) : 10_500 + (move % 3_000));
        oracle.poke(ALL_MARKETS);
        _watch();
    }

    /// @notice A crash and back within a minute, seen by the oracle.
    function wick(uint256 where, uint256 move) public {
        uint256 m = where % MARKETS;
        int256 before = answers[m];
        _move(m, 7_000 + (move % 6_000));
        oracle.poke(ALL_MARKETS);
        _watch();
        _publish(m, before);
        oracle.poke(ALL_MARKETS);
        _watch();
    }

    /// @notice A round beyond the jump band; half of the time the next confirms it.
    function jump(uint256 where, uint256 move) public {
        uint256 m = where % MARKETS;
        _move(m, move & 1 == 0 ? 3_000 : 17_000);
        oracle.poke(ALL_MARKETS);
        _watch();
        if (move & 2 == 0) {
            skipSeconds(12);
            _heartbeat();
            oracle.poke(ALL_MARKETS);
            _watch();
        }
    }

    function _move(uint256 m, uint256 tenThousandths) private {
        _publish(m, (answers[m] * int256(tenThousandths)) / 10_000);
    }

    /// @notice Long enough at one price for gains to mature.
    function steady(uint256 duration) public {
        _steady(bound(duration, 300, 2_400));
    }

    /// @notice Time without any feed's heartbeat: prices go stale after an hour.
    function silence(uint256 duration) public {
        skipSeconds(bound(duration, 1, 5_000));
    }

    /// @notice A feed that reverts for some time.
    function breakFeed(uint256 where, uint256 duration) public {
        uint256 m = where % MARKETS;
        deadUntil[m] = vm.getBlockTimestamp() + bound(duration, 60, 5_000);
        IFeedFaults(address(feeds[m])).deny(address(oracle));
        oracle.poke(1 << m);
        _watch();
        _reach("dead feed");
    }

    /// @notice Keepers go away.
    function loseKeepers(uint256 duration) public {
        keepersBackAt = vm.getBlockTimestamp() + bound(duration, 60, 3_600);
    }

    /// @notice Tokens sent to the house by mistake.
    function sendTokens(uint256 amount) public {
        amount = bound(amount, 1, 1_000e6);
        token.mint(address(house), amount);
        donated += amount;
    }

    /// @notice The breaker halts a market, or lets it only be reduced, for some time.
    function restrict(uint256 where, uint256 duration) public {
        uint256 m = where % MARKETS;
        restrictedUntil[m] = vm.getBlockTimestamp() + bound(duration, 60, 5_000);
        _setMode(m, where & (1 << 100) == 0 ? IClearingHouse.MarketMode.Halted : IClearingHouse.MarketMode.ReduceOnly);
    }
}

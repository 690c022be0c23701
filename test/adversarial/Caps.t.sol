// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice F4: nothing that limits openings keeps anybody from closing.
contract Caps_adversarial_Test is HouseScenarios {
    function _open() private {
        _open(alice, ETH, 60_000e18, 300e18);
        _open(bob, ETH, 60_000e18, -500e18);
        _open(carol, ETH, 60_000e18, 400e18);
    }

    function _closeAll() private {
        int256 size = _size(alice, ETH);
        _trade(alice, ETH, (-size / 3e18) * 1e18);
        _trade(alice, ETH, -_size(alice, ETH));
        // Alone, bob's closing takes the pool further out.
        _trade(carol, ETH, -_size(carol, ETH));
        _trade(bob, ETH, -_size(bob, ETH));
        assertEq(_size(pools[0], ETH), 0);
        _assertConserved(_users());
    }

    function test_F4_trade_closes_whenTheCapIsBelowThePoolsPosition() public {
        _open();
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.exposureCap = 1;
        house.setMarketTerms(ETH, terms);
        vm.expectPartialRevert(IClearingHouse.PoolExposureExceeded.selector);
        house.trade(_request(alice, ETH, 1e18));
        _closeAll();
    }

    function test_F4_trade_closes_whenThePoolHasNothingLeft() public {
        _open();
        uint256 free = house.freeCashOf(pools[0]);
        _withdraw(pools[0], (free / 1e12) * 1e12);
        vm.expectPartialRevert(IClearingHouse.PoolBelowInitialMargin.selector);
        house.trade(_request(alice, ETH, 50e18));
        _closeAll();
    }

    function test_F4_trade_closes_whenTheMarketOnlyReduces() public {
        _open();
        _setMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        _closeAll();
    }

    function test_F4_trade_closes_whenTheBandIsNarrow() public {
        _open();
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.band = 0.001e18;
        house.setMarketTerms(ETH, terms);
        _closeAll();
    }

    function test_F4_trade_closes_whenTheMinimumIsAboveThePosition() public {
        _open();
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.minNotionalUsd = 100_000e18;
        house.setMarketTerms(ETH, terms);
        _trade(alice, ETH, -300e18);
        _trade(carol, ETH, -400e18);
        _trade(bob, ETH, 500e18);
        assertEq(_size(pools[0], ETH), 0);
    }

    function testFuzz_F4_trade_closesFromAnyState(uint256 size, uint256 other, bool isLong, uint256 cap) public {
        int256 sign = isLong ? int256(1) : -int256(1);
        _open(alice, ETH, 1_000_000e18, sign * int256(bound(size, 1, 5_000)) * 1e18);
        _open(bob, ETH, 1_000_000e18, -sign * int256(bound(other, 1, 5_000)) * 1e18);
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        (terms.exposureCap, terms.band) = (bound(cap, 1, 10_000e18), 0.001e18);
        house.setMarketTerms(ETH, terms);
        _trade(alice, ETH, -_size(alice, ETH));
        _trade(bob, ETH, -_size(bob, ETH));
        assertEq(_size(pools[0], ETH), 0);
        _assertConserved(_users());
    }
}

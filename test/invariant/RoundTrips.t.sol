// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../../contracts/types/AccountId.sol";
import {EagerEvents, Holding} from "../differential/EagerEvents.sol";
import {HouseFixture} from "../support/HouseFixture.sol";

/// @notice ROUND-1: no split beats the whole, and going in and out at one price never gains, however often.
contract ClearingHouse_roundTrips_Test is HouseFixture {
    /// @dev Cash and unsettled value at the index. D18{USD}
    function _wealth(AccountId account) private view returns (int256) {
        Holding memory holding = Holding({size: _size(account, ETH), quote: _quote(account, ETH)});
        int256 x = int256(oracle.peek(1)[0].price) - house.marketOf(ETH).fundingIndex;
        return int256(_cash(account)) + EagerEvents.valueAt(holding, x);
    }

    /// @dev A skew of others, between 200 short and 200 long.
    function _skew(uint256 seed) private {
        int256 size = int256(bound(seed, 200, 200_000)) * 1e15;
        _open(carol, ETH, 200_000e18, seed & (1 << 200) == 0 ? size : -size);
    }

    function testFuzz_trade_isNoCheaper_whenSplit(uint256 skew, uint256 amount, uint256 cut, bool buys) public {
        _skew(skew);
        _fund(alice, 200_000e18);
        int256 lots = int256(bound(amount, 400, 200_000));
        int256 part = int256(bound(cut, 200, uint256(lots) - 200));
        uint256 before = vm.snapshotState();
        _trade(alice, ETH, (buys ? lots : -lots) * 1e15);
        int256 whole = _wealth(alice);
        vm.revertToState(before);
        _trade(alice, ETH, (buys ? part : -part) * 1e15);
        _trade(alice, ETH, (buys ? lots - part : part - lots) * 1e15);
        // The second half of an order that crosses the pool's zero is a taker's for its own part only: the fee of the whole is the upper bound.
        int256 feeGap = int256((uint256(lots) * 2_100e15 * 3) / 10_000);
        assertLe(_wealth(alice), whole + feeGap + 4, "ROUND-1: two fills are cheaper than one");
    }

    function testFuzz_trade_neverGains_whenClosedAtTheSamePrice(uint256 skew, uint256 amount, bool buys) public {
        _skew(skew);
        _fund(alice, 200_000e18);
        int256 size = int256(bound(amount, 200, 100_000)) * 1e15;
        if (!buys) size = -size;
        for (uint256 i; i < 5; ++i) {
            int256 before = _wealth(alice);
            _trade(alice, ETH, size);
            _trade(alice, ETH, -size);
            assertLt(_wealth(alice), before, "ROUND-1: a round trip gained");
        }
    }

    function test_trade_neverGains_whenRepeatedAThousandTimes() public {
        _skew(777);
        _fund(alice, 20_000e18);
        int256 before = _wealth(alice);
        for (uint256 i; i < 1_000; ++i) {
            int256 size = i & 1 == 0 ? int256(0.131e18) : -int256(0.131e18);
            _trade(alice, ETH, size);
            _trade(alice, ETH, -size);
            int256 wealth = _wealth(alice);
            assertLt(wealth, before, "ROUND-1: a round trip gained");
            before = wealth;
        }
    }

    function test_withdraw_returnsWhatWasDeposited_whenRepeatedAThousandTimes() public {
        token.mint(address(this), 1e12);
        for (uint256 i = 1; i <= 1_000; ++i) {
            house.deposit(alice, i * 7_919);
            vm.prank(alice.owner());
            house.withdraw(alice, i * 7_919, address(this));
            assertEq(_cash(alice), 0, "ROUND-1: cash is left or missing");
        }
        assertEq(token.balanceOf(address(this)), 1e12, "ROUND-1: tokens gained or lost");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HouseFixture} from "../support/HouseFixture.sol";

/// @notice FUND-1 on the house: how often a market is brought up to date does not matter, and twice at one time is once.
contract ClearingHouse_funding_Test is HouseFixture {
    /// @dev Any call that saves the books will do; setting the same terms changes nothing else.
    function _update() private {
        house.setMarketTerms(ETH, house.termsOf(ETH));
    }

    function testFuzz_setMarketTerms_accruesTheSame_whenUpdatedOften(
        uint256 size,
        uint256 hoursPassed,
        uint256 steps
    ) public {
        _open(alice, ETH, 500_000e18, int256(bound(size, 200, 2_000_000)) * 1e15);
        hoursPassed = bound(hoursPassed, 1, 24 * 365);
        steps = bound(steps, 2, 60);
        uint256 start = vm.getBlockTimestamp();
        uint256 end = start + hoursPassed * 3_600;
        uint256 before = vm.snapshotState();
        vm.warp(end);
        _update();
        int256 once = house.marketOf(ETH).fundingIndex;
        int256 rate = house.marketOf(ETH).fundingRate;
        vm.revertToState(before);

        for (uint256 i = 1; i <= steps; ++i) {
            vm.warp(start + ((end - start) * i) / steps);
            _update();
        }
        // One unit of rate an update, each worth the time left, and one rounding of the index.
        uint256 dust = steps * (2_000 * (hoursPassed / 24 + 2) + 1);
        assertApproxEqAbs(house.marketOf(ETH).fundingIndex, once, dust, "FUND-1: depends on how often");
        assertApproxEqAbs(house.marketOf(ETH).fundingRate, rate, steps, "FUND-1: rate depends on how often");
    }

    function test_setMarketTerms_accruesNothing_whenCalledAgainAtTheSameTime() public {
        _open(alice, ETH, 500_000e18, 1_000e18);
        skipSeconds(86_400);
        _update();
        int256 index = house.marketOf(ETH).fundingIndex;
        assertGt(index, int256(0), "longs pay");
        _update();
        assertEq(house.marketOf(ETH).fundingIndex, index, "FUND-1: the second update did something");
    }

    /// @dev What longs pay, shorts and pool receive: together they have what they had, but for the reserve's and each value's rounding.
    function testFuzz_marketOf_fundingNetsToZero(uint256 longs, uint256 shorts, uint256 hoursPassed) public {
        _open(alice, ETH, 500_000e18, int256(bound(longs, 200, 2_000_000)) * 1e15);
        _open(bob, ETH, 500_000e18, -int256(bound(shorts, 200, 2_000_000)) * 1e15);
        int256 before = _equity(alice) + _equity(bob) + _equity(pools[0]);
        vm.warp(vm.getBlockTimestamp() + bound(hoursPassed, 1, 24 * 365) * 3_600);
        feeds[0].push(2_000e8);
        assertApproxEqAbs(
            _equity(alice) + _equity(bob) + _equity(pools[0]),
            before,
            3,
            "FUND-1: funding created value"
        );
    }
}

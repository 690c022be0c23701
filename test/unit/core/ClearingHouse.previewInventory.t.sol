// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice What `unwind` and `tearUp` would do, told before.
contract ClearingHouse_previewInventory_Test is HouseScenarios {
    /// @dev The resolution account of ETH holds 500 long at 1 600; bob is short 500, carol as much as the test says.
    function _strand(int256 carolSize) private {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        if (carolSize != 0) _open(carol, ETH, 200_000e18, carolSize);
        _price(ETH, 1_600);
        _resolve(alice);
    }

    function _preview() private view returns (IClearingHouse.InventoryState memory) {
        return house.previewInventory(ETH);
    }

    function test_previewInventory_isEmpty_whenNothingIsHeld() public view {
        IClearingHouse.InventoryState memory empty;
        assertEq(keccak256(abi.encode(_preview())), keccak256(abi.encode(empty)));
    }

    function test_previewInventory_revertsWhenMarketIsNotListed() public {
        vm.expectPartialRevert(IClearingHouse.MarketNotListed.selector);
        house.previewInventory(MarketId.wrap(9));
    }

    function test_previewInventory_saysWhatUnwindSells() public {
        _strand(-300e18);
        IClearingHouse.InventoryState memory said = _preview();
        assertEq(said.size, int256(500e18));
        assertEq(said.unwindDelta, -int256(400e18), "down to twice (0.1 % - 300/500 000)K");
        assertEq(said.tearUpSize, 0, "too early");
        assertEq(said.tearUpAt, vm.getBlockTimestamp() + 600);
        assertEq(said.tearUpLossUsd, 8_000e18, "1 % of 500 at 1 600");
        assertEq(house.unwind(ETH), said.unwindDelta);
    }

    function test_previewInventory_unwindsNothing_whenThePriceIsTooFar() public {
        _strand(-500e18);
        assertEq(_preview().unwindDelta, 0);
        vm.expectPartialRevert(IClearingHouse.UnwindTooCostly.selector);
        house.unwind(ETH);
    }

    function test_previewInventory_unwindsNothing_whenThePoolHasNoRoom() public {
        _strand(0);
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.exposureCap = 100e18;
        house.setMarketTerms(ETH, terms);
        assertEq(_preview().unwindDelta, 0);
        vm.expectPartialRevert(IClearingHouse.PoolExposureExceeded.selector);
        house.unwind(ETH);
    }

    function test_previewInventory_knowsTheSize_whenMarketIsHaltedOrHasNoPrice() public {
        _strand(0);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        assertEq(_preview().size, int256(500e18));
        assertEq(_preview().unwindDelta, 0);
        _setMode(ETH, IClearingHouse.MarketMode.Open);
        assertLt(_preview().unwindDelta, 0);
        skipSeconds(3_601);
        assertEq(_preview().unwindDelta, 0);
        assertEq(_preview().tearUpSize, 0);
    }

    function test_previewInventory_tearsUpTheRest_whenItIsTime() public {
        _strand(-300e18);
        uint256 dueAt = _preview().tearUpAt;
        vm.warp(dueAt - 1);
        feeds[0].push(1_600e8);
        assertEq(_preview().tearUpSize, 0);
        vm.expectPartialRevert(IClearingHouse.TearUpTooEarly.selector);
        house.tearUp(ETH);
        vm.warp(dueAt);
        uint256 said = _preview().tearUpSize;
        assertEq(said, 100e18);
        uint256 shorts = house.marketOf(ETH).shortOpenInterest;
        house.tearUp(ETH);
        assertApproxEqAbs(shorts - house.marketOf(ETH).shortOpenInterest, said, 1e6);
    }

    /// @dev A loss of a hundredth does not wait.
    function test_previewInventory_tearsUpBeforeItIsTime_whenTheLossIsLarge() public {
        _strand(-500e18);
        _price(ETH, 1_585);
        assertEq(_preview().tearUpSize, 0);
        _price(ETH, 1_580);
        assertEq(_preview().tearUpSize, 500e18);
        house.tearUp(ETH);
        assertEq(_preview().tearUpSize, 0);
    }

    function testFuzz_previewInventory_isWhatTheCallsDo(
        uint256 skew,
        uint256 tolerance,
        uint256 time,
        uint256 fall
    ) public {
        _strand(-int256(bound(skew, 1, 900) * 1e18));
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.unwindTolerance = bound(tolerance, 0, 40) * 0.0001e18;
        house.setMarketTerms(ETH, terms);
        skipSeconds(bound(time, 0, 900));
        _price(ETH, 1_600 - bound(fall, 0, 40));

        IClearingHouse.InventoryState memory said = _preview();
        AccountId resolution = house.systemAccountOf(ETH, 0);
        assertEq(said.size, _size(resolution, ETH));
        uint256 snapshot = vm.snapshotState();
        (bool sold, bytes memory result) = address(house).call(abi.encodeCall(house.unwind, (ETH)));
        assertEq(sold, said.unwindDelta != 0, "unwind acts where the preview says so");
        if (sold) assertEq(abi.decode(result, (int256)), said.unwindDelta);
        vm.revertToState(snapshot);

        uint256 events = house.marketOf(ETH).events;
        uint256 shorts = house.marketOf(ETH).shortOpenInterest;
        (bool torn, ) = address(house).call(abi.encodeCall(house.tearUp, (ETH)));
        bool isDue = vm.getBlockTimestamp() >= said.tearUpAt || said.valueUsd <= -int256(said.tearUpLossUsd);
        assertEq(torn, isDue);
        if (said.tearUpSize != 0) {
            assertGt(house.marketOf(ETH).events, events, "torn up");
            assertApproxEqAbs(shorts - house.marketOf(ETH).shortOpenInterest, said.tearUpSize, 1e6);
        } else {
            assertEq(house.marketOf(ETH).shortOpenInterest, shorts, "nobody was torn up");
        }
    }
}

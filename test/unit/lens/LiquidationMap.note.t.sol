// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationMap} from "../../../contracts/interfaces/ILiquidationMap.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice Entries against what the house says at the price they name, and buckets against entries.
contract LiquidationMap_note_Test is HouseScenarios {
    ILiquidationMap.Direction private constant NONE = ILiquidationMap.Direction.None;
    ILiquidationMap.Direction private constant FALL = ILiquidationMap.Direction.Fall;
    ILiquidationMap.Direction private constant RISE = ILiquidationMap.Direction.Rise;
    uint256 private constant BUCKETS = 64 * 112;

    ILiquidationMap private map;

    function setUp() public override {
        super.setUp();
        map = ILiquidationMap(deploy("LiquidationMap", abi.encode(house)));
    }

    function _note(AccountId account) private {
        map.note(_one(account));
    }

    /// @dev What all buckets of a market and direction have together.
    function _sum(MarketId market, ILiquidationMap.Direction direction) private view returns (uint256 sumUsd) {
        // From a billionth of a dollar to a billion: whatever prices these tests have.
        for (uint256 first = 1_920; first < 5_760; first += 960) {
            uint256[] memory notionalsUsd = map.bucketsOf(market, direction, first, 960);
            for (uint256 i; i < notionalsUsd.length; ++i) sumUsd += notionalsUsd[i];
        }
    }

    function _bucket(MarketId market, ILiquidationMap.Entry memory entry) private view returns (uint256) {
        return map.bucketsOf(market, entry.direction, map.bucketOf(entry.price), 1)[0];
    }

    /// @dev Prices whole units of the feed away from an entry's, in the block of the note: health is 1 there, below on the one side, above on the other.
    function _assertIsLimit(AccountId account, MarketId market) private {
        ILiquidationMap.Entry memory entry = map.entryOf(account, market);
        int256 limit = int256(entry.price / 1e10);
        int256 worse = entry.direction == FALL ? -limit / 100_000 : limit / 100_000;
        feeds[MarketId.unwrap(market)].push(limit);
        assertApproxEqRel(_health(account), 1e18, 1e9, "health at the price");
        feeds[MarketId.unwrap(market)].push(limit + worse);
        assertLt(_health(account), 1e18 - 1e12, "beyond the price");
        feeds[MarketId.unwrap(market)].push(limit - worse);
        assertGt(_health(account), 1e18 + 1e12, "before the price");
    }

    /* REVERTS */

    function test_note_revertsWhenAccountIsAPool() public {
        _open(alice, ETH, 10_000e18, 80e18);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationMap.AccountIsOfTheSystem.selector, pools[0]));
        _note(pools[0]);
    }

    function test_note_revertsWhenAccountIsOfTheHouse() public {
        AccountId resolution = house.systemAccountOf(ETH, 0);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationMap.AccountIsOfTheSystem.selector, resolution));
        _note(resolution);
    }

    function test_bucketsOf_revertsWhenOutOfRange() public {
        vm.expectRevert(abi.encodeWithSelector(ILiquidationMap.BucketsOutOfRange.selector, 0, 1_025, BUCKETS));
        map.bucketsOf(ETH, FALL, 0, 1_025);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationMap.BucketsOutOfRange.selector, BUCKETS, 1, BUCKETS));
        map.bucketsOf(ETH, FALL, BUCKETS, 1);
        uint256 most = type(uint256).max;
        vm.expectRevert(abi.encodeWithSelector(ILiquidationMap.BucketsOutOfRange.selector, most, 1, BUCKETS));
        map.bucketsOf(ETH, FALL, most, 1);
        assertEq(map.bucketsOf(ETH, FALL, BUCKETS - 1, 1).length, 1);
    }

    function test_bucketOf_revertsWhenItIsNoPrice() public {
        vm.expectRevert(abi.encodeWithSelector(ILiquidationMap.BucketsOutOfRange.selector, 0, 1, 1 << 112));
        map.bucketOf(0);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationMap.BucketsOutOfRange.selector, 1 << 112, 1, 1 << 112));
        map.bucketOf(1 << 112);
        assertEq(map.bucketOf((1 << 112) - 1), BUCKETS - 1);
    }

    /* PRICES */

    function test_note_findsThePrice_whenLong() public {
        _open(alice, ETH, 10_000e18, 80e18);
        vm.expectEmit(true, true, false, false, address(map));
        emit ILiquidationMap.Noted(alice, ETH, FALL, 0, 0);
        _note(alice);
        ILiquidationMap.Entry memory entry = map.entryOf(alice, ETH);
        assertEq(uint256(entry.direction), uint256(FALL));
        assertEq(entry.notionalUsd, (80e18 * entry.price) / 1e18);
        assertEq(_bucket(ETH, entry), entry.notionalUsd);
        assertEq(map.notedAtOf(alice), vm.getBlockTimestamp());
        assertEq(map.notedAtOf(bob), 0);
        _assertIsLimit(alice, ETH);
    }

    function test_note_findsThePrice_whenShort() public {
        _open(alice, ETH, 10_000e18, -80e18);
        _note(alice);
        assertEq(uint256(map.entryOf(alice, ETH).direction), uint256(RISE));
        assertGt(map.entryOf(alice, ETH).price, 2_000e18);
        _assertIsLimit(alice, ETH);
    }

    function test_note_findsThePriceAbove_whenALongIsBelowItsMargin() public {
        _distressAlice();
        _note(alice);
        assertGt(map.entryOf(alice, ETH).price, 1_925e18);
        _assertIsLimit(alice, ETH);
    }

    function test_note_findsOnePriceForEachMarket_whenInTwo() public {
        _open(alice, ETH, 20_000e18, 80e18);
        _trade(alice, BTC, -2e18);
        _note(alice);
        assertEq(uint256(map.entryOf(alice, BTC).direction), uint256(RISE));
        _assertIsLimit(alice, ETH);
        feeds[0].push(2_000e8);
        _assertIsLimit(alice, BTC);
    }

    function test_note_findsNoPrice_whenCashCoversTheWholeLong() public {
        _open(alice, ETH, 5_000e18, 2e18);
        _note(alice);
        assertEq(uint256(map.entryOf(alice, ETH).direction), uint256(NONE));
        assertEq(_sum(ETH, FALL), 0);
        assertEq(map.notedAtOf(alice), vm.getBlockTimestamp());
    }

    function testFuzz_note_findsThePrice(int256 eth, int256 btc, uint256 cashUsd) public {
        eth = bound(eth, -400, 400) * 1e18;
        btc = bound(btc, -20, 20) * 1e18;
        vm.assume(eth != 0 && btc != 0);
        cashUsd = bound(cashUsd, 180_000, 400_000) * 1e18;
        _open(alice, ETH, cashUsd, eth);
        _trade(alice, BTC, btc);
        _note(alice);
        ILiquidationMap.Entry memory entry = map.entryOf(alice, ETH);
        // The feed's own floor, ceiling and band.
        if (entry.price > 900e18 && entry.price < 3_100e18) _assertIsLimit(alice, ETH);
        feeds[0].push(2_000e8);
        entry = map.entryOf(alice, BTC);
        if (entry.price > 18_000e18 && entry.price < 62_000e18) _assertIsLimit(alice, BTC);
    }

    /* BUCKETS */

    function test_note_leavesNothing_whenFlat() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _note(alice);
        _trade(alice, ETH, -80e18);
        assertGt(_sum(ETH, FALL), 0, "until it is noted again");
        vm.expectEmit(true, true, false, true, address(map));
        emit ILiquidationMap.Noted(alice, ETH, NONE, 0, 0);
        _note(alice);
        assertEq(_sum(ETH, FALL), 0);
        assertEq(map.entryOf(alice, ETH).notionalUsd, 0);
        ILiquidationMap.Entry[] memory entries = map.previewNote(alice);
        for (uint256 i; i < entries.length; ++i) assertEq(uint256(entries[i].direction), uint256(NONE));
    }

    function test_note_changesSides_whenAPositionTurns() public {
        _open(alice, ETH, 10_000e18, 40e18);
        _note(alice);
        _trade(alice, ETH, -80e18);
        _note(alice);
        assertEq(_sum(ETH, FALL), 0);
        assertEq(_sum(ETH, RISE), map.entryOf(alice, ETH).notionalUsd);
    }

    function test_note_changesNothing_whenNotedTwice() public {
        _open(alice, ETH, 10_000e18, 80e18);
        AccountId[] memory twice = new AccountId[](2);
        (twice[0], twice[1]) = (alice, alice);
        map.note(twice);
        assertEq(_sum(ETH, FALL), map.entryOf(alice, ETH).notionalUsd);
    }

    function test_note_keepsTheEntry_whenThePriceIsNotValid() public {
        _open(alice, ETH, 20_000e18, 80e18);
        _trade(alice, BTC, -2e18);
        _note(alice);
        ILiquidationMap.Entry memory before = map.entryOf(alice, ETH);
        uint256 price = map.entryOf(alice, BTC).price;
        skipSeconds(3_700);
        feeds[1].push(40_000e8);
        _note(alice);
        assertEq(map.entryOf(alice, ETH).price, before.price, "ETH is stale");
        assertEq(map.entryOf(alice, ETH).notionalUsd, before.notionalUsd);
        assertGt(map.entryOf(alice, BTC).price, price, "ETH requires nothing meanwhile");
        assertEq(_sum(ETH, FALL), before.notionalUsd);
    }

    function test_previewNote_isWhatIsNoted() public {
        _open(alice, ETH, 20_000e18, 80e18);
        _trade(alice, BTC, -2e18);
        _note(alice);
        _trade(alice, ETH, -80e18);
        ILiquidationMap.Entry[] memory entries = map.previewNote(alice);
        assertEq(entries.length, 2);
        _note(alice);
        for (uint256 i; i < entries.length; ++i) {
            ILiquidationMap.Entry memory entry = map.entryOf(alice, entries[i].market);
            assertEq(uint256(entry.direction), uint256(entries[i].direction));
            assertEq(entry.price, entries[i].price);
            assertEq(entry.notionalUsd, entries[i].notionalUsd);
        }
    }

    /// @dev Whoever trades and whoever is noted in which order: every bucket is the sum of the entries that fall into it.
    function testFuzz_note_keepsBucketsTheSumOfEntries(uint256 seed) public {
        AccountId[3] memory accounts = [alice, bob, carol];
        for (uint256 i; i < 3; ++i) _fund(accounts[i], 60_000e18);
        for (uint256 step; step < 12; ++step) {
            uint256 random = uint256(keccak256(abi.encode(seed, step)));
            AccountId account = accounts[random % 3];
            MarketId market = random & 8 == 0 ? ETH : BTC;
            int256 unit = market == ETH ? int256(1e18) : int256(0.05e18);
            if (random & 48 == 0) _price(ETH, 1_980 + ((random >> 32) % 40));
            else if (random & 64 == 0) _note(account);
            else _trade(account, market, (int256((random >> 64) % 101) - 50) * unit + unit / 2);
        }
        for (uint8 m; m < 2; ++m) {
            _assertSums(accounts, MarketId.wrap(m), FALL);
            _assertSums(accounts, MarketId.wrap(m), RISE);
        }
    }

    function _assertSums(
        AccountId[3] memory accounts,
        MarketId market,
        ILiquidationMap.Direction direction
    ) private view {
        uint256 entriesUsd;
        for (uint256 i; i < 3; ++i) {
            ILiquidationMap.Entry memory entry = map.entryOf(accounts[i], market);
            if (entry.direction != direction) continue;
            entriesUsd += entry.notionalUsd;
            uint256 sharedUsd;
            for (uint256 j; j < 3; ++j) {
                ILiquidationMap.Entry memory other = map.entryOf(accounts[j], market);
                if (other.direction != direction || map.bucketOf(other.price) != map.bucketOf(entry.price)) continue;
                sharedUsd += other.notionalUsd;
            }
            assertEq(_bucket(market, entry), sharedUsd, "bucket");
        }
        assertEq(_sum(market, direction), entriesUsd, "all buckets");
    }

    /* GAS */

    /// @dev What it costs does not depend on how many others are on the map.
    function test_note_costsTheSame_whenOthersAreNoted() public {
        _open(bob, ETH, 10_000e18, -80e18);
        _open(carol, ETH, 11_000e18, -80e18);
        for (uint256 i; i < 20; ++i) {
            AccountId other = _trader(vm.toString(i));
            _open(other, ETH, 6_000e18, 40e18);
            if (i == 10) assertLt(_gasOf(bob), 200_000, "first");
            _note(other);
        }
        assertLt(_gasOf(carol), 200_000, "among many");
    }

    function test_note_costsLittle_whenNothingOrOnlyThePriceHasChanged() public {
        _open(bob, ETH, 10_000e18, -80e18);
        _note(bob);
        assertLt(_gasOf(bob), 132_000, "same again");
        _trade(bob, ETH, -10e18);
        assertLt(_gasOf(bob), 165_000, "moved");
    }

    function test_note_costsByMarket_whenInThree() public {
        _list(MarketId.wrap(2), 2_000e8, 500_000e18, 0.001e18);
        _open(bob, ETH, 30_000e18, -80e18);
        _trade(bob, BTC, 2e18);
        _trade(bob, MarketId.wrap(2), 40e18);
        assertLt(_gasOf(bob), 475_000, "first");
        assertLt(_gasOf(bob), 305_000, "same again");
    }

    function _gasOf(AccountId account) private returns (uint256 used) {
        uint256 before = gasleft();
        _note(account);
        return before - gasleft();
    }
}

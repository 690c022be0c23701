// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Freshness, Price} from "../../../contracts/types/Price.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {OracleTest} from "./OracleTest.sol";

contract OracleRouter_poke_Test is OracleTest {
    function test_poke_doesNothing_whenSetIsEmptyOrWithoutFeed() public {
        router.poke(0);
        router.poke(MarketId.wrap(7).bit());
        assertEq(router.recordOf(MarketId.wrap(7)).observedAt, 0);
    }

    function test_poke_storesAnUnchangedRoundAsOfNow() public {
        uint256 publishedAt = router.recordOf(ETH).publishedAt;
        skipSeconds(BUCKET + 50);
        router.poke(ETH_SET);
        IOracleRouter.PriceRecord memory record = router.recordOf(ETH);
        assertEq(record.price, PRICE);
        assertEq(record.publishedAt, publishedAt);
        assertEq(record.observedAt, vm.getBlockTimestamp());
        assertEq(record.bucket, 2);
        assertEq(record.liveSeconds, 51);
    }

    /// @dev Afterwards the block's other transactions need not ask the feed.
    function test_poke_letsTheBlockReuseThePrice() public {
        skipSeconds(10);
        router.poke(ETH_SET);
        push(aggregator, 2_100e8);
        Price memory price = router.observe(ETH_SET, Freshness.SameBlock)[0];
        assertEq(price.price, PRICE);
        assertStatus(price, PriceStatus.Valid);
    }

    function test_poke_storesNothing_whenPriceIsNotValid() public {
        skipSeconds(10);
        push(aggregator, 0);
        uint256 observedAt = router.recordOf(ETH).observedAt;
        router.poke(ETH_SET);
        assertEq(router.recordOf(ETH).observedAt, observedAt);
        assertTrue(router.recordOf(ETH).interrupted, "the failure is remembered");
    }

    /// @dev How often a price is poked changes neither clock nor window.
    function testFuzz_poke_changesNoOutcome_whenPriceStands(uint256 seed) public {
        uint256 snapshot = vm.snapshotState();
        skipSeconds(3_000);
        Price memory expected = observe();
        vm.revertToState(snapshot);
        for (uint256 passed; passed < 3_000;) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 step = (seed % 400) + 1;
            if (passed + step > 3_000) step = 3_000 - passed;
            skipSeconds(step);
            passed += step;
            router.poke(ETH_SET);
        }
        assertEq(observe(), expected);
        assertWindow(ETH, PRICE, PRICE);
    }
}

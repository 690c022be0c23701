// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Freshness, Price} from "../../../contracts/types/Price.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {Batch} from "../../support/Batch.sol";
import {OracleTest} from "./OracleTest.sol";

contract OracleRouter_peek_Test is OracleTest {
    /// @dev PRICE-1
    function test_peek_revertsWhenAStoredPriceIsSuperseded() public {
        router.poke(ETH_SET);
        push(aggregator, 2_100e8);
        vm.expectRevert(abi.encodeWithSelector(IOracleRouter.PriceSuperseded.selector, ETH, PRICE, uint256(2_100e18)));
        batch.run(callsOf(observeCall(ETH_SET, Freshness.SameBlock), _peekCall()));
    }

    function test_peek_returnsNothing_whenSetIsEmpty() public view {
        assertEq(router.peek(0).length, 0);
    }

    function test_peek_isInvalid_whenMarketHasNoFeed() public view {
        assertEq(router.peek(MarketId.wrap(7).bit())[0], Price(0, 0, 0, PriceStatus.Invalid));
    }

    /// @dev PRICE-1: within a transaction it shows the price the transaction works at.
    function test_peek_showsTheTransactionsPrice_whenFeedMoved() public {
        bytes[] memory results = batch.run(
            callsOf(observeCall(ETH_SET, Freshness.Latest), pushCall(2_100e8), _peekCall())
        );
        assertEq(priceOf(results[2]), priceOf(results[0]));
    }

    function test_peek_storesNothing() public {
        skipSeconds(700);
        push(aggregator, 3_000e8);
        bytes memory before = abi.encode(router.recordOf(ETH));
        assertStatus(router.peek(ETH_SET)[0], PriceStatus.Jump);
        assertEq(abi.encode(router.recordOf(ETH)), before);
    }

    /// @dev Through good rounds, jumps, failures, outages and time it says what `observe` then does.
    function testFuzz_peek_saysWhatObserveDoes(uint256 seed) public {
        for (uint256 i; i < 10; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            skipSeconds(((seed >> 16) % (MAX_AGE / 2)) + 1);
            uint256 act = seed % 8;
            if (act < 4) push(aggregator, int256(1_800e8 + ((seed >> 64) % 400e8)));
            else if (act == 4) push(aggregator, int256((seed >> 64) % 30_000e8));
            else if (act == 5) push(aggregator, 0);
            else if (act == 6) setSequencer(int112(int256((seed >> 64) % 2)), vm.getBlockTimestamp() - 50 minutes);
            Price memory peeked = router.peek(ETH_SET)[0];
            assertEq(observe(), peeked);
        }
    }

    function _peekCall() private view returns (Batch.Call memory) {
        return Batch.Call(address(router), abi.encodeCall(IOracleRouter.peek, (ETH_SET)));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Freshness} from "../../../contracts/types/Price.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {Batch} from "../../support/Batch.sol";
import {OracleTest} from "./OracleTest.sol";

contract OracleRouter_acceptJump_Test is OracleTest {
    /// @dev The proxy's first phase, and the aggregator's round.
    uint256 private constant PHASE = 1 << 64;
    uint256 private constant JUMP = 3_000e18;

    function test_acceptJump_revertsWhenCallerIsNotGuardian() public {
        _jump();
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        router.acceptJump(ETH, PHASE + 2);
    }

    function test_acceptJump_revertsWhenThereIsNoJump() public {
        _refuse(ETH, PriceStatus.Valid);
        _refuse(MarketId.wrap(7), PriceStatus.Invalid);
        push(aggregator, 25_000e8);
        _refuse(ETH, PriceStatus.OutOfBounds);
        _jump();
        skipSeconds(MAX_AGE + 1);
        _refuse(ETH, PriceStatus.Stale);
        setSequencer(1, vm.getBlockTimestamp());
        _refuse(ETH, PriceStatus.SequencerDown);
    }

    /// @dev The guardian accepts the round they looked at, not whatever came since.
    function test_acceptJump_revertsWhenRoundHasChanged() public {
        _jump();
        skipSeconds(1);
        pushPrice(4_000e18);
        vm.expectRevert(abi.encodeWithSelector(IOracleRouter.JumpRoundChanged.selector, ETH, PHASE + 2, PHASE + 3));
        router.acceptJump(ETH, PHASE + 2);
    }

    function test_acceptJump_revertsWhenAcceptedAlready() public {
        _jump();
        router.acceptJump(ETH, PHASE + 2);
        _refuse(ETH, PriceStatus.Valid);
    }

    /// @dev O6
    function test_acceptJump_makesTheJumpThePrice() public {
        _jump();
        assertStatus(observe(), PriceStatus.Jump);
        assertEq(router.recordOf(ETH).jumpPrice, JUMP);
        vm.expectEmit(address(router));
        emit IOracleRouter.JumpAccepted(ETH, PHASE + 2, PRICE, JUMP);
        router.acceptJump(ETH, PHASE + 2);
        assertStatus(observe(), PriceStatus.Valid);
        assertEq(observe().price, JUMP);
        assertWindow(ETH, PRICE, JUMP);
        IOracleRouter.PriceRecord memory record = router.recordOf(ETH);
        assertEq(record.jumpPrice, 0, "nothing waits");
        assertFalse(record.interrupted);
    }

    /// @dev A jump that nobody observed is accepted alike, and stops the clock alike: no gain matures meanwhile.
    function test_acceptJump_stopsTheClock_whenNobodyObservedTheJump() public {
        _jump();
        skipSeconds(2 * BUCKET);
        router.acceptJump(ETH, PHASE + 2);
        assertEq(observe().bucket, 1);
        assertEq(router.recordOf(ETH).liveSeconds, 0);
    }

    /// @dev PRICE-1: a transaction that has worked at the old price goes on at it.
    function test_acceptJump_changesNothing_whenPriceIsFixedInTheTransaction() public {
        _jump();
        manager.grantRole(manager.ADMIN_ROLE(), address(batch), 0);
        Batch.Call memory accept = Batch.Call(
            address(router),
            abi.encodeCall(IOracleRouter.acceptJump, (ETH, PHASE + 2))
        );
        bytes[] memory results = batch.run(
            callsOf(observeCall(ETH_SET, Freshness.Latest), accept, observeCall(ETH_SET, Freshness.Latest))
        );
        assertEq(priceOf(results[2]), priceOf(results[0]));
        assertEq(observe().price, JUMP, "the next transaction");
    }

    function _jump() private {
        skipSeconds(1);
        pushPrice(JUMP);
    }

    function _refuse(MarketId market, PriceStatus status) private {
        vm.expectRevert(abi.encodeWithSelector(IOracleRouter.JumpNotPending.selector, market, status));
        router.acceptJump(market, PHASE + 2);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {ITakeOverCallback} from "../../contracts/interfaces/ITakeOverCallback.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {TakeOverScenarios} from "../support/TakeOverScenarios.sol";

/// @notice A taker contract: in its callback it makes the calls it was told to, and remembers what it was shown.
contract TakerContract is ITakeOverCallback {
    struct Call {
        address target;
        bytes data;
    }

    Call[] private _calls;
    uint256 public callbacks;
    uint256 public failures;
    bytes public lastFailure;
    bytes32 public seenPlan;
    bytes public seenData;

    function plan(address target, bytes calldata data) external {
        _calls.push(Call(target, data));
    }

    function act(address target, bytes calldata data) external returns (bytes memory result) {
        bool success;
        (success, result) = target.call(data);
        if (success) return result;
        assembly ("memory-safe") {
            revert(add(result, 0x20), mload(result))
        }
    }

    function onTakeOver(
        AccountId,
        MarketId,
        ILiquidationEngine.TakeOverPlan calldata plan_,
        bytes calldata data
    ) external {
        seenPlan = keccak256(abi.encode(plan_));
        seenData = data;
        _run();
    }

    function onTakeOverWhole(
        AccountId,
        ILiquidationEngine.TakeOverPlan calldata total,
        ILiquidationEngine.TakeOverPlan[] calldata parts,
        bytes calldata data
    ) external {
        seenPlan = keccak256(abi.encode(total, parts));
        seenData = data;
        _run();
    }

    function _run() private {
        ++callbacks;
        for (uint256 i; i < _calls.length; ++i) {
            (bool success, bytes memory result) = _calls[i].target.call(_calls[i].data);
            if (!success) {
                ++failures;
                lastFailure = result;
            }
        }
    }
}

/// @notice Takers that are contracts, takers that own the victim, and everything a callback can try.
contract TakeOver_adversarial_Test is TakeOverScenarios {
    TakerContract private _taker;
    AccountId private _account;

    function setUp() public override {
        super.setUp();
        _taker = new TakerContract();
        _account = accountIdOf(address(_taker), 0);
        _taker.act(address(house), abi.encodeCall(house.setDelegate, (_account, address(this), 1)));
        _taker.act(
            address(token),
            abi.encodeWithSignature("approve(address,uint256)", address(house), type(uint256).max)
        );
    }

    function _withData(AccountId account, uint256 maxSize) private view returns (bytes memory) {
        IClearingHouse.TakeOverRequest memory request = _take(account, ETH, maxSize);
        request.taker = _account;
        request.data = "hello";
        return abi.encodeCall(house.takeOver, (request));
    }

    function _without(AccountId account, uint256 maxSize) private view returns (bytes memory) {
        IClearingHouse.TakeOverRequest memory request = _take(account, ETH, maxSize);
        request.taker = _account;
        return abi.encodeCall(house.takeOver, (request));
    }

    function _everybody() private view returns (AccountId[] memory users) {
        users = new AccountId[](4);
        (users[0], users[1], users[2], users[3]) = (alice, bob, carol, _account);
    }

    /* FUNDING IN THE CALLBACK */

    function test_takeOver_fundsItselfInTheCallback() public {
        _distressAlice();
        _markAndWait(alice, 45);
        token.mint(address(_taker), 50_000e18);
        _taker.plan(address(house), abi.encodeCall(house.deposit, (_account, 50_000e18)));
        assertEq(_cash(_account), 0);
        bytes32 preview = keccak256(abi.encode(house.previewTakeOver(alice, ETH, ALL)));
        bytes memory call = _withData(alice, ALL);
        ILiquidationEngine.TakeOverPlan memory done = abi.decode(
            _taker.act(address(house), call),
            (ILiquidationEngine.TakeOverPlan)
        );
        assertEq(_taker.callbacks(), 1);
        assertEq(_taker.seenPlan(), preview, "shown what would be done");
        assertEq(keccak256(abi.encode(done)), preview, "and it was done");
        assertEq(string(_taker.seenData()), "hello");
        assertEq(_size(_account, ETH), int256(done.takeSize));
        _assertConserved(_everybody());
    }

    function test_takeOverWhole_fundsItselfInTheCallback() public {
        _distressAlice();
        _price(ETH, 1_885);
        token.mint(address(_taker), 50_000e18);
        _taker.plan(address(house), abi.encodeCall(house.deposit, (_account, 50_000e18)));
        IClearingHouse.TakeOverWholeRequest memory request = _takeWhole(alice);
        request.taker = _account;
        request.data = "all";
        (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts) = house
            .previewTakeOverWhole(alice);
        _taker.act(address(house), abi.encodeCall(house.takeOverWhole, (request)));
        assertEq(_taker.seenPlan(), keccak256(abi.encode(total, parts)));
        assertEq(_size(_account, ETH), int256(80e18));
        _assertConserved(_everybody());
    }

    function test_takeOver_doesNotCallBack_whenThereIsNoDataOrNothingToTake() public {
        _distressAlice();
        _fund(_account, 50_000e18);
        _taker.act(address(house), _without(alice, 1e18));
        _fund(alice, 50_000e18);
        _taker.act(address(house), _withData(alice, 1e18));
        assertEq(_taker.callbacks(), 0);
    }

    /// @dev A caller that is no contract, or does not implement the callback, cannot ask for one.
    function test_takeOver_revertsWhenTheCallerDoesNotImplementTheCallback() public {
        _distressAlice();
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        request.data = "x";
        (bool success, ) = address(house).call(abi.encodeCall(house.takeOver, (request)));
        assertFalse(success);
        assertEq(_size(alice, ETH), int256(80e18));
    }

    /* L2: WHAT A CALLBACK CAN TRY */

    /// @dev The house is not locked in a callback and holds nothing in memory: whatever is called there is an ordinary call before the take-over.
    function test_L2_takeOver_isPlannedAnew_whenTheCallbackTakesOverFirst() public {
        _distressAlice();
        _fund(_account, 200_000e18);
        _markAndWait(alice, AUCTION_SECONDS);
        _taker.plan(address(house), _without(alice, ALL));
        uint256 health = _health(alice);
        _taker.act(address(house), _withData(alice, ALL));
        assertEq(_taker.failures(), 0);
        assertGe(_health(alice), 1.15e18);
        assertLt(_health(alice), 1.16e18, "the inner one restored it, so the outer one took nothing");
        assertGt(_health(alice), health);
        _assertConserved(_everybody());
    }

    function test_L2_takeOver_nests() public {
        _distressAlice();
        _fund(_account, 200_000e18);
        // Each callback asks for another with data, which calls back again: the gas ends it, or the account's health.
        _taker.plan(address(house), _without(alice, 5e18));
        _taker.plan(address(house), abi.encodeCall(house.settle, (_one(alice))));
        _taker.act(address(house), _withData(alice, 5e18));
        assertEq(_size(_account, ETH), int256(10e18));
        _assertConserved(_everybody());
    }

    function test_L2_takeOver_survivesEveryCallInTheCallback() public {
        _open(bob, ETH, 60_000e18, -500e18);
        _open(alice, ETH, 60_000e18, 500e18);
        AccountId dave = _trader("dave");
        _open(dave, ETH, 60_000e18, 500e18);
        _fund(_account, 500_000e18);
        _price(ETH, 1_935);
        assertGt(_equity(alice), 0);
        _markAndWait(alice, 60);
        IClearingHouse.LiquidationItem[] memory items = new IClearingHouse.LiquidationItem[](1);
        items[0] = IClearingHouse.LiquidationItem(dave, ETH);
        bytes[] memory calls = new bytes[](14);
        calls[0] = abi.encodeCall(house.withdraw, (_account, 100_000e18, address(_taker)));
        calls[1] = abi.encodeCall(house.settle, (_everybody()));
        calls[2] = abi.encodeCall(house.touch, (bob, ETH, 1));
        calls[3] = abi.encodeCall(house.claimRefunds, (bob, ETH, 1));
        calls[4] = abi.encodeCall(house.liquidate, (alice, ETH, _account));
        calls[5] = abi.encodeCall(house.liquidateBatch, (items, _account));
        calls[6] = abi.encodeCall(house.resolve, (alice, new AccountId[](0), _account));
        calls[7] = abi.encodeCall(house.unwind, (ETH));
        calls[8] = abi.encodeCall(house.tearUp, (ETH));
        calls[9] = abi.encodeCall(house.bookLoss, (ETH));
        calls[10] = abi.encodeCall(house.mark, (_one(alice)));
        calls[11] = _without(dave, ALL);
        calls[12] = _without(alice, 3e18);
        calls[13] = abi.encodeCall(house.deposit, (alice, 1e18));
        for (uint256 i; i < calls.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            _taker.plan(address(house), calls[i]);
            uint256 health = _health(alice);
            _taker.act(address(house), _withData(alice, 20e18));
            assertEq(_taker.callbacks(), 1);
            if (_size(alice, ETH) != 0) assertGe(_health(alice), health, "LIQ-2");
            _assertConservedWith(dave);
            vm.revertToState(snapshot);
        }
    }

    function _assertConservedWith(AccountId more) private view {
        AccountId[] memory users = new AccountId[](5);
        (users[0], users[1], users[2], users[3], users[4]) = (alice, bob, carol, _account, more);
        _assertConserved(users);
    }

    /// @dev Taking in the callback what pays for the margin does not pass: margin is judged at the end.
    function test_L2_takeOver_revertsWhenTheCallbackSpendsTheMargin() public {
        _distressAlice();
        _fund(_account, 50_000e18);
        _taker.plan(address(house), abi.encodeCall(house.withdraw, (_account, 50_000e18, address(_taker))));
        bytes memory call = _withData(alice, ALL);
        (bool success, bytes memory reason) = address(_taker).call(
            abi.encodeCall(TakerContract.act, (address(house), call))
        );
        assertFalse(success);
        assertEq(bytes32(bytes4(reason)), bytes32(IClearingHouse.CashTooLow.selector));
    }

    /* L3: ONE HAND ON BOTH SIDES */

    /// @dev Owner of victim and taker together gain nothing: what the one loses the other has, to a few units, and slices would have cost both.
    function testFuzz_L3_takeOver_gainsNothing_whenTakerAndVictimAreOne(
        uint256 elapsed,
        uint256 price,
        uint256 size
    ) public {
        _distressAlice();
        AccountId other = accountIdOf(alice.owner(), 1);
        _fund(other, 100_000e18);
        _price(ETH, bound(price, 1_885, 1_930));
        _markAndWait(alice, bound(elapsed, 0, 200));
        int256 before = _equity(alice) + _equity(other) + int256(house.accountOf(alice).depositUsd);
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, bound(size, 1e18, 80e18));
        request.taker = other;
        vm.prank(alice.owner());
        house.takeOver(request);
        int256 deposits = int256(house.accountOf(alice).depositUsd + house.accountOf(other).depositUsd);
        int256 now_ = _equity(alice) + _equity(other) + deposits;
        assertLe(now_, before + 2, "L3");
        assertApproxEqAbs(now_, before, 4);
    }

    /// @dev ROUND-1: taking in many parts costs the victim no more than its health allows, and never more than what a liquidation of all of it would.
    function test_takeOver_neverLowersHealth_whenInManyParts() public {
        _distressAlice();
        _markAndWait(alice, AUCTION_SECONDS);
        int256 equity = _equity(alice);
        uint256 atOnce = house.previewTakeOver(alice, ETH, ALL).discountUsd;
        for (uint256 i; i < 40; ++i) {
            uint256 health = _health(alice);
            if (health >= 1e18) break;
            house.takeOver(_take(alice, ETH, 1e18));
            assertGe(_health(alice), health, "LIQ-2");
        }
        assertLe(uint256(equity - _equity(alice)), atOnce + 10, "no split takes more");
        _assertConserved(_users());
    }
}

/// @notice A token that calls out in the middle of a transfer finds the take-overs locked.
contract TakeOver_reentrancy_Test is TakeOverScenarios {
    function _deployToken() internal override returns (address) {
        return deploy("HookedToken", abi.encode(_decimals()));
    }

    function test_L2_takeOver_isLocked_whenATokenIsBeingMoved() public {
        _distressAlice();
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        // The token becomes able to trade for carol.
        vm.prank(carol.owner());
        house.setDelegate(carol, address(token), 1);
        bytes[3] memory calls = [
            abi.encodeCall(house.takeOver, (request)),
            abi.encodeCall(house.takeOverWhole, (_takeWhole(alice))),
            abi.encodeCall(house.mark, (_one(alice)))
        ];
        for (uint256 i; i < 3; ++i) {
            (bool set, ) = address(token).call(
                abi.encodeWithSignature("setHook(address,bytes)", address(house), calls[i])
            );
            assertTrue(set);
            _fund(bob, 1e18);
            (, bytes memory succeeded) = address(token).call(abi.encodeWithSignature("lastHookSucceeded()"));
            assertFalse(abi.decode(succeeded, (bool)), "re-entered");
            (, bytes memory result) = address(token).call(abi.encodeWithSignature("lastHookResult()"));
            assertEq(
                bytes32(bytes4(abi.decode(result, (bytes)))),
                bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
            );
        }
        assertEq(_size(alice, ETH), int256(80e18));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBackstopPool} from "../../contracts/interfaces/IBackstopPool.sol";
import {ICollateralAuction} from "../../contracts/interfaces/ICollateralAuction.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {WholeHouse} from "../support/WholeHouse.sol";

/// @notice Two keepers send the same call in one block, for each route there is. The first has its effect; the second finds nothing to do: it changes no account and no market, earns nothing,
/// and costs less gas.
contract KeepersRace_Test is WholeHouse {
    /// @dev Everything stored about everybody and both markets.
    function _stateOfAll() private view returns (bytes32 digest) {
        for (uint256 i; i < people.length; ++i) {
            digest = keccak256(abi.encode(digest, _fingerprint(people[i]), house.distressOf(people[i])));
        }
        for (uint256 m; m < 2; ++m) {
            AccountId resolution = house.systemAccountOf(m == 0 ? ETH : BTC, 0);
            digest = keccak256(
                abi.encode(
                    digest,
                    _fingerprint(pools[m]),
                    _fingerprint(resolution),
                    house.marketOf(m == 0 ? ETH : BTC),
                    house.totalShortfallUsd()
                )
            );
        }
    }

    /// @dev Makes the same call twice in one block: the second reverts with `selector`, or is a no-op where it is 0.
    /// @return secondGas what it used
    function _race(address target, bytes memory first, bytes memory second, bytes4 selector) private returns (uint256) {
        bytes32 before = _stateOfAll();
        uint256 block_ = vm.getBlockNumber();
        (bool success, ) = target.call(first);
        assertTrue(success, "the first has its effect");
        uint256 firstGas = vm.lastCallGas().gasTotalUsed;
        bytes32 between = _stateOfAll();
        assertNotEq(uint256(between), uint256(before), "an effect");
        _assertBooks();
        bytes memory reason;
        (success, reason) = target.call(second);
        uint256 secondGas = vm.lastCallGas().gasTotalUsed;
        assertEq(vm.getBlockNumber(), block_);
        assertEq(success, selector == 0, "the second");
        if (selector != 0) assertEq(bytes32(bytes4(reason)), bytes32(selector), "says why");
        assertEq(_stateOfAll(), between, "one effect");
        assertLt(secondGas, firstGas, "and cheaper");
        return secondGas;
    }

    function _distressDeep() private {
        _open(bob, ETH, 60_000e18, -200e18);
        _open(alice, ETH, 10_000e18, 80e18);
        _move(ETH, 1_925e8);
    }

    function test_liquidate_hasOneEffect_whenTwoRace() public {
        _distressDeep();
        uint256 gasUsed = _race(
            address(house),
            abi.encodeCall(house.liquidate, (alice, ETH, keeper)),
            abi.encodeCall(house.liquidate, (alice, ETH, rival)),
            0
        );
        assertLt(gasUsed, 150_000);
        assertGt(_cash(keeper), 0);
        assertEq(_cash(rival), 0);
        (, bytes memory result) = address(house).call(abi.encodeCall(house.liquidate, (alice, ETH, rival)));
        assertEq(
            uint256(abi.decode(result, (ILiquidationEngine.Plan)).code),
            uint256(ILiquidationEngine.PlanCode.Healthy),
            "and says so"
        );
    }

    /// @dev A batch in which all but one item is another keeper's already.
    function test_liquidateBatch_hasOneEffectPerItem_whenTwoRace() public {
        _distressDeep();
        AccountId dave = _person("dave");
        answers[0] = 2_000e8;
        _elapse(12);
        _open(dave, ETH, 10_000e18, 80e18);
        _move(ETH, 1_920e8);
        house.liquidate(alice, ETH, keeper);
        IClearingHouse.LiquidationItem[] memory items = new IClearingHouse.LiquidationItem[](2);
        items[0] = IClearingHouse.LiquidationItem(alice, ETH);
        items[1] = IClearingHouse.LiquidationItem(dave, ETH);
        ILiquidationEngine.PlanCode[] memory codes = house.liquidateBatch(items, rival);
        assertEq(uint256(codes[0]), uint256(ILiquidationEngine.PlanCode.Healthy));
        assertEq(uint256(codes[1]), uint256(ILiquidationEngine.PlanCode.Partial));
        assertGt(_cash(rival), 0);
        _assertBooks();
    }

    function test_takeOver_hasOneEffect_whenTwoRace() public {
        _distressDeep();
        _markAndWait(alice, 45);
        bytes memory call = abi.encodeCall(house.takeOver, (_take(alice, ETH, ALL)));
        _race(address(house), call, call, 0);
        assertGt(_size(carol, ETH), 0);
    }

    /// @dev A slice comes first: the taker who named the version it had looked at is told that the account has changed.
    function test_takeOver_isTold_whenASliceWasFirst() public {
        _distressDeep();
        _markAndWait(alice, 45);
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        request.expectedVersion = _version(alice);
        _race(
            address(house),
            abi.encodeCall(house.liquidate, (alice, ETH, keeper)),
            abi.encodeCall(house.takeOver, (request)),
            IClearingHouse.AccountChanged.selector
        );
        request.expectedVersion = 0;
        assertEq(house.takeOver(request).takeSize, 0, "and one that did not takes nothing");
    }

    function test_takeOverWhole_hasOneEffect_whenTwoRace() public {
        _distressDeep();
        _move(ETH, 1_885e8);
        bytes memory call = abi.encodeCall(house.takeOverWhole, (_takeWhole(alice)));
        _race(address(house), call, call, 0);
        assertEq(_size(carol, ETH), int256(80e18));
    }

    function test_backstopTake_hasOneEffect_whenTwoRace() public {
        _distressDeep();
        _move(ETH, 1_908e8);
        _markAndWait(alice, PAUSE);
        bytes memory call = abi.encodeCall(pool.take, (alice, ETH));
        _race(address(pool), call, call, IBackstopPool.BidRefused.selector);
        assertGt(_size(poolAccount, ETH), 0);
    }

    function test_resolve_hasOneEffect_whenTwoRace() public {
        _bankruptAlice();
        uint256 gasUsed = _race(
            address(house),
            abi.encodeCall(house.resolve, (alice, new AccountId[](0), keeper)),
            abi.encodeCall(house.resolve, (alice, new AccountId[](0), rival)),
            IClearingHouse.AccountNotBankrupt.selector
        );
        assertLt(gasUsed, 100_000);
        assertEq(_cash(rival), 0);
    }

    function test_inventory_hasOneEffect_whenTwoRace() public {
        _bankruptAlice();
        answers[0] = 1_600e8;
        _resolve(alice);
        uint256 snapshot = vm.snapshotState();
        bytes memory call = abi.encodeCall(house.unwind, (ETH));
        _race(address(house), call, call, IClearingHouse.NothingToUnwind.selector);
        vm.revertToState(snapshot);

        _closePool(ETH);
        _elapse(600);
        call = abi.encodeCall(house.tearUp, (ETH));
        _race(address(house), call, call, IClearingHouse.NothingToUnwind.selector);
        vm.revertToState(snapshot);

        AccountId resolution = house.systemAccountOf(ETH, 0);
        call = abi.encodeCall(house.takeOver, (_take(resolution, ETH, ALL)));
        _race(address(house), call, call, 0);
    }

    function test_bookLoss_hasOneEffect_whenTwoRace() public {
        _uninsure(ETH);
        AccountId dave = _trader("dave");
        people.push(dave);
        _open(dave, ETH, 30_000e18, 200e18);
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 150_000e18, -700e18);
        _price(ETH, 1_600);
        answers[0] = 1_600e8;
        _resolve(alice);
        _resolve(dave);
        assertGt(house.marketOf(ETH).pendingLossUsd, 0, "waits for a minute");
        _elapse(61);
        bytes memory call = abi.encodeCall(house.bookLoss, (ETH));
        _race(address(house), call, call, IClearingHouse.LossNotBookable.selector);
    }

    function test_collateralAuction_hasOneEffect_whenTwoRace() public {
        _pledge(alice, wbtc, 1e8);
        vm.prank(alice.owner());
        house.drawCredit(alice, 33_000e18);
        _takeFreeCash(alice);
        _moveCollateral(35_000e8, 2_000e8);
        bytes memory call = abi.encodeCall(collateralAuction.start, (alice, address(wbtc)));
        (bool success, ) = address(collateralAuction).call(call);
        assertTrue(success);
        bytes memory reason;
        (success, reason) = address(collateralAuction).call(call);
        assertFalse(success);
        assertEq(bytes32(bytes4(reason)), bytes32(ICollateralAuction.AuctionRunning.selector));
        _elapse(45);
        token.mint(address(this), 1_000_000e18);
        token.approve(address(credit), type(uint256).max);
        call = abi.encodeCall(
            collateralAuction.take,
            (
                ICollateralAuction.TakeRequest({
                    account: alice,
                    asset: address(wbtc),
                    maxAmountNative: ALL,
                    limitPrice: ALL,
                    deadline: ALL,
                    to: address(this)
                })
            )
        );
        _race(address(collateralAuction), call, call, ICollateralAuction.AuctionNotRunning.selector);
        assertLt(wbtc.balanceOf(address(this)), 1e8, "a part, once");
    }
}

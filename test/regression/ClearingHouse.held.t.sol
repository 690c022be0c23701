// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../../contracts/types/AccountId.sol";
import {HouseFixture} from "../support/HouseFixture.sol";

interface IFeedAccess {
    function deny(address reader) external;

    function allow(address reader) external;
}

/// @notice Cash held for a market without a valid price is free again once the position there is gone.
contract ClearingHouse_held_Test is HouseFixture {
    function _deny() private {
        IFeedAccess(address(feeds[0])).deny(address(oracle));
        oracle.poke(ETH.bit());
    }

    function _settleOwn(AccountId account) private {
        AccountId[] memory accounts = new AccountId[](1);
        accounts[0] = account;
        vm.prank(account.owner());
        house.settle(accounts);
    }

    /// @dev The amount stayed held after a tear-up had closed the position: with the cash withdrawn, every later trade underflowed until the
    /// feed was back.
    function test_trade_opens_whenCashWasHeldForAPositionTornUpSince() public {
        _open(alice, ETH, 12_000e18, -20e18);
        _trade(alice, BTC, 1e18);
        _open(carol, ETH, 5_000e18, 20e18);
        _price(ETH, 2_300);
        _price(BTC, 33_500);
        oracle.poke(3);
        _deny();
        _settleOwn(alice);
        assertGt(house.accountOf(alice).heldUsd, 5_000e18, "held for ETH");

        IFeedAccess(address(feeds[0])).allow(address(oracle));
        _price(ETH, 1_700);
        oracle.poke(1);
        _resolve(carol);
        _wait(ETH, 1_700, 900);
        _tearUpAll(ETH);
        _deny();
        house.touch(alice, ETH, 10);
        assertEq(_size(alice, ETH), 0, "torn up");
        assertGt(_quote(alice, ETH), int256(0), "with a gain");

        _fund(alice, 1_000e18);
        _price(BTC, 33_500);
        _trade(alice, BTC, -1e18);
        uint256 free = house.freeCashOf(alice) / 1e12;
        assertGt(free, 5_000e6, "CASH-1: a flat account's cash is free");
        vm.prank(alice.owner());
        house.withdraw(alice, free, alice.owner());
        _open(alice, BTC, 1_000e18, 0.02e18);
        assertEq(_size(alice, BTC), 0.02e18);
    }
}

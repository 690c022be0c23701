// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {ILossWaterfall} from "../../contracts/interfaces/ILossWaterfall.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {HouseFixture} from "./HouseFixture.sol";

/// @title HouseScenarios
/// @notice States of the house that many tests start from, and refusals with their arguments.
abstract contract HouseScenarios is HouseFixture {
    /// @dev Whoever has no role anywhere.
    address internal constant STRANGER = address(0x57a4);

    /* ARRANGE */

    /// @dev From here on insurance pays nothing in the market: every deficit is shared.
    function _uninsure(MarketId market) internal {
        waterfall.setInsuranceTerms(
            market,
            ILossWaterfall.InsuranceTerms({eventCap: 0, epochCap: 0, coinsurance: 0.1e18})
        );
    }

    /// @dev Alice long, bob short 500 ETH each at 2 000 with 60 000 USD; at 1 600 alice is bankrupt by about 140 000.
    function _bankruptAlice() internal {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        _price(ETH, 1_600);
        assertLt(_equity(alice), -100_000e18);
    }

    /// @dev Books `count` loss events in ETH, 61 seconds apart, of which bob, short 400 ETH, has seen none. The price goes from 2 000 to 1 800.
    function _bookLosses(uint256 count) internal {
        _uninsure(ETH);
        _open(bob, ETH, 100_000e18, -400e18);
        AccountId[] memory losers = new AccountId[](count);
        for (uint256 i; i < count; ++i) {
            losers[i] = _trader(string.concat("loser ", vm.toString(i)));
            _open(losers[i], ETH, 1_100e18, 10e18);
        }
        _price(ETH, 1_800);
        for (uint256 i; i < count; ++i) {
            house.touch(losers[i], ETH, count);
            _resolve(losers[i]);
            skipSeconds(61);
        }
        assertEq(house.marketOf(ETH).events, count + 1, "one event each");
    }

    /// @dev Alice long and bob short 80 ETH at 2 000 with 10 000 USD each; at 1 925 alice is below maintenance margin.
    function _distressAlice() internal {
        _open(alice, ETH, 10_000e18, 80e18);
        _open(bob, ETH, 10_000e18, -80e18);
        _price(ETH, 1_925);
        assertLt(_health(alice), 1e18);
        assertGt(_equity(alice), 0);
    }

    /// @dev Lets the feed of a market run out of date; the other's goes on at its price.
    function _stale(MarketId market, MarketId other, uint256 otherPriceUsd) internal {
        oracle.poke(market.bit() | other.bit());
        skipSeconds(3_601);
        feeds[MarketId.unwrap(other)].push(int256(otherPriceUsd * 1e8));
    }

    function _setMode(MarketId market, IClearingHouse.MarketMode mode) internal {
        house.setMarketMode(market, mode);
    }

    /* ACT */

    function _settleAs(address caller, AccountId account) internal {
        AccountId[] memory accounts = _one(account);
        vm.prank(caller);
        house.settle(accounts);
    }

    function _withdraw(AccountId account, uint256 amountUsd) internal {
        vm.prank(account.owner());
        house.withdraw(account, _native(amountUsd), account.owner());
    }

    /// @dev Makes a call to the house and returns the error it ends with; the call has to end with this one.
    function _refusal(bytes memory data, bytes4 selector) internal returns (bytes memory arguments) {
        (bool success, bytes memory reason) = address(house).call(data);
        assertFalse(success, "not refused");
        assertEq(bytes32(bytes4(reason)), bytes32(selector), "refused with another error");
        arguments = new bytes(reason.length - 4);
        for (uint256 i; i < arguments.length; ++i) arguments[i] = reason[i + 4];
    }

    /* REQUESTS */

    /// @dev Carol takes over, now, at any price.
    function _take(
        AccountId account,
        MarketId market,
        uint256 maxSize
    ) internal view returns (IClearingHouse.TakeOverRequest memory) {
        return
            IClearingHouse.TakeOverRequest({
                account: account,
                market: market,
                taker: carol,
                maxSize: maxSize,
                limitPrice: _size(account, market) > 0 ? type(uint256).max : 0,
                deadline: vm.getBlockTimestamp(),
                expectedVersion: 0,
                data: ""
            });
    }

    /* READ */

    function _one(AccountId account) internal pure returns (AccountId[] memory accounts) {
        accounts = new AccountId[](1);
        accounts[0] = account;
    }

    function _users() internal view returns (AccountId[] memory users) {
        users = new AccountId[](3);
        (users[0], users[1], users[2]) = (alice, bob, carol);
    }

    function _fundAccount() internal view returns (AccountId) {
        return accountIdOf(insurance, 0);
    }

    function _version(AccountId account) internal view returns (uint256) {
        return house.accountOf(account).version;
    }

    function _code(ILiquidationEngine.Plan memory plan) internal pure returns (uint256) {
        return uint256(plan.code);
    }

    /// @dev Everything stored about an account in the two markets, to see whether anything changed.
    function _fingerprint(AccountId account) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    house.accountOf(account),
                    house.positionOf(account, ETH),
                    house.positionOf(account, BTC),
                    house.nonceOf(account),
                    house.powersOf(account, address(this))
                )
            );
    }
}

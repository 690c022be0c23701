// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {HouseScenarios} from "./HouseScenarios.sol";

/// @title WindDownScenarios
/// @notice Markets that lose their feed and end, and everybody bringing what is left of them to its end.
abstract contract WindDownScenarios is HouseScenarios {
    uint256 internal constant OUTAGE = 7 days;
    uint256 internal constant NOTICE = 2 days;
    uint256 internal constant PAUSE = 1 days;

    /* ARRANGE */

    /// @dev Time passes; of the two markets only BTC's feed goes on.
    function _outlast(uint256 duration) internal {
        skipSeconds(duration);
        feeds[1].push(40_000e8);
        oracle.poke(BTC.bit());
    }

    /// @dev The feed of ETH dies, and somebody notes it.
    function _noteOutage() internal returns (uint256 notedAt) {
        oracle.poke(ETH.bit());
        _outlast(3_601);
        house.noteOutage(ETH);
        return vm.getBlockTimestamp();
    }

    /// @dev ETH ends at its last valid price after an outage.
    function _windDown() internal {
        _noteOutage();
        _outlast(OUTAGE);
        house.windDown(ETH);
    }

    /* ACT */

    /// @dev What keepers do in a market that has ended, once round: applies events, pulls losers, resolves whoever is bankrupt, books what waits, claims refunds, pays winners.
    function _sweep(AccountId[] memory accounts) internal {
        for (uint256 i; i < accounts.length; ++i) {
            house.touch(accounts[i], ETH, type(uint256).max);
            _settleAs(STRANGER, accounts[i]);
            // Whoever is bankrupt through a charge of the last minute is not yet.
            if (_equity(accounts[i]) < 0)
                _attempt(abi.encodeCall(house.resolve, (accounts[i], new AccountId[](0), keeper)));
        }
        if (house.marketOf(ETH).pendingLossUsd != 0) _attempt(abi.encodeCall(house.bookLoss, (ETH)));
        for (uint256 i; i < accounts.length; ++i) {
            house.touch(accounts[i], ETH, type(uint256).max);
            house.claimRefunds(accounts[i], ETH, type(uint256).max);
            _settleAs(STRANGER, accounts[i]);
        }
        _settleAs(STRANGER, _fundAccount());
    }

    /// @dev A call that may be refused.
    function _attempt(bytes memory data) internal returns (bool done) {
        (done, ) = address(house).call(data);
    }

    /* READ */

    function _assertLeft(AccountId account, MarketId market) internal view {
        IClearingHouse.PositionState memory position = house.positionOf(account, market);
        assertEq(position.storedSize, int256(0), "a size is left");
        assertEq(position.storedQuote, int256(0), "a claim or a debt is left");
        assertEq(house.accountOf(account).markets & market.bit(), 0, "still in the market");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {HAS_HELD, HouseState, MAX_MARKETS} from "./HouseState.sol";
import {AccountHeader, Words} from "./Words.sol";

/// @title Account headers: cash, the set of markets, the liquidation deposit
library Accounts {
    using Words for AccountHeader;
    using Words for uint256;

    /// @dev D18{USD} per cent, the unit in which a header keeps its deposit.
    uint256 internal constant CENT = 1e16;

    /// @dev The stored header.
    function load(HouseState storage state, AccountId account) internal view returns (AccountHeader memory header) {
        header.read(state.headers[account]);
    }

    /// @dev Writes the header.
    function store(HouseState storage state, AccountId account, AccountHeader memory header) internal {
        state.headers[account] = header.pack();
    }

    /// @dev The account's set of markets.
    function marketsOf(HouseState storage state, AccountId account) internal view returns (uint256) {
        return uint64(state.headers[account] >> 96);
    }

    /// @dev Adds a market to the set of an account that the call holds no copy of.
    function join(HouseState storage state, AccountId account, MarketId market) internal {
        state.headers[account] |= market.bit() << 96;
    }

    /// @dev The flags of an account.
    function flagsOf(HouseState storage state, AccountId account) internal view returns (uint256) {
        return state.headers[account] >> 248;
    }

    /// @dev Raises a flag of an account that the call holds no copy of.
    function raise(HouseState storage state, AccountId account, uint256 flag) internal {
        state.headers[account] |= flag << 248;
    }

    /// @dev Next version; wraps, since only inequality of neighbours matters.
    function bump(AccountHeader memory header) internal pure {
        unchecked {
            header.version += 1;
        }
    }

    /// @dev Liquidation deposit locked in the account's cash. D18{USD}
    function depositOf(AccountHeader memory header) internal pure returns (uint256) {
        return header.depositCents * CENT;
    }

    /// @dev Cash that counts as margin: all but the deposit. D18{USD}
    function marginCash(AccountHeader memory header) internal pure returns (uint256) {
        // The deposit is always part of the cash.
        unchecked {
            return header.cash - depositOf(header);
        }
    }

    function addCash(AccountHeader memory header, uint256 amountUsd) internal pure {
        header.cash += amountUsd;
    }

    /// @dev The caller has bounded `amountUsd` by the account's cash.
    function takeCash(AccountHeader memory header, uint256 amountUsd) internal pure {
        header.cash -= amountUsd;
    }

    /// @dev The account's cash, the deposit included. D18{USD}
    function cashOf(HouseState storage state, AccountId account) internal view returns (uint256) {
        return uint96(state.headers[account]);
    }

    /// @dev Adds cash to an account that the call holds no copy of.
    function credit(HouseState storage state, AccountId account, uint256 amountUsd) internal {
        if (amountUsd == 0) return;
        state.headers[account] = state.headers[account].credited(amountUsd);
    }

    /// @dev Keeps the account's set of markets in step with its position; releases the deposit when the last position is gone.
    function setMarket(AccountHeader memory header, AccountId account, MarketId market, bool inMarket) internal pure {
        uint256 bit = market.bit();
        uint256 markets = header.markets;
        if (inMarket) {
            if (markets & bit != 0) return;
            markets |= bit;
            uint256 count = popCount(markets);
            if (count > MAX_MARKETS) revert IClearingHouse.TooManyMarkets(account, count, MAX_MARKETS);
        } else {
            markets &= ~bit;
            if (markets == 0) header.depositCents = 0;
        }
        header.markets = markets;
    }

    /// @dev Cash held for markets without a valid price. D18{USD}
    function heldOf(
        HouseState storage state,
        AccountId account,
        AccountHeader memory header
    ) internal view returns (uint256 heldUsd) {
        if (header.flags & HAS_HELD == 0) return 0;
        uint256 markets = header.markets;
        for (uint8 number; markets != 0; ++number) {
            if (markets & 1 != 0) heldUsd += state.held[account][MarketId.wrap(number)];
            markets >>= 1;
        }
    }

    /// @dev Number of markets in a set.
    function popCount(uint256 set) internal pure returns (uint256 count) {
        for (; set != 0; set &= set - 1) ++count;
    }
}

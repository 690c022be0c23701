// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";

/// @title Many accounts of one owner, opened in batches
/// @notice Owns them, is the venue that trades for them, and holds the tokens they are funded from: a house can be filled with thousands of positions in few
/// transactions, to measure what depends on their number. For benches and tests only.
contract Crowd {
    /// @dev Power to trade.
    uint256 private constant TRADE = 1;

    IClearingHouse public immutable HOUSE;
    MarketId public immutable MARKET;
    /// @notice How many accounts have been opened.
    uint256 public count;

    /// @param market where they have their positions
    constructor(IClearingHouse house, MarketId market) {
        HOUSE = house;
        MARKET = market;
        IERC20(house.TOKEN()).approve(address(house), type(uint256).max);
    }

    /// @notice Opens `more` accounts against the pool, long and short in turn.
    /// @param cashNative {qTok}, paid into each
    /// @param size D18{base}, unsigned
    function open(uint256 more, uint256 cashNative, uint256 size) external {
        uint256 end = count + more;
        for (uint256 i = count; i < end; ++i) {
            AccountId account = accountAt(i);
            HOUSE.setDelegate(account, address(this), TRADE);
            HOUSE.deposit(account, cashNative);
            int256 sizeDelta = i % 2 == 0 ? int256(size) : -int256(size);
            HOUSE.trade(
                IClearingHouse.TradeRequest({
                    account: account,
                    market: MARKET,
                    sizeDelta: sizeDelta,
                    limitPrice: sizeDelta > 0 ? type(uint256).max : 0,
                    spread: 0,
                    reduceOnly: false,
                    keeper: account,
                    keeperFeeUsd: 0
                })
            );
        }
        count = end;
    }

    /// @notice Account number `index`; the even ones are long.
    function accountAt(uint256 index) public view returns (AccountId) {
        return accountIdOf(address(this), uint96(index));
    }
}

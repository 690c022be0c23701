// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";

/// @title The one price per market and transaction
/// @notice Transient: one word per market, gone when the transaction ends.
///
///  bits   0–103  price           D18{USD/base}
///  bits 104–143  publishedAt     {s}
///  bits 144–175  bucket
///  bits 176–183  status
///  bit  184      set: the market was observed
///  bit  185      set: the feed was asked in this transaction
library PriceCache {
    using TransientSlot for *;

    /// @dev keccak256(abi.encode(uint256(keccak256("breakwater.oracles.PriceCache")) - 1)) & ~bytes32(uint256(0xff)), as ERC-7201 has it.
    /// Market `m` has the m-th word from here.
    uint256 private constant FIRST_SLOT = 0x747a0c756b9e818dda00a944fe6f722015feb3b53039a55a6adf9a41d6c13500;

    uint256 private constant OBSERVED = 1 << 184;
    uint256 private constant ASKED = 1 << 185;

    /// @dev Fills `price` with the market's price in this transaction.
    /// @return found false when it was not observed yet; then `price` is left alone
    /// @return freshness how fresh it is
    function load(MarketId market, Price memory price) internal view returns (bool found, Freshness freshness) {
        uint256 word = _slotOf(market).tload();
        if (word == 0) return (false, Freshness.Latest);
        price.price = uint104(word);
        price.publishedAt = uint40(word >> 104);
        price.bucket = uint32(word >> 144);
        price.status = PriceStatus(uint8(word >> 176));
        return (true, word & ASKED == 0 ? Freshness.SameBlock : Freshness.Latest);
    }

    /// @dev Fixes the market's price for the rest of the transaction. Its fields have the widths above.
    function store(MarketId market, Price memory price, Freshness freshness) internal {
        uint256 word =
            price.price |
                (price.publishedAt << 104) |
                (price.bucket << 144) |
                (uint256(price.status) << 176) |
                OBSERVED;
        if (freshness == Freshness.Latest) word |= ASKED;
        _slotOf(market).tstore(word);
    }

    /// @dev Whether the market was observed in this transaction.
    function holds(MarketId market) internal view returns (bool) {
        return _slotOf(market).tload() != 0;
    }

    function _slotOf(MarketId market) private pure returns (TransientSlot.Uint256Slot) {
        // The first slot ends in a zero byte, so adding a market number never carries.
        unchecked {
            return bytes32(FIRST_SLOT + MarketId.unwrap(market)).asUint256();
        }
    }
}

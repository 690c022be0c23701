// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {Market} from "./HouseState.sol";
import {Book} from "./Markets.sol";
import {Terms} from "./Terms.sol";

/// @title Price and fees of a match: what its preview and its execution share
library Matching {
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /// @dev |p − P| ≤ band·P, the distance rounded down.
    function requireBand(Book memory book, Market storage market, uint256 price) internal view {
        uint256 distance = book.price.mulWadDown(market.bandPips * Terms.PIP);
        (uint256 lowest, uint256 highest) = (book.price - distance, book.price + distance);
        if (price < lowest || price > highest) revert IClearingHouse.PriceOutsideBand(book.id, price, lowest, highest);
    }

    /// @dev Fees on the notional at the index. D18{USD}, rounded up
    function feesOf(
        Book memory book,
        Market storage market,
        int256 sizeDelta
    ) internal view returns (uint256 makerFeeUsd, uint256 takerFeeUsd) {
        uint256 size = sizeDelta.magnitude();
        makerFeeUsd = _feeUp(size, book.price, market.makerFeePips);
        takerFeeUsd = _feeUp(size, book.price, market.takerFeePips);
    }

    function _feeUp(uint256 size, uint256 price, uint256 pips) private pure returns (uint256) {
        return (size * pips).mulWadUp(Terms.PIP).mulWadUp(price);
    }
}

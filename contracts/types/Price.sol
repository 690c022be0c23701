// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceStatus} from "./PriceStatus.sol";

/// @notice One market's index price as the oracle router judges it now.
/// @param price D18{USD/base}; the last valid price when `status` is not `Valid`, 0 when there never was one
/// @param publishedAt {s} when the feed published `price`
/// @param bucket number of the present maturity bucket; it advances only while the price is valid
/// @param status whether `price` may be acted on
struct Price {
    uint256 price;
    uint256 publishedAt;
    uint256 bucket;
    PriceStatus status;
}

/// @notice How fresh an observation has to be.
/// `Latest` reads the feed once per transaction; `SameBlock` may reuse what was stored earlier in this block.
enum Freshness {
    Latest,
    SameBlock
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "./MarketId.sol";
import {PriceStatus} from "./PriceStatus.sol";

/// @notice Which of the two requirements is asked for.
enum MarginKind {
    Maintenance,
    Initial
}

/// @notice An account's position in one market, valued, events and funding applied.
/// @param market the market
/// @param status whether `price` may be acted on; if not `Valid`, the exposure is shocked instead (see IRiskEngine)
/// @param size D18{base}, signed
/// @param price D18{USD/base}, the index, or the last valid one
/// @param valueUsd D18{USD}, unsettled value U = s·X + v at `price`
/// @param maturedUsd D18{USD}, part of a gain that has stood long enough to be paid; 0 for losses. Only filled for `MarginKind.Initial`
/// @param depthUsd D18{USD}, notional that moves the pool's price by 1 %
/// @param openInterestUsd D18{USD}, the larger side of the market
/// @param lossPending true while the market has booked losses that are not yet collected
/// @param coverageLow true while the market's buffers are below half of their target. Only filled for `MarginKind.Initial`
struct Exposure {
    MarketId market;
    PriceStatus status;
    int256 size;
    uint256 price;
    int256 valueUsd;
    uint256 maturedUsd;
    uint256 depthUsd;
    uint256 openInterestUsd;
    bool lossPending;
    bool coverageLow;
}

/// @notice Everything a risk engine needs to judge an account.
/// @param cashUsd D18{USD}, cash without the liquidation deposit
/// @param creditLineUsd D18{USD}, what the account may still draw against other collateral (0 for accounts without)
/// @param exposures one per market, in ascending order of market
struct Portfolio {
    uint256 cashUsd;
    uint256 creditLineUsd;
    Exposure[] exposures;
}

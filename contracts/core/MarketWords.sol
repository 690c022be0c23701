// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";

/// @notice Open interest of a market's sides, D18{base}, and the number of its last event.
///
///     255    224 223    112 111   0
///     | events u32 | short u112 | long u112 |
type Sides is uint256;

/// @notice Cumulative funding F, D18{USD/base}, and the price and time {s} it stands at.
///
///     255       216 215         112 111      0
///     | updatedAt u40 | lastPrice u104 | index i112 |
type Funding is uint256;

/// @notice What valuing a position needs besides: K, D18{base}; the funding rate, D18{1/day}, its bounds r_max and v_max in millionths; how far the
/// market is open.
///
///     255    248 247 240 239           216 215       192 191   128 111        0
///     | alerts u8 | mode u8 | maxVelocity u24 | maxRate u24 | rate i64 | skewScale u112 |
type Rates is uint256;

/// @notice What only acting needs: the reserve B, D18{USD}; the average of k/K, D18{1}, as of the funding's time; the pacing bucket of liquidations, {USD/100},
/// and when it was last used {s}.
///
///     255      224 223         176 175           112 111       0
///     | bucketAt u32 | bucketUsed u48 | averageSkew i64 | reserve u112 |
type Reserves is uint256;

using {longOf, shortOf, eventsOf, withEvents} for Sides global;
using {indexOf, lastPriceOf, updatedAtOf, startedNow} for Funding global;
using {
    skewScaleOf,
    rateOf,
    maxRateOf,
    maxVelocityOf,
    modeOf,
    alertsOf,
    withRate,
    withTerms,
    withMode,
    withAlerts
} for Rates global;
using {
    reserveOf,
    averageSkewOf,
    bucketUsedOf,
    bucketAtOf,
    withReserve,
    withAverageSkew,
    withBucketUsedNow
} for Reserves global;

using SafeCast for uint256;
using SafeCast for int256;

uint256 constant MASK_112 = type(uint112).max;
/// @dev D18{1} per millionth.
uint256 constant MILLIONTH = 1e12;
/// @dev D18{USD} per cent.
uint256 constant USD_CENT = 1e16;

/* SIDES */

function longOf(Sides self) pure returns (uint256) {
    return Sides.unwrap(self) & MASK_112;
}

function shortOf(Sides self) pure returns (uint256) {
    return (Sides.unwrap(self) >> 112) & MASK_112;
}

function eventsOf(Sides self) pure returns (uint256) {
    return Sides.unwrap(self) >> 224;
}

function withEvents(Sides self, uint256 number) pure returns (Sides) {
    return Sides.wrap((Sides.unwrap(self) & (type(uint256).max >> 32)) | (uint256(number.toUint32()) << 224));
}

/* FUNDING */

function indexOf(Funding self) pure returns (int256) {
    return int112(uint112(Funding.unwrap(self)));
}

function lastPriceOf(Funding self) pure returns (uint256) {
    return uint104(Funding.unwrap(self) >> 112);
}

function updatedAtOf(Funding self) pure returns (uint256) {
    return Funding.unwrap(self) >> 216;
}

/// @dev The same, its clock started now.
function startedNow(Funding self) view returns (Funding) {
    return Funding.wrap((Funding.unwrap(self) & (type(uint256).max >> 40)) | (uint256(uint40(block.timestamp)) << 216));
}

/* RATES */

function skewScaleOf(Rates self) pure returns (uint256) {
    return Rates.unwrap(self) & MASK_112;
}

function rateOf(Rates self) pure returns (int256) {
    return int64(uint64(Rates.unwrap(self) >> 128));
}

/// @dev D18{1/day}
function maxRateOf(Rates self) pure returns (uint256) {
    // 2²⁴·10¹² fits.
    unchecked {
        return uint24(Rates.unwrap(self) >> 192) * MILLIONTH;
    }
}

/// @dev D18{1/day²}
function maxVelocityOf(Rates self) pure returns (uint256) {
    // As above.
    unchecked {
        return uint24(Rates.unwrap(self) >> 216) * MILLIONTH;
    }
}

function modeOf(Rates self) pure returns (IClearingHouse.MarketMode) {
    return IClearingHouse.MarketMode(uint8(Rates.unwrap(self) >> 240));
}

function alertsOf(Rates self) pure returns (uint256) {
    return Rates.unwrap(self) >> 248;
}

function withRate(Rates self, int256 rate) pure returns (Rates) {
    uint256 mask = uint256(type(uint64).max) << 128;
    return Rates.wrap((Rates.unwrap(self) & ~mask) | (uint256(uint64(rate.toInt64())) << 128));
}

/// @dev The same with other terms: what their bounds in Terms allow fits.
function withTerms(Rates self, IClearingHouse.MarketTerms calldata terms) pure returns (Rates) {
    uint256 mask = MASK_112 | (uint256(type(uint48).max) << 192);
    return
        Rates.wrap(
            (Rates.unwrap(self) & ~mask) |
                terms.skewScale.toUint112() |
                (uint256((terms.maxFundingRate / MILLIONTH).toUint24()) << 192) |
                (uint256((terms.maxFundingVelocity / MILLIONTH).toUint24()) << 216)
        );
}

function withMode(Rates self, IClearingHouse.MarketMode mode) pure returns (Rates) {
    return Rates.wrap((Rates.unwrap(self) & ~(uint256(type(uint8).max) << 240)) | (uint256(mode) << 240));
}

function withAlerts(Rates self, uint256 alerts) pure returns (Rates) {
    return Rates.wrap((Rates.unwrap(self) & (type(uint256).max >> 8)) | (uint256(alerts.toUint8()) << 248));
}

/* RESERVES */

function reserveOf(Reserves self) pure returns (uint256) {
    return Reserves.unwrap(self) & MASK_112;
}

function averageSkewOf(Reserves self) pure returns (int256) {
    return int64(uint64(Reserves.unwrap(self) >> 112));
}

/// @dev D18{USD}
function bucketUsedOf(Reserves self) pure returns (uint256) {
    // 2⁴⁸·10¹⁶ fits.
    unchecked {
        return uint48(Reserves.unwrap(self) >> 176) * USD_CENT;
    }
}

/// @dev {s}
function bucketAtOf(Reserves self) pure returns (uint256) {
    return Reserves.unwrap(self) >> 224;
}

function withReserve(Reserves self, uint256 reserve) pure returns (Reserves) {
    return Reserves.wrap((Reserves.unwrap(self) & ~MASK_112) | reserve.toUint112());
}

function withAverageSkew(Reserves self, int256 averageSkewRatio) pure returns (Reserves) {
    uint256 mask = uint256(type(uint64).max) << 112;
    return Reserves.wrap((Reserves.unwrap(self) & ~mask) | (uint256(uint64(averageSkewRatio.toInt64())) << 112));
}

/// @dev The same with the bucket used up to `usedUsd` as of now, rounded up to the cent; more than 2.8 trillion dollars count as that.
function withBucketUsedNow(Reserves self, uint256 usedUsd) view returns (Reserves) {
    uint256 cents = FixedPoint.divUp(usedUsd, USD_CENT);
    if (cents > type(uint48).max) cents = type(uint48).max;
    return
        Reserves.wrap(
            (Reserves.unwrap(self) & (type(uint256).max >> 80)) |
                (cents << 176) |
                (uint256(uint32(block.timestamp)) << 224)
        );
}

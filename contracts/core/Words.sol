// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice An account's header.
///
///     255      248 247        240 239       208 207            192 191         176 175       160 159      96 95    0
///     | flags u8 | sliceUsed u8 | slicedAt u32 | depositCents u16 | goodSince u16 | version u16 | markets u64 | cash u96 |
///
/// @param cash D18{USD}, c, the deposit included
/// @param markets set of markets in which size or quote is not zero
/// @param version counts changes
/// @param goodSince {days since 1970}, the first whole day of good standing; 0 until the account opens something
/// @param depositCents {USD/100}, liquidation deposit locked in `cash`
/// @param slicedAt {s}, when the account was last liquidated
/// @param sliceUsed {1/255}, how much of its pacing allowance it had then used
/// @param flags `HAS_HELD`, `HAS_CHARGES`, `MARKED`, `HAS_CREDIT`, `JUNIOR`
struct AccountHeader {
    uint256 cash;
    uint256 markets;
    uint256 version;
    uint256 goodSince;
    uint256 depositCents;
    uint256 slicedAt;
    uint256 sliceUsed;
    uint256 flags;
}

/// @notice A position; `seen` is the last market event applied, never 0 once used.
///
///     255  224 223    112 111   0
///     | seen u32 | quote i112 | size i112 |
struct Leg {
    int256 size;
    int256 quote;
    uint256 seen;
}

/// @notice Net fill of a position in one maturity bucket, laid out like a position.
/// @param cost D18{USD}, n, what the fills took off the quote leg
struct Fill {
    int256 size;
    int256 cost;
    uint256 bucket;
}

/// @title Words: hot state packed into single slots
/// @notice Each slot is read once and written once; the compiler would write a packed struct field by field. Packing checks every width.
library Words {
    using SafeCast for uint256;
    using SafeCast for int256;

    uint256 private constant MASK_112 = type(uint112).max;

    function pack(AccountHeader memory header) internal pure returns (uint256) {
        uint256 excess =
            (header.cash >> 96) |
                (header.markets >> 64) |
                (header.goodSince >> 16) |
                (header.depositCents >> 16) |
                (header.slicedAt >> 32) |
                (header.sliceUsed >> 8) |
                (header.flags >> 8);
        if (excess != 0) _revertTooWide(header);
        return
            header.cash |
            (header.markets << 96) |
            (uint256(uint16(header.version)) << 160) | // wraps: only the inequality of neighbours matters
            (header.goodSince << 176) |
            (header.depositCents << 192) |
            (header.slicedAt << 208) |
            (header.sliceUsed << 240) |
            (header.flags << 248);
    }

    /// @dev One of the fields is wider than its place: says which width.
    function _revertTooWide(AccountHeader memory header) private pure {
        header.cash.toUint96();
        header.markets.toUint64();
        header.goodSince.toUint16();
        header.depositCents.toUint16();
        header.slicedAt.toUint32();
        header.sliceUsed.toUint8();
        header.flags.toUint8();
    }

    /// @dev Fills `header`.
    function read(AccountHeader memory header, uint256 word) internal pure {
        header.cash = uint96(word);
        header.markets = uint64(word >> 96);
        header.version = uint16(word >> 160);
        header.goodSince = uint16(word >> 176);
        header.depositCents = uint16(word >> 192);
        header.slicedAt = uint32(word >> 208);
        header.sliceUsed = uint8(word >> 240);
        header.flags = uint8(word >> 248);
    }

    /// @dev The word of an account with `amountUsd` more cash, its next version: crediting need not take the header apart.
    function credited(uint256 word, uint256 amountUsd) internal pure returns (uint256) {
        uint256 changing = uint256(type(uint96).max) | (uint256(type(uint16).max) << 160);
        uint256 cash = (uint96(word) + amountUsd).toUint96();
        return (word & ~changing) | cash | (uint256(uint16((word >> 160) + 1)) << 160);
    }

    function pack(Leg memory leg) internal pure returns (uint256) {
        return _packPair(leg.size, leg.quote, leg.seen);
    }

    /// @dev Fills `leg`.
    function read(Leg memory leg, uint256 word) internal pure {
        (leg.size, leg.quote, leg.seen) = (_low(word), _high(word), word >> 224);
    }

    function pack(Fill memory fill) internal pure returns (uint256) {
        return _packPair(fill.size, fill.cost, fill.bucket);
    }

    /// @dev Fills `fill`.
    function read(Fill memory fill, uint256 word) internal pure {
        (fill.size, fill.cost, fill.bucket) = (_low(word), _high(word), word >> 224);
    }

    /// @dev Quote legs of the two sides: long in the low half, short in the high.
    function packQuotes(int256 long, int256 short) internal pure returns (uint256) {
        return uint256(uint128(long.toInt128())) | (uint256(uint128(short.toInt128())) << 128);
    }

    function toQuotes(uint256 word) internal pure returns (int256 long, int256 short) {
        return (int128(uint128(word)), int128(uint128(word >> 128)));
    }

    function _packPair(int256 low, int256 high, uint256 top) private pure returns (uint256) {
        if (low != int112(low) || high != int112(high) || top >> 32 != 0) {
            // Says which width.
            low.toInt112();
            high.toInt112();
            top.toUint32();
        }
        return (uint256(low) & MASK_112) | ((uint256(high) & MASK_112) << 112) | (top << 224);
    }

    function _low(uint256 word) private pure returns (int256) {
        return int112(uint112(word));
    }

    function _high(uint256 word) private pure returns (int256) {
        return int112(uint112(word >> 112));
    }
}

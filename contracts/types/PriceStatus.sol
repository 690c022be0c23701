// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Whether a price may be acted on. `Invalid` is zero so that an unset price is never trusted.
enum PriceStatus {
    Invalid,
    Valid,
    Stale,
    Deviating,
    OutOfBounds,
    Jump,
    SequencerDown
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice How far a market's buffers reach.
/// `Full`: at least half of their target. `Low`: below half; initial margin rises by a quarter. `Short`: below a quarter; nothing may be opened either.
enum CoverageLevel {
    Full,
    Low,
    Short
}

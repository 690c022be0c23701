// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Interest by utilization: from `baseRate` at 0 to `kinkRate` at the kink to `maxRate` at 100 %.
/// @param baseRate D18{1/year}
/// @param kinkRate D18{1/year}
/// @param maxRate D18{1/year}
/// @param kinkUtilization D18{1}, above 0 and below 1
struct RateTerms {
    uint256 baseRate;
    uint256 kinkRate;
    uint256 maxRate;
    uint256 kinkUtilization;
}

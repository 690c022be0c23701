// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice The hard bounds of every term of a market.
abstract contract MarketTermsCases is HouseScenarios {
    struct Case {
        bytes32 term;
        uint256 min;
        uint256 max;
    }

    uint256 internal constant CASES = 13;

    /// @dev `_terms` with term number `index` changed. The maker's fee may not pass the taker's.
    function _with(
        IClearingHouse.MarketTerms memory terms,
        uint256 index,
        uint256 value
    ) internal pure returns (IClearingHouse.MarketTerms memory) {
        if (index == 0) terms.skewScale = value;
        if (index == 1) terms.exposureCap = value;
        if (index == 2) terms.lotSize = value;
        if (index == 3) terms.minNotionalUsd = value;
        if (index == 4) terms.maxFundingRate = value;
        if (index == 5) terms.maxFundingVelocity = value;
        if (index == 6) (terms.takerFee, terms.makerFee) = (value, 0);
        if (index == 7) terms.makerFee = value;
        if (index == 8) terms.insuranceShare = value;
        if (index == 9) terms.band = value;
        if (index == 10) terms.unwindTolerance = value;
        if (index == 11) terms.tearUpLoss = value;
        if (index == 12) terms.tearUpDelay = value;
        return terms;
    }

    function _caseOf(uint256 index) internal pure returns (Case memory) {
        if (index == 0) return Case("skewScale", 1e6, 2 ** 111);
        if (index == 1) return Case("exposureCap", 1, 2 ** 111);
        if (index == 2) return Case("lotSize", 1, type(uint64).max);
        if (index == 3) return Case("minNotionalUsd", 0, 100_000e18);
        if (index == 4) return Case("maxFundingRate", 0, 9e18);
        if (index == 5) return Case("maxFundingVelocity", 0, 9e18);
        if (index == 6) return Case("takerFee", 0, 0.01e18);
        if (index == 7) return Case("makerFee", 0, 0.0005e18);
        if (index == 8) return Case("insuranceShare", 0, 1e18);
        if (index == 9) return Case("band", 0.001e18, 0.2e18);
        if (index == 10) return Case("unwindTolerance", 0, 0.05e18);
        if (index == 11) return Case("tearUpLoss", 0.001e18, 0.2e18);
        return Case("tearUpDelay", 60, 1 days);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAdaptiveMargin} from "../interfaces/IAdaptiveMargin.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {IRiskSteward} from "../interfaces/IRiskSteward.sol";
import {MarketId} from "../types/MarketId.sol";

/// @title Where risk parameters are kept
/// @notice Reads the terms that a parameter is one of, and writes them back. All of them are structs of full words, so they are lists of words here and one word is changed.
/// @dev The risk engine is the one that keeps terms, which another may stand in front of; the liquidation engine is asked of the house each time.
library StewardedTerms {
    /// @notice Who keeps what.
    struct Keepers {
        IClearingHouse house;
        IRiskEngine riskEngine;
    }

    /// @dev The terms that hold the parameter, and which word it is.
    function read(
        Keepers memory keepers,
        MarketId market,
        IRiskSteward.RiskParameter parameter
    ) internal view returns (uint256[] memory words, uint256 index) {
        uint256 number = uint256(parameter);
        if (parameter <= IRiskSteward.RiskParameter.RampEndUsd) {
            return (_words(abi.encode(keepers.riskEngine.riskTermsOf(market))), number);
        }
        if (parameter <= IRiskSteward.RiskParameter.ConcentrationMove) {
            index = number - uint256(IRiskSteward.RiskParameter.CoverageTarget);
            // The fund's share comes before it.
            if (parameter == IRiskSteward.RiskParameter.ConcentrationMove) ++index;
            return (_words(abi.encode(keepers.riskEngine.coverTermsOf(market))), index);
        }
        if (parameter <= IRiskSteward.RiskParameter.ClusterCap) {
            // The source comes first.
            index = number - uint256(IRiskSteward.RiskParameter.HorizonSeconds) + 1;
            return (_words(abi.encode(_adaptive(keepers).adaptiveTermsOf(market))), index);
        }
        if (parameter == IRiskSteward.RiskParameter.ExposureCap) {
            // Pool and skew scale come first.
            return (_words(abi.encode(keepers.house.termsOf(market))), 2);
        }
        if (parameter <= IRiskSteward.RiskParameter.ReferenceRange) {
            index = number - uint256(IRiskSteward.RiskParameter.Target);
            return (_words(abi.encode(_liquidation(keepers).liquidationTermsOf(market))), index);
        }
        return (_words(abi.encode(_liquidation(keepers).auctionTermsOf(market))), 0);
    }

    /// @dev Writes the terms that hold the parameter.
    function write(
        Keepers memory keepers,
        MarketId market,
        IRiskSteward.RiskParameter parameter,
        uint256[] memory words
    ) internal {
        bytes memory encoded = abi.encodePacked(words);
        if (parameter <= IRiskSteward.RiskParameter.RampEndUsd) {
            keepers.riskEngine.setRiskTerms(market, abi.decode(encoded, (IRiskEngine.RiskTerms)));
        } else if (parameter <= IRiskSteward.RiskParameter.ConcentrationMove) {
            keepers.riskEngine.setCoverTerms(market, abi.decode(encoded, (IRiskEngine.CoverTerms)));
        } else if (parameter <= IRiskSteward.RiskParameter.ClusterCap) {
            _adaptive(keepers).setAdaptiveTerms(market, abi.decode(encoded, (IAdaptiveMargin.AdaptiveTerms)));
        } else if (parameter == IRiskSteward.RiskParameter.ExposureCap) {
            keepers.house.setMarketTerms(market, abi.decode(encoded, (IClearingHouse.MarketTerms)));
        } else if (parameter <= IRiskSteward.RiskParameter.ReferenceRange) {
            _liquidation(keepers).setLiquidationTerms(
                market,
                abi.decode(encoded, (ILiquidationEngine.LiquidationTerms))
            );
        } else {
            _liquidation(keepers).setAuctionTerms(market, abi.decode(encoded, (ILiquidationEngine.AuctionTerms)));
        }
    }

    /// @dev Whether a market's margins follow anything, so that rises of maintenance margin are ramped.
    function isRamped(Keepers memory keepers, MarketId market) internal view returns (bool) {
        return _adaptive(keepers).multipliersOf(market).refreshedAt != 0;
    }

    function _adaptive(Keepers memory keepers) private pure returns (IAdaptiveMargin) {
        return IAdaptiveMargin(address(keepers.riskEngine));
    }

    function _liquidation(Keepers memory keepers) private view returns (ILiquidationEngine) {
        return ILiquidationEngine(keepers.house.moduleOf("liquidation"));
    }

    /// @dev The words of an encoded struct: an encoded list begins with where it is and how long it is.
    function _words(bytes memory encoded) private pure returns (uint256[] memory) {
        return abi.decode(bytes.concat(abi.encode(32, encoded.length / 32), encoded), (uint256[]));
    }
}

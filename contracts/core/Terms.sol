// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {accountIdOf} from "../types/AccountId.sol";
import {Market} from "./HouseState.sol";

/// @title Terms of a market: bounds, and how they are kept
/// @notice Rates, those of funding included, are kept in millionths. Every bound is here, in code; no role can leave them.
library Terms {
    using SafeCast for uint256;

    /// @dev D18{1} per millionth, the unit in which rates are kept.
    uint256 internal constant PIP = 1e12;

    /// @dev Checks terms and writes them. The pool of a listed market stays.
    function write(Market storage market, IClearingHouse.MarketTerms calldata terms) internal {
        _require("skewScale", terms.skewScale, 1e6, 2 ** 111);
        _require("exposureCap", terms.exposureCap, 1, 2 ** 111);
        _require("lotSize", terms.lotSize, 1, type(uint64).max);
        _require("minNotionalUsd", terms.minNotionalUsd, 0, 100_000e18);
        _require("maxFundingRate", terms.maxFundingRate, 0, 9e18);
        _require("maxFundingVelocity", terms.maxFundingVelocity, 0, 9e18);
        _require("takerFee", terms.takerFee, 0, 0.01e18);
        _require("makerFee", terms.makerFee, 0, terms.takerFee);
        _require("insuranceShare", terms.insuranceShare, 0, 1e18);
        _require("band", terms.band, 0.001e18, 0.2e18);
        _require("unwindTolerance", terms.unwindTolerance, 0, 0.05e18);
        _require("tearUpLoss", terms.tearUpLoss, 0.001e18, 0.2e18);
        _require("tearUpDelay", terms.tearUpDelay, 60, 1 days);
        if (terms.pool.sub() != 0) revert IClearingHouse.TermsOutOfBounds("pool", terms.pool.sub(), 0, 0);
        market.pool = terms.pool.owner();
        market.takerFeePips = uint24(terms.takerFee / PIP);
        market.makerFeePips = uint24(terms.makerFee / PIP);
        market.insuranceSharePips = uint24(terms.insuranceShare / PIP);
        market.bandPips = uint24(terms.band / PIP);
        market.rates = market.rates.withTerms(terms);
        market.exposureCap = terms.exposureCap.toUint112();
        market.lotSize = uint64(terms.lotSize);
        market.minNotional = terms.minNotionalUsd.toUint80();
        market.unwindTolerancePips = uint24(terms.unwindTolerance / PIP);
        market.tearUpLossPips = uint24(terms.tearUpLoss / PIP);
        market.tearUpDelay = uint32(terms.tearUpDelay);
    }

    function _require(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert IClearingHouse.TermsOutOfBounds(term, value, min, max);
    }

    /// @dev The terms as they are kept.
    function read(Market storage market) internal view returns (IClearingHouse.MarketTerms memory) {
        return
            IClearingHouse.MarketTerms({
                pool: accountIdOf(market.pool, 0),
                skewScale: market.rates.skewScaleOf(),
                exposureCap: market.exposureCap,
                lotSize: market.lotSize,
                minNotionalUsd: market.minNotional,
                maxFundingRate: market.rates.maxRateOf(),
                maxFundingVelocity: market.rates.maxVelocityOf(),
                takerFee: market.takerFeePips * PIP,
                makerFee: market.makerFeePips * PIP,
                insuranceShare: market.insuranceSharePips * PIP,
                band: market.bandPips * PIP,
                unwindTolerance: market.unwindTolerancePips * PIP,
                tearUpLoss: market.tearUpLossPips * PIP,
                tearUpDelay: market.tearUpDelay
            });
    }
}

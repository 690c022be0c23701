// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ILossWaterfall} from "../interfaces/ILossWaterfall.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";

/// @title The loss waterfall
/// @notice Owns the caps on what the insurance fund pays and the counters they are held against (WATER-1). It moves nothing itself.
contract LossWaterfall is ILossWaterfall, AccessManaged {
    using SafeCast for uint256;
    using FixedPoint for uint256;

    /* TYPES */

    /// @dev One slot: 8 + 8 + 8 bytes.
    struct StoredTerms {
        uint64 eventCap;
        uint64 epochCap;
        uint64 coinsurance;
    }

    /// @dev One slot per market: 4 + 12 bytes.
    struct MarketCounter {
        uint32 epoch;
        uint96 paidUsd;
    }

    /// @dev One slot, with the cap it is held against: 4 + 12 + 8 bytes. Cash of an account fits 96 bits.
    struct HouseCounter {
        uint32 epoch;
        uint96 paidUsd;
        uint64 epochCap;
    }

    /* CONSTANTS */

    /// @notice {s}
    uint256 public constant EPOCH_SECONDS = 1 days;
    /// @notice D18{1}
    uint256 public constant LOWEST_COINSURANCE = 0.05e18;
    uint256 public constant HIGHEST_COINSURANCE = 0.5e18;
    uint256 public constant LOWEST_HOUSE_EPOCH_CAP = 0.1e18;

    /* IMMUTABLES */

    address public immutable HOUSE;

    /* STORAGE */

    HouseCounter private _house = HouseCounter({epoch: 0, paidUsd: 0, epochCap: 0.75e18});
    mapping(MarketId market => StoredTerms terms) private _terms;
    mapping(MarketId market => MarketCounter counter) private _counters;

    constructor(address house, address authority) AccessManaged(authority) {
        HOUSE = house;
    }

    /* THE HOUSE */

    /// @inheritdoc ILossWaterfall
    function absorb(MarketId market, uint256 deficitUsd, uint256 fundCashUsd) external returns (uint256 paidUsd) {
        if (msg.sender != HOUSE) revert CallerNotHouse(msg.sender, HOUSE);
        EpochState memory state;
        (paidUsd, state) = _plan(market, deficitUsd, fundCashUsd);
        if (paidUsd != 0) {
            _house.epoch = state.epoch.toUint32();
            _house.paidUsd = state.paidUsd.toUint96();
            _counters[market] = MarketCounter(state.epoch.toUint32(), state.marketPaidUsd.toUint96());
        }
        emit DeficitAbsorbed({
            market: market,
            epoch: state.epoch,
            deficitUsd: deficitUsd,
            paidUsd: paidUsd,
            marketPaidUsd: state.marketPaidUsd,
            housePaidUsd: state.paidUsd
        });
    }

    /* GOVERNANCE */

    /// @inheritdoc ILossWaterfall
    function setInsuranceTerms(MarketId market, InsuranceTerms calldata newTerms) external restricted {
        _requireTerm(market, "epochCap", newTerms.epochCap, 0, WAD);
        _requireTerm(market, "eventCap", newTerms.eventCap, 0, newTerms.epochCap);
        _requireTerm(market, "coinsurance", newTerms.coinsurance, LOWEST_COINSURANCE, HIGHEST_COINSURANCE);
        InsuranceTerms memory oldTerms = insuranceTermsOf(market);
        _terms[market] = StoredTerms({
            eventCap: newTerms.eventCap.toUint64(),
            epochCap: newTerms.epochCap.toUint64(),
            coinsurance: newTerms.coinsurance.toUint64()
        });
        emit InsuranceTermsSet(market, oldTerms, newTerms);
    }

    /// @inheritdoc ILossWaterfall
    function setHouseEpochCap(uint256 newCap) external restricted {
        if (newCap < LOWEST_HOUSE_EPOCH_CAP || newCap > WAD) {
            revert HouseEpochCapOutOfRange(newCap, LOWEST_HOUSE_EPOCH_CAP, WAD);
        }
        emit HouseEpochCapSet(_house.epochCap, newCap);
        _house.epochCap = newCap.toUint64();
    }

    /* VIEWS */

    /// @inheritdoc ILossWaterfall
    function previewAbsorb(
        MarketId market,
        uint256 deficitUsd,
        uint256 fundCashUsd
    ) external view returns (uint256 paidUsd) {
        (paidUsd, ) = _plan(market, deficitUsd, fundCashUsd);
    }

    /// @inheritdoc ILossWaterfall
    function insuranceTermsOf(MarketId market) public view returns (InsuranceTerms memory) {
        StoredTerms storage terms = _terms[market];
        return InsuranceTerms(terms.eventCap, terms.epochCap, terms.coinsurance);
    }

    /// @inheritdoc ILossWaterfall
    function houseEpochCap() external view returns (uint256) {
        return _house.epochCap;
    }

    /// @inheritdoc ILossWaterfall
    function epochOf(MarketId market) public view returns (EpochState memory state) {
        state.epoch = block.timestamp / EPOCH_SECONDS;
        if (_house.epoch != state.epoch) return state;
        state.paidUsd = _house.paidUsd;
        MarketCounter memory counter = _counters[market];
        if (counter.epoch == state.epoch) state.marketPaidUsd = counter.paidUsd;
    }

    /* PRIVATE */

    /// @dev What the fund pays, and the epoch after it.
    function _plan(
        MarketId market,
        uint256 deficitUsd,
        uint256 fundCashUsd
    ) private view returns (uint256 paidUsd, EpochState memory state) {
        StoredTerms memory terms = _terms[market];
        state = epochOf(market);
        uint256 epochCashUsd = fundCashUsd + state.paidUsd;
        paidUsd = Math.min(deficitUsd.mulWadDown(WAD - terms.coinsurance), fundCashUsd.mulWadDown(terms.eventCap));
        paidUsd = Math.min(paidUsd, _left(epochCashUsd.mulWadDown(terms.epochCap), state.marketPaidUsd));
        paidUsd = Math.min(paidUsd, _left(epochCashUsd.mulWadDown(_house.epochCap), state.paidUsd));
        state.marketPaidUsd += paidUsd;
        state.paidUsd += paidUsd;
    }

    /// @dev What a cap leaves; nothing when it was lowered below what has been paid.
    function _left(uint256 capUsd, uint256 paidUsd) private pure returns (uint256) {
        return capUsd > paidUsd ? capUsd - paidUsd : 0;
    }

    function _requireTerm(MarketId market, bytes32 term, uint256 value, uint256 lowest, uint256 highest) private pure {
        if (value < lowest || value > highest) revert InsuranceTermOutOfRange(market, term, value, lowest, highest);
    }
}

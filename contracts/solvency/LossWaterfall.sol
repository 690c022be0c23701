// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ILossWaterfall, Tier} from "../interfaces/ILossWaterfall.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {MarketId} from "../types/MarketId.sol";

/// @title The loss waterfall
/// @notice Owns the caps on what each buffer pays and the counters they are held against (WATER-1), and the split of what tranches receive. It moves nothing itself.
contract LossWaterfall is ILossWaterfall, AccessManaged {
    using SafeCast for uint256;
    using FixedPoint for uint256;

    /* TYPES */

    /// @dev What a tier may pay and has paid for a market. One slot: 4 + 12 + 8 + 8 bytes. Cash of an account fits 96 bits.
    struct MarketRecord {
        uint32 epoch;
        uint96 paidUsd;
        uint64 eventCap;
        uint64 epochCap;
    }

    /// @dev What a tier may pay and has paid for all. One slot: 4 + 12 + 8 bytes.
    struct HouseRecord {
        uint32 epoch;
        uint96 paidUsd;
        uint64 epochCap;
    }

    /// @dev One slot: 8 + 8 + 8 bytes.
    struct Shares {
        uint64 coinsurance;
        uint64 fund;
        uint64 protocol;
    }

    /* CONSTANTS */

    /// @notice {s}
    uint256 public constant EPOCH_SECONDS = 1 days;
    /// @notice D18{1}
    uint256 public constant LOWEST_COINSURANCE = 0.05e18;
    uint256 public constant HIGHEST_COINSURANCE = 0.5e18;
    uint256 public constant LOWEST_HOUSE_EPOCH_CAP = 0.1e18;
    /// @dev D18{1}, at first.
    uint64 private constant FIRST_HOUSE_EPOCH_CAP = 0.75e18;

    /* IMMUTABLES */

    address public immutable HOUSE;

    /* STORAGE */

    mapping(Tier tier => HouseRecord record) private _house;
    mapping(MarketId market => Shares shares) private _shares;
    mapping(MarketId market => mapping(Tier tier => MarketRecord record)) private _records;

    constructor(address house, address authority) AccessManaged(authority) {
        HOUSE = house;
        _house[Tier.Fund].epochCap = FIRST_HOUSE_EPOCH_CAP;
        _house[Tier.Protocol].epochCap = FIRST_HOUSE_EPOCH_CAP;
        _house[Tier.Backstop].epochCap = FIRST_HOUSE_EPOCH_CAP;
    }

    /* THE HOUSE */

    /// @inheritdoc ILossWaterfall
    function absorb(
        MarketId market,
        uint256 deficitUsd,
        uint256[4] calldata cashUsd
    ) external returns (uint256[4] memory paidUsd) {
        if (msg.sender != HOUSE) revert CallerNotHouse(msg.sender, HOUSE);
        paidUsd = _plan(market, deficitUsd, cashUsd);
        for (uint256 i = uint256(Tier.Fund); i < 4; ++i) {
            if (paidUsd[i] != 0) _count(market, Tier(i), paidUsd[i]);
        }
    }

    /* GOVERNANCE */

    /// @inheritdoc ILossWaterfall
    function setInsuranceTerms(MarketId market, InsuranceTerms calldata newTerms) external restricted {
        _requireTerm(market, "epochCap", newTerms.epochCap, 0, WAD);
        _requireTerm(market, "eventCap", newTerms.eventCap, 0, newTerms.epochCap);
        _requireTerm(market, "coinsurance", newTerms.coinsurance, LOWEST_COINSURANCE, HIGHEST_COINSURANCE);
        InsuranceTerms memory oldTerms = insuranceTermsOf(market);
        _writeCaps(market, Tier.Fund, newTerms.eventCap, newTerms.epochCap);
        _shares[market].coinsurance = newTerms.coinsurance.toUint64();
        emit InsuranceTermsSet(market, oldTerms, newTerms);
    }

    /// @inheritdoc ILossWaterfall
    function setTierTerms(MarketId market, Tier tier, TierTerms calldata newTerms) external restricted {
        if (tier != Tier.Protocol && tier != Tier.Backstop) revert TierNotCapped(tier);
        _requireTerm(market, "epochCap", newTerms.epochCap, 0, WAD);
        _requireTerm(market, "eventCap", newTerms.eventCap, 0, newTerms.epochCap);
        TierTerms memory oldTerms = tierTermsOf(market, tier);
        _writeCaps(market, tier, newTerms.eventCap, newTerms.epochCap);
        emit TierTermsSet(market, tier, oldTerms, newTerms);
    }

    /// @inheritdoc ILossWaterfall
    function setSplitTerms(MarketId market, SplitTerms calldata newTerms) external restricted {
        _requireTerm(market, "fund", newTerms.fund, 0, WAD);
        _requireTerm(market, "protocol", newTerms.protocol, 0, WAD - newTerms.fund);
        SplitTerms memory oldTerms = splitTermsOf(market);
        _shares[market].fund = newTerms.fund.toUint64();
        _shares[market].protocol = newTerms.protocol.toUint64();
        emit SplitTermsSet(market, oldTerms, newTerms);
    }

    /// @inheritdoc ILossWaterfall
    function setHouseEpochCap(Tier tier, uint256 newCap) external restricted {
        if (tier == Tier.Tranche) revert TierNotCapped(tier);
        if (newCap < LOWEST_HOUSE_EPOCH_CAP || newCap > WAD) {
            revert HouseEpochCapOutOfRange(newCap, LOWEST_HOUSE_EPOCH_CAP, WAD);
        }
        emit HouseEpochCapSet(tier, _house[tier].epochCap, newCap);
        _house[tier].epochCap = newCap.toUint64();
    }

    /* VIEWS */

    /// @inheritdoc ILossWaterfall
    function previewAbsorb(
        MarketId market,
        uint256 deficitUsd,
        uint256[4] calldata cashUsd
    ) external view returns (uint256[4] memory paidUsd) {
        return _plan(market, deficitUsd, cashUsd);
    }

    /// @inheritdoc ILossWaterfall
    function insuranceTermsOf(MarketId market) public view returns (InsuranceTerms memory) {
        MarketRecord storage record = _records[market][Tier.Fund];
        return InsuranceTerms(record.eventCap, record.epochCap, _shares[market].coinsurance);
    }

    /// @inheritdoc ILossWaterfall
    function tierTermsOf(MarketId market, Tier tier) public view returns (TierTerms memory) {
        MarketRecord storage record = _records[market][tier];
        return TierTerms(record.eventCap, record.epochCap);
    }

    /// @inheritdoc ILossWaterfall
    function splitTermsOf(MarketId market) public view returns (SplitTerms memory) {
        return SplitTerms(_shares[market].fund, _shares[market].protocol);
    }

    /// @inheritdoc ILossWaterfall
    function houseEpochCap(Tier tier) external view returns (uint256) {
        return _house[tier].epochCap;
    }

    /// @inheritdoc ILossWaterfall
    function epochOf(MarketId market, Tier tier) public view returns (EpochState memory state) {
        state.epoch = block.timestamp / EPOCH_SECONDS;
        if (_house[tier].epoch != state.epoch) return state;
        state.paidUsd = _house[tier].paidUsd;
        MarketRecord storage record = _records[market][tier];
        if (record.epoch == state.epoch) state.marketPaidUsd = record.paidUsd;
    }

    /* PRIVATE */

    /// @dev What each tier pays.
    function _plan(
        MarketId market,
        uint256 deficitUsd,
        uint256[4] calldata cashUsd
    ) private view returns (uint256[4] memory paidUsd) {
        paidUsd[0] = Math.min(deficitUsd, cashUsd[0]);
        uint256 restUsd = (deficitUsd - paidUsd[0]).mulWadDown(WAD - _shares[market].coinsurance);
        for (uint256 i = uint256(Tier.Fund); i < 4; ++i) {
            paidUsd[i] = Math.min(restUsd, _mostOf(market, Tier(i), cashUsd[i]));
            restUsd -= paidUsd[i];
        }
    }

    /// @dev What a tier's cash and caps allow. D18{USD}
    function _mostOf(MarketId market, Tier tier, uint256 cashUsd) private view returns (uint256 mostUsd) {
        MarketRecord memory record = _records[market][tier];
        EpochState memory state = epochOf(market, tier);
        uint256 epochCashUsd = cashUsd + state.paidUsd;
        mostUsd = Math.min(cashUsd, cashUsd.mulWadDown(record.eventCap));
        mostUsd = Math.min(mostUsd, _left(epochCashUsd.mulWadDown(record.epochCap), state.marketPaidUsd));
        mostUsd = Math.min(mostUsd, _left(epochCashUsd.mulWadDown(_house[tier].epochCap), state.paidUsd));
    }

    /// @dev Counts a payment against the caps.
    function _count(MarketId market, Tier tier, uint256 paidUsd) private {
        EpochState memory state = epochOf(market, tier);
        state.paidUsd += paidUsd;
        state.marketPaidUsd += paidUsd;
        HouseRecord storage house = _house[tier];
        (house.epoch, house.paidUsd) = (state.epoch.toUint32(), state.paidUsd.toUint96());
        MarketRecord storage record = _records[market][tier];
        (record.epoch, record.paidUsd) = (state.epoch.toUint32(), state.marketPaidUsd.toUint96());
        emit DeficitAbsorbed(market, tier, state.epoch, paidUsd, state.marketPaidUsd, state.paidUsd);
    }

    /// @dev What a cap leaves; nothing when it was lowered below what has been paid.
    function _left(uint256 capUsd, uint256 paidUsd) private pure returns (uint256) {
        return capUsd > paidUsd ? capUsd - paidUsd : 0;
    }

    function _writeCaps(MarketId market, Tier tier, uint256 eventCap, uint256 epochCap) private {
        MarketRecord storage record = _records[market][tier];
        (record.eventCap, record.epochCap) = (eventCap.toUint64(), epochCap.toUint64());
    }

    function _requireTerm(MarketId market, bytes32 term, uint256 value, uint256 lowest, uint256 highest) private pure {
        if (value < lowest || value > highest) revert InsuranceTermOutOfRange(market, term, value, lowest, highest);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";

/// @notice Who pays for what a default leaves open, in this order: the market's own tranche, the shared insurance fund, the protocol's own junior money, the staked backstop.
enum Tier {
    Tranche,
    Fund,
    Protocol,
    Backstop
}

/// @title The order in which buffers pay for a default
/// @notice Decides how much of a deficit each buffer bears, within caps per market, event and epoch and with co-insurance. It holds no
/// tokens and reads no prices; the house asks, pays, and shares the rest among the market's unsettled gains.
///
/// The market's own tranche pays all it has. Of what that leaves, r, the next three in their order pay, each the least of
///
///  r·(1 − θ) − paid above        the market's winners bear at least the share θ, so a hedged pair that defaults on one leg cannot live on the fund
///  C                             its cash: no buffer ever owes
///  eventCap·C                    C as it is when this deficit is absorbed
///  epochCap·Cₑ − paid            by this buffer for this market in this epoch
///  houseEpochCap·Cₑ − paid       by this buffer for all markets in this epoch
///
/// Cₑ is its cash at the start of the epoch and what it received since, that is C and all it paid in the epoch. Epochs are whole days (UTC). So nobody pays before the one
/// above is empty or at its cap (WATER-1).
///
/// The same contract says how a tranche's inflow is split: a share to the fund, a share to the protocol, the rest stays.
interface ILossWaterfall {
    /* TYPES */

    /// @notice How far the fund insures a market. All zero: not at all.
    /// @param eventCap D18{1}, share of the fund's cash for one deficit; at most `epochCap`
    /// @param epochCap D18{1}, share of the fund's cash for all deficits of an epoch; at most 100 %
    /// @param coinsurance D18{1}, θ, share that all buffers but the tranche leave of what the tranche leaves; 5 % to 50 %
    struct InsuranceTerms {
        uint256 eventCap;
        uint256 epochCap;
        uint256 coinsurance;
    }

    /// @notice How far another tier, protocol or backstop, stands behind a market. All zero: not at all.
    /// @param eventCap D18{1}, share of its cash for one deficit; at most `epochCap`
    /// @param epochCap D18{1}, share of its cash for all deficits of an epoch; at most 100 %
    struct TierTerms {
        uint256 eventCap;
        uint256 epochCap;
    }

    /// @notice How the inflow of a market's tranche is split; the rest stays in it.
    /// @param fund D18{1}, to the shared insurance fund
    /// @param protocol D18{1}, to the protocol; both together at most 100 %
    struct SplitTerms {
        uint256 fund;
        uint256 protocol;
    }

    /// @notice What a tier has paid in an epoch.
    /// @param epoch number of the epoch, days since 1970
    /// @param paidUsd D18{USD}, for all markets
    /// @param marketPaidUsd D18{USD}, for the market asked about
    struct EpochState {
        uint256 epoch;
        uint256 paidUsd;
        uint256 marketPaidUsd;
    }

    /* EVENTS */

    /// @notice A tier below the tranche pays towards a deficit. The totals are those of the epoch after it. D18{USD}
    event DeficitAbsorbed(
        MarketId indexed market,
        Tier indexed tier,
        uint256 indexed epoch,
        uint256 paidUsd,
        uint256 marketPaidUsd,
        uint256 housePaidUsd
    );
    /// @notice Caps of a market changed.
    event InsuranceTermsSet(MarketId indexed market, InsuranceTerms oldTerms, InsuranceTerms newTerms);
    /// @notice Caps of another tier changed.
    event TierTermsSet(MarketId indexed market, Tier indexed tier, TierTerms oldTerms, TierTerms newTerms);
    /// @notice The split of a tranche's inflow changed.
    event SplitTermsSet(MarketId indexed market, SplitTerms oldTerms, SplitTerms newTerms);
    /// @notice The cap over all markets together changed. D18{1}
    event HouseEpochCapSet(Tier indexed tier, uint256 oldCap, uint256 newCap);

    /* ERRORS */

    /// @notice Thrown when anybody but the house reports a deficit.
    error CallerNotHouse(address caller, address house);
    /// @notice Thrown when a term lies outside its bounds in code. D18{1}
    error InsuranceTermOutOfRange(MarketId market, bytes32 term, uint256 value, uint256 lowest, uint256 highest);
    /// @notice Thrown when the cap over all markets lies outside its bounds in code. D18{1}
    error HouseEpochCapOutOfRange(uint256 cap, uint256 lowest, uint256 highest);
    /// @notice Thrown when a tier has no such terms: a tranche has no caps, and the fund's are its insurance terms.
    error TierNotCapped(Tier tier);

    /* THE HOUSE */

    /// @notice How much each tier pays towards a deficit, counted against its caps. Only for the house.
    /// @param market where the deficit is
    /// @param deficitUsd D18{USD}
    /// @param cashUsd D18{USD}, what each tier has now, in the order of Tier
    /// @return paidUsd D18{USD}, by tier
    /// @custom:rounding down: no tier pays above a cap
    /// @custom:access the house
    function absorb(
        MarketId market,
        uint256 deficitUsd,
        uint256[4] calldata cashUsd
    ) external returns (uint256[4] memory paidUsd);

    /* GOVERNANCE */

    /// @custom:access governor
    function setInsuranceTerms(MarketId market, InsuranceTerms calldata newTerms) external;

    /// @param tier protocol or backstop
    /// @custom:access governor
    /// @dev Reverts: TierNotCapped, InsuranceTermOutOfRange.
    function setTierTerms(MarketId market, Tier tier, TierTerms calldata newTerms) external;

    /// @custom:access governor
    function setSplitTerms(MarketId market, SplitTerms calldata newTerms) external;

    /// @param tier any but the tranche
    /// @param newCap D18{1}, share of the tier's cash for all markets' deficits of an epoch; 10 % to 100 %
    /// @custom:access governor
    function setHouseEpochCap(Tier tier, uint256 newCap) external;

    /* VIEWS */

    /// @notice What `absorb` would say now.
    function previewAbsorb(
        MarketId market,
        uint256 deficitUsd,
        uint256[4] calldata cashUsd
    ) external view returns (uint256[4] memory paidUsd);

    /// @notice The fund's caps of a market, and θ. D18{1}
    function insuranceTermsOf(MarketId market) external view returns (InsuranceTerms memory);

    /// @notice The caps of a tier other than the tranche in a market. D18{1}
    function tierTermsOf(MarketId market, Tier tier) external view returns (TierTerms memory);

    /// @notice How the inflow of a market's tranche is split. D18{1}
    function splitTermsOf(MarketId market) external view returns (SplitTerms memory);

    /// @notice D18{1}
    function houseEpochCap(Tier tier) external view returns (uint256);

    /// @notice The present epoch of a tier so far.
    function epochOf(MarketId market, Tier tier) external view returns (EpochState memory);
}

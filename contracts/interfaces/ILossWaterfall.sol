// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MarketId} from "../types/MarketId.sol";

/// @title The order in which buffers pay for a default
/// @notice Decides how much of a deficit the insurance fund bears, within caps per event and epoch and with co-insurance. It holds no
/// tokens and reads no prices; the house asks, pays, and shares the rest among the market's unsettled gains.
///
/// Of a deficit d, with the fund's cash C, the fund pays the least of
///
///  d·(1 − θ)                     the market's winners bear at least the share θ, so a hedged pair that defaults on one leg cannot live on the fund
///  C                             the fund never owes
///  eventCap·C                    C as it is when this deficit is absorbed
///  epochCap·Cₑ − paid            by the fund for this market in this epoch
///  houseEpochCap·Cₑ − paid       by the fund for all markets in this epoch
///
/// Cₑ is the fund's cash at the start of the epoch and what it received since, that is C and all it paid in the epoch. Epochs are whole days (UTC).
interface ILossWaterfall {
    /* TYPES */

    /// @notice How far the fund insures a market. All zero: not at all.
    /// @param eventCap D18{1}, share of the fund's cash for one deficit; at most `epochCap`
    /// @param epochCap D18{1}, share of the fund's cash for all deficits of an epoch; at most 100 %
    /// @param coinsurance D18{1}, θ, share of every deficit that the fund leaves; 5 % to 50 %
    struct InsuranceTerms {
        uint256 eventCap;
        uint256 epochCap;
        uint256 coinsurance;
    }

    /// @notice What the fund has paid in an epoch.
    /// @param epoch number of the epoch, days since 1970
    /// @param paidUsd D18{USD}, for all markets
    /// @param marketPaidUsd D18{USD}, for the market asked about
    struct EpochState {
        uint256 epoch;
        uint256 paidUsd;
        uint256 marketPaidUsd;
    }

    /* EVENTS */

    /// @notice The totals are those of the epoch after it.
    event DeficitAbsorbed(
        MarketId indexed market,
        uint256 indexed epoch,
        uint256 deficitUsd,
        uint256 paidUsd,
        uint256 marketPaidUsd,
        uint256 housePaidUsd
    );
    /// @notice Caps of a market changed.
    event InsuranceTermsSet(MarketId indexed market, InsuranceTerms oldTerms, InsuranceTerms newTerms);
    /// @notice The cap over all markets together changed. D18{1}
    event HouseEpochCapSet(uint256 oldCap, uint256 newCap);

    /* ERRORS */

    /// @notice Thrown when anybody but the house reports a deficit.
    error CallerNotHouse(address caller, address house);
    /// @notice Thrown when a term lies outside its bounds in code. D18{1}
    error InsuranceTermOutOfRange(MarketId market, bytes32 term, uint256 value, uint256 lowest, uint256 highest);
    /// @notice Thrown when the cap over all markets lies outside its bounds in code. D18{1}
    error HouseEpochCapOutOfRange(uint256 cap, uint256 lowest, uint256 highest);

    /* THE HOUSE */

    /// @notice How much the fund pays towards a deficit, and counts it against the caps. Only for the house.
    /// @param market where the deficit is
    /// @param deficitUsd D18{USD}
    /// @param fundCashUsd D18{USD}, cash of the fund's account now
    /// @return paidUsd D18{USD}, at most `deficitUsd·(1 − θ)`, `fundCashUsd` and what the caps leave
    /// @custom:rounding down: the fund never pays above a cap
    /// @custom:access the house
    function absorb(MarketId market, uint256 deficitUsd, uint256 fundCashUsd) external returns (uint256 paidUsd);

    /* GOVERNANCE */

    /// @custom:access governor
    function setInsuranceTerms(MarketId market, InsuranceTerms calldata newTerms) external;

    /// @param newCap D18{1}, share of the fund's cash for all markets' deficits of an epoch; 10 % to 100 %
    /// @custom:access governor
    function setHouseEpochCap(uint256 newCap) external;

    /* VIEWS */

    /// @notice What `absorb` would pay now.
    function previewAbsorb(
        MarketId market,
        uint256 deficitUsd,
        uint256 fundCashUsd
    ) external view returns (uint256 paidUsd);

    /// @notice The caps of a market. D18{1}
    function insuranceTermsOf(MarketId market) external view returns (InsuranceTerms memory);

    /// @notice D18{1}
    function houseEpochCap() external view returns (uint256);

    /// @notice The present epoch so far.
    function epochOf(MarketId market) external view returns (EpochState memory);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {RateTerms} from "../types/RateTerms.sol";

/// @title Credit against collateral other than the settlement token
/// @notice Lenders deposit the settlement token for shares (ERC-4626); accounts of the house deposit other tokens and draw cash against them:
///
///     line = Σ amount·price·clamp(h₀ − h₁·amount/depth, h_min, h₀) − debt,  at least 0, at most what the lenders' account can pay at once
///
/// The lenders' cash is an account of the house, so a draw moves cash between two accounts and no token. The line counts as equity there and is drawn when
/// cash runs short. Above the line, collateral is auctioned (ICollateralAuction); what it does not bring is the lenders' loss.
/// @dev Debt grows by an index that compounds whenever somebody acts. A price comes from the house's oracle under a number that need not be a market's; it
/// has to be valid to draw. For judging whether an account is healthy, or above its line, the last valid price counts for `MAX_PRICE_AGE` more,
/// so that a silent feed neither liquidates nor seizes.
/// Warning: `withdraw` and `redeem` reach as far as there is cash; what is lent comes back when debts are repaid or auctioned.
interface ICreditVault is IERC4626 {
    /* TYPES */

    /// @notice What a collateral is worth here, and how it is sold.
    /// @param priceMarket number under which the oracle router has its price: 0 to 63
    /// @param cap D18{tok}, most that all accounts together may deposit; 0 closes it for deposits
    /// @param topShare D18{1}, h₀: 0 to 95 %
    /// @param minShare D18{1}, h_min: half of `topShare` to `topShare`, so that more collateral never counts less
    /// @param sizeSlope D18{1}, h₁: what an amount of one depth takes off the share, 0 to 100
    /// @param depth D18{tok}, above 0
    /// @param maxDiscount D18{1}, of auctions: 1 % to 30 %, and `topShare + maxDiscount` at most 97 %, so that every sale restores
    /// @param auctionSeconds {s}, how long the price falls: 30 s to 1 h
    struct CollateralTerms {
        MarketId priceMarket;
        uint256 cap;
        uint256 topShare;
        uint256 minShare;
        uint256 sizeSlope;
        uint256 depth;
        uint256 maxDiscount;
        uint256 auctionSeconds;
    }

    /// @notice What an auction sold.
    /// @param amountNative {qTok}, of `asset`
    /// @param paymentNative {qTok}, of the settlement token
    /// @param from who pays; it has approved the vault
    /// @param to who gets the collateral
    struct Sale {
        AccountId account;
        address asset;
        uint256 amountNative;
        uint256 paymentNative;
        address from;
        address to;
    }

    /* EVENTS */

    /// @notice Collateral came in. `accountNative` and `totalNative` are what the account and all accounts have of it now. {qTok}
    event CollateralDeposited(
        AccountId indexed account,
        address indexed asset,
        address indexed from,
        uint256 amountNative,
        uint256 accountNative,
        uint256 totalNative
    );
    /// @notice Collateral went out to `to`. {qTok}
    event CollateralWithdrawn(
        AccountId indexed account,
        address indexed asset,
        address indexed to,
        uint256 amountNative,
        uint256 accountNative,
        uint256 totalNative
    );
    /// @notice An auction sold collateral: `repaidUsd` went to the lenders, `restUsd` into the account's cash. {qTok}, D18{USD}
    event CollateralSold(
        AccountId indexed account,
        address indexed asset,
        address indexed to,
        uint256 amountNative,
        uint256 repaidUsd,
        uint256 restUsd,
        uint256 accountNative,
        uint256 debtUsd
    );
    /// @notice An account's debt changed by `deltaUsd`; the others are what it, and all accounts, owe after it, what was written off not counted. D18{USD}
    event DebtChanged(AccountId indexed account, int256 deltaUsd, uint256 debtUsd, uint256 totalDebtUsd);
    /// @notice Debt without collateral left the lenders' assets: their loss, until the account repays it after all. D18{USD}
    /// @param writtenOffUsd what the account owes that counts for nothing
    event DebtWrittenOff(AccountId indexed account, uint256 amountUsd, uint256 writtenOffUsd, uint256 totalDebtUsd);
    /// @notice Debt that had been written off came back after all. D18{USD}
    event WrittenOffRepaid(AccountId indexed account, uint256 amountUsd, uint256 writtenOffUsd);
    /// @notice Losses of an account with collateral were left to others; it owes `deficitUsd` of that to insurance. D18{USD}
    event DeficitOwed(AccountId indexed account, uint256 amountUsd, uint256 deficitUsd);
    /// @notice A part of that was paid to insurance; `deficitUsd` is left. D18{USD}
    event DeficitRepaid(AccountId indexed account, uint256 amountUsd, uint256 deficitUsd);
    /// @notice Interest up to now entered the index. D27{1}, D18{1/year}, D18{USD}
    event InterestAccrued(uint256 index, uint256 rate, uint256 totalDebtUsd);
    /// @notice A collateral's terms were set, for the first time or again.
    event CollateralTermsSet(
        address indexed asset,
        uint256 decimals,
        CollateralTerms oldTerms,
        CollateralTerms newTerms
    );
    /// @notice The interest curve changed.
    event RateTermsSet(RateTerms oldTerms, RateTerms newTerms);
    /// @notice The contract that may sell collateral; it never changes again.
    event AuctionSet(address auction);

    /* ERRORS */

    /// @notice Thrown when the settlement token has more decimals than the vault can account for without rounding.
    error SettlementDecimalsTooMany(uint256 decimals, uint256 highest);
    /// @notice Thrown when a collateral is not listed.
    error CollateralNotListed(address asset);
    /// @notice Thrown when the settlement token is to be listed as collateral, or the limit on listed collaterals is reached.
    error CollateralNotPossible(address asset, uint256 listed, uint256 highest);
    /// @notice Thrown when a token has more decimals than can be converted.
    error CollateralDecimalsTooMany(address asset, uint256 decimals, uint256 highest);
    /// @notice Thrown when an amount of collateral is zero.
    error CollateralAmountZero(AccountId account, address asset);
    /// @notice Thrown when a transfer brought another amount than asked for; tokens that take a fee are not supported. {qTok}
    error CollateralAmountMismatch(address asset, uint256 receivedNative, uint256 expectedNative);
    /// @notice Thrown when a deposit would exceed the collateral's cap. D18{tok}
    error CollateralCapExceeded(address asset, uint256 amount, uint256 cap);
    /// @notice Thrown when an account has less collateral than asked for. {qTok}
    error CollateralTooLow(AccountId account, address asset, uint256 availableNative, uint256 askedNative);
    /// @notice Thrown when the debt would exceed what is lent against the collateral left; repay first. D18{USD}
    error DebtAboveLine(AccountId account, uint256 debtUsd, uint256 valueUsd);
    /// @notice Thrown when collateral is to be withdrawn while losses that others had to meet are owed; repay them first. D18{USD}
    error DeficitUnpaid(AccountId account, uint256 deficitUsd);
    /// @notice Thrown when the caller is not the auction contract.
    error CallerNotAuction(address caller);
    /// @notice Thrown when the auction contract is set a second time, or to nothing.
    error AuctionFixed(address auction);
    /// @notice Thrown when debt is to be written off that still has collateral, or when there is none. D18{USD}
    error NotToWriteOff(AccountId account, uint256 debtUsd, uint256 valueUsd);
    /// @notice Thrown when a term of a collateral is outside its bounds.
    error CollateralTermOutOfBounds(address asset, bytes32 term, uint256 value, uint256 lowest, uint256 highest);
    /// @notice Thrown when a term of the interest curve is outside its bounds. D18{1/year}, D18{1}
    error RateTermOutOfBounds(bytes32 term, uint256 value, uint256 lowest, uint256 highest);

    /* ACCOUNTS */

    /// @notice Deposits collateral of the caller's for an account, while its price is valid.
    /// @dev The caller owns the account, or has a power over it: nobody else can make it one that lives on credit.
    /// @param amountNative {qTok}; what arrives must be exactly that
    function depositCollateral(address asset, uint256 amountNative, AccountId account) external;

    /// @notice Sends collateral to `to`. Afterwards the debt is within the line at valid prices, and the account has its initial margin; needs no price
    /// without debt and positions.
    /// @param amountNative {qTok}
    /// @custom:access the account's owner, or a delegate that may withdraw
    function withdrawCollateral(address asset, uint256 amountNative, AccountId account, address to) external;

    /// @notice Repays an account's debt with the caller's tokens, at most all of it: the lenders first, then insurance what it owes of a deficit.
    /// @param amountNative {qTok} of the settlement token
    /// @return paidNative {qTok}, what was taken
    /// @custom:rounding up, against the caller
    function repay(AccountId account, uint256 amountNative) external returns (uint256 paidNative);

    /// @notice Takes debt without collateral (worth less than `WORTHLESS_USD`) off the lenders' assets, after what the account can spare has repaid as much
    /// as it can. The account keeps owing it, without further interest, and has no line until it is repaid.
    function writeOff(AccountId account) external;

    /// @notice Adds interest up to now to the index.
    function accrue() external;

    /* THE HOUSE */

    /// @notice What an account may draw. `Initial`: at valid prices. `Maintenance`: the last valid price of a silent feed counts too. D18{USD}, rounded down
    function lineOf(AccountId account, MarginKind kind) external view returns (uint256 lineUsd);

    /// @notice Lends as much of `amountUsd` as the line allows; the house then moves that much of the lenders' cash.
    /// @return drawnUsd D18{USD}
    /// @custom:access the house
    function drawFor(AccountId account, uint256 amountUsd) external returns (uint256 drawnUsd);

    /// @notice Takes at most `amountUsd` as repayment; the house then moves what was taken.
    /// @return repaidUsd D18{USD}
    /// @custom:access the house
    function repayFor(AccountId account, uint256 amountUsd) external returns (uint256 repaidUsd);

    /// @notice Notes losses of an account in default that neither its cash nor its line met: its collateral answers for them. Until they are paid to insurance,
    /// by anybody or out of auctions, nothing is lent against that collateral and it stays.
    /// @dev A line can be taken by others first. Without this, an account carried by one could be let fall, and keep its collateral.
    /// @custom:access the house
    function bearDeficit(AccountId account, uint256 amountUsd) external;

    /* THE AUCTION */

    /// @notice Carries out a sale: payment to the lenders as far as there is debt, then to insurance as far as there is a deficit, the rest into the account's
    /// cash, collateral to the taker.
    /// @custom:access the auction contract
    function sell(Sale calldata sale) external;

    /* GOVERNANCE */

    /// @notice Lists a collateral or changes its terms. It stays listed for good; `cap` 0 and shares 0 close it.
    /// @custom:access governor
    function setCollateralTerms(address asset, CollateralTerms calldata newTerms) external;

    /// @notice Sets the interest curve; interest up to now is at the old one.
    /// @custom:access governor
    function setRateTerms(RateTerms calldata newTerms) external;

    /// @notice Says once which contract may sell collateral.
    /// @custom:access governor
    function setAuction(address newAuction) external;

    /* VIEWS */

    /// @notice Account of the house that holds the lenders' cash.
    function lenders() external view returns (AccountId);

    /// @notice The contract that sells collateral; 0 until it is set.
    function auction() external view returns (address);

    /// @notice Cash of the lenders that is not lent. D18{USD}
    function cashUsd() external view returns (uint256);

    /// @notice What all accounts owe, interest up to now included, what was written off not. D18{USD}, rounded down
    function totalDebtUsd() external view returns (uint256);

    /// @notice What an account owes: interest, what was written off and its deficit included. D18{USD}, rounded up
    function debtOf(AccountId account) external view returns (uint256 debtUsd);

    /// @notice Part of `debtOf` that no longer counts as the lenders'. D18{USD}
    function writtenOffOf(AccountId account) external view returns (uint256);

    /// @notice Losses of an account that others had to meet, and that it has not paid insurance since. D18{USD}
    function deficitOf(AccountId account) external view returns (uint256);

    /// @notice What is lent against an account's collateral in all; 0 while it owes a deficit. D18{USD}, rounded down
    function valueOf(AccountId account, MarginKind kind) external view returns (uint256 valueUsd);

    /// @notice How much of an asset an account has deposited. {qTok}
    function collateralOf(AccountId account, address asset) external view returns (uint256 amountNative);

    /// @notice How much of an asset all accounts have deposited. {qTok}
    function totalCollateralOf(address asset) external view returns (uint256 amountNative);

    /// @notice Terms of an asset; all 0 when it is not listed.
    /// @return terms see CollateralTerms
    /// @return assetDecimals of the token
    function collateralTermsOf(
        address asset
    ) external view returns (CollateralTerms memory terms, uint256 assetDecimals);

    /// @notice All listed assets; an account's set of collaterals has the bits of their places.
    function listedCollateral() external view returns (address[] memory);

    /// @notice The interest curve.
    function rateTerms() external view returns (RateTerms memory);

    /// @notice Utilization D18{1} and interest D18{1/year} as they are now, and the index D27{1} up to now.
    function interest() external view returns (uint256 utilization, uint256 rate, uint256 index);
}

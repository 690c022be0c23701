// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ICollateralAuction} from "../interfaces/ICollateralAuction.sol";
import {ICreditVault} from "../interfaces/ICreditVault.sol";
import {ILossWaterfall} from "../interfaces/ILossWaterfall.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {RAY} from "../libraries/CreditMath.sol";
import {TokenUnits} from "../libraries/TokenUnits.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {RateTerms} from "../types/RateTerms.sol";
import {CollateralBook, CollateralData} from "./CollateralBook.sol";
import {DebtBook, DebtData} from "./DebtBook.sol";

/// @title The credit vault
/// @notice Owns the collateral tokens, the shares of its lenders, and the account of the house that holds their cash. It never trades, never holds the
/// settlement token longer than a call, and cannot touch an account's cash but for what the house lets it take as repayment. Donations to the lenders'
/// account are theirs; tokens sent here are nobody's. Invariants: CONS-1, ROUND-1, CREDIT-1 to CREDIT-3.
contract CreditVault is ICreditVault, ERC4626, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using CollateralBook for CollateralData;
    using DebtBook for DebtData;

    /* CONSTANTS */

    /// @notice {s}, for so long after it was published the last valid price of a silent feed still counts for judging health.
    uint256 public constant MAX_PRICE_AGE = CollateralBook.MAX_PRICE_AGE;
    /// @notice D18{USD}, collateral that less is lent against does not keep a debt from being written off.
    uint256 public constant WORTHLESS_USD = 1e18;

    uint256 private constant TRADE = 1;
    uint256 private constant WITHDRAW = 2;
    bytes32 private constant _ORACLE = "oracle";
    bytes32 private constant _INSURANCE = "insurance";
    uint256 private constant HIGHEST_SETTLEMENT_DECIMALS = 18;
    /// @dev Shares have so many decimals more than the settlement token: a donation that robs a first lender of one unit costs a million.
    uint8 private constant SHARE_OFFSET = 6;

    /* IMMUTABLES */

    IClearingHouse public immutable HOUSE;
    uint256 private immutable _DECIMALS;

    /* STORAGE */

    /// @inheritdoc ICreditVault
    address public auction;
    DebtData private _debts;
    CollateralData private _collateral;

    /// @param house whose accounts draw; lenders deposit its settlement token, of at most 18 decimals
    /// @param authority AccessManager that says who governs
    constructor(
        IClearingHouse house,
        address authority,
        string memory name,
        string memory symbol
    ) ERC20(name, symbol) ERC4626(IERC20(house.TOKEN())) AccessManaged(authority) {
        HOUSE = house;
        _DECIMALS = IERC20Metadata(house.TOKEN()).decimals();
        if (_DECIMALS > HIGHEST_SETTLEMENT_DECIMALS) {
            revert SettlementDecimalsTooMany(_DECIMALS, HIGHEST_SETTLEMENT_DECIMALS);
        }
        _debts.index = uint128(RAY);
        _debts.accruedAt = uint40(block.timestamp);
        _debts.kinkUtilization = 0.8e18;
        // The house takes deposits from here; it is immutable, and takes nothing it was not told to.
        IERC20(house.TOKEN()).forceApprove(address(house), type(uint256).max);
    }

    /* ACCOUNTS */

    /// @inheritdoc ICreditVault
    function depositCollateral(address asset, uint256 amountNative, AccountId account) external nonReentrant {
        _requirePower(account, TRADE | WITHDRAW);
        if (!_collateral.terms[asset].isListed) revert CollateralNotListed(asset);
        if (amountNative == 0) revert CollateralAmountZero(account, asset);
        // The last valid price of a feed that has gone counts for a while: nobody may pledge what has become worthless since.
        MarketId priceMarket = _collateral.terms[asset].priceMarket;
        PriceStatus status = _oracle().observe(priceMarket.bit(), Freshness.SameBlock)[0].status;
        if (status != PriceStatus.Valid) revert ICollateralAuction.CollateralPriceNotValid(asset, status);
        uint256 before = IERC20(asset).balanceOf(address(this));
        IERC20(asset).safeTransferFrom(msg.sender, address(this), amountNative);
        uint256 received = IERC20(asset).balanceOf(address(this)) - before;
        if (received != amountNative) revert CollateralAmountMismatch(asset, received, amountNative);

        bool isFirst = !_hasCredit(account);
        (uint256 accountNative, uint256 totalNative) = _collateral.add(account, asset, amountNative);
        if (isFirst) HOUSE.flagCredit(account, true);
        emit CollateralDeposited(account, asset, msg.sender, amountNative, accountNative, totalNative);
    }

    /// @inheritdoc ICreditVault
    function withdrawCollateral(
        address asset,
        uint256 amountNative,
        AccountId account,
        address to
    ) external nonReentrant {
        _requirePower(account, WITHDRAW);
        if (amountNative == 0) revert CollateralAmountZero(account, asset);
        _accrue();
        uint256 deficitUsd = _debts.deficits[account];
        if (deficitUsd != 0) revert DeficitUnpaid(account, deficitUsd);
        (uint256 accountNative, uint256 totalNative) = _collateral.remove(account, asset, amountNative);
        uint256 debtUsd = debtOf(account);
        if (debtUsd != 0) {
            uint256 worthUsd = _observedValueOf(account, Freshness.Latest);
            if (debtUsd > worthUsd) revert DebtAboveLine(account, debtUsd, worthUsd);
        }
        HOUSE.requireCreditMargin(account);
        _unflagIfDone(account);
        emit CollateralWithdrawn(account, asset, to, amountNative, accountNative, totalNative);
        IERC20(asset).safeTransfer(to, amountNative);
    }

    /// @inheritdoc ICreditVault
    function repay(AccountId account, uint256 amountNative) external nonReentrant returns (uint256 paidNative) {
        _accrue();
        uint256 repaidUsd = _debts.repay(account, TokenUnits.toUsdDown(amountNative, _DECIMALS));
        uint256 toLenders = CollateralBook.toNativeUp(repaidUsd, _DECIMALS);
        uint256 toInsurance = _makeGood(account, amountNative - toLenders);
        paidNative = toLenders + toInsurance;
        _unflagIfDone(account);
        _transferIn(msg.sender, toLenders);
        _payInsurance(msg.sender, toInsurance);
    }

    /// @inheritdoc ICreditVault
    function writeOff(AccountId account) external nonReentrant {
        _accrue();
        // What the account can spare repays first.
        HOUSE.repayCredit(account, type(uint256).max);
        uint256 worthUsd = _worthOf(account, MarginKind.Maintenance);
        uint256 scaled = _debts.debts[account].scaled;
        if (scaled == 0 || worthUsd >= WORTHLESS_USD) revert NotToWriteOff(account, debtOf(account), worthUsd);
        _debts.writeOff(account);
    }

    /// @inheritdoc ICreditVault
    function accrue() external {
        _accrue();
    }

    /* THE HOUSE */

    /// @inheritdoc ICreditVault
    function lineOf(AccountId account, MarginKind kind) external view returns (uint256 lineUsd) {
        return _lineOf(account, valueOf(account, kind));
    }

    /// @inheritdoc ICreditVault
    function bearDeficit(AccountId account, uint256 amountUsd) external {
        _requireHouse();
        // An account without collateral has nothing here to answer with.
        if (_collateral.sets[account] != 0) _debts.bear(account, amountUsd);
    }

    /// @inheritdoc ICreditVault
    function drawFor(AccountId account, uint256 amountUsd) external returns (uint256 drawnUsd) {
        _requireHouse();
        _accrue();
        uint256 lineUsd = _lineOf(account, _observedValueOf(account, Freshness.SameBlock));
        drawnUsd = amountUsd < lineUsd ? amountUsd : lineUsd;
        if (drawnUsd != 0) _debts.lend(account, drawnUsd);
    }

    /// @inheritdoc ICreditVault
    function repayFor(AccountId account, uint256 amountUsd) external returns (uint256 repaidUsd) {
        _requireHouse();
        _accrue();
        return _debts.repay(account, amountUsd);
    }

    /* THE AUCTION */

    /// @inheritdoc ICreditVault
    function sell(Sale calldata sale) external nonReentrant {
        if (msg.sender != auction) revert CallerNotAuction(msg.sender);
        _accrue();
        (uint256 accountNative, ) = _collateral.remove(sale.account, sale.asset, sale.amountNative);
        uint256 paymentUsd = TokenUnits.toUsdDown(sale.paymentNative, _DECIMALS);
        uint256 repaidUsd = _debts.repay(sale.account, paymentUsd);
        // At most the payment: that is whole units, and at least what was repaid.
        uint256 toLenders = CollateralBook.toNativeUp(repaidUsd, _DECIMALS);
        uint256 toInsurance = _makeGood(sale.account, sale.paymentNative - toLenders);
        uint256 rest = sale.paymentNative - toLenders - toInsurance;
        _unflagIfDone(sale.account);
        emit CollateralSold({
            account: sale.account,
            asset: sale.asset,
            to: sale.to,
            amountNative: sale.amountNative,
            repaidUsd: repaidUsd,
            restUsd: TokenUnits.toUsdDown(rest, _DECIMALS),
            accountNative: accountNative,
            debtUsd: debtOf(sale.account)
        });
        _transferIn(sale.from, toLenders);
        _payInsurance(sale.from, toInsurance);
        _payIn(sale.from, sale.account, rest);
        IERC20(sale.asset).safeTransfer(sale.to, sale.amountNative);
    }

    /* GOVERNANCE */

    /// @inheritdoc ICreditVault
    function setCollateralTerms(address collateral, CollateralTerms calldata newTerms) external restricted {
        if (collateral == asset()) revert CollateralNotPossible(collateral, 0, 0);
        (CollateralTerms memory oldTerms, uint256 assetDecimals) = _collateral.setTerms(collateral, newTerms);
        emit CollateralTermsSet(collateral, assetDecimals, oldTerms, newTerms);
    }

    /// @inheritdoc ICreditVault
    function setRateTerms(RateTerms calldata newTerms) external restricted {
        _accrue();
        emit RateTermsSet(_debts.termsOf(), newTerms);
        _debts.setTerms(newTerms);
    }

    /// @inheritdoc ICreditVault
    function setAuction(address newAuction) external restricted {
        if (auction != address(0) || newAuction == address(0)) revert AuctionFixed(auction);
        auction = newAuction;
        emit AuctionSet(newAuction);
    }

    /* VIEWS: LENDERS */

    /// @inheritdoc ERC4626
    function totalAssets() public view override(ERC4626, IERC4626) returns (uint256) {
        uint256 cash = cashUsd();
        (, , uint256 index) = _debts.interest(cash);
        return TokenUnits.toNativeDown(cash + _debts.totalDown(index), _DECIMALS);
    }

    /// @inheritdoc ERC4626
    /// @dev As far as there is cash; `maxWithdraw` follows from it.
    function maxRedeem(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        uint256 payable_ = convertToShares(TokenUnits.toNativeDown(cashUsd(), _DECIMALS));
        uint256 shares = balanceOf(owner);
        return shares < payable_ ? shares : payable_;
    }

    /// @inheritdoc ICreditVault
    function lenders() public view returns (AccountId) {
        return accountIdOf(address(this), 0);
    }

    /// @inheritdoc ICreditVault
    function cashUsd() public view returns (uint256) {
        return HOUSE.accountOf(lenders()).cashUsd;
    }

    /// @inheritdoc ICreditVault
    function totalDebtUsd() external view returns (uint256) {
        (, , uint256 index) = _debts.interest(cashUsd());
        return _debts.totalDown(index);
    }

    /// @inheritdoc ICreditVault
    function rateTerms() external view returns (RateTerms memory) {
        return _debts.termsOf();
    }

    /// @inheritdoc ICreditVault
    function interest() external view returns (uint256 utilization, uint256 rate, uint256 index) {
        return _debts.interest(cashUsd());
    }

    /* VIEWS: ACCOUNTS */

    /// @inheritdoc ICreditVault
    function debtOf(AccountId account) public view returns (uint256 debtUsd) {
        (, , uint256 index) = _debts.interest(cashUsd());
        (debtUsd, ) = _debts.owedUp(account, index);
        debtUsd += _debts.deficits[account];
    }

    /// @inheritdoc ICreditVault
    function deficitOf(AccountId account) external view returns (uint256) {
        return _debts.deficits[account];
    }

    /// @inheritdoc ICreditVault
    function writtenOffOf(AccountId account) external view returns (uint256) {
        return _debts.debts[account].writtenOffUsd;
    }

    /// @inheritdoc ICreditVault
    function valueOf(AccountId account, MarginKind kind) public view returns (uint256 valueUsd) {
        // Whoever left losses to others is lent nothing until they are made good.
        return _debts.deficits[account] == 0 ? _worthOf(account, kind) : 0;
    }

    /// @inheritdoc ICreditVault
    function collateralOf(AccountId account, address collateral) external view returns (uint256) {
        return _collateral.amounts[account][collateral];
    }

    /// @inheritdoc ICreditVault
    function totalCollateralOf(address collateral) external view returns (uint256) {
        return _collateral.terms[collateral].totalNative;
    }

    /// @inheritdoc ICreditVault
    function collateralTermsOf(
        address collateral
    ) external view returns (CollateralTerms memory terms, uint256 assetDecimals) {
        return _collateral.termsOf(collateral);
    }

    /// @inheritdoc ICreditVault
    function listedCollateral() external view returns (address[] memory) {
        return _collateral.listed;
    }

    /* INTERNAL: ERC-4626 */

    /// @dev Interest up to now first; the shares were computed with it.
    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override nonReentrant {
        _accrue();
        super._deposit(caller, receiver, assets, shares);
    }

    /// @dev As above.
    function _withdraw(
        address caller,
        address receiver,
        address owner,
        uint256 assets,
        uint256 shares
    ) internal override nonReentrant {
        _accrue();
        super._withdraw(caller, receiver, owner, assets, shares);
    }

    /// @dev Into the lenders' account.
    function _transferIn(address from, uint256 assets) internal override {
        _payIn(from, lenders(), assets);
    }

    /// @dev Out of the lenders' account.
    function _transferOut(address to, uint256 assets) internal override {
        if (assets != 0) HOUSE.withdraw(lenders(), assets, to);
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return SHARE_OFFSET;
    }

    /* INTERNAL */

    /// @dev Through here into an account of the house, which checks that all of it arrives.
    function _payIn(address from, AccountId account, uint256 amountNative) private {
        if (amountNative == 0) return;
        IERC20(asset()).safeTransferFrom(from, address(this), amountNative);
        HOUSE.deposit(account, amountNative);
    }

    /// @dev Takes what an account's deficit asks of a payment. {qTok}
    function _makeGood(AccountId account, uint256 amountNative) private returns (uint256 paidNative) {
        uint256 paidUsd = _debts.makeGood(account, TokenUnits.toUsdDown(amountNative, _DECIMALS));
        return CollateralBook.toNativeUp(paidUsd, _DECIMALS);
    }

    function _payInsurance(address from, uint256 amountNative) private {
        if (amountNative != 0) _payIn(from, accountIdOf(HOUSE.moduleOf(_INSURANCE), 0), amountNative);
    }

    function _accrue() private {
        if (_debts.accruedAt != block.timestamp) _debts.accrue(cashUsd());
    }

    /// @dev max(0, value − debt), at most the lenders' cash. D18{USD}
    function _lineOf(AccountId account, uint256 valueUsd) private view returns (uint256) {
        if (valueUsd == 0) return 0;
        uint256 cash = cashUsd();
        (, , uint256 index) = _debts.interest(cash);
        (uint256 debtUsd, ) = _debts.owedUp(account, index);
        if (debtUsd >= valueUsd) return 0;
        return valueUsd - debtUsd < cash ? valueUsd - debtUsd : cash;
    }

    /// @dev What would be lent against an account's collateral, were there no deficit. D18{USD}
    function _worthOf(AccountId account, MarginKind kind) private view returns (uint256 worthUsd) {
        uint256 markets = _collateral.priceMarketsOf(account);
        if (markets == 0) return 0;
        return _collateral.valueDown(account, markets, _oracle().peek(markets), kind);
    }

    /// @dev What is lent against an account's collateral at valid prices, observed now. D18{USD}
    function _observedValueOf(AccountId account, Freshness freshness) private returns (uint256) {
        if (_debts.deficits[account] != 0) return 0;
        uint256 markets = _collateral.priceMarketsOf(account);
        if (markets == 0) return 0;
        Price[] memory prices = _oracle().observe(markets, freshness);
        return _collateral.valueDown(account, markets, prices, MarginKind.Initial);
    }

    function _oracle() private view returns (IOracleRouter) {
        return IOracleRouter(HOUSE.moduleOf(_ORACLE));
    }

    /// @dev Whether the account has anything to do with credit.
    function _hasCredit(AccountId account) private view returns (bool) {
        return
            _collateral.sets[account] != 0 ||
            _debts.debts[account].scaled != 0 ||
            _debts.debts[account].writtenOffUsd != 0 ||
            _debts.deficits[account] != 0;
    }

    /// @dev The house need not ask for an account that has neither collateral nor debt.
    function _unflagIfDone(AccountId account) private {
        if (!_hasCredit(account)) HOUSE.flagCredit(account, false);
    }

    function _requirePower(AccountId account, uint256 powers) private view {
        if (msg.sender == account.owner() || HOUSE.powersOf(account, msg.sender) & powers != 0) return;
        revert IClearingHouse.NotAuthorized(account, msg.sender, powers);
    }

    function _requireHouse() private view {
        if (msg.sender != address(HOUSE)) revert ILossWaterfall.CallerNotHouse(msg.sender, address(HOUSE));
    }
}

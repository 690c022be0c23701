// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {ITakeOverCallback} from "../interfaces/ITakeOverCallback.sol";
import {AccountId} from "../types/AccountId.sol";
import {CoverageLevel} from "../types/CoverageLevel.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind, Portfolio} from "../types/Portfolio.sol";
import {Accounts} from "./Accounts.sol";
import {Cash} from "./Cash.sol";
import {CoveragePath} from "./CoveragePath.sol";
import {CreditPath, RepayScope} from "./CreditPath.sol";
import {DefaultPath} from "./DefaultPath.sol";
import {Governing} from "./Governing.sol";
import {HouseState} from "./HouseState.sol";
import {HouseViews} from "./HouseViews.sol";
import {InventoryPath} from "./InventoryPath.sol";
import {LiquidationMatchPath} from "./LiquidationMatchPath.sol";
import {LiquidationPath} from "./LiquidationPath.sol";
import {LossTiers} from "./LossTiers.sol";
import {Markets} from "./Markets.sol";
import {MatchPath} from "./MatchPath.sol";
import {Reconciliation} from "./Reconciliation.sol";
import {PullScope} from "./Settlement.sol";
import {SettlementPath} from "./SettlementPath.sol";
import {TakeOverPath} from "./TakeOverPath.sol";
import {TakeOvers} from "./TakeOvers.sol";
import {Trading} from "./Trading.sol";
import {WindDownPath} from "./WindDownPath.sol";
import {AccountHeader} from "./Words.sol";

/// @title ClearingHouse
/// @notice See IClearingHouse. Owns every token, account and position; never quotes, never judges risk, never reads a feed itself.
///
/// Each entry point has the same rhythm: check the caller → observe prices and apply events → plan → write → check margin → emit → move tokens.
/// Invariants: CONS-1, CONS-2, CONS-3, CASH-1, SENIOR-1, PAID-1, SOC-1, RING-1 (docs/invariants).
/// @dev Immutable. The pieces it is made of are libraries over one storage struct; those that act or read a lot are linked because of the size limit.
contract ClearingHouse is IClearingHouse, AccessManaged, ReentrancyGuardTransient, EIP712, Multicall {
    using Accounts for AccountHeader;

    /// @dev Power bits of a delegate.
    uint256 private constant TRADE = 1;
    uint256 private constant WITHDRAW = 2;
    /// @dev D18{USD}: in cents it fits a header.
    uint256 private constant MAX_LIQUIDATION_DEPOSIT = 650e18;
    bytes32 private constant DELEGATION_TYPEHASH = keccak256(
        "Delegation(uint256 account,address delegate,uint256 powers,uint256 nonce,uint256 deadline)"
    );

    /// @inheritdoc IClearingHouse
    address public immutable TOKEN;
    /// @inheritdoc IClearingHouse
    uint256 public immutable LIQUIDATION_DEPOSIT;
    uint8 private immutable _DECIMALS;

    HouseState private _state;

    /// @param token the settlement token; it neither takes fees on transfers nor rebases
    /// @param authority AccessManager that says who governs
    /// @param liquidationDepositUsd D18{USD}, at most 650 USD, whole cents
    constructor(
        address token,
        address authority,
        uint256 liquidationDepositUsd
    ) AccessManaged(authority) EIP712("Breakwater", "1") {
        if (liquidationDepositUsd > MAX_LIQUIDATION_DEPOSIT || liquidationDepositUsd % Accounts.CENT != 0) {
            revert TermsOutOfBounds("liquidationDeposit", liquidationDepositUsd, 0, MAX_LIQUIDATION_DEPOSIT);
        }
        TOKEN = token;
        LIQUIDATION_DEPOSIT = liquidationDepositUsd;
        _DECIMALS = IERC20Metadata(token).decimals();
    }

    /* USERS */

    /// @inheritdoc IClearingHouse
    function deposit(AccountId account, uint256 amountNative) external nonReentrant {
        uint256 amountUsd = Cash.toUsdDown(amountNative, _DECIMALS);
        if (amountUsd == 0) revert AmountZero(account);
        if (account.owner() == address(this)) revert SystemAccount(account);
        AccountHeader memory header = Accounts.load(_state, account);
        header.addCash(amountUsd);
        header.bump();
        Accounts.store(_state, account, header);
        _state.ledger += amountUsd;
        emit Deposited(account, msg.sender, amountUsd, header.cash, header.version);
        Cash.pull(IERC20(TOKEN), msg.sender, amountNative);
    }

    /// @inheritdoc IClearingHouse
    function withdraw(AccountId account, uint256 amountNative, address to) external nonReentrant {
        _requirePower(account, WITHDRAW);
        uint256 amountUsd = Cash.toUsdUp(amountNative, _DECIMALS);
        if (amountUsd == 0) revert AmountZero(account);
        AccountHeader memory header = SettlementPath.takeFree(_state, account, amountUsd);
        _state.ledger -= amountUsd;
        emit Withdrawn(account, to, amountUsd, header.cash, header.version);
        Cash.push(IERC20(TOKEN), to, amountNative);
    }

    /// @inheritdoc IClearingHouse
    function setDelegate(AccountId account, address delegate, uint256 powers) external {
        if (msg.sender != account.owner()) revert NotAuthorized(account, msg.sender, powers);
        _setDelegate(account, delegate, powers);
    }

    /// @inheritdoc IClearingHouse
    function setDelegateBySignature(
        AccountId account,
        address delegate,
        uint256 powers,
        uint256 deadline,
        bytes calldata signature
    ) external {
        if (block.timestamp > deadline) revert SignatureExpired(deadline, block.timestamp);
        uint256 nonce = _state.nonces[account]++;
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(DELEGATION_TYPEHASH, account, delegate, powers, nonce, deadline))
        );
        if (!SignatureChecker.isValidSignatureNowCalldata(account.owner(), digest, signature)) {
            revert SignatureInvalid(account.owner());
        }
        _setDelegate(account, delegate, powers);
    }

    /// @inheritdoc IClearingHouse
    function settle(AccountId[] calldata accounts) external nonReentrant {
        for (uint256 i; i < accounts.length; ++i) {
            PullScope scope = _hasPower(accounts[i], TRADE | WITHDRAW) ? PullScope.All : PullScope.Standing;
            SettlementPath.settle(_state, accounts[i], scope);
        }
    }

    /// @inheritdoc IClearingHouse
    function touch(AccountId account, MarketId market, uint256 maxEvents) external nonReentrant {
        SettlementPath.touch(_state, account, market, maxEvents);
    }

    /// @inheritdoc IClearingHouse
    function claimRefunds(
        AccountId account,
        MarketId market,
        uint256 maxRecords
    ) external nonReentrant returns (uint256 refundedUsd) {
        return SettlementPath.claimRefunds(_state, account, market, maxRecords);
    }

    /* CREDIT */

    /// @inheritdoc IClearingHouse
    function drawCredit(AccountId account, uint256 amountUsd) external nonReentrant {
        _requirePower(account, WITHDRAW);
        CreditPath.draw(_state, account, amountUsd);
    }

    /// @inheritdoc IClearingHouse
    function repayCredit(AccountId account, uint256 amountUsd) external nonReentrant returns (uint256 repaidUsd) {
        RepayScope scope = _hasPower(account, WITHDRAW) ? RepayScope.Free : RepayScope.Spare;
        return CreditPath.repay(_state, account, amountUsd, scope);
    }

    /// @inheritdoc IClearingHouse
    function flagCredit(AccountId account, bool hasCredit) external nonReentrant {
        CreditPath.flag(_state, account, hasCredit);
    }

    /// @inheritdoc IClearingHouse
    function requireCreditMargin(AccountId account) external nonReentrant {
        CreditPath.requireMargin(_state, account);
    }

    /* VENUES */

    /// @inheritdoc IClearingHouse
    function trade(TradeRequest calldata request) external nonReentrant returns (uint256 price, uint256 feeUsd) {
        _requireVenueOf(request.account);
        _requireUserAccount(request.keeper);
        return Trading.trade(_state, request, LIQUIDATION_DEPOSIT);
    }

    /// @inheritdoc IClearingHouse
    function matchOrders(
        MatchRequest calldata request
    ) external nonReentrant returns (uint256 makerFeeUsd, uint256 takerFeeUsd) {
        _requireVenueOf(request.maker);
        _requireVenueOf(request.taker);
        _requirePair(request.maker, request.taker);
        return MatchPath.matchOrders(_state, request, LIQUIDATION_DEPOSIT);
    }

    /// @inheritdoc IClearingHouse
    function liquidateAgainst(
        LiquidationMatch calldata request
    ) external nonReentrant returns (ILiquidationEngine.Plan memory plan) {
        _requireVenueOf(request.maker);
        _requirePair(request.maker, request.account);
        _requireUserAccount(request.keeper);
        return LiquidationMatchPath.liquidateAgainst(_state, request, LIQUIDATION_DEPOSIT);
    }

    /* KEEPERS */

    /// @inheritdoc IClearingHouse
    function liquidate(
        AccountId account,
        MarketId market,
        AccountId keeper
    ) external nonReentrant returns (ILiquidationEngine.Plan memory plan) {
        _requireUserAccount(keeper);
        return LiquidationPath.liquidate(_state, account, market, keeper);
    }

    /// @inheritdoc IClearingHouse
    function liquidateBatch(
        LiquidationItem[] calldata items,
        AccountId keeper
    ) external nonReentrant returns (ILiquidationEngine.PlanCode[] memory codes) {
        _requireUserAccount(keeper);
        return LiquidationPath.liquidateBatch(_state, items, keeper);
    }

    /// @inheritdoc IClearingHouse
    function mark(AccountId[] calldata accounts) external nonReentrant returns (bool[] memory isMarked) {
        return SettlementPath.mark(_state, accounts);
    }

    /// @inheritdoc IClearingHouse
    function takeOver(TakeOverRequest calldata request) external returns (ILiquidationEngine.TakeOverPlan memory plan) {
        _requireTaker(request.taker, request.deadline);
        if (request.data.length != 0) {
            plan = HouseViews.previewTakeOver(_state, request.account, request.market, request.maxSize);
            if (TakeOvers.acts(plan.code)) {
                ITakeOverCallback(msg.sender).onTakeOver(request.account, request.market, plan, request.data);
            }
        }
        return _takeOver(request);
    }

    /// @inheritdoc IClearingHouse
    function takeOverWhole(
        TakeOverWholeRequest calldata request
    ) external returns (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts) {
        _requireTaker(request.taker, request.deadline);
        if (request.data.length != 0) {
            (total, parts) = HouseViews.previewTakeOverWhole(_state, request.account);
            if (TakeOvers.acts(total.code)) {
                ITakeOverCallback(msg.sender).onTakeOverWhole(request.account, total, parts, request.data);
            }
        }
        return _takeOverWhole(request);
    }

    /// @inheritdoc IClearingHouse
    function resolve(AccountId account, AccountId[] calldata losers, AccountId keeper) external nonReentrant {
        if (account.owner() == address(this)) revert SystemAccount(account);
        _requireUserAccount(keeper);
        DefaultPath.resolve(_state, account, losers, keeper);
    }

    /// @inheritdoc IClearingHouse
    function unwind(MarketId market) external nonReentrant returns (int256 sizeDelta) {
        return InventoryPath.unwind(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function tearUp(MarketId market) external nonReentrant {
        InventoryPath.tearUp(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function tearUpPool(MarketId market) external nonReentrant returns (ILiquidationEngine.PoolPlan memory plan) {
        return InventoryPath.tearUpPool(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function distribute(MarketId market) external nonReentrant {
        LossTiers.distribute(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function bookLoss(MarketId market) external nonReentrant {
        DefaultPath.bookLoss(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function noteOutage(MarketId market) external nonReentrant {
        WindDownPath.noteOutage(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function windDown(MarketId market) external nonReentrant {
        WindDownPath.windDown(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function refreshCoverage(MarketId market) external nonReentrant returns (CoverageLevel level) {
        return CoveragePath.refresh(_state, market);
    }

    /* GOVERNANCE */

    /// @inheritdoc IClearingHouse
    function listMarket(MarketId market, MarketTerms calldata terms) external restricted {
        Governing.listMarket(_state, market, terms);
    }

    /// @inheritdoc IClearingHouse
    function setMarketTerms(MarketId market, MarketTerms calldata terms) external restricted {
        Governing.setMarketTerms(_state, market, terms);
    }

    /// @inheritdoc IClearingHouse
    function setMarketMode(MarketId market, MarketMode mode) external restricted {
        Governing.setMarketMode(_state, market, mode);
    }

    /// @inheritdoc IClearingHouse
    function announceWindDown(MarketId market, uint256 newPrice) external restricted {
        WindDownPath.announce(_state, market, newPrice);
    }

    /// @inheritdoc IClearingHouse
    function cancelWindDown(MarketId market) external restricted {
        WindDownPath.cancel(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function setModule(bytes32 module, address newAddress) external restricted {
        Governing.setModule(_state, module, newAddress);
    }

    /// @inheritdoc IClearingHouse
    function setBackstopShare(uint256 newShare) external restricted {
        Governing.setBackstopShare(_state, newShare);
    }

    /// @inheritdoc IClearingHouse
    function setVenue(address venue, bool listed) external restricted {
        _state.venues[venue] = listed;
        emit VenueSet(venue, listed);
    }

    /* VIEWS */

    /// @inheritdoc IClearingHouse
    function moduleOf(bytes32 module) external view returns (address) {
        return Governing.moduleOf(_state, module);
    }

    /// @inheritdoc IClearingHouse
    function isVenue(address venue) external view returns (bool) {
        return _state.venues[venue];
    }

    /// @inheritdoc IClearingHouse
    function powersOf(AccountId account, address delegate) external view returns (uint256) {
        return _state.powers[account][delegate];
    }

    /// @inheritdoc IClearingHouse
    function nonceOf(AccountId account) external view returns (uint256) {
        return _state.nonces[account];
    }

    /// @inheritdoc IClearingHouse
    function listedMarkets() external view returns (uint256) {
        return _state.listed;
    }

    /// @inheritdoc IClearingHouse
    function termsOf(MarketId market) external view returns (MarketTerms memory) {
        return HouseViews.termsOf(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function modeOf(MarketId market) external view returns (MarketMode) {
        return Markets.modeOf(_state.markets[market]);
    }

    /// @inheritdoc IClearingHouse
    function marketOf(MarketId market) external view returns (MarketState memory) {
        return HouseViews.marketOf(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function eventOf(MarketId market, uint256 number) external view returns (MarketEventState memory) {
        return HouseViews.eventOf(_state, market, number);
    }

    /// @inheritdoc IClearingHouse
    function accountOf(AccountId account) external view returns (AccountState memory) {
        return HouseViews.accountOf(_state, account);
    }

    /// @inheritdoc IClearingHouse
    function positionOf(AccountId account, MarketId market) external view returns (PositionState memory) {
        return HouseViews.positionOf(_state, account, market);
    }

    /// @inheritdoc IClearingHouse
    function portfolioOf(AccountId account, MarginKind kind) external view returns (Portfolio memory) {
        return HouseViews.portfolioOf(_state, account, kind);
    }

    /// @inheritdoc IClearingHouse
    function marginOf(
        AccountId account,
        MarginKind kind
    ) external view returns (int256 equityUsd, uint256 requiredUsd) {
        return HouseViews.marginOf(_state, account, kind);
    }

    /// @inheritdoc IClearingHouse
    function freeCashOf(AccountId account) external view returns (uint256) {
        return HouseViews.freeCashOf(_state, account);
    }

    /// @inheritdoc IClearingHouse
    function previewLiquidation(
        AccountId account,
        MarketId market
    ) external view returns (ILiquidationEngine.Plan memory) {
        return HouseViews.previewLiquidation(_state, account, market);
    }

    /// @inheritdoc IClearingHouse
    function distressOf(AccountId account) external view returns (DistressState memory) {
        return HouseViews.distressOf(_state, account);
    }

    /// @inheritdoc IClearingHouse
    function totalShortfallUsd() external view returns (uint256) {
        return _state.shortfall;
    }

    /// @inheritdoc IClearingHouse
    function previewTakeOver(
        AccountId account,
        MarketId market,
        uint256 maxSize
    ) external view returns (ILiquidationEngine.TakeOverPlan memory) {
        return HouseViews.previewTakeOver(_state, account, market, maxSize);
    }

    /// @inheritdoc IClearingHouse
    function previewBackstop(
        AccountId account,
        MarketId market,
        uint256 maxSize
    ) external view returns (ILiquidationEngine.TakeOverPlan memory) {
        return HouseViews.previewBackstop(_state, account, market, maxSize);
    }

    /// @inheritdoc IClearingHouse
    function backstopShare() external view returns (uint256) {
        return Governing.backstopShareOf(_state);
    }

    /// @inheritdoc IClearingHouse
    function previewTakeOverWhole(
        AccountId account
    )
        external
        view
        returns (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts)
    {
        return HouseViews.previewTakeOverWhole(_state, account);
    }

    /// @inheritdoc IClearingHouse
    function previewTearUpPool(MarketId market) external view returns (ILiquidationEngine.PoolPlan memory) {
        return HouseViews.previewTearUpPool(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function previewPacing(
        AccountId account,
        MarketId market
    ) external view returns (ILiquidationEngine.Pacing memory) {
        return HouseViews.previewPacing(_state, account, market);
    }

    /// @inheritdoc IClearingHouse
    function previewInventory(MarketId market) external view returns (InventoryState memory) {
        return HouseViews.previewInventory(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function previewCover(MarketId market, uint256 deficitUsd) external view returns (TierCover[4] memory) {
        return LossTiers.preview(_state, market, deficitUsd);
    }

    /// @inheritdoc IClearingHouse
    function trancheOf(MarketId market) external view returns (TrancheState memory) {
        return LossTiers.trancheOf(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function previewTrade(MarketId market, int256 sizeDelta) external view returns (uint256 price, uint256 feeUsd) {
        return HouseViews.previewTrade(_state, market, sizeDelta);
    }

    /// @inheritdoc IClearingHouse
    function previewMatch(
        MarketId market,
        int256 sizeDelta,
        uint256 price
    ) external view returns (uint256 makerFeeUsd, uint256 takerFeeUsd, int256 takerEdgeUsd) {
        return HouseViews.previewMatch(_state, market, sizeDelta, price);
    }

    /// @inheritdoc IClearingHouse
    function previewLiquidationMatch(
        AccountId account,
        MarketId market,
        int256 makerSizeDelta,
        uint256 price
    ) external view returns (ILiquidationEngine.Plan memory) {
        return HouseViews.previewLiquidationMatch(_state, account, market, makerSizeDelta, price);
    }

    /// @inheritdoc IClearingHouse
    function windDownOf(MarketId market) external view returns (WindDownState memory) {
        return WindDownPath.ofMarket(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function woundDownMarkets() external view returns (uint256) {
        return _state.woundDown;
    }

    /// @inheritdoc IClearingHouse
    function reconciliationOf(MarketId market) external view returns (MarketReconciliation memory) {
        return Reconciliation.ofMarket(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function reconciliation() external view returns (HouseReconciliation memory) {
        return Reconciliation.ofHouse(_state, IERC20(TOKEN), _DECIMALS);
    }

    /// @inheritdoc IClearingHouse
    function coverageOf(MarketId market) external view returns (CoverageState memory) {
        return CoveragePath.coverageOf(_state, market);
    }

    /// @inheritdoc IClearingHouse
    function standingOf(AccountId account) external view returns (uint256 goodDays) {
        return CoveragePath.standingOf(_state, account);
    }

    /// @inheritdoc IClearingHouse
    function systemAccountOf(MarketId market, uint256 kind) external view returns (AccountId) {
        return Markets.systemAccount(market, kind);
    }

    /* INTERNAL */

    /// @dev The caller is a listed venue that the account lets trade for it.
    function _requireVenueOf(AccountId account) internal view {
        if (!_state.venues[msg.sender]) revert CallerNotVenue(msg.sender);
        if (_state.powers[account][msg.sender] & TRADE == 0) revert NotAuthorized(account, msg.sender, TRADE);
    }

    function _requirePair(AccountId maker, AccountId other) internal view {
        _requireUserAccount(maker);
        _requireUserAccount(other);
        if (maker == other) revert SelfMatch(maker);
    }

    /// @dev The part of a take-over that no callback sees: from here on the house is locked.
    function _takeOver(
        TakeOverRequest calldata request
    ) internal nonReentrant returns (ILiquidationEngine.TakeOverPlan memory) {
        return TakeOverPath.takeOver(_state, request, LIQUIDATION_DEPOSIT);
    }

    function _takeOverWhole(
        TakeOverWholeRequest calldata request
    )
        internal
        nonReentrant
        returns (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts)
    {
        return TakeOverPath.takeOverWhole(_state, request, LIQUIDATION_DEPOSIT);
    }

    function _requireTaker(AccountId taker, uint256 deadline) internal view {
        _requirePower(taker, TRADE);
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
    }

    function _requireUserAccount(AccountId account) internal view {
        if (account.owner() == address(this)) revert SystemAccount(account);
    }

    function _setDelegate(AccountId account, address delegate, uint256 powers) internal {
        if (powers > (TRADE | WITHDRAW)) revert PowersUnknown(powers);
        _state.powers[account][delegate] = powers;
        emit DelegateSet(account, delegate, powers);
    }

    /// @dev The owner has every power; a delegate has any of those asked for.
    function _hasPower(AccountId account, uint256 powers) internal view returns (bool) {
        return msg.sender == account.owner() || _state.powers[account][msg.sender] & powers != 0;
    }

    function _requirePower(AccountId account, uint256 power) internal view {
        if (!_hasPower(account, power)) revert NotAuthorized(account, msg.sender, power);
    }
}

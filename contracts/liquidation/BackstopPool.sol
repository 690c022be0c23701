// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBackstopPool} from "../interfaces/IBackstopPool.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {ShareMath} from "../libraries/ShareMath.sol";
import {TokenUnits} from "../libraries/TokenUnits.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {StakedShares} from "../solvency/StakedShares.sol";
import {BackstopHistory, History} from "./BackstopHistory.sol";
import {BackstopParameters, StoredBackstopTerms} from "./BackstopParameters.sol";
import {BackstopRule, BidContext} from "./BackstopRule.sol";
import {BackstopValue, BackstopWorth} from "./BackstopValue.sol";

/// @title The backstop pool
/// @notice See IBackstopPool. Owns its account of the house, its terms and its history. It trades for its own account only: towards zero through the pool's price, away from
/// zero by take-overs that the house plans. Nothing is priced by a token balance (CONS-1); nothing rounds for the actor (ROUND-1).
contract BackstopPool is IBackstopPool, ERC4626, StakedShares, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using BackstopHistory for History;
    using BackstopParameters for StoredBackstopTerms;

    /* TYPES */

    /// @dev One slot: whole epochs since 1970, D18{USD}.
    struct Taken {
        uint32 epoch;
        uint128 amountUsd;
    }

    /* CONSTANTS */

    /// @notice {s}, age of the oldest price that anybody enters or leaves at.
    uint256 public constant MAX_PRICE_AGE_SECONDS = 2 minutes;
    /// @notice {s}, time over which takes are capped.
    uint256 public constant EPOCH_SECONDS = 1 days;
    /// @notice D18{USD}, equity up to which deposits are taken.
    uint256 public constant HIGHEST_EQUITY_USD = 1_000_000_000e18;
    /// @notice D18{1}
    uint256 public constant LOWEST_LEVERAGE = 0.1e18;
    uint256 public constant HIGHEST_LEVERAGE = 10e18;

    /// @dev Newest charges per market whose refunds are claimed before the account is valued.
    uint256 private constant MAX_REFUNDS = 16;
    /// @dev Power to trade for an account.
    uint256 private constant TRADE = 1;
    bytes32 private constant _ORACLE = "oracle";

    /* IMMUTABLES */

    IClearingHouse public immutable HOUSE;
    uint256 private immutable _TOKEN_DECIMALS;

    /* STORAGE */

    /// @inheritdoc IBackstopPool
    uint256 public maxLeverage = WAD;
    /// @dev Set of markets the pool ever took in.
    uint256 private _joined;
    mapping(MarketId market => StoredBackstopTerms terms) private _terms;
    mapping(MarketId market => Taken taken) private _taken;
    History private _history;

    /// @param house whose settlement token is staked
    /// @param authority AccessManager that says who governs
    constructor(
        IClearingHouse house,
        address authority,
        string memory name,
        string memory symbol
    ) ERC20(name, symbol) ERC4626(IERC20(house.TOKEN())) AccessManaged(authority) {
        HOUSE = house;
        _TOKEN_DECIMALS = IERC20Metadata(house.TOKEN()).decimals();
        // As a venue the pool trades for its own account only: nobody else gives it the power.
        house.setDelegate(account(), address(this), TRADE);
        // The house takes deposits from here; it is immutable, and takes nothing it was not told to.
        IERC20(house.TOKEN()).forceApprove(address(house), type(uint256).max);
    }

    /* ENTERING */

    /// @inheritdoc ERC4626
    function deposit(uint256 assets, address receiver) public override nonReentrant returns (uint256 shares) {
        BackstopWorth memory worth = _openFresh();
        shares = _sharesFor(assets, worth.equityUsd);
        _enter(worth.equityUsd, assets, shares, receiver);
    }

    /// @inheritdoc ERC4626
    function mint(uint256 shares, address receiver) public override nonReentrant returns (uint256 assets) {
        BackstopWorth memory worth = _openFresh();
        assets = _costOf(shares, worth.equityUsd);
        _enter(worth.equityUsd, assets, shares, receiver);
    }

    function _enter(int256 equityUsd, uint256 assets, uint256 shares, address receiver) private {
        if (_isDepleted(equityUsd)) revert BackstopDepleted(equityUsd, totalSupply());
        uint256 amountUsd = TokenUnits.toUsdDown(assets, _TOKEN_DECIMALS);
        if (assets == 0 || shares == 0) revert AmountTooSmall(assets, shares);
        if (amountUsd > _roomUsd(equityUsd)) {
            uint256 most = TokenUnits.toNativeDown(_roomUsd(equityUsd), _TOKEN_DECIMALS);
            revert ERC4626ExceededMaxDeposit(receiver, assets, most);
        }
        if (totalSupply() == 0 && equityUsd > 0) {
            _mint(address(this), uint256(equityUsd));
            emit SharesLocked(uint256(equityUsd));
        }
        _mint(receiver, shares);
        _history.book(equityUsd);
        _history.flow(amountUsd.toInt());
        _history.record(totalSupply());
        emit Deposit(msg.sender, receiver, assets, shares);
        _payIn(HOUSE, IERC20(asset()), assets);
    }

    /* LEAVING */

    /// @inheritdoc ERC4626
    function redeem(
        uint256 shares,
        address receiver,
        address owner
    ) public override nonReentrant returns (uint256 assets) {
        BackstopWorth memory worth = _openFresh();
        assets = TokenUnits.toNativeDown(
            ShareMath.worthDown(shares, worth.redeemableUsd, totalSupply()),
            _TOKEN_DECIMALS
        );
        _leave(worth, assets, shares, receiver, owner);
    }

    /// @inheritdoc ERC4626
    function withdraw(
        uint256 assets,
        address receiver,
        address owner
    ) public override nonReentrant returns (uint256 shares) {
        BackstopWorth memory worth = _openFresh();
        if (worth.redeemableUsd == 0) revert ERC4626ExceededMaxWithdraw(owner, assets, 0);
        shares = ShareMath.burnUp(TokenUnits.toUsdUp(assets, _TOKEN_DECIMALS), worth.redeemableUsd, totalSupply());
        _leave(worth, assets, shares, receiver, owner);
    }

    function _leave(
        BackstopWorth memory worth,
        uint256 assets,
        uint256 shares,
        address receiver,
        address owner
    ) private {
        _requireNothingOpen();
        _leaveCooldown(owner, shares);
        if (assets == 0 || shares == 0) revert AmountTooSmall(assets, shares);
        uint256 amountUsd = TokenUnits.toUsdUp(assets, _TOKEN_DECIMALS);
        uint256 payableUsd = _payableUsd(worth);
        if (amountUsd > payableUsd) {
            uint256 most = TokenUnits.toNativeDown(payableUsd, _TOKEN_DECIMALS);
            revert ERC4626ExceededMaxWithdraw(owner, assets, most);
        }
        if (msg.sender != owner) _spendAllowance(owner, msg.sender, shares);
        _burn(owner, shares);
        _history.book(worth.equityUsd);
        _history.flow(-amountUsd.toInt());
        _history.record(totalSupply());
        emit Withdraw(msg.sender, receiver, owner, assets, shares);
        HOUSE.withdraw(account(), assets, receiver);
    }

    /* TAKING AND CLOSING */

    /// @inheritdoc IBackstopPool
    function take(
        AccountId from,
        MarketId market
    ) external nonReentrant returns (ILiquidationEngine.TakeOverPlan memory plan) {
        _settle(market.bit());
        BackstopWorth memory worth = _worth();
        _history.book(worth.equityUsd);
        Bid memory bid = BackstopRule.bidFor(_terms, _contextOf(market, worth), from, market);
        if (bid.refusal != BidRefusal.None) revert BidRefused(from, market, bid.refusal, bid.plan.code);

        plan = HOUSE.takeOver(
            IClearingHouse.TakeOverRequest({
                account: from,
                market: market,
                taker: account(),
                maxSize: bid.plan.takeSize,
                limitPrice: bid.plan.price,
                deadline: block.timestamp,
                expectedVersion: 0,
                data: ""
            })
        );
        // What the house did is what it planned, or nothing.
        if (plan.takeSize == 0) revert BidRefused(from, market, BidRefusal.Plan, plan.code);
        uint256 price = _oracle().peek(market.bit())[0].price;
        uint256 takenUsd = takenInEpoch(market) + plan.takeSize.mulWadUp(price);
        _taken[market] = Taken({epoch: (block.timestamp / EPOCH_SECONDS).toUint32(), amountUsd: takenUsd.toUint128()});
        emit BackstopTook(from, market, plan.takeSize, plan.price, plan.discountUsd, takenUsd);
        _record(_worth());
    }

    /// @inheritdoc IBackstopPool
    function unwind(MarketId market) external nonReentrant returns (int256 sizeDelta) {
        uint256 price = _oracle().observe(market.bit(), Freshness.Latest)[0].price;
        int256 size = HOUSE.positionOf(account(), market).size;
        if (size == 0) revert NothingHeld(market);
        BackstopTerms memory terms = backstopTermsOf(market);
        uint256 allowedAt = _nextSliceAt(market);
        if (block.timestamp < allowedAt) revert SliceTooEarly(market, allowedAt, block.timestamp);
        sizeDelta = BackstopRule.sliceOf(_terms, HOUSE, market, size, price);
        if (sizeDelta == 0) {
            int256 skew = BackstopRule.skewOf(HOUSE.marketOf(market));
            int256 ratio = skew.mulDivFloor(int256(WAD), HOUSE.termsOf(market).skewScale);
            revert SliceTooCostly(market, ratio, terms.unwindTolerance);
        }
        _terms[market].unwoundAt = uint40(block.timestamp);
        (uint256 paid, uint256 feeUsd) = HOUSE.trade(
            IClearingHouse.TradeRequest({
                account: account(),
                market: market,
                sizeDelta: sizeDelta,
                limitPrice: BackstopRule.limitPriceOf(sizeDelta, price, terms.unwindTolerance),
                spread: 0,
                reduceOnly: true,
                keeper: account(),
                keeperFeeUsd: 0
            })
        );
        emit BackstopUnwound(market, sizeDelta, paid, feeUsd, size + sizeDelta);
        // A market elsewhere without a price keeps the pool from telling what it is worth, not from closing.
        BackstopWorth memory worth = _worth();
        if (worth.pricesValid) {
            _record(worth);
        }
    }

    /// @inheritdoc IBackstopPool
    function checkpoint() external nonReentrant {
        _settle(0);
        _record(_worth());
    }

    /* GOVERNANCE */

    /// @inheritdoc IBackstopPool
    function setBackstopTerms(MarketId market, BackstopTerms calldata newTerms) external restricted {
        BackstopTerms memory oldTerms = backstopTermsOf(market);
        _terms[market].write(market, newTerms);
        emit BackstopTermsSet(market, oldTerms, backstopTermsOf(market));
    }

    /// @inheritdoc IBackstopPool
    function setMaxLeverage(uint256 newLeverage) external restricted {
        if (newLeverage < LOWEST_LEVERAGE || newLeverage > HIGHEST_LEVERAGE) {
            revert LeverageOutOfBounds(newLeverage, LOWEST_LEVERAGE, HIGHEST_LEVERAGE);
        }
        emit MaxLeverageSet(maxLeverage, newLeverage);
        maxLeverage = newLeverage;
    }

    /* VIEWS */

    /// @inheritdoc IBackstopPool
    function account() public view returns (AccountId) {
        return accountIdOf(address(this), 0);
    }

    /// @notice 18: a share is minted at one USD at first.
    function decimals() public pure override(ERC20, ERC4626) returns (uint8) {
        return 18;
    }

    /// @notice {qTok}, the pool's equity, gains in full.
    function totalAssets() public view override nonReentrantView returns (uint256) {
        return TokenUnits.toNativeDown(_worth().equityUsd.positivePart(), _TOKEN_DECIMALS);
    }

    /// @notice D18{share} at equity per share, both limits and what leaving would cost aside.
    function convertToShares(uint256 assets) public view override nonReentrantView returns (uint256) {
        uint256 amountUsd = TokenUnits.toUsdDown(assets, _TOKEN_DECIMALS);
        return ShareMath.mintDown(amountUsd, _worth().equityUsd.positivePart(), totalSupply());
    }

    /// @notice {qTok} at equity per share, both limits and what leaving would cost aside.
    function convertToAssets(uint256 shares) public view override nonReentrantView returns (uint256) {
        uint256 amountUsd = ShareMath.valueDown(shares, _worth().equityUsd.positivePart(), totalSupply());
        return TokenUnits.toNativeDown(amountUsd, _TOKEN_DECIMALS);
    }

    /// @notice {qTok}; 0 while a price is missing or too old, or the pool is depleted.
    function maxDeposit(address) public view override nonReentrantView returns (uint256) {
        return TokenUnits.toNativeDown(_maxDepositUsd(_worth()), _TOKEN_DECIMALS);
    }

    /// @notice D18{share}; 0 while a price is missing or too old, or the pool is depleted.
    function maxMint(address) public view override nonReentrantView returns (uint256) {
        BackstopWorth memory worth = _worth();
        return _sharesFor(TokenUnits.toNativeDown(_maxDepositUsd(worth), _TOKEN_DECIMALS), worth.equityUsd);
    }

    /// @notice {qTok} that `owner` may withdraw now.
    function maxWithdraw(address owner) public view override nonReentrantView returns (uint256) {
        BackstopWorth memory worth = _worth();
        uint256 amountUsd = ShareMath.worthDown(_redeemableShares(owner, worth), worth.redeemableUsd, totalSupply());
        return TokenUnits.toNativeDown(amountUsd, _TOKEN_DECIMALS);
    }

    /// @notice D18{share} that `owner` may redeem now.
    function maxRedeem(address owner) public view override nonReentrantView returns (uint256) {
        return _redeemableShares(owner, _worth());
    }

    /// @notice D18{share} for a deposit now, at equity and what inventory would give back per share, limits aside; refunds that a deposit would claim first are not foreseen.
    function previewDeposit(uint256 assets) public view override nonReentrantView returns (uint256) {
        return _sharesFor(assets, _worth().equityUsd);
    }

    /// @notice {qTok} for shares now, at equity and what inventory would give back per share, limits aside.
    function previewMint(uint256 shares) public view override nonReentrantView returns (uint256) {
        return _costOf(shares, _worth().equityUsd);
    }

    /// @notice {qTok} for shares now, at redeemable value per share, limits and cooldown aside.
    function previewRedeem(uint256 shares) public view override nonReentrantView returns (uint256) {
        uint256 amountUsd = ShareMath.worthDown(shares, _worth().redeemableUsd, totalSupply());
        return TokenUnits.toNativeDown(amountUsd, _TOKEN_DECIMALS);
    }

    /// @notice D18{share} for a withdrawal now, at redeemable value per share, limits and cooldown aside; the largest number where nothing is redeemable.
    function previewWithdraw(uint256 assets) public view override nonReentrantView returns (uint256) {
        uint256 redeemableUsd = _worth().redeemableUsd;
        if (redeemableUsd == 0) return assets == 0 ? 0 : type(uint256).max;
        return ShareMath.burnUp(TokenUnits.toUsdUp(assets, _TOKEN_DECIMALS), redeemableUsd, totalSupply());
    }

    /// @inheritdoc IBackstopPool
    function valuation() external view nonReentrantView returns (BackstopValuation memory) {
        BackstopWorth memory worth = _worth();
        return
            BackstopValuation({
                equityUsd: worth.equityUsd,
                redeemableUsd: worth.redeemableUsd,
                notionalUsd: worth.notionalUsd,
                payableUsd: _payableUsd(worth),
                supply: totalSupply()
            });
    }

    /// @inheritdoc IBackstopPool
    function previewTake(AccountId from, MarketId market) external view nonReentrantView returns (Bid memory) {
        return BackstopRule.bidFor(_terms, _contextOf(market, _worth()), from, market);
    }

    /// @inheritdoc IBackstopPool
    function previewUnwind(
        MarketId market
    ) external view nonReentrantView returns (int256 sizeDelta, uint256 allowedAt) {
        int256 size = HOUSE.positionOf(account(), market).size;
        uint256 price = _oracle().peek(market.bit())[0].price;
        allowedAt = _nextSliceAt(market);
        if (size != 0) sizeDelta = BackstopRule.sliceOf(_terms, HOUSE, market, size, price);
    }

    /// @inheritdoc IBackstopPool
    function historyLength() external view returns (uint256) {
        return _history.length();
    }

    /// @inheritdoc IBackstopPool
    function historyAt(uint256 index) external view returns (HistoryPoint memory) {
        return _history.pointAt(index);
    }

    /// @inheritdoc IBackstopPool
    function historyBefore(uint256 timestamp) external view returns (HistoryPoint memory) {
        return _history.before(timestamp);
    }

    /// @inheritdoc IBackstopPool
    function backstopTermsOf(MarketId market) public view returns (BackstopTerms memory) {
        return BackstopParameters.read(_terms[market]);
    }

    /// @inheritdoc IBackstopPool
    function takenInEpoch(MarketId market) public view returns (uint256) {
        Taken memory taken = _taken[market];
        return taken.epoch == block.timestamp / EPOCH_SECONDS ? taken.amountUsd : 0;
    }

    /* INTERNAL */

    function _update(address from, address to, uint256 value) internal override(ERC20, StakedShares) {
        super._update(from, to, value);
    }

    /* SETTLING AND VALUE */

    /// @dev Settles at prices that one may enter or leave at.
    function _openFresh() private returns (BackstopWorth memory) {
        (uint256 markets, Price[] memory prices) = _settle(0);
        (bool fresh, MarketId market, uint256 publishedAt) = _areFresh(markets, prices);
        if (!fresh) revert BackstopPriceNotFresh(market, publishedAt, MAX_PRICE_AGE_SECONDS);
        return _worth();
    }

    /// @dev Claims refunds wherever it has been and in `touched`, and settles at valid prices. Unclaimed refunds would be missing in the value: those who enter would take part in them for nothing.
    /// @return markets that the account is in
    /// @return prices of these
    function _settle(uint256 touched) private returns (uint256 markets, Price[] memory prices) {
        // Claims on what it paid for bring it into markets that it never took anything over in.
        touched |= _joined | _markets();
        _joined = touched;
        _oracle().observe(touched, Freshness.Latest);
        for (uint8 number; touched != 0; ++number) {
            if (touched & 1 != 0) HOUSE.claimRefunds(account(), MarketId.wrap(number), MAX_REFUNDS);
            touched >>= 1;
        }
        markets = _markets();
        if (markets == 0) return (0, prices);
        // A market that has ended has its price for good.
        markets &= ~HOUSE.woundDownMarkets();
        prices = _oracle().peek(markets);
        uint256 index;
        uint256 rest = markets;
        for (uint8 number; rest != 0; ++number) {
            if (rest & 1 != 0) {
                PriceStatus status = prices[index++].status;
                if (status != PriceStatus.Valid) revert IClearingHouse.PriceNotValid(MarketId.wrap(number), status);
            }
            rest >>= 1;
        }
        AccountId[] memory accounts = new AccountId[](1);
        accounts[0] = account();
        HOUSE.settle(accounts);
    }

    /// @dev Those that the account is in.
    function _markets() private view returns (uint256) {
        return HOUSE.accountOf(account()).markets;
    }

    /// @dev Whether all prices were published a short time ago, and which was not.
    function _areFresh(
        uint256 markets,
        Price[] memory prices
    ) private view returns (bool fresh, MarketId market, uint256 publishedAt) {
        uint256 index;
        for (uint8 number; markets != 0; ++number) {
            if (markets & 1 != 0) {
                (market, publishedAt) = (MarketId.wrap(number), prices[index++].publishedAt);
                if (block.timestamp > publishedAt + MAX_PRICE_AGE_SECONDS) return (false, market, publishedAt);
            }
            markets >>= 1;
        }
        return (true, market, publishedAt);
    }

    /// @dev Whether anybody could enter or leave at the prices of now.
    function _isPriced(BackstopWorth memory worth) private view returns (bool fresh) {
        if (!worth.pricesValid) return false;
        uint256 markets = _markets() & ~HOUSE.woundDownMarkets();
        (fresh, , ) = _areFresh(markets, _oracle().peek(markets));
    }

    function _worth() private view returns (BackstopWorth memory) {
        return BackstopValue.worthOf(HOUSE, account(), _terms);
    }

    function _record(BackstopWorth memory worth) private {
        _history.book(worth.equityUsd);
        _history.record(totalSupply());
    }

    /// @dev D18{share}, rounded down, that `assets` buy.
    function _sharesFor(uint256 assets, int256 equityUsd) private view returns (uint256) {
        uint256 amountUsd = TokenUnits.toUsdDown(assets, _TOKEN_DECIMALS);
        return ShareMath.mintDown(amountUsd, _enteredAtUsd(equityUsd), totalSupply());
    }

    /// @dev {qTok}, rounded up, that `shares` cost.
    function _costOf(uint256 shares, int256 equityUsd) private view returns (uint256) {
        uint256 costUsd = ShareMath.costUp(shares, _enteredAtUsd(equityUsd), totalSupply());
        return TokenUnits.toNativeUp(costUsd, _TOKEN_DECIMALS);
    }

    /// @dev What those who enter pay shares of. D18{USD}
    function _enteredAtUsd(int256 equityUsd) private view returns (uint256) {
        return equityUsd.positivePart() + _recoverableUsd(HOUSE);
    }

    function _isDepleted(int256 equityUsd) private view returns (bool) {
        return equityUsd < 0 || uint256(equityUsd) * DEPLETION_FACTOR < totalSupply();
    }

    /// @dev What may still be deposited. D18{USD}
    function _roomUsd(int256 equityUsd) private pure returns (uint256) {
        return (HIGHEST_EQUITY_USD.toInt() - equityUsd).positivePart();
    }

    function _maxDepositUsd(BackstopWorth memory worth) private view returns (uint256) {
        return _isDepleted(worth.equityUsd) || !_isPriced(worth) ? 0 : _roomUsd(worth.equityUsd);
    }

    /// @dev Cash that may leave: free at the house, and without taking leverage past its bound. D18{USD}
    function _payableUsd(BackstopWorth memory worth) private view returns (uint256) {
        uint256 needed = worth.notionalUsd.divWadUp(maxLeverage);
        uint256 excess = worth.redeemableUsd > needed ? worth.redeemableUsd - needed : 0;
        return Math.min(HOUSE.freeCashOf(account()), excess);
    }

    /* COOLDOWN */

    /// @dev Nobody leaves while the pool may have to bear what is not booked yet.
    function _requireNothingOpen() private view {
        _requireNoLossInSight(HOUSE);
        (MarketId market, uint256 pendingUsd) = _openDeficit();
        if (pendingUsd > TOLERANCE_USD) revert DeficitOpen(market, pendingUsd, TOLERANCE_USD);
    }

    /// @dev The first market of the account where deficits above the tolerance wait. D18{USD}
    function _openDeficit() private view returns (MarketId market, uint256 pendingUsd) {
        uint256 markets = _markets();
        for (uint8 number; markets != 0; ++number) {
            if (markets & 1 != 0) {
                market = MarketId.wrap(number);
                pendingUsd = HOUSE.marketOf(market).pendingLossUsd;
                if (pendingUsd > TOLERANCE_USD) return (market, pendingUsd);
            }
            markets >>= 1;
        }
    }

    /// @dev Shares of `owner` that could be redeemed now. D18{share}
    function _redeemableShares(address owner, BackstopWorth memory worth) private view returns (uint256) {
        uint256 shares = _cooledShares(owner);
        if (shares == 0 || !_isPriced(worth) || !_isNoLossInSight(HOUSE)) return 0;
        (, uint256 pendingUsd) = _openDeficit();
        if (pendingUsd > TOLERANCE_USD) return 0;
        uint256 payableUsd = _payableUsd(worth);
        uint256 supply = totalSupply();
        if (ShareMath.worthDown(shares, worth.redeemableUsd, supply) <= payableUsd) return shares;
        return payableUsd.mulDivDown(supply + ShareMath.VIRTUAL, worth.redeemableUsd);
    }

    /* RULE */

    function _contextOf(MarketId market, BackstopWorth memory worth) private view returns (BidContext memory context) {
        context.house = HOUSE;
        context.account = account();
        context.worth = worth;
        context.maxLeverage = maxLeverage;
        context.takenUsd = takenInEpoch(market);
    }

    /// @dev {s}, from when on the next slice may be closed.
    function _nextSliceAt(MarketId market) private view returns (uint256) {
        return uint256(_terms[market].unwoundAt) + _terms[market].interval;
    }

    function _oracle() private view returns (IOracleRouter) {
        return IOracleRouter(HOUSE.moduleOf(_ORACLE));
    }
}

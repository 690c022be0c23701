// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidityPool} from "../interfaces/ILiquidityPool.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {ShareMath} from "../libraries/ShareMath.sol";
import {TokenUnits} from "../libraries/TokenUnits.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness, Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {PoolValue, PoolWorth} from "./PoolValue.sol";

/// @title A market's liquidity pool
/// @notice Owns the tokens and shares of waiting requests, what waits to be claimed, and the pool's account of the house. It never trades, quotes, or pays
/// anybody but the owner of a request. Nothing is priced by a token balance, so tokens sent here change nothing (CONS-1); nothing rounds for the actor (ROUND-1).
contract LiquidityPool is ILiquidityPool, ERC20, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /* TYPES */

    /// @dev Two slots: 20 + 5, 16 + 16 bytes. `amount` is {qTok} of a deposit, D18{share} of a redemption.
    struct Request {
        address owner;
        uint40 requestedAt;
        uint128 amount;
        uint128 limitPrice;
    }

    /// @dev Redemptions to be paid, in memory: what is left of the pool, and what has to be withdrawn for those done.
    struct Payout {
        uint256 redeemableUsd;
        uint256 freeCashUsd;
        uint256 supply;
        uint256 totalNative;
    }

    /* CONSTANTS */

    /// @dev {s}
    uint256 public constant LOWEST_DELAY_SECONDS = 1 hours;
    uint256 public constant HIGHEST_DELAY_SECONDS = 30 days;
    /// @notice {s}, age of the oldest price that requests are processed at.
    uint256 public constant MAX_PRICE_AGE_SECONDS = 2 minutes;
    /// @notice {s}, after it was ready, from when a deposit that nobody could process may be cancelled.
    uint256 public constant CANCEL_AFTER_SECONDS = 7 days;
    /// @notice D18{USD}, least first deposit into a pool without shares.
    uint256 public constant MINIMUM_FIRST_DEPOSIT_USD = 1_000e18;
    /// @notice D18{USD}, open deficits of the market from which on redemptions wait. Smaller ones the house does not book either.
    uint256 public constant LOSS_TOLERANCE_USD = 100e18;
    /// @notice A pool with less than one part in so many of a USD per share takes no deposits: the old shares would be noise, and new ones boundless.
    uint256 public constant DEPLETION_FACTOR = 1_000;

    /// @dev Newest charges of the pool whose refunds are claimed before it is valued.
    uint256 private constant MAX_REFUNDS = 16;
    bytes32 private constant _ORACLE = "oracle";

    /* IMMUTABLES */

    IClearingHouse public immutable HOUSE;
    IERC20 public immutable TOKEN;
    /// @inheritdoc ILiquidityPool
    MarketId public immutable MARKET;
    /// @inheritdoc ILiquidityPool
    uint256 public immutable DELAY_SECONDS;
    uint256 private immutable _TOKEN_DECIMALS;

    /* STORAGE */

    // Next deposit and redemption to be numbered, first redemption that may still wait: one slot.
    uint64 private _nextDepositId = 1;
    uint64 private _nextRedemptionId = 1;
    uint64 private _firstRedemptionId = 1;
    mapping(uint256 id => Request request) private _deposits;
    mapping(uint256 id => Request request) private _redemptions;
    mapping(address owner => uint256 amountNative) private _claimable;

    /// @param delaySeconds {s}, more than twice the maturity bucket of the market, whose feed has to be set
    constructor(
        IClearingHouse house,
        MarketId market,
        uint256 delaySeconds,
        string memory name,
        string memory symbol
    ) ERC20(name, symbol) {
        HOUSE = house;
        TOKEN = IERC20(house.TOKEN());
        MARKET = market;
        DELAY_SECONDS = delaySeconds;
        _TOKEN_DECIMALS = IERC20Metadata(address(TOKEN)).decimals();
        uint256 lowest = _lowestDelayOf(house, market);
        if (delaySeconds < lowest || delaySeconds > HIGHEST_DELAY_SECONDS) {
            revert DelayOutOfRange(delaySeconds, lowest, HIGHEST_DELAY_SECONDS);
        }
        // The house takes deposits from here; it is immutable, and takes nothing it was not told to.
        TOKEN.forceApprove(address(house), type(uint256).max);
    }

    /* LIQUIDITY PROVIDERS */

    /// @inheritdoc ILiquidityPool
    function requestDeposit(uint256 amountNative, uint256 limitPrice) external nonReentrant returns (uint256 id) {
        if (amountNative == 0) revert RequestEmpty(msg.sender);
        id = _nextDepositId++;
        _deposits[id] = _newRequest(amountNative, limitPrice);
        emit DepositRequested(id, msg.sender, amountNative, limitPrice, block.timestamp + DELAY_SECONDS);
        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransferFrom(msg.sender, address(this), amountNative);
        uint256 received = TOKEN.balanceOf(address(this)) - before;
        if (received != amountNative) revert IClearingHouse.TokenAmountMismatch(received, amountNative);
    }

    /// @inheritdoc ILiquidityPool
    function requestRedemption(uint256 shares, uint256 limitPrice) external nonReentrant returns (uint256 id) {
        if (shares == 0) revert RequestEmpty(msg.sender);
        id = _nextRedemptionId++;
        _redemptions[id] = _newRequest(shares, limitPrice);
        emit RedemptionRequested(id, msg.sender, shares, limitPrice, block.timestamp + DELAY_SECONDS);
        _transfer(msg.sender, address(this), shares);
    }

    /// @inheritdoc ILiquidityPool
    function cancelDeposit(uint256 id) external nonReentrant {
        Request memory request = _requireDeposit(id);
        if (request.owner != msg.sender) revert RequestNotOwned(id, request.owner, msg.sender);
        uint256 readyAt = _readyAt(request);
        uint256 cancellableAt = readyAt + CANCEL_AFTER_SECONDS;
        if (block.timestamp >= readyAt && block.timestamp < cancellableAt) {
            revert RequestNotCancellable(id, readyAt, cancellableAt, block.timestamp);
        }
        delete _deposits[id];
        emit DepositCancelled(id, request.owner, request.amount);
        TOKEN.safeTransfer(request.owner, request.amount);
    }

    /// @inheritdoc ILiquidityPool
    function claim(address owner) external nonReentrant returns (uint256 amountNative) {
        amountNative = _claimable[owner];
        if (amountNative == 0) revert NothingToClaim(owner);
        delete _claimable[owner];
        emit Claimed(owner, amountNative);
        TOKEN.safeTransfer(owner, amountNative);
    }

    /* PROCESSING */

    /// @inheritdoc ILiquidityPool
    function processDeposit(uint256 id) external nonReentrant returns (uint256 shares) {
        Request memory request = _requireDeposit(id);
        uint256 supply = totalSupply();
        uint256 readyAt = _readyAt(request);
        if (supply != 0 && block.timestamp < readyAt) revert RequestNotReady(id, readyAt, block.timestamp);
        Price memory price = _settle();
        if (price.status != PriceStatus.Valid) revert IClearingHouse.PriceNotValid(MARKET, price.status);
        if (!_isFresh(price)) revert PriceNotFresh(MARKET, price.publishedAt, MAX_PRICE_AGE_SECONDS);
        int256 equityUsd = PoolValue.worthOf(HOUSE, account(), MARKET, price.price, 0).equityUsd;
        uint256 amountUsd = TokenUnits.toUsdDown(request.amount, _TOKEN_DECIMALS);
        if (supply == 0 && amountUsd < MINIMUM_FIRST_DEPOSIT_USD) {
            revert FirstDepositTooSmall(id, amountUsd, MINIMUM_FIRST_DEPOSIT_USD);
        }

        delete _deposits[id];
        if (_isDepleted(equityUsd, supply)) return _returnDeposit(id, request, ReturnReason.PoolDepleted);
        shares = ShareMath.mintDown(amountUsd, uint256(equityUsd), supply);
        if (shares == 0) return _returnDeposit(id, request, ReturnReason.TooSmall);
        if (ShareMath.entryPriceUp(uint256(equityUsd), supply) > request.limitPrice) {
            return _returnDeposit(id, request, ReturnReason.LimitMissed);
        }
        _mint(request.owner, shares);
        emit DepositProcessed({
            id: id,
            owner: request.owner,
            amountUsd: amountUsd,
            shares: shares,
            equityUsd: equityUsd + amountUsd.toInt(),
            supply: supply + shares
        });
        HOUSE.deposit(account(), request.amount);
    }

    /// @inheritdoc ILiquidityPool
    function processRedemptions(uint256 maxCount) external nonReentrant returns (uint256 closed) {
        uint256 first = _firstRedemptionId;
        Price memory price = _settle();
        RedemptionStatus status = _redemptionStatus(price);
        if (status != RedemptionStatus.Payable) revert RedemptionsWaiting(status, first);

        Payout memory payout;
        payout.redeemableUsd = PoolValue.worthOf(HOUSE, account(), MARKET, price.price, 0).redeemableUsd;
        payout.freeCashUsd = HOUSE.freeCashOf(account());
        payout.supply = totalSupply();
        uint256 id = first;
        for (uint256 end = _nextRedemptionId; id < end && maxCount != 0; ++id) {
            Request memory request = _redemptions[id];
            if (block.timestamp < _readyAt(request) || !_redeem(id, request, payout)) break;
            --maxCount;
            ++closed;
        }
        _firstRedemptionId = uint64(id);
        if (payout.totalNative != 0) HOUSE.withdraw(account(), payout.totalNative, address(this));
    }

    /* VIEWS */

    /// @inheritdoc ILiquidityPool
    function account() public view returns (AccountId) {
        return accountIdOf(address(this), 0);
    }

    /// @inheritdoc ILiquidityPool
    function valuation() external view nonReentrantView returns (Valuation memory) {
        Price memory price = _priceNow();
        PoolWorth memory worth = _worthAt(price);
        return
            Valuation({
                equityUsd: worth.equityUsd,
                redeemableUsd: worth.redeemableUsd,
                freeCashUsd: HOUSE.freeCashOf(account()),
                supply: totalSupply(),
                priceUsable: price.status == PriceStatus.Valid && _isFresh(price)
            });
    }

    /// @inheritdoc ILiquidityPool
    function previewDeposit(uint256 amountNative) external view nonReentrantView returns (uint256 shares) {
        uint256 supply = totalSupply();
        uint256 amountUsd = TokenUnits.toUsdDown(amountNative, _TOKEN_DECIMALS);
        int256 equityUsd = _worthAt(_priceNow()).equityUsd;
        if (_isDepleted(equityUsd, supply) || (supply == 0 && amountUsd < MINIMUM_FIRST_DEPOSIT_USD)) return 0;
        return ShareMath.mintDown(amountUsd, uint256(equityUsd), supply);
    }

    /// @inheritdoc ILiquidityPool
    function previewRedemption(uint256 shares) external view nonReentrantView returns (uint256 amountNative) {
        uint256 amountUsd = ShareMath.worthDown(shares, _worthAt(_priceNow()).redeemableUsd, totalSupply());
        return TokenUnits.toNativeDown(amountUsd, _TOKEN_DECIMALS);
    }

    /// @inheritdoc ILiquidityPool
    function redemptionStatus() external view nonReentrantView returns (RedemptionStatus) {
        return _redemptionStatus(_priceNow());
    }

    /// @inheritdoc ILiquidityPool
    function depositRequestOf(uint256 id) external view returns (DepositRequest memory) {
        Request storage request = _deposits[id];
        return DepositRequest(request.owner, request.requestedAt, request.amount, request.limitPrice);
    }

    /// @inheritdoc ILiquidityPool
    function redemptionRequestOf(uint256 id) external view returns (RedemptionRequest memory) {
        Request storage request = _redemptions[id];
        return RedemptionRequest(request.owner, request.requestedAt, request.amount, request.limitPrice);
    }

    /// @inheritdoc ILiquidityPool
    function nextDepositId() external view returns (uint256) {
        return _nextDepositId;
    }

    /// @inheritdoc ILiquidityPool
    function redemptionQueue() external view returns (uint256 first, uint256 next) {
        return (_firstRedemptionId, _nextRedemptionId);
    }

    /// @inheritdoc ILiquidityPool
    function claimableOf(address owner) external view returns (uint256 amountNative) {
        return _claimable[owner];
    }

    /* REDEMPTION */

    /// @dev Pays or gives back one redemption, as far as free cash reaches. False when it stays in the queue.
    function _redeem(uint256 id, Request memory request, Payout memory payout) private returns (bool closed) {
        uint256 worthUsd = ShareMath.worthDown(request.amount, payout.redeemableUsd, payout.supply);
        uint256 payableUsd = worthUsd < payout.freeCashUsd ? worthUsd : payout.freeCashUsd;
        uint256 amountNative = TokenUnits.toNativeDown(payableUsd, _TOKEN_DECIMALS);
        if (ShareMath.exitPriceDown(payout.redeemableUsd, payout.supply) < request.limitPrice) {
            return _returnRedemption(id, request, ReturnReason.LimitMissed);
        }
        if (TokenUnits.toNativeDown(worthUsd, _TOKEN_DECIMALS) == 0) {
            return _returnRedemption(id, request, ReturnReason.TooSmall);
        }
        if (amountNative == 0) return false;

        uint256 amountUsd = TokenUnits.toUsdDown(amountNative, _TOKEN_DECIMALS);
        uint256 shares = request.amount;
        if (payableUsd != worthUsd) {
            uint256 part = ShareMath.burnUp(amountUsd, payout.redeemableUsd, payout.supply);
            if (part < shares) shares = part;
        }
        uint256 sharesLeft = request.amount - shares;
        closed = sharesLeft == 0;
        if (closed) delete _redemptions[id];
        else _redemptions[id].amount = sharesLeft.toUint128();
        _claimable[request.owner] += amountNative;
        _burn(address(this), shares);
        payout.redeemableUsd -= amountUsd;
        payout.freeCashUsd -= amountUsd;
        payout.supply -= shares;
        payout.totalNative += amountNative;
        emit RedemptionPaid({
            id: id,
            owner: request.owner,
            shares: shares,
            amountNative: amountNative,
            sharesLeft: sharesLeft,
            redeemableUsd: payout.redeemableUsd,
            supply: payout.supply,
            claimableNative: _claimable[request.owner]
        });
    }

    function _returnRedemption(uint256 id, Request memory request, ReturnReason reason) private returns (bool closed) {
        delete _redemptions[id];
        emit RedemptionReturned(id, request.owner, reason, request.amount);
        _transfer(address(this), request.owner, request.amount);
        return true;
    }

    function _redemptionStatus(Price memory price) private view returns (RedemptionStatus) {
        if (_firstRedemptionId == _nextRedemptionId) return RedemptionStatus.QueueEmpty;
        if (block.timestamp < _readyAt(_redemptions[_firstRedemptionId])) return RedemptionStatus.NotReady;
        if (price.status != PriceStatus.Valid) return RedemptionStatus.PriceNotValid;
        if (!_isFresh(price)) return RedemptionStatus.PriceNotFresh;
        if (_hasPosition()) {
            // The pool may have to bear a part of them that its position does not show yet.
            IClearingHouse.MarketState memory state = HOUSE.marketOf(MARKET);
            if (state.pendingLossUsd + state.uncollectedLossUsd >= LOSS_TOLERANCE_USD) return RedemptionStatus.LossOpen;
        }
        uint256 freeNative = TokenUnits.toNativeDown(HOUSE.freeCashOf(account()), _TOKEN_DECIMALS);
        return freeNative == 0 ? RedemptionStatus.NoFreeCash : RedemptionStatus.Payable;
    }

    /* REQUESTS */

    function _newRequest(uint256 amount, uint256 limitPrice) private view returns (Request memory) {
        return
            Request({
                owner: msg.sender,
                requestedAt: uint40(block.timestamp),
                amount: amount.toUint128(),
                limitPrice: limitPrice.toUint128()
            });
    }

    function _requireDeposit(uint256 id) private view returns (Request memory request) {
        request = _deposits[id];
        if (request.owner == address(0)) revert RequestUnknown(id);
    }

    function _readyAt(Request memory request) private view returns (uint256) {
        return request.requestedAt + DELAY_SECONDS;
    }

    function _returnDeposit(uint256 id, Request memory request, ReturnReason reason) private returns (uint256 shares) {
        uint256 claimableNative = _claimable[request.owner] + request.amount;
        _claimable[request.owner] = claimableNative;
        emit DepositReturned(id, request.owner, reason, request.amount, claimableNative);
        return 0;
    }

    /* VALUE */

    /// @dev Observes the index, claims what the market's loss events took too much, and, at a valid price, settles the account. Unclaimed refunds would be
    /// missing in its value: those who enter would take part in them for nothing.
    function _settle() private returns (Price memory price) {
        price = _oracle().observe(MARKET.bit(), Freshness.Latest)[0];
        HOUSE.claimRefunds(account(), MARKET, MAX_REFUNDS);
        if (!_hasPosition()) return _noPrice();
        if (_isWoundDown()) price = _noPrice();
        if (price.status != PriceStatus.Valid) return price;
        AccountId[] memory accounts = new AccountId[](1);
        accounts[0] = account();
        HOUSE.settle(accounts);
    }

    /// @dev The price that `_settle` would return.
    function _priceNow() private view returns (Price memory) {
        return _hasPosition() && !_isWoundDown() ? _oracle().peek(MARKET.bit())[0] : _noPrice();
    }

    /// @dev Stands for any price while none is needed.
    function _noPrice() private view returns (Price memory) {
        return Price({price: 0, publishedAt: block.timestamp, bucket: 0, status: PriceStatus.Valid});
    }

    /// @dev Worth as processing would find it after settling.
    function _worthAt(Price memory price) private view returns (PoolWorth memory) {
        uint256 payableUsd = _hasPosition() ? PoolValue.payableOf(HOUSE, account(), MARKET) : 0;
        return PoolValue.worthOf(HOUSE, account(), MARKET, price.price, payableUsd);
    }

    function _hasPosition() private view returns (bool) {
        return PoolValue.hasPosition(HOUSE.positionOf(account(), MARKET));
    }

    /// @dev Then the pool has no size any more: what it owns or owes depends on no price.
    function _isWoundDown() private view returns (bool) {
        return HOUSE.modeOf(MARKET) == IClearingHouse.MarketMode.WoundDown;
    }

    function _isFresh(Price memory price) private view returns (bool) {
        return block.timestamp <= price.publishedAt + MAX_PRICE_AGE_SECONDS;
    }

    function _isDepleted(int256 equityUsd, uint256 supply) private pure returns (bool) {
        return equityUsd < 0 || uint256(equityUsd) * DEPLETION_FACTOR < supply;
    }

    /// @dev {s}. What was an unpaid gain when a request was made has matured by the time it is processed.
    function _lowestDelayOf(IClearingHouse house, MarketId market) private view returns (uint256) {
        (IOracleRouter.FeedConfig memory config, ) = IOracleRouter(house.moduleOf(_ORACLE)).feedOf(market);
        if (config.feed == address(0)) revert IClearingHouse.PriceNotValid(market, PriceStatus.Invalid);
        uint256 longer = 2 * config.bucketLength + 1;
        return longer > LOWEST_DELAY_SECONDS ? longer : LOWEST_DELAY_SECONDS;
    }

    function _oracle() private view returns (IOracleRouter) {
        return IOracleRouter(HOUSE.moduleOf(_ORACLE));
    }
}

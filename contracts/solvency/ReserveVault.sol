// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IReserveVault} from "../interfaces/IReserveVault.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {ShareMath} from "../libraries/ShareMath.sol";
import {TokenUnits} from "../libraries/TokenUnits.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {StakedShares} from "./StakedShares.sol";

/// @title A vault of junior money
/// @notice See IReserveVault. Owns its account of the house and cooldowns; trades nothing. Nothing is priced by a token balance (CONS-1); nothing rounds for the actor (ROUND-1).
contract ReserveVault is IReserveVault, ERC4626, StakedShares, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using FixedPoint for uint256;
    using FixedPoint for int256;

    /* CONSTANTS */

    /// @notice D18{USD}, equity up to which deposits are taken.
    uint256 public constant HIGHEST_EQUITY_USD = 1_000_000_000e18;

    /* IMMUTABLES */

    IClearingHouse public immutable HOUSE;
    /// @inheritdoc IReserveVault
    address public immutable SOLE_DEPOSITOR;
    uint256 private immutable _TOKEN_DECIMALS;

    /// @param house whose settlement token is deposited
    /// @param soleDepositor the only one who may deposit; zero: everybody
    constructor(
        IClearingHouse house,
        address soleDepositor,
        string memory name,
        string memory symbol
    ) ERC20(name, symbol) ERC4626(IERC20(house.TOKEN())) {
        HOUSE = house;
        SOLE_DEPOSITOR = soleDepositor;
        _TOKEN_DECIMALS = IERC20Metadata(house.TOKEN()).decimals();
        // The house takes deposits from here; it is immutable, and takes nothing it was not told to.
        IERC20(house.TOKEN()).forceApprove(address(house), type(uint256).max);
    }

    /* ENTERING */

    /// @inheritdoc ERC4626
    function deposit(uint256 assets, address receiver) public override nonReentrant returns (uint256 shares) {
        uint256 equityUsd = _equityUsd();
        shares = _sharesFor(assets, equityUsd);
        _enter(equityUsd, assets, shares, receiver);
    }

    /// @inheritdoc ERC4626
    function mint(uint256 shares, address receiver) public override nonReentrant returns (uint256 assets) {
        uint256 equityUsd = _equityUsd();
        assets = _costOf(shares, equityUsd);
        _enter(equityUsd, assets, shares, receiver);
    }

    function _enter(uint256 equityUsd, uint256 assets, uint256 shares, address receiver) private {
        if (SOLE_DEPOSITOR != address(0) && msg.sender != SOLE_DEPOSITOR) {
            revert DepositorNotAllowed(msg.sender, SOLE_DEPOSITOR);
        }
        if (_isDepleted(equityUsd)) revert ReserveDepleted(equityUsd, totalSupply());
        if (assets == 0 || shares == 0) revert AmountTooSmall(assets, shares);
        uint256 most = TokenUnits.toNativeDown(_roomUsd(equityUsd), _TOKEN_DECIMALS);
        if (assets > most) revert ERC4626ExceededMaxDeposit(receiver, assets, most);
        if (totalSupply() == 0 && equityUsd > 0) {
            _mint(address(this), equityUsd);
            emit SharesLocked(equityUsd);
        }
        _mint(receiver, shares);
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
        uint256 worthUsd = ShareMath.worthDown(shares, _redeemableUsd(), totalSupply());
        assets = TokenUnits.toNativeDown(worthUsd, _TOKEN_DECIMALS);
        _leave(assets, shares, receiver, owner);
    }

    /// @inheritdoc ERC4626
    function withdraw(
        uint256 assets,
        address receiver,
        address owner
    ) public override nonReentrant returns (uint256 shares) {
        uint256 redeemableUsd = _redeemableUsd();
        if (redeemableUsd == 0) revert ERC4626ExceededMaxWithdraw(owner, assets, 0);
        shares = ShareMath.burnUp(TokenUnits.toUsdUp(assets, _TOKEN_DECIMALS), redeemableUsd, totalSupply());
        _leave(assets, shares, receiver, owner);
    }

    function _leave(uint256 assets, uint256 shares, address receiver, address owner) private {
        _requireNoLossInSight(HOUSE);
        _leaveCooldown(owner, shares);
        if (assets == 0 || shares == 0) revert AmountTooSmall(assets, shares);
        if (msg.sender != owner) _spendAllowance(owner, msg.sender, shares);
        _burn(owner, shares);
        emit Withdraw(msg.sender, receiver, owner, assets, shares);
        HOUSE.withdraw(account(), assets, receiver);
    }

    /* VIEWS */

    /// @inheritdoc IReserveVault
    function account() public view returns (AccountId) {
        return accountIdOf(address(this), 0);
    }

    /// @inheritdoc IReserveVault
    function valuation() external view nonReentrantView returns (uint256, uint256, uint256) {
        return (_equityUsd(), _redeemableUsd(), totalSupply());
    }

    /// @notice 18: a share is minted at one USD at first.
    function decimals() public pure override(ERC20, ERC4626) returns (uint8) {
        return 18;
    }

    /// @notice {qTok}, cash: claims are not counted.
    function totalAssets() public view override nonReentrantView returns (uint256) {
        return TokenUnits.toNativeDown(_redeemableUsd(), _TOKEN_DECIMALS);
    }

    /// @notice D18{share} at equity per share, limits aside.
    function convertToShares(uint256 assets) public view override nonReentrantView returns (uint256) {
        return ShareMath.mintDown(TokenUnits.toUsdDown(assets, _TOKEN_DECIMALS), _equityUsd(), totalSupply());
    }

    /// @notice {qTok} at equity per share, limits aside.
    function convertToAssets(uint256 shares) public view override nonReentrantView returns (uint256) {
        return TokenUnits.toNativeDown(ShareMath.valueDown(shares, _equityUsd(), totalSupply()), _TOKEN_DECIMALS);
    }

    /// @notice {qTok}; 0 for whom the vault is not open to, and while it is depleted.
    function maxDeposit(address depositor) public view override nonReentrantView returns (uint256) {
        return TokenUnits.toNativeDown(_maxDepositUsd(depositor), _TOKEN_DECIMALS);
    }

    /// @notice D18{share}; 0 for whom the vault is not open to, and while it is depleted.
    function maxMint(address depositor) public view override nonReentrantView returns (uint256) {
        uint256 most = TokenUnits.toNativeDown(_maxDepositUsd(depositor), _TOKEN_DECIMALS);
        return _sharesFor(most, _equityUsd());
    }

    /// @notice {qTok} that `owner` may withdraw now.
    function maxWithdraw(address owner) public view override nonReentrantView returns (uint256) {
        uint256 worthUsd = ShareMath.worthDown(_redeemableShares(owner), _redeemableUsd(), totalSupply());
        return TokenUnits.toNativeDown(worthUsd, _TOKEN_DECIMALS);
    }

    /// @notice D18{share} that `owner` may redeem now.
    function maxRedeem(address owner) public view override nonReentrantView returns (uint256) {
        return _redeemableShares(owner);
    }

    /// @notice D18{share} for a deposit now, at equity and what inventory would give back per share, limits aside.
    function previewDeposit(uint256 assets) public view override nonReentrantView returns (uint256) {
        return _sharesFor(assets, _equityUsd());
    }

    /// @notice {qTok} for shares now, at equity and what inventory would give back per share, limits aside.
    function previewMint(uint256 shares) public view override nonReentrantView returns (uint256) {
        return _costOf(shares, _equityUsd());
    }

    /// @notice {qTok} for shares now, at cash per share, limits and cooldown aside.
    function previewRedeem(uint256 shares) public view override nonReentrantView returns (uint256) {
        return TokenUnits.toNativeDown(ShareMath.worthDown(shares, _redeemableUsd(), totalSupply()), _TOKEN_DECIMALS);
    }

    /// @notice D18{share} for a withdrawal now, at cash per share, limits and cooldown aside; the largest number where nothing is redeemable.
    function previewWithdraw(uint256 assets) public view override nonReentrantView returns (uint256) {
        uint256 redeemableUsd = _redeemableUsd();
        if (redeemableUsd == 0) return assets == 0 ? 0 : type(uint256).max;
        return ShareMath.burnUp(TokenUnits.toUsdUp(assets, _TOKEN_DECIMALS), redeemableUsd, totalSupply());
    }

    /* INTERNAL */

    function _update(address from, address to, uint256 value) internal override(ERC20, StakedShares) {
        super._update(from, to, value);
    }

    /* PRIVATE */

    /// @dev Cash. D18{USD}
    function _redeemableUsd() private view returns (uint256) {
        return HOUSE.accountOf(account()).cashUsd;
    }

    /// @dev Cash and claims at their face. D18{USD}
    function _equityUsd() private view returns (uint256 equityUsd) {
        IClearingHouse.AccountState memory state = HOUSE.accountOf(account());
        equityUsd = state.cashUsd;
        uint256 markets = state.markets;
        for (uint8 number; markets != 0; ++number) {
            if (markets & 1 != 0) {
                equityUsd += HOUSE.positionOf(account(), MarketId.wrap(number)).quote.positivePart();
            }
            markets >>= 1;
        }
    }

    /// @dev D18{share}, rounded down, that `assets` buy.
    function _sharesFor(uint256 assets, uint256 equityUsd) private view returns (uint256) {
        uint256 amountUsd = TokenUnits.toUsdDown(assets, _TOKEN_DECIMALS);
        return ShareMath.mintDown(amountUsd, equityUsd + _recoverableUsd(HOUSE), totalSupply());
    }

    /// @dev {qTok}, rounded up, that `shares` cost.
    function _costOf(uint256 shares, uint256 equityUsd) private view returns (uint256) {
        uint256 costUsd = ShareMath.costUp(shares, equityUsd + _recoverableUsd(HOUSE), totalSupply());
        return TokenUnits.toNativeUp(costUsd, _TOKEN_DECIMALS);
    }

    function _isDepleted(uint256 equityUsd) private view returns (bool) {
        return equityUsd * DEPLETION_FACTOR < totalSupply();
    }

    /// @dev What may still be deposited. D18{USD}
    function _roomUsd(uint256 equityUsd) private pure returns (uint256) {
        return equityUsd < HIGHEST_EQUITY_USD ? HIGHEST_EQUITY_USD - equityUsd : 0;
    }

    function _maxDepositUsd(address depositor) private view returns (uint256) {
        if (SOLE_DEPOSITOR != address(0) && depositor != SOLE_DEPOSITOR) return 0;
        uint256 equityUsd = _equityUsd();
        return _isDepleted(equityUsd) ? 0 : _roomUsd(equityUsd);
    }

    /// @dev Shares of `owner` that could be redeemed now. D18{share}
    function _redeemableShares(address owner) private view returns (uint256) {
        uint256 shares = _cooledShares(owner);
        return shares == 0 || !_isNoLossInSight(HOUSE) ? 0 : shares;
    }
}

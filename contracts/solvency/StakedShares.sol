// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {IStakedShares} from "../interfaces/IStakedShares.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";

/// @title Shares that bear losses of the house, and leave slowly
/// @notice See IStakedShares. Owns cooldowns.
abstract contract StakedShares is IStakedShares, ERC20 {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using FixedPoint for int256;

    /* TYPES */

    /// @dev One slot. Never more shares than the balance.
    struct Cooldown {
        uint128 shares;
        uint40 startedAt;
    }

    /* CONSTANTS */

    /// @notice {s}, from asking to redeem to the window in which it is possible.
    uint256 public constant COOLDOWN_SECONDS = 1 days;
    /// @notice {s}, length of that window.
    uint256 public constant WINDOW_SECONDS = 2 days;
    /// @notice D18{USD}, losses in sight up to which redemptions are paid.
    uint256 public constant TOLERANCE_USD = 100e18;
    /// @notice A vault with less than one part in so many of a USD per share takes no deposits: the old shares would be noise, and new ones boundless.
    uint256 public constant DEPLETION_FACTOR = 1_000;

    /* STORAGE */

    mapping(address owner => Cooldown cooldown) private _cooldowns;

    /// @inheritdoc IStakedShares
    function requestCooldown(uint256 shares) external {
        uint256 balance = balanceOf(msg.sender);
        if (shares > balance) revert CooldownAboveBalance(msg.sender, shares, balance);
        _cooldowns[msg.sender] = Cooldown({shares: shares.toUint128(), startedAt: uint40(block.timestamp)});
        uint256 opensAt = block.timestamp + COOLDOWN_SECONDS;
        emit CooldownRequested(msg.sender, shares, opensAt, opensAt + WINDOW_SECONDS);
    }

    /// @inheritdoc IStakedShares
    function cooldownOf(address owner) public view returns (CooldownState memory state) {
        Cooldown memory cooldown = _cooldowns[owner];
        if (cooldown.shares == 0) return state;
        uint256 opensAt = cooldown.startedAt + COOLDOWN_SECONDS;
        return CooldownState({shares: cooldown.shares, opensAt: opensAt, closesAt: opensAt + WINDOW_SECONDS});
    }

    /* INTERNAL */

    /// @dev A cooldown is never for more shares than there are.
    function _update(address from, address to, uint256 value) internal virtual override {
        super._update(from, to, value);
        uint256 left = from == address(0) ? type(uint256).max : balanceOf(from);
        if (_cooldowns[from].shares > left) _reduceCooldown(from, left);
    }

    /// @dev Takes shares that leave out of their cooldown, whose window is open.
    function _leaveCooldown(address owner, uint256 shares) internal {
        CooldownState memory cooldown = cooldownOf(owner);
        if (shares > cooldown.shares) revert CooldownTooSmall(owner, shares, cooldown.shares);
        if (block.timestamp < cooldown.opensAt) revert CooldownRunning(owner, cooldown.opensAt, block.timestamp);
        if (block.timestamp >= cooldown.closesAt) revert CooldownExpired(owner, cooldown.closesAt, block.timestamp);
        _reduceCooldown(owner, cooldown.shares - shares);
    }

    /// @dev Shares of `owner` whose window is open. D18{share}
    function _cooledShares(address owner) internal view returns (uint256) {
        CooldownState memory cooldown = cooldownOf(owner);
        return block.timestamp < cooldown.opensAt || block.timestamp >= cooldown.closesAt ? 0 : cooldown.shares;
    }

    /// @dev Takes tokens from the caller and pays them into the vault's account of the house: what arrives has to be all of it.
    function _payIn(IClearingHouse house, IERC20 token, uint256 assets) internal {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), assets);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != assets) revert IClearingHouse.TokenAmountMismatch(received, assets);
        house.deposit(accountIdOf(address(this), 0), assets);
    }

    /// @dev Nobody leaves while losses are in sight.
    function _requireNoLossInSight(IClearingHouse house) internal view {
        uint256 shortfallUsd = house.totalShortfallUsd();
        if (shortfallUsd > TOLERANCE_USD) revert ShortfallOpen(shortfallUsd, TOLERANCE_USD);
        (MarketId market, uint256 lossUsd) = _inventoryLoss(house);
        if (lossUsd > TOLERANCE_USD) revert InventoryLossOpen(market, lossUsd, TOLERANCE_USD);
    }

    /// @dev Whether `_requireNoLossInSight` would pass.
    function _isNoLossInSight(IClearingHouse house) internal view returns (bool) {
        if (house.totalShortfallUsd() > TOLERANCE_USD) return false;
        (, uint256 lossUsd) = _inventoryLoss(house);
        return lossUsd <= TOLERANCE_USD;
    }

    /// @dev The first market in which inventory has lost more than is tolerated. D18{USD}
    function _inventoryLoss(IClearingHouse house) private view returns (MarketId market, uint256 lossUsd) {
        uint256 markets = house.listedMarkets();
        for (uint8 number; markets != 0; ++number) {
            if (markets & 1 != 0) {
                market = MarketId.wrap(number);
                lossUsd = (-house.previewInventory(market).valueUsd).positivePart();
                if (lossUsd > TOLERANCE_USD) return (market, lossUsd);
            }
            markets >>= 1;
        }
        return (market, 0);
    }

    /// @dev What inventory would give back to this vault if it were closed now, at most: profits that are not realised yet, up to what the vault has paid for what made them. Whoever enters pays
    /// for that in full, so nobody comes after a loss and shares in what is recovered (SOC-1). D18{USD}
    function _recoverableUsd(IClearingHouse house) internal view returns (uint256 recoverableUsd) {
        bool isBackstop = house.moduleOf("backstop") == address(this);
        uint256 markets = house.listedMarkets();
        for (uint8 number; markets != 0; ++number) {
            if (markets & 1 != 0) {
                MarketId market = MarketId.wrap(number);
                IClearingHouse.TrancheState memory tranche = house.trancheOf(market);
                uint256 owedUsd = isBackstop ? tranche.owedToBackstopUsd : tranche.owedToProtocolUsd;
                if (owedUsd != 0) {
                    uint256 wonUsd = house.previewInventory(market).valueUsd.positivePart();
                    recoverableUsd += owedUsd < wonUsd ? owedUsd : wonUsd;
                }
            }
            markets >>= 1;
        }
    }

    function _reduceCooldown(address owner, uint256 shares) private {
        _cooldowns[owner].shares = uint128(shares);
        emit CooldownReduced(owner, shares);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ICreditVault} from "../interfaces/ICreditVault.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {ILossWaterfall} from "../interfaces/ILossWaterfall.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Freshness} from "../types/Price.sol";
import {Accounts} from "./Accounts.sol";
import {HouseState, JUNIOR, MAX_BACKSTOP_SHARE, Market, RESOLUTION, TRANCHE} from "./HouseState.sol";
import {Markets} from "./Markets.sol";
import {Terms} from "./Terms.sol";

/// @title Listings, terms, modes and modules
/// @notice What governance may change about the house. None of it moves money or touches an account.
/// @dev Deployed on its own and linked: it runs in the house's storage. The house has checked the caller.
library Governing {
    /// @dev See IClearingHouse.listMarket.
    function listMarket(HouseState storage state, MarketId market, IClearingHouse.MarketTerms calldata terms) external {
        Market storage listed = state.markets[market];
        if (Markets.modeOf(listed) != IClearingHouse.MarketMode.Unlisted) {
            revert IClearingHouse.MarketAlreadyListed(market);
        }
        if (MarketId.unwrap(market) > 63) {
            revert IClearingHouse.TermsOutOfBounds("market", MarketId.unwrap(market), 0, 63);
        }
        if (terms.pool.owner() == address(this)) revert IClearingHouse.SystemAccount(terms.pool);
        Terms.write(listed, terms);
        Markets.setMode(listed, IClearingHouse.MarketMode.Halted);
        Markets.setEvents(listed, 1);
        Markets.setUpdatedAt(listed);
        state.listed |= uint64(market.bit());
        // The pool stays in its market for good; an account may be the pool of one market only.
        uint256 poolMarkets = Accounts.marketsOf(state, terms.pool);
        if (poolMarkets != 0) revert IClearingHouse.PoolInUse(terms.pool, poolMarkets);
        Accounts.join(state, terms.pool, market);
        // So does the account that takes over defaults: from here on joining costs nobody's resolution a new slot.
        Accounts.join(state, Markets.systemAccount(market, RESOLUTION), market);
        Accounts.raise(state, Markets.systemAccount(market, TRANCHE), JUNIOR);
        emit IClearingHouse.MarketListed(market, Terms.read(listed));
    }

    /// @dev See IClearingHouse.setMarketTerms.
    function setMarketTerms(
        HouseState storage state,
        MarketId market,
        IClearingHouse.MarketTerms calldata terms
    ) external {
        Market storage listed = state.markets[market];
        if (Markets.modeOf(listed) == IClearingHouse.MarketMode.Unlisted) {
            revert IClearingHouse.MarketNotListed(market);
        }
        _requireNotWoundDown(listed, market);
        if (terms.pool.owner() != listed.pool) revert IClearingHouse.PoolFixed(market, accountIdOf(listed.pool, 0));
        // Funding up to now at the old terms.
        Markets.save(state, Markets.load(state, market, state.oracle.observe(market.bit(), Freshness.SameBlock)[0]));
        Terms.write(listed, terms);
        emit IClearingHouse.MarketTermsSet(market, Terms.read(listed));
    }

    /// @dev See IClearingHouse.setMarketMode.
    function setMarketMode(HouseState storage state, MarketId market, IClearingHouse.MarketMode mode) external {
        Market storage listed = state.markets[market];
        IClearingHouse.MarketMode old = Markets.modeOf(listed);
        if (old == IClearingHouse.MarketMode.Unlisted || mode == IClearingHouse.MarketMode.Unlisted) {
            revert IClearingHouse.MarketNotListed(market);
        }
        _requireNotWoundDown(listed, market);
        // There is one way to the end of a market.
        if (mode == IClearingHouse.MarketMode.WoundDown)
            revert IClearingHouse.WindDownNotDue(market, 0, block.timestamp);
        emit IClearingHouse.MarketModeSet(market, old, mode);
        if (old == IClearingHouse.MarketMode.Halted && mode != old) listed.resumedAt = uint40(block.timestamp);
        Markets.setMode(listed, mode);
    }

    function _requireNotWoundDown(Market storage listed, MarketId market) private view {
        if (Markets.modeOf(listed) == IClearingHouse.MarketMode.WoundDown) {
            revert IClearingHouse.MarketWoundDown(market);
        }
    }

    /// @dev See IClearingHouse.setModule.
    function setModule(HouseState storage state, bytes32 module, address newAddress) external {
        if (newAddress == address(0)) revert IClearingHouse.ModuleZero(module);
        if (newAddress == address(this)) revert IClearingHouse.SystemAccount(accountIdOf(newAddress, 0));
        address old = moduleOf(state, module);
        if (module == "risk") state.risk = IRiskEngine(newAddress);
        else if (module == "oracle") state.oracle = IOracleRouter(newAddress);
        else if (module == "liquidation") state.liquidation = ILiquidationEngine(newAddress);
        else if (module == "waterfall") state.waterfall = ILossWaterfall(newAddress);
        else if (module == "backstop") state.backstop = newAddress;
        else if (old != address(0)) revert IClearingHouse.ModuleFixed(module, old);
        else if (module == "credit") state.credit = ICreditVault(newAddress);
        else {
            if (module == "protocol") state.protocol = newAddress;
            else state.insurance = newAddress;
            Accounts.raise(state, accountIdOf(newAddress, 0), JUNIOR);
        }
        emit IClearingHouse.ModuleSet(module, old, newAddress);
    }

    /// @dev See IClearingHouse.setBackstopShare.
    function setBackstopShare(HouseState storage state, uint256 newShare) external {
        if (newShare > MAX_BACKSTOP_SHARE) {
            revert IClearingHouse.TermsOutOfBounds("backstopShare", newShare, 0, MAX_BACKSTOP_SHARE);
        }
        if (state.backstop == address(0)) revert IClearingHouse.ModuleZero("backstop");
        uint256 oldShare = backstopShareOf(state);
        state.backstopSharePips = uint24(newShare / Terms.PIP);
        emit IClearingHouse.BackstopShareSet(oldShare, backstopShareOf(state));
    }

    /// @dev See IClearingHouse.backstopShare.
    function backstopShareOf(HouseState storage state) public view returns (uint256) {
        return state.backstopSharePips * Terms.PIP;
    }

    /// @dev See IClearingHouse.moduleOf. Part of the house itself: venues ask on every call.
    function moduleOf(HouseState storage state, bytes32 module) internal view returns (address) {
        if (module == "risk") return address(state.risk);
        if (module == "oracle") return address(state.oracle);
        if (module == "liquidation") return address(state.liquidation);
        if (module == "waterfall") return address(state.waterfall);
        if (module == "insurance") return state.insurance;
        if (module == "credit") return address(state.credit);
        if (module == "backstop") return state.backstop;
        if (module == "protocol") return state.protocol;
        revert IClearingHouse.ModuleUnknown(module);
    }
}

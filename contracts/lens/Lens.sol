// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IBackstopPool} from "../interfaces/IBackstopPool.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ICollateralAuction} from "../interfaces/ICollateralAuction.sol";
import {ICreditVault} from "../interfaces/ICreditVault.sol";
import {ILens} from "../interfaces/ILens.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {IOracleRouter} from "../interfaces/IOracleRouter.sol";
import {IRiskEngine} from "../interfaces/IRiskEngine.sol";
import {SkewMath} from "../libraries/SkewMath.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../types/Portfolio.sol";
import {Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";

/// @title Reading in pages
/// @notice Owns nothing and is asked by nobody on chain. Each item is read in a call of its own, so that its failure stays its own.
contract Lens is ILens {
    /// @inheritdoc ILens
    IClearingHouse public immutable HOUSE;

    /// @inheritdoc ILens
    uint256 public constant MAX_ACCOUNTS = 100;

    /// @dev Gas kept back from each item: enough to mark a hundred more as not reached and to return a page of full reports.
    uint256 private constant GAS_KEPT = 4_000_000;

    /// @dev Kinds of the house's own accounts in a market.
    uint256 private constant RESOLUTION = 0;
    uint256 private constant TEAR_UP = 1;
    uint256 private constant DEFICIT = 2;
    uint256 private constant TRANCHE = 3;

    constructor(IClearingHouse house_) {
        HOUSE = house_;
    }

    /* ACCOUNTS */

    /// @inheritdoc ILens
    function accounts(AccountId[] calldata ids) external view returns (AccountReport[] memory reports) {
        if (ids.length > MAX_ACCOUNTS) revert PageTooLong(ids.length, MAX_ACCOUNTS);
        reports = new AccountReport[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            reports[i].account = ids[i];
            if (gasleft() < 2 * GAS_KEPT) {
                reports[i].failure = abi.encodeWithSelector(ReportNotReached.selector, ids[i]);
                continue;
            }
            try this.accountReport{gas: gasleft() - GAS_KEPT}(ids[i]) returns (AccountReport memory report) {
                reports[i] = report;
            } catch (bytes memory reason) {
                reports[i].failure = _failure(reason);
            }
        }
    }

    /// @inheritdoc ILens
    function accountReport(AccountId account) external view returns (AccountReport memory report) {
        report.account = account;
        report.state = HOUSE.accountOf(account);
        report.positions = _positionsOf(account, report.state.markets);
        try HOUSE.freeCashOf(account) returns (uint256 freeCashUsd) {
            report.freeCashUsd = freeCashUsd;
        } catch (bytes memory reason) {
            report.freeCashFailure = _failure(reason);
        }
        try HOUSE.distressOf(account) returns (IClearingHouse.DistressState memory distress) {
            report.distress = distress;
        } catch (bytes memory reason) {
            report.distressFailure = _failure(reason);
        }
        if (!_value(report)) return report;
        try HOUSE.marginOf(account, MarginKind.Initial) returns (int256 equityUsd, uint256 requiredUsd) {
            (report.openingEquityUsd, report.initialUsd) = (equityUsd, requiredUsd);
        } catch (bytes memory reason) {
            report.marginFailure = _failure(reason);
        }
        _plan(report);
        _auction(report);
    }

    /* MARKETS */

    /// @inheritdoc ILens
    function markets() external view returns (MarketReport[] memory reports) {
        MarketId[] memory ids = _idsOf(HOUSE.listedMarkets());
        reports = new MarketReport[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            try this.marketReport(ids[i]) returns (MarketReport memory report) {
                reports[i] = report;
            } catch (bytes memory reason) {
                reports[i].market = ids[i];
                reports[i].failure = _failure(reason);
            }
        }
    }

    /// @inheritdoc ILens
    function marketReport(MarketId market) external view returns (MarketReport memory report) {
        report.market = market;
        report.terms = HOUSE.termsOf(market);
        report.state = HOUSE.marketOf(market);
        report.skew = int256(report.state.longOpenInterest) - int256(report.state.shortOpenInterest);
        AccountId resolution = HOUSE.systemAccountOf(market, RESOLUTION);
        report.inventory = HOUSE.positionOf(resolution, market);
        try HOUSE.previewTakeOver(resolution, market, type(uint256).max) returns (
            ILiquidationEngine.TakeOverPlan memory plan
        ) {
            report.inventoryPlan = plan;
        } catch (bytes memory reason) {
            report.inventoryFailure = _failure(reason);
        }
        try HOUSE.previewTearUpPool(market) returns (ILiquidationEngine.PoolPlan memory plan) {
            report.poolTearUp = plan;
        } catch (bytes memory reason) {
            report.poolTearUpFailure = _failure(reason);
        }
        report.tearUp = HOUSE.positionOf(HOUSE.systemAccountOf(market, TEAR_UP), market);
        report.deficit = HOUSE.positionOf(HOUSE.systemAccountOf(market, DEFICIT), market);
        try IOracleRouter(HOUSE.moduleOf("oracle")).peek(market.bit()) returns (Price[] memory prices) {
            report.price = prices[0];
            if (report.state.mode == IClearingHouse.MarketMode.WoundDown) {
                // Its price is the house's own for good, whatever the feed says.
                report.price.price = report.state.lastPrice;
                (report.price.publishedAt, report.price.status) = (block.timestamp, PriceStatus.Valid);
            }
            report.depthUsd = SkewMath.depthUsd(report.terms.skewScale, report.price.price);
            report.stress = _stressOf(market, report.state.mode);
        } catch (bytes memory reason) {
            report.priceFailure = _failure(reason);
        }
        try HOUSE.marginOf(report.terms.pool, MarginKind.Maintenance) returns (int256 equityUsd, uint256 requiredUsd) {
            (report.poolEquityUsd, report.poolMaintenanceUsd) = (equityUsd, requiredUsd);
        } catch (bytes memory reason) {
            report.poolFailure = _failure(reason);
        }
        try IRiskEngine(HOUSE.moduleOf("risk")).ratesOf(market) returns (IRiskEngine.MarginRates memory rates) {
            report.rates = rates;
        } catch (bytes memory reason) {
            report.ratesFailure = _failure(reason);
        }
    }

    /// @dev As the house hands it to the liquidation engine.
    function _stressOf(
        MarketId market,
        IClearingHouse.MarketMode mode
    ) private view returns (ILiquidationEngine.Stress memory stress) {
        (stress.windowLow, stress.windowHigh) = IOracleRouter(HOUSE.moduleOf("oracle")).windowOf(market);
        stress.shortfallUsd = HOUSE.totalShortfallUsd();
        stress.insuranceUsd = _trancheCashOf(market) + _fundCash();
        stress.isGuarded = mode == IClearingHouse.MarketMode.ReduceOnly;
    }

    /* ROUTES */

    /// @inheritdoc ILens
    function routesOf(AccountId account) external view returns (AccountRoutes memory routes) {
        routes.report = this.accountReport(account);
        uint256 count = routes.report.positions.length;
        routes.positions = new PositionRoutes[](count);
        for (uint256 i; i < count; ++i) {
            PositionRoutes memory position = routes.positions[i];
            position.market = routes.report.positions[i].market;
            try HOUSE.previewPacing(account, position.market) returns (ILiquidationEngine.Pacing memory pacing) {
                position.pacing = pacing;
            } catch (bytes memory reason) {
                position.pacingFailure = _failure(reason);
            }
            (position.backstop, position.backstopFailure) = _bidFor(account, position.market);
        }
        try this.creditReport(account) returns (CreditReport memory credit) {
            routes.credit = credit;
        } catch (bytes memory reason) {
            routes.creditFailure = _failure(reason);
        }
    }

    /// @inheritdoc ILens
    function creditReport(AccountId account) external view returns (CreditReport memory report) {
        ICreditVault vault = ICreditVault(HOUSE.moduleOf("credit"));
        if (address(vault).code.length == 0) return report;
        report.debtUsd = vault.debtOf(account);
        report.valueUsd = vault.valueOf(account, MarginKind.Maintenance);
        report.lineUsd = vault.lineOf(account, MarginKind.Initial);
        ICollateralAuction auction = ICollateralAuction(vault.auction());
        address[] memory assets = vault.listedCollateral();
        report.collateral = new CollateralReport[](assets.length);
        for (uint256 i; i < assets.length; ++i) {
            CollateralReport memory collateral = report.collateral[i];
            collateral.asset = assets[i];
            collateral.amountNative = vault.collateralOf(account, assets[i]);
            (collateral.startedAt, collateral.expiresAt) = auction.auctionOf(account, assets[i]);
            if (collateral.startedAt == 0) continue;
            collateral.take = auction.previewTake(account, assets[i], type(uint256).max);
        }
    }

    /// @inheritdoc ILens
    function marketRoutesOf(MarketId market) external view returns (MarketRoutes memory routes) {
        routes.report = this.marketReport(market);
        try HOUSE.previewInventory(market) returns (IClearingHouse.InventoryState memory inventory) {
            routes.inventory = inventory;
        } catch (bytes memory reason) {
            routes.inventoryFailure = _failure(reason);
        }
        (routes.backstop, routes.backstopFailure) = _bidFor(HOUSE.systemAccountOf(market, RESOLUTION), market);
    }

    /// @dev What the backstop pool would take.
    function _bidFor(
        AccountId account,
        MarketId market
    ) private view returns (IBackstopPool.Bid memory bid, bytes memory failure) {
        IBackstopPool pool = IBackstopPool(HOUSE.moduleOf("backstop"));
        if (address(pool).code.length == 0) {
            return (bid, abi.encodeWithSelector(ModuleMissing.selector, bytes32("backstop")));
        }
        try pool.previewTake(account, market) returns (IBackstopPool.Bid memory said) {
            bid = said;
        } catch (bytes memory reason) {
            failure = _failure(reason);
        }
    }

    /* HOUSE */

    /// @inheritdoc ILens
    function house() external view returns (HouseReport memory report) {
        IERC20Metadata token = IERC20Metadata(HOUSE.TOKEN());
        report.token = address(token);
        report.tokenDecimals = token.decimals();
        report.tokensNative = token.balanceOf(address(HOUSE));
        report.tokensUsd =
            report.tokenDecimals > 18
                ? report.tokensNative / 10 ** (report.tokenDecimals - 18)
                : report.tokensNative * 10 ** (18 - report.tokenDecimals);
        report.insuranceCashUsd = _fundCash();

        MarketId[] memory ids = _idsOf(HOUSE.listedMarkets());
        report.markets = new MarketBooks[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            IClearingHouse.MarketState memory state = HOUSE.marketOf(ids[i]);
            report.markets[i] = MarketBooks({
                market: ids[i],
                reserveUsd: state.reserveUsd,
                uncollectedLossUsd: state.uncollectedLossUsd,
                surplusUsd: state.surplusUsd,
                trancheCashUsd: _trancheCashOf(ids[i]),
                quoteSumUsd: int256(state.reserveUsd + state.uncollectedLossUsd) - int256(state.surplusUsd)
            });
            report.reservesUsd += state.reserveUsd;
        }
        report.cashUsd = int256(report.tokensUsd) - int256(report.reservesUsd);
    }

    /* PRIVATE */

    /// @dev Cash of the shared insurance fund. D18{USD}
    function _fundCash() private view returns (uint256) {
        return HOUSE.accountOf(accountIdOf(HOUSE.moduleOf("insurance"), 0)).cashUsd;
    }

    /// @dev Cash of a market's own tranche. D18{USD}
    function _trancheCashOf(MarketId market) private view returns (uint256) {
        return HOUSE.accountOf(HOUSE.systemAccountOf(market, TRANCHE)).cashUsd;
    }

    /// @dev What is known of an account's positions without any price.
    function _positionsOf(AccountId account, uint256 set) private view returns (PositionReport[] memory positions) {
        MarketId[] memory ids = _idsOf(set);
        positions = new PositionReport[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            IClearingHouse.PositionState memory position = HOUSE.positionOf(account, ids[i]);
            positions[i].market = ids[i];
            positions[i].size = position.size;
            positions[i].quote = position.quote;
            // Nothing happens any more to a position that events have emptied.
            if (position.storedSize != 0 || position.storedQuote != 0) {
                positions[i].pendingEvents = HOUSE.marketOf(ids[i]).events - position.eventsSeen;
            }
        }
    }

    /// @dev Fills in prices, values and the maintenance side. False, and `marginFailure`, when the account cannot be judged.
    function _value(AccountReport memory report) private view returns (bool) {
        try HOUSE.portfolioOf(report.account, MarginKind.Maintenance) returns (Portfolio memory portfolio) {
            for (uint256 i; i < portfolio.exposures.length; ++i) {
                Exposure memory exposure = portfolio.exposures[i];
                report.positions[i].status = exposure.status;
                report.positions[i].price = exposure.price;
                report.positions[i].valueUsd = exposure.valueUsd;
            }
            try IRiskEngine(HOUSE.moduleOf("risk")).assess(portfolio, MarginKind.Maintenance) returns (
                int256 equityUsd,
                uint256 requiredUsd
            ) {
                (report.equityUsd, report.maintenanceUsd) = (equityUsd, requiredUsd);
                report.health = _healthOf(equityUsd, requiredUsd);
                report.resolvable = equityUsd < 0 || _isUncarried(report, portfolio);
                return true;
            } catch (bytes memory reason) {
                report.marginFailure = _failure(reason);
            }
        } catch (bytes memory reason) {
            report.marginFailure = _failure(reason);
        }
        return false;
    }

    /// @dev Fills in the plans, and whether a default would be recognised. Only an account below its maintenance margin needs asking.
    function _plan(AccountReport memory report) private view {
        bool healthy = report.equityUsd >= int256(report.maintenanceUsd);
        for (uint256 i; i < report.positions.length; ++i) {
            PositionReport memory position = report.positions[i];
            if (healthy) {
                position.plan.code = ILiquidationEngine.PlanCode.Healthy;
                position.plan.equityUsd = report.equityUsd;
                position.plan.maintenanceUsd = report.maintenanceUsd;
                continue;
            }
            try HOUSE.previewLiquidation(report.account, position.market) returns (
                ILiquidationEngine.Plan memory plan
            ) {
                position.plan = plan;
                if (report.equityUsd < 0 && _forbidsResolution(plan.code)) report.resolvable = false;
            } catch (bytes memory reason) {
                position.planFailure = _failure(reason);
                report.resolvable = false;
            }
        }
    }

    /// @dev Whether an account that counts as solvent is so only by collateral that nobody can draw on now: then its default is recognised all the same.
    function _isUncarried(
        AccountReport memory report,
        Portfolio memory portfolio
    ) private view returns (bool hasPrice) {
        if (portfolio.creditLineUsd == 0) return false;
        try ICreditVault(HOUSE.moduleOf("credit")).lineOf(report.account, MarginKind.Initial) returns (
            uint256 lineUsd
        ) {
            int256 uncarriedUsd = report.equityUsd - int256(portfolio.creditLineUsd);
            if (uncarriedUsd + int256(lineUsd + report.state.graceUsd) >= 0) return false;
        } catch {
            return false;
        }
        for (uint256 i; i < portfolio.exposures.length; ++i) {
            Exposure memory exposure = portfolio.exposures[i];
            bool isHalted = HOUSE.modeOf(exposure.market) == IClearingHouse.MarketMode.Halted;
            if (isHalted && exposure.size != 0) return false;
            if (exposure.status == PriceStatus.Valid) hasPrice = true;
        }
    }

    /// @dev Fills in what take-overs would do.
    function _auction(AccountReport memory report) private view {
        bool healthy = report.equityUsd >= int256(report.maintenanceUsd);
        for (uint256 i; i < report.positions.length; ++i) {
            PositionReport memory position = report.positions[i];
            if (healthy) {
                _healthy(report, position.takeOver);
                continue;
            }
            try HOUSE.previewTakeOver(report.account, position.market, type(uint256).max) returns (
                ILiquidationEngine.TakeOverPlan memory plan
            ) {
                position.takeOver = plan;
            } catch (bytes memory reason) {
                position.takeOverFailure = _failure(reason);
            }
        }
        if (healthy) {
            _healthy(report, report.takeOverWhole);
            return;
        }
        try HOUSE.previewTakeOverWhole(report.account) returns (
            ILiquidationEngine.TakeOverPlan memory total,
            ILiquidationEngine.TakeOverPlan[] memory
        ) {
            report.takeOverWhole = total;
        } catch (bytes memory reason) {
            report.takeOverWholeFailure = _failure(reason);
        }
    }

    function _healthy(AccountReport memory report, ILiquidationEngine.TakeOverPlan memory plan) private pure {
        plan.code = ILiquidationEngine.PlanCode.Healthy;
        plan.equityUsd = report.equityUsd;
        plan.maintenanceUsd = report.maintenanceUsd;
        plan.elapsedSeconds = report.distress.elapsedSeconds;
    }

    /// @dev A bankrupt account's other codes: a market without a valid price is left alone, an empty position has no plan. What stands in the way
    /// of `resolve` is a halted market, events to be applied first, or a grace that makes the account no longer bankrupt.
    function _forbidsResolution(ILiquidationEngine.PlanCode code) private pure returns (bool) {
        return
            code != ILiquidationEngine.PlanCode.Bankrupt &&
            code != ILiquidationEngine.PlanCode.NoPosition &&
            code != ILiquidationEngine.PlanCode.PriceNotValid;
    }

    /// @dev E/MM, D18{1}, rounded down.
    function _healthOf(int256 equityUsd, uint256 maintenanceUsd) private pure returns (uint256) {
        if (equityUsd < 0) return 0;
        return maintenanceUsd == 0 ? type(uint256).max : (uint256(equityUsd) * 1e18) / maintenanceUsd;
    }

    /// @dev Revert data, never empty.
    function _failure(bytes memory reason) private pure returns (bytes memory) {
        return reason.length == 0 ? abi.encodeWithSelector(ReadFailed.selector) : reason;
    }

    /// @dev The markets of a set, in ascending order.
    function _idsOf(uint256 set) private pure returns (MarketId[] memory ids) {
        uint256 count;
        for (uint256 rest = set; rest != 0; rest &= rest - 1) ++count;
        ids = new MarketId[](count);
        uint256 index;
        for (uint8 number; set != 0; ++number) {
            if (set & 1 != 0) ids[index++] = MarketId.wrap(number);
            set >>= 1;
        }
    }
}

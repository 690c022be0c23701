// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAdaptiveMargin} from "../../../contracts/interfaces/IAdaptiveMargin.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {IRiskSteward} from "../../../contracts/interfaces/IRiskSteward.sol";
import {IVolatility} from "../../../contracts/interfaces/IVolatility.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @title Base of the steward's tests
/// @notice A house under a real access manager: the steward's contract may set terms, `keyholder` may change, `guardian` may tighten, `governor` sets limits. Margins of ETH follow
/// volatility, those of BTC stand still. Every parameter may be changed by a tenth a day, between four fifths and six fifths of its value.
abstract contract RiskStewardTest is HouseScenarios {
    uint64 internal constant TERMS_ROLE = 1;
    uint64 internal constant STEWARD_ROLE = 2;
    uint64 internal constant GUARDIAN_ROLE = 3;
    uint64 internal constant GOVERNOR_ROLE = 4;
    uint256 internal constant PARAMETERS = 29;
    uint256 internal constant COOLDOWN = 1 days;

    IRiskSteward internal steward;
    AccessManager internal manager;
    address internal keyholder;
    address internal guardian;
    address internal governor;

    function setUp() public virtual override {
        super.setUp();
        keyholder = makeAddr("keyholder");
        guardian = makeAddr("guardian");
        governor = makeAddr("governor");
        _setOtherTerms();
        manager = AccessManager(deploy("AccessManager", abi.encode(address(this))));
        steward = IRiskSteward(deploy("RiskSteward", abi.encode(house, manager, risk)));
        manager.grantRole(TERMS_ROLE, address(steward), 0);
        manager.grantRole(TERMS_ROLE, address(this), 0);
        manager.grantRole(STEWARD_ROLE, keyholder, 0);
        manager.grantRole(GUARDIAN_ROLE, guardian, 0);
        manager.grantRole(GOVERNOR_ROLE, governor, 0);
        _let(address(risk), IRiskEngine.setRiskTerms.selector, TERMS_ROLE);
        _let(address(risk), IRiskEngine.setCoverTerms.selector, TERMS_ROLE);
        _let(address(risk), IAdaptiveMargin.setAdaptiveTerms.selector, TERMS_ROLE);
        _let(address(liquidation), ILiquidationEngine.setLiquidationTerms.selector, TERMS_ROLE);
        _let(address(liquidation), ILiquidationEngine.setAuctionTerms.selector, TERMS_ROLE);
        _let(address(house), IClearingHouse.setMarketTerms.selector, TERMS_ROLE);
        _let(address(steward), IRiskSteward.change.selector, STEWARD_ROLE);
        _let(address(steward), IRiskSteward.tighten.selector, GUARDIAN_ROLE);
        _let(address(steward), IRiskSteward.setLimits.selector, GOVERNOR_ROLE);
        IAccessManaged(address(house)).setAuthority(address(manager));
        IAccessManaged(address(risk)).setAuthority(address(manager));
        IAccessManaged(address(liquidation)).setAuthority(address(manager));
        _limitAll(ETH);
        _limitAll(BTC);
    }

    function _setOtherTerms() private {
        IRiskEngine.CoverTerms memory cover = IRiskEngine.CoverTerms({
            coverageTarget: 0.01e18,
            bootstrapUsd: 50_000e18,
            fundShare: 0.5e18,
            concentrationMove: 0.1e18,
            premiumRate: 0.0001e18
        });
        risk.setCoverTerms(ETH, cover);
        risk.setCoverTerms(BTC, cover);
        IAdaptiveMargin.AdaptiveTerms memory adaptive;
        adaptive.source = IVolatility(address(oracle));
        adaptive.horizonSeconds = 1 hours;
        adaptive.deviations = 2e18;
        adaptive.regimeCaps = [uint256(0.2e18), 0.2e18, 0.2e18, 0.2e18];
        IAdaptiveMargin(address(risk)).setAdaptiveTerms(ETH, adaptive);
    }

    function _let(address target, bytes4 selector, uint64 role) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }

    function _limitAll(MarketId market) private {
        for (uint256 i; i < PARAMETERS; ++i) {
            IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter(i);
            _limit(market, parameter, _limitsAround(_value(market, parameter)));
        }
    }

    function _limitsAround(uint256 value) internal pure returns (IRiskSteward.Limits memory) {
        return
            IRiskSteward.Limits({
                lowest: (value * 8) / 10,
                highest: (value * 12) / 10,
                stepUp: 0.1e18,
                stepDown: 0.1e18,
                cooldownSeconds: COOLDOWN
            });
    }

    /* ACT */

    function _limit(MarketId market, IRiskSteward.RiskParameter parameter, IRiskSteward.Limits memory limits) internal {
        IRiskSteward.RiskParameter[] memory parameters = new IRiskSteward.RiskParameter[](1);
        IRiskSteward.Limits[] memory all = new IRiskSteward.Limits[](1);
        (parameters[0], all[0]) = (parameter, limits);
        vm.prank(governor);
        steward.setLimits(market, parameters, all);
    }

    function _change(MarketId market, IRiskSteward.RiskParameter parameter, uint256 newValue) internal {
        vm.prank(keyholder);
        steward.change(market, parameter, newValue);
    }

    function _tighten(MarketId market, IRiskSteward.RiskParameter parameter, uint256 newValue) internal {
        vm.prank(guardian);
        steward.tighten(market, parameter, newValue);
    }

    /// @dev Time passes; prices stay what they are and fresh.
    function _waitDays(uint256 count) internal {
        skipSeconds(count * 1 days);
        feeds[0].push(2_000e8);
        feeds[1].push(40_000e8);
        oracle.poke(ETH.bit() | BTC.bit());
    }

    /* EXPECT */

    function _expectUnauthorized(address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        vm.prank(caller);
    }

    function _expectOutOfRange(
        MarketId market,
        IRiskSteward.RiskParameter parameter,
        uint256 newValue,
        uint256 low,
        uint256 high
    ) internal {
        uint256 value = _value(market, parameter);
        vm.expectRevert(
            abi.encodeWithSelector(IRiskSteward.StepOutOfRange.selector, market, parameter, value, newValue, low, high)
        );
    }

    /* READ */

    /// @dev As its keeper says; written out once more, by names.
    function _value(MarketId market, IRiskSteward.RiskParameter parameter) internal view returns (uint256) {
        uint256 number = uint256(parameter);
        if (number < 9) {
            IRiskEngine.RiskTerms memory terms = risk.riskTermsOf(market);
            return
                [
                    terms.initialMargin,
                    terms.maintenanceMargin,
                    terms.sizeSlope,
                    terms.gainShare,
                    terms.multiplier,
                    terms.maxMultiplier,
                    terms.maxCharge,
                    terms.rampStartUsd,
                    terms.rampEndUsd
                ][number];
        }
        if (number < 12) {
            IRiskEngine.CoverTerms memory terms = risk.coverTermsOf(market);
            return [terms.coverageTarget, terms.bootstrapUsd, terms.concentrationMove][number - 9];
        }
        if (number < 18) {
            IAdaptiveMargin.AdaptiveTerms memory terms = IAdaptiveMargin(address(risk)).adaptiveTermsOf(market);
            if (number >= 14) return terms.regimeCaps[number - 14];
            return number == 12 ? terms.horizonSeconds : terms.deviations;
        }
        if (number == 18) return house.termsOf(market).exposureCap;
        if (number == 28) return liquidation.auctionTermsOf(market).durationSeconds;
        ILiquidationEngine.LiquidationTerms memory liquidationTerms = liquidation.liquidationTermsOf(market);
        return
            [
                liquidationTerms.target,
                liquidationTerms.equityShare,
                liquidationTerms.maxPenaltyRate,
                liquidationTerms.keeperShare,
                liquidationTerms.sliceShare,
                liquidationTerms.windowSeconds,
                liquidationTerms.smallNotionalUsd,
                liquidationTerms.gasFloorUsd,
                liquidationTerms.referenceRange
            ][number - 19];
    }

    /// @dev All terms of a market that the steward's contract has the power to write.
    function _allTerms(MarketId market) internal view returns (bytes memory) {
        return
            bytes.concat(
                abi.encode(risk.riskTermsOf(market), risk.coverTermsOf(market)),
                abi.encode(IAdaptiveMargin(address(risk)).adaptiveTermsOf(market), house.termsOf(market)),
                abi.encode(liquidation.liquidationTermsOf(market), liquidation.auctionTermsOf(market))
            );
    }

    /// @dev The largest or smallest value that may be set, in whole steps of what is kept of it.
    function _inSteps(IRiskSteward.RiskParameter parameter, uint256 value) internal pure returns (uint256) {
        uint256 step = 1e9;
        if (parameter >= IRiskSteward.RiskParameter.MacroCap && parameter <= IRiskSteward.RiskParameter.ClusterCap) {
            step = 0.01e18;
        } else if (parameter == IRiskSteward.RiskParameter.Deviations) {
            step = 1e15;
        } else if (parameter == IRiskSteward.RiskParameter.SmallNotionalUsd) {
            step = 1e18;
        } else if (
            parameter == IRiskSteward.RiskParameter.GasFloorUsd ||
            parameter == IRiskSteward.RiskParameter.ReferenceRange
        ) {
            step = 1e12;
        } else if (
            parameter == IRiskSteward.RiskParameter.HorizonSeconds ||
            parameter == IRiskSteward.RiskParameter.WindowSeconds ||
            parameter == IRiskSteward.RiskParameter.AuctionSeconds
        ) {
            step = 1;
        }
        return value - (value % step);
    }
}

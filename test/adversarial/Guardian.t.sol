// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAdaptiveMargin} from "../../contracts/interfaces/IAdaptiveMargin.sol";
import {ICircuitBreaker} from "../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {IOracleRouter} from "../../contracts/interfaces/IOracleRouter.sol";
import {IRiskEngine} from "../../contracts/interfaces/IRiskEngine.sol";
import {IRiskSteward} from "../../contracts/interfaces/IRiskSteward.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../contracts/types/PriceStatus.sol";
import {RiskStewardTest} from "../unit/governance/RiskStewardTest.sol";

/// @notice The guardian's key is stolen: whatever the thief does with it only reduces risk, liquidates nobody and keeps nobody's money for long (AUTH-1).
contract Guardian_adversarial_Test is RiskStewardTest {
    uint64 private constant BREAKER_ROLE = 5;

    ICircuitBreaker private _breaker;

    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    function setUp() public override {
        super.setUp();
        _breaker = ICircuitBreaker(deploy("CircuitBreaker", abi.encode(house, manager)));
        manager.grantRole(BREAKER_ROLE, address(_breaker), 0);
        IAccessManaged(address(oracle)).setAuthority(address(manager));
        _let(address(house), IClearingHouse.setMarketMode.selector, BREAKER_ROLE);
        _let(address(_breaker), ICircuitBreaker.setMode.selector, GOVERNOR_ROLE);
        _let(address(_breaker), ICircuitBreaker.guard.selector, GUARDIAN_ROLE);
        _let(address(_breaker), ICircuitBreaker.halt.selector, GUARDIAN_ROLE);
        _let(address(oracle), IOracleRouter.acceptJump.selector, GUARDIAN_ROLE);
        _let(address(risk), IAdaptiveMargin.raiseRegime.selector, GUARDIAN_ROLE);
    }

    function _steal(address target, bytes memory data) private returns (bool success) {
        vm.prank(guardian);
        (success, ) = target.call(data);
    }

    /// @dev Alice stands at her maintenance margin to the unit; Bob has cash and no position.
    function _arrange() private {
        _open(alice, ETH, 30_000e18, 100e18);
        _withdraw(alice, house.freeCashOf(alice));
        _fund(bob, 1_000e18);
        _price(ETH, 1_950);
        oracle.poke(ETH.bit());
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        _fund(alice, uint256(int256(required) - equity));
    }

    /// @dev Everything the role is for, as far as it goes, in one block.
    function _doAll() private returns (uint256 done) {
        for (uint256 i; i < PARAMETERS; ++i) {
            IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter(i);
            IRiskSteward.Range memory range = steward.allowedRange(ETH, parameter);
            uint256[2] memory ends = [_inSteps(parameter, range.high), _inSteps(parameter, range.low)];
            for (uint256 end; end < 2; ++end) {
                if (_steal(address(steward), abi.encodeCall(IRiskSteward.tighten, (ETH, parameter, ends[end])))) {
                    ++done;
                }
            }
        }
        for (uint256 i; i < 4; ++i) {
            IAdaptiveMargin.RegimeComponent component = IAdaptiveMargin.RegimeComponent(i);
            uint256 cap = IAdaptiveMargin(address(risk)).adaptiveTermsOf(ETH).regimeCaps[i];
            assertTrue(
                _steal(address(risk), abi.encodeCall(IAdaptiveMargin.raiseRegime, (ETH, component, cap, 3 days)))
            );
        }
        assertTrue(_steal(address(_breaker), abi.encodeCall(ICircuitBreaker.guard, (ETH))));
        assertTrue(_steal(address(_breaker), abi.encodeCall(ICircuitBreaker.halt, (ETH, 1 days))));
    }

    function test_AUTH1_halt_onlyReducesRisk_whenTheGuardiansKeyIsStolen() public {
        _arrange();
        IRiskEngine.RiskTerms memory before = risk.riskTermsOf(ETH);
        uint256 cap = house.termsOf(ETH).exposureCap;
        uint256 cashBefore = token.balanceOf(address(house));
        // Twelve parameters have a way that reduces risk for sure.
        assertEq(_doAll(), 12);

        IRiskEngine.RiskTerms memory terms = risk.riskTermsOf(ETH);
        assertGe(terms.initialMargin, before.initialMargin);
        assertGe(terms.maintenanceMargin, before.maintenanceMargin);
        assertGe(terms.multiplier, before.multiplier);
        assertGe(terms.maxMultiplier, before.maxMultiplier);
        assertGe(terms.maxCharge, before.maxCharge);
        assertEq(terms.sizeSlope, before.sizeSlope);
        assertLe(terms.gainShare, before.gainShare);
        assertLe(terms.rampStartUsd, before.rampStartUsd);
        assertLe(terms.rampEndUsd, before.rampEndUsd);
        assertLe(house.termsOf(ETH).exposureCap, cap);
        assertEq(token.balanceOf(address(house)), cashBefore, "money moved");
        // RAMP-1, even at the edge.
        assertFalse(_mark(alice));
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        assertGe(equity, int256(required), "RAMP-1");
        // CASH-1, LIVE-1: cash without a position leaves, and money comes in, in a halted market too.
        _withdraw(bob, 1_000e18);
        _fund(alice, 30_000e18);
        // The halt ends by itself, and everybody can leave.
        skipSeconds(1 days);
        feeds[0].push(1_950e8);
        vm.prank(STRANGER);
        _breaker.release(ETH);
        _trade(alice, ETH, -100e18);
        assertEq(_size(alice, ETH), 0);
        assertFalse(
            _steal(address(_breaker), abi.encodeCall(ICircuitBreaker.halt, (ETH, 1 days))),
            "halted again at once"
        );
    }

    /// @dev What would loosen or move something is refused whoever else may do it.
    function test_AUTH1_guard_isNoPowerToLoosen_whenTheGuardiansKeyIsStolen() public {
        _open(alice, ETH, 30_000e18, 100e18);
        vm.prank(governor);
        _breaker.setMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter.InitialMargin;
        assertFalse(_steal(address(_breaker), abi.encodeCall(ICircuitBreaker.guard, (ETH))), "guarded already");
        assertFalse(
            _steal(address(_breaker), abi.encodeCall(ICircuitBreaker.setMode, (ETH, IClearingHouse.MarketMode.Open))),
            "opened"
        );
        assertFalse(
            _steal(address(house), abi.encodeCall(IClearingHouse.setMarketMode, (ETH, IClearingHouse.MarketMode.Open))),
            "opened behind the breaker"
        );
        assertFalse(
            _steal(address(steward), abi.encodeCall(IRiskSteward.tighten, (ETH, parameter, 0.049e18))),
            "loosened"
        );
        assertFalse(
            _steal(address(steward), abi.encodeCall(IRiskSteward.change, (ETH, parameter, 0.049e18))),
            "loosened as steward"
        );
        assertFalse(_steal(address(risk), abi.encodeCall(IRiskEngine.setRiskTerms, (ETH, _riskTerms()))), "set terms");
        assertFalse(_steal(address(house), abi.encodeCall(IClearingHouse.withdraw, (alice, 1, guardian))), "withdrew");
        assertFalse(
            _steal(
                address(liquidation),
                abi.encodeCall(ILiquidationEngine.setLiquidationTerms, (ETH, _liquidationTerms()))
            ),
            "set liquidation terms"
        );
        assertTrue(house.modeOf(ETH) == IClearingHouse.MarketMode.ReduceOnly);
    }

    /// @dev The one power that is not a reduction: to take a round beyond the jump band before later rounds confirm it. It is the feed's latest round or nothing.
    function test_AUTH1_acceptJump_takesTheFeedsWordOnly_whenTheGuardiansKeyIsStolen() public {
        oracle.poke(ETH.bit());
        // Nothing has jumped: there is nothing to accept.
        assertFalse(_steal(address(oracle), abi.encodeCall(IOracleRouter.acceptJump, (ETH, 2))));
        _price(ETH, 700);
        assertTrue(oracle.peek(ETH.bit())[0].status == PriceStatus.Jump);
        (uint80 latest, , , , ) = AggregatorV3Interface(address(feeds[0])).latestRoundData();
        for (uint256 round; round < 5; ++round) {
            if (round == latest) continue;
            assertFalse(_steal(address(oracle), abi.encodeCall(IOracleRouter.acceptJump, (ETH, round))), "another");
        }
        assertTrue(_steal(address(oracle), abi.encodeCall(IOracleRouter.acceptJump, (ETH, latest))));
        assertEq(oracle.peek(ETH.bit())[0].price, 700e18);
    }

    function test_AUTH1_raiseRegime_lowersNothing_whenTheGuardiansKeyIsStolen() public {
        IAdaptiveMargin margins = IAdaptiveMargin(address(risk));
        IAdaptiveMargin.RegimeComponent component = IAdaptiveMargin.RegimeComponent.Macro;
        assertTrue(
            _steal(address(risk), abi.encodeCall(IAdaptiveMargin.raiseRegime, (ETH, component, 0.2e18, 3 days)))
        );
        uint256 regime = margins.multipliersOf(ETH).regime;
        assertFalse(
            _steal(address(risk), abi.encodeCall(IAdaptiveMargin.raiseRegime, (ETH, component, 0.1e18, 3 days)))
        );
        assertFalse(
            _steal(address(risk), abi.encodeCall(IAdaptiveMargin.raiseRegime, (ETH, component, 0.21e18, 3 days)))
        );
        assertTrue(
            _steal(address(risk), abi.encodeCall(IAdaptiveMargin.raiseRegime, (ETH, component, 0.2e18, 1 minutes)))
        );
        assertEq(margins.multipliersOf(ETH).regime, regime);
        // A shorter life does not shorten what stands.
        skipSeconds(3 days - 1);
        assertEq(margins.multipliersOf(ETH).regime, regime);
        skipSeconds(1);
        assertEq(margins.multipliersOf(ETH).regime, 1e18);
    }
}

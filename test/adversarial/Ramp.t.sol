// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAdaptiveMargin} from "../../contracts/interfaces/IAdaptiveMargin.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../../contracts/interfaces/IRiskEngine.sol";
import {IVolatility} from "../../contracts/interfaces/IVolatility.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice RAMP-1 against everything that tightens margins: an account stands at its maintenance margin to the unit, and all that can tighten does so in one block.
contract Ramp_adversarial_Test is HouseScenarios {
    IAdaptiveMargin private _margins;

    function setUp() public override {
        super.setUp();
        _margins = IAdaptiveMargin(address(risk));
        IAdaptiveMargin.AdaptiveTerms memory terms;
        terms.source = IVolatility(address(oracle));
        terms.horizonSeconds = 1 hours;
        terms.deviations = 2e18;
        terms.regimeCaps = [uint256(0.2e18), 0.2e18, 0.2e18, 0.2e18];
        _margins.setAdaptiveTerms(ETH, terms);
        _margins.setAdaptiveTerms(BTC, terms);
    }

    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    /// @dev Alice is long 100 ETH since calmer days, with equity of exactly maintenance margin at a price of 1,950, or a unit less. Volatility is measured, and not refreshed.
    function _aliceAtMaintenanceMargin(uint256 missing) private {
        _open(alice, ETH, 30_000e18, 100e18);
        _withdraw(alice, house.freeCashOf(alice));
        _swing(6);
        _price(ETH, 1_950);
        oracle.poke(ETH.bit());
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        _fund(alice, uint256(int256(required) - equity) - missing);
        (equity, required) = house.marginOf(alice, MarginKind.Maintenance);
        assertEq(equity + int256(missing), int256(required));
    }

    /// @dev Prices swing for some buckets and come back: only the range says that they did.
    function _swing(uint256 times) private {
        for (uint256 i; i < times; ++i) {
            skipSeconds(BUCKET_SECONDS / 3);
            feeds[0].push(2_200e8);
            oracle.poke(ETH.bit());
            skipSeconds(BUCKET_SECONDS / 3);
            feeds[0].push(2_000e8);
            oracle.poke(ETH.bit());
        }
        skipSeconds(BUCKET_SECONDS);
        feeds[0].push(2_000e8);
        oracle.poke(ETH.bit());
    }

    function _assertNotLiquidatable() private {
        assertFalse(_mark(alice), "RAMP-1");
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        assertGe(equity, int256(required), "RAMP-1");
        assertTrue(house.liquidate(alice, ETH, keeper).code == ILiquidationEngine.PlanCode.Healthy, "RAMP-1");
    }

    /// @dev The edge is real: a unit less, and she is marked.
    function test_RAMP1_mark_marks_whenUnitIsMissing() public {
        _aliceAtMaintenanceMargin(1);
        assertTrue(_mark(alice));
    }

    function test_RAMP1_refresh_liquidatesNobody_whenEverythingTightens() public {
        _aliceAtMaintenanceMargin(0);
        uint256 initialBefore = _required(MarginKind.Initial);
        // Volatility is known, the regime rises in every way, and the governor asks for more: all in one block.
        _margins.refresh(ETH);
        for (uint256 i; i < 4; ++i) {
            _margins.raiseRegime(ETH, IAdaptiveMargin.RegimeComponent(i), 0.2e18, 3 days);
        }
        IRiskEngine.RiskTerms memory terms = _riskTerms();
        terms.maintenanceMargin = 0.045e18;
        terms.multiplier = 2e18;
        risk.setRiskTerms(ETH, terms);
        _margins.refresh(ETH);
        _assertNotLiquidatable();
        // Initial margin has risen at once, to as much as there is.
        assertGe(_required(MarginKind.Initial), (initialBefore * 13) / 10);
        assertEq(house.freeCashOf(alice), 0);
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        house.trade(_request(alice, ETH, 1e18));
    }

    /// @dev Time does what no block may: by at most a tenth within an hour. Whoever watches can add cash or reduce meanwhile.
    function test_RAMP1_refresh_tightensByTenthAnHour() public {
        _aliceAtMaintenanceMargin(0);
        uint256 before = _required(MarginKind.Maintenance);
        _margins.refresh(ETH);
        _assertNotLiquidatable();
        _wait(ETH, 1_950, 1 hours);
        _margins.refresh(ETH);
        uint256 later = _required(MarginKind.Maintenance);
        assertGt(later, before);
        assertLe(later, (before * 11) / 10);
        assertTrue(_mark(alice));
        // LIVE-1: depositing is possible, and enough.
        _fund(alice, later - before + 100e18);
        assertTrue(house.liquidate(alice, ETH, keeper).code == ILiquidationEngine.PlanCode.Healthy, "LIVE-1");
    }

    /// @dev Volatility that nobody has refreshed still binds who opens: initial margin reads it itself.
    function test_RAMP1_trade_revertsWhenVolatilityRoseUnrefreshed() public {
        _fund(alice, 10_500e18);
        uint256 snapshot = vm.snapshotState();
        house.trade(_request(alice, ETH, 100e18));
        vm.revertToState(snapshot);
        _swing(6);
        vm.expectPartialRevert(IClearingHouse.AccountBelowInitialMargin.selector);
        house.trade(_request(alice, ETH, 100e18));
    }

    /// @dev M1: sixteen million dollars at the edge of initial margin in calm days. Then all that tightens does, and the price falls by a tick: nobody is liquidated in that block, nor within
    /// an hour of the ramp at that price.
    function test_M1_withdraw_leavesAMargin_whenMarginsRiseAfterAVeryLargePositionIsAtTheEdge() public {
        _open(alice, ETH, 3_000_000e18, 8_000e18);
        _open(bob, ETH, 3_000_000e18, -8_000e18);
        _withdraw(alice, house.freeCashOf(alice));
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertEq(equity, int256(required), "at the edge");
        _swing(6);
        _margins.refresh(ETH);
        for (uint256 i; i < 4; ++i) {
            _margins.raiseRegime(ETH, IAdaptiveMargin.RegimeComponent(i), 0.2e18, 3 days);
        }
        skipSeconds(1);
        feeds[0].push(2_000e8 - 1);
        _assertNotLiquidatable();
        uint256 before = _required(MarginKind.Maintenance);
        assertEq(house.freeCashOf(alice), 0, "more could be taken");
        _wait(ETH, 2_000, 1 hours);
        assertLe(_required(MarginKind.Maintenance), (before * 111) / 100, "RAMP-1: per hour");
        _assertNotLiquidatable();
    }

    /// @dev M2: profit can be withdrawn only beyond what the rise's own volatility asks for.
    function test_M2_withdraw_leavesRisenMargin_whenTrendIsSteep() public {
        _open(alice, ETH, 30_000e18, 100e18);
        uint256 price = 2_000;
        for (uint256 i; i < 8; ++i) {
            price = (price * 103) / 100;
            _wait(ETH, price, BUCKET_SECONDS);
            _settle(alice);
        }
        _wait(ETH, price, 3 * BUCKET_SECONDS);
        _settle(alice);
        uint256 free = house.freeCashOf(alice);
        if (free != 0) _withdraw(alice, free);
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertGe(equity, int256(required));
        uint256 notional = 100 * price * 1e18;
        assertGt(required, (notional * 2 * 0.05e18) / 1e18);
    }

    function _required(MarginKind kind) private view returns (uint256 required) {
        (, required) = house.marginOf(alice, kind);
    }
}

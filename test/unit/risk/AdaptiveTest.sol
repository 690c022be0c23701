// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAdaptiveMargin} from "../../../contracts/interfaces/IAdaptiveMargin.sol";
import {IVolatility} from "../../../contracts/interfaces/IVolatility.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Exposure} from "../../../contracts/types/Portfolio.sol";
import {RiskEngineTest} from "./RiskEngineTest.sol";

/// @notice A source that says what it is told.
contract VolatilityStub is IVolatility {
    uint256 private _slow;
    uint256 private _fast;

    function set(uint256 slow, uint256 fast) external {
        (_slow, _fast) = (slow, fast);
    }

    function variancesOf(MarketId) external view returns (uint256 slow, uint256 fast) {
        return (_slow, _fast);
    }

    function meanPriceOf(MarketId) external pure returns (uint256) {
        return 0;
    }
}

/// @notice The risk engine of its other tests, ETH following a source: one that asks for ρ = 1 per `CALM` of variance, at two deviations of an hour.
abstract contract AdaptiveTest is RiskEngineTest {
    /// @dev D18{1/s}: (3 %/2)² an hour.
    uint256 internal constant CALM = 62_500_000_000;

    IAdaptiveMargin internal margins;
    VolatilityStub internal source;

    function setUp() public virtual override {
        super.setUp();
        source = new VolatilityStub();
        margins = IAdaptiveMargin(address(risk));
    }

    function adaptiveTerms() internal view returns (IAdaptiveMargin.AdaptiveTerms memory terms) {
        terms.source = source;
        terms.horizonSeconds = 1 hours;
        terms.deviations = 2e18;
        terms.regimeCaps = [uint256(0.2e18), 0.1e18, 0.3e18, 0.25e18];
    }

    function follow() internal {
        margins.setAdaptiveTerms(ETH, adaptiveTerms());
    }

    /// @dev σ asks for `multiplier` times the calm margin.
    function ask(uint256 multiplier) internal {
        source.set((CALM * multiplier * multiplier) / (ONE * ONE), 0);
    }

    function assertMultipliers(uint256 initialMultiplier, uint256 maintenanceMultiplier) internal view {
        IAdaptiveMargin.Multipliers memory now_ = margins.multipliersOf(ETH);
        assertEq(now_.initial, initialMultiplier, "initial");
        assertEq(now_.maintenance, maintenanceMultiplier, "maintenance");
        Exposure memory exposure = aNotional(1e9 * ONE, 0);
        (, uint256 required) = initial(portfolioOf(0, exposure));
        // The size costs a unit.
        assertEq(required, 1e9 * 0.05 * initialMultiplier + 1);
        assertEq(risk.ratesOf(ETH).initialRate, (0.05e18 * now_.refreshed) / ONE);
        assertEq(risk.initialMarginOf(ETH, 1e9 * ONE, 1e58, 0), 1e9 * 0.05 * now_.refreshed + 1);
        assertEq(risk.ratesOf(ETH).maintenanceRate, (0.03e18 * maintenanceMultiplier) / ONE);
    }
}

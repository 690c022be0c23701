// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {Test} from "../../support/Test.sol";

/// @notice A risk engine with the terms of a liquid market (ETH) and a thin one (ALT), and builders of portfolios.
abstract contract RiskEngineTest is Test {
    uint256 internal constant ONE = 1e18;
    MarketId internal constant ETH = MarketId.wrap(0);
    MarketId internal constant ALT = MarketId.wrap(63);
    MarketId internal constant UNSET = MarketId.wrap(7);

    IRiskEngine internal risk;

    function setUp() public virtual {
        risk = IRiskEngine(deploy("RiskEngine", abi.encode(deploy("AccessManager", abi.encode(address(this))))));
        risk.setRiskTerms(ETH, ethTerms());
        risk.setRiskTerms(ALT, altTerms());
    }

    function ethTerms() internal pure returns (IRiskEngine.RiskTerms memory) {
        return
            IRiskEngine.RiskTerms({
                initialMargin: 0.05e18,
                maintenanceMargin: 0.03e18,
                sizeSlope: 0.005e18,
                gainShare: 0.9e18,
                multiplier: 1e18,
                maxMultiplier: 3e18,
                maxCharge: 0.2e18,
                rampStartUsd: 50_000_000e18,
                rampEndUsd: 200_000_000e18
            });
    }

    function altTerms() internal pure returns (IRiskEngine.RiskTerms memory) {
        return
            IRiskEngine.RiskTerms({
                initialMargin: 0.2e18,
                maintenanceMargin: 0.12e18,
                sizeSlope: 0.01e18,
                gainShare: 0.5e18,
                multiplier: 1.25e18,
                maxMultiplier: 2e18,
                maxCharge: 0.3e18,
                rampStartUsd: 1_000_000e18,
                rampEndUsd: 5_000_000e18
            });
    }

    function coverTerms() internal pure returns (IRiskEngine.CoverTerms memory) {
        return
            IRiskEngine.CoverTerms({
                coverageTarget: 0.015e18,
                bootstrapUsd: 250_000e18,
                fundShare: 0.5e18,
                concentrationMove: 0.1e18,
                premiumRate: 0.0001e18
            });
    }

    /// @dev A long of so many dollars, in so deep a market that its size costs a unit.
    function aNotional(uint256 notionalUsd, uint256 interestUsd) internal pure returns (Exposure memory exposure) {
        exposure = anExposure(ETH, int256(notionalUsd), 0);
        exposure.price = ONE;
        exposure.depthUsd = 1e58;
        exposure.openInterestUsd = interestUsd;
    }

    /// @dev A position of `size` at 4 000 USD, in a deep and calm market.
    function anExposure(MarketId market, int256 size, int256 valueUsd) internal pure returns (Exposure memory) {
        return
            Exposure({
                market: market,
                status: PriceStatus.Valid,
                size: size,
                price: 4_000e18,
                valueUsd: valueUsd,
                maturedUsd: 0,
                depthUsd: 10_000_000e18,
                openInterestUsd: 20_000_000e18,
                lossPending: false,
                coverageLow: false
            });
    }

    function portfolioOf(uint256 cashUsd, Exposure memory exposure) internal pure returns (Portfolio memory portfolio) {
        portfolio.cashUsd = cashUsd;
        portfolio.exposures = new Exposure[](1);
        portfolio.exposures[0] = exposure;
    }

    function maintenance(Portfolio memory portfolio) internal view returns (int256 equityUsd, uint256 requiredUsd) {
        return risk.assess(portfolio, MarginKind.Maintenance);
    }

    function initial(Portfolio memory portfolio) internal view returns (int256 equityUsd, uint256 requiredUsd) {
        return risk.assess(portfolio, MarginKind.Initial);
    }

    function expectUnset(MarketId market) internal {
        vm.expectRevert(abi.encodeWithSelector(IRiskEngine.RiskTermsNotSet.selector, market));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Exposure, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {Test} from "../../support/Test.sol";

/// @notice The two engines with the starting parameters of a liquid market, and builders of accounts and market states.
abstract contract LiquidationEngineTest is Test {
    MarketId internal constant ETH = MarketId.wrap(0);
    uint256 internal constant PRICE = 4_000e18;

    IRiskEngine internal risk;
    ILiquidationEngine internal engine;

    function setUp() public virtual {
        address manager = deploy("AccessManager", abi.encode(address(this)));
        risk = IRiskEngine(deploy("RiskEngine", abi.encode(manager)));
        engine = ILiquidationEngine(deploy("LiquidationEngine", abi.encode(manager, risk)));
        risk.setRiskTerms(ETH, ethRisk());
        engine.setLiquidationTerms(ETH, ethLiquidation());
        engine.setAuctionTerms(ETH, ILiquidationEngine.AuctionTerms({durationSeconds: 90}));
    }

    function ethRisk() internal pure returns (IRiskEngine.RiskTerms memory) {
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

    function ethLiquidation() internal pure returns (ILiquidationEngine.LiquidationTerms memory) {
        return
            ILiquidationEngine.LiquidationTerms({
                target: 1.15e18,
                equityShare: 0.8e18,
                maxPenaltyRate: 0.01e18,
                keeperShare: 0.4e18,
                sliceShare: 0.25e18,
                windowSeconds: 10,
                smallNotionalUsd: 5_000e18,
                gasFloorUsd: 5e18,
                referenceRange: 0.006e18
            });
    }

    /// @dev One position worth `notionalUsd` in ETH; cash makes up what `equityUsd` lacks. Depth $10M.
    function anAccount(int256 size, int256 equityUsd) internal pure returns (Portfolio memory portfolio) {
        portfolio.exposures = new Exposure[](1);
        portfolio.exposures[0] = Exposure({
            market: ETH,
            status: PriceStatus.Valid,
            size: size,
            price: PRICE,
            valueUsd: equityUsd,
            maturedUsd: 0,
            depthUsd: 10_000_000e18,
            openInterestUsd: 20_000_000e18,
            lossPending: false,
            coverageLow: false
        });
    }

    /// @dev A range of 0.6 %, the reference; nobody is short of anything.
    function aCalm() internal pure returns (ILiquidationEngine.Stress memory) {
        return
            ILiquidationEngine.Stress({
                windowLow: PRICE,
                windowHigh: (PRICE * 1_006) / 1_000,
                shortfallUsd: 0,
                insuranceUsd: 1_000_000e18,
                isGuarded: false
            });
    }

    /// @dev A balanced market, K·P = $1B, rested buckets, a rich pool.
    function aMarket() internal view returns (ILiquidationEngine.MarketState memory) {
        return
            ILiquidationEngine.MarketState({
                skew: 0,
                averageSkewRatio: 0,
                skewScale: 250_000e18,
                poolEquityUsd: 50_000_000e18,
                exposureCap: 5_000e18,
                lotSize: 0.001e18,
                minNotionalUsd: 250e18,
                band: 0.02e18,
                bucketUsedUsd: 0,
                bucketAt: vm.getBlockTimestamp(),
                accountUsedRatio: 0,
                accountUsedAt: vm.getBlockTimestamp(),
                stress: aCalm()
            });
    }
}

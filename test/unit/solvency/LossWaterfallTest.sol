// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILossWaterfall} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Test} from "../../support/Test.sol";

/// @notice A waterfall whose house is the test, with the insurance terms of a liquid market (ETH) and a thin one (ALT).
abstract contract LossWaterfallTest is Test {
    uint256 internal constant ONE = 1e18;
    MarketId internal constant ETH = MarketId.wrap(0);
    MarketId internal constant ALT = MarketId.wrap(63);
    MarketId internal constant UNSET = MarketId.wrap(7);

    ILossWaterfall internal waterfall;

    function setUp() public virtual {
        address manager = deploy("AccessManager", abi.encode(address(this)));
        waterfall = ILossWaterfall(deploy("LossWaterfall", abi.encode(address(this), manager)));
        waterfall.setInsuranceTerms(ETH, terms(0.25e18, 0.5e18, 0.1e18));
        waterfall.setInsuranceTerms(ALT, terms(0.05e18, 0.1e18, 0.2e18));
    }

    /// @dev What the fund pays where it is the only tier with cash.
    function absorb(MarketId market, uint256 deficitUsd, uint256 fundUsd) internal returns (uint256) {
        return waterfall.absorb(market, deficitUsd, [uint256(0), fundUsd, 0, 0])[1];
    }

    /// @dev What it would pay.
    function previewAbsorb(MarketId market, uint256 deficitUsd, uint256 fundUsd) internal view returns (uint256) {
        return waterfall.previewAbsorb(market, deficitUsd, [uint256(0), fundUsd, 0, 0])[1];
    }

    function terms(
        uint256 eventCap,
        uint256 epochCap,
        uint256 coinsurance
    ) internal pure returns (ILossWaterfall.InsuranceTerms memory) {
        return ILossWaterfall.InsuranceTerms(eventCap, epochCap, coinsurance);
    }
}

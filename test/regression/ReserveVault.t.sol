// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {Tier} from "../../contracts/interfaces/ILossWaterfall.sol";
import {TierScenarios} from "../support/TierScenarios.sol";

/// @notice What inventory has won back, but nobody has realised yet, belongs to those who paid for the default: whoever enters a vault right before it is closed pays for it.
contract ReserveVault_deposit_Test is TierScenarios {
    uint256 private constant HELD = 60_000e18;
    uint256 private constant ENTERING = 1_000_000e18;

    /// @dev Reserve and backstop have paid 30 000 each for inventory that has won more than that since.
    function _defaultAndBounce() private {
        _capTier(Tier.Protocol, 0.5e18, ONE);
        _capTier(Tier.Backstop, 0.5e18, ONE);
        _reserve(ruth, HELD);
        _stake(lena, HELD);
        _bankruptAlice();
        _setTier(Tier.Fund, 20_000e18);
        _resolve(alice);
        assertEq(house.trancheOf(ETH).owedToProtocolUsd, 30_000e18);
        assertEq(house.trancheOf(ETH).owedToBackstopUsd, 30_000e18);
        skipSeconds(700);
        _price(ETH, 1_950);
    }

    /// @dev The newcomer ends with what they brought, the holder with all that came back.
    function _assertNothingCaptured(IERC4626 vault_, uint256 foreseen, uint256 shares) private {
        assertEq(shares, foreseen, "as previewed");
        assertGt(vault_.previewMint(shares), ENTERING - 1e6);
        _tearUpAll(ETH);
        assertLe(vault_.convertToAssets(shares), ENTERING, "S4");
        assertApproxEqAbs(vault_.convertToAssets(shares), ENTERING, 1e15);
        assertApproxEqAbs(vault_.convertToAssets(HELD), HELD, 1e15, "made whole");
    }

    function test_S4_deposit_buysNoRecovery_whenInventoryHasWonItBack() public {
        _defaultAndBounce();
        uint256 foreseen = reserveShares.previewDeposit(ENTERING);
        _assertNothingCaptured(reserveShares, foreseen, _reserve(makeAddr("rita, newcomer"), ENTERING));
    }

    function test_S4_deposit_buysNoRecoveryOfTheBackstop_whenInventoryHasWonItBack() public {
        _defaultAndBounce();
        uint256 foreseen = vault.previewDeposit(ENTERING);
        _assertNothingCaptured(vault, foreseen, _stake(luis, ENTERING));
    }
}

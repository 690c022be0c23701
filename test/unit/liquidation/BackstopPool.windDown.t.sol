// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {BackstopScenarios} from "../../support/BackstopScenarios.sol";

/// @notice Stakers of a backstop that holds a position in a market that ends: they wait for a price no longer than the market does.
contract BackstopPool_windDown_Test is BackstopScenarios {
    /// @dev The backstop has taken ETH over; the feed of ETH is dead for good.
    function _hold() private {
        _stake(lena, 500_000e18);
        _ripe();
        _poolTakes(alice, ETH);
        assertGt(_size(poolAccount, ETH), int256(0));
        house.announceWindDown(ETH, 1_908e18);
    }

    function test_redeem_needsNoFeed_whenTheMarketIsWoundDown() public {
        _hold();
        uint256 shares = vault.balanceOf(lena);
        skipSeconds(2 days - COOLDOWN);
        _publish(1_908, 40_000);
        _cool(lena, shares);
        _passCooldown(1_908, 40_000);
        house.windDown(ETH);
        skipSeconds(3_601);
        feeds[1].push(40_000e8);
        assertEq(uint256(oracle.peek(ETH.bit())[0].status), uint256(PriceStatus.Stale));
        // Alice, who was marked, recovered when the market closed; whoever looks clears it.
        _mark(alice);
        // All but the liquidation deposit, which is locked until the claim in ETH is paid.
        uint256 assets = _redeem(lena, vault.maxRedeem(lena));
        assertGt(assets, 490_000e18);
        assertEq(_size(poolAccount, ETH), int256(0));
    }

    function test_redeem_revertsWhenTheFeedIsDeadAndTheMarketLives() public {
        _hold();
        uint256 shares = vault.balanceOf(lena);
        _cool(lena, shares);
        skipSeconds(COOLDOWN);
        feeds[1].push(40_000e8);
        vm.prank(lena);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, ETH, PriceStatus.Stale));
        vault.redeem(shares, lena, lena);
    }
}

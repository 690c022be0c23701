// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {HouseScenarios} from "./HouseScenarios.sol";

/// @title TakeOverScenarios
/// @notice Take-overs by carol, who is rich, at any price; each compared with its preview. The token has 18 decimals, so equity can be set to the unit.
abstract contract TakeOverScenarios is HouseScenarios {
    uint256 internal constant ALL = type(uint256).max;

    function _decimals() internal pure virtual override returns (uint8) {
        return 18;
    }

    function setUp() public virtual override {
        super.setUp();
        _fund(carol, 1_000_000e18);
    }

    /* REQUESTS */

    function _takeWhole(AccountId account) internal view returns (IClearingHouse.TakeOverWholeRequest memory) {
        return
            IClearingHouse.TakeOverWholeRequest({
                account: account,
                taker: carol,
                minDiscountUsd: 0,
                deadline: vm.getBlockTimestamp(),
                expectedVersion: 0,
                data: ""
            });
    }

    /* ACT */

    /// @dev Takes over and compares with the preview.
    function _takeOver(
        AccountId account,
        MarketId market,
        uint256 maxSize
    ) internal returns (ILiquidationEngine.TakeOverPlan memory plan) {
        bytes32 preview = keccak256(abi.encode(house.previewTakeOver(account, market, maxSize)));
        plan = house.takeOver(_take(account, market, maxSize));
        assertEq(keccak256(abi.encode(plan)), preview, "preview");
    }

    /// @dev Takes the whole account over and compares with the preview.
    function _takeOverWhole(
        AccountId account
    ) internal returns (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts) {
        (total, parts) = house.previewTakeOverWhole(account);
        bytes32 preview = keccak256(abi.encode(total, parts));
        (total, parts) = house.takeOverWhole(_takeWhole(account));
        assertEq(keccak256(abi.encode(total, parts)), preview, "preview");
    }

    /// @dev Marks an account, and lets its auctions run for some seconds at the present price.
    function _markAndWait(AccountId account, uint256 duration) internal {
        _mark(account);
        skipSeconds(duration);
    }

    /// @dev Adds or takes cash until alice's equity is `health` (D18) of her maintenance margin.
    function _setHealth(uint256 health) internal {
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        int256 missing = int256((required * health) / 1e18) - equity;
        assertGt(missing, 0, "choose a lower price first");
        _fund(alice, uint256(missing));
    }

    /* READ */

    function _codeOf(ILiquidationEngine.TakeOverPlan memory plan) internal pure returns (uint256) {
        return uint256(plan.code);
    }

    function _previewCode(AccountId account, MarketId market) internal view returns (uint256) {
        return uint256(house.previewTakeOver(account, market, ALL).code);
    }
}

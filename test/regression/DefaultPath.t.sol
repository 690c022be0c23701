// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {Tier} from "../../contracts/interfaces/ILossWaterfall.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {TierScenarios} from "../support/TierScenarios.sol";

/// @notice Inventory that has cancelled to nothing, but whose profit nobody has closed yet, is still the inventory that others have paid for.
contract DefaultPath_resolve_Test is TierScenarios {
    function test_resolve_keepsWhatIsOwedBack_whenLongsAndShortsHaveCancelled() public {
        _reserve(ruth, 30_000e18);
        _stake(lena, 20_000e18);
        _bankruptAlice();
        _setTier(Tier.Fund, 50_000e18);
        AccountId dave = _trader("dave");
        AccountId eve = _trader("eve");
        _resolve(alice);
        assertEq(house.trancheOf(ETH).owedToFundUsd, 50_000e18);
        _open(dave, ETH, 60_000e18, -500e18);
        skipSeconds(700);
        _price(ETH, 1_950);
        _open(eve, ETH, 150e18, 1e18);
        _price(ETH, 1_775);
        _resolve(dave);
        IClearingHouse.InventoryState memory inventory = house.previewInventory(ETH);
        assertEq(inventory.size, int256(0));
        assertGt(inventory.valueUsd, 50_000e18, "a profit that nobody has closed");
        _resolve(eve);
        assertEq(house.trancheOf(ETH).owedToFundUsd, 50_000e18, "the fund is still owed");
    }
}

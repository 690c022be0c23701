// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HouseFixture} from "../support/HouseFixture.sol";

/// @notice The liquidation deposit is the keeper's, also where the bankrupt leaves its last market in the same call.
contract ClearingHouse_resolveDeposit_Test is HouseFixture {
    /// @dev Leaving the last market released the deposit to the bankrupt before the keeper was paid from it.
    function test_resolve_paysTheDepositToTheKeeper_whenTheAccountLeavesItsLastMarket() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _price(ETH, 1_800);
        _resolve(alice);
        assertEq(_cash(keeper), DEPOSIT_USD, "keeper");
        assertEq(_cash(alice), 0, "the bankrupt keeps nothing");
    }
}

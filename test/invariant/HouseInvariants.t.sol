// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {InvariantTest} from "../support/InvariantTest.sol";
import {HouseHandler} from "./handlers/HouseHandler.sol";

/// @notice The whole house under random calls of eight actors in three markets, of weather and of keepers.
/// @dev What a single call must keep (LIQ, SENIOR-1, RING-1, PAID-1, HEALTH-1, PRICE-1, ROUND-1, WATER-1, TEAR-1) the handlers check at the call.
contract HouseInvariants_Test is InvariantTest {
    HouseHandler private _house;

    function setUp() public {
        _house = HouseHandler(deploy("HouseHandler"));
        _house.setUp();
        targetHandler(address(_house), _house.actions());
    }

    /// @dev Whatever the sequence was: everything booked can be collected, and everybody can leave.
    function afterInvariant() public {
        _house.closeOut(1);
    }

    /// hardhat-config: default.invariant.runs = 8
    function invariant_CONS1_tokensAreCashAndReserves() public view {
        _house.checkTokens();
        _house.checkCancelling();
        _house.checkSides();
    }

    /// hardhat-config: default.invariant.runs = 8
    function invariant_SOC1_pendingChargesCoverEveryBookedLoss() public view {
        _house.checkPendingCharges();
        _house.checkFunding();
    }

    /// hardhat-config: default.invariant.runs = 8
    function invariant_CASH1_freeCashCanBeTakenNow() public {
        _house.checkFreeCash();
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {InvariantTest} from "../support/InvariantTest.sol";
import {HouseHandler} from "./handlers/HouseHandler.sol";

/// @notice The whole house under random calls of eight actors in three markets, of weather and of keepers.
/// @dev Every history begins with a house that has seen a partial liquidation, a bankruptcy, an empty insurance fund and a haircut. What a single call must keep (LIQ, SENIOR-1, RING-1, PAID-1, HEALTH-1, PRICE-1, ROUND-1, WATER-1, TEAR-1) the handlers check at the call.
contract HouseInvariants_Test is InvariantTest, HouseHandler {
    function setUp() public override {
        super.setUp();
        _tour();
        targetHandler(address(this), actions());
    }

    /// @dev Whatever the sequence was: everything booked can be collected, and everybody can leave.
    function afterInvariant() public {
        closeOut(1);
    }

    /// hardhat-config: default.invariant.runs = 8
    function invariant_CONS1_tokensAreCashAndReserves() public view {
        checkTokens();
        checkCancelling();
        checkSides();
    }

    /// hardhat-config: default.invariant.runs = 8
    function invariant_SOC1_pendingChargesCoverEveryBookedLoss() public view {
        checkPendingCharges();
        checkFunding();
    }

    /// hardhat-config: default.invariant.runs = 8
    function invariant_CASH1_freeCashCanBeTakenNow() public {
        checkFreeCash();
    }
}

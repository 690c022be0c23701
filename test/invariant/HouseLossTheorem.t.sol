// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HouseHandler} from "./handlers/HouseHandler.sol";

/// @notice The theorem on the house itself: random histories bent towards defaults, then everybody touched, paid and gone.
contract ClearingHouse_lossTheorem_Test is HouseHandler {
    uint256 private constant STEPS = 40;

    /// hardhat-config: default.fuzz.runs = 12
    /// hardhat-config: ci.fuzz.runs = 250
    /// hardhat-config: long.fuzz.runs = 2500
    function testFuzz_bookLoss_isCollectedFromGainsAlone(uint256 seed) public {
        // Every pair can be a default, and most of it has to be shared.
        for (uint256 i; i < STEPS; ++i) {
            uint256 mark = _mark();
            _stepOfDefaults(uint256(keccak256(abi.encode(seed, i))));
            _giveBack(mark);
        }
        checkPendingCharges();
        closeOut(seed);
    }

    function _stepOfDefaults(uint256 random) private {
        uint256 a = random >> 8;
        uint256 action = random % 14;
        // Two markets, so that histories meet in them.
        uint256 where = (random >> 4) & 1;
        if (action < 3) pair(a, where, random >> 24);
        else if (action < 6) bankrupt(a, where, 0);
        else if (action == 6) waitAndTearUp(where);
        else if (action == 7) trade(a, where, 5, random >> 24);
        else if (action == 8) touch(a, where, random >> 24);
        else if (action == 9) claimRefunds(a, where, 19);
        else if (action == 10) bookLoss(where);
        else if (action == 11) drift(where, random >> 24);
        else if (action == 12) settleOthers(random >> 24);
        else unwind(where);
    }
}

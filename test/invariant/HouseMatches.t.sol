// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MatchHandler} from "./handlers/MatchHandler.sol";

/// @notice A long random history of the whole house in which accounts also trade with each other, and liquidations are matched against accounts: whatever a
/// match meets (waiting events, claims, debts in other markets, dead feeds, markets that are closing), the books stay balanced.
contract HouseMatches_Test is MatchHandler {
    uint256 private constant STEPS = 450;

    function test_history_keepsTheBooks_whenAccountsTradeWithEachOther() public {
        for (uint256 i; i < STEPS; ++i) {
            uint256 seed = uint256(keccak256(abi.encode("matches", i)));
            uint256 mark = _mark();
            if (i % 3 == 0) agree(seed);
            else if (i % 3 == 1 && seed % 4 == 0) agreeToLiquidate(seed >> 8);
            else _step(seed);
            _giveBack(mark);
            if (i % 25 == 0) _check();
        }
        _check();
        closeOut(5);
        bytes32[6] memory corners = [
            bytes32("match opens"),
            "match reduces",
            "matched liquidation",
            "bankruptcy",
            "haircut",
            "gain paid"
        ];
        for (uint256 i; i < corners.length; ++i) {
            assertGt(reached(corners[i]), 0, string.concat("never reached: ", _text(corners[i])));
        }
    }

    function _check() private view {
        uint256 mark = _mark();
        checkTokens();
        checkCancelling();
        checkSides();
        checkPendingCharges();
        checkFunding();
        _giveBack(mark);
    }
}

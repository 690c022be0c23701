// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint} from "../../../contracts/libraries/FixedPoint.sol";

/// @title A claim that is wrong
/// @notice `npm run prove` has to refute it before it proves anything: a checker that does not is broken.
contract CanaryProofs {
    /// @notice Rounding up never differs from rounding down
    function prove_canary_isFalse(uint256 x, uint256 y) external pure {
        require(x < 1 << 120 && y < 1 << 120 && y != 0);
        assert(FixedPoint.divUp(x, y) == x / y);
    }
}

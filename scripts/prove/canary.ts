/** A claim that is wrong, though only for few arguments: a checker that does not refute it proves nothing. */
export const CANARY = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint} from "../../contracts/libraries/FixedPoint.sol";

contract CanaryProofs {
    /// @notice Rounding up never differs from rounding down
    function prove_canary_isFalse(uint256 x, uint256 y) external pure {
        require(x < 1 << 120 && y < 1 << 120 && y != 0);
        assert(FixedPoint.divUp(x, y) == x / y);
    }
}
`;

export const CANARY_FILE = "test/proofs/CanaryProofs.sol";

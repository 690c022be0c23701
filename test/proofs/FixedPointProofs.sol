// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint, SIGNED_WAD, WAD} from "../../contracts/libraries/FixedPoint.sol";

/// @title Rounding directions (ROUND-1)
/// @notice Proved by `npm run prove` for all arguments that the requirements admit. A result goes the way its name says, by less than one unit.
contract FixedPointProofs {
    /// @notice ⌊x·y⌋ ≤ x·y < ⌊x·y⌋ + 1
    function prove_mulWadDown_roundsDown(uint256 x, uint256 y) external pure {
        require(x < 1 << 120 && y < 1 << 120);
        uint256 result = FixedPoint.mulWadDown(x, y);
        assert(result * WAD <= x * y);
        assert(x * y - result * WAD < WAD);
    }

    /// @notice x·y ≤ ⌈x·y⌉ < x·y + 1
    function prove_mulWadUp_roundsUp(uint256 x, uint256 y) external pure {
        require(x < 1 << 120 && y < 1 << 120);
        uint256 result = FixedPoint.mulWadUp(x, y);
        assert(result * WAD >= x * y);
        assert(result * WAD - x * y < WAD);
    }

    /// @notice Both directions differ by at most one unit, and only where the quotient is not whole
    function prove_mulWad_differsByOneAtMost(uint256 x, uint256 y) external pure {
        require(x < 1 << 120 && y < 1 << 120);
        uint256 down = FixedPoint.mulWadDown(x, y);
        uint256 up = FixedPoint.mulWadUp(x, y);
        assert(up == down || up == down + 1);
        assert((up == down) == ((x * y) % WAD == 0));
    }

    /// @notice ⌊x/y⌋·y ≤ x < (⌊x/y⌋ + 1)·y
    function prove_divWadDown_roundsDown(uint256 x, uint256 y) external pure {
        require(x < 1 << 120 && y < 1 << 120 && y != 0);
        uint256 result = FixedPoint.divWadDown(x, y);
        assert(result * y <= x * WAD);
        assert(x * WAD - result * y < y);
    }

    /// @notice (⌈x/y⌉ − 1)·y < x ≤ ⌈x/y⌉·y
    function prove_divWadUp_roundsUp(uint256 x, uint256 y) external pure {
        require(x < 1 << 120 && y < 1 << 120 && y != 0);
        uint256 result = FixedPoint.divWadUp(x, y);
        assert(result * y >= x * WAD);
        assert(result * y - x * WAD < y);
    }

    /// @notice ⌈x/y⌉ of plain integers, of whatever width
    function prove_divUp_roundsUp(uint256 x, uint256 y) external pure {
        require(y != 0 && x < 1 << 254 && y < 1 << 254);
        uint256 result = FixedPoint.divUp(x, y);
        assert(result * y >= x);
        assert(result * y - x < y);
    }

    /// @notice ⌊x·y/d⌋, as far as the product fits into 256 bits
    function prove_mulDivDown_roundsDown(uint256 x, uint256 y, uint256 denominator) external pure {
        require(x < 1 << 120 && y < 1 << 120 && denominator != 0 && denominator < 1 << 120);
        uint256 result = FixedPoint.mulDivDown(x, y, denominator);
        assert(result == (x * y) / denominator);
    }

    /// @notice ⌈x·y/d⌉, as far as the product fits into 256 bits
    function prove_mulDivUp_roundsUp(uint256 x, uint256 y, uint256 denominator) external pure {
        require(x < 1 << 120 && y < 1 << 120 && denominator != 0 && denominator < 1 << 120);
        uint256 result = FixedPoint.mulDivUp(x, y, denominator);
        assert(result * denominator >= x * y);
        assert(result * denominator - x * y < denominator);
    }

    /// @notice ⌊x/y⌋ of signed integers goes towards −∞
    function prove_divFloor_roundsTowardsMinusInfinity(int256 x, int256 y) external pure {
        require(y > 0 && y < 1 << 120 && x > -(1 << 250) && x < 1 << 250);
        int256 result = FixedPoint.divFloor(x, y);
        assert(result * y <= x);
        assert(x - result * y < y);
    }

    /// @notice ⌈x/y⌉ of signed integers goes towards +∞
    function prove_divCeil_roundsTowardsPlusInfinity(int256 x, int256 y) external pure {
        require(y > 0 && y < 1 << 120 && x > -(1 << 250) && x < 1 << 250);
        int256 result = FixedPoint.divCeil(x, y);
        assert(result * y >= x);
        assert(result * y - x < y);
    }

    /// @notice ⌊x·y⌋ of signed factors goes towards −∞
    function prove_mulWadFloor_roundsTowardsMinusInfinity(int256 x, int256 y) external pure {
        require(x > -(1 << 120) && x < 1 << 120 && y > -(1 << 120) && y < 1 << 120);
        int256 result = FixedPoint.mulWadFloor(x, y);
        assert(result * SIGNED_WAD <= x * y);
        assert(x * y - result * SIGNED_WAD < SIGNED_WAD);
    }

    /// @notice ⌈x·y⌉ of signed factors goes towards +∞
    function prove_mulWadCeil_roundsTowardsPlusInfinity(int256 x, int256 y) external pure {
        require(x > -(1 << 120) && x < 1 << 120 && y > -(1 << 120) && y < 1 << 120);
        int256 result = FixedPoint.mulWadCeil(x, y);
        assert(result * SIGNED_WAD >= x * y);
        assert(result * SIGNED_WAD - x * y < SIGNED_WAD);
    }

    /// @notice What one side of a transfer rounds up the other rounds down: ⌈−x⌉ = −⌊x⌋
    function prove_mulWadCeil_mirrorsFloor(int256 x, int256 y) external pure {
        require(x > -(1 << 120) && x < 1 << 120 && y > -(1 << 120) && y < 1 << 120);
        assert(FixedPoint.mulWadCeil(-x, y) == -FixedPoint.mulWadFloor(x, y));
    }

    /// @notice |x|, for every int256
    function prove_magnitude_isExact(int256 x) external pure {
        uint256 result = FixedPoint.magnitude(x);
        if (x >= 0) assert(result == uint256(x));
        else if (x == type(int256).min) assert(result == 1 << 255);
        else assert(result == uint256(-x));
    }

    /// @notice max(0, x) − max(0, −x) = x
    function prove_positivePart_splitsANumber(int256 x) external pure {
        require(x > type(int256).min);
        uint256 gain = FixedPoint.positivePart(x);
        uint256 loss = FixedPoint.positivePart(-x);
        assert(gain == 0 || loss == 0);
        assert(int256(gain) - int256(loss) == x);
    }
}

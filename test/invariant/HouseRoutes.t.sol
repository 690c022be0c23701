// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {InvariantTest} from "../support/InvariantTest.sol";
import {RouteHandler} from "./handlers/RouteHandler.sol";

/// @notice The whole house with every route there is: besides all that the other campaigns do, accounts are marked and taken over in part, as a whole and out of inventory, the backstop bids and unwinds while
/// its stakers come and go, liquidations are matched with orders, and some accounts live on credit against collateral that falls and is auctioned.
contract HouseRoutes_Test is RouteHandler {
    uint256 private constant STEPS = 700;

    event Reached(bytes32 corner, uint256 times);

    function test_campaign_keepsTheBooks_whenEveryRouteIsTaken() public {
        _tourOfRoutes();
        _check();
        for (uint256 i; i < STEPS; ++i) {
            uint256 seed = uint256(keccak256(abi.encode("routes", i)));
            if (seed & 1 == 0) _routeStep(seed >> 1);
            else _step(seed >> 1);
            if (i % 25 == 0) _check();
        }
        _check();
        closeOut(2);
        _requireCorners();
    }

    function _check() private view {
        uint256 mark_ = _mark();
        checkTokens();
        checkCancelling();
        checkSides();
        checkPendingCharges();
        checkFunding();
        checkCredit();
        _giveBack(mark_);
    }

    /// @dev A campaign that never takes a route proves nothing about it.
    function _requireCorners() private {
        string memory missing;
        bytes32[27] memory corners = [
            bytes32("stake"),
            "unstake",
            "marked",
            "unmarked",
            "part taken over",
            "full take-over",
            "account taken over",
            "inventory taken over",
            "backstop bid",
            "inventory bid",
            "backstop unwound",
            "match opens",
            "match reduces",
            "matched liquidation",
            "pledge",
            "draw",
            "repayment",
            "opened on credit",
            "collateral sold",
            "partial liquidation",
            "bankruptcy",
            "loss event",
            "haircut",
            "tear-up",
            "gain paid",
            "pool restored",
            "backstop paid"
        ];
        for (uint256 i; i < corners.length; ++i) {
            emit Reached(corners[i], reached(corners[i]));
            if (reached(corners[i]) == 0) missing = string.concat(missing, " ", _text(corners[i]), ",");
        }
        assertEq(missing, "", "corners never met");
    }
}

/// @notice The same under a runner's random calls.
contract HouseRoutesInvariants_Test is InvariantTest, RouteHandler {
    function setUp() public override {
        super.setUp();
        for (uint256 route; route < RESCUES; ++route) rescue(3, 0, route << 24);
        targetHandler(address(this), actions());
        targetHandler(address(this), routeActions());
    }

    function afterInvariant() public {
        closeOut(1);
    }

    /// hardhat-config: default.invariant.runs = 6
    function invariant_CONS1_tokensAreCashAndReserves() public view {
        checkTokens();
        checkCancelling();
        checkSides();
        checkPendingCharges();
    }

    /// hardhat-config: default.invariant.runs = 6
    function invariant_CREDIT2_lendersCountOnWhatIsThereOrOwed() public view {
        checkCredit();
    }

    /// hardhat-config: default.invariant.runs = 6
    function invariant_CASH1_freeCashCanBeTakenNow() public {
        checkFreeCash();
    }
}

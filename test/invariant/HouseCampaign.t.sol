// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {HouseHandler} from "./handlers/HouseHandler.sol";

/// @notice One long random history of the house that shows that chance alone reaches every corner the invariants are about: a campaign that never sees
/// a default proves nothing.
contract HouseCampaign_Test is HouseHandler {
    uint256 private constant STEPS = 1_200;

    string private _missing;

    event Reached(bytes32 corner, uint256 times);
    event Refused(bytes4 selector, uint256 times);

    function test_campaign_reachesEveryCornerAndRefusal() public {
        for (uint256 i; i < STEPS; ++i) {
            _step(uint256(keccak256(abi.encode("campaign", i))));
            if (i % 25 == 0) _check();
        }
        closeOut(3);
        _requireCorners();
        _requireRefusals();
    }

    /// @dev Eighteen events behind one account: acting on it is refused, liquidating it says why, and touching leads out.
    function test_settle_revertsWhenMoreEventsWaitThanOneCallApplies() public {
        assertTrue(_pileUp(actors[0], actors[1], 0), "eighteen events");
        settleOwn(0);
        assertEq(refused(IClearingHouse.EventsPending.selector), 1, "refused");
        (, bytes memory result) = _act(abi.encodeCall(house.liquidate, (actors[0], ETH, keeper)), "");
        ILiquidationEngine.Plan memory plan = abi.decode(result, (ILiquidationEngine.Plan));
        assertEq(
            uint256(plan.code),
            uint256(ILiquidationEngine.PlanCode.EventsPending),
            "LIQ-5: a liquidation says why"
        );
        // The liquidation has applied as many as one call does.
        settleOwn(0);
        assertEq(refused(IClearingHouse.EventsPending.selector), 1, "then it settles");
        _check();
        closeOut(0);
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

    function _requireCorners() private {
        string memory missing;
        bytes32[28] memory corners = [
            bytes32("open"),
            "increase",
            "reduce",
            "close",
            "flip",
            "round trip",
            "withdrawal",
            "gain paid",
            "dead feed",
            "partial liquidation",
            "full liquidation",
            "bankruptcy",
            "insurance paid",
            "tranche paid",
            "tranche shared",
            "empty insurance",
            "capped insurance",
            "loss event",
            "haircut",
            "waiting loss booked",
            "tear-up",
            "unwind",
            "recovery",
            "refund",
            "free cash taken",
            "flat cash taken",
            "pool resolved",
            "overlapping losses"
        ];
        for (uint256 i; i < corners.length; ++i) {
            emit Reached(corners[i], reached(corners[i]));
            if (reached(corners[i]) == 0) missing = string.concat(missing, " ", _text(corners[i]), ",");
        }
        _missing = missing;
    }

    function _requireRefusals() private {
        string memory missing;
        bytes4[16] memory selectors = [
            IClearingHouse.FreeCashTooLow.selector,
            IClearingHouse.PriceNotValid.selector,
            IClearingHouse.NotAReduction.selector,
            IClearingHouse.MarketNotOpen.selector,
            IClearingHouse.PositionBelowMinimum.selector,
            IClearingHouse.CashTooLow.selector,
            IClearingHouse.AccountBelowInitialMargin.selector,
            IClearingHouse.AccountBankrupt.selector,
            IClearingHouse.AccountNotBankrupt.selector,
            IClearingHouse.NothingToUnwind.selector,
            IClearingHouse.UnwindTooCostly.selector,
            IClearingHouse.TearUpTooEarly.selector,
            IClearingHouse.LossNotBookable.selector,
            IClearingHouse.PriceBeyondBand.selector,
            IClearingHouse.PoolExposureExceeded.selector,
            IClearingHouse.PoolBelowInitialMargin.selector
        ];
        for (uint256 i; i < selectors.length; ++i) {
            emit Refused(selectors[i], refused(selectors[i]));
            if (refused(selectors[i]) == 0) missing = string.concat(missing, " ", vm.toString(bytes32(selectors[i])));
        }
        assertEq(string.concat(_missing, missing), "", "corners and refusals never met");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {CornerHandler} from "./CornerHandler.sol";
import {HouseChecks} from "./HouseChecks.sol";

/// @title HouseHandler
/// @notice A whole house and everything that can happen to it. A runner calls its `actions`; a single test draws them by `_step`.
abstract contract HouseHandler is CornerHandler, HouseChecks {
    uint256 internal constant ACTIONS = 39;

    /// @notice The functions a runner may call at random.
    function actions() public pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](ACTIONS);
        (selectors[0], selectors[1], selectors[2]) = (
            this.deposit.selector,
            this.withdraw.selector,
            this.depositAndWithdraw.selector
        );
        (selectors[3], selectors[4], selectors[5]) = (
            this.trade.selector,
            this.roundTrip.selector,
            this.settleOwn.selector
        );
        (selectors[6], selectors[7], selectors[8]) = (
            this.settleOthers.selector,
            this.touch.selector,
            this.claimRefunds.selector
        );
        (selectors[9], selectors[10], selectors[11]) = (this.drift.selector, this.crash.selector, this.wick.selector);
        (selectors[12], selectors[13], selectors[14]) = (
            this.jump.selector,
            this.steady.selector,
            this.silence.selector
        );
        (selectors[15], selectors[16], selectors[17]) = (
            this.breakFeed.selector,
            this.reopen.selector,
            this.loseKeepers.selector
        );
        (selectors[18], selectors[19], selectors[20]) = (
            this.sendTokens.selector,
            this.restrict.selector,
            this.liquidate.selector
        );
        (selectors[21], selectors[22], selectors[23]) = (
            this.liquidateWorst.selector,
            this.liquidateBatch.selector,
            this.resolve.selector
        );
        (selectors[24], selectors[25], selectors[26]) = (
            this.resolveWorst.selector,
            this.unwind.selector,
            this.tearUp.selector
        );
        (selectors[27], selectors[28], selectors[29]) = (
            this.bookLoss.selector,
            this.pair.selector,
            this.distress.selector
        );
        (selectors[30], selectors[31], selectors[32]) = (
            this.bankrupt.selector,
            this.waitAndTearUp.selector,
            this.claimEverything.selector
        );
        (selectors[33], selectors[34], selectors[35]) = (
            this.resolvePool.selector,
            this.waitAndBook.selector,
            this.failPool.selector
        );
        (selectors[36], selectors[37], selectors[38]) = (
            this.scrape.selector,
            this.crowd.selector,
            this.closeAndWithdraw.selector
        );
    }

    /// @dev Where free memory begins. A long history in one call would run out of it, so each step gives back what it took.
    function _mark() internal pure returns (uint256 mark) {
        assembly ("memory-safe") {
            mark := mload(0x40)
        }
    }

    function _giveBack(uint256 mark) internal pure {
        assembly ("memory-safe") {
            mstore(0x40, mark)
        }
    }

    /// @dev One of the actions, with arguments drawn from `seed`. Not by a call: each call of the house is to be a transaction of its own.
    function _step(uint256 seed) internal {
        uint256 mark = _mark();
        _draw(seed);
        _giveBack(mark);
    }

    function _draw(uint256 seed) private {
        uint256 a = uint256(keccak256(abi.encode(seed, 1)));
        uint256 b = uint256(keccak256(abi.encode(seed, 2)));
        uint256 c = uint256(keccak256(abi.encode(seed, 3)));
        uint256 d = uint256(keccak256(abi.encode(seed, 4)));
        uint256 action = seed % (ACTIONS + 6);
        if (action < 9) _stepAsTrader(action, a, b, c, d);
        else if (action < 20) _stepAsWeather(action, a, b);
        else if (action < 28) _stepAsKeeper(action, a, b, c);
        else if (action == 28) pair(a, b, c);
        else if (action == 29) distress(a, b);
        else if (action == 30) bankrupt(a, b, c);
        else if (action == 31) waitAndTearUp(a);
        else if (action == 32) claimEverything(a);
        else if (action == 33) resolvePool(a);
        else if (action == 34) waitAndBook();
        else if (action == 35) failPool(a);
        else if (action == 36) scrape(a, b);
        else if (action == 37) crowd(a, b);
        else if (action == 38) {
            if (b % 3 == 0) shareTranche(c);
            closeAndWithdraw(a);
            // What leads somewhere more often than the rest.
        } else if (action < 41) trade(a, b, c, d);
        else if (action < 43) pair(a, b, c);
        else if (action == 43) distress(a, b);
        else bankrupt(a, b, c);
    }

    function _stepAsTrader(uint256 action, uint256 a, uint256 b, uint256 c, uint256 d) private {
        if (action == 0) deposit(a, b);
        else if (action == 1) withdraw(a, b);
        else if (action == 2) depositAndWithdraw(a, b);
        else if (action == 3) trade(a, b, c, d);
        else if (action == 4) roundTrip(a, b, c);
        else if (action == 5) settleOwn(a);
        else if (action == 6) settleOthers(a);
        else if (action == 7) touch(a, b, c);
        else claimRefunds(a, b, c);
    }

    function _stepAsWeather(uint256 action, uint256 a, uint256 b) private {
        if (action == 9) drift(a, b);
        else if (action == 10) crash(a, b);
        else if (action == 11) wick(a, b);
        else if (action == 12) jump(a, b);
        else if (action == 13) steady(a);
        else if (action == 14) silence(a);
        else if (action == 15) breakFeed(a, b);
        else if (action == 16) reopen();
        else if (action == 17) loseKeepers(a);
        else if (action == 18) sendTokens(a);
        else restrict(a, b);
    }

    function _stepAsKeeper(uint256 action, uint256 a, uint256 b, uint256 c) private {
        if (action == 20) liquidate(a, b, c);
        else if (action == 21) liquidateWorst();
        else if (action == 22) liquidateBatch(a);
        else if (action == 23) resolve(a, b);
        else if (action == 24) resolveWorst(a);
        else if (action == 25) unwind(a);
        else if (action == 26) tearUp(a);
        else bookLoss(a);
    }

    /// @notice An actor closes what they can and takes out what is free.
    function closeAndWithdraw(uint256 who) public {
        AccountId account = actors[who % ACTORS];
        for (uint256 m; m < MARKETS; ++m) {
            _touch(account, m);
            int256 size = _size(account, _marketId(m));
            if (size != 0) _trade(account, m, -size, true);
        }
        _takeFreeCash(account);
    }

    /* TOUR */

    /// @dev Leads a fresh house past what every history is to have behind it: a partial liquidation, a bankruptcy, an insurance fund without a cent, and
    /// winners who were charged for what it could not pay.
    function _tour() internal {
        pair(0, 0, 0);
        distress(0, 0);
        failPool(3);
        crowd(3, 2);
        claimEverything(0);
        bytes32[4] memory corners = [bytes32("partial liquidation"), "bankruptcy", "empty insurance", "haircut"];
        for (uint256 i; i < corners.length; ++i) {
            assertGt(reached(corners[i]), 0, string.concat("the tour does not reach: ", _text(corners[i])));
        }
    }

    /// @dev A short string without the zeros behind it.
    function _text(bytes32 word) internal pure returns (string memory) {
        uint256 length;
        while (length < 32 && word[length] != 0) ++length;
        bytes memory text = new bytes(length);
        for (uint256 i; i < length; ++i) text[i] = word[i];
        return string(text);
    }

    /* CLOSING */

    /// @notice From whatever state a sequence left: everybody is touched, twice, and claims. Then nothing is left uncollected, a second touch has
    /// changed nothing, and what winners paid in the end is what was booked and not refundable.
    function closeOut(uint256 order) public {
        reopen();
        for (uint256 m; m < MARKETS; ++m) {
            _touchAll(m, order);
            bytes32 state = _digest(m);
            _touchAll(m, order >> 8);
            assertEq(_digest(m), state, "SOC-1: touching twice changed something");
            IClearingHouse.MarketState memory market = house.marketOf(_marketId(m));
            (, uint256 dust) = _dustOf(m, market.events);
            assertLe(
                market.uncollectedLossUsd,
                dust + _lossDust(m, market.events),
                "SOC-1: a booked loss was not collected"
            );
            _assertBalanced(m, market);
        }
        claimEverything(order % ACTORS);
        for (uint256 m; m < MARKETS; ++m) _assertBalanced(m, house.marketOf(_marketId(m)));
        checkTokens();
        checkCancelling();
        checkSides();
        checkPendingCharges();
        checkFreeCash();
        checkTokens();
    }

    function _touchAll(uint256 m, uint256 order) private {
        AccountId[] memory holders = _holders(m);
        for (uint256 i; i < holders.length; ++i) {
            _touch(holders[(i + (order % holders.length)) % holders.length], m);
        }
    }

    /// @dev Everybody's position, and what the market still owes and is owed.
    function _digest(uint256 m) private view returns (bytes32) {
        AccountId[] memory holders = _holders(m);
        IClearingHouse.PositionState[] memory positions = new IClearingHouse.PositionState[](holders.length);
        for (uint256 i; i < holders.length; ++i) {
            positions[i] = house.positionOf(holders[i], _marketId(m));
            // An empty position has seen everything, whatever its slot says.
            if (positions[i].size == 0 && positions[i].quote == 0) positions[i].eventsSeen = 0;
        }
        IClearingHouse.MarketState memory market = house.marketOf(_marketId(m));
        return keccak256(abi.encode(positions, market.uncollectedLossUsd, market.surplusUsd, market.reserveUsd));
    }

    /// @dev Charges less refunds are the losses booked, less what is uncollected, more what waits to be refunded.
    function _assertBalanced(uint256 m, IClearingHouse.MarketState memory market) private view {
        AccountId[] memory holders = _holders(m);
        int256 paid;
        for (uint256 i; i < holders.length; ++i) {
            paid += int256(charged[m][holders[i]]) - int256(refunded[m][holders[i]]);
        }
        assertEq(
            paid + int256(market.uncollectedLossUsd) - int256(market.surplusUsd),
            int256(booked[m]),
            "SOC-1: charges and refunds differ from what was booked"
        );
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {EagerEvents, Holding} from "../../differential/EagerEvents.sol";
import {HouseWorld} from "./HouseWorld.sol";

/// @title HouseChecks
/// @notice What must hold of the books at every instant, computed from the views alone, position by position.
abstract contract HouseChecks is HouseWorld {
    using EagerEvents for Holding;

    /// @dev What has happened to one market's positions, as the stored positions and the events say.
    /// @param sizes Σ of stored sizes; quotes likewise
    /// @param long Σ of the longs' sizes with tear-ups applied, pool and the house's tear-up and deficit accounts left out
    /// @param longQuote Σ of quote legs of stored longs, tear-ups applied, charges not
    /// @param charges pending charges of all
    struct Sums {
        int256 sizes;
        int256 quotes;
        uint256 long;
        uint256 short;
        int256 longQuote;
        int256 shortQuote;
        uint256 charges;
    }

    /* CONS */

    /// @notice CONS-1: tokens are cash and reserves, what was sent by mistake aside.
    function checkTokens() public view {
        uint256 cash;
        AccountId[] memory holders = _holders(0);
        for (uint256 i; i < ACTORS + 2; ++i) cash += _cash(holders[i]);
        cash += _cash(_reserveAccount());
        for (uint256 i; i < more.length; ++i) cash += _cash(more[i]);
        for (uint256 m; m < MARKETS; ++m) {
            cash += _cash(pools[m]) + _cash(_trancheOf(m)) + house.marketOf(_marketId(m)).reserveUsd;
            for (uint256 kind; kind < 3; ++kind) {
                assertEq(
                    _cash(house.systemAccountOf(_marketId(m), kind)),
                    0,
                    "CONS-1: the house's own account has cash"
                );
            }
        }
        assertEq(
            cash,
            (token.balanceOf(address(house)) - donated) * 1e12,
            "CONS-1: cash and reserves differ from tokens"
        );
    }

    /// @notice CONS-2: sizes cancel, quote legs are B + L − S, so at any one price all unsettled values are.
    function checkCancelling() public view {
        for (uint256 m; m < MARKETS; ++m) {
            Sums memory sums = _sumsOf(m);
            IClearingHouse.MarketState memory state = house.marketOf(_marketId(m));
            assertEq(sums.sizes, int256(0), "CONS-2: sizes do not cancel");
            assertEq(
                sums.quotes,
                int256(state.reserveUsd) + int256(state.uncollectedLossUsd) - int256(state.surplusUsd),
                "CONS-2: quote legs differ from B + L - S"
            );
            AccountId deficit = house.systemAccountOf(_marketId(m), 2);
            assertEq(
                _quote(deficit, _marketId(m)),
                -int256(state.pendingLossUsd),
                "CONS-2: the deficit account differs from what waits"
            );
        }
    }

    /// @notice CONS-3: the booked sides are the positions with tear-ups applied. Each tear-up leaves the positions up to one unit a
    /// holder above the booked side (fills truncate), and their quote legs off by that at its price and one rounding a holder.
    function checkSides() public view {
        for (uint256 m; m < MARKETS; ++m) {
            Sums memory sums = _sumsOf(m);
            IClearingHouse.MarketState memory state = house.marketOf(_marketId(m));
            (uint256 sizeDust, uint256 quoteDust) = _dustOf(m, state.events);
            _assertSide(sums.long, state.longOpenInterest, sizeDust, "CONS-3: longs");
            _assertSide(sums.short, state.shortOpenInterest, sizeDust, "CONS-3: shorts");
            assertApproxEqAbs(sums.longQuote, state.longQuote, quoteDust, "CONS-3: quote legs of the longs");
            assertApproxEqAbs(sums.shortQuote, state.shortQuote, quoteDust, "CONS-3: quote legs of the shorts");
        }
    }

    function _assertSide(uint256 positions, uint256 booked, uint256 dust, string memory message) private pure {
        assertGe(positions, booked, string.concat(message, " below the booked side"));
        assertLe(positions - booked, dust, string.concat(message, " too far above the booked side"));
    }

    /// @dev Dust bounds: one unit of size a holder and tear-up, and in quote legs that at the tear-up's X and one rounding a holder.
    function _dustOf(uint256 m, uint256 events) internal view returns (uint256 sizeDust, uint256 quoteDust) {
        for (uint256 number = 2; number <= events; ++number) {
            IClearingHouse.MarketEventState memory marketEvent = house.eventOf(_marketId(m), number);
            if (marketEvent.kind == IClearingHouse.MarketEventKind.Loss) continue;
            sizeDust += ACTORS + 8 + more.length;
            uint256 x = marketEvent.x < 0 ? uint256(-marketEvent.x) : uint256(marketEvent.x);
            quoteDust += (ACTORS + 8 + more.length) * (x / 1e18 + 2);
        }
    }

    function _sumsOf(uint256 m) internal view returns (Sums memory sums) {
        MarketId id = _marketId(m);
        uint256 events = house.marketOf(id).events;
        AccountId[] memory holders = _holders(m);
        for (uint256 i; i < holders.length; ++i) {
            IClearingHouse.PositionState memory position = house.positionOf(holders[i], id);
            sums.sizes += position.storedSize;
            sums.quotes += position.storedQuote;
            bool isMirror = i == ACTORS + 4 || i == ACTORS + 5;
            if (isMirror || (position.storedSize == 0 && position.storedQuote == 0)) continue;
            _addEffective(sums, id, position, events, i == ACTORS + 2);
        }
    }

    /// @dev Applies the events that wait for one position and adds what they lead to; checks the house's own application on the way.
    function _addEffective(
        Sums memory sums,
        MarketId id,
        IClearingHouse.PositionState memory position,
        uint256 events,
        bool isPool
    ) private view {
        Holding memory holding = Holding({size: position.storedSize, quote: position.storedQuote});
        int256 charged;
        for (uint256 number = position.eventsSeen + 1; number <= events; ++number) {
            IClearingHouse.MarketEventState memory marketEvent = house.eventOf(id, number);
            Holding memory updated = holding.applied(marketEvent);
            if (marketEvent.kind == IClearingHouse.MarketEventKind.Loss) charged += holding.quote - updated.quote;
            holding = updated;
        }
        assertEq(holding.size, position.size, "SOC-1: the view's size differs from the reference");
        assertEq(holding.quote, position.quote, "SOC-1: the view's quote leg differs from the reference");
        sums.charges += uint256(charged);
        if (isPool) return;
        if (position.storedSize > 0) {
            sums.long += uint256(holding.size);
            sums.longQuote += holding.quote + charged;
        } else if (position.storedSize < 0) {
            sums.short += uint256(-holding.size);
            sums.shortQuote += holding.quote + charged;
        }
    }

    /* SOC */

    /// @notice SOC-1: what the events have still to charge is never below what is still uncollected; nothing beyond a gain is charged.
    function checkPendingCharges() public view {
        for (uint256 m; m < MARKETS; ++m) {
            IClearingHouse.MarketState memory state = house.marketOf(_marketId(m));
            (, uint256 dust) = _dustOf(m, state.events);
            assertGe(
                _sumsOf(m).charges + dust + _lossDust(m, state.events),
                state.uncollectedLossUsd,
                "SOC-1: pending charges below L"
            );
            for (uint256 number = 2; number <= state.events; ++number) {
                assertLe(house.eventOf(_marketId(m), number).fraction, 1e18, "SOC-1: a charge beyond the gain");
            }
        }
    }

    /// @dev A loss event is shared over sums that may exceed the positions' gains by one rounding a holder.
    function _lossDust(uint256, uint256 events) internal view returns (uint256) {
        return events * (ACTORS + 8 + more.length);
    }

    /* CASH */

    /// @notice CASH-1: everybody can take out their free cash now, one after the other, and it is all of it for whoever is flat.
    function checkFreeCash() public {
        for (uint256 i; i < ACTORS; ++i) _takeFreeCash(actors[i]);
    }

    function _takeFreeCash(AccountId account) internal {
        bool flat = true;
        for (uint256 m; m < MARKETS; ++m) {
            Holding memory holding = _holding(account, m);
            if (holding.size != 0 || holding.quote < 0) flat = false;
            uint256 seen = house.positionOf(account, _marketId(m)).eventsSeen;
            if (house.marketOf(_marketId(m)).events > seen + 16) _touch(account, m);
        }
        uint256 free = house.freeCashOf(account);
        IClearingHouse.AccountState memory state = house.accountOf(account);
        // Who owes is no longer free to leave with everything.
        if (flat && _debtOf(account) == 0) {
            assertEq(free, state.cashUsd - state.depositUsd, "CASH-1: a flat account's cash is not free");
        }
        uint256 amount = free / 1e12;
        if (amount == 0) return;
        uint256 before = token.balanceOf(account.owner());
        _actAs(account.owner(), abi.encodeCall(house.withdraw, (account, amount, account.owner())), "");
        assertEq(token.balanceOf(account.owner()) - before, amount, "CASH-1: free cash was not paid");
        _reach(flat ? bytes32("flat cash taken") : bytes32("free cash taken"));
    }

    /* FUND */

    /// @notice FUND-1: the rate stays in its bounds. That funding nets to zero is part of CONS-2: it is a shift of the price that all values are taken at.
    function checkFunding() public view {
        for (uint256 m; m < MARKETS; ++m) {
            int256 bound = int256(house.termsOf(_marketId(m)).maxFundingRate);
            int256 rate = house.marketOf(_marketId(m)).fundingRate;
            assertLe(rate, bound, "FUND-1: rate above its bound");
            assertGe(rate, -bound, "FUND-1: rate below its bound");
        }
    }
}

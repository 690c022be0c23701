// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {HouseState, MARKED, Mark} from "./HouseState.sol";
import {Liquidating} from "./Liquidating.sol";
import {Settlement, Work} from "./Settlement.sol";
import {AccountHeader} from "./Words.sol";

/// @title The distress clock
/// @notice Runs from when an account was first seen with E < MM until it is seen with E ≥ IM, or healthy for as long as an auction lasts. Auctions count from the
/// later of its start and the end of the last outage or halt in any market the account is in: after those, grace comes first (L7, L8).
library Distress {
    using SafeCast for uint256;
    using FixedPoint for uint256;

    /// @dev Judges a gathered account, whose header the caller stores, and starts, keeps or clears its mark.
    function update(HouseState storage state, Work memory work) internal {
        bool isMarked = work.header.flags & MARKED != 0;
        if (work.header.markets == 0) {
            if (isMarked) clear(state, work.account, work.header);
            return;
        }
        Mark memory mark = state.marks[work.account];
        (int256 equity, uint256 required) = Settlement.assess(state, work, MarginKind.Maintenance);
        equity += Liquidating.graceOf(state, work.account, work.header).toInt();
        uint256 shortfall;
        if (equity < required.toInt()) {
            shortfall = uint256(required.toInt() - equity);
            if (!isMarked) mark.startedAt = uint40(block.timestamp);
            mark.healthySince = 0;
        } else {
            if (!isMarked) return;
            (equity, required) = Settlement.assess(state, work, MarginKind.Initial);
            if (equity < required.toInt()) {
                // Below IM health has to last, and only a valid price shows it.
                if (!_hasPrices(work)) return;
                if (mark.healthySince == 0) mark.healthySince = uint40(block.timestamp);
            }
            if (equity >= required.toInt() || block.timestamp - mark.healthySince >= _longestAuctionOf(state, work)) {
                clear(state, work.account, work.header);
                return;
            }
        }
        uint256 total = state.shortfall + shortfall - mark.shortfall;
        mark.shortfall = shortfall.toUint128();
        state.marks[work.account] = mark;
        state.shortfall = total.toUint96();
        work.header.flags |= MARKED;
        emit IClearingHouse.Marked(work.account, mark.startedAt, mark.healthySince, shortfall, total);
    }

    /// @dev Whether there is a valid price in every market that the account has a size in.
    function _hasPrices(Work memory work) private pure returns (bool) {
        for (uint256 i; i < work.holdings.length; ++i) {
            if (work.holdings[i].leg.size != 0 && work.holdings[i].book.status != PriceStatus.Valid) return false;
        }
        return true;
    }

    /// @dev {s}, T₁: the longest of the account's markets.
    function _longestAuctionOf(HouseState storage state, Work memory work) private view returns (uint256 longest) {
        for (uint256 i; i < work.holdings.length; ++i) {
            uint256 duration = state.liquidation.auctionTermsOf(work.holdings[i].book.id).durationSeconds;
            if (duration > longest) longest = duration;
        }
    }

    /// @dev Ends the mark of an account that has one; the caller stores the header.
    function clear(HouseState storage state, AccountId account, AccountHeader memory header) internal {
        uint256 total = state.shortfall - state.marks[account].shortfall;
        state.shortfall = total.toUint96();
        delete state.marks[account];
        header.flags &= ~MARKED;
        emit IClearingHouse.Unmarked(account, total);
    }

    /// @dev {s}, how long the account's auctions have run; 0 without a mark.
    function elapsedOf(
        HouseState storage state,
        AccountId account,
        AccountHeader memory header
    ) internal view returns (uint256) {
        if (header.flags & MARKED == 0) return 0;
        uint256 from = state.marks[account].startedAt;
        uint256 markets = header.markets;
        for (uint8 number; markets != 0; ++number) {
            if (markets & 1 != 0) from = _later(from, resumedAtOf(state, MarketId.wrap(number)));
            markets >>= 1;
        }
        return block.timestamp - from;
    }

    /// @dev {s}, when the market's last outage or halt ended.
    function resumedAtOf(HouseState storage state, MarketId id) internal view returns (uint256) {
        return _later(state.oracle.resumedAtOf(id), state.markets[id].resumedAt);
    }

    /// @dev {s}, how long the inventory of a market's resolution account has been for sale.
    function inventoryElapsedOf(HouseState storage state, MarketId id) internal view returns (uint256) {
        return block.timestamp - _later(state.markets[id].inventoryAt, resumedAtOf(state, id));
    }

    function _later(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}

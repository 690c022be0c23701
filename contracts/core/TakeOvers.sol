// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../interfaces/ILiquidationEngine.sol";
import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {Distress} from "./Distress.sol";
import {HouseState, MARKED} from "./HouseState.sol";
import {Liquidating} from "./Liquidating.sol";
import {Book, Markets} from "./Markets.sol";
import {PoolSide} from "./PoolFills.sol";
import {Holding, Settlement, Work} from "./Settlement.sol";
import {Terms} from "./Terms.sol";

/// @title Take-overs: asking the engine for its plan
/// @notice The one place where plans are made, for what acts and for what previews.
library TakeOvers {
    using FixedPoint for uint256;

    /// @dev The engine is not asked about a position that could not change hands: `Full` where it could, or why not.
    function refusalOf(Holding memory holding) internal pure returns (ILiquidationEngine.PlanCode) {
        if (holding.leg.size == 0) return ILiquidationEngine.PlanCode.NoPosition;
        if (Markets.modeOf(holding.book) == IClearingHouse.MarketMode.Halted) {
            return ILiquidationEngine.PlanCode.Halted;
        }
        if (holding.book.status != PriceStatus.Valid) return ILiquidationEngine.PlanCode.PriceNotValid;
        return ILiquidationEngine.PlanCode.Full;
    }

    function plan0(
        ILiquidationEngine.PlanCode code
    ) internal pure returns (ILiquidationEngine.TakeOverPlan memory plan) {
        plan.code = code;
    }

    function acts(ILiquidationEngine.PlanCode code) internal pure returns (bool) {
        return code >= ILiquidationEngine.PlanCode.Partial;
    }

    /// @dev A take-over does not ask what the pool has.
    function _marketState(
        HouseState storage state,
        Work memory work,
        Book memory book
    ) private view returns (ILiquidationEngine.MarketState memory) {
        PoolSide memory nobody;
        return Liquidating.marketStateOf(work, book, state.markets[book.id], nobody);
    }

    /* THE BACKSTOP */

    /// @dev {s}, for how long an auction counts as having run for `taker` at least: to its end for the backstop where it may bid, else 0.
    function headStartOf(
        HouseState storage state,
        Work memory work,
        uint256 index,
        uint256 graceUsd,
        AccountId taker
    ) internal view returns (uint256) {
        if (taker != accountIdOf(state.backstop, 0)) return 0;
        if (work.account.owner() != address(this) && !acts(backstopRefusalOf(state, work, index, graceUsd))) return 0;
        return endOf(state, work.holdings[index].book.id);
    }

    /// @dev {s}, how long an auction in a market takes.
    function endOf(HouseState storage state, MarketId id) internal view returns (uint256) {
        return state.liquidation.auctionTermsOf(id).durationSeconds;
    }

    /// @dev Whether the backstop may bid for a position of a trader's account before the auction is over: `Full`, or why not. It is the last who asks: keepers and
    /// takers have had two windows each, and less than two thirds of the maintenance margin is left. A slice makes it wait again, but not beyond the auction:
    /// otherwise slices of a lot would hold it off for as long as somebody pays for them.
    function backstopRefusalOf(
        HouseState storage state,
        Work memory work,
        uint256 index,
        uint256 graceUsd
    ) internal view returns (ILiquidationEngine.PlanCode) {
        MarketId id = work.holdings[index].book.id;
        uint256 pause = 2 * state.liquidation.liquidationTermsOf(id).windowSeconds;
        uint256 elapsed = Distress.elapsedOf(state, work.account, work.header);
        if (
            work.header.flags & MARKED == 0 ||
            elapsed < pause ||
            (block.timestamp < work.header.slicedAt + pause && elapsed < endOf(state, id))
        ) return ILiquidationEngine.PlanCode.Paced;
        (int256 equity, uint256 required) = Settlement.assess(state, work, MarginKind.Maintenance);
        return
            (equity + graceUsd.toInt()) * 3 < required.toInt() * 2
                ? ILiquidationEngine.PlanCode.Full
                : ILiquidationEngine.PlanCode.NotDeep;
    }

    /* PLANS */

    /// @dev The engine's plan for one position of a gathered account.
    /// @param headStart {s}, for how long the auction counts as having run at least
    function planFor(
        HouseState storage state,
        Work memory work,
        uint256 index,
        uint256 graceUsd,
        uint256 maxSize,
        uint256 headStart
    ) internal view returns (ILiquidationEngine.TakeOverPlan memory) {
        Book memory book = work.holdings[index].book;
        ILiquidationEngine.PlanCode code = refusalOf(work.holdings[index]);
        if (!acts(code)) return plan0(code);
        if (work.account == Markets.poolOf(state.markets[book.id])) {
            return plan0(ILiquidationEngine.PlanCode.PoolUnavailable);
        }
        return
            state.liquidation.planTakeOver(
                Settlement.portfolioOf(state, work, MarginKind.Maintenance),
                index,
                graceUsd,
                _marketState(state, work, book),
                Math.max(headStart, Distress.elapsedOf(state, work.account, work.header)),
                maxSize
            );
    }

    /// @dev The engine's plan for inventory. A resolution account is in its own market only.
    /// @param headStart {s}, for how long the auction counts as having run at least
    function planInventory(
        HouseState storage state,
        Work memory work,
        uint256 maxSize,
        uint256 headStart
    ) internal view returns (ILiquidationEngine.TakeOverPlan memory) {
        ILiquidationEngine.PlanCode code = refusalOf(work.holdings[0]);
        if (!acts(code)) return plan0(code);
        Book memory book = work.holdings[0].book;
        return
            state.liquidation.planInventory(
                Settlement.portfolioOf(state, work, MarginKind.Maintenance).exposures[0],
                _marketState(state, work, book),
                state.markets[book.id].unwindTolerancePips * Terms.PIP,
                Math.max(headStart, Distress.inventoryElapsedOf(state, book.id)),
                maxSize
            );
    }

    /// @dev The engine's plan for all positions of a gathered account. As `resolve` does, it waits where a market is halted.
    function planWhole(
        HouseState storage state,
        Work memory work,
        uint256 graceUsd
    )
        internal
        view
        returns (ILiquidationEngine.TakeOverPlan memory total, ILiquidationEngine.TakeOverPlan[] memory parts)
    {
        uint256 count = work.holdings.length;
        if (count == 0) return (plan0(ILiquidationEngine.PlanCode.NoPosition), parts);
        ILiquidationEngine.MarketState[] memory states = new ILiquidationEngine.MarketState[](count);
        for (uint256 i; i < count; ++i) {
            Book memory book = work.holdings[i].book;
            if (refusalOf(work.holdings[i]) == ILiquidationEngine.PlanCode.Halted) {
                return (plan0(ILiquidationEngine.PlanCode.Halted), parts);
            }
            if (work.account == Markets.poolOf(state.markets[book.id])) {
                return (plan0(ILiquidationEngine.PlanCode.PoolUnavailable), parts);
            }
            states[i] = _marketState(state, work, book);
        }
        return
            state.liquidation.planTakeOverWhole(
                Settlement.portfolioOf(state, work, MarginKind.Maintenance),
                graceUsd,
                states,
                Distress.elapsedOf(state, work.account, work.header)
            );
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {HouseHandler} from "./HouseHandler.sol";

/// @title MatchHandler
/// @notice Accounts trade with each other, and liquidations are matched against accounts. Each match is compared with what both sides had before it.
abstract contract MatchHandler is HouseHandler {
    /// @dev What both sides had before a match.
    struct BeforeMatch {
        int256 together;
        int256[2] sizes;
        int256[2] equities;
        uint256[2] requirements;
    }

    /// @notice Two actors trade with each other, at a price from a little below the band to a little above it.
    function agree(uint256 seed) public {
        if (seed & 1 != 0) _heartbeat();
        uint256 m = (seed >> 8) % MARKETS;
        AccountId[2] memory sides = _pair(seed);
        for (uint256 i; i < 2; ++i) {
            if (_cash(sides[i]) < 1_000e18) _fund(sides[i], 20_000e18);
        }
        int256 delta = _sizeDelta(sides[1], m, (seed >> 64) % 7, seed >> 96);
        // Often what brings both nearer to zero.
        if ((seed >> 72) % 3 == 0) delta = -_size(sides[1], _marketId(m));
        BeforeMatch memory before = _before(sides, m);
        (bool ok, ) = _act(abi.encodeCall(house.matchOrders, (_matchOf(sides, m, delta, seed))), _matchRefusals());
        if (!ok) return;
        assertApproxEqAbs(_together(sides, m), before.together, 16, "ROUND-1: a match created value");
        _requireSound(sides[0], m, -delta, before, 0);
        _requireSound(sides[1], m, delta, before, 1);
    }

    function _matchOf(
        AccountId[2] memory sides,
        uint256 m,
        int256 delta,
        uint256 seed
    ) private view returns (IClearingHouse.MatchRequest memory request) {
        (request.maker, request.taker) = (sides[0], sides[1]);
        request.market = _marketId(m);
        request.sizeDelta = delta;
        request.price = _priceNear(m, seed >> 160);
        request.makerReduceOnly = (seed >> 80) % 8 == 0;
        request.takerReduceOnly = (seed >> 84) % 8 == 0;
    }

    /// @dev HEALTH-1.
    function _requireSound(
        AccountId account,
        uint256 m,
        int256 delta,
        BeforeMatch memory before,
        uint256 side
    ) private {
        int256 size = before.sizes[side];
        assertEq(_size(account, _marketId(m)), size + delta, "CONS-2: the size is not what was filled");
        bool reduces = size != 0 && (size > 0) != (delta > 0) && _abs(delta) <= _abs(size);
        _reach(reduces ? bytes32("match reduces") : bytes32("match opens"));
        (int256 initial, uint256 required) = house.marginOf(account, MarginKind.Initial);
        if (initial >= int256(required)) return;
        assertTrue(reduces, "HEALTH-1: below initial margin after adding risk");
        (int256 equity, uint256 maintenance) = house.marginOf(account, MarginKind.Maintenance);
        assertGe(equity, int256(0), "HEALTH-1: a reduction left a debt");
        assertGe(
            equity * int256(before.requirements[side]),
            before.equities[side] * int256(maintenance),
            "HEALTH-1: a reduction lowered the health"
        );
    }

    /// @notice Whoever is worst off is liquidated against another actor.
    function agreeToLiquidate(uint256 seed) public {
        if (seed & 1 != 0) distress(seed >> 8, seed >> 16);
        (AccountId account, uint256 m, bool found) = _worst();
        if (found) _matchLiquidation(account, m, seed);
    }

    /// @dev Liquidates an account against an actor, at a price drawn from `seed`.
    function _matchLiquidation(AccountId account, uint256 m, uint256 seed) internal {
        _claimAll(account);
        AccountId[2] memory sides = _pair(seed);
        if (sides[0] == account) sides[0] = sides[1];
        sides[1] = account;
        _fund(sides[0], 50_000e18);
        for (uint256 i; i < MARKETS; ++i) _touch(sides[0], i);
        BeforeMatch memory before = _before(sides, m);
        int256 size = before.sizes[1];
        if (size == 0) return;
        (bool ok, bytes memory result) = _act(
            abi.encodeCall(house.liquidateAgainst, (_liquidationOf(sides, m, size, seed))),
            _matchRefusals()
        );
        if (!ok) return;
        ILiquidationEngine.Plan memory plan = abi.decode(result, (ILiquidationEngine.Plan));
        // What is closed here is not followed by the record of the bucket.
        bucketAt[m] = 0;
        if (plan.code < ILiquidationEngine.PlanCode.Partial) return;
        _reach("matched liquidation");
        assertApproxEqAbs(_together(sides, m), before.together, 16, "LIQ-3: a liquidation created value");
        (int256 equity, uint256 maintenance) = house.marginOf(account, MarginKind.Maintenance);
        assertGe(
            equity * int256(before.requirements[1]),
            before.equities[1] * int256(maintenance),
            "LIQ-2: health fell"
        );
        assertLe(plan.penaltyUsd, uint256(before.equities[1]), "LIQ-3: penalty above what was left");
    }

    function _liquidationOf(
        AccountId[2] memory sides,
        uint256 m,
        int256 size,
        uint256 seed
    ) private view returns (IClearingHouse.LiquidationMatch memory request) {
        request.account = sides[1];
        request.market = _marketId(m);
        request.maker = sides[0];
        request.makerSizeDelta = (seed >> 40) % 2 == 0 ? size : size / 7;
        request.price = _priceNear(m, seed >> 160);
        request.keeper = keeper;
    }

    /// @dev Two different actors, all their events applied.
    function _pair(uint256 seed) private returns (AccountId[2] memory sides) {
        sides[0] = actors[(seed >> 16) % ACTORS];
        sides[1] = actors[((seed >> 16) + 1 + ((seed >> 32) % (ACTORS - 1))) % ACTORS];
        for (uint256 m; m < MARKETS; ++m) {
            _touch(sides[0], m);
            _touch(sides[1], m);
        }
    }

    function _before(AccountId[2] memory sides, uint256 m) private view returns (BeforeMatch memory before) {
        before.together = _together(sides, m);
        for (uint256 i; i < 2; ++i) {
            before.sizes[i] = _size(sides[i], _marketId(m));
            (before.equities[i], before.requirements[i]) = house.marginOf(sides[i], MarginKind.Maintenance);
        }
    }

    function _together(AccountId[2] memory sides, uint256 m) private view returns (int256) {
        return _wealth(sides[0]) + _wealth(sides[1]) + _wealthOfHouse(m);
    }

    function _priceNear(uint256 m, uint256 seed) private view returns (uint256) {
        return (oracle.peek(1 << m)[0].price * (97_900 + (seed % 4_201))) / 100_000;
    }

    function _matchRefusals() private pure returns (bytes memory) {
        return
            abi.encodePacked(
                abi.encodePacked(
                    IClearingHouse.PriceNotValid.selector,
                    IClearingHouse.NotAReduction.selector,
                    IClearingHouse.MarketNotOpen.selector,
                    IClearingHouse.PriceOutsideBand.selector,
                    IClearingHouse.PriceNotBetter.selector,
                    IClearingHouse.SizeNotInLots.selector
                ),
                IClearingHouse.PositionBelowMinimum.selector,
                IClearingHouse.CashTooLow.selector,
                IClearingHouse.CoverageTooLow.selector,
                IClearingHouse.AccountBelowInitialMargin.selector,
                IClearingHouse.AccountBankrupt.selector,
                IClearingHouse.HealthWouldFall.selector
            );
    }
}

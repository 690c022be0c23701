// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Model, SharingModel} from "../differential/SharingModel.sol";
import {Test} from "../support/Test.sol";

/// @notice SOC-1 as a theorem, over random histories of one market without any cash: overlapping defaults, tear-ups, refunds, sides turned, positions settled and
/// reopened. Nothing is ever left uncollected, and what a position pays is what it would have paid had it been charged when the event was booked.
contract LossMath_theorem_Test is Test {
    using SharingModel for Model;

    uint256 private constant STEPS = 48;

    function testFuzz_bookLoss_isAlwaysCollected(uint256 seed) public pure {
        Model memory m;
        m.x = int256(bound(seed >> 8, 1, 1e23));
        for (uint256 i; i < STEPS; ++i) {
            _step(m, uint256(keccak256(abi.encode(seed, i))));
            assertGe(m.pendingCharges() + m.quoteDust, m.uncollected, "SOC-1: pending charges below L");
            _assertBooks(m);
        }
        _assertCollected(m, seed);
    }

    function _step(Model memory m, uint256 random) private pure {
        uint256 who = (random >> 8) % SharingModel.TRADERS;
        uint256 action = random % 12;
        uint256 amount = random >> 16;
        if (action < 4) {
            int256 size = int256(bound(amount, 1, 1e24));
            m.fill(who, random & (1 << 12) == 0 ? size : -size);
        } else if (action < 6) {
            m.x = (m.x * int256(500 + (amount % 1_200))) / 1_000 + 1;
        } else if (action == 6) {
            m.settle(random & (1 << 12) == 0 ? who : SharingModel.POOL, amount % (1e18 + 1));
        } else if (action < 9) {
            m.resolve(who);
        } else if (action == 9) {
            m.tearUp();
        } else if (action == 10) {
            m.touch(who);
        } else {
            m.claim(who);
        }
    }

    /// @dev Sizes cancel, quote legs are B + L − S, γ is at most one, and stored positions with their events are the eager ones.
    function _assertBooks(Model memory m) private pure {
        int256 sizes;
        int256 quotes;
        for (uint256 who; who < SharingModel.HOLDERS; ++who) {
            sizes += m.held[who].size;
            quotes += m.held[who].quote;
            if (m.seen[who] != m.count || who == SharingModel.MIRROR) continue;
            assertEq(m.held[who].size, m.eager[who].size, "SOC-1: applied late, another size");
            assertEq(m.held[who].quote, m.eager[who].quote, "SOC-1: applied late, another quote leg");
        }
        assertEq(sizes, 0, "CONS-2: sizes");
        assertEq(quotes, int256(m.reserve) + int256(m.uncollected) - int256(m.surplus), "CONS-2: quote legs");
        for (uint256 number = 1; number <= m.count; ++number) {
            assertLe(m.events[number].fraction, 1e18, "SOC-1: a charge beyond the gain");
        }
    }

    /// @dev Everybody touched: nothing is uncollected, a second touch changes nothing, and charges less refunds are what was booked.
    function _assertCollected(Model memory m, uint256 order) private pure {
        order %= SharingModel.HOLDERS;
        for (uint256 i; i < SharingModel.HOLDERS; ++i) m.touch((i + order) % SharingModel.HOLDERS);
        assertLe(m.uncollected, m.quoteDust, "SOC-1: a booked loss was not collected");
        uint256 charged = m.charged;
        for (uint256 i; i < SharingModel.HOLDERS; ++i) m.touch(i);
        assertEq(m.charged, charged, "SOC-1: charged twice");
        for (uint256 i; i < SharingModel.TRADERS; ++i) m.claim((i + order) % SharingModel.TRADERS);
        assertEq(m.charged + m.uncollected, m.booked + m.refunded + m.surplus, "SOC-1: charges differ from losses");
        _assertBooks(m);
    }

    /// @dev One event, touched in any order, claims in any order: each winner ends with the same charge, within a unit.
    function testFuzz_touch_isIndependentOfOrder_whenOneEvent(uint256 seed, uint256 first, uint256 second) public pure {
        (int256[7] memory a, uint256 leftA) = _shareOnce(seed, first);
        (int256[7] memory b, uint256 leftB) = _shareOnce(seed, second);
        // Refunds round down each.
        assertLe(leftA, SharingModel.HOLDERS, "SOC-1: a surplus is left");
        assertLe(leftB, SharingModel.HOLDERS, "SOC-1: a surplus is left");
        for (uint256 i; i < SharingModel.TRADERS; ++i) assertApproxEqAbs(a[i], b[i], 2, "SOC-1: depends on the order");
    }

    function _shareOnce(uint256 seed, uint256 order) private pure returns (int256[7] memory quotes, uint256 surplus) {
        Model memory m;
        m.x = 1_000e18;
        for (uint256 i; i < SharingModel.TRADERS; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            int256 size = int256(bound(random >> 1, 1, 1e24));
            m.fill(i, random & 1 == 0 ? size : -size);
            m.x = int256(bound(random >> 128, 500e18, 2_000e18));
        }
        for (uint256 i; i < SharingModel.TRADERS && m.count == 0; ++i) m.resolve(i);
        order %= SharingModel.MIRROR;
        for (uint256 i; i < SharingModel.MIRROR; ++i) m.touch((i + order) % SharingModel.MIRROR);
        for (uint256 i; i < SharingModel.MIRROR; ++i) m.claim((i + 2 * order) % SharingModel.MIRROR);
        for (uint256 i; i < SharingModel.TRADERS; ++i) quotes[i] = m.held[i].quote;
        surplus = m.surplus;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILens} from "../../../contracts/interfaces/ILens.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {TakeOverScenarios} from "../../support/TakeOverScenarios.sol";
import {Vm} from "../../support/Vm.sol";

/// @notice A pool below maintenance margin is restored at the index by the side opposite to it, pro rata (TEAR-1).
contract ClearingHouse_tearUpPool_Test is TakeOverScenarios {
    uint256 private constant LOT = 0.001e18;
    uint256 private constant WAIT = 20;
    AccountId private pool;
    AccountId private dave;

    function setUp() public override {
        super.setUp();
        pool = pools[0];
        dave = _trader("dave");
    }

    /// @dev The pool keeps 200 000 USD and stands against alice's 600, dave's 400 and bob's opposite 100: 900 ETH at 2 000. A long pool where `sign` is negative.
    function _build(int256 sign) private {
        _withdraw(pool, POOL_USD - 200_000e18);
        _open(alice, ETH, 400_000e18, sign * 600e18);
        _open(dave, ETH, 400_000e18, sign * 400e18);
        _open(bob, ETH, 400_000e18, -sign * 100e18);
        assertEq(_size(pool, ETH), -sign * 900e18);
    }

    /// @dev At 2 175 the pool, short, has less than maintenance margin.
    function _sink() private {
        _build(1);
        _price(ETH, 2_175);
        assertLt(_health(pool), 1e18);
        assertGt(_equity(pool), 0);
    }

    function _everybody() private view returns (AccountId[] memory users) {
        users = new AccountId[](4);
        (users[0], users[1], users[2], users[3]) = (alice, bob, carol, dave);
    }

    /// @dev Tears up and compares with the preview.
    function _tearUp() private returns (ILiquidationEngine.PoolPlan memory plan) {
        bytes32 preview = keccak256(abi.encode(house.previewTearUpPool(ETH)));
        plan = house.tearUpPool(ETH);
        assertEq(keccak256(abi.encode(plan)), preview, "preview");
        _assertConserved(_everybody());
    }

    function _markAndWait() private {
        assertTrue(_mark(pool));
        skipSeconds(WAIT);
    }

    function _markAndTearUp() private returns (ILiquidationEngine.PoolPlan memory) {
        _markAndWait();
        return _tearUp();
    }

    /// @dev τ·MM of the pool now. D18{USD}, rounded up
    function _aim() private view returns (uint256) {
        (, uint256 required) = house.marginOf(pool, MarginKind.Maintenance);
        return (required * 115 + 99) / 100;
    }

    /* REVERTS */

    function test_tearUpPool_revertsWhenMarketIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        house.tearUpPool(MarketId.wrap(9));
    }

    function test_tearUpPool_revertsWhenThePoolHoldsNothing() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PoolNotDistressed.selector, ETH, 0, 0));
        house.tearUpPool(ETH);
        assertEq(uint256(house.previewTearUpPool(ETH).code), uint256(ILiquidationEngine.PlanCode.NoPosition));
    }

    /// @dev LIQ-1: at maintenance margin to the unit nothing is done; a unit below it the pool is in distress.
    function test_tearUpPool_revertsWhenEquityIsMaintenanceMargin() public {
        _sink();
        assertTrue(_mark(pool));
        skipSeconds(WAIT);
        (int256 equity, uint256 required) = house.marginOf(pool, MarginKind.Maintenance);
        _fund(pool, uint256(int256(required) - equity) - 1);
        assertEq(uint256(house.previewTearUpPool(ETH).code), uint256(ILiquidationEngine.PlanCode.Partial));
        _fund(pool, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.PoolNotDistressed.selector, ETH, int256(required), required)
        );
        house.tearUpPool(ETH);
    }

    function test_tearUpPool_revertsWhenThePoolIsBankrupt() public {
        _build(1);
        _price(ETH, 2_300);
        assertTrue(_mark(pool));
        skipSeconds(WAIT);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PoolBankrupt.selector, ETH, _equity(pool)));
        house.tearUpPool(ETH);
    }

    function test_tearUpPool_revertsWhenThePoolIsNotMarked() public {
        _sink();
        skipSeconds(600);
        uint256 now_ = vm.getBlockTimestamp();
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PoolTearUpTooEarly.selector, ETH, now_ + WAIT, now_));
        house.tearUpPool(ETH);
    }

    function test_tearUpPool_revertsWhenThePoolWasMarkedTooRecently() public {
        _sink();
        uint256 markedAt = vm.getBlockTimestamp();
        assertTrue(_mark(pool));
        skipSeconds(WAIT - 1);
        assertEq(uint256(house.previewTearUpPool(ETH).code), uint256(ILiquidationEngine.PlanCode.Paced));
        vm.expectRevert(
            abi.encodeWithSelector(
                IClearingHouse.PoolTearUpTooEarly.selector,
                ETH,
                markedAt + WAIT,
                markedAt + WAIT - 1
            )
        );
        house.tearUpPool(ETH);
        skipSeconds(1);
        _tearUp();
    }

    function test_tearUpPool_revertsWhenTheLastOneIsTooRecent() public {
        _sink();
        _markAndTearUp();
        uint256 tornAt = vm.getBlockTimestamp();
        _price(ETH, 2_190);
        assertLt(_health(pool), 1e18);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.PoolTearUpTooEarly.selector, ETH, tornAt + WAIT, tornAt + 12)
        );
        house.tearUpPool(ETH);
        skipSeconds(WAIT - 12);
        _tearUp();
    }

    function test_tearUpPool_revertsWhenThePriceIsStale() public {
        _sink();
        _mark(pool);
        skipSeconds(3_601);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, ETH, PriceStatus.Stale));
        house.tearUpPool(ETH);
        assertEq(uint256(house.previewTearUpPool(ETH).code), uint256(ILiquidationEngine.PlanCode.PriceNotValid));
        // L8: an outage starts the clock anew.
        feeds[0].push(2_175e8);
        vm.expectPartialRevert(IClearingHouse.PoolTearUpTooEarly.selector);
        house.tearUpPool(ETH);
    }

    function test_tearUpPool_revertsWhenMarketIsHalted() public {
        _sink();
        _mark(pool);
        skipSeconds(WAIT);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.MarketNotOpen.selector, ETH, IClearingHouse.MarketMode.Halted)
        );
        house.tearUpPool(ETH);
        assertEq(uint256(house.previewTearUpPool(ETH).code), uint256(ILiquidationEngine.PlanCode.Halted));
        // L7: a halt starts the clock anew.
        _setMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        vm.expectPartialRevert(IClearingHouse.PoolTearUpTooEarly.selector);
        house.tearUpPool(ETH);
        skipSeconds(WAIT);
        _tearUp();
    }

    /* WHAT IT DOES */

    function test_tearUpPool_closesTheSameFractionOfEachUntilThePoolIsSound() public {
        _sink();
        _markAndWait();
        int256 aliceEquity = _equity(alice);
        int256 daveEquity = _equity(dave);
        int256 poolEquity = _equity(pool);
        uint256 poolCash = _cash(pool);
        ILiquidationEngine.PoolPlan memory plan = _tearUp();
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Partial));
        assertEq(plan.equityUsd, poolEquity);

        IClearingHouse.MarketEventState memory torn = house.eventOf(ETH, 2);
        assertEq(uint256(torn.kind), uint256(IClearingHouse.MarketEventKind.TearUpLongs));
        assertApproxEqAbs(torn.fraction, plan.closeSize / 1_000, 2, "of the 1 000 that are long");
        assertEq(_size(alice, ETH), int256(600e18) - int256((600e18 * torn.fraction) / 1e18), "TEAR-1");
        assertEq(_size(dave, ETH), int256(400e18) - int256((400e18 * torn.fraction) / 1e18), "TEAR-1");
        assertEq(_size(bob, ETH), -int256(100e18), "not on that side");
        assertApproxEqAbs(_equity(alice), aliceEquity, 2, "at the index");
        assertApproxEqAbs(_equity(dave), daveEquity, 2, "at the index");
        assertApproxEqAbs(_equity(pool), poolEquity, 2, "at the index");
        assertEq(_cash(pool), poolCash, "nobody's cash");

        assertApproxEqAbs(_size(pool, ETH), int256(plan.closeSize) - 900e18, 2_000);
        assertGe(_equity(pool), int256(_aim()), "the pool is sound");
        IClearingHouse.MarketState memory state = house.marketOf(ETH);
        assertApproxEqAbs(int256(state.longOpenInterest), _size(alice, ETH) + _size(dave, ETH), 2, "CONS-3");
        house.touch(alice, ETH, 16);
        _assertConserved(_everybody());
        house.touch(dave, ETH, 16);
        _assertConserved(_everybody());
        assertApproxEqAbs(house.positionOf(house.systemAccountOf(ETH, 1), ETH).storedSize, 0, 2, "the mirror is empty");
        assertApproxEqAbs(house.marketOf(ETH).longQuote, _quote(alice, ETH) + _quote(dave, ETH), 2);
    }

    function test_tearUpPool_tellsThePoolsState() public {
        _sink();
        _mark(pool);
        skipSeconds(WAIT);
        uint256 version = _version(pool);
        ILiquidationEngine.PoolPlan memory plan = house.previewTearUpPool(ETH);
        vm.recordLogs();
        house.tearUpPool(ETH);
        IClearingHouse.PositionState memory left = house.positionOf(pool, ETH);
        _assertLogged(
            abi.encode(
                left.size + 900e18,
                plan.equityUsd,
                plan.maintenanceUsd,
                left.size,
                left.quote,
                _cash(pool),
                version + 1
            )
        );
        assertEq(left.eventsSeen, 2, "the pool has seen it");
        assertEq(house.accountOf(pool).slicedAt, vm.getBlockTimestamp());
    }

    /// @dev The pool's event with these values, of market ETH and event 2.
    function _assertLogged(bytes memory values) private {
        bytes32 topic = IClearingHouse.PoolTornUp.selector;
        bool found;
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != topic) continue;
            found = true;
            assertEq(uint256(logs[i].topics[1]), AccountId.unwrap(pool));
            assertEq(uint256(logs[i].topics[2]), 0);
            assertEq(uint256(logs[i].topics[3]), 2);
            assertEq(logs[i].data, values);
        }
        assertTrue(found, "no PoolTornUp");
    }

    function test_tearUpPool_tearsShorts_whenThePoolIsLong() public {
        _build(-1);
        _price(ETH, 1_825);
        assertLt(_health(pool), 1e18);
        _markAndTearUp();
        assertEq(uint256(house.eventOf(ETH, 2).kind), uint256(IClearingHouse.MarketEventKind.TearUpShorts));
        assertGt(_size(alice, ETH), -600e18);
        assertEq(_size(bob, ETH), 100e18);
        assertGe(_equity(pool), int256(_aim()));
    }

    /// @dev Nothing is left that would carry a position: all of it goes, and nobody else stands on that side.
    function test_tearUpPool_tearsTheWholeSideUp_whenOneAccountIsAllOfIt() public {
        _withdraw(pool, POOL_USD - 200_000e18);
        _open(alice, ETH, 400_000e18, 900e18);
        _price(ETH, 2_230);
        _markAndWait();
        _setEquity(2);
        int256 equity = _equity(alice);
        ILiquidationEngine.PoolPlan memory plan = _tearUp();
        assertEq(uint256(plan.code), uint256(ILiquidationEngine.PlanCode.Full));
        assertEq(plan.closeSize, 900e18);
        assertApproxEqAbs(_size(pool, ETH), 0, 2_000);
        assertApproxEqAbs(_size(alice, ETH), 0, 2_000);
        assertApproxEqAbs(_equity(alice), equity, 2);
        house.touch(alice, ETH, 16);
        _assertConserved(_everybody());
        assertEq(uint256(house.previewTearUpPool(ETH).code), uint256(ILiquidationEngine.PlanCode.NoPosition));
        // Units that are left book no further event.
        skipSeconds(WAIT);
        vm.expectPartialRevert(IClearingHouse.PoolNotDistressed.selector);
        house.tearUpPool(ETH);
    }

    /// @dev Gives the pool an equity of `equity` units.
    function _setEquity(int256 equity) private {
        int256 missing = equity - _equity(pool);
        assertGt(missing, 0, "choose a higher price");
        _fund(pool, uint256(missing));
        assertEq(_equity(pool), equity);
    }

    /// @dev What a default left on that side is torn up like everybody else's.
    function test_tearUpPool_tearsInventoryToo() public {
        _withdraw(pool, POOL_USD - 200_000e18);
        _open(alice, ETH, 400_000e18, 600e18);
        _open(dave, ETH, 32_000e18, 300e18);
        _price(ETH, 1_880);
        _resolve(dave);
        AccountId resolution = house.systemAccountOf(ETH, 0);
        assertEq(_size(resolution, ETH), 300e18);
        _price(ETH, 2_175);
        assertLt(_health(pool), 1e18);
        uint256 events = house.marketOf(ETH).events;
        _markAndTearUp();
        uint256 fraction = house.eventOf(ETH, events + 1).fraction;
        assertEq(_size(resolution, ETH), int256(300e18) - int256((300e18 * fraction) / 1e18));
        assertEq(house.positionOf(resolution, ETH).eventsSeen, events + 1, "the house's own have seen it");
    }

    /// @dev Forty accounts, each in its own time.
    function test_tearUpPool_tearsEachAlike_whenTheCrowdIsLarge() public {
        _withdraw(pool, POOL_USD - 200_000e18);
        AccountId[] memory crowd = new AccountId[](41);
        crowd[40] = carol;
        for (uint256 i; i < 40; ++i) {
            crowd[i] = _trader(string.concat("trader ", vm.toString(i)));
            _open(crowd[i], ETH, 20_000e18, int256(1e18 + i * 1e18));
        }
        _price(ETH, 2_195);
        assertLt(_health(pool), 1e18);
        assertTrue(_mark(pool));
        skipSeconds(WAIT);
        house.tearUpPool(ETH);
        uint256 fraction = house.eventOf(ETH, 2).fraction;
        for (uint256 i; i < 40; ++i) {
            if (i % 3 == 0) house.touch(crowd[i], ETH, 16);
            int256 before = int256(1e18 + i * 1e18);
            assertEq(_size(crowd[i], ETH), before - (before * int256(fraction)) / 1e18, "TEAR-1");
        }
        _assertConserved(crowd);
    }

    function testFuzz_tearUpPool_keepsTheBooksAndTheTarget(
        uint256 price,
        uint256 part,
        uint256 cash,
        bool isLong
    ) public {
        int256 sign = isLong ? -int256(1) : int256(1);
        cash = bound(cash, 100_000e18, 300_000e18);
        _withdraw(pool, POOL_USD - cash);
        int256 size = int256(bound(part, 1, 799)) * 1e18;
        _open(alice, ETH, 500_000e18, sign * size);
        _open(dave, ETH, 500_000e18, sign * (800e18 - size));
        _open(bob, ETH, 500_000e18, -sign * 50e18);
        // The pool's 750 ETH lose between all but 55 000 of its cash and a little more than all.
        uint256 move = bound(price, (cash - 55_000e18) / 750e18, (cash + 5_000e18) / 750e18);
        _price(ETH, isLong ? 2_000 - move : 2_000 + move);
        if (_health(pool) >= 1e18 || _equity(pool) < 0) return;
        _markAndWait();
        int256 before = _equity(pool);
        ILiquidationEngine.PoolPlan memory plan = _tearUp();
        assertApproxEqAbs(_equity(pool), before, 2);
        assertGe(_size(pool, ETH) * -sign, 0, "no flip");
        if (plan.code == ILiquidationEngine.PlanCode.Partial) {
            assertGe(_equity(pool), int256(_aim()), "sound");
            uint256 left = uint256(_size(pool, ETH) * -sign) + LOT;
            uint256 index = oracle.peek(ETH.bit())[0].price;
            uint256 aim = (_maintenanceOf((left * index) / 1e18, index) * 115) / 100;
            assertLt(_equity(pool), int256(aim + 1e12), "and no more: one lot less would miss the target");
        }
        house.touch(dave, ETH, 16);
        _assertConserved(_everybody());
        house.touch(alice, ETH, 16);
        _assertConserved(_everybody());
        assertApproxEqAbs(_size(alice, ETH) * (800e18 - size), _size(dave, ETH) * size, 800e18 * 2, "TEAR-1");
    }

    /// @dev N·(3 % + 0.5 %·N/D), D = K·P/100. D18{USD}
    function _maintenanceOf(uint256 notional, uint256 index) private pure returns (uint256) {
        uint256 depth = (500_000 * index) / 100;
        return (notional * 3) / 100 + (((notional * notional) / depth) * 5) / 1_000;
    }

    /* BEFORE AND AFTER */

    /// @dev The clock goes on until the pool has been healthy for as long as an auction, so a pool that sinks on is restored again.
    function test_tearUpPool_leavesTheMarkUntilThePoolHasStayedSound() public {
        _sink();
        uint256 markedAt = vm.getBlockTimestamp();
        _markAndTearUp();
        IClearingHouse.DistressState memory state = house.distressOf(pool);
        assertEq(state.startedAt, markedAt);
        assertEq(state.healthySince, vm.getBlockTimestamp());
        assertEq(state.shortfallUsd, 0);
        assertEq(house.totalShortfallUsd(), 0);
        skipSeconds(AUCTION_SECONDS);
        assertFalse(_mark(pool), "sound for long enough");
    }

    /// @dev The pool, short 500, bore alice's default; for a minute nobody is torn up through that.
    function test_tearUpPool_revertsWhenOnlyARecentChargeMakesIt() public {
        _uninsure(ETH);
        _withdraw(pool, POOL_USD - 55_000e18);
        _open(alice, ETH, 60_000e18, 500e18);
        _price(ETH, 1_600);
        _resolve(alice);
        uint256 charge = house.accountOf(pool).graceUsd;
        assertGt(charge, 130_000e18);
        _price(ETH, 1_785);
        (int256 equity, uint256 required) = house.marginOf(pool, MarginKind.Maintenance);
        assertGt(equity, 0);
        assertLt(equity, int256(required), "below through the charge only");
        assertFalse(_mark(pool));
        vm.expectPartialRevert(IClearingHouse.PoolNotDistressed.selector);
        house.tearUpPool(ETH);
        skipSeconds(60);
        _markAndTearUp();
        assertGe(_equity(pool), int256(_aim()));
    }

    /// @dev A bankrupt pool goes the way of every account: what it held becomes inventory, its deficit the market's. Its shares are worth nothing, trading with
    /// it is over, and what it held is torn up with the same side as before.
    function test_resolve_takesABankruptPoolsPosition() public {
        _build(1);
        _price(ETH, 2_400);
        int256 deficit = -_equity(pool);
        assertGt(deficit, 100_000e18);
        _mark(pool);
        _resolve(pool);
        AccountId resolution = house.systemAccountOf(ETH, 0);
        assertEq(_size(resolution, ETH), -900e18);
        assertEq(_size(pool, ETH), 0);
        assertEq(_quote(pool, ETH), 0);
        assertEq(_cash(pool), 0);
        assertEq(house.distressOf(pool).startedAt, 0);
        assertEq(house.accountOf(pool).markets, ETH.bit(), "it stays in its market");
        IClearingHouse.MarketState memory state = house.marketOf(ETH);
        assertEq(state.longOpenInterest, state.shortOpenInterest, "no skew against nobody");
        assertEq(state.events, 2, "the winners share what insurance does not pay");
        _assertConserved(_everybody());
        vm.expectPartialRevert(IClearingHouse.PoolNotDistressed.selector);
        house.tearUpPool(ETH);
        vm.expectPartialRevert(IClearingHouse.PoolBelowInitialMargin.selector);
        _trade(carol, ETH, 10e18);

        skipSeconds(600);
        _price(ETH, 2_400);
        house.tearUp(ETH);
        assertLt(-_size(resolution, ETH), int256(LOT));
        assertApproxEqAbs(_size(alice, ETH), 60e18, 1e6, "a tenth is held by bob's 100");
        _assertConserved(_everybody());
    }

    function test_previewTearUpPool_isInTheLens() public {
        _sink();
        _mark(pool);
        skipSeconds(WAIT);
        ILens lens = ILens(deploy("Lens", abi.encode(house)));
        ILens.MarketReport memory report = lens.marketReport(ETH);
        assertEq(report.poolTearUpFailure.length, 0);
        assertEq(keccak256(abi.encode(report.poolTearUp)), keccak256(abi.encode(house.previewTearUpPool(ETH))));
        assertEq(uint256(report.poolTearUp.code), uint256(ILiquidationEngine.PlanCode.Partial));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice LIQ-1 to LIQ-5: what a liquidation does, and what it never does. The token has 18 decimals, so equity can be set to the unit.
contract ClearingHouse_liquidate_Test is HouseScenarios {
    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    /// @dev Liquidates and compares with the preview.
    function _liquidate(AccountId account, MarketId market) private returns (ILiquidationEngine.Plan memory plan) {
        bytes32 preview = keccak256(abi.encode(house.previewLiquidation(account, market)));
        plan = house.liquidate(account, market, keeper);
        assertEq(keccak256(abi.encode(plan)), preview, "preview");
    }

    function _expectSkip(AccountId account, MarketId market, ILiquidationEngine.PlanCode code) private {
        bytes32 before = _fingerprint(account);
        uint256 cash = _cash(keeper);
        vm.expectEmit(address(house));
        emit IClearingHouse.LiquidationSkipped(account, market, code);
        ILiquidationEngine.Plan memory plan = house.liquidate(account, market, keeper);
        assertEq(uint256(plan.code), uint256(code));
        assertEq(plan.closeSize, 0);
        assertEq(_fingerprint(account), before, "a skipped account is left alone");
        assertEq(_cash(keeper), cash);
        assertEq(uint256(house.previewLiquidation(account, market).code), uint256(code), "preview");
    }

    /// @dev Brings alice's equity to maintenance margin plus `delta`.
    function _setEquityAboveMaintenance(int256 delta) private {
        _distressAlice();
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        _fund(alice, uint256(int256(required) + delta - equity));
        assertEq(_equity(alice), int256(required) + delta);
    }

    /* REVERTS */

    function test_liquidate_revertsWhenKeeperIsTheHouses() public {
        AccountId system = house.systemAccountOf(ETH, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, system));
        house.liquidate(alice, ETH, system);
    }

    function test_liquidate_revertsWhenTheEngineWouldTurnThePosition() public {
        _distressAlice();
        ILiquidationEngine.Plan memory plan = house.previewLiquidation(alice, ETH);
        plan.closeSize = 80e18 + 1;
        vm.mockCall(address(liquidation), ILiquidationEngine.plan.selector, abi.encode(plan));
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.NotAReduction.selector, alice, int256(80e18), -int256(80e18) - 1)
        );
        house.liquidate(alice, ETH, keeper);
    }

    function test_liquidate_revertsWhenTheEngineWouldTakeMoreThanATwentieth() public {
        _distressAlice();
        ILiquidationEngine.Plan memory plan = house.previewLiquidation(alice, ETH);
        plan.closeSize = 10e18;
        plan.penaltyUsd = 962.5e18 + 1;
        vm.mockCall(address(liquidation), ILiquidationEngine.plan.selector, abi.encode(plan));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PenaltyTooHigh.selector, alice, 962.5e18 + 1, 962.5e18));
        house.liquidate(alice, ETH, keeper);
        plan.penaltyUsd = 962.5e18;
        vm.mockCall(address(liquidation), ILiquidationEngine.plan.selector, abi.encode(plan));
        house.liquidate(alice, ETH, keeper);
        assertEq(_size(alice, ETH), int256(70e18));
    }

    /* CODES THAT CLOSE NOTHING */

    function test_liquidate_skips_whenEquityIsExactlyMaintenance() public {
        _setEquityAboveMaintenance(0);
        _expectSkip(alice, ETH, ILiquidationEngine.PlanCode.Healthy);
    }

    function test_liquidate_skips_whenEquityIsAUnitAboveMaintenance() public {
        _setEquityAboveMaintenance(1);
        _expectSkip(alice, ETH, ILiquidationEngine.PlanCode.Healthy);
    }

    function test_liquidate_acts_whenEquityIsAUnitBelowMaintenance() public {
        _setEquityAboveMaintenance(-1);
        assertEq(_code(_liquidate(alice, ETH)), uint256(ILiquidationEngine.PlanCode.Partial));
    }

    function test_liquidate_skips_whenBankrupt() public {
        _bankruptAlice();
        _expectSkip(alice, ETH, ILiquidationEngine.PlanCode.Bankrupt);
    }

    function test_liquidate_skips_whenThereIsNoPosition() public {
        _distressAlice();
        _expectSkip(alice, BTC, ILiquidationEngine.PlanCode.NoPosition);
        _expectSkip(carol, ETH, ILiquidationEngine.PlanCode.NoPosition);
        _expectSkip(alice, MarketId.wrap(255), ILiquidationEngine.PlanCode.NoPosition);
    }

    function test_liquidate_skips_whenAccountIsTheHouses() public {
        _bankruptAlice();
        _resolve(alice);
        AccountId resolution = house.systemAccountOf(ETH, 0);
        assertEq(_size(resolution, ETH), int256(500e18));
        _expectSkip(resolution, ETH, ILiquidationEngine.PlanCode.NoPosition);
    }

    function test_liquidate_skips_whenAccountIsThePool() public {
        _open(alice, ETH, 60_000e18, 500e18);
        _expectSkip(pools[0], ETH, ILiquidationEngine.PlanCode.PoolUnavailable);
    }

    function test_liquidate_skips_whenThePriceIsStale() public {
        _distressAlice();
        skipSeconds(3_601);
        _expectSkip(alice, ETH, ILiquidationEngine.PlanCode.PriceNotValid);
    }

    function test_liquidate_skips_whenTheMarketIsHalted() public {
        _distressAlice();
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        _expectSkip(alice, ETH, ILiquidationEngine.PlanCode.Halted);
    }

    function test_liquidate_skips_whenTheAllowanceIsUsedUp() public {
        _open(bob, ETH, 120_000e18, -1_000e18);
        _open(alice, ETH, 110_000e18, 1_000e18);
        _price(ETH, 1_915);
        _liquidate(alice, ETH);
        assertLt(_health(alice), 1e18);
        _expectSkip(alice, ETH, ILiquidationEngine.PlanCode.Paced);
        skipSeconds(10);
        assertEq(_code(_liquidate(alice, ETH)), uint256(ILiquidationEngine.PlanCode.Partial));
    }

    /// @dev Ten charges recorded, ten more and a tear-up waiting: a liquidation claims the newest eight, as its preview says.
    function test_liquidate_claimsTheNewestCharges_whenMoreAreRecordedThanItClaims() public {
        _bookLosses(20);
        house.touch(bob, ETH, 10);
        skipSeconds(700);
        _price(ETH, 1_800);
        _tearUpAll(ETH);
        bytes32 preview = keccak256(abi.encode(house.previewLiquidation(bob, ETH)));
        ILiquidationEngine.Plan memory plan = house.liquidate(bob, ETH, keeper);
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Healthy));
        assertEq(keccak256(abi.encode(plan)), preview, "preview");
    }

    function test_liquidate_appliesEventsInSteps_whenTooManyWait() public {
        _bookLosses(33);
        for (uint256 seen = 17; seen <= 33; seen += 16) {
            vm.expectEmit(address(house));
            emit IClearingHouse.LiquidationSkipped(bob, ETH, ILiquidationEngine.PlanCode.EventsPending);
            house.liquidate(bob, ETH, keeper);
            assertEq(house.positionOf(bob, ETH).eventsSeen, seen, "LIQ-5: each call makes progress");
        }
        vm.expectEmit(address(house));
        emit IClearingHouse.LiquidationSkipped(bob, ETH, ILiquidationEngine.PlanCode.Healthy);
        house.liquidate(bob, ETH, keeper);
        assertEq(house.positionOf(bob, ETH).eventsSeen, 34);
    }

    /* EDGES */

    function test_liquidate_worksInReduceOnlyMode() public {
        _distressAlice();
        _setMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        assertEq(_code(_liquidate(alice, ETH)), uint256(ILiquidationEngine.PlanCode.Partial));
    }

    function test_liquidate_paysTheVictim_whenItIsItsOwnKeeper() public {
        _distressAlice();
        int256 equity = _equity(alice);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, alice);
        assertLt(_equity(alice), equity - plan.impactUsd, "LIQ-3: the fund's part is gone all the same");
        _assertConserved(_users());
    }

    function test_liquidate_leavesAClaimOfTheFund_whenThereIsNoCash() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _open(bob, ETH, 20_000e18, -80e18);
        _price(ETH, 2_200);
        vm.prank(bob.owner());
        _settle(bob);
        _wait(ETH, 2_200, 1_500);
        _withdraw(alice, house.freeCashOf(alice));
        _settle(bob);
        _price(ETH, 2_060);
        assertLt(_health(alice), 1e18);
        assertLt(_cash(alice), DEPOSIT_USD + 10e18, "its margin is an unsettled gain");
        int256 equity = _equity(alice);
        ILiquidationEngine.Plan memory plan = _liquidate(alice, ETH);
        assertGt(plan.penaltyUsd, 10e18);
        int256 claim = _quote(_trancheOf(ETH), ETH);
        assertGt(claim, 0);
        assertEq(house.accountOf(alice).depositUsd, DEPOSIT_USD - 1e18, "the keeper's floor comes out of the deposit");
        assertApproxEqAbs(_equity(alice), equity - plan.impactUsd - int256(plan.penaltyUsd), 3);
        _assertConserved(_users());
    }

    /* SUCCESS */

    function test_liquidate_emitsTheStateAfterIt() public {
        _distressAlice();
        ILiquidationEngine.Plan memory plan = house.previewLiquidation(alice, ETH);
        uint256 snapshot = vm.snapshotState();
        house.liquidate(alice, ETH, keeper);
        IClearingHouse.AccountState memory state = house.accountOf(alice);
        int256 quote = _quote(alice, ETH);
        vm.revertToState(snapshot);

        vm.expectEmit(address(house));
        emit IClearingHouse.Liquidated({
            account: alice,
            market: ETH,
            keeper: keeper,
            sizeDelta: -int256(plan.closeSize),
            price: plan.price,
            penaltyUsd: plan.penaltyUsd,
            rewardUsd: plan.keeperRewardUsd,
            equityUsd: plan.equityUsd,
            maintenanceUsd: plan.maintenanceUsd,
            size: int256(80e18) - int256(plan.closeSize),
            quote: quote,
            cashUsd: state.cashUsd,
            version: state.version
        });
        house.liquidate(alice, ETH, keeper);
        assertEq(_size(alice, ETH), int256(80e18) - int256(plan.closeSize));
        assertEq(_cash(keeper), plan.keeperRewardUsd);
        assertEq(
            _cash(_trancheOf(ETH)),
            plan.penaltyUsd - plan.keeperRewardUsd + _openingFees(),
            "the rest of the penalty"
        );
        _assertConserved(_users());
    }

    /* FUZZ */

    /// @dev LIQ-1, LIQ-2, LIQ-3 at any price and size: acts only below maintenance margin, never turns the position, health does not fall, no equity appears.
    function testFuzz_liquidate_neverWorsensTheAccount(uint256 size, uint256 price, uint256 skew, bool isLong) public {
        int256 sign = isLong ? int256(1) : -int256(1);
        int256 delta = sign * int256(bound(size, 200, 2_000_000) * 0.001e18);
        uint256 notional = ((uint256(delta * sign) * 2_000) / 1e18) * 1e18;
        _open(carol, ETH, 1_000_000e18, -sign * int256(bound(skew, 1, 3_000_000) * 0.001e18) - sign * 1e18);
        _open(alice, ETH, notional / 18 + 100e18 + ((notional / 1e10) * (notional / 1e10)) / 5e7 / 1e18, delta);
        uint256 move = bound(price, 20, 120);
        _price(ETH, isLong ? 2_000 - move : 2_000 + move);

        uint256 health = _health(alice);
        int256 equity = _equity(alice);
        int256 poolEquity = _poolEquity();
        uint256 funds = _cash(keeper) + _cash(_trancheOf(ETH));
        int256 claims = _quote(_trancheOf(ETH), ETH);
        uint256 deposit = house.accountOf(alice).depositUsd;
        ILiquidationEngine.Plan memory plan = _liquidate(alice, ETH);
        int256 sizeAfter = _size(alice, ETH) * sign;
        if (plan.closeSize == 0) {
            assertEq(_equity(alice), equity);
            return;
        }
        assertLt(health, 1e18, "LIQ-1");
        assertGe(equity, 0);
        assertGe(sizeAfter, 0, "LIQ-2: no flip");
        assertLt(sizeAfter, delta * sign);
        if (sizeAfter != 0) assertGe(_health(alice), health, "LIQ-2");
        // What the deposit pays and what it releases is equity that was none before.
        int256 freed = int256(deposit) - int256(house.accountOf(alice).depositUsd);
        int256 total = _equity(alice) - equity + _poolEquity() - poolEquity;
        total += int256(_cash(keeper) + _cash(_trancheOf(ETH))) - int256(funds) + _quote(_trancheOf(ETH), ETH) - claims;
        assertApproxEqAbs(total, freed, 4, "LIQ-3");
        assertGe(_equity(alice), 0, "the penalty stays within the equity");
        _assertConserved(_users());
    }

    function _poolEquity() private view returns (int256) {
        return _equity(pools[0]);
    }

    /// @dev What the fund got of the fees of `_distressAlice`.
    function _openingFees() private pure returns (uint256) {
        // A fifth of 5 bp of 160 000, and of 2 bp.
        return 16e18 + 6.4e18;
    }

    function test_liquidate_creditsTheKeepersAccount_whenItIsThePool() public {
        _distressAlice();
        uint256 before = _cash(pools[0]);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, pools[0]);
        // The pool is paid the impact's edge through the reserve, or pays it; its reward comes on top.
        assertApproxEqAbs(
            _cash(pools[0]),
            plan.impactUsd < 0
                ? before + plan.keeperRewardUsd - uint256(-plan.impactUsd)
                : before + plan.keeperRewardUsd,
            2
        );
        _assertConserved(_users());
    }

    function test_liquidate_creditsASubAccount() public {
        _distressAlice();
        AccountId sub = accountIdOf(keeper.owner(), 99);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, sub);
        assertEq(_cash(sub), plan.keeperRewardUsd);
        assertEq(_cash(keeper), 0);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {HostileOwner} from "../support/HostileOwner.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice Attacks on liquidation and resolution by whoever is liquidated, liquidates, or is paid.
contract Liquidation_adversarial_Test is HouseScenarios {
    /* L2 */

    function _hostile(uint256 behaviour) private returns (AccountId) {
        HostileOwner owner = new HostileOwner(HostileOwner.Behaviour(behaviour), house);
        AccountId account = accountIdOf(address(owner), 0);
        owner.act(address(house), abi.encodeCall(house.setDelegate, (account, address(this), 1)));
        return account;
    }

    /// @dev Whatever the code of victim and keeper, a liquidation costs the same and calls neither.
    function test_L2_liquidate_ignoresTheCodeOfVictimAndKeeper() public {
        _open(bob, ETH, 60_000e18, -400e18);
        _open(alice, ETH, 10_000e18, 80e18);
        AccountId[4] memory victims;
        for (uint256 i; i < 4; ++i) {
            victims[i] = _hostile(i);
            _open(victims[i], ETH, 10_000e18, 80e18);
        }
        _price(ETH, 1_925);
        uint256 snapshot = vm.snapshotState();
        house.liquidate(alice, ETH, keeper);
        uint256 gasPlain = vm.lastCallGas().gasTotalUsed;
        vm.revertToState(snapshot);
        for (uint256 i; i < 4; ++i) {
            AccountId hostileKeeper = _hostile(3 - i);
            snapshot = vm.snapshotState();
            ILiquidationEngine.Plan memory plan = house.liquidate(victims[i], ETH, hostileKeeper);
            uint256 gasUsed = vm.lastCallGas().gasTotalUsed;
            assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Partial));
            assertEq(_cash(hostileKeeper), plan.keeperRewardUsd);
            assertApproxEqAbs(gasUsed, gasPlain, 20_000, "LIQ-5: bounded gas");
            if (i != 0) assertEq(HostileOwner(payable(victims[i].owner())).calls(), 0, "never called");
            vm.revertToState(snapshot);
        }
    }

    function test_L2_resolve_ignoresTheCodeOfVictimAndKeeper() public {
        for (uint256 i; i < 4; ++i) {
            uint256 snapshot = vm.snapshotState();
            AccountId victim = _hostile(i);
            AccountId hostileKeeper = _hostile(3 - i);
            _open(victim, ETH, 60_000e18, 500e18);
            _open(bob, ETH, 60_000e18, -500e18);
            _price(ETH, 1_600);
            house.resolve(victim, _one(victim), hostileKeeper);
            assertEq(_size(victim, ETH), 0);
            assertEq(_cash(hostileKeeper), DEPOSIT_USD);
            vm.revertToState(snapshot);
        }
    }

    /// @dev A hostile receiver hurts its own withdrawal at most.
    function test_L2_withdraw_paysAContractThatWouldRevert() public {
        AccountId account = _hostile(0);
        _fund(account, 100e18);
        HostileOwner(payable(account.owner())).act(
            address(house),
            abi.encodeCall(house.withdraw, (account, 100e6, account.owner()))
        );
        assertEq(token.balanceOf(account.owner()), 100e6);
    }

    function test_L2_setDelegateBySignature_isRefused_whenTheWalletMisbehaves() public {
        for (uint256 i; i < 4; ++i) {
            AccountId account = _hostile(i);
            uint256 deadline = vm.getBlockTimestamp() + 60;
            (bool success, ) = address(house).call{gas: 3_000_000}(
                abi.encodeCall(house.setDelegateBySignature, (account, STRANGER, 3, deadline, "junk"))
            );
            assertFalse(success);
            assertEq(house.powersOf(account, STRANGER), 0);
        }
    }

    /* L4 */

    /// @dev Equity between nothing and what penalty and keeper would like: the penalty yields, nobody is pushed below zero.
    function testFuzz_L4_liquidate_neverPushesBelowZero(uint256 price, uint256 size) public {
        uint256 lots = bound(size, 125, 100_000);
        uint256 notional = lots * 2e18;
        _open(bob, ETH, 60_000e18, -100e18);
        _open(alice, ETH, notional / 19 + 6e18 + notional / 1_000, int256(lots * 0.001e18));
        // Between about 5.4 % and 3 % below: some of these leave equity of a few cents.
        feeds[0].push(int256(bound(price, 1_885e8, 1_945e8)));
        skipSeconds(12);
        int256 equity = _equity(alice);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        if (equity < 0) {
            assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Bankrupt));
            return;
        }
        assertGe(_equity(alice), 0, "L4");
        assertLe(plan.penaltyUsd, uint256(equity), "LIQ-3");
        _assertConserved(_users());
    }

    function test_L4_liquidate_takesNoMoreThanThereIs_whenEquityIsACent() public {
        _open(bob, ETH, 60_000e18, -100e18);
        _open(alice, ETH, 60e18, 0.4e18);
        // 60 less deposit, edge and fee; 0.4 times 136 is 54.4.
        (int256 equity, ) = house.marginOf(alice, MarginKind.Maintenance);
        uint256 fall = (uint256(equity) * 1e8) / 0.4e18;
        feeds[0].push(int256(2_000e8 - fall));
        skipSeconds(12);
        equity = _equity(alice);
        assertGt(equity, 0);
        assertLt(equity, 0.1e18);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertLe(plan.penaltyUsd, uint256(equity));
        assertGe(_equity(alice), 0);
        assertEq(house.marketOf(ETH).pendingLossUsd, 0, "insurance pays no penalty");
        _assertConserved(_users());
    }

    /* L5 */

    function test_L5_resolve_takesADeeplyNegativeAccountOnce() public {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        _price(ETH, 900);
        assertLt(_equity(alice), -480_000e18);
        _resolve(alice);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountNotBankrupt.selector, alice, int256(0)));
        _resolve(alice);
        assertEq(_equity(alice), 0);
        _assertConserved(_users());
        // And again: it starts afresh, and fails afresh.
        skipSeconds(60);
        _open(alice, ETH, 60_000e18, 600e18);
        _price(ETH, 400);
        assertLt(_equity(alice), -200_000e18);
        _resolve(alice);
        assertEq(house.accountOf(alice).markets, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AccountNotBankrupt.selector, alice, int256(0)));
        _resolve(alice);
        house.touch(bob, ETH, 16);
        assertEq(house.marketOf(ETH).uncollectedLossUsd, 0, "all is collected from gains");
        _assertConserved(_users());
    }

    function test_L5_resolve_takesTheRest_whenADeadPriceComesBack() public {
        _fund(alice, 60_000e18);
        _trade(alice, BTC, 5e18);
        _trade(alice, ETH, 400e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _open(carol, BTC, 60_000e18, -5e18);
        _price(BTC, 38_000);
        _stale(BTC, ETH, 1_600);
        _resolve(alice);
        assertEq(_size(alice, ETH), 0);
        assertEq(_size(alice, BTC), int256(5e18), "left alone");
        vm.expectPartialRevert(IClearingHouse.AccountNotBankrupt.selector);
        _resolve(alice);
        feeds[1].push(30_000e8);
        uint256 held = house.accountOf(alice).heldUsd;
        _resolve(alice);
        assertEq(house.accountOf(alice).markets, 0);
        assertEq(house.accountOf(alice).heldUsd, 0);
        assertGe(house.marketOf(BTC).reserveUsd, held, "what was held served this market");
        _assertConserved(_users());
    }
}

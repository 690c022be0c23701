// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {CreditFixture} from "../support/CreditFixture.sol";
import {ITokenControl} from "../support/HouseFixture.sol";

/// @notice Random histories of lenders, borrowers, traders, prices and keepers. After every step: CONS-1 and CONS-2 of the house, what lenders count on is owed
/// (CREDIT-2), and collateral on the books is in the vault.
contract Credit_history_Test is CreditFixture {
    uint256 private constant STEPS = 16;

    uint256 private _wbtcUsd = 40_000;
    uint256 private _wethUsd = 2_000;
    uint256 private _ethUsd = 2_000;
    uint256 private _done;

    /// @dev A history in which an account with collateral and a debt leaves a deficit behind, which few reach.
    function test_history_conservesEverything_whenADeficitIsLeftToCollateral() public {
        testFuzz_history_conservesEverything(19_463);
        assertGt(vault.deficitOf(alice), 3_000e18);
    }

    function testFuzz_history_conservesEverything(uint256 seed) public {
        _fund(alice, 5_000e18);
        _fund(bob, 200_000e18);
        _pledge(alice, wbtc, 2e8);
        _pledge(bob, weth, 50e18);
        _pledge(carol, wbtc, 4e8);
        vm.startPrank(lender);
        vault.redeem(vault.balanceOf(lender) / 2, lender, lender);
        vm.stopPrank();
        for (uint256 step; step < STEPS; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            try this.act(seed) {
                ++_done;
            } catch {} // a refusal changes nothing
            _check();
        }
        assertGe(_done, STEPS / 4, "most steps were refused");
    }

    /// @dev One step; it may be refused.
    function act(uint256 seed) external {
        // A step that was refused may have ended in the middle.
        vm.stopPrank();
        AccountId account = [alice, bob, carol][(seed >> 8) % 3];
        uint256 size = uint256(uint64(seed >> 32));
        uint256 kind = seed % 12;
        if (kind == 0) _draw(account, bound(size, 1, 1e5) * 1e18);
        else if (kind == 1) _withdraw(account, house.freeCashOf(account) / (1 + (size % 4)));
        else if (kind == 2) _trade(account, ETH, (int256(size % 200) - 100) * 1e18);
        else if (kind == 3) _settle(account);
        else if (kind == 4) _move(seed);
        else if (kind == 5) house.repayCredit(account, type(uint256).max);
        else if (kind == 6) house.liquidate(account, ETH, keeper);
        else if (kind == 7) _lendOrLeave(size);
        else if (kind == 8) _unpledge(account, size);
        else if (kind == 9) _sell(account);
        else if (kind == 10) _resolveOrWriteOff(account);
        else _wait(ETH, _ethUsd, 900);
    }

    function _move(uint256 seed) private {
        _wbtcUsd = bound(seed >> 64, (_wbtcUsd * 6) / 10, (_wbtcUsd * 14) / 10);
        _wethUsd = bound(seed >> 128, (_wethUsd * 6) / 10, (_wethUsd * 14) / 10);
        _ethUsd = bound(seed >> 192, (_ethUsd * 9) / 10, (_ethUsd * 11) / 10);
        _price(ETH, _ethUsd);
        _collateralPrices(_wbtcUsd, _wethUsd);
    }

    function _lendOrLeave(uint256 size) private {
        if (size % 2 == 0) {
            _lend(lender, bound(size, 1e18, 100_000e18));
        } else {
            uint256 most = vault.maxRedeem(lender);
            vm.prank(lender);
            vault.redeem(most / (1 + (size % 3)), lender, lender);
        }
    }

    function _unpledge(AccountId account, uint256 size) private {
        ITokenControl asset = size % 2 == 0 ? wbtc : weth;
        uint256 most = vault.collateralOf(account, address(asset));
        vm.prank(account.owner());
        vault.withdrawCollateral(address(asset), most / (1 + (size % 5)), account, account.owner());
    }

    function _sell(AccountId account) private {
        ITokenControl asset = vault.collateralOf(account, address(wbtc)) != 0 ? wbtc : weth;
        auction.start(account, address(asset));
        skipSeconds(50);
        _take(account, asset, type(uint256).max);
    }

    function _resolveOrWriteOff(AccountId account) private {
        if (_equity(account) < 0) _resolve(account);
        else vault.writeOff(account);
    }

    function _check() private view {
        _assertConserved(_creditUsers());
        uint256 live;
        AccountId[3] memory accounts = [alice, bob, carol];
        uint256 pledged;
        for (uint256 i; i < 3; ++i) {
            // A deficit is owed to insurance, not to lenders.
            live += vault.debtOf(accounts[i]) - vault.writtenOffOf(accounts[i]) - vault.deficitOf(accounts[i]);
            pledged += vault.collateralOf(accounts[i], address(wbtc));
            assertLe(vault.lineOf(accounts[i], MarginKind.Maintenance), vault.cashUsd(), "CREDIT-1");
        }
        assertLe(vault.totalDebtUsd(), live, "CREDIT-2: lenders count on more than is owed");
        assertLe(live - vault.totalDebtUsd(), 3, "CREDIT-2: but for rounding");
        assertEq(pledged, vault.totalCollateralOf(address(wbtc)));
        assertEq(wbtc.balanceOf(address(vault)), pledged, "on the books and in the vault");
        assertEq(token.balanceOf(address(vault)), 0, "the vault holds no cash");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice The module "backstop" and its share of penalties.
contract ClearingHouse_setBackstopShare_Test is HouseScenarios {
    AccountId private _backstop;

    function setUp() public override {
        super.setUp();
        _backstop = accountIdOf(makeAddr("backstop"), 0);
    }

    function _connect(uint256 share) private {
        house.setModule("backstop", _backstop.owner());
        house.setBackstopShare(share);
    }

    /// @dev Liquidates alice; what the tranche and the backstop have got.
    function _liquidate() private returns (uint256 toTranche, uint256 toBackstop) {
        _distressAlice();
        uint256 before = _cash(_trancheOf(ETH));
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        (toTranche, toBackstop) = (_cash(_trancheOf(ETH)) - before, _cash(_backstop));
        assertEq(toTranche + toBackstop + plan.keeperRewardUsd, plan.penaltyUsd, "LIQ-3");
    }

    function _conserved() private view {
        AccountId[] memory users = new AccountId[](4);
        (users[0], users[1], users[2], users[3]) = (alice, bob, carol, _backstop);
        _assertConserved(users);
    }

    function test_setBackstopShare_revertsWhenTheCallerDoesNotGovern() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        vm.prank(STRANGER);
        house.setBackstopShare(0);
    }

    function test_setBackstopShare_revertsWhenNoneIsConnected() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.ModuleZero.selector, bytes32("backstop")));
        house.setBackstopShare(0.1e18);
    }

    function test_setBackstopShare_revertsWhenItIsMoreThanAHalf() public {
        house.setModule("backstop", _backstop.owner());
        vm.expectRevert(
            abi.encodeWithSelector(
                IClearingHouse.TermsOutOfBounds.selector,
                bytes32("backstopShare"),
                0.5e18 + 1,
                0,
                0.5e18
            )
        );
        house.setBackstopShare(0.5e18 + 1);
    }

    function test_setModule_revertsWhenTheBackstopIsTheHouse() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, accountIdOf(address(house), 0)));
        house.setModule("backstop", address(house));
    }

    function test_setBackstopShare_keepsMillionths() public {
        _connect(0.1234567e18);
        assertEq(house.backstopShare(), 0.123456e18);
        assertEq(house.moduleOf("backstop"), _backstop.owner());
    }

    function test_liquidate_paysTheTrancheAll_whenNoBackstopIsConnected() public {
        (uint256 toTranche, uint256 toBackstop) = _liquidate();
        assertGt(toTranche, 0);
        assertEq(toBackstop, 0);
        assertEq(house.backstopShare(), 0);
    }

    function test_liquidate_paysTheBackstopItsShare() public {
        _connect(0.3e18);
        (uint256 toTranche, uint256 toBackstop) = _liquidate();
        assertEq(toBackstop, ((toTranche + toBackstop) * 3) / 10);
        _conserved();
    }

    function test_liquidate_paysTheNextBackstop_whenItWasReplaced() public {
        _connect(0.5e18);
        AccountId next = accountIdOf(makeAddr("next backstop"), 0);
        house.setModule("backstop", next.owner());
        _distressAlice();
        house.liquidate(alice, ETH, keeper);
        assertEq(_cash(_backstop), 0);
        assertGt(_cash(next), 0);
    }

    function test_liquidateBatch_paysTheBackstopItsShare() public {
        _connect(0.5e18);
        _distressAlice();
        uint256 before = _cash(_trancheOf(ETH));
        IClearingHouse.LiquidationItem[] memory items = new IClearingHouse.LiquidationItem[](2);
        (items[0].account, items[0].market) = (alice, ETH);
        (items[1].account, items[1].market) = (bob, ETH);
        house.liquidateBatch(items, keeper);
        uint256 gained = _cash(_trancheOf(ETH)) - before;
        assertGt(gained, 0);
        assertApproxEqAbs(_cash(_backstop), gained, 1);
        _conserved();
    }
}

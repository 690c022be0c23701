// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {IOffsetMargin} from "../../contracts/interfaces/IOffsetMargin.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice G9: a judge is replaced behind the timelock. The ledger is not told, no account moves, nobody is liquidatable for it; a hedged account may open and withdraw more from then on,
/// is liquidated like any other, and after the way back nobody is liquidatable either.
contract EngineSwap_scenario_Test is HouseScenarios {
    uint64 private constant GOVERNOR = 1;
    uint32 private constant DELAY = 2 days;

    IAccessManager private _manager;
    address private _governor;
    address private _newEngine;

    function setUp() public override {
        super.setUp();
        _governor = makeAddr("governor");
        _newEngine = deploy("OffsetRiskEngine", abi.encode(address(this), risk));
        IOffsetMargin(_newEngine).setGroup(ETH, 1);
        IOffsetMargin(_newEngine).setGroup(BTC, 1);
        IOffsetMargin(_newEngine).setCorrelation(1, 0.7e18);
        // Alice is hedged, bob is not; carol has none.
        _open(alice, ETH, 110_000e18, 500e18);
        _trade(alice, BTC, -25e18);
        _open(bob, ETH, 60_000e18, -100e18);
        _fund(carol, 1_000e18);
        _manager = IAccessManager(deploy("AccessManager", abi.encode(address(this))));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IClearingHouse.setModule.selector;
        _manager.setTargetFunctionRole(address(house), selectors, GOVERNOR);
        _manager.grantRole(GOVERNOR, _governor, DELAY);
        IAccessManaged(address(house)).setAuthority(address(_manager));
    }

    /// @dev Queues the engine and waits the delay out, prices as they were.
    function _announce(address engine) private {
        bytes memory data = abi.encodeCall(IClearingHouse.setModule, ("risk", engine));
        vm.prank(_governor);
        _manager.schedule(address(house), data, 0);
        vm.prank(_governor);
        (bool early, ) = address(house).call(data);
        assertFalse(early, "before the delay");
        skipSeconds(DELAY);
        _price(ETH, 2_000);
        _price(BTC, 40_000);
    }

    function _install(address engine) private {
        vm.prank(_governor);
        house.setModule("risk", engine);
        assertEq(house.moduleOf("risk"), engine);
    }

    function _required(AccountId account, MarginKind kind) private view returns (uint256 requiredUsd) {
        (, requiredUsd) = house.marginOf(account, kind);
    }

    function test_G9_setModule_movesNoAccount_whenTheEngineIsReplaced() public {
        AccountId[4] memory all = [alice, bob, carol, pools[0]];
        _announce(_newEngine);
        bytes32[4] memory prints;
        uint256[4] memory maintenanceUsd;
        uint256[4] memory initialUsd;
        uint256[4] memory freeUsd;
        for (uint256 i; i < 4; ++i) {
            prints[i] = _fingerprint(all[i]);
            maintenanceUsd[i] = _required(all[i], MarginKind.Maintenance);
            initialUsd[i] = _required(all[i], MarginKind.Initial);
            freeUsd[i] = house.freeCashOf(all[i]);
        }
        _install(_newEngine);
        for (uint256 i; i < 4; ++i) {
            assertEq(_fingerprint(all[i]), prints[i], "an account moved");
            assertEq(_required(all[i], MarginKind.Maintenance), maintenanceUsd[i], "maintenance margin");
            // L = S = 50 000 at 5 %, M_M = 60 000 at 3 %: half of the distance of 40 000. Only alice is hedged.
            uint256 offsetUsd = i == 0 ? 20_000e18 : 0;
            assertEq(_required(all[i], MarginKind.Initial), initialUsd[i] - offsetUsd, "initial margin");
            assertEq(house.freeCashOf(all[i]), freeUsd[i] + offsetUsd, "what may be withdrawn");
        }
    }

    function test_G9_liquidate_restoresAHedgedAccount_whenTheEngineIsNew() public {
        _announce(_newEngine);
        _install(_newEngine);
        _withdraw(alice, house.freeCashOf(alice));
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertApproxEqAbs(uint256(equity), required, 1e13, "to the edge");
        assertGt(_health(alice), 1.2e18, "the edge is far above maintenance margin");
        // The hedge breaks: ETH falls, BTC stands still.
        _price(ETH, 1_930);
        _price(BTC, 40_000);
        assertLt(_health(alice), 1e18);
        uint256 health = _health(alice);
        uint256 slices;
        while (_health(alice) < 1e18 && slices < 60) {
            house.liquidate(alice, slices % 2 == 0 ? ETH : BTC, keeper);
            assertGe(_health(alice), health, "LIQ-2: health fell");
            health = _health(alice);
            skipSeconds(30);
            _price(ETH, 1_930);
            _price(BTC, 40_000);
            ++slices;
        }
        assertGe(_health(alice), 1e18, "not restored");
        assertGt(slices, 0, "no slice was needed");
    }

    function test_G9_setModule_makesNobodyLiquidatable_whenTheOldEngineComesBack() public {
        _announce(_newEngine);
        _install(_newEngine);
        _withdraw(alice, house.freeCashOf(alice));
        _announce(address(risk));
        uint256 health = _health(alice);
        _install(address(risk));
        assertEq(_health(alice), health, "health changed");
        assertGt(_health(alice), 1e18, "RAMP-1");
        // What it owes now it only misses for opening and withdrawing.
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertLt(equity, int256(required));
        assertEq(house.freeCashOf(alice), 0);
        _trade(alice, ETH, -500e18);
        _trade(alice, BTC, 25e18);
        assertEq(_size(alice, ETH), 0);
    }
}

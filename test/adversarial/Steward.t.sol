// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAdaptiveMargin} from "../../contracts/interfaces/IAdaptiveMargin.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../../contracts/interfaces/IRiskEngine.sol";
import {IRiskSteward} from "../../contracts/interfaces/IRiskSteward.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {RiskStewardTest} from "../unit/governance/RiskStewardTest.sol";

/// @notice The steward's key is stolen: what the thief does with it, all at once or for a long time.
contract Steward_adversarial_Test is RiskStewardTest {
    /// @dev The values that a fuzzed history began with, and when each was last changed in it.
    mapping(MarketId market => uint256[PARAMETERS] values) private _first;
    mapping(MarketId market => uint256[PARAMETERS] times) private _lastAt;

    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    /* WHAT THE KEY IS NO POWER FOR */

    /// @dev AUTH-1: money, positions, modules, feeds, modes and the limits themselves are out of the key's reach.
    function test_P3_change_isAllAThiefCan_whenTheStewardsKeyIsStolen() public {
        _open(alice, ETH, 30_000e18, 100e18);
        bytes[9] memory thefts = [
            abi.encodeCall(IClearingHouse.setModule, ("risk", keyholder)),
            abi.encodeCall(IClearingHouse.setVenue, (keyholder, true)),
            abi.encodeCall(IClearingHouse.setMarketMode, (ETH, IClearingHouse.MarketMode.Halted)),
            abi.encodeCall(IClearingHouse.setMarketTerms, (ETH, house.termsOf(ETH))),
            abi.encodeCall(IClearingHouse.withdraw, (alice, 1, keyholder)),
            abi.encodeCall(IRiskEngine.setRiskTerms, (ETH, _riskTerms())),
            abi.encodeCall(ILiquidationEngine.setLiquidationTerms, (ETH, _liquidationTerms())),
            abi.encodeCall(IAdaptiveMargin.raiseRegime, (ETH, IAdaptiveMargin.RegimeComponent.Macro, 0.1e18, 1 hours)),
            abi.encodeCall(
                IRiskSteward.setLimits,
                (ETH, new IRiskSteward.RiskParameter[](0), new IRiskSteward.Limits[](0))
            )
        ];
        for (uint256 i; i < thefts.length; ++i) {
            address target = i < 5 ? address(house) : (i == 6 ? address(liquidation) : address(risk));
            if (i == 8) target = address(steward);
            vm.prank(keyholder);
            (bool success, ) = target.call(thefts[i]);
            assertFalse(success, "AUTH-1");
        }
    }

    /* ALL AT ONCE */

    /// @dev Alice is long 100 ETH with equity of exactly maintenance margin at 1,950, or `missing` less.
    function _aliceAtMaintenanceMargin(uint256 missing) private {
        _open(alice, ETH, 30_000e18, 100e18);
        _withdraw(alice, house.freeCashOf(alice));
        _price(ETH, 1_950);
        oracle.poke(ETH.bit());
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        _fund(alice, uint256(int256(required) - equity) - missing);
    }

    function _assertNotLiquidatable() private {
        assertFalse(_mark(alice), "RAMP-1");
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        assertGe(equity, int256(required), "RAMP-1");
        assertTrue(house.liquidate(alice, ETH, keeper).code == ILiquidationEngine.PlanCode.Healthy, "RAMP-1");
    }

    /// @dev The edge is real: a unit less, and she is marked.
    function test_RAMP1_mark_marksAliceUnderASteward_whenUnitIsMissing() public {
        _aliceAtMaintenanceMargin(1);
        assertTrue(_mark(alice));
    }

    function test_RAMP1_change_liquidatesNobody_whenAThiefTightensAllItCanInOneBlock() public {
        _aliceAtMaintenanceMargin(0);
        uint256 changes = _moveAll(ETH, true) + _moveAll(BTC, true);
        assertGt(changes, 2 * PARAMETERS - 12, "hardly anything was tightened");
        IAdaptiveMargin(address(risk)).refresh(ETH);
        _assertNotLiquidatable();
        // It binds who opens at once.
        assertEq(house.freeCashOf(alice), 0);
        // LIVE-1: whoever is in can pay in and get out.
        _fund(alice, 10_000e18);
        _trade(alice, ETH, -100e18);
        assertEq(_size(alice, ETH), 0);
    }

    function test_RAMP1_change_liquidatesNobody_whenAThiefLoosensAllItCanInOneBlock() public {
        _aliceAtMaintenanceMargin(0);
        assertGt(_moveAll(ETH, false) + _moveAll(BTC, false), 2 * PARAMETERS - 12, "hardly anything was loosened");
        _assertNotLiquidatable();
    }

    /// @dev Where ETH has no valid price, what shields Alice's position in it from being judged on BTC's loss stays.
    function test_RAMP1_change_keepsTheShield_whenAPriceIsMissing() public {
        _open(alice, ETH, 30_000e18, 100e18);
        _trade(alice, BTC, 2e18);
        _stale(ETH, BTC, 40_000);
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        assertGt(_moveAll(ETH, false), PARAMETERS - 6);
        (int256 after_, uint256 requiredAfter) = house.marginOf(alice, MarginKind.Maintenance);
        assertGe(after_, equity, "the shield shrank");
        assertLe(requiredAfter, required, "RAMP-1");
    }

    /// @dev Moves every parameter of a market as far as it may go: up as tightening, or else down; ramps, gains and caps the other way round.
    function _moveAll(MarketId market, bool tightening) private returns (uint256 changes) {
        for (uint256 i; i < PARAMETERS; ++i) {
            IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter(i);
            IRiskSteward.Range memory range = steward.allowedRange(market, parameter);
            bool inverse = i == 3 || i == 7 || i == 8 || i == 18;
            uint256 newValue = _inSteps(parameter, tightening != inverse ? range.high : range.low);
            if (newValue == range.value) continue;
            vm.prank(keyholder);
            try steward.change(market, parameter, newValue) {
                ++changes;
            } catch {
                // A bound of the keeper's, such as 1 for the multiplier, or a value that is not whole steps.
            }
        }
    }

    /* FOR A LONG TIME */

    /// @dev A thief who comes back whenever the cool-down allows ends at the corridor, and stays there.
    function test_P3_change_endsAtTheCorridor_whenAThiefComesBackForAMonth() public {
        for (uint256 day; day < 30; ++day) {
            _moveAll(ETH, false);
            IRiskEngine.RiskTerms memory now_ = risk.riskTermsOf(ETH);
            uint256 floor = 0.05e18;
            for (uint256 i; i <= day && floor > 0.04e18; ++i) floor -= floor / 10;
            assertEq(now_.initialMargin, floor > 0.04e18 ? floor : 0.04e18, "a tenth a day, a fifth in all");
            _waitDays(1);
        }
        assertEq(risk.riskTermsOf(ETH).maintenanceMargin, 0.024e18);
        assertEq(house.termsOf(ETH).exposureCap, 12_000e18);
        // What margins cannot fall to is what the corridor holds: maintenance follows by a hundredth an hour.
        assertGe(risk.ratesOf(ETH).maintenanceRate, 0.024e18);
    }

    /// @dev No sequence of calls leaves corridor or steps: each change is held against a record of the test's own.
    function testFuzz_AUTH1_change_keepsStepsCorridorAndCooldown_whenCallsAreRandom(uint256 seed) public {
        for (uint256 i; i < PARAMETERS; ++i) {
            _first[ETH][i] = _value(ETH, IRiskSteward.RiskParameter(i));
            _first[BTC][i] = _value(BTC, IRiskSteward.RiskParameter(i));
        }
        uint256 changes;
        for (uint256 turn; turn < 60; ++turn) {
            seed = uint256(keccak256(abi.encode(seed)));
            if (seed % 4 == 0) {
                skipSeconds((seed >> 8) % (2 * COOLDOWN));
                feeds[0].push(2_000e8);
                feeds[1].push(40_000e8);
            } else if (_randomChange(seed)) {
                ++changes;
            }
        }
        assertGt(changes, 2, "hardly anything was changed");
    }

    function _randomChange(uint256 seed) private returns (bool done) {
        MarketId market = (seed >> 16) % 2 == 0 ? ETH : BTC;
        uint256 i = (seed >> 24) % PARAMETERS;
        IRiskSteward.RiskParameter parameter = IRiskSteward.RiskParameter(i);
        uint256 old = _value(market, parameter);
        uint256 oldRate = risk.ratesOf(market).maintenanceRate;
        uint256 newValue = _inSteps(parameter, (old * (850 + ((seed >> 32) % 301))) / 1_000);
        done = _attempt(market, parameter, newValue, (seed >> 64) % 3 == 0);
        if (!done) {
            assertEq(_value(market, parameter), old, "a refusal changed something");
            return false;
        }
        assertEq(_value(market, parameter), newValue);
        assertGe(newValue, (_first[market][i] * 8) / 10, "below the corridor");
        assertLe(newValue, (_first[market][i] * 12) / 10, "above the corridor");
        assertLe(newValue, old + old / 10, "too large a step up");
        assertGe(newValue, old - old / 10, "too large a step down");
        uint256 last = _lastAt[market][i];
        if (last != 0) assertGe(vm.getBlockTimestamp(), last + COOLDOWN, "too soon");
        _lastAt[market][i] = vm.getBlockTimestamp();
        assertLe(risk.ratesOf(market).maintenanceRate, oldRate, "RAMP-1");
    }

    /// @dev By the steward, or by the guardian; anybody else has no power to try.
    function _attempt(
        MarketId market,
        IRiskSteward.RiskParameter parameter,
        uint256 newValue,
        bool byGuardian
    ) private returns (bool done) {
        vm.prank(STRANGER);
        (bool strangers, bytes memory reason) = address(steward).call(
            abi.encodeCall(IRiskSteward.change, (market, parameter, newValue))
        );
        assertFalse(strangers, "AUTH-1");
        assertEq(bytes32(bytes4(reason)), bytes32(IAccessManaged.AccessManagedUnauthorized.selector));
        vm.prank(byGuardian ? guardian : keyholder);
        (done, ) = address(steward).call(
            byGuardian
                ? abi.encodeCall(IRiskSteward.tighten, (market, parameter, newValue))
                : abi.encodeCall(IRiskSteward.change, (market, parameter, newValue))
        );
    }

    /* WHAT IT IS WORTH */

    /// @dev A loosened house is one that could have been so all along: who levers up to the corridor's end and is caught by a fall is liquidated at margins that still stand above its loss.
    function test_P3_change_leavesMarginsThatHold_whenAThiefLoosensAndLeversUp() public {
        for (uint256 day; day < 10; ++day) {
            _moveAll(ETH, false);
            _waitDays(1);
        }
        // 4 % of 200,000 USD, fees aside.
        _open(alice, ETH, 8_700e18, 100e18);
        AccountId thief = alice;
        // A fall of the whole maintenance margin of 2.4 % before anybody comes.
        _price(ETH, 1_953);
        int256 equity = _equity(thief);
        assertGt(equity, 0, "the fall left a debt");
        assertTrue(house.liquidate(thief, ETH, keeper).closeSize != 0, "it is liquidated");
        _assertNoDebt(thief);
    }

    function _assertNoDebt(AccountId account) private view {
        assertGe(_equity(account), 0, "a debt");
    }
}

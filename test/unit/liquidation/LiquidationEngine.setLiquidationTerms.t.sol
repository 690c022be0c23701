// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {LiquidationEngineTest} from "./LiquidationEngineTest.sol";

contract LiquidationEngine_setLiquidationTerms_Test is LiquidationEngineTest {
    MarketId private constant UNSET = MarketId.wrap(63);

    ILiquidationEngine.LiquidationTerms private terms;

    function setUp() public override {
        super.setUp();
        terms = ethLiquidation();
    }

    /* REVERTS */

    function test_setLiquidationTerms_revertsWhenCallerIsNotAuthorized() public {
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        engine.setLiquidationTerms(ETH, terms);
    }

    function test_setLiquidationTerms_revertsWhenTargetIsOutOfBounds() public {
        terms.target = 1.01e18 - 1;
        _expectOutside(ILiquidationEngine.LiquidationTerm.Target, 1.01e18 - 1, 1.01e18, 2e18);
        terms.target = 1.01e18;
        _set();
        terms.target = 2e18;
        _set();
        terms.target = 2e18 + 1;
        _expectOutside(ILiquidationEngine.LiquidationTerm.Target, 2e18 + 1, 1.01e18, 2e18);
    }

    function test_setLiquidationTerms_revertsWhenEquityShareIsOutOfBounds() public {
        terms.equityShare = 0;
        _set();
        terms.equityShare = 0.95e18;
        _set();
        terms.equityShare = 0.95e18 + 1;
        _expectOutside(ILiquidationEngine.LiquidationTerm.EquityShare, 0.95e18 + 1, 0, 0.95e18);
    }

    function test_setLiquidationTerms_revertsWhenMaxPenaltyRateIsOutOfBounds() public {
        terms.maxPenaltyRate = 0;
        _set();
        terms.maxPenaltyRate = 0.1e18;
        _set();
        terms.maxPenaltyRate = 0.1e18 + 1;
        _expectOutside(ILiquidationEngine.LiquidationTerm.MaxPenaltyRate, 0.1e18 + 1, 0, 0.1e18);
    }

    function test_setLiquidationTerms_revertsWhenKeeperShareIsOutOfBounds() public {
        terms.keeperShare = 0;
        _set();
        terms.keeperShare = 1e18;
        _set();
        terms.keeperShare = 1e18 + 1;
        _expectOutside(ILiquidationEngine.LiquidationTerm.KeeperShare, 1e18 + 1, 0, 1e18);
    }

    function test_setLiquidationTerms_revertsWhenSliceShareIsOutOfBounds() public {
        terms.sliceShare = 0.01e18 - 1;
        _expectOutside(ILiquidationEngine.LiquidationTerm.SliceShare, 0.01e18 - 1, 0.01e18, 1e18);
        terms.sliceShare = 0.01e18;
        _set();
        terms.sliceShare = 1e18;
        _set();
        terms.sliceShare = 1e18 + 1;
        _expectOutside(ILiquidationEngine.LiquidationTerm.SliceShare, 1e18 + 1, 0.01e18, 1e18);
    }

    function test_setLiquidationTerms_revertsWhenWindowIsOutOfBounds() public {
        terms.windowSeconds = 0;
        _expectOutside(ILiquidationEngine.LiquidationTerm.WindowSeconds, 0, 1, 3_600);
        terms.windowSeconds = 1;
        _set();
        terms.windowSeconds = 3_600;
        _set();
        terms.windowSeconds = 3_601;
        _expectOutside(ILiquidationEngine.LiquidationTerm.WindowSeconds, 3_601, 1, 3_600);
    }

    function test_setLiquidationTerms_revertsWhenSmallNotionalIsOutOfBounds() public {
        terms.smallNotionalUsd = 0;
        _set();
        terms.smallNotionalUsd = 1_000_000e18;
        _set();
        terms.smallNotionalUsd = 1_000_000e18 + 1;
        _expectOutside(ILiquidationEngine.LiquidationTerm.SmallNotionalUsd, 1_000_000e18 + 1, 0, 1_000_000e18);
    }

    function test_setLiquidationTerms_revertsWhenGasFloorIsOutOfBounds() public {
        terms.gasFloorUsd = 0;
        _set();
        terms.gasFloorUsd = 1_000e18;
        _set();
        terms.gasFloorUsd = 1_000e18 + 1;
        _expectOutside(ILiquidationEngine.LiquidationTerm.GasFloorUsd, 1_000e18 + 1, 0, 1_000e18);
    }

    function test_setLiquidationTerms_revertsWhenTermIsTooFine() public {
        terms.target = 1.15e18 + 1;
        _expectTooFine(ILiquidationEngine.LiquidationTerm.Target, 1.15e18 + 1, 1e9);
        terms = ethLiquidation();
        terms.equityShare = 1;
        _expectTooFine(ILiquidationEngine.LiquidationTerm.EquityShare, 1, 1e9);
        terms = ethLiquidation();
        terms.maxPenaltyRate = 0.01e18 + 1e8;
        _expectTooFine(ILiquidationEngine.LiquidationTerm.MaxPenaltyRate, 0.01e18 + 1e8, 1e9);
        terms = ethLiquidation();
        terms.keeperShare = 1e9 - 1;
        _expectTooFine(ILiquidationEngine.LiquidationTerm.KeeperShare, 1e9 - 1, 1e9);
        terms = ethLiquidation();
        terms.sliceShare = 0.25e18 + 1;
        _expectTooFine(ILiquidationEngine.LiquidationTerm.SliceShare, 0.25e18 + 1, 1e9);
        terms = ethLiquidation();
        terms.smallNotionalUsd = 5_000e18 + 0.5e18;
        _expectTooFine(ILiquidationEngine.LiquidationTerm.SmallNotionalUsd, 5_000.5e18, 1e18);
        terms = ethLiquidation();
        terms.gasFloorUsd = 5e18 + 1e11;
        _expectTooFine(ILiquidationEngine.LiquidationTerm.GasFloorUsd, 5e18 + 1e11, 1e12);
    }

    /* SUCCESS */

    function test_setLiquidationTerms_emitsOldAndNew() public {
        terms.windowSeconds = 20;
        vm.expectEmit(address(engine));
        emit ILiquidationEngine.LiquidationTermsSet(ETH, ethLiquidation(), terms);
        engine.setLiquidationTerms(ETH, terms);
        ILiquidationEngine.LiquidationTerms memory none;
        assertEq(abi.encode(engine.liquidationTermsOf(UNSET)), abi.encode(none));
    }

    function testFuzz_setLiquidationTerms_keepsWhatWasSet(ILiquidationEngine.LiquidationTerms memory raw) public {
        terms.target = bound(raw.target, 1.01e9, 2e9) * 1e9;
        terms.equityShare = bound(raw.equityShare, 0, 0.95e9) * 1e9;
        terms.maxPenaltyRate = bound(raw.maxPenaltyRate, 0, 0.1e9) * 1e9;
        terms.keeperShare = bound(raw.keeperShare, 0, 1e9) * 1e9;
        terms.sliceShare = bound(raw.sliceShare, 0.01e9, 1e9) * 1e9;
        terms.windowSeconds = bound(raw.windowSeconds, 1, 3_600);
        terms.smallNotionalUsd = bound(raw.smallNotionalUsd, 0, 1_000_000) * 1e18;
        terms.gasFloorUsd = bound(raw.gasFloorUsd, 0, 1e9) * 1e12;
        terms.referenceRange = bound(raw.referenceRange, 100, 1e6) * 1e12;
        _set();
    }

    function _set() private {
        engine.setLiquidationTerms(ETH, terms);
        assertEq(abi.encode(engine.liquidationTermsOf(ETH)), abi.encode(terms));
    }

    function _expectOutside(
        ILiquidationEngine.LiquidationTerm term,
        uint256 value,
        uint256 lowest,
        uint256 highest
    ) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ILiquidationEngine.LiquidationTermOutOfBounds.selector,
                ETH,
                term,
                value,
                lowest,
                highest
            )
        );
        engine.setLiquidationTerms(ETH, terms);
    }

    function _expectTooFine(ILiquidationEngine.LiquidationTerm term, uint256 value, uint256 step) private {
        vm.expectRevert(
            abi.encodeWithSelector(ILiquidationEngine.LiquidationTermTooFine.selector, ETH, term, value, step)
        );
        engine.setLiquidationTerms(ETH, terms);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {RiskEngineTest} from "./RiskEngineTest.sol";

contract RiskEngine_setCoverTerms_Test is RiskEngineTest {
    IRiskEngine.CoverTerms private terms;

    function setUp() public override {
        super.setUp();
        terms = coverTerms();
    }

    /* REVERTS */

    function test_setCoverTerms_revertsWhenCallerIsNotAuthorized() public {
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        risk.setCoverTerms(ETH, terms);
    }

    function test_setCoverTerms_revertsWhenRiskTermsAreNotSet() public {
        expectUnset(UNSET);
        risk.setCoverTerms(UNSET, terms);
    }

    function test_setCoverTerms_revertsWhenATermIsOutOfBounds() public {
        terms.coverageTarget = 0.5e18;
        terms.fundShare = ONE;
        terms.concentrationMove = ONE;
        terms.premiumRate = 0.005e18;
        terms.bootstrapUsd = type(uint128).max;
        _set();
        terms.coverageTarget = 0.5e18 + 1;
        _expectOutside(IRiskEngine.RiskTerm.CoverageTarget, 0.5e18 + 1, 0.5e18);
        terms = coverTerms();
        terms.fundShare = ONE + 1;
        _expectOutside(IRiskEngine.RiskTerm.FundShare, ONE + 1, ONE);
        terms = coverTerms();
        terms.concentrationMove = ONE + 1;
        _expectOutside(IRiskEngine.RiskTerm.ConcentrationMove, ONE + 1, ONE);
        terms = coverTerms();
        terms.premiumRate = 0.005e18 + 1;
        _expectOutside(IRiskEngine.RiskTerm.PremiumRate, 0.005e18 + 1, 0.005e18);
        terms = coverTerms();
        terms.bootstrapUsd = 1 << 128;
        _expectOutside(IRiskEngine.RiskTerm.BootstrapUsd, 1 << 128, type(uint128).max);
    }

    function test_setCoverTerms_revertsWhenARateIsTooFine() public {
        terms.coverageTarget += 1;
        _expectTooFine(IRiskEngine.RiskTerm.CoverageTarget, terms.coverageTarget);
        terms = coverTerms();
        terms.fundShare -= 1;
        _expectTooFine(IRiskEngine.RiskTerm.FundShare, terms.fundShare);
        terms = coverTerms();
        terms.concentrationMove += 1;
        _expectTooFine(IRiskEngine.RiskTerm.ConcentrationMove, terms.concentrationMove);
        terms = coverTerms();
        terms.premiumRate = 1;
        _expectTooFine(IRiskEngine.RiskTerm.PremiumRate, 1);
    }

    /* SUCCESS */

    function test_setCoverTerms_emitsOldAndNew() public {
        IRiskEngine.CoverTerms memory none;
        vm.expectEmit(address(risk));
        emit IRiskEngine.CoverTermsSet(ETH, none, terms);
        risk.setCoverTerms(ETH, terms);
        IRiskEngine.CoverTerms memory newTerms = coverTerms();
        newTerms.premiumRate = 0;
        vm.expectEmit(address(risk));
        emit IRiskEngine.CoverTermsSet(ETH, terms, newTerms);
        risk.setCoverTerms(ETH, newTerms);
        assertEq(abi.encode(risk.coverTermsOf(ETH)), abi.encode(newTerms));
        // Neither another market's nor the risk terms change.
        assertEq(abi.encode(risk.coverTermsOf(ALT)), abi.encode(none));
        assertEq(abi.encode(risk.riskTermsOf(ETH)), abi.encode(ethTerms()));
    }

    function test_setRiskTerms_leavesCover_whenItWasSet() public {
        _set();
        risk.setRiskTerms(ETH, ethTerms());
        assertEq(abi.encode(risk.coverTermsOf(ETH)), abi.encode(terms));
        // The calm open interest still knows of it: 10 % of 4 million is more than the bootstrap.
        assertEq(_required(4_000_000e18, 4_000_000e18), 200_000e18 + 150_000e18 + 1);
    }

    /// @dev Calm is stored in steps of a thousand dollars; concentration begins where it should all the same.
    function test_setCoverTerms_asksFromTheVeryDollar_whenTheBootstrapIsBetweenSteps() public {
        terms.bootstrapUsd = 250_000e18 + 7;
        _set();
        uint256 notional = 2_500_000e18 + 70;
        assertEq(_required(notional, 2_500_000e18), _plain(notional));
        assertEq(_required(notional + 1, notional + 1), _plain(notional + 1) + 1);
        terms.concentrationMove = 0;
        _set();
        assertEq(_required(notional + 1, notional + 1), _plain(notional + 1));
    }

    function testFuzz_setCoverTerms_keepsWhatWasSet(IRiskEngine.CoverTerms memory raw) public {
        terms.coverageTarget = bound(raw.coverageTarget, 0, 5e8) * 1e9;
        terms.fundShare = bound(raw.fundShare, 0, 1e9) * 1e9;
        terms.concentrationMove = bound(raw.concentrationMove, 0, 1e9) * 1e9;
        terms.premiumRate = bound(raw.premiumRate, 0, 5e6) * 1e9;
        terms.bootstrapUsd = bound(raw.bootstrapUsd, 0, type(uint128).max);
        _set();
        assertEq(abi.encode(risk.riskTermsOf(ETH)), abi.encode(ethTerms()));
    }

    function _set() private {
        risk.setCoverTerms(ETH, terms);
        assertEq(abi.encode(risk.coverTermsOf(ETH)), abi.encode(terms));
    }

    function _required(uint256 notional, uint256 interest) private view returns (uint256 requiredUsd) {
        (, requiredUsd) = initial(portfolioOf(0, aNotional(notional, interest)));
    }

    /// @dev Without concentration: it is never asked of a pool.
    function _plain(uint256 notional) private view returns (uint256) {
        return risk.initialMarginOf(ETH, notional, 1e58, notional);
    }

    function _expectOutside(IRiskEngine.RiskTerm term, uint256 value, uint256 highest) private {
        vm.expectRevert(abi.encodeWithSelector(IRiskEngine.RiskTermOutOfBounds.selector, ETH, term, value, 0, highest));
        risk.setCoverTerms(ETH, terms);
    }

    function _expectTooFine(IRiskEngine.RiskTerm term, uint256 value) private {
        vm.expectRevert(abi.encodeWithSelector(IRiskEngine.RiskTermTooFine.selector, ETH, term, value, 1e9));
        risk.setCoverTerms(ETH, terms);
    }
}

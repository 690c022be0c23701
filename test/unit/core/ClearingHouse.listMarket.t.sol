// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {accountIdOf} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarketTermsCases} from "./MarketTermsCases.sol";

/// @notice AUTH-1: who adds a market, and that its terms stay within the bounds in code.
contract ClearingHouse_listMarket_Test is MarketTermsCases {
    MarketId private constant NEW = MarketId.wrap(63);

    function _newTerms() private returns (IClearingHouse.MarketTerms memory) {
        return _terms(accountIdOf(makeAddr("new pool"), 0), 1_000e18, 0.01e18);
    }

    function test_listMarket_revertsWhenCallerIsNotTheGovernor() public {
        IClearingHouse.MarketTerms memory terms = _newTerms();
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        house.listMarket(NEW, terms);
    }

    function test_listMarket_revertsWhenNumberIsTaken() public {
        IClearingHouse.MarketTerms memory terms = _newTerms();
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketAlreadyListed.selector, ETH));
        house.listMarket(ETH, terms);
    }

    function test_listMarket_revertsWhenNumberIsAboveSixtyThree() public {
        IClearingHouse.MarketTerms memory terms = _newTerms();
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.TermsOutOfBounds.selector, bytes32("market"), 64, 0, 63));
        house.listMarket(MarketId.wrap(64), terms);
    }

    function test_listMarket_revertsWhenPoolIsTheHouses() public {
        IClearingHouse.MarketTerms memory terms = _newTerms();
        terms.pool = accountIdOf(address(house), 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, terms.pool));
        house.listMarket(NEW, terms);
    }

    function test_listMarket_revertsWhenPoolIsInAMarket() public {
        IClearingHouse.MarketTerms memory terms = _newTerms();
        terms.pool = pools[1];
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PoolInUse.selector, pools[1], BTC.bit()));
        house.listMarket(NEW, terms);
        _open(alice, ETH, 10_000e18, 1e18);
        terms.pool = alice;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PoolInUse.selector, alice, ETH.bit()));
        house.listMarket(NEW, terms);
    }

    function test_listMarket_revertsWhenPoolIsASubAccount() public {
        IClearingHouse.MarketTerms memory terms = _newTerms();
        terms.pool = accountIdOf(terms.pool.owner(), 3);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.TermsOutOfBounds.selector, bytes32("pool"), 3, 0, 0));
        house.listMarket(NEW, terms);
    }

    function test_listMarket_revertsWhenATermIsOutOfBounds() public {
        for (uint256 i; i < CASES; ++i) {
            Case memory aCase = _caseOf(i);
            if (aCase.min != 0) _expectOutOfBounds(aCase, aCase.min - 1, i);
            _expectOutOfBounds(aCase, aCase.max + 1, i);
        }
    }

    function test_listMarket_acceptsEveryBound() public {
        for (uint256 i; i < CASES; ++i) {
            Case memory aCase = _caseOf(i);
            uint256 snapshot = vm.snapshotState();
            house.listMarket(NEW, _with(_newTerms(), i, aCase.min));
            vm.revertToState(snapshot);
            house.listMarket(NEW, _with(_newTerms(), i, aCase.max));
            vm.revertToState(snapshot);
        }
    }

    function test_listMarket_startsHaltedWithItsPool() public {
        IClearingHouse.MarketTerms memory terms = _newTerms();
        vm.expectEmit(address(house));
        emit IClearingHouse.MarketListed(NEW, terms);
        house.listMarket(NEW, terms);
        assertEq(keccak256(abi.encode(house.termsOf(NEW))), keccak256(abi.encode(terms)));
        assertEq(house.listedMarkets(), ETH.bit() | BTC.bit() | NEW.bit());
        assertEq(house.accountOf(terms.pool).markets, NEW.bit());
        IClearingHouse.MarketState memory state = house.marketOf(NEW);
        assertEq(uint256(state.mode), uint256(IClearingHouse.MarketMode.Halted));
        assertEq(state.events, 1);
        assertEq(state.updatedAt, vm.getBlockTimestamp());
        assertEq(state.fundingIndex, 0);
    }

    function test_listMarket_emitsTermsAsTheyAreKept() public {
        IClearingHouse.MarketTerms memory terms = _newTerms();
        terms.band = 0.02e18 + 1e12 - 1;
        IClearingHouse.MarketTerms memory kept = _newTerms();
        vm.expectEmit(address(house));
        emit IClearingHouse.MarketListed(NEW, kept);
        house.listMarket(NEW, terms);
    }

    function _expectOutOfBounds(Case memory aCase, uint256 value, uint256 index) private {
        IClearingHouse.MarketTerms memory terms = _with(_newTerms(), index, value);
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.TermsOutOfBounds.selector, aCase.term, value, aCase.min, aCase.max)
        );
        house.listMarket(NEW, terms);
    }
}

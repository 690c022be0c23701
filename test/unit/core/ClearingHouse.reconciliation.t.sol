// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice CONS-1, CONS-2: the house's own account of its books, checked against sums over all accounts.
contract ClearingHouse_reconciliation_Test is HouseScenarios {
    /// @dev Everything that `_assertConserved` adds up over the accounts is what the house says, to the unit.
    function _assertReconciled() private view {
        _assertConserved(_users());
        IClearingHouse.HouseReconciliation memory books = house.reconciliation();
        assertEq(books.tokensUsd, _usd(token.balanceOf(address(house))));
        assertEq(books.donatedUsd, int256(books.tokensUsd) - int256(books.ledgerUsd));
        uint256 cash = _cash(_fundAccount()) + _cash(keeper) + _cash(pools[0]) + _cash(pools[1]);
        for (uint256 i; i < 3; ++i) cash += _cash(_users()[i]);
        for (uint256 m; m < 2; ++m) cash += _cash(_trancheOf(MarketId.wrap(uint8(m))));
        assertEq(books.cashUsd, int256(cash), "CONS-1: ledger less reserves is not the accounts' cash");
        uint256 reserves;
        for (uint8 m; m < 2; ++m) {
            MarketId market = MarketId.wrap(m);
            IClearingHouse.MarketReconciliation memory terms = house.reconciliationOf(market);
            IClearingHouse.MarketState memory state = house.marketOf(market);
            reserves += terms.reserveUsd;
            assertEq(terms.reserveUsd, state.reserveUsd);
            assertEq(terms.uncollectedLossUsd, state.uncollectedLossUsd);
            assertEq(terms.surplusUsd, state.surplusUsd);
            assertEq(terms.pendingLossUsd, state.pendingLossUsd);
            assertEq(terms.pendingDifferenceUsd, int256(0), "the deficit account owes what waits");
            assertApproxEqAbs(terms.sizeDifference, int256(0), 8, "CONS-2: sides and pool cancel");
            (int256 sizes, int256 quotes) = _sums(market, _users());
            assertEq(sizes, int256(0));
            assertEq(
                quotes,
                int256(terms.reserveUsd) + int256(terms.uncollectedLossUsd) - int256(terms.surplusUsd),
                "CONS-2: over all accounts"
            );
        }
        assertEq(reserves, books.reservesUsd);
    }

    function test_reconciliationOf_revertsWhenMarketIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        house.reconciliationOf(MarketId.wrap(9));
    }

    function test_reconciliation_countsWhatCameInAndWentOut() public {
        uint256 before = house.reconciliation().ledgerUsd;
        _fund(alice, 1_000e18);
        assertEq(house.reconciliation().ledgerUsd, before + 1_000e18);
        _withdraw(alice, 400e18);
        assertEq(house.reconciliation().ledgerUsd, before + 600e18);
        _assertReconciled();
    }

    function test_reconciliation_setsDonationsApart() public {
        uint256 before = house.reconciliation().ledgerUsd;
        token.mint(address(house), _native(7e18));
        IClearingHouse.HouseReconciliation memory books = house.reconciliation();
        assertEq(books.donatedUsd, int256(7e18), "A4: tokens sent straight here are nobody's");
        assertEq(books.ledgerUsd, before);
    }

    function test_reconciliationOf_namesEveryTerm_whenALossWasSharedAndInventoryWaits() public {
        _uninsure(ETH);
        _bankruptAlice();
        _resolve(alice);
        IClearingHouse.MarketReconciliation memory terms = house.reconciliationOf(ETH);
        assertEq(terms.poolSize, int256(terms.shortOpenInterest) - int256(terms.longOpenInterest));
        assertEq(terms.resolutionSize, int256(500e18), "CONS-3: inventory is part of its side");
        assertEq(terms.longOpenInterest, 500e18);
        assertEq(terms.resolutionQuote, terms.longQuote);
        assertGt(terms.uncollectedLossUsd, 0);
        assertEq(terms.sizeDifference, int256(0));
        _assertReconciled();

        _closePool(ETH);
        skipSeconds(600);
        _price(ETH, 1_600);
        house.tearUp(ETH);
        terms = house.reconciliationOf(ETH);
        assertEq(terms.sizeDifference, int256(0), "also while positions have still to be torn");
        assertEq(terms.mirrorSize, int256(500e18), "what is still to come off bob's short");
        _assertReconciled();
        house.touch(bob, ETH, 16);
        assertApproxEqAbs(house.reconciliationOf(ETH).mirrorSize, int256(0), 2);
        _assertReconciled();
    }

    function test_reconciliationOf_namesWhatWaitsAndWhatIsDue() public {
        _uninsure(ETH);
        _open(bob, ETH, 60_000e18, -20e18);
        _open(alice, ETH, 120e18, 1e18);
        _price(ETH, 1_820);
        _resolve(alice);
        IClearingHouse.MarketReconciliation memory terms = house.reconciliationOf(ETH);
        assertGt(terms.pendingLossUsd, 0, "too small to be booked");
        assertEq(terms.deficitQuote, -int256(terms.pendingLossUsd));
        _assertReconciled();
    }

    /// @dev Any mixture of what moves cash, reserves and quote legs; the books are read after each step.
    function testFuzz_reconciliation_balances_whenAnythingHappens(uint256 seed) public {
        if (seed & 1 != 0) _uninsure(ETH);
        _fund(alice, 100_000e18);
        _fund(bob, 100_000e18);
        _fund(carol, 2_200e18);
        uint256 price = 2_000;
        for (uint256 step; step < 10; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            AccountId account = _users()[(seed >> 8) % 3];
            uint256 kind = seed % 6;
            if (kind == 0)
                _try(abi.encodeCall(house.trade, (_request(account, ETH, int256((seed >> 16) % 80e18) - 40e18))));
            else if (kind == 1) _price(ETH, price = (price * (92 + ((seed >> 16) % 17))) / 100);
            else if (kind == 2) _try(abi.encodeCall(house.settle, (_users())));
            else if (kind == 3) _try(abi.encodeCall(house.resolve, (account, new AccountId[](0), keeper)));
            else if (kind == 4) _try(abi.encodeCall(house.liquidate, (account, ETH, keeper)));
            else
                _try(
                    abi.encodeCall(
                        house.trade,
                        (_request(account, ETH, (seed >> 16) % 2 == 0 ? int256(20e18) : -20e18))
                    )
                );
            if (kind == 1) oracle.poke(ETH.bit());
            _assertReconciled();
        }
    }

    function _try(bytes memory data) private {
        (bool done, ) = address(house).call(data);
        done;
    }
}

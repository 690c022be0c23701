// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice Fills between two accounts: CONS-1, CONS-2, PAID-1, HEALTH-1, PRICE-1. alice is the maker, bob the taker; ETH stands at 2 000 USD, the band is 2 %.
contract ClearingHouse_matchOrders_Test is HouseScenarios {
    uint256 private constant INDEX = 2_000e18;

    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    function _match(int256 sizeDelta, uint256 price) private returns (uint256 makerFee, uint256 takerFee) {
        return house.matchOrders(_matchRequest(sizeDelta, price));
    }

    function _matchRequest(int256 sizeDelta, uint256 price) private view returns (IClearingHouse.MatchRequest memory) {
        return
            IClearingHouse.MatchRequest({
                maker: alice,
                taker: bob,
                market: ETH,
                sizeDelta: sizeDelta,
                price: price,
                makerReduceOnly: false,
                takerReduceOnly: false
            });
    }

    function _fundBoth(uint256 cashUsd) private {
        _fund(alice, cashUsd);
        _fund(bob, cashUsd);
    }

    function _expectRevert(bytes memory reason) private {
        vm.expectRevert(reason, address(house));
    }

    /// @dev Alice long 80 ETH with 10 000 USD: at 1 905 her health is about a half.
    function _weakenAlice() private {
        _open(alice, ETH, 10_000e18, 80e18);
        _fund(bob, 50_000e18);
        _price(ETH, 1_905);
        assertLt(_health(alice), 0.6e18);
        assertGt(_health(alice), 0.4e18);
    }

    /* REVERTS */

    function test_matchOrders_revertsWhenCallerIsNoVenue() public {
        IClearingHouse.MatchRequest memory request = _matchRequest(1e18, INDEX);
        vm.prank(STRANGER);
        _expectRevert(abi.encodeWithSelector(IClearingHouse.CallerNotVenue.selector, STRANGER));
        house.matchOrders(request);
    }

    function test_matchOrders_revertsWhenEitherSideHasNotAllowedTheVenue() public {
        _fundBoth(10_000e18);
        for (uint256 i; i < 2; ++i) {
            AccountId account = i == 0 ? alice : bob;
            vm.prank(account.owner());
            house.setDelegate(account, address(this), 2);
            _expectRevert(
                abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, account, address(this), uint256(1))
            );
            _match(1e18, INDEX);
            vm.prank(account.owner());
            house.setDelegate(account, address(this), 1);
        }
    }

    function test_matchOrders_revertsWhenBothSidesAreOneAccount() public {
        _fundBoth(10_000e18);
        IClearingHouse.MatchRequest memory request = _matchRequest(1e18, INDEX);
        request.taker = alice;
        _expectRevert(abi.encodeWithSelector(IClearingHouse.SelfMatch.selector, alice));
        house.matchOrders(request);
    }

    function test_matchOrders_revertsWhenASideIsPoolOrFund() public {
        _fundBoth(10_000e18);
        AccountId[2] memory payees = [pools[0], _fundAccount()];
        for (uint256 i; i < 2; ++i) {
            vm.prank(payees[i].owner());
            house.setDelegate(payees[i], address(this), 1);
            IClearingHouse.MatchRequest memory request = _matchRequest(1e18, INDEX);
            request.maker = payees[i];
            _expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, payees[i]));
            house.matchOrders(request);
            (request.maker, request.taker) = (bob, payees[i]);
            _expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, payees[i]));
            house.matchOrders(request);
        }
    }

    function test_matchOrders_revertsWhenThePriceIsStale() public {
        _fundBoth(10_000e18);
        _stale(ETH, BTC, 40_000);
        _expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, ETH, PriceStatus.Stale));
        _match(1e18, INDEX);
    }

    function test_matchOrders_revertsWhenTheMarketIsNotOpen() public {
        _fundBoth(10_000e18);
        _match(1e18, INDEX);
        IClearingHouse.MarketMode[2] memory modes = [
            IClearingHouse.MarketMode.ReduceOnly,
            IClearingHouse.MarketMode.Halted
        ];
        for (uint256 i; i < 2; ++i) {
            _setMode(ETH, modes[i]);
            _expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotOpen.selector, ETH, modes[i]));
            _match(1e18, INDEX);
        }
        // Both come nearer to zero: reductions-only allows it, a halt does not.
        _expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotOpen.selector, ETH, modes[1]));
        _match(-1e18, INDEX);
        _setMode(ETH, modes[0]);
        _match(-1e18, INDEX);
        assertEq(_size(alice, ETH), int256(0));
    }

    function test_matchOrders_revertsWhenTheSizeIsNoMultipleOfTheLot() public {
        _fundBoth(10_000e18);
        int256[3] memory sizes = [int256(0), 1e18 + 1, -0.0005e18];
        for (uint256 i; i < 3; ++i) {
            _expectRevert(abi.encodeWithSelector(IClearingHouse.SizeNotInLots.selector, sizes[i], uint256(0.001e18)));
            _match(sizes[i], INDEX);
        }
    }

    function test_matchOrders_revertsWhenAReduceOnlySideWouldNotReduce() public {
        _fundBoth(10_000e18);
        IClearingHouse.MatchRequest memory request = _matchRequest(1e18, INDEX);
        request.makerReduceOnly = true;
        _expectRevert(abi.encodeWithSelector(IClearingHouse.NotAReduction.selector, alice, int256(0), -int256(1e18)));
        house.matchOrders(request);
        _match(-1e18, INDEX);
        // Bob is short one: two bring him past zero.
        request = _matchRequest(2e18, INDEX);
        request.takerReduceOnly = true;
        _expectRevert(abi.encodeWithSelector(IClearingHouse.NotAReduction.selector, bob, -int256(1e18), int256(2e18)));
        house.matchOrders(request);
    }

    function test_matchOrders_revertsWhenThePriceIsOutsideTheBand() public {
        _fundBoth(100_000e18);
        uint256[2] memory prices = [uint256(1_960e18 - 1), 2_040e18 + 1];
        for (uint256 i; i < 2; ++i) {
            _expectRevert(
                abi.encodeWithSelector(
                    IClearingHouse.PriceOutsideBand.selector,
                    ETH,
                    prices[i],
                    uint256(1_960e18),
                    uint256(2_040e18)
                )
            );
            _match(1e18, prices[i]);
            _expectRevert(
                abi.encodeWithSelector(
                    IClearingHouse.PriceOutsideBand.selector,
                    ETH,
                    prices[i],
                    uint256(1_960e18),
                    uint256(2_040e18)
                )
            );
            house.previewMatch(ETH, 1e18, prices[i]);
        }
        _match(1e18, 1_960e18);
        _match(1e18, 2_040e18);
        assertEq(_size(bob, ETH), int256(2e18));
    }

    function test_matchOrders_revertsWhenTheEdgeIsNotThereInCash() public {
        _fundBoth(10_000e18);
        _match(10e18, INDEX);
        // Bob sells what he has at 2 % below the index: 202 USD of edge against the 85 USD that the loss has left him.
        _price(ETH, 1_010);
        uint256 cash = uint256(_equity(bob));
        assertEq(cash, 85e18);
        _expectRevert(
            abi.encodeWithSelector(IClearingHouse.CashTooLow.selector, bob, uint256(0), 5.05e18 + 202e18 - cash)
        );
        _match(-10e18, 989.8e18);
        // At the index he can.
        _match(-10e18, 1_010e18);
        assertEq(_size(bob, ETH), int256(0));
    }

    function test_matchOrders_revertsWhenTheFeeIsNotThereInCash() public {
        _fund(alice, 10_000e18);
        _fund(bob, 5e18 + 10e18 - 1);
        _expectRevert(abi.encodeWithSelector(IClearingHouse.CashTooLow.selector, bob, 10e18 - 1, uint256(10e18)));
        _match(10e18, INDEX);
    }

    function test_matchOrders_revertsWhenTheMakerHasNoDeposit() public {
        _fund(alice, 5e18 - 1);
        _fund(bob, 10_000e18);
        _expectRevert(abi.encodeWithSelector(IClearingHouse.CashTooLow.selector, alice, 5e18 - 1, uint256(5e18)));
        _match(10e18, INDEX);
    }

    function test_matchOrders_revertsWhenAPositionWouldBeTooSmall() public {
        _fundBoth(10_000e18);
        _expectRevert(
            abi.encodeWithSelector(IClearingHouse.PositionBelowMinimum.selector, bob, uint256(248e18), uint256(250e18))
        );
        _match(0.124e18, INDEX);
        _match(0.125e18, INDEX);
        assertEq(_size(bob, ETH), int256(0.125e18));
    }

    function test_matchOrders_revertsWhenAnOpeningWouldEndBelowInitialMargin() public {
        _fund(alice, 100_000e18);
        _fund(bob, 1_000e18);
        bytes memory reason = _refusal(
            abi.encodeCall(IClearingHouse.matchOrders, (_matchRequest(10e18, INDEX))),
            IClearingHouse.AccountBelowInitialMargin.selector
        );
        (AccountId account, int256 equity, uint256 required) = abi.decode(reason, (AccountId, int256, uint256));
        assertTrue(account == bob);
        assertEq(equity, int256(1_000e18 - 5e18 - 10e18));
        assertGe(required, 1_000e18);
        _fund(bob, required - uint256(equity));
        _match(10e18, INDEX);
        (equity, required) = house.marginOf(bob, MarginKind.Initial);
        assertEq(equity, int256(required), "exactly the initial margin is enough");
    }

    function test_matchOrders_revertsWhenAReductionWouldLowerTheHealth() public {
        _weakenAlice();
        (int256 before, uint256 maintenanceBefore) = house.marginOf(alice, MarginKind.Maintenance);
        // Bob buys 20 from her at 2 % below the index.
        bytes memory reason = _refusal(
            abi.encodeCall(IClearingHouse.matchOrders, (_matchRequest(20e18, 1_866.9e18))),
            IClearingHouse.HealthWouldFall.selector
        );
        (AccountId account, int256 equity, uint256 maintenance, int256 equityWas, uint256 maintenanceWas) = abi.decode(
            reason,
            (AccountId, int256, uint256, int256, uint256)
        );
        assertTrue(account == alice);
        assertEq(equityWas, before);
        assertEq(maintenanceWas, maintenanceBefore);
        // 20 × 38.1 of edge and 2 bp of fee.
        assertApproxEqAbs(equity, before - 762e18 - 7.62e18, 2);
        assertLt(equity * int256(maintenanceBefore), before * int256(maintenance));
        assertEq(_size(alice, ETH), int256(80e18));
    }

    function test_matchOrders_revertsWhenABankruptAccountReduces() public {
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        (terms.takerFee, terms.makerFee) = (0, 0);
        house.setMarketTerms(ETH, terms);
        _bankruptAlice();
        int256 equity = _equity(alice);
        _fund(bob, 1_000_000e18);
        bytes memory reason = _refusal(
            abi.encodeCall(IClearingHouse.matchOrders, (_matchRequest(10e18, 1_600e18))),
            IClearingHouse.AccountBankrupt.selector
        );
        (AccountId account, int256 left) = abi.decode(reason, (AccountId, int256));
        assertTrue(account == alice);
        assertApproxEqAbs(left, equity, 2);
    }

    /* SUCCESS */

    function test_matchOrders_fills_whenBothOpenAtTheIndex() public {
        _fundBoth(10_000e18);
        (uint256 pool, uint256 tranche) = (_cash(pools[0]), _cash(_trancheOf(ETH)));
        uint256 version = _version(bob);
        vm.expectEmit(address(house));
        emit IClearingHouse.Matched({
            account: bob,
            market: ETH,
            counterparty: alice,
            sizeDelta: 10e18,
            price: INDEX,
            feeUsd: 10e18,
            size: 10e18,
            quote: -20_000e18,
            cashUsd: 9_990e18,
            version: version + 1
        });
        vm.expectEmit(address(house));
        emit IClearingHouse.Matched({
            account: alice,
            market: ETH,
            counterparty: bob,
            sizeDelta: -10e18,
            price: INDEX,
            feeUsd: 4e18,
            size: -10e18,
            quote: 20_000e18,
            cashUsd: 9_996e18,
            version: version + 1
        });
        (uint256 makerFee, uint256 takerFee) = _match(10e18, INDEX);
        assertEq(makerFee, 4e18);
        assertEq(takerFee, 10e18);
        assertEq(_cash(pools[0]) - pool, 11.2e18, "the pool's share of the fees");
        assertEq(_cash(_trancheOf(ETH)) - tranche, 2.8e18, "insurance's share of the fees");
        assertEq(house.accountOf(alice).depositUsd, DEPOSIT_USD);
        assertEq(house.accountOf(bob).depositUsd, DEPOSIT_USD);
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        assertEq(market.longOpenInterest, 10e18);
        assertEq(market.shortOpenInterest, 10e18);
        _assertConserved(_users());
    }

    function test_matchOrders_movesTheEdgeThroughTheReserve_whenThePriceIsNotTheIndex() public {
        _fundBoth(10_000e18);
        (uint256 makerFee, uint256 takerFee, int256 edge) = house.previewMatch(ETH, 10e18, 2_020e18);
        assertEq(edge, int256(200e18));
        (uint256 makerPaid, uint256 takerPaid) = _match(10e18, 2_020e18);
        assertEq(makerPaid, makerFee);
        assertEq(takerPaid, takerFee);
        assertEq(_cash(bob), 10_000e18 - 200e18 - takerFee);
        assertEq(_quote(bob, ETH), -int256(20_000e18), "the edge is paid, not owed");
        assertEq(house.marketOf(ETH).reserveUsd, 200e18);
        assertEq(_quote(alice, ETH), int256(20_200e18));
        // PAID-1: what alice gained is paid only once it has stood.
        _settle(alice);
        assertEq(_cash(alice), 10_000e18 - makerFee);
        _wait(ETH, 2_000, 2 * BUCKET_SECONDS);
        _settle(alice);
        assertApproxEqAbs(_cash(alice), 10_000e18 - makerFee + 200e18, 1);
        _assertConserved(_users());
    }

    function test_matchOrders_reduces_whenBelowInitialMarginAtAFairPrice() public {
        _weakenAlice();
        uint256 health = _health(alice);
        _match(20e18, 1_905e18);
        assertGt(_health(alice), health);
        assertEq(_size(alice, ETH), int256(60e18));
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertLt(equity, int256(required));
        _assertConserved(_users());
    }

    function test_matchOrders_closes_whenTheSizeIsNoMultipleOfTheLot() public {
        _fundBoth(10_000e18);
        _match(10e18, INDEX);
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.lotSize = 3e18;
        house.setMarketTerms(ETH, terms);
        _match(-10e18, INDEX);
        assertEq(_size(bob, ETH), int256(0));
        assertEq(house.accountOf(bob).markets, 0);
        assertEq(house.accountOf(bob).depositUsd, 0);
    }

    function test_matchOrders_turnsAPosition_whenTheOrderIsLargerThanIt() public {
        _fundBoth(20_000e18);
        _match(10e18, INDEX);
        _match(-25e18, INDEX);
        assertEq(_size(bob, ETH), -int256(15e18));
        assertEq(_size(alice, ETH), int256(15e18));
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        assertEq(market.longOpenInterest, 15e18);
        assertEq(market.shortOpenInterest, 15e18);
        _assertConserved(_users());
    }

    function test_matchOrders_pullsAllLossesFirst_whenTheyAreInOtherMarkets() public {
        _fundBoth(100_000e18);
        _trade(bob, BTC, 1e18);
        _trade(alice, BTC, 1e18);
        _price(BTC, 39_000);
        _match(10e18, INDEX);
        // Bought at 40 000; what the fall took is no longer in the quote legs.
        assertApproxEqAbs(_quote(bob, BTC), -int256(39_000e18), 1e18);
        assertApproxEqAbs(_quote(alice, BTC), -int256(39_000e18), 1e18);
        _assertConserved(_users());
    }

    /* FUZZ */

    /// @dev CONS-1, CONS-2, CONS-3, HEALTH-1 after any sequence of matches at moving prices, refused ones included.
    function testFuzz_matchOrders_conserves(uint256 seed) public {
        AccountId[] memory users = _users();
        for (uint256 i; i < 3; ++i) _fund(users[i], 50_000e18);
        uint256 filled;
        uint256 price = 2_000;
        for (uint256 i; i < 8; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            if (seed % 3 == 0) {
                price = 1_800 + ((seed >> 8) % 400);
                _price(ETH, price);
            }
            IClearingHouse.MatchRequest memory request;
            request.maker = users[(seed >> 32) % 3];
            request.taker = users[((seed >> 32) + 1 + ((seed >> 40) % 2)) % 3];
            request.market = ETH;
            request.sizeDelta = (int256((seed >> 64) % 200_000) - 100_000) * 0.001e18;
            // From a little below the band to a little above it.
            request.price = (price * 1e18 * (97_500 + ((seed >> 128) % 5_000))) / 100_000;
            request.makerReduceOnly = (seed >> 200) % 4 == 0;
            try house.matchOrders(request) {
                ++filled;
                _requireSound(request.maker);
                _requireSound(request.taker);
            } catch {}
            _assertConserved(users);
        }
        assertLe(filled, 8);
        int256 net;
        uint256 long;
        for (uint256 i; i < 3; ++i) {
            int256 size = _size(users[i], ETH);
            net += size;
            if (size > 0) long += uint256(size);
        }
        assertEq(net, int256(0), "matches alone leave the pool flat");
        assertEq(house.marketOf(ETH).longOpenInterest, long, "CONS-3");
    }

    function _requireSound(AccountId account) private view {
        assertGe(_equity(account), int256(0), "HEALTH-1");
    }
}

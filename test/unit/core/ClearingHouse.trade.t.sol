// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice HEALTH-1, CONS-2, ROUND-1: fills against the pool.
contract ClearingHouse_trade_Test is HouseScenarios {
    uint256 private constant ETH_SCALE = 500_000e18;

    function _expect(bytes memory reason) private {
        vm.expectRevert(reason);
    }

    /* REVERTS: WHO */

    function test_trade_revertsWhenCallerIsNoVenue() public {
        _fund(alice, 10_000e18);
        IClearingHouse.TradeRequest memory request = _request(alice, ETH, 1e18);
        vm.prank(alice.owner());
        _expect(abi.encodeWithSelector(IClearingHouse.CallerNotVenue.selector, alice.owner()));
        house.trade(request);
    }

    function test_trade_revertsWhenVenueHasNoPowerToTrade() public {
        AccountId dave = accountIdOf(makeAddr("dave"), 0);
        _expect(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, dave, address(this), 1));
        house.trade(_request(dave, ETH, 1e18));
        vm.prank(dave.owner());
        house.setDelegate(dave, address(this), 2);
        _expect(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, dave, address(this), 1));
        house.trade(_request(dave, ETH, 1e18));
    }

    function test_trade_revertsWhenVenueIsTakenOffTheList() public {
        house.setVenue(address(this), false);
        _expect(abi.encodeWithSelector(IClearingHouse.CallerNotVenue.selector, address(this)));
        house.trade(_request(alice, ETH, 1e18));
    }

    function test_trade_revertsWhenKeeperIsTheHouses() public {
        IClearingHouse.TradeRequest memory request = _request(alice, ETH, 1e18);
        request.keeper = house.systemAccountOf(ETH, 2);
        _expect(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, request.keeper));
        house.trade(request);
    }

    function test_trade_revertsWhenAccountIsTheMarketsPool() public {
        vm.prank(pools[0].owner());
        house.setDelegate(pools[0], address(this), 1);
        _expect(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, pools[0]));
        house.trade(_request(pools[0], ETH, 1e18));
    }

    /* REVERTS: WHERE AND WHEN */

    function test_trade_revertsWhenMarketIsNotListed() public {
        _expect(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(7)));
        house.trade(_request(alice, MarketId.wrap(7), 1e18));
        _expect(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(254)));
        house.trade(_request(alice, MarketId.wrap(254), 1e18));
    }

    function test_trade_revertsWhenPriceIsStale() public {
        _fund(alice, 10_000e18);
        skipSeconds(3_601);
        _expect(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, ETH, PriceStatus.Stale));
        house.trade(_request(alice, ETH, 1e18));
    }

    function test_trade_revertsWhenMarketIsHalted() public {
        _open(alice, ETH, 10_000e18, 2e18);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        bytes memory reason = abi.encodeWithSelector(
            IClearingHouse.MarketNotOpen.selector,
            ETH,
            IClearingHouse.MarketMode.Halted
        );
        _expect(reason);
        house.trade(_request(alice, ETH, 1e18));
        _expect(reason);
        house.trade(_request(alice, ETH, -1e18));
    }

    function test_trade_revertsWhenMarketOnlyReduces() public {
        _open(alice, ETH, 10_000e18, 2e18);
        _setMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        bytes memory reason = abi.encodeWithSelector(
            IClearingHouse.MarketNotOpen.selector,
            ETH,
            IClearingHouse.MarketMode.ReduceOnly
        );
        _expect(reason);
        house.trade(_request(alice, ETH, 1e18));
        _expect(reason);
        house.trade(_request(alice, ETH, -2.001e18));
        _trade(alice, ETH, -1e18);
        _trade(alice, ETH, -1e18);
        assertEq(_size(alice, ETH), 0);
    }

    function test_trade_revertsWhenTooManyEventsWait() public {
        _bookLosses(17);
        _expect(abi.encodeWithSelector(IClearingHouse.EventsPending.selector, bob, ETH, 17, 16));
        house.trade(_request(bob, ETH, 1e18));
    }

    function test_trade_revertsWhenAccountWouldBeInSeventeenMarkets() public {
        for (uint8 i = 2; i < 17; ++i) _listLike(MarketId.wrap(i));
        _fund(alice, 100_000e18);
        for (uint8 i; i < 16; ++i) _trade(alice, MarketId.wrap(i), 1e18);
        _expect(abi.encodeWithSelector(IClearingHouse.TooManyMarkets.selector, alice, 17, 16));
        house.trade(_request(alice, MarketId.wrap(16), 1e18));
        _trade(alice, ETH, -1e18);
        _wait(ETH, 2_000, 1_500);
        _settle(alice);
        assertEq(house.accountOf(alice).markets, 0xfffe, "closed, not a unit left");
        _trade(alice, MarketId.wrap(16), 1e18);
        assertEq(house.accountOf(alice).markets, 0x1fffe);
    }

    /* REVERTS: SIZE AND PRICE */

    function test_trade_revertsWhenSizeIsZeroOrNoMultipleOfTheLot() public {
        _fund(alice, 10_000e18);
        int256[4] memory sizes = [int256(0), 1, 1e18 + 1, -0.0005e18];
        for (uint256 i; i < sizes.length; ++i) {
            _expect(abi.encodeWithSelector(IClearingHouse.SizeNotInLots.selector, sizes[i], 0.001e18));
            house.trade(_request(alice, ETH, sizes[i]));
        }
    }

    function test_trade_revertsWhenReduceOnlyWouldNotReduce() public {
        _open(alice, ETH, 10_000e18, 2e18);
        int256[2] memory sizes = [int256(1e18), -2.001e18];
        for (uint256 i; i < sizes.length; ++i) {
            IClearingHouse.TradeRequest memory request = _request(alice, ETH, sizes[i]);
            request.reduceOnly = true;
            _expect(abi.encodeWithSelector(IClearingHouse.NotAReduction.selector, alice, int256(2e18), sizes[i]));
            house.trade(request);
        }
        IClearingHouse.TradeRequest memory opening = _request(bob, ETH, -1e18);
        opening.reduceOnly = true;
        _expect(abi.encodeWithSelector(IClearingHouse.NotAReduction.selector, bob, int256(0), -int256(1e18)));
        house.trade(opening);
    }

    function test_trade_revertsWhenPriceIsBeyondLimit() public {
        _fund(alice, 10_000e18);
        IClearingHouse.TradeRequest memory request = _request(alice, ETH, 10e18);
        (uint256 price, ) = house.previewTrade(ETH, 10e18);
        request.spread = 0.001e18;
        uint256 withSpread = price + (price * 0.001e18 + 1e18 - 1) / 1e18;
        request.limitPrice = withSpread - 1;
        _expect(abi.encodeWithSelector(IClearingHouse.PriceBeyondLimit.selector, withSpread, withSpread - 1));
        house.trade(request);
        request.limitPrice = withSpread;
        (uint256 paid, ) = house.trade(request);
        assertEq(paid, withSpread);

        request = _request(alice, ETH, -20e18);
        (price, ) = house.previewTrade(ETH, -20e18);
        request.limitPrice = price + 1;
        _expect(abi.encodeWithSelector(IClearingHouse.PriceBeyondLimit.selector, price, price + 1));
        house.trade(request);
    }

    function test_trade_revertsWhenSkewWouldLeaveTheBand() public {
        _fund(alice, 3_000_000e18);
        _expect(abi.encodeWithSelector(IClearingHouse.PriceBeyondBand.selector, ETH, 0.020000002e18, 0.02e18));
        house.trade(_request(alice, ETH, 10_000.001e18));
        _expect(abi.encodeWithSelector(IClearingHouse.PriceBeyondBand.selector, ETH, 0.020000002e18, 0.02e18));
        house.trade(_request(alice, ETH, -10_000.001e18));
    }

    function test_trade_revertsWhenPoolWouldPassItsCap() public {
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.exposureCap = 100e18;
        house.setMarketTerms(ETH, terms);
        _fund(alice, 100_000e18);
        _expect(abi.encodeWithSelector(IClearingHouse.PoolExposureExceeded.selector, ETH, 100.001e18, 100e18));
        house.trade(_request(alice, ETH, 100.001e18));
        _trade(alice, ETH, 100e18);
        _expect(abi.encodeWithSelector(IClearingHouse.PoolExposureExceeded.selector, ETH, 100.001e18, 100e18));
        house.trade(_request(alice, ETH, -200.001e18));
    }

    function test_trade_revertsWhenPoolWouldBeBelowInitialMargin() public {
        vm.prank(pools[0].owner());
        house.withdraw(pools[0], 4_995_000e6, pools[0].owner());
        _fund(alice, 100_000e18);
        // 100 ETH at 2 000.2: the pool has 5 000, four fifths of a fee of 100, and an unsettled edge of 20.
        int256 equity = 5_000e18 + 80e18 + 20e18;
        uint256 required = risk.initialMarginOf(ETH, 200_000e18, 10_000_000e18, 200_000e18);
        _expect(abi.encodeWithSelector(IClearingHouse.PoolBelowInitialMargin.selector, ETH, equity, required));
        house.trade(_request(alice, ETH, 100e18));
    }

    function test_trade_revertsWhenPositionWouldBeBelowTheMinimum() public {
        _fund(alice, 10_000e18);
        _expect(abi.encodeWithSelector(IClearingHouse.PositionBelowMinimum.selector, alice, 248e18, 250e18));
        house.trade(_request(alice, ETH, 0.124e18));
        _trade(alice, ETH, 0.25e18);
        _expect(abi.encodeWithSelector(IClearingHouse.PositionBelowMinimum.selector, alice, 248e18, 250e18));
        house.trade(_request(alice, ETH, -0.126e18));
        _expect(abi.encodeWithSelector(IClearingHouse.PositionBelowMinimum.selector, alice, 248e18, 250e18));
        house.trade(_request(alice, ETH, -0.374e18));
    }

    /* REVERTS: MONEY */

    function test_trade_revertsWhenCashDoesNotCoverTheDeposit() public {
        _fund(alice, DEPOSIT_USD - 1e12);
        uint256 left = DEPOSIT_USD - 1e12 - _edge(0.126e18);
        _expect(abi.encodeWithSelector(IClearingHouse.CashTooLow.selector, alice, left, DEPOSIT_USD));
        house.trade(_request(alice, ETH, 0.126e18));
    }

    function test_trade_revertsWhenCashDoesNotCoverFees() public {
        _fund(alice, 6e18);
        IClearingHouse.TradeRequest memory request = _request(alice, ETH, 1e18);
        request.keeperFeeUsd = 0.5e18;
        (, uint256 fee) = house.previewTrade(ETH, 1e18);
        _expect(
            abi.encodeWithSelector(
                IClearingHouse.CashTooLow.selector,
                alice,
                6e18 - DEPOSIT_USD - _edge(1e18),
                fee + 0.5e18
            )
        );
        house.trade(request);
    }

    function test_trade_revertsWhenOpeningEndsBelowInitialMargin() public {
        _fund(alice, 2_100e18);
        (, uint256 fee) = house.previewTrade(ETH, 20e18);
        int256 equity = int256(2_100e18 - DEPOSIT_USD - fee - _edge(20e18));
        uint256 required = risk.initialMarginOf(ETH, 40_000e18, 10_000_000e18, 40_000e18);
        assertGt(required, uint256(equity) - 100e18);
        _fund(alice, 0.000001e18);
        _trade(alice, ETH, 20e18);
        // A second order of one lot: the first left about 60 USD above initial margin.
        (int256 before, uint256 requiredBefore) = house.marginOf(alice, MarginKind.Initial);
        assertEq(before, equity + 1e12);
        uint256 lots = (uint256(before) - requiredBefore) / 0.1e18;
        bytes memory arguments = _refusal(
            abi.encodeCall(house.trade, (_request(alice, ETH, int256(lots * 0.001e18)))),
            IClearingHouse.AccountBelowInitialMargin.selector
        );
        (AccountId account, int256 equityAfter, uint256 requiredAfter) = abi.decode(
            arguments,
            (AccountId, int256, uint256)
        );
        assertTrue(account == alice);
        assertLt(equityAfter, int256(requiredAfter));
        assertApproxEqAbs(equityAfter, before, 1e18, "edge and fee of a small order");
        assertEq(
            requiredAfter,
            risk.initialMarginOf(
                ETH,
                (20e18 + lots * 0.001e18) * 2_000,
                10_000_000e18,
                (20e18 + lots * 0.001e18) * 2_000
            )
        );
    }

    function test_trade_revertsWhenReductionLeavesNegativeEquity() public {
        _bankruptAlice();
        int256 equity = _equity(alice);
        bytes memory arguments = _refusal(
            abi.encodeCall(house.trade, (_request(alice, ETH, -1e18))),
            IClearingHouse.AccountBankrupt.selector
        );
        (AccountId account, int256 equityAfter) = abi.decode(arguments, (AccountId, int256));
        assertTrue(account == alice);
        assertLt(equityAfter, equity, "fee and edge on top");
        assertApproxEqAbs(equityAfter, equity, 2e18);
    }

    /* EDGES */

    function test_trade_reachesTheBandsEdge() public {
        _fund(alice, 3_000_000e18);
        _trade(alice, ETH, 10_000e18);
        assertEq(_size(pools[0], ETH), -int256(10_000e18));
    }

    function test_trade_closesASizeThatIsNoMultipleOfTheLot() public {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _open(carol, ETH, 60_000e18, -300e18);
        _price(ETH, 1_600);
        _resolve(alice);
        skipSeconds(700);
        _price(ETH, 1_600);
        _tearUpAll(ETH);
        house.touch(bob, ETH, 10);
        int256 size = _size(bob, ETH);
        assertNotEq(size % 0.001e18, int256(0), "torn to a fraction of a lot");
        _expect(abi.encodeWithSelector(IClearingHouse.SizeNotInLots.selector, -size - 1, 0.001e18));
        house.trade(_request(bob, ETH, -size - 1));
        _trade(bob, ETH, -size);
        assertEq(_size(bob, ETH), 0);
        _assertConserved(_users());
    }

    function test_trade_turnsAPosition_whenMarginAllows() public {
        _open(alice, ETH, 10_000e18, 5e18);
        _trade(alice, ETH, -8e18);
        assertEq(_size(alice, ETH), -int256(3e18));
        assertEq(house.marketOf(ETH).longOpenInterest, 0);
        assertEq(house.marketOf(ETH).shortOpenInterest, 3e18);
        _assertConserved(_users());
    }

    function test_trade_reduces_whenBelowInitialMarginInsideTheBand() public {
        _distressAlice();
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Initial);
        assertLt(equity, int256(required));
        _trade(alice, ETH, -40e18);
        assertEq(_size(alice, ETH), int256(40e18));
        _assertConserved(_users());
    }

    function test_trade_movesTheUnpaidFeeToThePool_whenAReductionHasNoCash() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _open(bob, ETH, 20_000e18, -80e18);
        _price(ETH, 2_200);
        _wait(ETH, 2_200, 1_500);
        vm.prank(bob.owner());
        _settle(bob);
        // All of alice's cash is withdrawn against her matured gain.
        uint256 free = house.freeCashOf(alice);
        _withdraw(alice, (free / 1e12) * 1e12);
        uint256 cash = _cash(alice) - DEPOSIT_USD;
        int256 poolQuote = _quote(pools[0], ETH);
        house.setMarketMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        (, uint256 fee) = house.previewTrade(ETH, -1e18);
        (, uint256 feePaid) = _trade(alice, ETH, -1e18);
        assertEq(feePaid, fee);
        assertLt(_cash(alice), cash + DEPOSIT_USD + 20_000e18);
        assertNotEq(_quote(pools[0], ETH), poolQuote);
        _assertConserved(_users());
    }

    function test_trade_paysTheKeeper_whenItIsTheAccountThePoolOrTheFund() public {
        _fund(alice, 10_000e18);
        AccountId[3] memory keepers = [alice, pools[0], _fundAccount()];
        for (uint256 i; i < keepers.length; ++i) {
            uint256 before = _cash(keepers[i]);
            IClearingHouse.TradeRequest memory request = _request(alice, ETH, 1e18);
            (request.keeper, request.keeperFeeUsd) = (keepers[i], 7e18);
            (, uint256 fee) = house.trade(request);
            uint256 share = keepers[i] == pools[0] ? fee - (fee + 4) / 5 : 0;
            if (keepers[i] != alice) assertEq(_cash(keepers[i]), before + 7e18 + share);
            _assertConserved(_users());
        }
    }

    function test_trade_paysTheKeeper_whenItIsAnotherAccount() public {
        _fund(alice, 10_000e18);
        IClearingHouse.TradeRequest memory request = _request(alice, ETH, 1e18);
        request.keeperFeeUsd = 7e18;
        house.trade(request);
        assertEq(_cash(keeper), 7e18);
        _assertConserved(_users());
    }

    /* SUCCESS */

    function test_trade_emitsTheStateAfterIt() public {
        _fund(alice, 10_000e18);
        (uint256 price, uint256 fee) = house.previewTrade(ETH, 20e18);
        assertEq(price, 2_000.04e18);
        assertEq(fee, 20e18, "5 bp of 40 000");
        uint256 cash = 10_000e18 - _edge(20e18) - fee;
        uint256 version = _version(alice) + 1;
        vm.expectEmit(address(house));
        emit IClearingHouse.Traded(alice, ETH, 20e18, price, fee, 20e18, -40_000e18, cash, version);
        (uint256 filled, uint256 charged) = _trade(alice, ETH, 20e18);
        assertEq(filled, price);
        assertEq(charged, fee);

        IClearingHouse.AccountState memory state = house.accountOf(alice);
        assertEq(state.cashUsd, cash);
        assertEq(state.depositUsd, DEPOSIT_USD);
        assertEq(state.markets, ETH.bit());
        assertEq(state.version, version);
        IClearingHouse.MarketState memory market = house.marketOf(ETH);
        assertEq(market.longOpenInterest, 20e18);
        assertEq(market.longQuote, -int256(40_000e18));
        assertEq(market.reserveUsd, _edge(20e18));
        assertEq(_cash(_trancheOf(ETH)), (fee + 4) / 5);
        assertEq(_cash(pools[0]), POOL_USD + fee - (fee + 4) / 5);
        _assertConserved(_users());
    }

    function test_trade_takesTheMakersFee_whenItReducesTheSkew() public {
        _open(alice, ETH, 10_000e18, 20e18);
        (uint256 price, uint256 fee) = house.previewTrade(ETH, -10e18);
        assertEq(price, 2_000.06e18, "the pool pays for less skew");
        assertEq(fee, 4e18, "2 bp of 20 000");
        (uint256 filled, uint256 charged) = _trade(alice, ETH, -10e18);
        assertEq(filled, price);
        assertEq(charged, fee);
    }

    function test_trade_clampsToTheBand_whenItReducesTheSkew() public {
        _fund(alice, 3_000_000e18);
        _trade(alice, ETH, 10_000e18);
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.band = 0.01e18;
        house.setMarketTerms(ETH, terms);
        (uint256 price, ) = _trade(alice, ETH, -100e18);
        assertEq(price, 2_020e18);
        _assertConserved(_users());
    }

    /* FUZZ */

    /// @dev ROUND-1: neither a round trip nor any split of it gains; the preview is exact; the books stay exact.
    function testFuzz_trade_gainsNothing_whenSplit(uint256 size, uint256 part, uint256 skew, bool isLong) public {
        int256 sign = isLong ? int256(1) : -int256(1);
        int256 whole = sign * int256(bound(size, 250, 2_000_000) * 0.001e18);
        int256 first = sign * int256(bound(part, 125, uint256(whole * sign) / 0.001e18 - 125) * 0.001e18);
        _open(carol, ETH, 2_000_000e18, int256(bound(skew, 1, 4_000_000) * 0.001e18) + 1e18);
        _fund(alice, 1_000_000e18);
        _fund(bob, 1_000_000e18);
        int256 before = _equity(bob);

        uint256 snapshot = vm.snapshotState();
        (uint256 price, uint256 fee) = house.previewTrade(ETH, whole);
        (uint256 filled, uint256 charged) = _trade(alice, ETH, whole);
        assertEq(filled, price, "preview");
        assertEq(charged, fee, "preview");
        int256 aliceEquity = _equity(alice);
        _assertConserved(_users());
        vm.revertToState(snapshot);

        _trade(bob, ETH, first);
        _trade(bob, ETH, whole - first);
        assertLe(_equity(bob), aliceEquity + 10, "a split is no cheaper, rounding aside");
        _trade(bob, ETH, -whole);
        assertLe(_equity(bob), before, "a round trip");
        _assertConserved(_users());
    }

    /// @dev What an account pays at once for buying `size` of a market without skew.
    function _edge(uint256 size) private pure returns (uint256) {
        return (size * 2_000 * size) / (2 * ETH_SCALE);
    }

    /// @dev Another market like ETH.
    function _listLike(MarketId market) private {
        (IOracleRouter.FeedConfig memory config, ) = oracle.feedOf(ETH);
        oracle.setFeed(market, config);
        risk.setRiskTerms(market, _riskTerms());
        liquidation.setLiquidationTerms(market, _liquidationTerms());
        AccountId pool = accountIdOf(makeAddr(string.concat("pool ", vm.toString(uint256(market.bit())))), 0);
        house.listMarket(market, _terms(pool, ETH_SCALE, 0.001e18));
        house.setMarketMode(market, IClearingHouse.MarketMode.Open);
        _fund(pool, 100_000e18);
    }
}

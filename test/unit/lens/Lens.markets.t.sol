// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILens} from "../../../contracts/interfaces/ILens.sol";
import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {LensTest} from "./LensTest.sol";

contract LensMarketsTest is LensTest {
    AccountId private pool;

    function setUp() public override {
        super.setUp();
        pool = accountIdOf(makeAddr("pool"), 0);
        vm.mockCall(house, IClearingHouse.listedMarkets.selector, abi.encode(BOTH));
        _answer(ETH);
        _answer(BTC);
    }

    function test_markets_reportsEverything() public view {
        ILens.MarketReport[] memory reports = lens.markets();
        assertEq(reports.length, 2);
        assertTrue(reports[0].market == ETH);
        assertTrue(reports[1].market == BTC);
        ILens.MarketReport memory report = reports[1];
        assertEq(report.terms.skewScale, 1_000e18);
        assertEq(report.state.reserveUsd, 77e18);
        assertTrue(report.state.mode == IClearingHouse.MarketMode.ReduceOnly);
        assertEq(report.skew, -3e18);
        assertEq(report.price.price, 2_000e18);
        assertTrue(report.price.status == PriceStatus.Valid);
        // K·P/100
        assertEq(report.depthUsd, 20_000e18);
        assertEq(report.poolEquityUsd, -4e18);
        assertEq(report.poolMaintenanceUsd, 11e18);
        assertEq(report.inventory.size, 1e18);
        assertEq(report.tearUp.size, 2e18);
        assertEq(report.deficit.quote, -9e18);
        assertEq(report.rates.maintenanceRate, 0.03e18);
        assertEq(report.stress.windowLow, 1_990e18);
        assertEq(report.stress.windowHigh, 2_010e18);
        assertEq(report.stress.shortfallUsd, 13e18);
        assertEq(report.stress.insuranceUsd, 42e18 + 8e18, "the fund's and the tranche's");
        assertTrue(report.stress.isGuarded, "reduce-only");
        assertEq(report.failure, "");
    }

    function test_markets_keepsBooks_whenModulesRevert() public {
        bytes memory reason = abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, BTC);
        vm.mockCallRevert(oracle, abi.encodeCall(IOracleRouter.peek, (ETH.bit())), reason);
        vm.mockCallRevert(risk, abi.encodeCall(IRiskEngine.ratesOf, (ETH)), reason);
        vm.mockCallRevert(house, abi.encodeCall(IClearingHouse.marginOf, (pool, MarginKind.Maintenance)), reason);
        ILens.MarketReport memory report = lens.markets()[0];
        assertEq(report.failure, "");
        assertEq(report.priceFailure, reason);
        assertEq(report.ratesFailure, reason);
        assertEq(report.poolFailure, reason);
        assertEq(report.skew, -3e18);
        assertEq(report.depthUsd, 0);
    }

    function test_markets_keepsOthers_whenOneCannotBeRead() public {
        vm.mockCallRevert(house, abi.encodeCall(IClearingHouse.termsOf, (ETH)), hex"");
        ILens.MarketReport[] memory reports = lens.markets();
        assertTrue(reports[0].market == ETH);
        assertEq(reports[0].failure, abi.encodeWithSelector(ILens.ReadFailed.selector));
        assertEq(reports[1].failure, "");
        assertEq(reports[1].skew, -3e18);
    }

    /// @dev CONS-1, CONS-2: the terms of both sums.
    function test_house_reportsBooks() public {
        _answerToken(6, 1_000_000_001);
        ILens.HouseReport memory report = lens.house();
        assertEq(report.token, token);
        assertEq(report.tokenDecimals, 6);
        assertEq(report.tokensNative, 1_000_000_001);
        assertEq(report.tokensUsd, 1_000.000001e18);
        assertEq(report.reservesUsd, 154e18);
        assertEq(report.cashUsd, 846.000001e18);
        assertEq(report.insuranceCashUsd, 42e18);
        assertEq(report.markets.length, 2);
        assertTrue(report.markets[1].market == BTC);
        assertEq(report.markets[1].reserveUsd, 77e18);
        assertEq(report.markets[1].uncollectedLossUsd, 5e18);
        assertEq(report.markets[1].surplusUsd, 100e18);
        assertEq(report.markets[1].quoteSumUsd, -18e18);
    }

    /// @dev A3: a token with more decimals than the books.
    function test_house_roundsTokensDown_whenTokenHas24Decimals() public {
        _answerToken(24, 1_999_999);
        assertEq(lens.house().tokensUsd, 1);
    }

    function _answer(MarketId market) private {
        IClearingHouse.MarketTerms memory terms;
        terms.pool = pool;
        terms.skewScale = 1_000e18;
        vm.mockCall(house, abi.encodeCall(IClearingHouse.termsOf, (market)), abi.encode(terms));

        IClearingHouse.MarketState memory state;
        state.mode = IClearingHouse.MarketMode.ReduceOnly;
        state.longOpenInterest = 4e18;
        state.shortOpenInterest = 7e18;
        state.reserveUsd = 77e18;
        state.uncollectedLossUsd = 5e18;
        state.surplusUsd = 100e18;
        answerMarket(market, state);

        for (uint256 kind; kind < 4; ++kind) {
            AccountId system = accountIdOf(house, uint96(kind));
            vm.mockCall(house, abi.encodeCall(IClearingHouse.systemAccountOf, (market, kind)), abi.encode(system));
            answerPosition(system, market, kind > 1 ? int256(0) : int256(kind + 1) * 1e18, -9e18, 1);
        }

        Price[] memory prices = new Price[](1);
        prices[0] = Price({price: 2_000e18, publishedAt: 1, bucket: 1, status: PriceStatus.Valid});
        vm.mockCall(oracle, abi.encodeCall(IOracleRouter.peek, (market.bit())), abi.encode(prices));
        vm.mockCall(oracle, abi.encodeCall(IOracleRouter.windowOf, (market)), abi.encode(1_990e18, 2_010e18));
        vm.mockCall(house, abi.encodeCall(IClearingHouse.totalShortfallUsd, ()), abi.encode(13e18));
        _answerInsurance();
        vm.mockCall(
            house,
            abi.encodeCall(IClearingHouse.marginOf, (pool, MarginKind.Maintenance)),
            abi.encode(int256(-4e18), uint256(11e18))
        );
        IRiskEngine.MarginRates memory rates;
        rates.maintenanceRate = 0.03e18;
        vm.mockCall(risk, abi.encodeCall(IRiskEngine.ratesOf, (market)), abi.encode(rates));
    }

    function _answerToken(uint8 decimals, uint256 balance) private {
        vm.mockCall(house, IClearingHouse.TOKEN.selector, abi.encode(token));
        vm.mockCall(token, bytes4(keccak256("decimals()")), abi.encode(decimals));
        vm.mockCall(token, abi.encodeWithSignature("balanceOf(address)", house), abi.encode(balance));
        _answerInsurance();
    }

    function _answerInsurance() private {
        IClearingHouse.AccountState memory state;
        state.cashUsd = 42e18;
        vm.mockCall(house, abi.encodeCall(IClearingHouse.accountOf, (accountIdOf(fund, 0))), abi.encode(state));
        AccountId tranche = accountIdOf(house, 3);
        vm.mockCall(house, IClearingHouse.systemAccountOf.selector, abi.encode(tranche));
        state.cashUsd = 8e18;
        vm.mockCall(house, abi.encodeCall(IClearingHouse.accountOf, (tranche)), abi.encode(state));
    }
}

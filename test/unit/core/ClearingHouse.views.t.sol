// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice What the views say is what the calls do.
contract ClearingHouse_views_Test is HouseScenarios {
    function test_constructor_revertsWhenDepositIsOutOfBounds() public {
        bytes memory code = vm.getCode("ClearingHouse");
        uint256[2] memory deposits = [uint256(650.01e18), 5e18 + 1];
        for (uint256 i; i < deposits.length; ++i) {
            bytes memory reason = _creationError(bytes.concat(code, abi.encode(token, address(this), deposits[i])));
            assertEq(
                keccak256(reason),
                keccak256(
                    abi.encodeWithSelector(
                        IClearingHouse.TermsOutOfBounds.selector,
                        bytes32("liquidationDeposit"),
                        deposits[i],
                        0,
                        650e18
                    )
                )
            );
        }
        IClearingHouse other = IClearingHouse(
            deploy("ClearingHouse", abi.encode(token, address(this), uint256(650e18)))
        );
        assertEq(other.LIQUIDATION_DEPOSIT(), 650e18);
        assertEq(other.TOKEN(), address(token));
    }

    function _creationError(bytes memory creation) private returns (bytes memory reason) {
        assembly ("memory-safe") {
            let created := create(0, add(creation, 0x20), mload(creation))
            if iszero(iszero(created)) {
                revert(0, 0)
            }
            reason := mload(0x40)
            mstore(reason, returndatasize())
            returndatacopy(add(reason, 0x20), 0, returndatasize())
            mstore(0x40, add(add(reason, 0x20), and(add(returndatasize(), 0x1f), not(0x1f))))
        }
    }

    function test_systemAccountOf_differsByMarketAndKind() public view {
        for (uint8 m; m < 64; ++m) {
            for (uint256 kind; kind < 3; ++kind) {
                AccountId account = house.systemAccountOf(MarketId.wrap(m), kind);
                assertEq(account.owner(), address(house));
                assertEq(account.sub(), uint256(m) * 4 + kind);
            }
        }
    }

    function test_accountOf_isEmpty_whenAccountIsUnknown() public view {
        IClearingHouse.AccountState memory state = house.accountOf(accountIdOf(STRANGER, 1));
        assertEq(state.cashUsd + state.depositUsd + state.heldUsd + state.markets + state.version, 0);
        IClearingHouse.PositionState memory position = house.positionOf(accountIdOf(STRANGER, 1), MarketId.wrap(77));
        assertEq(position.size, 0);
        assertEq(position.quote, 0);
    }

    function test_marketOf_revertsWhenMarketIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        house.marketOf(MarketId.wrap(9));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        house.previewTrade(MarketId.wrap(9), 1e18);
        assertEq(house.termsOf(MarketId.wrap(9)).skewScale, 0);
    }

    function test_marketOf_accruesFundingWithoutATransaction() public {
        _open(alice, ETH, 100_000e18, 500e18);
        skipSeconds(3_000);
        IClearingHouse.MarketState memory seen = house.marketOf(ETH);
        _settle(alice);
        IClearingHouse.MarketState memory stored = house.marketOf(ETH);
        assertEq(stored.fundingIndex, seen.fundingIndex, "FUND-1");
        assertEq(stored.fundingRate, seen.fundingRate);
        assertEq(stored.averageSkewRatio, seen.averageSkewRatio);
        assertEq(stored.updatedAt, vm.getBlockTimestamp());
        assertEq(seen.averageSkewRatio, 0.001e18, "ten minutes have passed");
    }

    function test_portfolioOf_showsWhatIsJudged() public {
        _open(bob, ETH, 100_000e18, -500e18);
        _open(alice, ETH, 100_000e18, 200e18);
        _trade(alice, BTC, -1e18);
        _price(ETH, 2_100);
        Portfolio memory portfolio = house.portfolioOf(alice, MarginKind.Initial);
        assertEq(portfolio.cashUsd, _cash(alice) - DEPOSIT_USD);
        assertEq(portfolio.creditLineUsd, 0);
        assertEq(portfolio.exposures.length, 2);
        Exposure memory eth = portfolio.exposures[0];
        assertTrue(eth.market == ETH);
        assertEq(eth.size, int256(200e18));
        assertEq(eth.price, 2_100e18);
        assertEq(uint256(eth.status), uint256(PriceStatus.Valid));
        assertApproxEqAbs(eth.valueUsd, 20_000e18 + (200e18 * 2_000 * 0.0006e18) / 1e18, 200e18);
        assertEq(eth.maturedUsd, 0, "too young");
        assertEq(eth.depthUsd, 10_500_000e18, "K times P over 100");
        assertEq(eth.openInterestUsd, 1_050_000e18, "the larger side");
        assertTrue(portfolio.exposures[1].market == BTC);
        assertEq(house.portfolioOf(alice, MarginKind.Maintenance).exposures[0].maturedUsd, 0);
        (int256 equity, ) = house.marginOf(alice, MarginKind.Maintenance);
        assertEq(equity, int256(portfolio.cashUsd) + eth.valueUsd + portfolio.exposures[1].valueUsd);
    }

    /// @dev A gain that has long stood, less what fills of this bucket and of the one before gain at the window's better end.
    function test_portfolioOf_maturesNoGainOfTheLastTwoBuckets() public {
        // Together they are even, so there is next to no funding.
        _open(bob, ETH, 200_000e18, -110e18);
        _open(alice, ETH, 100_000e18, 100e18);
        _wait(ETH, 2_100, 3 * BUCKET_SECONDS);
        uint256 matured = _matured();
        assertApproxEqRel(matured, 10_000e18, 0.01e18);
        _alignToBucket();
        _price(ETH, 2_100);
        uint256 stood = _matured();
        // 10 more at 2 100, and at 2 150 in the bucket after: at 2 150 the first have gained 500. Funding is less than a dollar a unit.
        _trade(alice, ETH, 10e18);
        _wait(ETH, 2_150, BUCKET_SECONDS);
        assertApproxEqAbs(_matured(), stood - 500e18, 90e18, "one bucket later");
        _trade(alice, ETH, 10e18);
        _price(ETH, 2_250);
        // At the window's low, 2 100, the second ten have lost 500; at its high the first gain 1 500, the second 1 000.
        assertApproxEqAbs(_matured(), stood - 500e18 - 1_500e18 - 1_000e18, 90e18, "both");
        _wait(ETH, 2_250, 4 * BUCKET_SECONDS);
        uint256 all = stood + 100 * 150e18 + 10 * 150e18 + 10 * 100e18;
        assertApproxEqAbs(_matured(), all, 400e18, "all");
        // Those before a pause count no longer, though the next fill is in this bucket.
        uint256 before = _matured();
        _trade(alice, ETH, 1e18);
        assertApproxEqAbs(_matured(), before, 20e18, "only the last");
    }

    function _matured() private view returns (uint256) {
        return house.portfolioOf(alice, MarginKind.Initial).exposures[0].maturedUsd;
    }

    /// @dev To half a minute into a maturity bucket.
    function _alignToBucket() private {
        skipSeconds(BUCKET_SECONDS - (vm.getBlockTimestamp() % BUCKET_SECONDS) + 30);
    }

    function test_portfolioOf_marksPendingLosses() public {
        _bankruptAlice();
        assertFalse(house.portfolioOf(bob, MarginKind.Initial).exposures[0].lossPending);
        _resolve(alice);
        assertTrue(house.portfolioOf(bob, MarginKind.Initial).exposures[0].lossPending);
        assertFalse(
            house.portfolioOf(bob, MarginKind.Initial).exposures[0].coverageLow,
            "nothing is wanted of buffers"
        );
        house.touch(bob, ETH, 1);
        assertFalse(house.portfolioOf(bob, MarginKind.Initial).exposures[0].lossPending, "collected");
    }

    function test_portfolioOf_saysNothingOfCoverage_whenALossWaitsToBeShared() public {
        _uninsure(ETH);
        _open(alice, ETH, 1_100e18, 10e18);
        _open(carol, ETH, 1_100e18, 10e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _price(ETH, 1_800);
        _resolve(alice);
        _resolve(carol);
        assertGt(house.marketOf(ETH).pendingLossUsd, 0, "sooner than the next event may be");
        assertFalse(house.portfolioOf(bob, MarginKind.Initial).exposures[0].coverageLow);
    }

    function test_marginOf_revertsWhenTooManyEventsWait() public {
        _bookLosses(17);
        bytes memory reason = abi.encodeWithSelector(IClearingHouse.EventsPending.selector, bob, ETH, 17, 16);
        vm.expectRevert(reason);
        house.marginOf(bob, MarginKind.Initial);
        vm.expectRevert(reason);
        house.freeCashOf(bob);
        assertEq(uint256(house.previewLiquidation(bob, ETH).code), uint256(ILiquidationEngine.PlanCode.EventsPending));
        assertEq(_size(bob, ETH), -int256(400e18), "a position is shown whatever waits");
    }

    function test_eventOf_isEmpty_whenThereWasNone() public view {
        assertEq(uint256(house.eventOf(ETH, 2).kind), uint256(IClearingHouse.MarketEventKind.None));
        assertEq(house.eventOf(ETH, 2).lossUsd, 0);
    }

    function test_previewTrade_knowsThePriceOfNothing() public {
        _open(alice, ETH, 100_000e18, 500e18);
        (uint256 price, uint256 fee) = house.previewTrade(ETH, 0);
        assertEq(price, 2_002e18, "the marginal price");
        assertEq(fee, 0);
    }

    function testFuzz_previewTrade_isWhatIsFilled(int256 lots, int256 skewLots) public {
        int256 skew = bound(skewLots, -3_000_000, 3_000_000) * 0.001e18;
        if (skew < 1e18 && skew > -1e18) skew = 1e18;
        _open(carol, ETH, 3_000_000e18, skew);
        int256 delta = bound(lots, -3_000_000, 3_000_000) * 0.001e18;
        if (delta < 1e18 && delta > -1e18) delta = -1e18;
        _fund(alice, 3_000_000e18);
        (uint256 price, uint256 fee) = house.previewTrade(ETH, delta);
        (uint256 filled, uint256 charged) = _trade(alice, ETH, delta);
        assertEq(filled, price);
        assertEq(charged, fee);
        _assertConserved(_users());
    }
}

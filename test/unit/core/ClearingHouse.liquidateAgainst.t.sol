// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice LIQ-1 to LIQ-4 of slices matched against an account. alice is liquidated at 1 925, carol is the maker.
contract ClearingHouse_liquidateAgainst_Test is HouseScenarios {
    uint256 private constant INDEX = 1_925e18;

    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    function setUp() public override {
        super.setUp();
        _distressAlice();
    }

    function _request(int256 makerSize, uint256 price) private view returns (IClearingHouse.LiquidationMatch memory) {
        return
            IClearingHouse.LiquidationMatch({
                account: alice,
                market: ETH,
                maker: carol,
                makerSizeDelta: makerSize,
                price: price,
                makerReduceOnly: false,
                keeper: keeper
            });
    }

    /// @dev Liquidates against carol and compares with the preview.
    function _liquidate(int256 makerSize, uint256 price) private returns (ILiquidationEngine.Plan memory plan) {
        bytes32 preview = keccak256(abi.encode(house.previewLiquidationMatch(alice, ETH, makerSize, price)));
        plan = house.liquidateAgainst(_request(makerSize, price));
        assertEq(keccak256(abi.encode(plan)), preview, "preview");
    }

    function _expectRevert(bytes memory reason) private {
        vm.expectRevert(reason, address(house));
    }

    function _poolPrice(int256 sizeDelta) private view returns (uint256 price) {
        (price, ) = house.previewTrade(ETH, sizeDelta);
    }

    /* REVERTS */

    function test_liquidateAgainst_revertsWhenCallerIsNoVenue() public {
        vm.prank(STRANGER);
        _expectRevert(abi.encodeWithSelector(IClearingHouse.CallerNotVenue.selector, STRANGER));
        house.liquidateAgainst(_request(100e18, INDEX));
    }

    function test_liquidateAgainst_revertsWhenTheMakerHasNotAllowedTheVenue() public {
        vm.prank(carol.owner());
        house.setDelegate(carol, address(this), 0);
        _expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, carol, address(this), uint256(1)));
        house.liquidateAgainst(_request(100e18, INDEX));
    }

    function test_liquidateAgainst_revertsWhenTheMakerIsTheVictim() public {
        IClearingHouse.LiquidationMatch memory request = _request(100e18, INDEX);
        request.maker = alice;
        _expectRevert(abi.encodeWithSelector(IClearingHouse.SelfMatch.selector, alice));
        house.liquidateAgainst(request);
    }

    function test_liquidateAgainst_revertsWhenKeeperOrVictimIsTheHouses() public {
        AccountId system = house.systemAccountOf(ETH, 0);
        IClearingHouse.LiquidationMatch memory request = _request(100e18, INDEX);
        request.keeper = system;
        _expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, system));
        house.liquidateAgainst(request);
        (request.keeper, request.account) = (keeper, system);
        _expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, system));
        house.liquidateAgainst(request);
    }

    function test_liquidateAgainst_revertsWhenTheMakerIsThePool() public {
        vm.prank(pools[0].owner());
        house.setDelegate(pools[0], address(this), 1);
        IClearingHouse.LiquidationMatch memory request = _request(100e18, INDEX);
        request.maker = pools[0];
        _expectRevert(abi.encodeWithSelector(IClearingHouse.SystemAccount.selector, pools[0]));
        house.liquidateAgainst(request);
    }

    function test_liquidateAgainst_revertsWhenThePriceDoesNotBeatThePools() public {
        _fund(carol, 100_000e18);
        uint256 poolPrice = _poolPrice(-10e18);
        _expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotBetter.selector, poolPrice, poolPrice));
        house.liquidateAgainst(_request(10e18, poolPrice));
        _liquidate(10e18, poolPrice + 1);
        assertEq(_size(alice, ETH), int256(70e18));
    }

    function test_liquidateAgainst_revertsWhenThePriceIsOutsideTheBand() public {
        _fund(carol, 100_000e18);
        bytes memory reason = abi.encodeWithSelector(
            IClearingHouse.PriceOutsideBand.selector,
            ETH,
            uint256(1_963.5e18 + 1),
            uint256(1_886.5e18),
            uint256(1_963.5e18)
        );
        _expectRevert(reason);
        house.liquidateAgainst(_request(10e18, 1_963.5e18 + 1));
        _expectRevert(reason);
        house.previewLiquidationMatch(alice, ETH, 10e18, 1_963.5e18 + 1);
        _liquidate(10e18, 1_963.5e18);
    }

    function test_liquidateAgainst_revertsWhenTheOrderIsOnTheVictimsSide() public {
        _fund(carol, 100_000e18);
        _expectRevert(
            abi.encodeWithSelector(IClearingHouse.NotAReduction.selector, alice, int256(80e18), int256(10e18))
        );
        house.liquidateAgainst(_request(-10e18, INDEX));
    }

    function test_liquidateAgainst_revertsWhenTheMakerTakesLessThanALot() public {
        _fund(carol, 100_000e18);
        _expectRevert(
            abi.encodeWithSelector(IClearingHouse.SizeNotInLots.selector, int256(0.001e18 - 1), uint256(0.001e18))
        );
        house.liquidateAgainst(_request(0.001e18 - 1, INDEX));
    }

    function test_liquidateAgainst_revertsWhenTheMakerHasNoCash() public {
        // 10 × 20 USD above the index.
        _fund(carol, 150e18);
        _expectRevert(abi.encodeWithSelector(IClearingHouse.CashTooLow.selector, carol, uint256(0), uint256(50e18)));
        house.liquidateAgainst(_request(10e18, 1_945e18));
    }

    function test_liquidateAgainst_revertsWhenTheMakerWouldEndBelowInitialMargin() public {
        _fund(carol, 900e18);
        bytes memory reason = _refusal(
            abi.encodeCall(IClearingHouse.liquidateAgainst, (_request(10e18, INDEX))),
            IClearingHouse.AccountBelowInitialMargin.selector
        );
        (AccountId account, int256 equity, ) = abi.decode(reason, (AccountId, int256, uint256));
        assertTrue(account == carol);
        assertEq(equity, int256(895e18));
    }

    function test_liquidateAgainst_revertsWhenTheMakerMayOnlyReduceAndWouldNot() public {
        _fund(carol, 100_000e18);
        IClearingHouse.LiquidationMatch memory request = _request(10e18, INDEX);
        request.makerReduceOnly = true;
        _expectRevert(abi.encodeWithSelector(IClearingHouse.NotAReduction.selector, carol, int256(0), int256(10e18)));
        house.liquidateAgainst(request);
    }

    function test_liquidateAgainst_revertsWhenTheMakerOpensInAClosingMarket() public {
        _fund(carol, 100_000e18);
        _setMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        _expectRevert(
            abi.encodeWithSelector(IClearingHouse.MarketNotOpen.selector, ETH, IClearingHouse.MarketMode.ReduceOnly)
        );
        house.liquidateAgainst(_request(10e18, INDEX));
    }

    /* CODES THAT CLOSE NOTHING */

    function _expectSkip(ILiquidationEngine.PlanCode code) private {
        bytes32 before = _fingerprint(alice);
        vm.expectEmit(address(house));
        emit IClearingHouse.LiquidationSkipped(alice, ETH, code);
        ILiquidationEngine.Plan memory plan = _liquidate(10e18, INDEX);
        assertEq(_code(plan), uint256(code));
        assertEq(plan.closeSize, 0);
        assertEq(_fingerprint(alice), before);
        assertEq(_size(carol, ETH), int256(0));
    }

    function test_liquidateAgainst_skips_whenTheAccountIsHealthy() public {
        _fund(carol, 100_000e18);
        (int256 equity, uint256 required) = house.marginOf(alice, MarginKind.Maintenance);
        _fund(alice, uint256(int256(required) - equity));
        _expectSkip(ILiquidationEngine.PlanCode.Healthy);
    }

    function test_liquidateAgainst_skips_whenThereIsNoPosition() public {
        ILiquidationEngine.Plan memory plan = house.previewLiquidationMatch(carol, ETH, 10e18, INDEX);
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.NoPosition));
        IClearingHouse.LiquidationMatch memory request = _request(10e18, INDEX);
        (request.account, request.maker) = (carol, bob);
        plan = house.liquidateAgainst(request);
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.NoPosition));
    }

    function test_liquidateAgainst_skips_whenTheMarketIsHalted() public {
        _fund(carol, 100_000e18);
        _setMode(ETH, IClearingHouse.MarketMode.Halted);
        _expectSkip(ILiquidationEngine.PlanCode.Halted);
    }

    /* SUCCESS */

    function test_liquidateAgainst_executesThePlan_whenTheMakerTakesAllOfIt() public {
        _fund(carol, 100_000e18);
        ILiquidationEngine.Plan memory planned = house.previewLiquidation(alice, ETH);
        uint256 snapshot = vm.snapshotState();
        house.liquidate(alice, ETH, keeper);
        (int256 poolEquity, uint256 poolMaintenance) = house.marginOf(alice, MarginKind.Maintenance);
        uint256 poolBucket = house.marketOf(ETH).bucketUsedUsd;
        IClearingHouse.AccountState memory poolState = house.accountOf(alice);
        assertTrue(vm.revertToState(snapshot));

        (int256 equityBefore, ) = house.marginOf(alice, MarginKind.Maintenance);
        int256 carolBefore = _equity(carol);
        ILiquidationEngine.Plan memory plan = _liquidate(100e18, INDEX);
        (int256 equity, uint256 maintenance) = house.marginOf(alice, MarginKind.Maintenance);
        assertEq(plan.closeSize, planned.closeSize);
        assertEq(_code(plan), _code(planned));
        assertLe(plan.penaltyUsd, planned.penaltyUsd);
        assertEq(maintenance, poolMaintenance);
        assertGt(equity, poolEquity, "the victim is better off than with the pool");
        assertEq(house.marketOf(ETH).bucketUsedUsd, poolBucket, "LIQ-4: the bucket is debited as by the pool's slice");
        assertEq(house.accountOf(alice).sliceUsedRatio, poolState.sliceUsedRatio);
        assertEq(house.accountOf(alice).slicedAt, poolState.slicedAt);
        // LIQ-3 at the index: what alice lost is the penalty, carol lost nothing but her deposit's place.
        assertApproxEqAbs(equity, equityBefore - int256(plan.penaltyUsd), 2);
        assertApproxEqAbs(_equity(carol), carolBefore - int256(DEPOSIT_USD), 2);
        assertEq(_size(carol, ETH), int256(plan.closeSize));
        assertEq(_cash(keeper), plan.keeperRewardUsd);
        _assertConserved(_users());
    }

    function test_liquidateAgainst_emitsBothSides_whenItActs() public {
        _fund(carol, 100_000e18);
        ILiquidationEngine.Plan memory plan = house.previewLiquidationMatch(alice, ETH, 10e18, INDEX);
        uint256 version = _version(carol);
        vm.expectEmit(true, true, true, false, address(house));
        emit IClearingHouse.Liquidated(alice, ETH, keeper, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        vm.expectEmit(address(house));
        emit IClearingHouse.Matched({
            account: carol,
            market: ETH,
            counterparty: alice,
            sizeDelta: 10e18,
            price: INDEX,
            feeUsd: 0,
            size: 10e18,
            quote: -10 * int256(INDEX),
            cashUsd: 100_000e18,
            version: version + 1
        });
        house.liquidateAgainst(_request(10e18, INDEX));
        assertGt(plan.penaltyUsd, 0);
    }

    function test_liquidateAgainst_takesThePenaltyProRata_whenTheMakerTakesAPart() public {
        _fund(carol, 100_000e18);
        ILiquidationEngine.Plan memory planned = house.previewLiquidation(alice, ETH);
        uint256 health = _health(alice);
        ILiquidationEngine.Plan memory plan = _liquidate(10e18, INDEX);
        assertEq(plan.closeSize, 10e18);
        assertEq(plan.penaltyUsd, (planned.penaltyUsd * 10e18) / planned.closeSize);
        assertEq(plan.gasFloorUsd, (planned.gasFloorUsd * 10e18) / planned.closeSize);
        assertEq(plan.bucketUsedUsd, 19_250e18);
        assertGt(_health(alice), health, "LIQ-2");
        _assertConserved(_users());
    }

    function test_liquidateAgainst_countsTheBucketTogetherWithThePoolsSlices() public {
        _fund(carol, 100_000e18);
        _liquidate(10e18, INDEX);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertGe(_code(plan), uint256(ILiquidationEngine.PlanCode.Partial));
        assertEq(house.marketOf(ETH).bucketUsedUsd, 19_250e18 + (plan.closeSize * 1_925));
    }

    /// @dev A maker who takes one lot at a time must neither use up the account's allowance nor drain its deposit.
    function test_liquidateAgainst_leavesThePaceToOthers_whenTheMakerTakesALot() public {
        _fund(carol, 100_000e18);
        // Carol is short enough that a lot less is no position below the minimum.
        _trade(carol, ETH, -1e18);
        uint256 planned = house.previewLiquidation(alice, ETH).closeSize;
        uint256 deposit = house.accountOf(alice).depositUsd;
        for (uint256 i; i < 3; ++i) _liquidate(0.001e18, INDEX);
        assertEq(house.accountOf(alice).depositUsd, deposit, "the deposit pays no floor for dust");
        uint256 next = house.previewLiquidation(alice, ETH).closeSize;
        assertGt(next * 100, planned * 98, "the next slice is as large as before");
    }

    function test_liquidateAgainst_leavesNoDust_whenAShortIsNearlyClosed() public {
        // A short of 1 040 USD is small: the plan closes all of it. What the maker leaves of it is no less than the least position.
        _fund(carol, 100_000e18);
        AccountId dave = _trader("dave");
        _open(dave, ETH, 65e18, -0.52e18);
        _price(ETH, 2_000);
        assertLt(_health(dave), 1e18);
        IClearingHouse.LiquidationMatch memory request = _request(-0.5e18, 1_999e18);
        request.account = dave;
        ILiquidationEngine.Plan memory plan = house.liquidateAgainst(request);
        assertEq(_code(plan), uint256(ILiquidationEngine.PlanCode.Partial));
        assertEq(plan.closeSize, 0.395e18);
        assertEq(_size(dave, ETH), -int256(0.125e18));
        assertEq(_size(carol, ETH), -int256(0.395e18));
    }

    function test_liquidateAgainst_letsTheMakerReduce_whenTheMarketIsClosing() public {
        _fund(carol, 100_000e18);
        _trade(carol, ETH, -20e18);
        _setMode(ETH, IClearingHouse.MarketMode.ReduceOnly);
        IClearingHouse.LiquidationMatch memory request = _request(20e18, INDEX);
        request.makerReduceOnly = true;
        ILiquidationEngine.Plan memory plan = house.liquidateAgainst(request);
        assertEq(plan.closeSize, 20e18);
        assertEq(_size(carol, ETH), int256(0));
        _assertConserved(_users());
    }

    /// @dev LIQ-2, LIQ-3, CONS-1, CONS-2 at any price better than the pool's and any size.
    function testFuzz_liquidateAgainst_neverLowersTheHealth(uint256 size, uint256 price, uint256 index) public {
        _fund(carol, 1_000_000e18);
        index = bound(index, 1_890, 1_926);
        _price(ETH, index);
        size = bound(size, 0.15e18, 100e18);
        price = bound(price, (index * 1e18 * 981) / 1_000, index * 1.02e18);
        uint256 health = _health(alice);
        (int256 equityBefore, ) = house.marginOf(alice, MarginKind.Maintenance);
        try house.liquidateAgainst(_request(int256(size), price)) returns (ILiquidationEngine.Plan memory plan) {
            (int256 equity, ) = house.marginOf(alice, MarginKind.Maintenance);
            assertGe(_health(alice) + (_size(alice, ETH) == 0 ? type(uint128).max : 0), health, "LIQ-2");
            assertLe(plan.penaltyUsd, uint256(equityBefore), "LIQ-3");
            assertGe(equity, int256(0));
        } catch (bytes memory reason) {
            assertEq(bytes32(bytes4(reason)), bytes32(IClearingHouse.PriceNotBetter.selector));
        }
        _assertConserved(_users());
    }
}

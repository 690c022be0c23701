// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IDefaultLens} from "../../../contracts/interfaces/IDefaultLens.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice What a default would cost whom, held against what it then costs.
contract DefaultLens_previewDefault_Test is HouseScenarios {
    IDefaultLens private lens;

    function setUp() public override {
        super.setUp();
        lens = IDefaultLens(deploy("DefaultLens", abi.encode(house)));
    }

    function _two(AccountId a, AccountId b) private pure returns (AccountId[] memory list) {
        list = new AccountId[](2);
        (list[0], list[1]) = (a, b);
    }

    function test_previewDefault_revertsWhenThePriceIsNone() public {
        vm.expectRevert(
            abi.encodeWithSelector(IDefaultLens.PreviewPriceOutOfRange.selector, ETH, 0, type(uint104).max)
        );
        lens.previewDefault(ETH, _one(alice), 0, _one(bob));
        uint256 price = uint256(type(uint104).max) + 1;
        vm.expectRevert(
            abi.encodeWithSelector(IDefaultLens.PreviewPriceOutOfRange.selector, ETH, price, type(uint104).max)
        );
        lens.deficitsOf(ETH, _one(alice), price);
    }

    function test_previewDefault_revertsWhenADefaulterIsNamedTwice() public {
        vm.expectRevert(abi.encodeWithSelector(IDefaultLens.DefaulterTwice.selector, alice));
        lens.previewDefault(ETH, _two(alice, alice), 1_600e18, _one(bob));
    }

    function test_previewDefault_revertsWhenMarketIsNotListed() public {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.MarketNotListed.selector, MarketId.wrap(9)));
        lens.previewDefault(MarketId.wrap(9), _one(alice), 1_600e18, _one(bob));
    }

    function test_previewDefault_saysNothing_whenTheAccountCouldPay() public {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        (IDefaultLens.Default memory outcome, IDefaultLens.Payer[] memory charges) = lens.previewDefault(
            ETH,
            _one(alice),
            1_990e18,
            _one(bob)
        );
        assertEq(outcome.deficitUsd, 0);
        assertEq(outcome.fraction, 0);
        assertEq(charges[0].chargeUsd, 0);
        assertGt(charges[0].gainUsd, 0);
        assertEq(lens.deficitsOf(ETH, _one(alice), 1_990e18)[0], 0);
    }

    /// @dev At the present price the answer is what `resolve` then does, to the unit: deficit, cover, loss, γ, and every charge.
    function _assertForetold(AccountId defaulter, AccountId[] memory payers, uint256 price) private {
        (IDefaultLens.Default memory outcome, IDefaultLens.Payer[] memory charges) = lens.previewDefault(
            ETH,
            _one(defaulter),
            price,
            payers
        );
        assertEq(lens.deficitsOf(ETH, _one(defaulter), price)[0], outcome.deficitUsd);
        int256[] memory before = new int256[](payers.length);
        for (uint256 i; i < payers.length; ++i) before[i] = house.positionOf(payers[i], ETH).storedQuote;
        uint256 number = house.marketOf(ETH).events + 1;
        vm.expectEmit(true, false, false, false, address(house));
        emit IClearingHouse.DeficitCovered(ETH, 0, 0, 0);
        _resolve(defaulter);
        if (outcome.fraction == 0) {
            assertEq(house.marketOf(ETH).events, number - 1, "nothing is booked");
            assertEq(house.marketOf(ETH).pendingLossUsd, outcome.lossUsd);
            return;
        }
        IClearingHouse.MarketEventState memory booked = house.eventOf(ETH, number);
        assertEq(booked.x, outcome.x);
        assertEq(booked.lossUsd, outcome.lossUsd, "the loss");
        assertEq(booked.fraction, outcome.fraction, "the fraction");
        for (uint256 i; i < payers.length; ++i) {
            house.touch(payers[i], ETH, 16);
            int256 charged = before[i] - house.positionOf(payers[i], ETH).storedQuote;
            assertEq(uint256(charged), charges[i].chargeUsd, "the charge");
        }
    }

    function test_previewDefault_isWhatHappens_whenTheFundPaysAPart() public {
        _bankruptAlice();
        _open(carol, ETH, 100_000e18, -100e18);
        AccountId[] memory payers = new AccountId[](3);
        (payers[0], payers[1], payers[2]) = (bob, carol, pools[0]);
        _price(ETH, 1_550);
        (IDefaultLens.Default memory outcome, ) = lens.previewDefault(ETH, _one(alice), 1_550e18, payers);
        assertGt(outcome.coveredUsd, 20_000e18, "tranche and fund");
        _assertForetold(alice, payers, 1_550e18);
    }

    function test_previewDefault_isWhatHappens_whenItIsInTwoMarkets() public {
        _uninsure(ETH);
        _open(alice, ETH, 60_000e18, 300e18);
        _trade(alice, BTC, 8e18);
        _open(bob, ETH, 60_000e18, -400e18);
        _price(BTC, 39_000);
        _price(ETH, 1_650);
        _assertForetold(alice, _one(bob), 1_650e18);
    }

    function test_previewDefault_isWhatHappens_whenItIsTooSmallToBeBooked() public {
        _uninsure(ETH);
        _open(bob, ETH, 60_000e18, -20e18);
        _open(alice, ETH, 120e18, 1e18);
        _price(ETH, 1_820);
        _assertForetold(alice, _one(bob), 1_820e18);
    }

    /// @dev Any sizes, cash and price, the pool and a second winner among those who pay.
    function testFuzz_previewDefault_isWhatHappens(uint256 seed) public {
        if (seed & 1 != 0) _uninsure(ETH);
        int256 size = int256(10 + ((seed >> 8) % 500)) * 1e18;
        bool isLong = seed & 2 != 0;
        _open(alice, ETH, 62_000e18, isLong ? size : -size);
        _open(bob, ETH, 90_000e18, isLong ? -size / 2 : size / 2);
        _open(carol, ETH, 90_000e18, isLong ? -int256(30e18) : int256(30e18));
        uint256 move = 150 + ((seed >> 24) % 1_300);
        uint256 price = isLong ? 2_000 - move : 2_000 + move;
        _price(ETH, price);
        AccountId[] memory payers = new AccountId[](3);
        (payers[0], payers[1], payers[2]) = (bob, carol, pools[0]);
        if (_equity(alice) >= 0 || house.marketOf(ETH).events != 1) return;
        if (_equity(bob) < 0 || _equity(carol) < 0) return;
        _assertForetold(alice, payers, price * 1e18);
    }

    /// @dev Several at once: never less than what is charged one after the other.
    function test_previewDefault_isNoLess_whenSeveralDefault() public {
        _open(alice, ETH, 30_000e18, 200e18);
        _open(carol, ETH, 30_000e18, 250e18);
        _open(bob, ETH, 90_000e18, -450e18);
        _price(ETH, 1_600);
        (IDefaultLens.Default memory outcome, IDefaultLens.Payer[] memory charges) = lens.previewDefault(
            ETH,
            _two(alice, carol),
            1_600e18,
            _one(bob)
        );
        int256 before = house.positionOf(bob, ETH).storedQuote;
        _resolve(alice);
        skipSeconds(61);
        house.touch(carol, ETH, 16);
        _resolve(carol);
        house.touch(bob, ETH, 16);
        uint256 charged = uint256(before - house.positionOf(bob, ETH).storedQuote);
        assertGt(outcome.deficitUsd, 100_000e18);
        assertLe(charged, charges[0].chargeUsd);
        assertGt(charged, (charges[0].chargeUsd * 7) / 10);
    }

    function test_previewDefault_chargesNoDefaulter() public {
        _bankruptAlice();
        (, IDefaultLens.Payer[] memory charges) = lens.previewDefault(
            ETH,
            _two(alice, bob),
            1_600e18,
            _two(alice, bob)
        );
        assertEq(charges[0].chargeUsd, 0);
        assertGt(charges[1].chargeUsd, 0, "bob could pay, so he is a winner like any other");
    }

    /// @dev A pool that would fail leaves its position to the resolution account like everybody.
    function test_previewDefault_isWhatHappens_whenThePoolDefaults() public {
        _uninsure(ETH);
        vm.prank(pools[0].owner());
        house.withdraw(pools[0], _native(POOL_USD - 300_000e18), pools[0].owner());
        _open(bob, ETH, 400_000e18, 900e18);
        _price(ETH, 2_500);
        _assertForetold(pools[0], _one(bob), 2_500e18);
    }
}

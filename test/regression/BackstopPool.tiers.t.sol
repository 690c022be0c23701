// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRiskEngine} from "../../contracts/interfaces/IRiskEngine.sol";
import {ILossWaterfall, Tier} from "../../contracts/interfaces/ILossWaterfall.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {TierScenarios} from "../support/TierScenarios.sol";

/// @notice Defects the backstop's payments once had, one test each.
contract BackstopPool_tiers_regression_Test is TierScenarios {
    /// @dev WATER-1: what the backstop's own positions need was measured before the tear-up that its payment is for, on open interest that was gone by then, and it
    /// paid away margin of its own.
    function test_tearUp_leavesTheBackstopItsMargin_whenOpenInterestFallsInTheSameCall() public {
        (AccountId dave, AccountId erin) = (_trader("dave"), _trader("erin"));
        _stake(lena, 60_000e18);
        _setTier(Tier.Fund, 0);
        _ripe();
        _poolTakes(alice, ETH);
        assertGt(_size(poolAccount, ETH), 0);
        _open(erin, ETH, 100_000e18, 500e18);
        _open(dave, ETH, 100_000e18, -500e18);
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.25e18, 0, 0, 0.5e18, 0));
        _price(ETH, 1_700);
        _resolve(erin);
        skipSeconds(700);
        _price(ETH, 1_560);
        uint256 before = _cash(poolAccount);
        _tearUpAll(ETH);
        assertLt(_cash(poolAccount), before, "the backstop pays");
        assertLt(house.freeCashOf(poolAccount), 1e18, "all that is free");
        (int256 equityUsd, uint256 requiredUsd) = house.marginOf(poolAccount, MarginKind.Initial);
        assertGe(equityUsd, int256(requiredUsd));
    }

    /// @dev The same where a bankrupt account's position in one market cancels inventory before its deficit in another market is met.
    function test_resolve_leavesTheBackstopItsMargin_whenOpenInterestFallsInAnotherMarket() public {
        (AccountId dave, AccountId erin) = (_trader("dave"), _trader("erin"));
        waterfall.setInsuranceTerms(BTC, ILossWaterfall.InsuranceTerms(ONE, ONE, THETA));
        waterfall.setTierTerms(BTC, Tier.Backstop, ILossWaterfall.TierTerms(ONE, ONE));
        _stake(lena, 60_000e18);
        _setTier(Tier.Fund, 0);
        _ripe();
        _poolTakes(alice, ETH);
        _open(dave, ETH, 100_000e18, -500e18);
        _open(erin, ETH, 200_000e18, 500e18);
        _trade(erin, BTC, 50e18);
        _price(ETH, 2_120);
        _resolve(dave);
        assertLt(_size(house.systemAccountOf(ETH, 0), ETH), 0, "inventory is short");
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.25e18, 0, 0, 0.5e18, 0));
        feeds[1].push(33_000e8);
        uint256 before = _cash(poolAccount);
        _resolve(erin);
        assertLt(_cash(poolAccount), before, "the backstop pays");
        assertLt(house.freeCashOf(poolAccount), 1e18, "all that is free");
        (int256 equityUsd, uint256 requiredUsd) = house.marginOf(poolAccount, MarginKind.Initial);
        assertGe(equityUsd, int256(requiredUsd));
    }

    /// @dev Where the backstop only had a claim on what it paid for, a call of its own worked with a stored price before it asked for the latest, and claimed no refunds.
    function test_checkpoint_readsTheLatestPrice_whenItOnlyHasAClaim() public {
        _stake(lena, 60_000e18);
        _bankruptAlice();
        _setTier(Tier.Fund, 20_000e18);
        _resolve(alice);
        skipSeconds(700);
        _price(ETH, 1_950);
        _tearUpAll(ETH);
        assertGt(house.positionOf(poolAccount, ETH).quote, 0, "a claim");
        feeds[0].push(1_960e8);
        pool.checkpoint();
    }
}

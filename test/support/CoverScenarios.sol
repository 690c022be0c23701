// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {IRiskEngine} from "../../contracts/interfaces/IRiskEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {CoverageLevel} from "../../contracts/types/CoverageLevel.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {HouseScenarios} from "./HouseScenarios.sol";

/// @title CoverScenarios
/// @notice ETH with a target for its buffers, a price on large positions, or premiums. Fees leave the tranche alone, so its cash is premiums. The token has 18 decimals.
abstract contract CoverScenarios is HouseScenarios {
    uint256 internal constant INDEX = 2_000e18;

    function _decimals() internal pure virtual override returns (uint8) {
        return 18;
    }

    function setUp() public virtual override {
        super.setUp();
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.insuranceShare = 0;
        house.setMarketTerms(ETH, terms);
    }

    /// @dev Half of the open interest is wanted, of which the whole fund of 100 000 USD is there.
    function _wantCoverage() internal {
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.5e18, 0, 1e18, 0, 0));
    }

    /// @dev Ten basis points.
    function _wantPremiums() internal {
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0, 0, 0, 0, 0.001e18));
    }

    /// @dev Fills between alice, the maker, and bob.
    function _match(int256 takerDelta) internal {
        _matchOf(alice, bob, takerDelta);
    }

    function _matchOf(AccountId maker, AccountId taker, int256 takerDelta) internal {
        house.matchOrders(
            IClearingHouse.MatchRequest({
                maker: maker,
                taker: taker,
                market: ETH,
                sizeDelta: takerDelta,
                price: INDEX,
                makerReduceOnly: false,
                takerReduceOnly: false
            })
        );
    }

    function _assertLevel(CoverageLevel level) internal view {
        assertEq(uint256(house.coverageOf(ETH).level), uint256(level), "level");
    }

    function _initialMargin(AccountId account) internal view returns (uint256 requiredUsd) {
        (, requiredUsd) = house.marginOf(account, MarginKind.Initial);
    }

    function _trancheUsd() internal view returns (uint256) {
        return _cash(house.systemAccountOf(ETH, 3));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {accountIdOf} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {WindDownScenarios} from "../../support/WindDownScenarios.sol";

/// @notice Markets that never had a price, and announcements that the last price has left behind.
contract ClearingHouse_windDownEnds_Test is WindDownScenarios {
    MarketId private constant THIRD = MarketId.wrap(2);

    /// @dev Listed before it has a feed.
    function _listWithoutPrice() private {
        risk.setRiskTerms(THIRD, _riskTerms());
        liquidation.setLiquidationTerms(THIRD, _liquidationTerms());
        liquidation.setAuctionTerms(THIRD, ILiquidationEngine.AuctionTerms({durationSeconds: AUCTION_SECONDS}));
        pools[2] = accountIdOf(makeAddr("third pool"), 0);
        house.listMarket(THIRD, _terms(pools[2], 500_000e18, 0.001e18));
    }

    function test_announceWindDown_revertsWhenThereNeverWasAPrice() public {
        _listWithoutPrice();
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.WindDownPriceOutOfBounds.selector, THIRD, 0, 0, 0));
        house.announceWindDown(THIRD, 0);
    }

    function test_windDown_revertsWhenThereNeverWasAPrice() public {
        _listWithoutPrice();
        house.noteOutage(THIRD);
        skipSeconds(OUTAGE);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PriceNotValid.selector, THIRD, PriceStatus.Invalid));
        house.windDown(THIRD);
    }

    function test_windDown_keepsTheAnnouncedPriceWithinBounds_whenTheLastOneHasRisen() public {
        house.announceWindDown(ETH, 1_800e18);
        _price(ETH, 2_500);
        oracle.poke(ETH.bit());
        _outlast(3_601);
        house.noteOutage(ETH);
        _outlast(NOTICE);
        house.windDown(ETH);
        assertEq(house.windDownOf(ETH).price, 2_250e18, "10 % below the last valid price");
    }
}

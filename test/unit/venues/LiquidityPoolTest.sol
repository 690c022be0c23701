// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {ILossWaterfall} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {HouseFixture, IFeedControl} from "../../support/HouseFixture.sol";

/// @title Base of the liquidity pool's tests
/// @notice A third market, SOL at 100 USD, behind a real pool of which nobody has a share yet; two liquidity providers.
abstract contract LiquidityPoolTest is HouseFixture {
    MarketId internal constant SOL = MarketId.wrap(2);
    uint256 internal constant DELAY = 1 days;
    uint256 internal constant MAX_PRICE_AGE = 2 minutes;
    uint256 internal constant CANCEL_AFTER = 7 days;
    uint256 internal constant VIRTUAL = 1e12;
    uint256 internal constant SKEW_SCALE = 5_000_000e18;
    uint256 internal constant ANY_PRICE = type(uint128).max;
    /// @dev USD to the token's six decimals.
    uint256 internal constant USD = 1e6;

    ILiquidityPool internal pool;
    IERC20 internal shares;
    IFeedControl internal feed;
    address internal lena;
    address internal luis;

    function setUp() public virtual override {
        super.setUp();
        lena = makeAddr("lena, provider");
        luis = makeAddr("luis, provider");
        feed = IFeedControl(deploy("ReplayFeed", abi.encode(address(this), "SOL / USD", uint8(8))));
        feed.push(100e8);
        oracle.setFeed(
            SOL,
            IOracleRouter.FeedConfig({
                feed: address(feed),
                maxAge: 3_600,
                floor: 1e18,
                ceiling: 10_000e18,
                jumpBand: 0.6e18,
                bucketLength: BUCKET_SECONDS
            })
        );
        risk.setRiskTerms(SOL, _riskTerms());
        liquidation.setLiquidationTerms(SOL, _liquidationTerms());
        waterfall.setInsuranceTerms(
            SOL,
            ILossWaterfall.InsuranceTerms({eventCap: 0, epochCap: 0, coinsurance: 0.1e18})
        );
        pool = ILiquidityPool(deploy("LiquidityPool", abi.encode(house, SOL, DELAY, "SOL pool", "bwSOL")));
        shares = IERC20(address(pool));
        house.listMarket(SOL, _terms(pool.account(), SKEW_SCALE, 0.01e18));
        house.setMarketMode(SOL, IClearingHouse.MarketMode.Open);
    }

    /* ARRANGE */

    /// @dev Publishes a price (whole USD) in a new block.
    function _solPrice(uint256 priceUsd) internal {
        skipSeconds(12);
        feed.push(int256(priceUsd * 1e8));
    }

    /// @dev Lets time pass, and publishes the price at its end.
    function _skip(uint256 duration, uint256 priceUsd) internal {
        skipSeconds(duration);
        feed.push(int256(priceUsd * 1e8));
    }

    /// @dev The pool with one provider: `amountUsd` whole USD of lena's.
    function _provide(uint256 amountUsd) internal {
        pool.processDeposit(_request(lena, amountUsd));
    }

    function _approved(address provider, uint256 amountNative) internal {
        token.mint(provider, amountNative);
        vm.prank(provider);
        token.approve(address(pool), type(uint256).max);
    }

    /// @dev A deposit request for whole USD at any price.
    function _request(address provider, uint256 amountUsd) internal returns (uint256 id) {
        _approved(provider, amountUsd * USD);
        vm.prank(provider);
        return pool.requestDeposit(amountUsd * USD, ANY_PRICE);
    }

    function _requestRedemption(address provider, uint256 amount) internal returns (uint256 id) {
        vm.prank(provider);
        return pool.requestRedemption(amount, 0);
    }

    /// @dev The pool takes the other side: `size` SOL long by alice, who has enough for it.
    function _skew(int256 size) internal {
        uint256 magnitude = uint256(size > 0 ? size : -size);
        _open(alice, SOL, (magnitude * 100) / 4 + 1_000e18, size);
    }

    /// @dev Publishes the price until two buckets have passed.
    function _mature(uint256 priceUsd) internal {
        for (uint256 i; i < 5; ++i) {
            _skip(300, priceUsd);
            oracle.poke(SOL.bit());
        }
    }

    /* READ */

    function _account() internal view returns (AccountId) {
        return pool.account();
    }

    function _status() internal view returns (ILiquidityPool.RedemptionStatus) {
        return pool.redemptionStatus();
    }

    function _assertStatus(ILiquidityPool.RedemptionStatus status) internal view {
        assertEq(uint256(pool.redemptionStatus()), uint256(status), "redemption status");
    }
}

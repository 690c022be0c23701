// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralAuction} from "../../contracts/interfaces/ICollateralAuction.sol";
import {ICreditVault} from "../../contracts/interfaces/ICreditVault.sol";
import {IOracleRouter} from "../../contracts/interfaces/IOracleRouter.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {RateTerms} from "../../contracts/types/RateTerms.sol";
import {HouseFixture, IFeedControl, ITokenControl} from "./HouseFixture.sol";

/// @title CreditFixture
/// @notice The house with a credit vault: 1M USD of one lender, WBTC (8 decimals, 40 000 USD) and WETH (18 decimals, 2 000 USD) as collateral, priced under
/// numbers that are no markets. 85 % is lent against small amounts, 50 % against large ones, and auctions fall by 10 % in 90 s.
abstract contract CreditFixture is HouseFixture {
    uint256 internal constant LENT_USD = 1_000_000e18;

    ICreditVault internal vault;
    ICollateralAuction internal auction;
    ITokenControl internal wbtc;
    ITokenControl internal weth;
    IFeedControl internal wbtcFeed;
    IFeedControl internal wethFeed;
    address internal lender;
    address internal taker;

    function setUp() public virtual override {
        super.setUp();
        vault = ICreditVault(deploy("CreditVault", abi.encode(house, address(this), "Breakwater Credit", "bwCredit")));
        auction = ICollateralAuction(deploy("CollateralAuction", abi.encode(vault, house)));
        vault.setAuction(address(auction));
        house.setModule("credit", address(vault));
        vault.setRateTerms(RateTerms({baseRate: 0.02e18, kinkRate: 0.1e18, maxRate: 1e18, kinkUtilization: 0.8e18}));
        wbtc = ITokenControl(_deployCollateral(8));
        weth = ITokenControl(_deployCollateral(18));
        wbtcFeed = _feed(MarketId.wrap(40), 40_000e8);
        wethFeed = _feed(MarketId.wrap(41), 2_000e8);
        vault.setCollateralTerms(address(wbtc), _collateralTerms(40, 50e18));
        vault.setCollateralTerms(address(weth), _collateralTerms(41, 1_000e18));
        lender = makeAddr("lender");
        taker = makeAddr("taker");
        _lend(lender, LENT_USD);
    }

    /* ARRANGE */

    function _deployCollateral(uint8 decimals) internal virtual returns (address) {
        return deploy("TestToken", abi.encode("Collateral", "COL", decimals, type(uint256).max));
    }

    function _feed(MarketId market, int256 price) internal returns (IFeedControl feed) {
        feed = IFeedControl(deploy("ReplayFeed", abi.encode(address(this), "collateral feed", uint8(8))));
        feed.push(price);
        oracle.setFeed(
            market,
            IOracleRouter.FeedConfig({
                feed: address(feed),
                maxAge: 3_600,
                floor: 1e18,
                ceiling: 1_000_000e18,
                jumpBand: 0.6e18,
                bucketLength: BUCKET_SECONDS
            })
        );
    }

    /// @dev h = clamp(0.85 − 0.5·amount/depth, 0.5, 0.85).
    function _collateralTerms(
        uint8 priceMarket,
        uint256 depth
    ) internal pure returns (ICreditVault.CollateralTerms memory) {
        return
            ICreditVault.CollateralTerms({
                priceMarket: MarketId.wrap(priceMarket),
                cap: 100 * depth,
                topShare: 0.85e18,
                minShare: 0.5e18,
                sizeSlope: 0.5e18,
                depth: depth,
                maxDiscount: 0.1e18,
                auctionSeconds: 90
            });
    }

    /// @dev Deposits D18{USD} as a lender.
    function _lend(address who, uint256 amountUsd) internal returns (uint256 shares) {
        token.mint(who, _native(amountUsd));
        vm.startPrank(who);
        token.approve(address(vault), type(uint256).max);
        shares = vault.deposit(_native(amountUsd), who);
        vm.stopPrank();
    }

    /// @dev Deposits collateral of the account's owner.
    function _pledge(AccountId account, ITokenControl asset, uint256 amountNative) internal {
        address owner = account.owner();
        asset.mint(owner, amountNative);
        vm.startPrank(owner);
        asset.approve(address(vault), type(uint256).max);
        vault.depositCollateral(address(asset), amountNative, account);
        vm.stopPrank();
    }

    /// @dev Publishes prices of both collaterals, in whole USD.
    function _collateralPrices(uint256 wbtcUsd, uint256 wethUsd) internal {
        wbtcFeed.push(int256(wbtcUsd * 1e8));
        wethFeed.push(int256(wethUsd * 1e8));
        oracle.poke(3 << 40);
    }

    /* ACT */

    function _draw(AccountId account, uint256 amountUsd) internal {
        vm.prank(account.owner());
        house.drawCredit(account, amountUsd);
    }

    function _withdraw(AccountId account, uint256 amountUsd) internal {
        vm.prank(account.owner());
        house.withdraw(account, _native(amountUsd), account.owner());
    }

    function _take(
        AccountId account,
        ITokenControl asset,
        uint256 maxAmountNative
    ) internal returns (ICollateralAuction.TakePlan memory plan) {
        token.mint(taker, _native(10_000_000e18));
        vm.startPrank(taker);
        token.approve(address(vault), type(uint256).max);
        plan = auction.take(
            ICollateralAuction.TakeRequest({
                account: account,
                asset: address(asset),
                maxAmountNative: maxAmountNative,
                limitPrice: type(uint256).max,
                deadline: type(uint256).max,
                to: taker
            })
        );
        vm.stopPrank();
    }

    /* READ */

    function _creditUsers() internal view returns (AccountId[] memory users) {
        users = new AccountId[](4);
        (users[0], users[1], users[2], users[3]) = (alice, bob, carol, vault.lenders());
    }
}

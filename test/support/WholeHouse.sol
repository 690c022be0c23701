// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralAuction} from "../../contracts/interfaces/ICollateralAuction.sol";
import {ICreditVault} from "../../contracts/interfaces/ICreditVault.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {IOracleRouter} from "../../contracts/interfaces/IOracleRouter.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {MarginKind, Portfolio} from "../../contracts/types/Portfolio.sol";
import {RateTerms} from "../../contracts/types/RateTerms.sol";
import {BackstopScenarios} from "./BackstopScenarios.sol";
import {IFeedControl, ITokenControl} from "./HouseFixture.sol";

/// @title WholeHouse
/// @notice Everything at once: markets, pools, insurance, the backstop with 300 000 USD of lena's, lenders with 1M USD, collateral of 8 and of 18 decimals, and a list of everybody, by
/// which the books are checked after each step of a story (CONS-1, CONS-2, CONS-3) and by which it is told whose cash moved.
abstract contract WholeHouse is BackstopScenarios {
    uint256 internal constant STAKED_USD = 300_000e18;
    uint256 internal constant LENT_USD = 1_000_000e18;
    /// @dev Prices of collateral have numbers that are no markets.
    uint8 internal constant WBTC_PRICE = 40;
    uint8 internal constant WETH_PRICE = 41;

    ICreditVault internal credit;
    ICollateralAuction internal collateralAuction;
    ITokenControl internal wbtc;
    ITokenControl internal weth;
    IFeedControl internal wbtcFeed;
    IFeedControl internal wethFeed;
    /// @dev A second keeper.
    AccountId internal rival;

    /// @dev Markets 0 … `listed` − 1 exist.
    uint256 internal listed = 2;
    /// @dev D8{USD/base}, what each market's feed answers; of WBTC and WETH last.
    int256[6] internal answers;

    /// @dev Everybody with an account, tranches included, but pools and the other accounts of the house.
    AccountId[] internal people;
    /// @dev D18{USD}, each one's cash when it was last looked at.
    mapping(AccountId account => uint256 usd) private _cashSeen;

    function setUp() public virtual override {
        super.setUp();
        rival = accountIdOf(makeAddr("rival keeper"), 0);
        (answers[0], answers[1]) = (2_000e8, 40_000e8);
        _openVault();
        _stake(lena, STAKED_USD);
        people = [alice, bob, carol, keeper, rival, _fundAccount(), poolAccount, credit.lenders()];
        for (uint256 m; m < listed; ++m) people.push(_trancheOf(MarketId.wrap(uint8(m))));
    }

    function _openVault() private {
        credit = ICreditVault(deploy("CreditVault", abi.encode(house, address(this), "Breakwater Credit", "bwCredit")));
        collateralAuction = ICollateralAuction(deploy("CollateralAuction", abi.encode(credit, house)));
        credit.setAuction(address(collateralAuction));
        house.setModule("credit", address(credit));
        credit.setRateTerms(RateTerms({baseRate: 0.02e18, kinkRate: 0.1e18, maxRate: 1e18, kinkUtilization: 0.8e18}));
        (answers[4], answers[5]) = (40_000e8, 2_000e8);
        (wbtc, wbtcFeed) = _collateral(WBTC_PRICE, 8, answers[4], 50e18);
        (weth, wethFeed) = _collateral(WETH_PRICE, 18, answers[5], 1_000e18);
        address lender = makeAddr("lender");
        token.mint(lender, _native(LENT_USD));
        vm.startPrank(lender);
        token.approve(address(credit), type(uint256).max);
        credit.deposit(_native(LENT_USD), lender);
        vm.stopPrank();
    }

    /// @dev 85 % is lent against small amounts, 50 % against large ones; auctions fall by 10 % in 90 s.
    function _collateral(
        uint8 priceMarket,
        uint8 decimals,
        int256 answer,
        uint256 depth
    ) private returns (ITokenControl asset, IFeedControl feed) {
        asset = ITokenControl(deploy("TestToken", abi.encode("Collateral", "COL", decimals, type(uint256).max)));
        feed = IFeedControl(deploy("ReplayFeed", abi.encode(address(this), "collateral feed", uint8(8))));
        feed.push(answer);
        MarketId market = MarketId.wrap(priceMarket);
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
        credit.setCollateralTerms(
            address(asset),
            ICreditVault.CollateralTerms({
                priceMarket: market,
                cap: 1_000 * depth,
                topShare: 0.85e18,
                minShare: 0.5e18,
                sizeSlope: 0.5e18,
                depth: depth,
                maxDiscount: 0.1e18,
                auctionSeconds: 90
            })
        );
    }

    /// @dev Lists the next market.
    function _listNext(int256 answer, uint256 skewScale, uint256 lotSize) internal returns (MarketId market) {
        market = MarketId.wrap(uint8(listed));
        answers[listed] = answer;
        ++listed;
        _list(market, answer, skewScale, lotSize);
        people.push(_trancheOf(market));
        pool.setBackstopTerms(market, _backstopTerms());
    }

    /* ARRANGE */

    /// @dev A trader that the books know of.
    function _person(string memory name) internal returns (AccountId account) {
        account = _trader(name);
        people.push(account);
    }

    /// @dev Collateral of the account's owner.
    function _pledge(AccountId account, ITokenControl asset, uint256 amountNative) internal {
        address owner = account.owner();
        asset.mint(owner, amountNative);
        vm.startPrank(owner);
        asset.approve(address(credit), type(uint256).max);
        credit.depositCollateral(address(asset), amountNative, account);
        vm.stopPrank();
    }

    /// @dev Two accounts trade with each other at the index, past the pool: `size` of `account`, the opposite of `other`.
    function _pair(AccountId account, AccountId other, MarketId market, int256 size) internal {
        house.matchOrders(
            IClearingHouse.MatchRequest({
                maker: other,
                taker: account,
                market: market,
                sizeDelta: size,
                price: oracle.peek(market.bit())[0].price,
                makerReduceOnly: false,
                takerReduceOnly: false
            })
        );
    }

    /// @dev Takes out all that is free.
    function _takeFreeCash(AccountId account) internal returns (uint256 free) {
        free = house.freeCashOf(account);
        if (_native(free) != 0) _withdraw(account, free);
    }

    /* WEATHER */

    /// @dev All feeds publish what they last said, after some time, and the oracle looks.
    function _elapse(uint256 duration) internal {
        skipSeconds(duration);
        uint256 set = (1 << WBTC_PRICE) | (1 << WETH_PRICE);
        for (uint256 m; m < listed; ++m) {
            feeds[m].push(answers[m]);
            set |= 1 << m;
        }
        wbtcFeed.push(answers[4]);
        wethFeed.push(answers[5]);
        oracle.poke(set);
    }

    /// @dev The same for so long that a feed would go stale: it publishes every five minutes.
    function _elapseLong(uint256 duration) internal {
        for (; duration > 300; duration -= 300) _elapse(300);
        _elapse(duration);
    }

    /// @dev A market's price changes in the next block. D8{USD/base}
    function _move(MarketId market, int256 answer) internal {
        answers[MarketId.unwrap(market)] = answer;
        _elapse(12);
    }

    /// @dev Prices of collateral change in the next block. D8{USD/tok}
    function _moveCollateral(int256 wbtcAnswer, int256 wethAnswer) internal {
        (answers[4], answers[5]) = (wbtcAnswer, wethAnswer);
        _elapse(12);
    }

    /* BOOKS */

    /// @dev CONS-1, CONS-2 and CONS-3 over everybody.
    function _assertBooks() internal view {
        uint256 cash;
        for (uint256 i; i < people.length; ++i) cash += _cash(people[i]);
        for (uint256 m; m < listed; ++m) {
            MarketId market = MarketId.wrap(uint8(m));
            cash += _cash(pools[m]) + house.marketOf(market).reserveUsd;
            _assertCancelling(market);
            _assertSides(market);
        }
        assertEq(cash, _usd(token.balanceOf(address(house))), "CONS-1: cash and reserves differ from tokens");
    }

    function _assertCancelling(MarketId market) private view {
        (int256 sizes, int256 quotes) = _storedOf(pools[MarketId.unwrap(market)], market);
        for (uint256 i; i < people.length + 3; ++i) {
            AccountId account = i < people.length ? people[i] : house.systemAccountOf(market, i - people.length);
            (int256 size, int256 quote) = _storedOf(account, market);
            (sizes, quotes) = (sizes + size, quotes + quote);
        }
        IClearingHouse.MarketState memory state = house.marketOf(market);
        assertEq(sizes, int256(0), "CONS-2: sizes do not cancel");
        assertEq(
            quotes,
            int256(state.reserveUsd) + int256(state.uncollectedLossUsd) - int256(state.surplusUsd),
            "CONS-2: quote legs differ from B + L - S"
        );
    }

    function _storedOf(AccountId account, MarketId market) private view returns (int256, int256) {
        IClearingHouse.PositionState memory position = house.positionOf(account, market);
        return (position.storedSize, position.storedQuote);
    }

    /// @dev The booked sides are the positions with tear-ups applied, which truncate: one unit a holder and tear-up.
    function _assertSides(MarketId market) private view {
        uint256 long;
        uint256 short;
        for (uint256 i; i <= people.length; ++i) {
            AccountId account = i < people.length ? people[i] : house.systemAccountOf(market, 0);
            int256 size = _size(account, market);
            if (size > 0) long += uint256(size);
            else short += uint256(-size);
        }
        IClearingHouse.MarketState memory state = house.marketOf(market);
        uint256 dust = (people.length + 2) * state.events;
        assertGe(long, state.longOpenInterest, "CONS-3: longs below the booked side");
        assertGe(short, state.shortOpenInterest, "CONS-3: shorts below the booked side");
        assertLe(long - state.longOpenInterest, dust, "CONS-3: longs too far above the booked side");
        assertLe(short - state.shortOpenInterest, dust, "CONS-3: shorts too far above the booked side");
    }

    /* WHOSE CASH */

    /// @dev Remembers everybody's cash.
    function _watchCash() internal {
        for (uint256 i; i < people.length; ++i) _cashSeen[people[i]] = _cash(people[i]);
        for (uint256 m; m < listed; ++m) _cashSeen[pools[m]] = _cash(pools[m]);
    }

    /// @dev Since `_watchCash` nobody's cash has moved but that of the named accounts.
    function _assertCashMovedOnlyOf(AccountId[] memory named) internal view {
        for (uint256 i; i < people.length; ++i) _assertCashKept(people[i], named);
        for (uint256 m; m < listed; ++m) _assertCashKept(pools[m], named);
    }

    function _assertCashKept(AccountId account, AccountId[] memory named) private view {
        for (uint256 i; i < named.length; ++i) if (named[i] == account) return;
        assertEq(_cash(account), _cashSeen[account], "SENIOR-1: cash of somebody who had no part in it moved");
    }

    /// @dev How much more cash an account has than at `_watchCash`. D18{USD}
    function _cashGained(AccountId account) internal view returns (int256) {
        return int256(_cash(account)) - int256(_cashSeen[account]);
    }

    /// @dev Cash, the deposit included, and everything unsettled at the index, charges applied; neither line nor debt. D18{USD}
    function _worth(AccountId account) internal view returns (int256 usd) {
        Portfolio memory portfolio = house.portfolioOf(account, MarginKind.Maintenance);
        usd = int256(_cash(account));
        for (uint256 i; i < portfolio.exposures.length; ++i) usd += portfolio.exposures[i].valueUsd;
    }

    /// @dev Equity over maintenance margin did not fall from (equity, required): E′·MM ≥ E·MM′.
    function _assertNoLessHealthy(AccountId account, int256 equity, uint256 required) internal view {
        (int256 equityNow, uint256 requiredNow) = house.marginOf(account, MarginKind.Maintenance);
        assertGe(equityNow * int256(required), equity * int256(requiredNow), "LIQ-2: health fell");
    }

    function _list2(AccountId a, AccountId b) internal pure returns (AccountId[] memory accounts) {
        accounts = new AccountId[](2);
        (accounts[0], accounts[1]) = (a, b);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {ILossWaterfall} from "../../contracts/interfaces/ILossWaterfall.sol";
import {IOracleRouter} from "../../contracts/interfaces/IOracleRouter.sol";
import {IRiskEngine} from "../../contracts/interfaces/IRiskEngine.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {MarginKind} from "../../contracts/types/Portfolio.sol";
import {Test} from "./Test.sol";

/// @notice What tests use of the mock feed and token.
interface IFeedControl {
    function push(int256 answer) external;
}

interface ITokenControl {
    function mint(address to, uint256 amount) external;

    function approve(address spender, uint256 amount) external returns (bool);

    function balanceOf(address account) external view returns (uint256);
}

/// @title HouseFixture
/// @notice A whole house with real modules: two markets (ETH at 2 000 USD, BTC at 40 000 USD), pools of 5M USD each, insurance of 100k USD. The fixture is the
/// authority that grants itself everything, the listed venue, and the operator of feeds and pools, so a test moves prices and trades in one line.
/// Actors are named by role.
abstract contract HouseFixture is Test {
    MarketId internal constant ETH = MarketId.wrap(0);
    MarketId internal constant BTC = MarketId.wrap(1);
    uint256 internal constant DEPOSIT_USD = 5e18;
    uint256 internal constant INSURANCE_USD = 100_000e18;
    uint256 internal constant POOL_USD = 5_000_000e18;
    uint256 internal constant BUCKET_SECONDS = 600;
    uint256 internal constant AUCTION_SECONDS = 90;

    ITokenControl internal token;
    IClearingHouse internal house;
    IOracleRouter internal oracle;
    IRiskEngine internal risk;
    ILiquidationEngine internal liquidation;
    ILossWaterfall internal waterfall;
    address internal insurance;
    IFeedControl[4] internal feeds;
    AccountId[4] internal pools;

    AccountId internal alice;
    AccountId internal bob;
    AccountId internal carol;
    AccountId internal keeper;

    /// @dev AccessManaged asks its authority; the fixture grants everything to itself only.
    function canCall(address caller, address, bytes4) external view returns (bool immediate, uint32 delay) {
        return (caller == address(this), 0);
    }

    function setUp() public virtual {
        token = ITokenControl(_deployToken());
        house = IClearingHouse(deploy("ClearingHouse", abi.encode(token, address(this), DEPOSIT_USD)));
        oracle = IOracleRouter(deploy("OracleRouter", abi.encode(address(this), address(0), 0)));
        risk = IRiskEngine(deploy("RiskEngine", abi.encode(address(this))));
        liquidation = ILiquidationEngine(deploy("LiquidationEngine", abi.encode(address(this), risk)));
        waterfall = ILossWaterfall(deploy("LossWaterfall", abi.encode(house, address(this))));
        insurance = deploy("InsuranceFund", abi.encode(house));
        house.setModule("risk", address(risk));
        house.setModule("oracle", address(oracle));
        house.setModule("liquidation", address(liquidation));
        house.setModule("waterfall", address(waterfall));
        house.setModule("insurance", insurance);
        house.setVenue(address(this), true);
        token.approve(address(house), type(uint256).max);

        alice = _trader("alice");
        bob = _trader("bob");
        carol = _trader("carol");
        keeper = accountIdOf(makeAddr("keeper"), 0);
        _list(ETH, 2_000e8, 500_000e18, 0.001e18);
        _list(BTC, 40_000e8, 25_000e18, 0.0001e18);
        _fund(accountIdOf(insurance, 0), INSURANCE_USD);
    }

    /* ARRANGE */

    /// @dev An account that lets the fixture trade for it.
    function _trader(string memory name) internal returns (AccountId account) {
        account = accountIdOf(makeAddr(name), 0);
        vm.prank(account.owner());
        house.setDelegate(account, address(this), 1);
    }

    function _list(MarketId market, int256 price, uint256 skewScale, uint256 lotSize) internal {
        uint256 index = MarketId.unwrap(market);
        address feed = deploy("ReplayFeed", abi.encode(address(this), "test feed", uint8(8)));
        feeds[index] = IFeedControl(feed);
        IFeedControl(feed).push(price);
        oracle.setFeed(
            market,
            IOracleRouter.FeedConfig({
                feed: feed,
                maxAge: 3_600,
                floor: 1e18,
                ceiling: 1_000_000e18,
                jumpBand: 0.6e18,
                bucketLength: BUCKET_SECONDS
            })
        );
        risk.setRiskTerms(market, _riskTerms());
        liquidation.setLiquidationTerms(market, _liquidationTerms());
        liquidation.setAuctionTerms(market, ILiquidationEngine.AuctionTerms({durationSeconds: AUCTION_SECONDS}));
        waterfall.setInsuranceTerms(
            market,
            ILossWaterfall.InsuranceTerms({eventCap: 0.25e18, epochCap: 0.5e18, coinsurance: 0.1e18})
        );
        pools[index] = accountIdOf(makeAddr(["eth pool", "btc pool", "third pool", "fourth pool"][index]), 0);
        house.listMarket(market, _terms(pools[index], skewScale, lotSize));
        house.setMarketMode(market, IClearingHouse.MarketMode.Open);
        _fund(pools[index], POOL_USD);
    }

    function _terms(
        AccountId pool,
        uint256 skewScale,
        uint256 lotSize
    ) internal view virtual returns (IClearingHouse.MarketTerms memory) {
        return
            IClearingHouse.MarketTerms({
                pool: pool,
                skewScale: skewScale,
                exposureCap: skewScale / 50,
                lotSize: lotSize,
                minNotionalUsd: 250e18,
                maxFundingRate: 0.0274e18,
                maxFundingVelocity: 0.09e18,
                takerFee: 0.0005e18,
                makerFee: 0.0002e18,
                insuranceShare: 0.2e18,
                band: 0.02e18,
                unwindTolerance: 0.001e18,
                tearUpLoss: 0.01e18,
                tearUpDelay: 600
            });
    }

    function _riskTerms() internal view virtual returns (IRiskEngine.RiskTerms memory) {
        return
            IRiskEngine.RiskTerms({
                initialMargin: 0.05e18,
                maintenanceMargin: 0.03e18,
                sizeSlope: 0.005e18,
                gainShare: 0.9e18,
                multiplier: 1e18,
                maxMultiplier: 3e18,
                maxCharge: 0.5e18,
                rampStartUsd: 50_000_000e18,
                rampEndUsd: 100_000_000e18
            });
    }

    function _liquidationTerms() internal view virtual returns (ILiquidationEngine.LiquidationTerms memory) {
        return
            ILiquidationEngine.LiquidationTerms({
                target: 1.15e18,
                equityShare: 0.8e18,
                maxPenaltyRate: 0.01e18,
                keeperShare: 0.4e18,
                sliceShare: 0.25e18,
                windowSeconds: 10,
                smallNotionalUsd: 5_000e18,
                gasFloorUsd: 1e18,
                referenceRange: 0.006e18
            });
    }

    /// @dev The settlement token; it has `_decimals()`.
    function _deployToken() internal virtual returns (address) {
        return deploy("TestToken", abi.encode("Test Dollar", "tUSD", _decimals(), type(uint256).max));
    }

    function _decimals() internal view virtual returns (uint8) {
        return 6;
    }

    /// @dev D18{USD} in units of the token, rounded down.
    function _native(uint256 amountUsd) internal view returns (uint256) {
        uint8 places = _decimals();
        return places <= 18 ? amountUsd / 10 ** (18 - places) : amountUsd * 10 ** (places - 18);
    }

    /// @dev Units of the token in D18{USD}, rounded down.
    function _usd(uint256 amountNative) internal view returns (uint256) {
        uint8 places = _decimals();
        return places <= 18 ? amountNative * 10 ** (18 - places) : amountNative / 10 ** (places - 18);
    }

    /// @dev Pays D18{USD} into an account.
    function _fund(AccountId account, uint256 amountUsd) internal {
        token.mint(address(this), _native(amountUsd));
        house.deposit(account, _native(amountUsd));
    }

    /// @dev Takes all whole units of the token out of a market's tranche. Only a test can: the house itself withdraws for nobody.
    function _drainTranche(MarketId market) internal {
        uint256 amountNative = _native(_cash(_trancheOf(market)));
        if (amountNative == 0) return;
        AccountId tranche = _trancheOf(market);
        vm.prank(address(house));
        house.withdraw(tranche, amountNative, address(0xd7a1));
    }

    /* ACT */

    /// @dev Trades at any price, without spread or keeper's fee.
    function _trade(
        AccountId account,
        MarketId market,
        int256 sizeDelta
    ) internal returns (uint256 price, uint256 fee) {
        return house.trade(_request(account, market, sizeDelta));
    }

    function _request(
        AccountId account,
        MarketId market,
        int256 sizeDelta
    ) internal view returns (IClearingHouse.TradeRequest memory) {
        return
            IClearingHouse.TradeRequest({
                account: account,
                market: market,
                sizeDelta: sizeDelta,
                limitPrice: sizeDelta > 0 ? type(uint256).max : 0,
                spread: 0,
                reduceOnly: false,
                keeper: keeper,
                keeperFeeUsd: 0
            });
    }

    /// @dev Funds an account and opens a position in one step.
    function _open(AccountId account, MarketId market, uint256 cashUsd, int256 size) internal {
        _fund(account, cashUsd);
        _trade(account, market, size);
    }

    /// @dev Publishes a price (whole USD) in a new block.
    function _price(MarketId market, uint256 priceUsd) internal {
        skipSeconds(12);
        feeds[MarketId.unwrap(market)].push(int256(priceUsd * 1e8));
    }

    /// @dev Publishes the price again and again while time passes, so that it never goes stale and its buckets advance.
    function _wait(MarketId market, uint256 priceUsd, uint256 duration) internal {
        for (uint256 waited; waited < duration; waited += 300) {
            skipSeconds(300);
            feeds[MarketId.unwrap(market)].push(int256(priceUsd * 1e8));
            oracle.poke(market.bit());
        }
    }

    function _settle(AccountId account) internal {
        AccountId[] memory accounts = new AccountId[](1);
        accounts[0] = account;
        house.settle(accounts);
    }

    /// @return isMarked whether the account's distress clock runs after it
    function _mark(AccountId account) internal returns (bool isMarked) {
        AccountId[] memory accounts = new AccountId[](1);
        accounts[0] = account;
        return house.mark(accounts)[0];
    }

    function _resolve(AccountId account) internal {
        house.resolve(account, new AccountId[](0), keeper);
    }

    /* READ */

    function _cash(AccountId account) internal view returns (uint256) {
        return house.accountOf(account).cashUsd;
    }

    function _size(AccountId account, MarketId market) internal view returns (int256) {
        return house.positionOf(account, market).size;
    }

    /// @dev The market's own tranche, which has what insurance gets of fees and penalties.
    function _trancheOf(MarketId market) internal view returns (AccountId) {
        return house.systemAccountOf(market, 3);
    }

    function _quote(AccountId account, MarketId market) internal view returns (int256) {
        return house.positionOf(account, market).quote;
    }

    function _equity(AccountId account) internal view returns (int256 equityUsd) {
        (equityUsd, ) = house.marginOf(account, MarginKind.Maintenance);
    }

    function _health(AccountId account) internal view returns (uint256) {
        (int256 equityUsd, uint256 requiredUsd) = house.marginOf(account, MarginKind.Maintenance);
        return equityUsd <= 0 || requiredUsd == 0 ? 0 : (uint256(equityUsd) * 1e18) / requiredUsd;
    }

    /// @dev CONS-1 and CONS-2 over the given users, pools, fund, tranches and the house's own accounts.
    function _assertConserved(AccountId[] memory users) internal view {
        uint256 cash = _cash(accountIdOf(insurance, 0)) + _cash(keeper);
        for (uint256 i; i < users.length; ++i) cash += _cash(users[i]);
        for (uint256 m; m < 2; ++m) {
            MarketId market = MarketId.wrap(uint8(m));
            IClearingHouse.MarketState memory state = house.marketOf(market);
            cash += _cash(pools[m]) + _cash(_trancheOf(market)) + state.reserveUsd;
            (int256 sizes, int256 quotes) = _sums(market, users);
            assertEq(sizes, int256(0), "CONS-2: sizes do not cancel");
            assertEq(
                quotes,
                int256(state.reserveUsd) + int256(state.uncollectedLossUsd) - int256(state.surplusUsd),
                "CONS-2: quote legs differ from B + L - S"
            );
        }
        assertEq(cash, _usd(token.balanceOf(address(house))), "CONS-1: cash and reserves differ from tokens");
    }

    /// @dev Sums of the stored positions of users, pool, fund, keeper and the house's own accounts.
    function _sums(MarketId market, AccountId[] memory users) internal view returns (int256 sizes, int256 quotes) {
        for (uint256 i; i < users.length; ++i) (sizes, quotes) = _add(sizes, quotes, users[i], market);
        (sizes, quotes) = _add(sizes, quotes, pools[MarketId.unwrap(market)], market);
        (sizes, quotes) = _add(sizes, quotes, accountIdOf(insurance, 0), market);
        (sizes, quotes) = _add(sizes, quotes, keeper, market);
        for (uint256 kind; kind < 4; ++kind) {
            (sizes, quotes) = _add(sizes, quotes, house.systemAccountOf(market, kind), market);
        }
        // A tranche may have inherited a claim in another market.
        for (uint8 m; m < 4; ++m) {
            MarketId other = MarketId.wrap(m);
            if (other != market) (sizes, quotes) = _add(sizes, quotes, _trancheOf(other), market);
        }
    }

    function _add(
        int256 sizes,
        int256 quotes,
        AccountId account,
        MarketId market
    ) private view returns (int256, int256) {
        IClearingHouse.PositionState memory position = house.positionOf(account, market);
        return (sizes + position.storedSize, quotes + position.storedQuote);
    }

    /// @dev The pool takes nothing that enlarges its position until `_capPool`.
    /// @return cap D18{base}, that it had
    function _closePool(MarketId market) internal returns (uint256 cap) {
        cap = house.termsOf(market).exposureCap;
        _capPool(market, 1);
    }

    function _capPool(MarketId market, uint256 cap) internal {
        IClearingHouse.MarketTerms memory terms = house.termsOf(market);
        terms.exposureCap = cap;
        house.setMarketTerms(market, terms);
    }

    /// @dev A tear-up of all that the resolution account holds: the pool, which would otherwise be sold what it takes, has no room.
    function _tearUpAll(MarketId market) internal {
        uint256 cap = _closePool(market);
        house.tearUp(market);
        _capPool(market, cap);
    }
}

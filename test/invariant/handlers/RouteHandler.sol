// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IBackstopPool} from "../../../contracts/interfaces/IBackstopPool.sol";
import {IStakedShares} from "../../../contracts/interfaces/IStakedShares.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {ILossWaterfall, Tier} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {CreditHandler} from "./CreditHandler.sol";

/// @title RouteHandler
/// @notice Everything beyond slices that ends a distress: marks, take-overs of parts, of whole accounts and of inventory, the backstop with its stakers. Each call is compared with its preview and with what
/// the books said before it: nobody but the two sides is part of a take-over, and no health falls.
abstract contract RouteHandler is CreditHandler {
    IBackstopPool internal backstop;
    IERC4626 internal backstopVault;
    address[2] internal stakers;

    /// @dev What a take-over is compared with.
    struct BeforeTaking {
        int256 equity;
        uint256 required;
        int256 together;
        Shot[] shots;
        MarketShot[3] markets;
    }

    function setUp() public virtual override {
        super.setUp();
        address deployed = deploy("BackstopPool", abi.encode(house, address(this), "Backstop", "bwSTOP"));
        (backstop, backstopVault) = (IBackstopPool(deployed), IERC4626(deployed));
        house.setModule("backstop", deployed);
        house.setVenue(deployed, true);
        house.setBackstopShare(0.3e18);
        backstop.setMaxLeverage(3e18);
        IBackstopPool.BackstopTerms memory terms = IBackstopPool.BackstopTerms({
            capUsd: 500_000e18,
            epochCapUsd: 1_000_000e18,
            maxConcession: 0.01e18,
            unwindShare: 0.1e18,
            unwindTolerance: 0.01e18,
            unwindIntervalSeconds: 60
        });
        for (uint256 m; m < MARKETS; ++m) backstop.setBackstopTerms(_marketId(m), terms);
        _askForCover();
        // The backstop's account comes first: it is one that defaults leave alone, as they do actors'.
        more = [backstop.account(), credit.lenders()];
        for (uint256 i; i < 2; ++i) {
            stakers[i] = makeAddr(string.concat("staker ", vm.toString(i)));
            stake(i, 100_000e6);
        }
    }

    /// @dev Every market wants buffers, openings pay premiums, and the backstop stands behind the thin market.
    function _askForCover() private {
        waterfall.setHouseEpochCap(Tier.Backstop, 0.5e18);
        waterfall.setTierTerms(SOL, Tier.Backstop, ILossWaterfall.TierTerms(0.5e18, 1e18));
        for (uint256 m; m < MARKETS; ++m) {
            risk.setCoverTerms(_marketId(m), IRiskEngine.CoverTerms(0.002e18, 100e18, 0.5e18, 0.001e18, 0.0002e18));
        }
    }

    function _wealthOfHouse(uint256 m) internal view virtual override returns (int256) {
        return super._wealthOfHouse(m) + _wealth(more[0]);
    }

    /* STAKERS */

    function stake(uint256 who, uint256 amount) public {
        address staker = stakers[who % 2];
        amount = bound(amount, 1e6, 200_000e6);
        token.mint(staker, amount);
        vm.startPrank(staker);
        token.approve(address(backstop), amount);
        vm.stopPrank();
        uint256 sharePrice = _sharePrice();
        (bool ok, ) = _actOn(
            address(backstop),
            staker,
            abi.encodeCall(backstopVault.deposit, (amount, staker)),
            abi.encodePacked(
                IClearingHouse.PriceNotValid.selector,
                IBackstopPool.BackstopPriceNotFresh.selector,
                IBackstopPool.BackstopDepleted.selector,
                bytes4(keccak256("ERC4626ExceededMaxDeposit(address,uint256,uint256)"))
            )
        );
        if (!ok) return;
        // A refund that is claimed on the way in belongs to those who were there.
        assertGe(_sharePrice() + 1, sharePrice, "ROUND-1: a deposit diluted the stakers");
        _reach("stake");
    }

    /// @dev Equity per share. D18{USD}
    function _sharePrice() private view returns (uint256) {
        int256 equity = backstop.valuation().equityUsd;
        return equity <= 0 ? 0 : (uint256(equity) * 1e18) / (backstopVault.totalSupply() + 1e12);
    }

    /// @notice A staker asks out, waits for a day and redeems a part.
    function unstake(uint256 who, uint256 part) public {
        address staker = stakers[who % 2];
        uint256 shares = backstopVault.balanceOf(staker) / (2 + (part % 3));
        if (shares == 0) return;
        vm.prank(staker);
        backstop.requestCooldown(shares);
        skipSeconds(1 days);
        _heartbeat();
        oracle.poke(ALL_MARKETS);
        _watch();
        _redeem(staker, shares);
    }

    function _redeem(address staker, uint256 shares) private {
        uint256 worth = backstopVault.previewRedeem(shares);
        (bool ok, bytes memory result) = _actOn(
            address(backstop),
            staker,
            abi.encodeCall(backstopVault.redeem, (shares, staker, staker)),
            abi.encodePacked(
                abi.encodePacked(
                    IClearingHouse.PriceNotValid.selector,
                    IBackstopPool.BackstopPriceNotFresh.selector,
                    IStakedShares.ShortfallOpen.selector,
                    IStakedShares.InventoryLossOpen.selector,
                    IBackstopPool.DeficitOpen.selector,
                    IStakedShares.AmountTooSmall.selector
                ),
                bytes4(keccak256("ERC4626ExceededMaxWithdraw(address,uint256,uint256)"))
            )
        );
        if (!ok) return;
        assertGe(abi.decode(result, (uint256)) + 1, worth, "a redemption paid less than its preview");
        _reach("unstake");
    }

    /* MARKS */

    /// @notice Anybody marks anybody.
    function mark(uint256 who) public {
        AccountId account = who % 10 == 9 ? more[0] : actors[who % ACTORS];
        for (uint256 m; m < MARKETS; ++m) _touch(account, m);
        _markOne(account);
        bool isMarked = house.distressOf(account).startedAt != 0;
        (int256 equity, uint256 required) = house.marginOf(account, MarginKind.Maintenance);
        uint256 grace = house.accountOf(account).graceUsd;
        if (equity + int256(grace) < int256(required)) assertTrue(isMarked, "LIQ-5: in distress and not marked");
    }

    function _markOne(AccountId account) internal {
        AccountId[] memory one = new AccountId[](1);
        one[0] = account;
        _act(abi.encodeCall(house.mark, (one)), "");
    }

    /* TAKE-OVERS */

    /// @notice An actor takes a part of another's position.
    function takeOver(uint256 who, uint256 where, uint256 by, uint256 part) public {
        AccountId account = actors[who % ACTORS];
        uint256 size = _magnitude(_size(account, _marketId(where % MARKETS)));
        _takeOver(
            account,
            where % MARKETS,
            actors[((who % ACTORS) + 1 + (by % 7)) % ACTORS],
            part % 3 == 0 ? bound(part, 0, size) : type(uint256).max
        );
    }

    function _takeOver(AccountId account, uint256 m, AccountId taker, uint256 maxSize) internal returns (bool) {
        _prepare(account, taker);
        ILiquidationEngine.TakeOverPlan memory preview = house.previewTakeOver(account, _marketId(m), maxSize);
        BeforeTaking memory before = _beforeTaking(account, taker);
        (bool ok, bytes memory result) = _act(
            abi.encodeCall(house.takeOver, (_takeOverOf(account, m, taker, maxSize))),
            _takeRefusals()
        );
        if (!ok) return false;
        ILiquidationEngine.TakeOverPlan memory plan = abi.decode(result, (ILiquidationEngine.TakeOverPlan));
        assertEq(keccak256(abi.encode(plan)), keccak256(abi.encode(preview)), "the preview differs from the take-over");
        if (plan.takeSize == 0) return false;
        _assertTaken(account, taker, before, m);
        assertLe(plan.discountUsd, uint256(before.equity), "LIQ-3: a discount above what was left");
        _reach(plan.code == ILiquidationEngine.PlanCode.Full ? bytes32("full take-over") : bytes32("part taken over"));
        return true;
    }

    function _takeOverOf(
        AccountId account,
        uint256 m,
        AccountId taker,
        uint256 maxSize
    ) private view returns (IClearingHouse.TakeOverRequest memory request) {
        (request.account, request.market, request.taker) = (account, _marketId(m), taker);
        request.maxSize = maxSize;
        request.limitPrice = _size(account, _marketId(m)) > 0 ? type(uint256).max : 0;
        request.deadline = vm.getBlockTimestamp();
    }

    /// @notice An actor takes over all of another's account.
    function takeOverWhole(uint256 who, uint256 by) public {
        _takeOverWhole(actors[who % ACTORS], actors[((who % ACTORS) + 1 + (by % 7)) % ACTORS]);
    }

    function _takeOverWhole(AccountId account, AccountId taker) internal {
        _prepare(account, taker);
        BeforeTaking memory before = _beforeTaking(account, taker);
        IClearingHouse.TakeOverWholeRequest memory request;
        (request.account, request.taker, request.deadline) = (account, taker, vm.getBlockTimestamp());
        (bool ok, bytes memory result) = _act(abi.encodeCall(house.takeOverWhole, (request)), _takeRefusals());
        if (!ok) return;
        (ILiquidationEngine.TakeOverPlan memory total, ) = abi.decode(
            result,
            (ILiquidationEngine.TakeOverPlan, ILiquidationEngine.TakeOverPlan[])
        );
        if (total.code != ILiquidationEngine.PlanCode.Full) return;
        _assertTaken(account, taker, before, MARKETS);
        assertLe(total.discountUsd, uint256(before.equity), "LIQ-3: discounts above what was left");
        assertLt(uint256(before.equity) * 3, before.required, "LIQ-1: taken over as a whole at H >= 1/3");
        _reach("account taken over");
    }

    /// @notice An actor takes inventory of a resolution account.
    function takeInventory(uint256 where, uint256 by, uint256 part) public {
        uint256 m = where % MARKETS;
        AccountId resolution = house.systemAccountOf(_marketId(m), 0);
        AccountId taker = actors[by % ACTORS];
        _fund(taker, 50_000e18);
        _prepare(taker, taker);
        uint256 size = _magnitude(_size(resolution, _marketId(m)));
        uint256 maxSize = part % 2 == 0 ? type(uint256).max : bound(part, 0, size);
        Shot[] memory shots = _shoot();
        MarketShot[3] memory markets = _shootMarkets();
        (bool ok, bytes memory result) = _act(
            abi.encodeCall(house.takeOver, (_takeOverOf(resolution, m, taker, maxSize))),
            _takeRefusals()
        );
        if (!ok || abi.decode(result, (ILiquidationEngine.TakeOverPlan)).takeSize == 0) return;
        AccountId[] memory sides = new AccountId[](1);
        sides[0] = taker;
        _assertOthersUntouched(shots, markets, taker, sides, MARKETS);
        _assertMarketsUntouched(markets, ~(1 << m) & ~_acting(taker));
        _assertInitial(taker);
        _reach("inventory taken over");
    }

    /// @dev Refunds and waiting events would move health and wealth for reasons of their own.
    function _prepare(AccountId account, AccountId taker) internal {
        _claimAll(account);
        for (uint256 m; m < MARKETS; ++m) _touch(taker, m);
    }

    function _beforeTaking(AccountId account, AccountId taker) internal view returns (BeforeTaking memory before) {
        (before.equity, before.required) = house.marginOf(account, MarginKind.Maintenance);
        before.together = _wealth(account) + _wealth(taker);
        before.shots = _shoot();
        before.markets = _shootMarkets();
    }

    /// @dev LIQ-1, LIQ-2, LIQ-3, HEALTH-1, and that nobody else has had a part in it.
    function _assertTaken(AccountId account, AccountId taker, BeforeTaking memory before, uint256) internal view {
        assertLt(before.equity, int256(before.required), "LIQ-1: taken over at E >= MM");
        assertGe(before.equity, int256(0), "LIQ-1: a bankrupt account was taken over");
        (int256 equity, uint256 required) = house.marginOf(account, MarginKind.Maintenance);
        assertGe(equity, int256(0), "LIQ-2: a take-over left a debt");
        assertGe(uint256(equity) * before.required, uint256(before.equity) * required, "LIQ-2: health fell");
        assertApproxEqAbs(
            _wealth(account) + _wealth(taker),
            before.together,
            uint256(2 * KEEPER_DUST),
            "LIQ-3: a take-over created or lost value"
        );
        AccountId[] memory sides = new AccountId[](1);
        sides[0] = taker;
        _assertOthersUntouched(before.shots, before.markets, account, sides, MARKETS);
        _assertMarketsUntouched(before.markets, ~(_acting(account) | _acting(taker)));
        if (house.accountOf(taker).markets != 0) _assertInitial(taker);
    }

    /// @dev Markets an account may have settled in, those it has left included.
    function _acting(AccountId) private pure returns (uint256) {
        return ALL_MARKETS;
    }

    function _takeRefusals() private pure returns (bytes memory) {
        return
            abi.encodePacked(
                IClearingHouse.PositionBelowMinimum.selector,
                IClearingHouse.CashTooLow.selector,
                IClearingHouse.CoverageTooLow.selector,
                IClearingHouse.AccountBelowInitialMargin.selector,
                IClearingHouse.PriceNotValid.selector,
                IClearingHouse.MarketNotOpen.selector
            );
    }

    /* THE BACKSTOP */

    /// @notice The backstop bids for an actor's position.
    function bid(uint256 who, uint256 where) public {
        _bid(actors[who % ACTORS], where % MARKETS);
    }

    function _bid(AccountId account, uint256 m) internal {
        _prepare(account, more[0]);
        _claimAll(more[0]);
        IBackstopPool.Bid memory preview = backstop.previewTake(account, _marketId(m));
        BeforeTaking memory before = _beforeTaking(account, more[0]);
        (bool ok, ) = _actOn(
            address(backstop),
            address(this),
            abi.encodeCall(backstop.take, (account, _marketId(m))),
            abi.encodePacked(
                IBackstopPool.BidRefused.selector,
                IClearingHouse.PriceNotValid.selector,
                IClearingHouse.AccountBelowInitialMargin.selector,
                IClearingHouse.CashTooLow.selector
            )
        );
        if (!ok) return;
        assertEq(
            uint256(preview.refusal),
            uint256(IBackstopPool.BidRefusal.None),
            "it bids where its preview does not"
        );
        _assertTaken(account, more[0], before, m);
        _reach("backstop bid");
    }

    /// @notice The backstop bids for inventory.
    function bidForInventory(uint256 where) public {
        uint256 m = where % MARKETS;
        (bool ok, ) = _actOn(
            address(backstop),
            address(this),
            abi.encodeCall(backstop.take, (house.systemAccountOf(_marketId(m), 0), _marketId(m))),
            abi.encodePacked(
                IBackstopPool.BidRefused.selector,
                IClearingHouse.PriceNotValid.selector,
                IClearingHouse.AccountBelowInitialMargin.selector,
                IClearingHouse.CashTooLow.selector,
                IClearingHouse.EventsPending.selector
            )
        );
        if (ok) _reach("inventory bid");
    }

    /// @notice The backstop closes a slice of what it holds.
    function unwindBackstop(uint256 where) public {
        uint256 m = where % MARKETS;
        _touch(more[0], m);
        uint256 held = _magnitude(_size(more[0], _marketId(m)));
        (bool ok, ) = _actOn(
            address(backstop),
            address(this),
            abi.encodeCall(backstop.unwind, (_marketId(m))),
            abi.encodePacked(
                abi.encodePacked(
                    IBackstopPool.NothingHeld.selector,
                    IBackstopPool.SliceTooEarly.selector,
                    IBackstopPool.SliceTooCostly.selector
                ),
                IClearingHouse.PriceNotValid.selector,
                IClearingHouse.MarketNotOpen.selector,
                IClearingHouse.AccountBankrupt.selector,
                IClearingHouse.AccountBelowInitialMargin.selector,
                IClearingHouse.EventsPending.selector
            )
        );
        if (!ok) return;
        assertLt(_magnitude(_size(more[0], _marketId(m))), held, "an unwinding that enlarges");
        _reach("backstop unwound");
    }

    /* GUIDED */

    /// @notice A newcomer takes a position with little more than its margin; the price falls until less than a share of the maintenance margin is left, it is marked, and by one of the routes
    /// beyond slices it is ended.
    function rescue(uint256 who, uint256 where, uint256 how) public {
        _heartbeat();
        uint256 m = where % MARKETS;
        uint256 route = (how >> 24) % RESCUES;
        (AccountId account, bool found) = _newcomer();
        if (!found || !_isValid(m)) return;
        // Deep enough for all of it; for the backstop; so deep that what would be left is too small to stand; or just below.
        uint256[7] memory hundredths = [uint256(30), 60, 95, 95, 4, 95, 95];
        if (!_lever(account, m, route == 4, who & 256 == 0) || !_fall(account, m, hundredths[route])) return;
        _markOne(account);
        skipSeconds(25 + ((how >> 8) % 100));
        _heartbeat();
        oracle.poke(ALL_MARKETS);
        _watch();
        _end(account, m, actors[who % ACTORS], route, how);
        _markOne(account);
    }

    /// @dev One of up to sixteen accounts that are no actors', and are in no market.
    function _newcomer() private returns (AccountId account, bool found) {
        uint256 count = more.length;
        for (uint256 i = 2; i < count; ++i) {
            if (house.accountOf(more[i]).markets == 0) return (more[i], true);
            for (uint256 m; m < MARKETS; ++m) _touch(more[i], m);
            if (_equity(more[i]) < 0) _resolve(more[i], 0);
        }
        if (count == 18) return (account, false);
        more.push(_trader(string.concat("newcomer ", vm.toString(count))));
        return (more[count], true);
    }

    function _lever(AccountId account, uint256 m, bool isSmall, bool isLong) private returns (bool) {
        uint256 price = oracle.peek(1 << m)[0].price;
        IClearingHouse.MarketTerms memory terms = house.termsOf(_marketId(m));
        uint256 notional = isSmall ? 4_000e18 : (terms.exposureCap * price) / 6e18;
        if (notional > 60_000e18) notional = 60_000e18;
        uint256 size = (notional * 1e18) / price;
        size -= size % terms.lotSize;
        _fund(account, notional / 15 + 10e18);
        return size != 0 && _trade(account, m, isLong ? int256(size) : -int256(size), false);
    }

    function _end(AccountId account, uint256 m, AccountId taker, uint256 route, uint256 how) private {
        _fund(taker, 300_000e18);
        if (route == 0) {
            _takeOverWhole(account, taker);
        } else if (route == 1) {
            _bid(account, m);
        } else if (route == 5) {
            _claimAll(account);
            _liquidate(account, m, keeper);
        } else if (route == 6) {
            // Half a per cent better than the index, whatever the pool pays.
            uint256 price = _size(account, _marketId(m)) > 0 ? 2_600 : 1_600;
            _matchLiquidation(account, m, (price << 160) | (how & 0xffff0000));
        } else {
            uint256 size = _magnitude(_size(account, _marketId(m)));
            _takeOver(account, m, taker, route == 3 ? bound(how, 0, size) : type(uint256).max);
        }
    }

    /// @dev Moves the price until E is below so many hundredths of MM, and above zero: in steps of 0.4 %, the last ones of 0.03 %.
    function _fall(AccountId account, uint256 m, uint256 hundredths) internal returns (bool) {
        int256 size = _size(account, _marketId(m));
        for (uint256 i; i < 80; ++i) {
            (int256 equity, uint256 required) = house.marginOf(account, MarginKind.Maintenance);
            if (equity < 0 || !_isValid(m)) return false;
            if (uint256(equity) * 100 < required * hundredths) return true;
            int256 step = uint256(equity) * 100 < required * (hundredths + 25) ? int256(3) : int256(40);
            _publish(m, (answers[m] * (10_000 + (size > 0 ? -step : step))) / 10_000);
            oracle.poke(ALL_MARKETS);
            _watch();
        }
        return false;
    }

    /// @notice The thin market moves against its pool until that is below maintenance margin; it is marked, and the other side torn up until it is sound.
    function restorePool(uint256 who) public {
        _heartbeat();
        AccountId account = actors[who % ACTORS];
        _fund(account, 20_000e18);
        int256 size = int256((30_000e18 / oracle.peek(4)[0].price) * 1e18);
        _trade(account, 2, answers[2] > firstAnswers[2] ? -size : size, false);
        _fallOfPool();
        _markOne(pools[2]);
        skipSeconds(20 + ((who >> 8) % 60));
        _heartbeat();
        tearUpPool(2);
        if (_equity(pools[2]) < 10_000e18) _fund(pools[2], 20_000e18);
        _markOne(pools[2]);
    }

    function _fallOfPool() private {
        int256 held = _size(pools[2], _marketId(2));
        for (uint256 i; i < 200 && held != 0; ++i) {
            (int256 equity, uint256 required) = house.marginOf(pools[2], MarginKind.Maintenance);
            if (equity < int256(required)) return;
            _publish(2, (answers[2] * (held > 0 ? int256(9_800) : int256(10_200))) / 10_000);
            oracle.poke(ALL_MARKETS);
            _watch();
        }
    }

    /// @notice Tears up the side opposite to a pool.
    function tearUpPool(uint256 where) public {
        uint256 m = where % MARKETS;
        Shot[] memory shots = _shoot();
        MarketShot[3] memory markets = _shootMarkets();
        (bool ok, ) = _act(
            abi.encodeCall(house.tearUpPool, (_marketId(m))),
            abi.encodePacked(
                IClearingHouse.PriceNotValid.selector,
                IClearingHouse.MarketNotOpen.selector,
                IClearingHouse.PoolNotDistressed.selector,
                IClearingHouse.PoolBankrupt.selector,
                IClearingHouse.PoolTearUpTooEarly.selector
            )
        );
        if (!ok) return;
        (int256 equity, uint256 required) = house.marginOf(pools[m], MarginKind.Maintenance);
        assertGe(equity, int256(required), "LIQ-5: the pool is still in distress");
        _assertOthersUntouched(shots, markets, pools[m], new AccountId[](0), m);
        _assertMarketsUntouched(markets, ~(1 << m));
    }

    /* DRAWING */

    uint256 internal constant ROUTE_ACTIONS = 22;
    /// @dev Ways in which `rescue` ends a distress.
    uint256 internal constant RESCUES = 7;

    /// @dev Leads a fresh house past every route once, in each market, before chance takes over.
    function _tourOfRoutes() internal {
        for (uint256 i; i < 3 * RESCUES; ++i) rescue(i, i / RESCUES, (i % RESCUES) << 24);
        sellCollateral(0, 40);
        restorePool(5);
        unstake(0, 1);
    }

    /// @notice The functions a runner may call besides `actions`.
    function routeActions() public pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](ROUTE_ACTIONS);
        (selectors[0], selectors[1], selectors[2]) = (this.stake.selector, this.unstake.selector, this.mark.selector);
        (selectors[3], selectors[4], selectors[5]) = (
            this.takeOver.selector,
            this.takeOverWhole.selector,
            this.takeInventory.selector
        );
        (selectors[6], selectors[7], selectors[8]) = (
            this.bid.selector,
            this.bidForInventory.selector,
            this.unwindBackstop.selector
        );
        (selectors[9], selectors[10], selectors[11]) = (
            this.rescue.selector,
            this.agree.selector,
            this.agreeToLiquidate.selector
        );
        (selectors[12], selectors[13], selectors[14]) = (
            this.pledge.selector,
            this.withdrawCollateral.selector,
            this.drawCredit.selector
        );
        (selectors[15], selectors[16], selectors[17]) = (
            this.repayCredit.selector,
            this.moveCollateral.selector,
            this.sellCollateral.selector
        );
        (selectors[18], selectors[19]) = (this.liveOnCredit.selector, this.writeOff.selector);
        (selectors[20], selectors[21]) = (this.tearUpPool.selector, this.restorePool.selector);
    }

    /// @dev One of these actions, with arguments drawn from `seed`.
    function _routeStep(uint256 seed) internal {
        uint256 mark_ = _mark();
        uint256 a = uint256(keccak256(abi.encode(seed, 1)));
        uint256 b = uint256(keccak256(abi.encode(seed, 2)));
        uint256 c = uint256(keccak256(abi.encode(seed, 3)));
        uint256 action = seed % (ROUTE_ACTIONS + 8);
        if (action < 10) _stepOfRoutes(action, a, b, c);
        else if (action == 10) agree(a);
        else if (action == 11) agreeToLiquidate(a);
        else if (action < 20) _creditStep(action - 12, a, b);
        else if (action == 20) tearUpPool(a);
        else if (action == 21) restorePool(a);
        else if (action < ROUTE_ACTIONS + 4) rescue(a, b, c);
        else if (action < ROUTE_ACTIONS + 7) agreeToLiquidate(a);
        else pair(a, b, c);
        _giveBack(mark_);
    }

    function _stepOfRoutes(uint256 action, uint256 a, uint256 b, uint256 c) private {
        if (action == 0) stake(a, b);
        else if (action == 1) unstake(a, b);
        else if (action == 2) mark(a);
        else if (action == 3) takeOver(a, b, c, a >> 32);
        else if (action == 4) takeOverWhole(a, b);
        else if (action == 5) takeInventory(a, b, c);
        else if (action == 6) bid(a, b);
        else if (action == 7) bidForInventory(a);
        else if (action == 8) unwindBackstop(a);
        else rescue(a, b, c);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralAuction} from "../../../contracts/interfaces/ICollateralAuction.sol";
import {ICreditVault} from "../../../contracts/interfaces/ICreditVault.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {RateTerms} from "../../../contracts/types/RateTerms.sol";
import {IFeedControl, ITokenControl} from "../../support/HouseFixture.sol";
import {MatchHandler} from "./MatchHandler.sol";

/// @title CreditHandler
/// @notice Three of the actors live on credit: they pledge collateral whose price moves, draw, repay, and are auctioned. CREDIT: lenders' assets fall only by what is written off.
abstract contract CreditHandler is MatchHandler {
    uint8 internal constant COLLATERAL_PRICE = 41;
    uint256 internal constant BORROWERS = 3;

    ICreditVault internal credit;
    ICollateralAuction internal collateralAuction;
    ITokenControl internal collateral;
    IFeedControl internal collateralFeed;
    /// @dev D8{USD/tok}
    int256 internal collateralAnswer;

    function setUp() public virtual override {
        super.setUp();
        credit = ICreditVault(deploy("CreditVault", abi.encode(house, address(this), "Breakwater Credit", "bwCredit")));
        collateralAuction = ICollateralAuction(deploy("CollateralAuction", abi.encode(credit, house)));
        credit.setAuction(address(collateralAuction));
        house.setModule("credit", address(credit));
        credit.setRateTerms(RateTerms({baseRate: 0.02e18, kinkRate: 0.1e18, maxRate: 1e18, kinkUtilization: 0.8e18}));
        collateral = ITokenControl(deploy("TestToken", abi.encode("Collateral", "COL", uint8(18), type(uint256).max)));
        collateralFeed = IFeedControl(deploy("ReplayFeed", abi.encode(address(this), "collateral", uint8(8))));
        collateralAnswer = 2_000e8;
        collateralFeed.push(collateralAnswer);
        _listCollateral();
        token.mint(address(this), 500_000e6);
        token.approve(address(credit), type(uint256).max);
        credit.deposit(500_000e6, address(this));
        more = [credit.lenders()];
    }

    function _listCollateral() private {
        oracle.setFeed(
            MarketId.wrap(COLLATERAL_PRICE),
            IOracleRouter.FeedConfig({
                feed: address(collateralFeed),
                maxAge: 3_600,
                floor: 1e18,
                ceiling: 1_000_000e18,
                jumpBand: 0.6e18,
                bucketLength: BUCKET_SECONDS
            })
        );
        credit.setCollateralTerms(
            address(collateral),
            ICreditVault.CollateralTerms({
                priceMarket: MarketId.wrap(COLLATERAL_PRICE),
                cap: 100_000e18,
                topShare: 0.85e18,
                minShare: 0.5e18,
                sizeSlope: 0.5e18,
                depth: 1_000e18,
                maxDiscount: 0.1e18,
                auctionSeconds: 90
            })
        );
    }

    function _heartbeat() internal virtual override {
        super._heartbeat();
        if (address(collateralFeed) != address(0)) collateralFeed.push(collateralAnswer);
    }

    function _debtOf(AccountId account) internal view virtual override returns (uint256) {
        return address(credit) == address(0) ? 0 : credit.debtOf(account);
    }

    function _borrower(uint256 who) internal view returns (AccountId) {
        return actors[who % BORROWERS];
    }

    /// @notice CREDIT-2: what lenders count on is there, or owed to them.
    function checkCredit() public view {
        uint256 owed;
        for (uint256 i; i < ACTORS; ++i) owed += credit.debtOf(actors[i]);
        assertLe(
            credit.totalAssets() * 1e12,
            _cash(credit.lenders()) + owed,
            "CREDIT-2: lenders count on more than is there and owed"
        );
    }

    /* ACTIONS */

    function pledge(uint256 who, uint256 amount) public {
        AccountId account = _borrower(who);
        amount = bound(amount, 1, 100e18);
        address owner = account.owner();
        collateral.mint(owner, amount);
        vm.prank(owner);
        collateral.approve(address(credit), amount);
        (bool ok, ) = _actOn(
            address(credit),
            owner,
            abi.encodeCall(credit.depositCollateral, (address(collateral), amount, account)),
            abi.encodePacked(
                ICreditVault.CollateralCapExceeded.selector,
                ICollateralAuction.CollateralPriceNotValid.selector
            )
        );
        if (ok) _reach("pledge");
    }

    function withdrawCollateral(uint256 who, uint256 amount) public {
        AccountId account = _borrower(who);
        amount = bound(amount, 1, credit.collateralOf(account, address(collateral)) + 1);
        _actOn(
            address(credit),
            account.owner(),
            abi.encodeCall(credit.withdrawCollateral, (address(collateral), amount, account, account.owner())),
            abi.encodePacked(
                ICreditVault.CollateralTooLow.selector,
                ICreditVault.DebtAboveLine.selector,
                ICreditVault.DeficitUnpaid.selector,
                IClearingHouse.AccountBelowInitialMargin.selector,
                IClearingHouse.EventsPending.selector,
                IClearingHouse.PriceNotValid.selector
            )
        );
    }

    function drawCredit(uint256 who, uint256 amount) public {
        AccountId account = _borrower(who);
        amount = bound(amount, 1, credit.lineOf(account, MarginKind.Initial) + 1e18);
        uint256 lenders = _cash(credit.lenders());
        uint256 cash = _cash(account);
        (bool ok, ) = _actAs(
            account.owner(),
            abi.encodeCall(house.drawCredit, (account, amount)),
            abi.encodePacked(IClearingHouse.CreditLineTooLow.selector)
        );
        if (!ok) return;
        assertEq(
            _cash(account) - cash,
            lenders - _cash(credit.lenders()),
            "CREDIT-1: a draw moves cash of the lenders, and nobody else's"
        );
        _reach("draw");
    }

    function repayCredit(uint256 who, uint256 amount) public {
        AccountId account = _borrower(who);
        (bool ok, bytes memory result) = _actAs(
            amount & 1 == 0 ? account.owner() : keeper.owner(),
            abi.encodeCall(house.repayCredit, (account, bound(amount, 1, 100_000e18))),
            abi.encodePacked(IClearingHouse.EventsPending.selector, IClearingHouse.AmountZero.selector)
        );
        if (ok && abi.decode(result, (uint256)) != 0) _reach("repayment");
    }

    /// @notice The collateral's price moves by up to a fifth.
    function moveCollateral(uint256 move) public {
        collateralAnswer = (collateralAnswer * int256(8_000 + (move % 4_001))) / 10_000;
        if (collateralAnswer < 500e8) collateralAnswer = 500e8;
        if (collateralAnswer > 8_000e8) collateralAnswer = 8_000e8;
        skipSeconds(12);
        _heartbeat();
        oracle.poke(1 << COLLATERAL_PRICE);
        _watch();
    }

    /// @notice Somebody starts the auction of a debtor who is above the line and, up to two minutes later, buys.
    function sellCollateral(uint256 who, uint256 delay) public {
        AccountId account = _borrower(who);
        _heartbeat();
        oracle.poke(1 << COLLATERAL_PRICE);
        if (delay & 1 == 0) _overdraw(account, who);
        (bool ok, ) = _actOn(
            address(collateralAuction),
            address(this),
            abi.encodeCall(collateralAuction.start, (account, address(collateral))),
            abi.encodePacked(
                ICollateralAuction.AccountWithinLine.selector,
                ICollateralAuction.NothingToSell.selector,
                ICollateralAuction.AuctionRunning.selector,
                ICollateralAuction.CollateralPriceNotValid.selector
            )
        );
        if (!ok) return;
        skipSeconds(delay % 120);
        _heartbeat();
        token.mint(address(this), 1_000_000e6);
        _buy(account);
    }

    /// @dev Draws nearly all of a line and takes it out; then the collateral loses a fifth.
    function _overdraw(AccountId account, uint256 who) private {
        pledge(who, 20e18);
        uint256 line = credit.lineOf(account, MarginKind.Initial);
        if (line > 2e18) {
            _actAs(
                account.owner(),
                abi.encodeCall(house.drawCredit, (account, line - 1e18)),
                abi.encodePacked(IClearingHouse.CreditLineTooLow.selector)
            );
        }
        for (uint256 m; m < MARKETS; ++m) _touch(account, m);
        _takeFree(account);
        moveCollateral(0);
    }

    function _takeFree(AccountId account) private {
        uint256 free = house.freeCashOf(account) / 1e12;
        if (free == 0) return;
        _actAs(account.owner(), abi.encodeCall(house.withdraw, (account, free, account.owner())), "");
    }

    function _buy(AccountId account) private {
        uint256 assets = credit.totalAssets();
        uint256 debt = credit.debtOf(account);
        ICollateralAuction.TakeRequest memory request;
        (request.account, request.asset, request.to) = (account, address(collateral), address(this));
        (request.maxAmountNative, request.limitPrice) = (type(uint256).max, type(uint256).max);
        request.deadline = vm.getBlockTimestamp();
        (bool ok, bytes memory result) = _actOn(
            address(collateralAuction),
            address(this),
            abi.encodeCall(collateralAuction.take, (request)),
            abi.encodePacked(
                ICollateralAuction.CollateralPriceNotValid.selector,
                ICollateralAuction.AuctionBroken.selector
            )
        );
        if (!ok) return;
        ICollateralAuction.TakePlan memory plan = abi.decode(result, (ICollateralAuction.TakePlan));
        if (plan.amountNative == 0) return;
        // 1 - maxDiscount.
        assertGe(plan.price, (uint256(collateralAnswer) * 1e10 * 9) / 10, "L8: sold under the floor");
        assertLt(credit.debtOf(account), debt, "CREDIT-3: an auction that repays nothing");
        assertGe(credit.totalAssets() + 2, assets, "CREDIT-3: an auction cost the lenders");
        _reach("collateral sold");
    }

    function writeOff(uint256 who) public {
        (bool ok, ) = _actOn(
            address(credit),
            address(this),
            abi.encodeCall(credit.writeOff, (_borrower(who))),
            abi.encodePacked(
                ICreditVault.NotToWriteOff.selector,
                IClearingHouse.EventsPending.selector,
                IClearingHouse.PriceNotValid.selector
            )
        );
        if (ok) _reach("written off");
    }

    /// @notice A borrower pledges, takes out what is free, and opens a position on nothing but its line.
    function liveOnCredit(uint256 who, uint256 where, uint256 amount) public {
        _heartbeat();
        AccountId account = _borrower(who);
        uint256 m = where % MARKETS;
        for (uint256 i; i < MARKETS; ++i) _touch(account, i);
        _leave(account, 10e18);
        pledge(who, bound(amount, 5e18, 60e18));
        uint256 price = oracle.peek(1 << m)[0].price;
        uint256 lot = house.termsOf(_marketId(m)).lotSize;
        uint256 size = (bound(amount, 5_000e18, 60_000e18) * 1e18) / price;
        uint256 most = house.termsOf(_marketId(m)).exposureCap / 3;
        if (size > most) size = most;
        int256 delta = int256((size / lot) * lot);
        uint256 debt = credit.debtOf(account);
        if (
            delta != 0 && _trade(account, m, amount & 1 == 0 ? delta : -delta, false) && credit.debtOf(account) > debt
        ) {
            _reach("opened on credit");
        }
    }

    function _creditStep(uint256 action, uint256 a, uint256 b) internal {
        if (action == 0) pledge(a, b);
        else if (action == 1) withdrawCollateral(a, b);
        else if (action == 2) drawCredit(a, b);
        else if (action == 3) repayCredit(a, b);
        else if (action == 4) moveCollateral(a);
        else if (action == 5) sellCollateral(a, b);
        else if (action == 6) liveOnCredit(a, b, a >> 32);
        else writeOff(a);
    }
}

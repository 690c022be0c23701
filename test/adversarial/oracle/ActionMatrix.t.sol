// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IDelayedOrders} from "../../../contracts/interfaces/IDelayedOrders.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {ILiquidityPool} from "../../../contracts/interfaces/ILiquidityPool.sol";
import {ILossWaterfall} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {IOracleRouter} from "../../../contracts/interfaces/IOracleRouter.sol";
import {ISecondSource} from "../../../contracts/interfaces/ISecondSource.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {MockSequencerFeed} from "../../../contracts/mocks/MockSequencerFeed.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {CoverageLevel} from "../../../contracts/types/CoverageLevel.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {IFeedControl} from "../../support/HouseFixture.sol";
import {LiquidityPoolTest} from "../../unit/venues/LiquidityPoolTest.sol";

/// @notice O1, PRICE-1: which action accepts which status of a price. Every action of the house and its venues is arranged so that it does something at a valid
/// price, then tried again with its market's feed in every other state, from the same state of the house. The expected outcomes are
/// price-status.json beside this file; docs/price-status.md explains them.
///
/// Outcomes: `yes` it does what it is for; `less` it does, but less is allowed; `nothing` it does no harm and nothing else; otherwise the error it is refused with.
contract ActionMatrix_Test is LiquidityPoolTest {
    /// @dev A column of the matrix. `AgeAtLimit` is a valid price in its last second.
    enum Feed {
        Valid,
        AgeAtLimit,
        Stale,
        Deviating,
        OutOfBounds,
        Jump,
        SequencerDown,
        Invalid
    }

    uint256 private constant MAX_AGE = 3_600;

    MockSequencerFeed private sequencer;
    IDelayedOrders private orders;
    string private matrix;
    /// @dev What the action is about, set by its arrangement.
    MarketId private subject;
    uint256 private id;
    uint256 private amountAtValid;

    function setUp() public override {
        super.setUp();
        matrix = vm.readFile(string.concat(vm.projectRoot(), "/test/adversarial/oracle/price-status.json"));
        uint64 longAgo = uint64(vm.getBlockTimestamp() - 30 days);
        sequencer = MockSequencerFeed(deploy("MockSequencerFeed", abi.encode(address(this), longAgo)));
        oracle.setSequencerFeed(address(sequencer), 1 hours);
        orders = IDelayedOrders(deploy("DelayedOrders", abi.encode(house, address(this))));
        house.setVenue(address(orders), true);
        orders.setOrderTerms(ETH, IDelayedOrders.OrderTerms(60, 0.005e18, 0));
        waterfall.setInsuranceTerms(
            ETH,
            ILossWaterfall.InsuranceTerms({eventCap: 0, epochCap: 0, coinsurance: 0.1e18})
        );
    }

    /* CASH */

    function test_O1_deposit_followsTheMatrix() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _enforce("deposit", ETH, this.actDeposit);
    }

    function actDeposit() external returns (string memory) {
        uint256 before = _cash(alice);
        _fund(alice, 100e18);
        return _cash(alice) == before + 100e18 ? "yes" : "wrong";
    }

    /// @dev CASH-1
    function test_O1_withdraw_followsTheMatrix_whenFlat() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _trade(alice, ETH, -20e18);
        _wait(ETH, 2_000, 1_500); // the edge of closing is paid
        _settle(alice);
        _enforce("withdrawFlat", ETH, this.actWithdrawAll);
    }

    function actWithdrawAll() external returns (string memory) {
        uint256 amount = _cash(alice) / 1e12;
        vm.prank(alice.owner());
        house.withdraw(alice, amount, alice.owner());
        return _cash(alice) < 1e12 ? "yes" : "wrong";
    }

    /// @dev Without a valid price the position counts shocked against the account, and the rest is still free.
    function test_O1_withdraw_followsTheMatrix_whenInAMarket() public {
        _open(alice, ETH, 20_000e18, 20e18);
        _enforce("withdraw", ETH, this.actWithdrawFree);
    }

    function actWithdrawFree() external returns (string memory outcome) {
        uint256 free = house.freeCashOf(alice);
        outcome = _compare(free);
        vm.prank(alice.owner());
        house.withdraw(alice, free / 1e12, alice.owner());
    }

    /* SETTLING */

    /// @dev PAID-1: nothing matures or is paid while a price cannot be trusted.
    function test_O1_settle_followsTheMatrix_whenGaining() public {
        _openBoth();
        _price(ETH, 2_100);
        _settle(bob);
        _wait(ETH, 2_100, 1_500);
        _enforce("settleGain", ETH, this.actSettleAlice);
    }

    function test_O1_settle_followsTheMatrix_whenLosing() public {
        _openBoth();
        _price(ETH, 1_950);
        _wait(ETH, 1_950, 1_500);
        _enforce("settleLoss", ETH, this.actSettleAlice);
    }

    function actSettleAlice() external returns (string memory) {
        uint256 before = _cash(alice);
        _settle(alice);
        return _cash(alice) == before ? "nothing" : "yes";
    }

    function test_O1_touch_followsTheMatrix() public {
        _bankrupt();
        _resolve(alice);
        _price(ETH, 1_600);
        _enforce("touch", ETH, this.actTouch);
    }

    function actTouch() external returns (string memory) {
        house.touch(bob, ETH, 1);
        return house.positionOf(bob, ETH).eventsSeen == 2 ? "yes" : "nothing";
    }

    /* TRADING */

    function test_O1_trade_followsTheMatrix_whenOpening() public {
        _fund(alice, 10_000e18);
        _enforce("open", ETH, this.actBuy);
    }

    function actBuy() external returns (string memory) {
        _trade(alice, ETH, 1e18);
        return "yes";
    }

    function test_O1_trade_followsTheMatrix_whenReducing() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _enforce("reduce", ETH, this.actSell);
    }

    function actSell() external returns (string memory) {
        _trade(alice, ETH, -1e18);
        return "yes";
    }

    /// @dev O7: a market without a price takes margin from the others, and nothing else.
    function test_O1_trade_followsTheMatrix_whenOpeningElsewhere() public {
        _open(alice, ETH, 20_000e18, 20e18);
        _enforce("openElsewhere", ETH, this.actBuyElsewhere);
    }

    function actBuyElsewhere() external returns (string memory) {
        feeds[1].push(40_000e8);
        // The most that margin allows, by bisection over lots of a tenth.
        uint256 low;
        uint256 high = 100;
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            uint256 snapshot = vm.snapshotState();
            try house.trade(_request(alice, BTC, int256(middle) * 0.1e18)) {
                low = middle;
            } catch {
                high = middle;
            }
            vm.revertToState(snapshot);
        }
        if (low == 0) _trade(alice, BTC, 0.1e18); // for its error
        return _compare(low);
    }

    function test_O1_trade_followsTheMatrix_whenReducingElsewhere() public {
        _open(alice, ETH, 20_000e18, 20e18);
        _trade(alice, BTC, 1e18);
        _enforce("reduceElsewhere", ETH, this.actSellElsewhere);
    }

    function actSellElsewhere() external returns (string memory) {
        feeds[1].push(40_000e8);
        _trade(alice, BTC, -1e18);
        return _size(alice, BTC) == 0 ? "yes" : "wrong";
    }

    /* ORDERS */

    function test_O1_commit_followsTheMatrix() public {
        _arrangeOrder();
        _enforce("commitOrder", ETH, this.actCommit);
    }

    function actCommit() external returns (string memory) {
        _commit(IDelayedOrders.TriggerKind.None, 0);
        return "yes";
    }

    function test_O1_execute_followsTheMatrix() public {
        _arrangeOrder();
        id = _commit(IDelayedOrders.TriggerKind.None, 0);
        _price(ETH, 2_000);
        _enforce("executeOrder", ETH, this.actExecute);
    }

    function actExecute() external returns (string memory) {
        orders.execute(id, keeper);
        return "yes";
    }

    function test_O1_cancel_followsTheMatrix() public {
        _arrangeOrder();
        id = _commit(IDelayedOrders.TriggerKind.Stop, 2_500e18);
        _price(ETH, 2_000);
        _enforce("cancelOrder", ETH, this.actCancel);
    }

    function actCancel() external returns (string memory) {
        vm.prank(alice.owner());
        orders.cancel(id);
        return "yes";
    }

    /* LIQUIDATION AND DEFAULT */

    /// @dev G8
    function test_O1_liquidate_followsTheMatrix() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _price(ETH, 1_925);
        _enforce("liquidate", ETH, this.actLiquidate);
    }

    function actLiquidate() external returns (string memory) {
        ILiquidationEngine.Plan memory preview = house.previewLiquidation(alice, ETH);
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        assertEq(abi.encode(plan), abi.encode(preview), "preview");
        return plan.closeSize == 0 ? "nothing" : "yes";
    }

    /// @dev G8
    function test_O1_takeOver_followsTheMatrix() public {
        _open(bob, ETH, 10_000e18, -80e18);
        _open(alice, ETH, 10_000e18, 80e18);
        _fund(carol, 100_000e18);
        _price(ETH, 1_925);
        _mark(alice);
        _enforce("takeOver", ETH, this.actTakeOver);
    }

    function actTakeOver() external returns (string memory) {
        int256 size = _size(alice, ETH);
        ILiquidationEngine.TakeOverPlan memory plan = house.takeOver(
            IClearingHouse.TakeOverRequest({
                account: alice,
                market: ETH,
                taker: carol,
                maxSize: type(uint256).max,
                limitPrice: type(uint256).max,
                deadline: vm.getBlockTimestamp(),
                expectedVersion: 0,
                data: ""
            })
        );
        assertEq(size - _size(alice, ETH), int256(plan.takeSize));
        return plan.takeSize == 0 ? "nothing" : "yes";
    }

    /// @dev G8
    function test_O1_resolve_followsTheMatrix() public {
        _open(alice, ETH, 10_000e18, 80e18);
        _price(ETH, 1_870);
        assertLt(_equity(alice), 0);
        _enforce("resolve", ETH, this.actResolve);
    }

    function actResolve() external returns (string memory) {
        _resolve(alice);
        return _size(alice, ETH) == 0 ? "yes" : "nothing";
    }

    /// @dev G8. Regression: an account that would be bankrupt even after the shock in its favour lost its liquidation deposit to a
    /// resolution that could take nothing over.
    function test_O1_resolve_movesNothing_whenEvenTheShockLeavesItBankrupt() public {
        _bankrupt();
        IClearingHouse.AccountState memory before = house.accountOf(alice);
        for (uint256 state = uint256(Feed.Stale); state <= uint256(Feed.Invalid); ++state) {
            uint256 snapshot = vm.snapshotState();
            _set(Feed(state));
            assertLt(_equity(alice), 0, "bankrupt whatever the price may be");
            (bool success, bytes memory reason) = address(house).call(
                abi.encodeCall(IClearingHouse.resolve, (alice, new AccountId[](0), keeper))
            );
            assertFalse(success, "nothing could be taken over");
            assertEq(bytes32(bytes4(reason)), bytes32(IClearingHouse.PriceNotValid.selector));
            assertEq(abi.encode(house.accountOf(alice)), abi.encode(before), "untouched");
            vm.revertToState(snapshot);
        }
        _resolve(alice);
    }

    function test_O1_unwind_followsTheMatrix() public {
        _arrangeInventory();
        _enforce("unwind", ETH, this.actUnwind);
    }

    function actUnwind() external returns (string memory) {
        return house.unwind(ETH) == 0 ? "nothing" : "yes";
    }

    function test_O1_tearUp_followsTheMatrix() public {
        _arrangeInventory();
        skipSeconds(700);
        _price(ETH, 1_600);
        _enforce("tearUp", ETH, this.actTearUp);
    }

    function actTearUp() external returns (string memory) {
        house.tearUp(ETH);
        return "yes";
    }

    /// @dev The pool keeps 200 000 USD and is short 900 ETH.
    function test_O1_tearUpPool_followsTheMatrix() public {
        vm.prank(pools[0].owner());
        house.withdraw(pools[0], (POOL_USD - 200_000e18) / 1e12, pools[0].owner());
        _open(alice, ETH, 400_000e18, 900e18);
        _price(ETH, 2_175);
        assertTrue(_mark(pools[0]));
        skipSeconds(60);
        _enforce("tearUpPool", ETH, this.actTearUpPool);
    }

    function actTearUpPool() external returns (string memory) {
        house.tearUpPool(ETH);
        return "yes";
    }

    function test_O1_bookLoss_followsTheMatrix() public {
        _bankrupt();
        _open(carol, ETH, 10_000e18, 1e18);
        // The second deficit within the gap waits.
        AccountId dora = _trader("dora");
        vm.prank(dora.owner());
        house.setDelegate(dora, address(this), 1);
        _open(dora, ETH, 10_000e18, 80e18);
        _resolve(alice);
        _price(ETH, 1_450);
        _resolve(dora);
        assertGt(house.marketOf(ETH).pendingLossUsd, 100e18, "a loss waits");
        skipSeconds(61);
        _price(ETH, 1_450);
        _enforce("bookLoss", ETH, this.actBookLoss);
    }

    function actBookLoss() external returns (string memory) {
        house.bookLoss(ETH);
        return house.marketOf(ETH).pendingLossUsd == 0 ? "yes" : "nothing";
    }

    /// @dev 12 000 USD of fund stand behind 100 000 USD of open interest, of which the market wants a quarter.
    function test_O1_refreshCoverage_followsTheMatrix() public {
        _open(alice, ETH, 20_000e18, 25e18);
        risk.setCoverTerms(ETH, IRiskEngine.CoverTerms(0.5e18, 0, 0.12e18, 0, 0));
        _enforce("refreshCoverage", ETH, this.actRefreshCoverage);
    }

    function actRefreshCoverage() external returns (string memory) {
        house.refreshCoverage(ETH);
        return house.coverageOf(ETH).level == CoverageLevel.Low ? "yes" : "nothing";
    }

    /* THE END OF A MARKET */

    function test_O1_noteOutage_followsTheMatrix() public {
        _enforce("noteOutage", ETH, this.actNoteOutage);
    }

    function actNoteOutage() external returns (string memory) {
        house.noteOutage(ETH);
        return house.windDownOf(ETH).outageAt == vm.getBlockTimestamp() ? "yes" : "nothing";
    }

    /// @dev A notice has run out, and no outage was noted: no moment without a price is used for an end at another one.
    function test_O1_windDown_followsTheMatrix_whenANoticeHasRunOut() public {
        house.announceWindDown(ETH, 2_000e18);
        skipSeconds(2 days);
        _price(ETH, 2_000);
        _enforce("windDown", ETH, this.actWindDown);
    }

    function actWindDown() external returns (string memory) {
        house.windDown(ETH);
        return house.woundDownMarkets() == ETH.bit() ? "yes" : "nothing";
    }

    function test_O1_announceWindDown_followsTheMatrix() public {
        _enforce("announceWindDown", ETH, this.actAnnounce);
    }

    function actAnnounce() external returns (string memory) {
        house.announceWindDown(ETH, 2_000e18);
        return "yes";
    }

    /// @dev A market that has ended has a price for good: what is left there to do is done in every state of its feed.
    function test_O1_settle_actsInEveryState_whenTheMarketIsWoundDown() public {
        _openBoth();
        _price(ETH, 1_950);
        house.announceWindDown(ETH, 1_950e18);
        skipSeconds(2 days);
        _price(ETH, 1_950);
        house.windDown(ETH);
        subject = ETH;
        oracle.poke(ETH.bit());
        skipSeconds(1 days);
        feeds[0].push(1_950e8);
        oracle.poke(ETH.bit());
        skipSeconds(12);
        for (uint256 state; state <= uint256(Feed.Invalid); ++state) {
            uint256 snapshot = vm.snapshotState();
            _set(Feed(state));
            uint256 before = _cash(bob);
            _settle(alice);
            _settle(bob);
            assertEq(house.accountOf(alice).markets, 0, _nameOf(Feed(state)));
            assertEq(house.accountOf(bob).markets, 0, _nameOf(Feed(state)));
            assertGt(_cash(bob), before + 900e18, _nameOf(Feed(state)));
            vm.revertToState(snapshot);
        }
    }

    /* THE POOL */

    function test_O1_requestDeposit_followsTheMatrix() public {
        _arrangePool();
        _enforce("requestPoolShares", SOL, this.actRequest);
    }

    function actRequest() external returns (string memory) {
        _request(luis, 100);
        _requestRedemption(lena, 100e18);
        return "yes";
    }

    function test_O1_processDeposit_followsTheMatrix() public {
        _arrangePool();
        _enforce("processPoolDeposit", SOL, this.actProcessDeposit);
    }

    function actProcessDeposit() external returns (string memory) {
        return pool.processDeposit(id) == 0 ? "nothing" : "yes";
    }

    function test_O1_processRedemptions_followsTheMatrix() public {
        _arrangePool();
        _enforce("processPoolRedemptions", SOL, this.actProcessRedemptions);
    }

    function actProcessRedemptions() external returns (string memory) {
        return pool.processRedemptions(1) == 0 ? "nothing" : "yes";
    }

    /* POWERS */

    function test_O1_setMarketTerms_followsTheMatrix() public {
        _open(alice, ETH, 10_000e18, 20e18);
        _enforce("setMarketTerms", ETH, this.actSetTerms);
    }

    function actSetTerms() external returns (string memory) {
        house.setMarketTerms(ETH, house.termsOf(ETH));
        return "yes";
    }

    function test_O1_setMarketMode_followsTheMatrix() public {
        _enforce("setMarketMode", ETH, this.actSetMode);
    }

    function actSetMode() external returns (string memory) {
        house.setMarketMode(ETH, IClearingHouse.MarketMode.Halted);
        return "yes";
    }

    function test_O1_acceptJump_followsTheMatrix() public {
        _enforce("acceptJump", ETH, this.actAcceptJump);
    }

    function actAcceptJump() external returns (string memory) {
        oracle.acceptJump(ETH, 2);
        return "yes";
    }

    /* THE MATRIX */

    /// @dev Tries `act` with the feed of `market` in every state, from one state of the house.
    function _enforce(string memory action, MarketId market, function() external returns (string memory) act) private {
        subject = market;
        // The last valid price is the last that was observed. What is stored in this block would be reused, hence the next.
        oracle.poke(market.bit());
        skipSeconds(12);
        for (uint256 state; state <= uint256(Feed.Invalid); ++state) {
            uint256 snapshot = vm.snapshotState();
            _set(Feed(state));
            string memory outcome = _outcomeOf(act);
            if (state == uint256(Feed.Valid)) {
                // Kept beyond the snapshot: later states are compared with it.
                uint256 amount = amountAtValid;
                vm.revertToState(snapshot);
                amountAtValid = amount;
            } else {
                vm.revertToState(snapshot);
            }
            string memory column = _nameOf(Feed(state));
            string memory expected = vm.parseJsonString(matrix, string.concat(".", action, ".", column));
            assertEq(outcome, expected, string.concat(action, " at ", column));
        }
        amountAtValid = 0;
    }

    function _outcomeOf(function() external returns (string memory) act) private returns (string memory) {
        try act() returns (string memory outcome) {
            return outcome;
        } catch (bytes memory reason) {
            return _errorOf(bytes4(reason));
        }
    }

    /// @dev Brings the feed of the market at issue into a state, and checks that the router sees it so.
    function _set(Feed state) private {
        int256 last = int256(oracle.recordOf(subject).price / 1e10);
        if (state == Feed.AgeAtLimit || state == Feed.Stale) {
            uint256 publishedAt = oracle.peek(subject.bit())[0].publishedAt;
            vm.warp(publishedAt + MAX_AGE + (state == Feed.Stale ? 1 : 0));
        } else if (state == Feed.Deviating) {
            // A second source that agreed when it was set, and is 5 % away now.
            IFeedControl second = IFeedControl(deploy("ReplayFeed", abi.encode(address(this), "second", uint8(8))));
            second.push(last);
            ISecondSource(address(oracle)).setSecondary(
                subject,
                ISecondSource.SecondaryConfig({feed: address(second), maxAge: MAX_AGE, maxDeviation: 0.02e18})
            );
            second.push((last * 105) / 100);
        } else if (state == Feed.OutOfBounds) {
            _push(1e8);
        } else if (state == Feed.Jump) {
            _push(last * 3);
        } else if (state == Feed.SequencerDown) {
            sequencer.goDown();
        } else if (state == Feed.Invalid) {
            _push(0);
        }
        assertEq(uint256(oracle.peek(subject.bit())[0].status), uint256(_statusOf(state)), "arrangement");
    }

    function _push(int256 answer) private {
        if (subject == SOL) feed.push(answer);
        else feeds[MarketId.unwrap(subject)].push(answer);
    }

    function _statusOf(Feed state) private pure returns (PriceStatus) {
        if (state == Feed.Stale) return PriceStatus.Stale;
        if (state == Feed.Deviating) return PriceStatus.Deviating;
        if (state == Feed.OutOfBounds) return PriceStatus.OutOfBounds;
        if (state == Feed.Jump) return PriceStatus.Jump;
        if (state == Feed.SequencerDown) return PriceStatus.SequencerDown;
        if (state == Feed.Invalid) return PriceStatus.Invalid;
        return PriceStatus.Valid;
    }

    function _nameOf(Feed state) private pure returns (string memory) {
        if (state == Feed.Valid) return "Valid";
        if (state == Feed.AgeAtLimit) return "AgeAtLimit";
        if (state == Feed.Stale) return "Stale";
        if (state == Feed.Deviating) return "Deviating";
        if (state == Feed.OutOfBounds) return "OutOfBounds";
        if (state == Feed.Jump) return "Jump";
        if (state == Feed.SequencerDown) return "SequencerDown";
        return "Invalid";
    }

    function _errorOf(bytes4 selector) private pure returns (string memory) {
        if (selector == IClearingHouse.PriceNotValid.selector) return "PriceNotValid";
        if (selector == IClearingHouse.AccountNotBankrupt.selector) return "AccountNotBankrupt";
        if (selector == IDelayedOrders.OrderNotExecutable.selector) return "OrderNotExecutable";
        if (selector == ILiquidityPool.PriceNotFresh.selector) return "PriceNotFresh";
        if (selector == ILiquidityPool.RedemptionsWaiting.selector) return "RedemptionsWaiting";
        if (selector == IOracleRouter.JumpNotPending.selector) return "JumpNotPending";
        if (selector == IClearingHouse.MarketHasPrice.selector) return "MarketHasPrice";
        if (selector == IClearingHouse.WindDownNotDue.selector) return "WindDownNotDue";
        return string.concat("another error: ", vm.toString(bytes32(selector)));
    }

    /// @dev Whether an amount is that of the valid price, or less.
    function _compare(uint256 amount) private returns (string memory) {
        if (amountAtValid == 0) amountAtValid = amount;
        if (amount == 0) return "nothing";
        // Funding of an hour is a little.
        if (amount * 1_000 > amountAtValid * 999) return "yes";
        return "less";
    }

    /* ARRANGEMENTS */

    function _openBoth() private {
        _open(alice, ETH, 10_000e18, 20e18);
        _open(bob, ETH, 10_000e18, -20e18);
    }

    /// @dev Alice owes far more than she has, bob is the winner.
    function _bankrupt() private {
        subject = ETH;
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        _price(ETH, 1_600);
        assertLt(_equity(alice), -100_000e18);
        oracle.poke(ETH.bit());
        skipSeconds(12);
    }

    /// @dev The resolution account holds what was alice's.
    function _arrangeInventory() private {
        _bankrupt();
        _trade(bob, ETH, 500e18);
        _open(carol, ETH, 100_000e18, -500e18);
        _resolve(alice);
        assertGt(_size(house.systemAccountOf(ETH, 0), ETH), 0);
    }

    function _arrangeOrder() private {
        _fund(alice, 10_000e18);
        vm.prank(alice.owner());
        house.setDelegate(alice, address(orders), 1);
    }

    function _commit(IDelayedOrders.TriggerKind trigger, uint256 triggerPrice) private returns (uint256) {
        vm.prank(alice.owner());
        return
            orders.commit(
                IDelayedOrders.Order({
                    account: alice,
                    market: ETH,
                    sizeDelta: 1e18,
                    limitPrice: type(uint112).max,
                    reduceOnly: false,
                    trigger: trigger,
                    triggerPrice: triggerPrice,
                    keeperFeeUsd: 0,
                    expiry: vm.getBlockTimestamp() + 10 hours
                })
            );
    }

    /// @dev The pool has a position, and a deposit and a redemption are ready.
    function _arrangePool() private {
        _provide(100_000);
        _skew(100e18);
        id = _request(luis, 500);
        _requestRedemption(lena, 1_000e18);
        _skip(DELAY, 100);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {BackstopScenarios} from "../support/BackstopScenarios.sol";

/// @notice Stakers against each other, against traders, and against the house.
contract Backstop_adversarial_Test is BackstopScenarios {
    /* S2: NOBODY LEAVES BEFORE A LOSS */

    /// @dev Lena asks a second before the fall, and leaves as soon as she can: she bears what luis bears.
    function test_S2_redeem_bearsTheLoss_whenAskedForJustBefore() public {
        _stake(lena, 100_000e18);
        _stake(luis, 100_000e18);
        _ripe();
        pool.take(alice, ETH);
        _cool(lena, 100_000e18);
        _price(ETH, 1_700);
        if (_equity(alice) < 0) _resolve(alice);
        _mark(alice);
        _wait(ETH, 1_700, 600);
        _passCooldown(1_700, 40_000);
        uint256 worth = vault.previewRedeem(100_000e18);
        assertLt(worth, 96_000e18, "half of the loss");
        uint256 most = vault.maxRedeem(lena);
        _redeem(lena, most);
        assertApproxEqRel(vault.previewRedeem(100_000e18), worth, 1e12, "luis has what he had");
    }

    /// @dev Asking again every day keeps no window open: each time the clock starts anew.
    function test_S2_redeem_hasNoWindow_whenAskedForAgainAndAgain() public {
        _stake(lena, 100_000e18);
        for (uint256 i; i < 5; ++i) {
            _cool(lena, 100_000e18);
            skipSeconds(COOLDOWN - 1);
            assertEq(vault.maxRedeem(lena), 0);
        }
    }

    /// @dev A loss that everybody can see coming, in an account that is marked, is nobody's to dodge.
    function test_S2_redeem_waits_whenTheLossIsInSight() public {
        _stake(lena, 100_000e18);
        _cool(lena, 100_000e18);
        _passCooldown(2_000, 40_000);
        _distressDeeply();
        _mark(alice);
        assertEq(vault.maxRedeem(lena), 0);
        skipSeconds(PAUSE);
        pool.take(alice, ETH);
        _price(ETH, 1_905);
        _mark(alice);
        // The account was restored; the pool's position has lost. Only now the gate opens.
        assertLe(house.totalShortfallUsd(), TOLERANCE);
        assertGt(vault.maxRedeem(lena), 0);
        assertLt(vault.previewRedeem(100_000e18), 100_000e18);
    }

    /// @dev A staker with shares in several accounts has several cooldowns, none of which another's shares can use.
    function test_S2_redeem_isForTheSharesThatCooled_whenTheyAreMovedAround() public {
        _stake(lena, 50_000e18);
        _stake(luis, 50_000e18);
        _cool(luis, 50_000e18);
        skipSeconds(COOLDOWN);
        // Luis's window is open: lena's shares pass through it only by using up luis's own.
        vm.prank(lena);
        vault.transfer(luis, 50_000e18);
        assertEq(vault.maxRedeem(luis), 50_000e18);
        _redeem(luis, 50_000e18);
        assertEq(vault.maxRedeem(luis), 0);
        assertEq(vault.balanceOf(luis), 50_000e18);
    }

    /* S2, S4: NOBODY BUYS INTO A GAIN */

    /// @dev The gain of the take is in the price of those who come after it.
    function test_S4_deposit_buysNoGain_whenItComesAfter() public {
        _stake(lena, 100_000e18);
        _ripe();
        uint256 discount = pool.take(alice, ETH).discountUsd;
        uint256 before = vault.convertToAssets(100_000e18);
        assertApproxEqRel(before, 100_000e18 + discount, 1e12);
        uint256 shares = _stake(luis, 1_000_000e18);
        _wait(ETH, 1_908, 1_800);
        pool.checkpoint();
        assertLe(vault.convertToAssets(shares), 1_000_000e18);
        assertApproxEqRel(vault.convertToAssets(100_000e18), before, 1e12);
    }

    /// @dev Whoever comes after a take and leaves as soon as possible takes nothing of it along.
    function testFuzz_S4_deposit_gainsNothing_whenPricesDoNotMove(uint256 amount, uint256 size) public {
        amount = bound(amount, 1e18, 5_000_000e18);
        _stake(lena, bound(size, 50_000e18, 1_000_000e18));
        _ripe();
        pool.take(alice, ETH);
        uint256 shares = _stake(luis, amount);
        _cool(luis, shares);
        for (uint256 i; i < 3; ++i) _wait(ETH, 1_908, 600);
        skipSeconds(COOLDOWN);
        _publish(1_908, 40_000);
        _mark(alice);
        pool.checkpoint();
        assertLe(vault.previewRedeem(shares), amount, "ROUND-1");
    }

    /* S3: DONATION AND INFLATION */

    function testFuzz_S3_deposit_robsNobody_whenTheFirstStakerDonates(
        uint256 kept,
        uint256 donation,
        uint256 amount
    ) public {
        kept = bound(kept, 1, 100e18);
        donation = bound(donation, 1e6, 100_000_000e18);
        amount = bound(amount, 1_000e18, 10_000_000e18);
        _stake(lena, kept);
        uint256 worthBefore = vault.previewRedeem(kept);
        _fund(poolAccount, donation);
        uint256 shares = _stake(luis, amount);
        // A trillionth of what the pool owns, and a millionth of a USD.
        uint256 unit = (donation + kept + amount) / 1e12 + VIRTUAL + 2;
        assertGe(vault.previewRedeem(shares) + unit, amount, "the victim's shares");
        assertLe(vault.previewRedeem(kept), worthBefore + donation + VIRTUAL, "the attacker gains nothing");
    }

    /// @dev Tokens sent to contracts change no price.
    function test_S3_deposit_ignoresTokensThatAreSent() public {
        _stake(lena, 1_000e18);
        token.mint(address(pool), 1_000_000e18);
        token.mint(address(house), 1_000_000e18);
        assertEq(_stake(luis, 5_000e18), 5_000e18);
    }

    /* L3: DEALING WITH ONESELF */

    /// @dev The victim owns all shares of the pool: all it has together is no more after the take, nor after the way out.
    function testFuzz_L3_take_gainsNothing_whenTheVictimOwnsThePool(uint256 price, uint256 after_) public {
        uint256 shares = _stake(alice.owner(), 300_000e18);
        _open(alice, ETH, 10_000e18, 80e18);
        _open(bob, ETH, 20_000e18, -80e18);
        price = bound(price, 1_895, 1_912);
        _price(ETH, price);
        _mark(alice);
        skipSeconds(PAUSE);
        int256 before = _equity(alice) + int256(_cash(poolAccount));
        uint256 redeemable = vault.previewRedeem(shares);
        if (_refusalOf(alice, ETH) != 0) return;
        pool.take(alice, ETH);
        int256 deposits = int256(house.accountOf(poolAccount).depositUsd);
        if (house.accountOf(alice).markets == 0) deposits -= int256(DEPOSIT_USD);
        assertLe(_equity(alice) + _equity(poolAccount) + deposits, before + 4, "COAL-1");
        assertLe(vault.previewRedeem(shares), redeemable, "nothing of it can be had at once");
        _price(ETH, bound(after_, 1_850, 1_950));
        _assertConserved(_everybody());
    }

    function test_L3_take_isRefused_whenItIsThePoolsOwn() public {
        _stake(lena, 30_000e18);
        pool.setMaxLeverage(10e18);
        AccountId resolution = _strand();
        pool.take(resolution, ETH);
        _price(ETH, 1_440);
        assertLt(_health(poolAccount), 0.66e18);
        assertGt(_equity(poolAccount), 0);
        _mark(poolAccount);
        skipSeconds(PAUSE);
        vm.expectRevert();
        pool.take(poolAccount, ETH);
        // It is an account like any other: keepers and takers restore it.
        ILiquidationEngine.TakeOverPlan memory plan = _takeOver(poolAccount, ETH, ALL);
        assertGt(plan.takeSize, 0);
        _assertConserved(_everybody());
    }

    /* POWERS */

    /// @dev Listed as a venue, the pool has the power over no account but its own.
    function test_take_hasPowerOverItsOwnAccountOnly() public view {
        assertEq(house.powersOf(poolAccount, address(pool)), 1);
        assertEq(house.powersOf(alice, address(pool)), 0);
        assertEq(house.powersOf(poolAccount, address(this)), 0);
    }

    /// @dev Another that trades for the pool's account gets no privilege, since nobody can.
    function test_takeOver_revertsWhenAStrangerNamesThePool() public {
        _ripe();
        IClearingHouse.TakeOverRequest memory request = _take(alice, ETH, ALL);
        request.taker = poolAccount;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, poolAccount, address(this), 1));
        house.takeOver(request);
    }

    /// @dev L12: a skew made for the moment gives the pool no better price, and keeps it from nothing it would take.
    function test_L12_take_isTheSame_whenThePoolIsSkewedFirst() public {
        _stake(lena, 500_000e18);
        _ripe();
        bytes32 fair = keccak256(abi.encode(pool.previewTake(alice, ETH)));
        _open(carol, ETH, 2_000_000e18, -5_000e18);
        assertEq(keccak256(abi.encode(pool.previewTake(alice, ETH))), fair);
    }

    /* PENALTIES */

    /// @dev A share of penalties is the stakers' by the shares they have at that moment.
    function test_liquidate_raisesTheSharePrice() public {
        _stake(lena, 100_000e18);
        _distressAlice();
        ILiquidationEngine.Plan memory plan = house.liquidate(alice, ETH, keeper);
        pool.checkpoint();
        uint256 share = ((plan.penaltyUsd - plan.keeperRewardUsd) * 3) / 10;
        assertApproxEqAbs(_lastPoint().gainUsd, share, 1);
        assertApproxEqAbs(vault.previewRedeem(100_000e18), 100_000e18 + share, 2e12);
    }
}

/// @notice What tests use of the hooked token.
interface IHook {
    function setHook(address target, bytes calldata data) external;

    function hookCalls() external view returns (uint256);

    function lastHookSucceeded() external view returns (bool);

    function lastHookResult() external view returns (bytes memory);
}

/// @notice L2, A6: a token that calls out in the middle of a transfer finds the pool locked, its views too.
contract BackstopReentrancy_adversarial_Test is BackstopScenarios {
    function _deployToken() internal override returns (address) {
        return deploy("HookedToken", abi.encode(_decimals()));
    }

    function _calls() private view returns (bytes[] memory calls) {
        calls = new bytes[](13);
        calls[0] = abi.encodeCall(vault.deposit, (1e18, luis));
        calls[1] = abi.encodeCall(vault.mint, (1e18, luis));
        calls[2] = abi.encodeCall(vault.withdraw, (1e18, luis, lena));
        calls[3] = abi.encodeCall(vault.redeem, (1e18, luis, lena));
        calls[4] = abi.encodeCall(pool.take, (alice, ETH));
        calls[5] = abi.encodeCall(pool.unwind, (ETH));
        calls[6] = abi.encodeCall(pool.checkpoint, ());
        calls[7] = abi.encodeCall(vault.previewDeposit, (1e18));
        calls[8] = abi.encodeCall(vault.previewRedeem, (1e18));
        calls[9] = abi.encodeCall(vault.totalAssets, ());
        calls[10] = abi.encodeCall(vault.maxWithdraw, (lena));
        calls[11] = abi.encodeCall(pool.valuation, ());
        calls[12] = abi.encodeCall(pool.previewTake, (alice, ETH));
    }

    function _expectLocked(uint256 index, uint256 callsBefore) private view {
        IHook hook = IHook(address(token));
        assertGt(hook.hookCalls(), callsBefore, "the token called");
        assertFalse(hook.lastHookSucceeded(), vm.toString(index));
        assertEq(
            bytes32(bytes4(hook.lastHookResult())),
            bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            vm.toString(index)
        );
    }

    /// @dev Each transfer makes the call: the last one is the house's, of the tokens on their way in or out.
    function test_L2_deposit_isLocked_whenTheTokenCallsBack() public {
        _ripe();
        bytes[] memory calls = _calls();
        for (uint256 i; i < calls.length; ++i) {
            uint256 before = IHook(address(token)).hookCalls();
            IHook(address(token)).setHook(address(pool), calls[i]);
            assertEq(_stake(lena, 1_000e18), 1_000e18);
            _expectLocked(i, before);
        }
    }

    function test_L2_redeem_isLocked_whenTheTokenCallsBack() public {
        _stake(lena, 100_000e18);
        _cool(lena, 100_000e18);
        skipSeconds(COOLDOWN);
        bytes[] memory calls = _calls();
        for (uint256 i; i < calls.length; ++i) {
            uint256 before = IHook(address(token)).hookCalls();
            IHook(address(token)).setHook(address(pool), calls[i]);
            _redeem(lena, 1_000e18);
            _expectLocked(i, before);
        }
    }
}

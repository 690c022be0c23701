// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBackstopPool} from "../../contracts/interfaces/IBackstopPool.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {BackstopScenarios} from "../support/BackstopScenarios.sol";

/// @notice Random histories of the backstop among traders in distress: stakers come and go, positions are taken, closed, liquidated and resolved, prices move.
/// After every step the house is conserved, the pool's equity is what came in and what it gained less what left and what it lost, and nobody who leaves has more than
/// the pool could give.
contract BackstopCampaign_adversarial_Test is BackstopScenarios {
    uint256 private constant STEPS = 40;

    uint256 private _seed;
    uint256 private _price0 = 2_000;
    int256 private _flowsUsd;
    AccountId[] private _holders;

    // How often each thing happened: a history in which nothing does proves nothing.
    uint256 private _takes;
    uint256 private _slices;
    uint256 private _redemptions;

    function setUp() public override {
        super.setUp();
        _holders = [alice, bob, carol, poolAccount];
        _enter(lena, 200_000e18);
        _enter(luis, 100_000e18);
    }

    /* STEPS */

    function _random(uint256 count) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % count;
    }

    function _staker() private returns (address) {
        return _random(2) == 0 ? lena : luis;
    }

    function _enter(address staker, uint256 amount) private {
        _stake(staker, amount);
        _flowsUsd += int256(amount);
    }

    function _step() private {
        uint256 kind = _random(8);
        if (kind == 0) {
            uint256 amount = 1e18 + _random(50_000e18);
            if (amount <= vault.maxDeposit(lena)) _enter(_staker(), amount);
        } else if (kind == 1) {
            address staker = _staker();
            _cool(staker, _random(vault.balanceOf(staker) + 1));
        } else if (kind == 2) {
            _leave(_staker());
        } else if (kind == 3) {
            _move(_random(240) + 1_880);
            _keep();
            skipSeconds(PAUSE);
            _move(_price0);
            _keep();
        } else if (kind == 4) {
            _newTrader();
        } else if (kind == 5) {
            skipSeconds(_random(2) == 0 ? PAUSE : COOLDOWN);
            _move(_price0);
        } else {
            _keep();
        }
    }

    function _leave(address staker) private {
        uint256 most = vault.maxRedeem(staker);
        if (most == 0) return;
        uint256 shares = 1 + _random(most);
        uint256 preview = vault.previewRedeem(shares);
        if (preview == 0) return;
        assertEq(_redeem(staker, shares), preview, "preview");
        _flowsUsd -= int256(preview);
        ++_redemptions;
    }

    function _move(uint256 price) private {
        _price0 = price;
        skipSeconds(12);
        _publish(price, 40_000);
        oracle.poke(ETH.bit() | BTC.bit());
    }

    /// @dev A trader with little, new or back again, and carol, who has much, on the other side where she can.
    function _newTrader() private {
        AccountId trader;
        if (_holders.length < 12) {
            trader = _trader(string.concat("trader ", vm.toString(_holders.length)));
            _holders.push(trader);
        } else {
            trader = _holders[4 + _random(8)];
            if (house.accountOf(trader).markets != 0) return;
        }
        int256 size = int256(20e18 + 1e18 * _random(40));
        if (_random(2) == 0) size = -size;
        uint256 notional = uint256(size > 0 ? size : -size) * _price0;
        _open(trader, ETH, notional / 18, size);
        _fund(carol, notional / 8);
        try house.trade(_request(carol, ETH, -size)) {} catch {}
    }

    /// @dev What keepers would do: resolve or mark whom they find, take where the pool bids, sometimes slice, and close what the pool holds.
    function _keep() private {
        for (uint256 i; i < _holders.length; ++i) {
            AccountId account = _holders[i];
            if (house.accountOf(account).markets == 0) continue;
            if (_equity(account) < 0) {
                _resolve(account);
                continue;
            }
            _mark(account);
            if (_refusalOf(account, ETH) == 0) {
                _poolTakes(account, ETH);
                ++_takes;
            } else if (_random(8) == 0) {
                house.liquidate(account, ETH, keeper);
            }
        }
        AccountId resolution = house.systemAccountOf(ETH, 0);
        if (_refusalOf(resolution, ETH) == 0) _poolTakes(resolution, ETH);
        (int256 sizeDelta, uint256 allowedAt) = pool.previewUnwind(ETH);
        if (sizeDelta != 0 && vm.getBlockTimestamp() >= allowedAt && _random(3) == 0) {
            assertEq(pool.unwind(ETH), sizeDelta, "preview");
            ++_slices;
        }
    }

    /* CHECKS */

    function _check() private {
        _assertConserved(_holders);
        if (oracle.peek(ETH.bit())[0].publishedAt + 3_600 < vm.getBlockTimestamp()) return;
        pool.checkpoint();
        IBackstopPool.HistoryPoint memory point = _lastPoint();
        IBackstopPool.BackstopValuation memory worth = pool.valuation();
        assertEq(_flowsUsd + int256(point.gainUsd) - int256(point.lossUsd), worth.equityUsd, "flows, gains and losses");
        assertLe(
            int256(worth.redeemableUsd),
            worth.equityUsd < 0 ? int256(0) : worth.equityUsd,
            "redeemable above equity"
        );
        uint256 shares = vault.balanceOf(lena) + vault.balanceOf(luis);
        assertEq(vault.totalSupply(), shares);
        assertLe(vault.previewRedeem(shares), worth.redeemableUsd, "more promised than there is");
        assertLe(pool.cooldownOf(lena).shares, vault.balanceOf(lena));
    }

    function testFuzz_backstop_conserves(uint256 seed) public {
        _seed = seed;
        for (uint256 i; i < STEPS; ++i) {
            _step();
            _check();
        }
    }

    /// @dev One history, long enough for everything to happen.
    function test_backstop_conserves_whenTheHistoryIsLong() public {
        _seed = 7;
        for (uint256 i; i < 300; ++i) {
            _step();
            if (i % 10 == 0) _check();
        }
        _check();
        assertGt(_takes, 2, "takes");
        assertGt(_slices, 2, "slices");
        assertGt(_redemptions, 2, "redemptions");
    }
}

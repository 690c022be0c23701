// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {TakeOverScenarios} from "../support/TakeOverScenarios.sol";

/// @notice A history of a market whose pool is thin: traders open and close, prices wander, pools and accounts are marked, torn up against and resolved. After every
/// step the books are conserved and the side sums are those of the positions with tear-ups applied; a tear-up leaves the pool sound and moves no equity.
contract PoolTearUpCampaign_adversarial_Test is TakeOverScenarios {
    uint256 private constant STEPS = 500;
    uint256 private constant TRADERS = 6;
    uint256 private constant WAIT = 20;
    /// @dev Units by which truncation may have moved a sum, per event and trader.
    uint256 private constant DUST = 2;

    uint256 private _seed;
    uint256 private _index = 2_000e8;
    AccountId private _pool;
    AccountId[] private _traders;

    // How often each thing happened: a history in which nothing does proves nothing.
    uint256 private _poolTearUps;
    uint256 private _wholeSides;
    uint256 private _inventoryTearUps;
    uint256 private _bankruptPools;
    uint256 private _resolutions;

    function setUp() public override {
        super.setUp();
        _pool = pools[0];
        _withdraw(_pool, POOL_USD - 150_000e18);
        for (uint256 i; i < TRADERS; ++i) _traders.push(_trader(string.concat("wanderer ", vm.toString(i))));
        _traders.push(carol);
    }

    function test_tearUpPool_keepsTheBooks_whenTheHistoryIsLong() public {
        _seed = 20_251_010;
        for (uint256 i; i < STEPS; ++i) {
            _step(_random(12));
            _check();
        }
        for (uint256 i; i < _traders.length; ++i) house.touch(_traders[i], ETH, type(uint256).max);
        _check();
        int256 mirror = house.positionOf(house.systemAccountOf(ETH, 1), ETH).storedSize;
        assertApproxEqAbs(mirror, 0, DUST * TRADERS * house.marketOf(ETH).events, "the mirror is empty");
        assertGt(_poolTearUps, 10, "tear-ups against the pool");
        assertGt(_wholeSides, 0, "of everything that it held");
        assertGt(_inventoryTearUps, 2, "tear-ups for inventory");
        assertGt(_bankruptPools, 0, "bankrupt pools");
        assertGt(_resolutions, 5, "defaults");
    }

    /* STEPS */

    function _random(uint256 count) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % count;
    }

    function _step(uint256 kind) private {
        if (kind < 3) _tradeSomething();
        else if (kind < 6) _move(_random(2) == 0 ? 9_700 + _random(300) : 10_000 + _random(310));
        else if (kind == 6) _keepPool();
        else if (kind == 7) _resolveAll();
        else if (kind == 8) _tearInventory();
        else if (kind == 9) house.touch(_traders[_random(TRADERS)], ETH, 1 + _random(4));
        else if (kind == 10) _sink();
        else _liquidateAll();
    }

    function _publish(uint256 answer) private {
        _index = answer;
        skipSeconds(12);
        feeds[0].push(int256(_index));
    }

    /// @dev Towards 2 000 again where it has gone far.
    function _move(uint256 factor) private {
        if (_index > 3_500e8) factor = 9_500;
        if (_index < 1_100e8) factor = 10_500;
        _publish((_index * factor) / 10_000);
    }

    function _tradeSomething() private {
        AccountId account = _traders[_random(TRADERS)];
        house.touch(account, ETH, type(uint256).max);
        int256 size = _size(account, ETH);
        int256 delta = size != 0 && _random(3) == 0 ? -size : int256(1 + _random(200)) * 1e18;
        if (size == 0 && _random(2) == 0) delta = -delta;
        if (delta != -size) _fund(account, uint256(delta > 0 ? delta : -delta) * 120);
        // The pool may be too weak for it.
        try house.trade(_request(account, ETH, delta)) {} catch {}
    }

    /// @dev The price runs against the pool until it is below maintenance margin; sometimes until next to nothing is left, sometimes further.
    function _sink() private {
        int256 size = _size(_pool, ETH);
        if (size == 0) return;
        _settle(_pool);
        uint256 free = house.freeCashOf(_pool);
        if (free > 10e18) _withdraw(_pool, (free * 9) / 10);
        for (uint256 i; i < 40 && _health(_pool) >= 1e18; ++i)
            _publish((_index * (size > 0 ? 9_950 : 10_050)) / 10_000);
        if (_random(4) == 0) _publish((_index * (size > 0 ? 9_700 : 10_300)) / 10_000);
        _keepPool();
    }

    /// @dev What keepers do for a pool; whoever provides liquidity comes back after it is gone.
    function _keepPool() private {
        if (_equity(_pool) < 0) {
            // A recent charge or a refund may be all that is missing.
            try house.resolve(_pool, new AccountId[](0), keeper) {
                ++_bankruptPools;
                _fund(_pool, 150_000e18);
            } catch {}
            return;
        }
        if (!_mark(_pool)) return;
        skipSeconds(WAIT);
        feeds[0].push(int256(_index));
        if (_random(5) == 0) _shrinkToNothing();
        if (_health(_pool) >= 1e18 || _equity(_pool) < 0 || _magnitude(_pool) < 0.001e18) return;
        house.claimRefunds(_pool, ETH, 100);
        if (_health(_pool) >= 1e18) return;
        int256 equity = _equity(_pool);
        int256 others = _equityOfTraders();
        bool isWhole = house.tearUpPool(ETH).code == ILiquidationEngine.PlanCode.Full;
        ++_poolTearUps;
        if (isWhole) ++_wholeSides;
        assertApproxEqAbs(_equity(_pool), equity, 2, "the pool's equity moved");
        assertApproxEqAbs(_equityOfTraders(), others, 2 * _traders.length, "the traders' equity moved");
        if (!isWhole) assertGe(_health(_pool), 1.15e18 - 1, "not sound");
        if (_cash(_pool) < 50_000e18) _fund(_pool, 100_000e18);
    }

    /// @dev The price goes on until no more than a few units of equity are left of the pool.
    function _shrinkToNothing() private {
        int256 size = _size(_pool, ETH);
        for (uint256 i; i < 60 && _equity(_pool) >= 0; ++i) {
            feeds[0].push(int256((_index * (size > 0 ? 9_990 : 10_010)) / 10_000));
            _index = (_index * (size > 0 ? 9_990 : 10_010)) / 10_000;
            skipSeconds(1);
        }
        int256 missing = 2 - _equity(_pool);
        if (missing > 0) _fund(_pool, uint256(missing));
    }

    /// @dev Sometimes after a gap.
    function _resolveAll() private {
        if (_random(2) == 0) _move(_random(2) == 0 ? 9_000 : 11_100);
        for (uint256 i; i < TRADERS; ++i) {
            if (_equity(_traders[i]) >= 0) continue;
            house.touch(_traders[i], ETH, type(uint256).max);
            try house.resolve(_traders[i], new AccountId[](0), keeper) {
                ++_resolutions;
            } catch {}
        }
    }

    function _liquidateAll() private {
        for (uint256 i; i < TRADERS; ++i) {
            house.touch(_traders[i], ETH, type(uint256).max);
            house.liquidate(_traders[i], ETH, keeper);
        }
    }

    function _tearInventory() private {
        uint256 events = house.marketOf(ETH).events;
        skipSeconds(610);
        feeds[0].push(int256(_index));
        uint256 cap = _closePool(ETH);
        (bool done, ) = address(house).call(abi.encodeCall(house.tearUp, (ETH)));
        _capPool(ETH, cap);
        if (done && house.marketOf(ETH).events > events) ++_inventoryTearUps;
    }

    /* CHECKS */

    function _magnitude(AccountId account) private view returns (uint256) {
        int256 size = _size(account, ETH);
        return uint256(size > 0 ? size : -size);
    }

    function _equityOfTraders() private view returns (int256 sum) {
        for (uint256 i; i < _traders.length; ++i) {
            sum += int256(_cash(_traders[i])) + (_size(_traders[i], ETH) * _x()) / 1e18 + _quote(_traders[i], ETH);
        }
    }

    function _x() private view returns (int256) {
        return int256(oracle.peek(ETH.bit())[0].price) - house.marketOf(ETH).fundingIndex;
    }

    /// @dev CONS-1, CONS-2, CONS-3.
    function _check() private view {
        _assertConserved(_traders);
        IClearingHouse.MarketState memory state = house.marketOf(ETH);
        int256 long;
        int256 short;
        for (uint256 i; i <= _traders.length; ++i) {
            AccountId account = i < _traders.length ? _traders[i] : house.systemAccountOf(ETH, 0);
            int256 size = _size(account, ETH);
            if (size > 0) long += size;
            else short -= size;
        }
        uint256 dust = DUST * (TRADERS + 1) * state.events;
        assertApproxEqAbs(int256(state.longOpenInterest), long, dust, "CONS-3: longs");
        assertApproxEqAbs(int256(state.shortOpenInterest), short, dust, "CONS-3: shorts");
    }
}

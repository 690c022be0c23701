// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {MarginKind} from "../../../contracts/types/Portfolio.sol";
import {HouseWorld} from "./HouseWorld.sol";

/// @title TraderHandler
/// @notice What accounts' owners do, and what anybody may do to accounts: pay in and out, trade, settle, touch, claim.
abstract contract TraderHandler is HouseWorld {
    /// @dev D18{USD}, what roundings of one fill may move between two accounts' values.
    uint256 internal constant FILL_DUST = 8;

    function deposit(uint256 who, uint256 amount) public {
        amount = bound(amount, 1, 100_000e6);
        token.mint(address(this), amount);
        _act(abi.encodeCall(house.deposit, (actors[who % ACTORS], amount)), "");
    }

    function withdraw(uint256 who, uint256 amount) public {
        AccountId account = actors[who % ACTORS];
        amount = bound(amount, 1, (2 * _cash(account)) / 1e12 + 1);
        (bool ok, ) = _actAs(
            account.owner(),
            abi.encodeCall(house.withdraw, (account, amount, account.owner())),
            abi.encodePacked(IClearingHouse.FreeCashTooLow.selector, IClearingHouse.EventsPending.selector)
        );
        if (!ok) return;
        _reach("withdrawal");
        if (house.accountOf(account).markets != 0) _assertInitial(account);
    }

    /// @notice Pays in and out again.
    function depositAndWithdraw(uint256 who, uint256 amount) public {
        AccountId account = actors[who % ACTORS];
        amount = bound(amount, 1, 1_000_000e6);
        uint256 before = _cash(account);
        int256 wealthBefore = _wealth(account);
        uint256 freeBefore = _freeOrZero(account);
        token.mint(address(this), amount);
        house.deposit(account, amount);
        (bool ok, ) = _actAs(
            account.owner(),
            abi.encodeCall(house.withdraw, (account, amount, account.owner())),
            abi.encodePacked(IClearingHouse.FreeCashTooLow.selector, IClearingHouse.EventsPending.selector)
        );
        // Who lives on credit draws or repays on the way.
        if (ok && _debtOf(account) == 0)
            assertEq(_cash(account), before, "ROUND-1: deposit and withdrawal changed cash");
        else if (ok) assertLe(_wealth(account), wealthBefore + int256(FILL_DUST), "ROUND-1: paying in and out gained");
        else assertLt(freeBefore, amount * 1e12, "CASH-1: free cash grew by less than was paid in");
    }

    function _freeOrZero(AccountId account) private view returns (uint256) {
        try house.freeCashOf(account) returns (uint256 free) {
            return free;
        } catch {
            return 0;
        }
    }

    /// @notice Opens, adds, reduces, closes or turns a position.
    function trade(uint256 who, uint256 where, uint256 how, uint256 amount) public {
        if (how & 8 != 0) _heartbeat();
        AccountId account = actors[who % ACTORS];
        uint256 m = where % MARKETS;
        if (_cash(account) < 1_000e18) _fund(account, bound(amount, 5_000e18, 50_000e18));
        _trade(account, m, _sizeDelta(account, m, how, amount), how % 7 == 6);
    }

    function _sizeDelta(AccountId account, uint256 m, uint256 how, uint256 amount) internal view returns (int256) {
        int256 size = _size(account, _marketId(m));
        uint256 lot = house.termsOf(_marketId(m)).lotSize;
        uint256 price = oracle.peek(1 << m)[0].price;
        uint256 notional = bound(amount, 250e18, 18 * (_cash(account) + 100e18));
        uint256 freshSize = (notional * 1e18) / price;
        // Seldom more than the pool takes.
        uint256 most = (house.termsOf(_marketId(m)).exposureCap * (how & 16 == 0 ? 1 : 3)) / 2;
        if (freshSize > most) freshSize = most;
        int256 fresh = int256((freshSize / lot + 1) * lot);
        uint256 magnitude = size < 0 ? uint256(-size) : uint256(size);
        how %= 7;
        if (size == 0 || how == 0) return amount & 1 == 0 ? fresh : -fresh;
        if (how == 1 || how == 2) return size > 0 ? fresh : -fresh;
        int256 part = int256(((magnitude * bound(amount, 1, 99)) / 100 / lot + 1) * lot);
        if (how == 3 || how == 6) return size > 0 ? -part : part;
        if (how == 4) return -size;
        return size > 0 ? -int256((magnitude / lot + 1) * lot) - fresh : int256((magnitude / lot + 1) * lot) + fresh;
    }

    /// @dev Trades and checks HEALTH-1 and that nothing was created: what the account, pool, fund and keeper have together is as before.
    function _trade(AccountId account, uint256 m, int256 sizeDelta, bool reduceOnly) internal returns (bool ok) {
        int256 sizeBefore = _size(account, _marketId(m));
        int256 wealthBefore = _wealth(account);
        int256 othersBefore = _wealthOfHouse(m);
        IClearingHouse.TradeRequest memory request = _request(account, _marketId(m), sizeDelta);
        request.reduceOnly = reduceOnly;
        (ok, ) = _act(abi.encodeCall(house.trade, (request)), _tradeRefusals());
        if (!ok) return false;
        int256 wealth = _wealth(account);
        assertApproxEqAbs(
            wealth + _wealthOfHouse(m),
            wealthBefore + othersBefore,
            FILL_DUST,
            "ROUND-1: a trade created value"
        );
        bool reduces = sizeBefore != 0 && (sizeBefore > 0) != (sizeDelta > 0) && _abs(sizeDelta) <= _abs(sizeBefore);
        if (!reduces) {
            _reach(
                sizeBefore == 0
                    ? bytes32("open")
                    : (sizeBefore > 0) == (sizeDelta > 0)
                        ? bytes32("increase")
                        : bytes32("flip")
            );
            _assertInitial(account);
            return true;
        }
        _reach(sizeDelta == -sizeBefore ? bytes32("close") : bytes32("reduce"));
        _assertReduced(account, m, _abs(sizeDelta), wealthBefore - wealth);
    }

    /// @dev HEALTH-1 of a reduction: it leaves no debt, and costs at most the band of 2 % and 5 bp of fee on a price inside it, or ends above initial margin.
    function _assertReduced(AccountId account, uint256 m, uint256 closed, int256 cost) private view {
        (int256 equity, ) = house.marginOf(account, MarginKind.Maintenance);
        assertGe(equity, int256(0), "HEALTH-1: a reduction left a debt");
        (int256 initial, uint256 required) = house.marginOf(account, MarginKind.Initial);
        if (initial >= int256(required)) return;
        uint256 notional = (closed * oracle.peek(1 << m)[0].price) / 1e18;
        assertLe(
            cost,
            int256((notional * 206) / 10_000 + FILL_DUST),
            "HEALTH-1: a reduction cost more than slippage and fee"
        );
    }

    function _tradeRefusals() private pure returns (bytes memory) {
        return
            abi.encodePacked(
                abi.encodePacked(
                    IClearingHouse.PriceNotValid.selector,
                    IClearingHouse.NotAReduction.selector,
                    IClearingHouse.MarketNotOpen.selector,
                    IClearingHouse.PriceBeyondBand.selector,
                    IClearingHouse.PoolExposureExceeded.selector,
                    IClearingHouse.PoolBelowInitialMargin.selector
                ),
                IClearingHouse.PositionBelowMinimum.selector,
                IClearingHouse.CashTooLow.selector,
                IClearingHouse.CoverageTooLow.selector,
                IClearingHouse.AccountBelowInitialMargin.selector,
                IClearingHouse.AccountBankrupt.selector,
                IClearingHouse.EventsPending.selector
            );
    }

    function _assertInitial(AccountId account) internal view {
        (int256 equity, uint256 required) = house.marginOf(account, MarginKind.Initial);
        assertGe(equity, int256(required), "HEALTH-1: below initial margin after adding risk or taking cash");
    }

    /// @notice Opens and closes at one price.
    function roundTrip(uint256 who, uint256 where, uint256 amount) public {
        AccountId account = actors[who % ACTORS];
        uint256 m = where % MARKETS;
        if (_size(account, _marketId(m)) != 0) return;
        int256 before = _wealth(account);
        int256 delta = _sizeDelta(account, m, 0, amount);
        if (!_trade(account, m, delta, false)) return;
        if (!_trade(account, m, -delta, true)) return;
        assertLe(_wealth(account), before + int256(FILL_DUST), "ROUND-1: a round trip gained");
        _reach("round trip");
    }

    /// @notice The owner settles.
    function settleOwn(uint256 who) public {
        AccountId account = actors[who % ACTORS];
        AccountId[] memory accounts = new AccountId[](1);
        accounts[0] = account;
        int256 before = _wealth(account);
        (bool ok, ) = _actAs(
            account.owner(),
            abi.encodeCall(house.settle, (accounts)),
            abi.encodePacked(IClearingHouse.EventsPending.selector)
        );
        // A line that is drawn on rounds up what is owed.
        uint256 dust = _debtOf(account) == 0 ? 0 : FILL_DUST;
        if (ok) assertApproxEqAbs(_wealth(account), before, dust, "CONS-2: settling changed what an account has");
    }

    /// @notice A stranger settles a random set of accounts, pools and fund included.
    function settleOthers(uint256 which) public {
        AccountId[] memory all = new AccountId[](ACTORS + 4);
        uint256 count;
        for (uint256 i; i < all.length; ++i) {
            if ((which >> i) & 1 == 0) continue;
            all[count++] =
                i < ACTORS
                    ? actors[i]
                    : i < ACTORS + 3
                        ? pools[i - ACTORS]
                        : _fundAccount();
        }
        AccountId[] memory accounts = new AccountId[](count);
        for (uint256 i; i < count; ++i) accounts[i] = all[i];
        _actAs(
            keeper.owner(),
            abi.encodeCall(house.settle, (accounts)),
            abi.encodePacked(IClearingHouse.EventsPending.selector)
        );
    }

    function touch(uint256 who, uint256 where, uint256 count) public {
        _act(abi.encodeCall(house.touch, (actors[who % ACTORS], _marketId(where % MARKETS), count % 20)), "");
    }

    function claimRefunds(uint256 who, uint256 where, uint256 count) public {
        uint256 m = where % MARKETS;
        AccountId account = who % 9 == 8 ? pools[m] : actors[who % ACTORS];
        uint256 surplus = house.marketOf(_marketId(m)).surplusUsd;
        int256 before = _wealth(account);
        (bool ok, bytes memory result) = _act(
            abi.encodeCall(house.claimRefunds, (account, _marketId(m), count % 20)),
            abi.encodePacked(IClearingHouse.EventsPending.selector)
        );
        if (!ok) return;
        uint256 refunded = abi.decode(result, (uint256));
        assertEq(_wealth(account), before + int256(refunded), "SOC-1: a refund differs from what it credits");
        if (refunded != 0)
            assertGt(surplus + house.marketOf(_marketId(m)).surplusUsd, 0, "SOC-1: a refund without surplus");
    }

    function _abs(int256 value) internal pure returns (uint256) {
        return value < 0 ? uint256(-value) : uint256(value);
    }
}

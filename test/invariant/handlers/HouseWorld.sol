// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILossWaterfall, Tier} from "../../../contracts/interfaces/ILossWaterfall.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Price} from "../../../contracts/types/Price.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {EagerEvents, Holding} from "../../differential/EagerEvents.sol";
import {HouseFixture} from "../../support/HouseFixture.sol";
import {Vm} from "../../support/Vm.sol";

/// @notice What the world does to feeds beyond publishing.
interface IFeedFaults {
    function deny(address reader) external;

    function allow(address reader) external;
}

/// @title HouseWorld
/// @notice A house with three markets and eight actors, made to be called at random: every call to the house goes through `_act`, which lets pass only the
/// refusals that the interface names for it, counts them, reads the logs and checks on the way what each of them may say (PRICE-1, PAID-1).
/// It keeps its own record of prices and fills, independent of the oracle's buckets.
abstract contract HouseWorld is HouseFixture {
    MarketId internal constant SOL = MarketId.wrap(2);
    uint256 internal constant MARKETS = 3;
    uint256 internal constant ACTORS = 8;
    uint256 internal constant ALL_MARKETS = 7;

    /// @dev An observed price and since when it stood.
    struct Seen {
        uint256 since;
        uint256 price;
    }

    /// @dev A fill of an actor, with the least it can have cost. D18{base}, D18{USD}
    /// @param bucket the oracle's maturity bucket of that time
    struct Fill {
        uint256 since;
        uint256 bucket;
        int256 size;
        int256 cost;
    }

    AccountId[] internal actors;
    /// @dev Accounts of contracts that a world adds: the backstop's, the lenders'.
    AccountId[] internal more;
    /// @dev The vault of the protocol's junior money.
    address internal reserve;
    /// @dev D8{USD/base}, the feeds' last answers.
    int256[3] internal answers;
    int256[3] internal firstAnswers;
    /// @dev {s}, until when a feed reverts or a market is restricted; 0 when it does not or is not.
    uint256[3] internal deadUntil;
    uint256[3] internal restrictedUntil;
    /// @dev {s}, until when no keeper works.
    uint256 internal keepersBackAt;
    /// @dev What the backstop has paid as a buffer, and in each market how often it got a claim for it. D18{USD}, {1}
    uint256 internal paidByBackstop;
    uint256[3] internal repaidToBackstop;
    /// @dev {qTok} sent to the house by mistake.
    uint256 internal donated;

    mapping(bytes32 corner => uint256 times) private _reached;
    mapping(bytes4 selector => uint256 times) private _refused;
    mapping(uint256 market => Seen[]) private _seen;
    mapping(uint256 market => mapping(AccountId account => Fill[])) private _fills;
    /// @dev Number of a market's newest tear-up, and of the newest event that reached a position.
    mapping(uint256 market => uint256 number) private _newestTearUp;
    /// @dev How often inventory was sold to a market's pool.
    mapping(uint256 market => uint256 count) internal _unwinds;
    mapping(uint256 market => mapping(AccountId account => uint256 number)) private _appliedUpTo;
    /// @dev The bucket in which a tear-up last reached a position: what it filled is not known here.
    mapping(uint256 market => mapping(AccountId account => uint256 bucket)) private _tornIn;
    /// @dev Funding indices after the last call, and when that was. D18{USD/base}, {s}
    int256[3] private _fundingIndex;
    uint256[3] private _fundingAt;
    /// @dev Liquidated notional of a market that has not flowed out of the pacing bucket yet, kept independently. D18{USD}
    mapping(uint256 market => uint256 usd) internal bucketUsed;
    mapping(uint256 market => uint256 time) internal bucketAt;
    /// @dev What loss events took from an account and what came back. D18{USD}
    mapping(uint256 market => mapping(AccountId account => uint256 usd)) internal charged;
    mapping(uint256 market => mapping(AccountId account => uint256 usd)) internal refunded;
    /// @dev Booked losses of a market, less what inventory brought back for their winners. D18{USD}
    mapping(uint256 market => uint256 usd) internal booked;

    function setUp() public virtual override {
        super.setUp();
        _list(SOL, 150e8, 20_000e18, 0.01e18);
        // The third market is thin, and its pool small enough to fail.
        vm.prank(pools[2].owner());
        house.withdraw(pools[2], (POOL_USD - 20_000e18) / 1e12, pools[2].owner());
        // So little insurance that a bad day empties it, where the caps of the third market let it.
        waterfall.setInsuranceTerms(
            SOL,
            ILossWaterfall.InsuranceTerms({eventCap: 1e18, epochCap: 1e18, coinsurance: 0.1e18})
        );
        waterfall.setHouseEpochCap(Tier.Fund, 1e18);
        _openReserve();
        vm.prank(insurance);
        house.withdraw(_fundAccount(), (INSURANCE_USD - 5_000e18) / 1e12, insurance);
        firstAnswers = [int256(2_000e8), int256(40_000e8), int256(150e8)];
        answers = firstAnswers;
        for (uint256 i; i < ACTORS; ++i) {
            AccountId actor = _trader(string.concat("actor ", vm.toString(i)));
            actors.push(actor);
            _fund(actor, 20_000e18 * (i + 1));
        }
        for (uint256 m; m < MARKETS; ++m) oracle.poke(1 << m);
        _watch();
    }

    /// @dev A little junior money of the protocol's, all of it behind the thin market; tranches share half of what they take in.
    function _openReserve() private {
        reserve = deploy("ReserveVault", abi.encode(house, address(0), "Reserve", "bwRES"));
        house.setModule("protocol", reserve);
        _fund(_reserveAccount(), 2_000e18);
        for (uint8 m; m < MARKETS; ++m) {
            uint256 cap = m == 2 ? 1e18 : 0.25e18;
            waterfall.setTierTerms(MarketId.wrap(m), Tier.Protocol, ILossWaterfall.TierTerms(cap, cap));
            waterfall.setSplitTerms(MarketId.wrap(m), ILossWaterfall.SplitTerms(0.3e18, 0.2e18));
        }
    }

    /// @dev Caps that eight actors can reach: 500 ETH, 25 BTC, and in the thin market more than the band allows.
    function _terms(
        AccountId pool,
        uint256 skewScale,
        uint256 lotSize
    ) internal view override returns (IClearingHouse.MarketTerms memory terms) {
        terms = super._terms(pool, skewScale, lotSize);
        terms.exposureCap = skewScale == 20_000e18 ? skewScale / 40 : skewScale / 1_000;
    }

    /* COUNTERS */

    function _reach(bytes32 corner) internal {
        ++_reached[corner];
    }

    /// @notice How often a corner was reached.
    function reached(bytes32 corner) public view returns (uint256) {
        return _reached[corner];
    }

    /// @notice How often the house refused with an error.
    function refused(bytes4 selector) public view returns (uint256) {
        return _refused[selector];
    }

    /* CALLING THE HOUSE */

    /// @dev Calls a contract as `sender`. A refusal has to be one of `allowed` (selectors one after the other): anything else, a panic or a failed cast
    /// above all, ends the test.
    function _actOn(
        address target,
        address sender,
        bytes memory data,
        bytes memory allowed
    ) internal returns (bool ok, bytes memory result) {
        vm.recordLogs();
        if (sender != address(this)) vm.prank(sender);
        (ok, result) = target.call(data);
        if (ok) {
            _inspect();
            _watchFunding();
        } else _refuse(bytes4(data), result, allowed);
        _watch();
    }

    /// @dev Calls the house.
    function _actAs(
        address sender,
        bytes memory data,
        bytes memory allowed
    ) internal returns (bool ok, bytes memory result) {
        return _actOn(address(house), sender, data, allowed);
    }

    function _act(bytes memory data, bytes memory allowed) internal returns (bool ok, bytes memory result) {
        return _actAs(address(this), data, allowed);
    }

    /// @dev Applies every event that waits for one position.
    function _touch(AccountId account, uint256 m) internal {
        _act(abi.encodeCall(house.touch, (account, _marketId(m), type(uint256).max)), "");
    }

    function _refuse(bytes4 action, bytes memory reason, bytes memory allowed) private {
        bytes4 selector = bytes4(reason);
        for (uint256 i; i < allowed.length; i += 4) {
            bytes4 known =
                bytes4(allowed[i]) |
                    (bytes4(allowed[i + 1]) >> 8) |
                    (bytes4(allowed[i + 2]) >> 16) |
                    (bytes4(allowed[i + 3]) >> 24);
            if (selector == known) {
                ++_refused[selector];
                return;
            }
        }
        fail(
            string.concat("call ", vm.toString(bytes32(action)), " was refused with ", vm.toString(bytes32(selector)))
        );
    }

    /* READING THE LOGS */

    function _inspect() private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        if (logs.length == 0) return;
        Price[] memory prices = oracle.peek(ALL_MARKETS);
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter == address(house)) _inspectLog(logs[i], prices);
        }
    }

    function _inspectLog(Vm.Log memory log, Price[] memory prices) private {
        bytes32 topic = log.topics[0];
        if (topic == IClearingHouse.Settled.selector) {
            _onSettled(log, prices);
        } else if (topic == IClearingHouse.Traded.selector || topic == IClearingHouse.Matched.selector) {
            (AccountId account, uint256 m) = (_account(log), _market(log, 2));
            (int256 sizeDelta, uint256 price) = abi.decode(log.data, (int256, uint256));
            _requireValid(prices, m);
            _onFill(m, account, sizeDelta, prices[m], price);
        } else if (topic == IClearingHouse.Liquidated.selector || topic == IClearingHouse.TakenOver.selector) {
            (AccountId account, uint256 m) = (_account(log), _market(log, 2));
            (int256 sizeDelta, uint256 price) = abi.decode(log.data, (int256, uint256));
            _requireValid(prices, m);
            _onFill(m, account, sizeDelta, prices[m], price);
        } else if (topic == IClearingHouse.EventsApplied.selector) {
            _onEventsApplied(_market(log, 2), _account(log), log.data, prices);
        } else if (topic == IClearingHouse.LossBooked.selector) {
            _requireValid(prices, _market(log, 1));
            (uint256 loss, , , uint256 uncollected) = abi.decode(log.data, (uint256, uint256, int256, uint256));
            booked[_market(log, 1)] += loss;
            _reach("loss event");
            if (uncollected > loss) _reach("overlapping losses");
        } else if (topic == IClearingHouse.TornUp.selector) {
            _requireValid(prices, _market(log, 1));
            _newestTearUp[_market(log, 1)] = uint256(log.topics[2]);
            _reach("tear-up");
        } else if (topic == IClearingHouse.Marked.selector) {
            _reach("marked");
        } else if (topic == IClearingHouse.Unmarked.selector) {
            _reach("unmarked");
        } else if (topic == IClearingHouse.PoolTornUp.selector) {
            _tornIn[_market(log, 2)][_account(log)] = prices[_market(log, 2)].bucket;
            _reach("pool restored");
        } else if (topic == IClearingHouse.Refunded.selector) {
            _onRefunded(_market(log, 2), _account(log), abi.decode(log.data, (uint256)));
        } else if (topic == IClearingHouse.Recovered.selector) {
            (, uint256 toWinners) = abi.decode(log.data, (uint256, uint256));
            booked[_market(log, 1)] -= toWinners;
            _reach("recovery");
        } else if (topic == IClearingHouse.Unwound.selector) {
            _requireValid(prices, _market(log, 1));
            ++_unwinds[_market(log, 1)];
            _reach("unwind");
        } else if (topic == IClearingHouse.TierPaid.selector) {
            _onTierPaid(_market(log, 1), Tier(uint256(log.topics[2])), log.data);
        } else if (topic == IClearingHouse.TierRepaid.selector) {
            if (Tier(uint256(log.topics[2])) == Tier.Backstop) {
                ++repaidToBackstop[_market(log, 1)];
                _reach("backstop repaid");
            }
            _reach("tier repaid");
        } else if (topic == IClearingHouse.DeficitCovered.selector) {
            (uint256 deficit, uint256 insured, ) = abi.decode(log.data, (uint256, uint256, uint256));
            assertLe(insured, deficit, "WATER-1: more was paid than was missing");
            if (insured < deficit) {
                assertEq(_cash(_trancheOf(_market(log, 1))), 0, "WATER-1: the tranche kept cash");
            }
            if (insured != 0) _reach("insurance paid");
            if (_cash(_fundAccount()) != 0) {
                if (insured + 1 < (deficit * 9) / 10) _reach("capped insurance");
            } else if (insured < deficit) {
                _reach("empty insurance");
            }
        }
    }

    /// @dev WATER-1: below the tranche nobody pays before it is empty; nobody pays what it has not.
    function _onTierPaid(uint256 m, Tier tier, bytes memory data) private {
        (uint256 paid, uint256 cashBefore, uint256 cashAfter) = abi.decode(data, (uint256, uint256, uint256));
        assertEq(cashBefore - paid, cashAfter, "WATER-1: a tier's cash did not fall by what it paid");
        if (tier == Tier.Tranche) {
            _reach("tranche paid");
        } else {
            assertEq(_cash(_trancheOf(m)), 0, "WATER-1: paid before the tranche was empty");
        }
        if (tier == Tier.Backstop) {
            paidByBackstop += paid;
            _reach("backstop paid");
        }
    }

    /// @dev PRICE-1: nothing moves value in a market whose price may not be acted on.
    function _requireValid(Price[] memory prices, uint256 m) private pure {
        assertEq(uint256(prices[m].status), uint256(PriceStatus.Valid), "PRICE-1: acted without a valid price");
    }

    /// @dev PAID-1: what was paid had stood at every price seen in the last T_v, and none of it came from the net fills of the last two buckets, among which
    /// are all that are younger than that.
    function _onSettled(Vm.Log memory log, Price[] memory prices) private {
        (AccountId account, uint256 m) = (_account(log), _market(log, 2));
        (int256 amount, int256 size, int256 quote) = abi.decode(log.data, (int256, int256, int256));
        _requireValid(prices, m);
        if (amount < 0) return;
        _reach("gain paid");
        int256 fundingIndex = house.marketOf(MarketId.wrap(uint8(m))).fundingIndex;
        (uint256 low, uint256 high) = windowOf(m);
        Holding memory rest = Holding({size: size, quote: quote});
        int256 worst = EagerEvents.valueAt(rest, int256(size > 0 ? low : high) - fundingIndex);
        int256 young = _youngGain(
            m,
            account,
            prices[m].bucket,
            int256(low) - fundingIndex,
            int256(high) - fundingIndex
        );
        // Three roundings: two of the payment, one here.
        assertGe(worst + 3, young, "PAID-1: a gain was paid that had not stood for T_v");
    }

    /// @dev k: what the net fill of the present bucket, and that of the one before, have gained at most at the extremes. Fills of one bucket are netted: whoever
    /// turns a position over gains nothing by it. No fill younger than T_v is in an older bucket. D18{USD}
    function _youngGain(
        uint256 m,
        AccountId account,
        uint256 bucket,
        int256 xLow,
        int256 xHigh
    ) private view returns (int256) {
        uint256 tornIn = _tornIn[m][account];
        if (tornIn != 0 && tornIn + 1 >= bucket) return 0;
        Fill[] storage fills = _fills[m][account];
        Holding memory present;
        Holding memory before;
        for (uint256 i = fills.length; i != 0; --i) {
            Fill memory fill = fills[i - 1];
            if (fill.bucket + 1 < bucket) {
                assertLe(fill.since + BUCKET_SECONDS, vm.getBlockTimestamp(), "PAID-1: two buckets in less than T_v");
                break;
            }
            Holding memory net = fill.bucket == bucket ? present : before;
            net.size += fill.size;
            net.quote -= fill.cost;
        }
        return _edgeOf(present, xLow, xHigh) + _edgeOf(before, xLow, xHigh);
    }

    function _edgeOf(Holding memory net, int256 xLow, int256 xHigh) private pure returns (int256 gain) {
        int256 atLow = EagerEvents.valueAt(net, xLow);
        int256 atHigh = EagerEvents.valueAt(net, xHigh);
        gain = atLow > atHigh ? atLow : atHigh;
        if (gain < 0) gain = 0;
    }

    function _onEventsApplied(uint256 m, AccountId account, bytes memory data, Price[] memory prices) private {
        (uint256 upTo, uint256 chargedUsd) = abi.decode(data, (uint256, uint256));
        charged[m][account] += chargedUsd;
        if (chargedUsd != 0) _reach("haircut");
        if (_newestTearUp[m] > _appliedUpTo[m][account]) _tornIn[m][account] = prices[m].bucket;
        _appliedUpTo[m][account] = upTo;
    }

    /// @dev `cost` is the whole cost: what of the edge was paid in cash would only make the gain larger.
    function _onFill(uint256 m, AccountId account, int256 sizeDelta, Price memory price, uint256 paid) private {
        int256 fundingIndex = house.marketOf(_marketId(m)).fundingIndex;
        int256 cost = EagerEvents.ceilDiv(sizeDelta * (int256(paid) - fundingIndex), 1e18);
        _fills[m][account].push(
            Fill({since: vm.getBlockTimestamp(), bucket: price.bucket, size: sizeDelta, cost: cost})
        );
    }

    function _account(Vm.Log memory log) private pure returns (AccountId) {
        return AccountId.wrap(uint256(log.topics[1]));
    }

    function _market(Vm.Log memory log, uint256 topic) private pure returns (uint256) {
        return uint256(log.topics[topic]);
    }

    /// @dev SOC-1: nobody gets back more than they were charged.
    function _onRefunded(uint256 m, AccountId account, uint256 usd) private {
        refunded[m][account] += usd;
        assertLe(refunded[m][account], charged[m][account], "SOC-1: refunded more than was charged");
        _reach("refund");
    }

    /* PRICES AND FUNDING SEEN */

    /// @dev FUND-1: whatever happens within one second, funding of that second is accrued once.
    function _watchFunding() private {
        for (uint256 m; m < MARKETS; ++m) {
            int256 index = house.marketOf(_marketId(m)).fundingIndex;
            if (_fundingAt[m] == vm.getBlockTimestamp()) {
                assertEq(index, _fundingIndex[m], "FUND-1: one second was accrued twice");
            }
            (_fundingIndex[m], _fundingAt[m]) = (index, vm.getBlockTimestamp());
        }
    }

    /// @dev Remembers each price the oracle has stored.
    function _watch() internal {
        for (uint256 m; m < MARKETS; ++m) {
            uint256 price = oracle.recordOf(MarketId.wrap(uint8(m))).price;
            uint256 count = _seen[m].length;
            if (count == 0 || _seen[m][count - 1].price != price) {
                _seen[m].push(Seen({since: vm.getBlockTimestamp(), price: price}));
            }
        }
    }

    /// @dev Lowest and highest price that stood at any time of the last T_v, as this contract saw it, the present one included. D18{USD/base}
    function windowOf(uint256 m) internal view returns (uint256 low, uint256 high) {
        uint256 start = vm.getBlockTimestamp() - BUCKET_SECONDS;
        low = high = oracle.peek(1 << m)[0].price;
        for (uint256 i = _seen[m].length; i != 0; --i) {
            Seen memory seen = _seen[m][i - 1];
            if (seen.price < low) low = seen.price;
            if (seen.price > high) high = seen.price;
            // Stood since before the window began.
            if (seen.since <= start) break;
        }
    }

    /// @dev Publishes the last answers again, as feeds do at their heartbeat. Outages and restrictions whose time is over end.
    function _heartbeat() internal virtual {
        for (uint256 m; m < MARKETS; ++m) {
            if (deadUntil[m] != 0 && deadUntil[m] <= vm.getBlockTimestamp()) {
                deadUntil[m] = 0;
                IFeedFaults(address(feeds[m])).allow(address(oracle));
            }
            if (restrictedUntil[m] != 0 && restrictedUntil[m] <= vm.getBlockTimestamp()) {
                restrictedUntil[m] = 0;
                _setMode(m, IClearingHouse.MarketMode.Open);
            }
            feeds[m].push(answers[m]);
        }
    }

    function _setMode(uint256 m, IClearingHouse.MarketMode mode) internal {
        _act(abi.encodeCall(house.setMarketMode, (_marketId(m), mode)), "");
    }

    /// @dev Publishes a new answer for one market, kept within a factor of twenty of the first.
    function _publish(uint256 m, int256 answer) internal {
        int256 lowest = firstAnswers[m] / 20;
        int256 highest = firstAnswers[m] * 20;
        answers[m] =
            answer < lowest
                ? lowest
                : answer > highest
                    ? highest
                    : answer;
        skipSeconds(12);
        _heartbeat();
    }

    /// @dev Lets time pass with a working heartbeat, seen by the oracle.
    function _steady(uint256 duration) internal {
        for (uint256 waited; waited < duration; waited += 300) {
            skipSeconds(300);
            _heartbeat();
            oracle.poke(ALL_MARKETS);
            _watch();
        }
    }

    /* READING */

    function _marketId(uint256 m) internal pure returns (MarketId) {
        return MarketId.wrap(uint8(m));
    }

    function _fundAccount() internal view returns (AccountId) {
        return accountIdOf(insurance, 0);
    }

    function _reserveAccount() internal view returns (AccountId) {
        return accountIdOf(reserve, 0);
    }

    function _trancheOf(uint256 m) internal view returns (AccountId) {
        return house.systemAccountOf(_marketId(m), 3);
    }

    /// @dev X = P − F now. D18{USD/base}
    function _x(uint256 m) internal view returns (int256) {
        return int256(oracle.peek(1 << m)[0].price) - house.marketOf(_marketId(m)).fundingIndex;
    }

    function _isValid(uint256 m) internal view returns (bool) {
        return oracle.peek(1 << m)[0].status == PriceStatus.Valid;
    }

    function _holding(AccountId account, uint256 m) internal view returns (Holding memory) {
        IClearingHouse.PositionState memory position = house.positionOf(account, _marketId(m));
        return Holding({size: position.size, quote: position.quote});
    }

    /// @dev Cash and unsettled values at the index, events applied, debt subtracted. D18{USD}
    function _wealth(AccountId account) internal view returns (int256 usd) {
        IClearingHouse.AccountState memory state = house.accountOf(account);
        usd = int256(state.cashUsd) - int256(_debtOf(account));
        for (uint256 m; m < MARKETS; ++m) {
            if ((state.markets >> m) & 1 != 0) usd += EagerEvents.valueAt(_holding(account, m), _x(m));
        }
    }

    /// @dev What an account owes to lenders. D18{USD}
    function _debtOf(AccountId) internal view virtual returns (uint256) {
        return 0;
    }

    /// @dev The accounts that are nobody's: keeper, fund, reserve, tranche and pool.
    function _wealthOfHouse(uint256 m) internal view virtual returns (int256) {
        return
            _wealth(_fundAccount()) +
            _wealth(_reserveAccount()) +
            _wealth(_trancheOf(m)) +
            _wealth(keeper) +
            _wealth(pools[m]);
    }

    /// @dev Every account that may hold a position in a market: actors, keeper, fund, pool, the house's own (0 resolution, 1 tear-up, 2 deficit, 3 tranche), the reserve, what a world adds, and other markets' tranches, which may have inherited a claim.
    function _holders(uint256 m) internal view returns (AccountId[] memory holders) {
        holders = new AccountId[](ACTORS + 8 + more.length + MARKETS - 1);
        holders[ACTORS + 7] = _reserveAccount();
        for (uint256 i; i < ACTORS; ++i) holders[i] = actors[i];
        holders[ACTORS] = keeper;
        holders[ACTORS + 1] = _fundAccount();
        holders[ACTORS + 2] = pools[m];
        for (uint256 kind; kind < 4; ++kind) {
            holders[ACTORS + 3 + kind] = house.systemAccountOf(_marketId(m), kind);
        }
        for (uint256 i; i < more.length; ++i) holders[ACTORS + 8 + i] = more[i];
        uint256 next = ACTORS + 8 + more.length;
        for (uint256 other; other < MARKETS; ++other) if (other != m) holders[next++] = _trancheOf(other);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IBackstopPool} from "../../contracts/interfaces/IBackstopPool.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ILiquidationEngine} from "../../contracts/interfaces/ILiquidationEngine.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {TakeOverScenarios} from "./TakeOverScenarios.sol";

/// @title BackstopScenarios
/// @notice A house with a backstop pool: leverage 3, three tenths of what would go to insurance. Its stakers are lena and luis. The token has 18 decimals unless a
/// test says otherwise, and then shares and USD have the same unit.
abstract contract BackstopScenarios is TakeOverScenarios {
    uint256 internal constant COOLDOWN = 1 days;
    uint256 internal constant WINDOW = 2 days;
    uint256 internal constant MAX_PRICE_AGE = 2 minutes;
    uint256 internal constant TOLERANCE = 100e18;
    uint256 internal constant VIRTUAL = 1e12;
    uint256 internal constant LEVERAGE = 3e18;
    uint256 internal constant PENALTY_SHARE = 0.3e18;
    /// @dev {s}, 2w₀ of the fixture's terms.
    uint256 internal constant PAUSE = 20;

    IBackstopPool internal pool;
    IERC4626 internal vault;
    AccountId internal poolAccount;
    address internal lena;
    address internal luis;

    function setUp() public virtual override {
        super.setUp();
        lena = makeAddr("lena, staker");
        luis = makeAddr("luis, staker");
        address deployed = deploy("BackstopPool", abi.encode(house, address(this), "Backstop", "bwSTOP"));
        (pool, vault) = (IBackstopPool(deployed), IERC4626(deployed));
        poolAccount = pool.account();
        house.setModule("backstop", deployed);
        house.setVenue(deployed, true);
        house.setBackstopShare(PENALTY_SHARE);
        pool.setMaxLeverage(LEVERAGE);
        pool.setBackstopTerms(ETH, _backstopTerms());
        pool.setBackstopTerms(BTC, _backstopTerms());
    }

    function _backstopTerms() internal pure virtual returns (IBackstopPool.BackstopTerms memory) {
        return
            IBackstopPool.BackstopTerms({
                capUsd: 2_000_000e18,
                epochCapUsd: 4_000_000e18,
                maxConcession: 0.01e18,
                unwindShare: 0.001e18,
                unwindTolerance: 0.01e18,
                unwindIntervalSeconds: 60
            });
    }

    /* ARRANGE */

    function _approved(address staker, uint256 amountUsd) internal {
        token.mint(staker, _native(amountUsd));
        vm.prank(staker);
        token.approve(address(pool), type(uint256).max);
    }

    /// @dev Deposits D18{USD} of a staker's.
    function _stake(address staker, uint256 amountUsd) internal returns (uint256 shares) {
        _approved(staker, amountUsd);
        vm.prank(staker);
        return vault.deposit(_native(amountUsd), staker);
    }

    function _cool(address staker, uint256 shares) internal {
        vm.prank(staker);
        pool.requestCooldown(shares);
    }

    function _redeem(address staker, uint256 shares) internal returns (uint256 assets) {
        vm.prank(staker);
        return vault.redeem(shares, staker, staker);
    }

    /// @dev Waits for a cooldown while both markets keep their prices (whole USD).
    function _passCooldown(uint256 ethPrice, uint256 btcPrice) internal {
        skipSeconds(COOLDOWN);
        _publish(ethPrice, btcPrice);
    }

    /// @dev Publishes both prices (whole USD) now.
    function _publish(uint256 ethPrice, uint256 btcPrice) internal {
        feeds[0].push(int256(ethPrice * 1e8));
        feeds[1].push(int256(btcPrice * 1e8));
    }

    /// @dev Alice long and bob short 80 ETH at 2 000; at 1 908 less than two thirds of alice's maintenance margin is left.
    function _distressDeeply() internal {
        _open(alice, ETH, 10_000e18, 80e18);
        _open(bob, ETH, 20_000e18, -80e18);
        _price(ETH, 1_908);
        assertGt(_equity(alice), 0);
        assertLt(_health(alice), 0.66e18);
    }

    /// @dev The same, marked long enough ago for the backstop.
    function _ripe() internal {
        _distressDeeply();
        _markAndWait(alice, PAUSE);
    }

    /// @dev The resolution account of ETH holds 500 long at 1 600; bob is short 500.
    function _strand() internal returns (AccountId resolution) {
        _bankruptAlice();
        _resolve(alice);
        resolution = house.systemAccountOf(ETH, 0);
        assertEq(_size(resolution, ETH), int256(500e18));
    }

    /* ACT */

    /// @dev Takes and compares with the preview.
    function _poolTakes(
        AccountId from,
        MarketId market
    ) internal returns (ILiquidationEngine.TakeOverPlan memory plan) {
        bytes32 preview = keccak256(abi.encode(pool.previewTake(from, market).plan));
        plan = pool.take(from, market);
        assertEq(keccak256(abi.encode(plan)), preview, "preview");
    }

    /* READ */

    function _refusalOf(AccountId from, MarketId market) internal view returns (uint256) {
        return uint256(pool.previewTake(from, market).refusal);
    }

    /// @dev The revert data with which the pool refuses to take.
    function _refused(
        AccountId from,
        MarketId market,
        IBackstopPool.BidRefusal refusal,
        ILiquidationEngine.PlanCode code
    ) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IBackstopPool.BidRefused.selector, from, market, refusal, code);
    }

    function _everybody() internal view returns (AccountId[] memory users) {
        users = new AccountId[](4);
        (users[0], users[1], users[2], users[3]) = (alice, bob, carol, poolAccount);
    }

    function _equityOfPool() internal view returns (int256) {
        return pool.valuation().equityUsd;
    }

    function _lastPoint() internal view returns (IBackstopPool.HistoryPoint memory) {
        return pool.historyAt(pool.historyLength() - 1);
    }

    function _terms(MarketId market) internal view returns (IClearingHouse.MarketTerms memory) {
        return house.termsOf(market);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ICircuitBreaker} from "../../../contracts/interfaces/ICircuitBreaker.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {accountIdOf} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {HouseFixture} from "../../support/HouseFixture.sol";

/// @title Base of the circuit breaker's tests
/// @notice A house under a real access manager: only the breaker may set modes, `guardian` may guard and halt, `governor` may set modes through it.
abstract contract CircuitBreakerTest is HouseFixture {
    uint64 internal constant BREAKER_ROLE = 1;
    uint64 internal constant GUARDIAN_ROLE = 2;
    uint64 internal constant GOVERNOR_ROLE = 3;
    MarketId internal constant UNLISTED = MarketId.wrap(9);
    MarketId internal constant NEVER_OPENED = MarketId.wrap(2);
    uint256 internal constant LOWEST = 1 minutes;
    uint256 internal constant HIGHEST = 1 days;
    uint256 internal constant PAUSE = 1 days;

    ICircuitBreaker internal breaker;
    AccessManager internal manager;
    address internal guardian;
    address internal governor;
    address internal stranger;

    function setUp() public virtual override {
        super.setUp();
        guardian = makeAddr("guardian");
        governor = makeAddr("governor");
        stranger = makeAddr("stranger");
        manager = AccessManager(deploy("AccessManager", abi.encode(address(this))));
        breaker = ICircuitBreaker(deploy("CircuitBreaker", abi.encode(house, manager)));
        manager.grantRole(BREAKER_ROLE, address(breaker), 0);
        manager.grantRole(GUARDIAN_ROLE, guardian, 0);
        manager.grantRole(GOVERNOR_ROLE, governor, 0);
        _let(address(house), IClearingHouse.setMarketMode.selector, BREAKER_ROLE);
        _let(address(breaker), ICircuitBreaker.guard.selector, GUARDIAN_ROLE);
        _let(address(breaker), ICircuitBreaker.halt.selector, GUARDIAN_ROLE);
        _let(address(breaker), ICircuitBreaker.setMode.selector, GOVERNOR_ROLE);
        _let(address(breaker), ICircuitBreaker.setBreakerTerms.selector, GOVERNOR_ROLE);
        house.listMarket(NEVER_OPENED, _terms(accountIdOf(makeAddr("third pool"), 0), 500_000e18, 0.001e18));
        IAccessManaged(address(house)).setAuthority(address(manager));
    }

    function _let(address target, bytes4 selector, uint64 role) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }

    /* ACT */

    function _guard(MarketId market) internal {
        vm.prank(guardian);
        breaker.guard(market);
    }

    function _halt(MarketId market, uint256 durationSeconds) internal returns (uint256) {
        vm.prank(guardian);
        return breaker.halt(market, durationSeconds);
    }

    function _setMode(MarketId market, IClearingHouse.MarketMode mode) internal {
        vm.prank(governor);
        breaker.setMode(market, mode);
    }

    /* EXPECT */

    function _expectMove(
        MarketId market,
        address by,
        IClearingHouse.MarketMode oldMode,
        IClearingHouse.MarketMode newMode,
        uint256 oldEnd,
        uint256 newEnd
    ) internal {
        vm.expectEmit(address(breaker));
        emit ICircuitBreaker.BreakerMoved(market, by, oldMode, newMode, oldEnd, newEnd);
    }

    function _expectUnauthorized(address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        vm.prank(caller);
    }

    function _assertMode(MarketId market, IClearingHouse.MarketMode mode) internal view {
        assertEq(uint256(house.modeOf(market)), uint256(mode), "mode");
    }

    function _assertHalt(uint256 beganAt, uint256 endsAt, uint256 haltableAt) internal view {
        (uint256 began, uint256 ends, uint256 haltable) = breaker.haltOf(ETH);
        assertEq(began, beganAt, "began");
        assertEq(ends, endsAt, "ends");
        assertEq(haltable, haltableAt, "haltable");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {MarketId} from "../../contracts/types/MarketId.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice What tests use of the hooked token.
interface IHookedToken {
    function setHook(address target, bytes calldata data) external;

    function hookCalls() external view returns (uint256);

    function lastHookSucceeded() external view returns (bool);

    function lastHookResult() external view returns (bytes memory);
}

/// @notice Looks at the house in the middle of a transfer.
contract ViewProbe {
    IClearingHouse private immutable _HOUSE;

    AccountId public account;
    uint256 public cashUsd;
    uint256 public freeCashUsd;
    uint256 public tokens;
    bytes32 public market;

    constructor(IClearingHouse house) {
        _HOUSE = house;
    }

    function watch(AccountId watched) external {
        account = watched;
    }

    function look() external {
        cashUsd = _HOUSE.accountOf(account).cashUsd;
        freeCashUsd = _HOUSE.freeCashOf(account);
        market = keccak256(abi.encode(_HOUSE.marketOf(MarketId.wrap(0))));
        (bool success, bytes memory data) = _HOUSE.TOKEN().staticcall(
            abi.encodeWithSignature("balanceOf(address)", address(_HOUSE))
        );
        if (success) tokens = abi.decode(data, (uint256));
    }
}

/// @notice L2, A2, A6: a token that calls out in the middle of a transfer gets no further than any other caller.
contract Reentrancy_adversarial_Test is HouseScenarios {
    IHookedToken private _hooked;

    function _deployToken() internal override returns (address) {
        return deploy("HookedToken", abi.encode(_decimals()));
    }

    function setUp() public override {
        super.setUp();
        _hooked = IHookedToken(address(token));
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        _price(ETH, 1_600);
    }

    /// @dev Every entry point that touches the ledger.
    function _calls() private view returns (bytes[] memory calls) {
        AccountId[] memory accounts = _one(bob);
        IClearingHouse.LiquidationItem[] memory items = new IClearingHouse.LiquidationItem[](1);
        items[0] = IClearingHouse.LiquidationItem(alice, ETH);
        calls = new bytes[](12);
        calls[0] = abi.encodeCall(house.deposit, (carol, 1));
        calls[1] = abi.encodeCall(house.withdraw, (carol, 1, STRANGER));
        calls[2] = abi.encodeCall(house.settle, (accounts));
        calls[3] = abi.encodeCall(house.touch, (bob, ETH, 1));
        calls[4] = abi.encodeCall(house.claimRefunds, (bob, ETH, 1));
        calls[5] = abi.encodeCall(house.trade, (_request(alice, ETH, 1e18)));
        calls[6] = abi.encodeCall(house.liquidate, (alice, ETH, keeper));
        calls[7] = abi.encodeCall(house.liquidateBatch, (items, keeper));
        calls[8] = abi.encodeCall(house.resolve, (alice, new AccountId[](0), keeper));
        calls[9] = abi.encodeCall(house.unwind, (ETH));
        calls[10] = abi.encodeCall(house.tearUp, (ETH));
        calls[11] = abi.encodeCall(house.bookLoss, (ETH));
    }

    function _expectShut(bytes memory call) private view {
        assertFalse(_hooked.lastHookSucceeded(), "re-entered");
        assertEq(
            bytes32(bytes4(_hooked.lastHookResult())),
            bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            vm.toString(bytes32(bytes4(call)))
        );
    }

    function test_L2_deposit_cannotBeReentered() public {
        bytes[] memory calls = _calls();
        for (uint256 i; i < calls.length; ++i) {
            _hooked.setHook(address(house), calls[i]);
            uint256 cash = _cash(carol);
            _fund(carol, 7e18);
            _expectShut(calls[i]);
            assertEq(_cash(carol), cash + 7e18);
        }
        assertEq(_hooked.hookCalls(), calls.length);
        _hooked.setHook(address(0), "");
        _assertConserved(_users());
    }

    function test_L2_withdraw_cannotBeReentered() public {
        _fund(carol, 1_000e18);
        bytes[] memory calls = _calls();
        for (uint256 i; i < calls.length; ++i) {
            _hooked.setHook(address(house), calls[i]);
            uint256 cash = _cash(carol);
            _withdraw(carol, 7e18);
            _expectShut(calls[i]);
            assertEq(_cash(carol), cash - 7e18);
        }
        _hooked.setHook(address(0), "");
        _assertConserved(_users());
    }

    function test_L2_multicall_opensNoDoor() public {
        bytes[] memory inner = new bytes[](1);
        inner[0] = abi.encodeCall(house.settle, (_one(bob)));
        _hooked.setHook(address(house), abi.encodeCall(Multicall.multicall, (inner)));
        _fund(carol, 7e18);
        _expectShut(inner[0]);
    }

    /// @dev What is not guarded is for the owner alone, and moves nothing.
    function test_L2_setDelegate_isTheOwnersAlone_whenCalledBack() public {
        _hooked.setHook(address(house), abi.encodeCall(house.setDelegate, (carol, STRANGER, 3)));
        _fund(carol, 7e18);
        assertFalse(_hooked.lastHookSucceeded());
        assertEq(
            keccak256(_hooked.lastHookResult()),
            keccak256(abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, carol, address(token), 3))
        );
    }

    /// @dev The token as a venue with the power to trade: the lock comes before any power.
    function test_L2_trade_isShut_whenTheTokenIsAVenue() public {
        house.setVenue(address(token), true);
        vm.prank(bob.owner());
        house.setDelegate(bob, address(token), 3);
        IClearingHouse.TradeRequest memory request = _request(bob, ETH, 1e18);
        _hooked.setHook(address(house), abi.encodeCall(house.trade, (request)));
        _fund(carol, 7e18);
        _expectShut("");
        _hooked.setHook(address(house), abi.encodeCall(house.withdraw, (bob, 1, STRANGER)));
        _fund(carol, 7e18);
        _expectShut("");
    }

    /* A6 */

    /// @dev During a deposit the ledger shows the cash that is on its way, and nothing else has moved; if it did not arrive, nothing of this would remain.
    function test_A6_views_showTheDepositOnItsWay() public {
        ViewProbe probe = new ViewProbe(house);
        probe.watch(carol);
        bytes32 market = keccak256(abi.encode(house.marketOf(ETH)));
        uint256 before = token.balanceOf(address(house));
        _hooked.setHook(address(probe), abi.encodeCall(probe.look, ()));
        _fund(carol, 7e18);
        assertTrue(_hooked.lastHookSucceeded());
        assertEq(probe.cashUsd(), 7e18);
        assertEq(probe.freeCashUsd(), 7e18);
        assertEq(probe.tokens(), before, "not there yet");
        assertEq(probe.market(), market);
        assertEq(token.balanceOf(address(house)), before + 7e6);
    }

    /// @dev During a withdrawal the state is final: whoever values the account then counts nothing twice.
    function test_A6_views_areFinal_whenWithdrawing() public {
        _fund(carol, 100e18);
        ViewProbe probe = new ViewProbe(house);
        probe.watch(carol);
        _hooked.setHook(address(probe), abi.encodeCall(probe.look, ()));
        _withdraw(carol, 60e18);
        assertEq(probe.cashUsd(), 40e18);
        assertEq(probe.freeCashUsd(), 40e18);
        assertEq(probe.cashUsd(), _cash(carol));
    }

    /// @dev Into the pool's own account: liquidity providers cannot be paid out on the strength of tokens that are on their way.
    function test_A6_views_helpNobodyOut_whenThePoolIsPaidInto() public {
        ViewProbe probe = new ViewProbe(house);
        probe.watch(pools[0]);
        uint256 free = house.freeCashOf(pools[0]);
        _hooked.setHook(address(probe), abi.encodeCall(probe.look, ()));
        _fund(pools[0], 1_000e18);
        assertEq(probe.freeCashUsd(), free + 1_000e18);
        _hooked.setHook(address(house), abi.encodeCall(house.withdraw, (pools[0], 1, STRANGER)));
        _fund(pools[0], 1_000e18);
        _expectShut("");
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId} from "../../contracts/types/AccountId.sol";
import {ITokenControl} from "../support/HouseFixture.sol";
import {HouseScenarios} from "../support/HouseScenarios.sol";

/// @notice What tests use of tokens that misbehave.
interface IMisbehaving {
    function pause() external;

    function unpause() external;

    function rebase(uint256 newIndex) external;
}

/// @notice A3: one story in a token of any decimals. CONS-1 holds to the unit, and what is paid in comes out.
abstract contract DecimalsTest is HouseScenarios {
    function _story() internal {
        _open(alice, ETH, 60_000e18, 500e18);
        _open(bob, ETH, 60_000e18, -500e18);
        _assertConserved(_users());
        _price(ETH, 1_930);
        house.liquidate(alice, ETH, keeper);
        _settle(alice);
        _assertConserved(_users());
        _price(ETH, 1_600);
        _resolve(alice);
        house.touch(bob, ETH, 16);
        _assertConserved(_users());
        skipSeconds(601);
        _price(ETH, 1_600);
        if (_size(house.systemAccountOf(ETH, 0), ETH) > 0.001e18) house.tearUp(ETH);
        house.touch(bob, ETH, 16);
        if (_size(bob, ETH) != 0) _trade(bob, ETH, -_size(bob, ETH));
        _wait(ETH, 1_600, 1_500);
        _settle(bob);
        _assertConserved(_users());
        uint256 native = _native(house.freeCashOf(bob));
        vm.prank(bob.owner());
        house.withdraw(bob, native, bob.owner());
        assertEq(token.balanceOf(bob.owner()), native);
        _assertConserved(_users());
    }

    function _roundTrip(uint256 amountNative) internal {
        token.mint(address(this), amountNative);
        uint256 house_ = token.balanceOf(address(house));
        (bool success, bytes memory reason) = address(house).call(abi.encodeCall(house.deposit, (carol, amountNative)));
        if (!success) {
            assertEq(keccak256(reason), keccak256(abi.encodeWithSelector(IClearingHouse.AmountZero.selector, carol)));
            assertEq(_usd(amountNative), 0);
            return;
        }
        assertEq(_cash(carol), _usd(amountNative), "rounded down");
        uint256 native = _native(_cash(carol));
        vm.startPrank(carol.owner());
        vm.expectPartialRevert(IClearingHouse.FreeCashTooLow.selector);
        house.withdraw(carol, native + 1, carol.owner());
        house.withdraw(carol, native, carol.owner());
        vm.stopPrank();
        assertLe(native, amountNative, "ROUND-1");
        assertGe(token.balanceOf(address(house)), house_);
        assertEq(_cash(carol), 0, "not a unit is left: D18 is at least as fine, or was rounded in");
    }
}

contract A3_zeroDecimals_Test is DecimalsTest {
    function _decimals() internal pure override returns (uint8) {
        return 0;
    }

    function test_A3_story_isConserved() public {
        _story();
    }

    function testFuzz_A3_deposit_roundsAgainstTheAccount(uint256 amount) public {
        _roundTrip(bound(amount, 1, 1e9));
    }
}

contract A3_twoDecimals_Test is DecimalsTest {
    function _decimals() internal pure override returns (uint8) {
        return 2;
    }

    function test_A3_story_isConserved() public {
        _story();
    }

    function testFuzz_A3_deposit_roundsAgainstTheAccount(uint256 amount) public {
        _roundTrip(bound(amount, 1, 1e11));
    }
}

contract A3_sixDecimals_Test is DecimalsTest {
    function test_A3_story_isConserved() public {
        _story();
    }
}

contract A3_eightDecimals_Test is DecimalsTest {
    function _decimals() internal pure override returns (uint8) {
        return 8;
    }

    function test_A3_story_isConserved() public {
        _story();
    }

    function testFuzz_A3_deposit_roundsAgainstTheAccount(uint256 amount) public {
        _roundTrip(bound(amount, 1, 1e17));
    }
}

contract A3_eighteenDecimals_Test is DecimalsTest {
    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    function test_A3_story_isConserved() public {
        _story();
    }

    function testFuzz_A3_deposit_roundsAgainstTheAccount(uint256 amount) public {
        _roundTrip(bound(amount, 1, 1e27));
    }
}

contract A3_nineteenDecimals_Test is DecimalsTest {
    function _decimals() internal pure override returns (uint8) {
        return 19;
    }

    /// @dev The first number of decimals that is finer than D18.
    function testFuzz_A3_deposit_roundsAgainstTheAccount(uint256 amount) public {
        _roundTrip(bound(amount, 1, 1e28));
    }
}

contract A3_twentyFourDecimals_Test is DecimalsTest {
    function _decimals() internal pure override returns (uint8) {
        return 24;
    }

    function test_A3_story_isConserved() public {
        _story();
    }

    /// @dev What is finer than D18 stays in the house: deposits round down, withdrawals up.
    function testFuzz_A3_deposit_roundsAgainstTheAccount(uint256 amount) public {
        _roundTrip(bound(amount, 1, 1e33));
    }

    function test_A3_withdraw_roundsUp() public {
        token.mint(address(this), 2e6);
        house.deposit(carol, 2e6);
        assertEq(_cash(carol), 2);
        vm.startPrank(carol.owner());
        house.withdraw(carol, 1, carol.owner());
        assertEq(_cash(carol), 1, "a millionth of a unit costs a unit");
        house.withdraw(carol, 1e6, carol.owner());
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.FreeCashTooLow.selector, carol, 0, 1));
        house.withdraw(carol, 1, carol.owner());
        vm.stopPrank();
    }
}

/// @notice A2: a fee on transfers is noticed, not absorbed.
contract A2_feeOnTransfer_Test is HouseScenarios {
    function test_A2_deposit_revertsWhenLessArrives() public {
        address taxed = deploy("FeeOnTransferToken", abi.encode(uint8(6), uint256(100)));
        IClearingHouse other = IClearingHouse(deploy("ClearingHouse", abi.encode(taxed, address(this), DEPOSIT_USD)));
        _mintAndApprove(taxed, address(other), 100e6);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.TokenAmountMismatch.selector, 99e6, 100e6));
        other.deposit(alice, 100e6);
        assertEq(other.accountOf(alice).cashUsd, 0);
    }

    function _mintAndApprove(address taxed, address spender, uint256 amount) private {
        (bool minted, ) = taxed.call(abi.encodeWithSignature("mint(address,uint256)", address(this), amount));
        (bool approved, ) = taxed.call(abi.encodeWithSignature("approve(address,uint256)", spender, amount));
        assertTrue(minted && approved);
    }
}

/// @notice A2: a transfer that only returns false is a failure.
contract A2_falseReturning_Test is HouseScenarios {
    function test_A2_deposit_revertsWhenTheTransferReturnsFalse() public {
        address broken = deploy("FalseReturningToken", abi.encode(uint8(6)));
        IClearingHouse other = IClearingHouse(deploy("ClearingHouse", abi.encode(broken, address(this), DEPOSIT_USD)));
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, broken));
        other.deposit(alice, 100e6);
        assertEq(other.accountOf(alice).cashUsd, 0);
    }
}

/// @notice A2: tokens from before the standard return nothing, and work.
contract A2_noReturn_Test is HouseScenarios {
    function test_A2_withdraw_paysInATokenThatReturnsNothing() public {
        address old = deploy("NoReturnToken", abi.encode(uint8(6)));
        IClearingHouse other = IClearingHouse(deploy("ClearingHouse", abi.encode(old, address(this), DEPOSIT_USD)));
        (bool minted, ) = old.call(abi.encodeWithSignature("mint(address,uint256)", address(this), 100e6));
        (bool approved, ) = old.call(abi.encodeWithSignature("approve(address,uint256)", address(other), 100e6));
        assertTrue(minted && approved);
        other.deposit(alice, 100e6);
        assertEq(other.accountOf(alice).cashUsd, 100e18);
        vm.prank(alice.owner());
        other.withdraw(alice, 40e6, carol.owner());
        assertEq(ITokenControl(old).balanceOf(carol.owner()), 40e6);
        assertEq(other.accountOf(alice).cashUsd, 60e18);
    }
}

/// @notice A2: a paused token stops tokens, and nothing else.
contract A2_pausable_Test is HouseScenarios {
    function _deployToken() internal override returns (address) {
        return deploy("PausableToken", abi.encode(_decimals()));
    }

    function test_A2_liquidate_goesOn_whenTheTokenIsPaused() public {
        _bankruptAlice();
        AccountId dave = _trader("dave");
        _fund(dave, 10_000e18);
        _trade(dave, ETH, 100e18);
        _price(ETH, 1_560);
        IMisbehaving(address(token)).pause();
        vm.prank(bob.owner());
        vm.expectRevert(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        house.withdraw(bob, 1e6, bob.owner());
        vm.expectRevert(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        house.deposit(bob, 1);

        house.liquidate(dave, ETH, keeper);
        _settle(bob);
        _resolve(alice);
        house.touch(bob, ETH, 16);
        _trade(bob, ETH, 100e18);
        assertEq(_cash(bob) > 0, true);
        IMisbehaving(address(token)).unpause();
        _withdraw(bob, 1e18);
    }
}

/// @notice A2: the ledger neither sees nor shares what a rebase does; it is not a token to list, and nobody can take more than is theirs.
contract A2_rebasing_Test is HouseScenarios {
    function _deployToken() internal override returns (address) {
        return deploy("RebasingToken", abi.encode(_decimals()));
    }

    function test_A2_withdraw_paysWhatTheLedgerSays_whenTheIndexChanges() public {
        _fund(alice, 1_000e18);
        IMisbehaving(address(token)).rebase(2e18);
        assertEq(_cash(alice), 1_000e18);
        assertEq(house.freeCashOf(alice), 1_000e18, "a gain of the token belongs to nobody");
        vm.prank(alice.owner());
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.FreeCashTooLow.selector, alice, 1_000e18, 1_000e18 + 1e12)
        );
        house.withdraw(alice, 1_000e6 + 1, alice.owner());
        IMisbehaving(address(token)).rebase(0.5e18);
        _withdraw(alice, 1_000e18);
        assertEq(token.balanceOf(alice.owner()), 1_000e6);
    }

    function test_A2_deposit_revertsWhenRoundingLosesAUnit() public {
        IMisbehaving(address(token)).rebase(3e18);
        token.mint(address(this), 100);
        bytes memory arguments = _refusal(
            abi.encodeCall(house.deposit, (alice, 100)),
            IClearingHouse.TokenAmountMismatch.selector
        );
        (uint256 received, uint256 expected) = abi.decode(arguments, (uint256, uint256));
        assertEq(expected, 100);
        assertLt(received, 100);
    }
}

/// @notice A4: tokens and ether sent straight to a contract change nothing anybody owns.
contract A4_donations_Test is HouseScenarios {
    function _contracts() private view returns (address[] memory targets) {
        targets = new address[](6);
        targets[0] = address(house);
        targets[1] = address(oracle);
        targets[2] = address(risk);
        targets[3] = address(liquidation);
        targets[4] = address(waterfall);
        targets[5] = insurance;
    }

    function _state() private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _fingerprint(alice),
                    _fingerprint(bob),
                    _fingerprint(pools[0]),
                    _fingerprint(_fundAccount()),
                    house.marketOf(ETH),
                    house.freeCashOf(alice),
                    house.freeCashOf(pools[0]),
                    _equity(bob)
                )
            );
    }

    function test_A4_transfer_changesNothing_whenTokensAreSentStraight() public {
        _open(alice, ETH, 60_000e18, 100e18);
        _open(bob, ETH, 60_000e18, -100e18);
        bytes32 before = _state();
        address[] memory targets = _contracts();
        for (uint256 i; i < targets.length; ++i) token.mint(targets[i], 1_000_000e6);
        assertEq(_state(), before);
        _price(ETH, 1_000);
        _resolve(alice);
        _settle(bob);
        uint256 paid = _usd(token.balanceOf(address(house)));
        assertGt(paid, 1_000_000e18);
    }

    function test_A4_transfer_isRefused_whenEtherIsSent() public {
        vm.deal(address(this), 10 ether);
        address[] memory targets = _contracts();
        for (uint256 i; i < targets.length; ++i) {
            (bool plain, ) = targets[i].call{value: 1}("");
            assertFalse(plain, "plain ether");
            (bool withData, ) = targets[i].call{value: 1}(abi.encodeCall(house.deposit, (alice, 1e6)));
            assertFalse(withData, "ether with a call");
            assertEq(targets[i].balance, 0);
        }
    }

    function test_A4_transfer_changesNothing_whenEtherIsForced() public {
        _open(alice, ETH, 60_000e18, 100e18);
        bytes32 before = _state();
        address[] memory targets = _contracts();
        for (uint256 i; i < targets.length; ++i) vm.deal(targets[i], 1_000 ether);
        assertEq(_state(), before);
        _settle(alice);
        _assertConserved(_users());
    }
}

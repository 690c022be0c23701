// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @notice A wallet that accepts one digest.
contract ContractWallet is IERC1271 {
    bytes32 private _accepted;

    function accept(bytes32 digest) external {
        _accepted = digest;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == _accepted ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

/// @notice AUTH-1: a signature gives exactly what was signed, once, in time, here.
contract ClearingHouse_setDelegateBySignature_Test is HouseScenarios {
    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant TYPEHASH = keccak256(
        "Delegation(uint256 account,address delegate,uint256 powers,uint256 nonce,uint256 deadline)"
    );

    uint256 private _key;
    address private _delegate = address(0xde1e);
    uint256 private _deadline;

    function setUp() public override {
        super.setUp();
        (, _key) = makeAccount("alice");
        _deadline = vm.getBlockTimestamp() + 1 hours;
    }

    function _digest(
        AccountId account,
        uint256 powers,
        uint256 nonce,
        uint256 chainId,
        address verifier
    ) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("Breakwater"), keccak256("1"), chainId, verifier)
        );
        bytes32 message = keccak256(abi.encode(TYPEHASH, account, _delegate, powers, nonce, _deadline));
        return keccak256(abi.encodePacked("\x19\x01", domain, message));
    }

    function _signature(AccountId account, uint256 powers, uint256 nonce) private view returns (bytes memory) {
        return _signed(_digest(account, powers, nonce, block.chainid, address(house)));
    }

    function _signed(bytes32 digest) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _expectInvalid(AccountId account) private {
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SignatureInvalid.selector, account.owner()));
    }

    function test_setDelegateBySignature_revertsWhenDeadlineHasPassed() public {
        bytes memory signature = _signature(alice, 3, 0);
        vm.warp(_deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.SignatureExpired.selector, _deadline, _deadline + 1));
        house.setDelegateBySignature(alice, _delegate, 3, _deadline, signature);
    }

    function test_setDelegateBySignature_revertsWhenAnyValueDiffers() public {
        bytes memory signature = _signature(alice, 1, 0);
        _expectInvalid(alice);
        house.setDelegateBySignature(alice, _delegate, 3, _deadline, signature);
        _expectInvalid(alice);
        house.setDelegateBySignature(alice, STRANGER, 1, _deadline, signature);
        _expectInvalid(alice);
        house.setDelegateBySignature(alice, _delegate, 1, _deadline + 1, signature);
        AccountId other = accountIdOf(alice.owner(), 1);
        _expectInvalid(other);
        house.setDelegateBySignature(other, _delegate, 1, _deadline, signature);
        _expectInvalid(bob);
        house.setDelegateBySignature(bob, _delegate, 1, _deadline, signature);
    }

    function test_setDelegateBySignature_revertsWhenSignedForAnotherHouseOrChain() public {
        bytes memory signature = _signed(_digest(alice, 1, 0, block.chainid, address(this)));
        _expectInvalid(alice);
        house.setDelegateBySignature(alice, _delegate, 1, _deadline, signature);
        signature = _signed(_digest(alice, 1, 0, block.chainid + 1, address(house)));
        _expectInvalid(alice);
        house.setDelegateBySignature(alice, _delegate, 1, _deadline, signature);
    }

    function test_setDelegateBySignature_revertsWhenUsedTwice() public {
        bytes memory signature = _signature(alice, 1, 0);
        house.setDelegateBySignature(alice, _delegate, 1, _deadline, signature);
        _expectInvalid(alice);
        house.setDelegateBySignature(alice, _delegate, 1, _deadline, signature);
    }

    function test_setDelegateBySignature_revertsWhenMalleated() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key, _digest(alice, 1, 0, block.chainid, address(house)));
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        bytes memory signature = abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        _expectInvalid(alice);
        house.setDelegateBySignature(alice, _delegate, 1, _deadline, signature);
    }

    function test_setDelegateBySignature_revertsWhenOwnerIsNobodyOrTheHouse() public {
        AccountId nobody = accountIdOf(address(0), 0);
        _expectInvalid(nobody);
        house.setDelegateBySignature(nobody, _delegate, 1, _deadline, new bytes(65));
        AccountId system = house.systemAccountOf(ETH, 0);
        _expectInvalid(system);
        house.setDelegateBySignature(system, _delegate, 1, _deadline, new bytes(65));
    }

    function test_setDelegateBySignature_revertsWhenPowersAreUnknown() public {
        bytes memory signature = _signature(alice, 4, 0);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.PowersUnknown.selector, 4));
        house.setDelegateBySignature(alice, _delegate, 4, _deadline, signature);
        assertEq(house.nonceOf(alice), 0, "a refused signature is not used up");
    }

    function test_setDelegateBySignature_setsPowersInTheLastSecond() public {
        bytes memory signature = _signature(alice, 2, 0);
        vm.warp(_deadline);
        vm.expectEmit(address(house));
        emit IClearingHouse.DelegateSet(alice, _delegate, 2);
        vm.prank(STRANGER);
        house.setDelegateBySignature(alice, _delegate, 2, _deadline, signature);
        assertEq(house.powersOf(alice, _delegate), 2);
        assertEq(house.nonceOf(alice), 1);
        assertEq(house.nonceOf(accountIdOf(alice.owner(), 1)), 0, "each sub-account counts for itself");
        house.setDelegateBySignature(alice, _delegate, 0, _deadline, _signature(alice, 0, 1));
        assertEq(house.powersOf(alice, _delegate), 0);
    }

    function test_setDelegateBySignature_asksTheContract_whenOwnerIsOne() public {
        ContractWallet wallet = new ContractWallet();
        AccountId account = accountIdOf(address(wallet), 5);
        _expectInvalid(account);
        house.setDelegateBySignature(account, _delegate, 3, _deadline, "any");
        wallet.accept(_digest(account, 3, 0, block.chainid, address(house)));
        house.setDelegateBySignature(account, _delegate, 3, _deadline, "any");
        assertEq(house.powersOf(account, _delegate), 3);
    }

    function testFuzz_setDelegateBySignature_revertsWhenSignatureIsJunk(bytes calldata signature) public {
        _expectInvalid(alice);
        house.setDelegateBySignature(alice, _delegate, 1, _deadline, signature);
    }
}

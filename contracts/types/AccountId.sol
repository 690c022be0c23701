// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice An account: its owner's address in the high 160 bits, a sub-account number in the low 96. Nothing is minted.
type AccountId is uint256;

using {owner, sub, equals as ==, differs as !=} for AccountId global;

/// @dev The account number `subAccount` of `owner_`.
function accountIdOf(address owner_, uint96 subAccount) pure returns (AccountId) {
    return AccountId.wrap((uint256(uint160(owner_)) << 96) | subAccount);
}

function owner(AccountId id) pure returns (address) {
    return address(uint160(AccountId.unwrap(id) >> 96));
}

function sub(AccountId id) pure returns (uint96) {
    return uint96(AccountId.unwrap(id));
}

function equals(AccountId a, AccountId b) pure returns (bool) {
    return AccountId.unwrap(a) == AccountId.unwrap(b);
}

function differs(AccountId a, AccountId b) pure returns (bool) {
    return AccountId.unwrap(a) != AccountId.unwrap(b);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {AccountId, accountIdOf} from "../../contracts/types/AccountId.sol";

/// @notice Answers every call as told: reverts, burns all gas, returns a megabyte, or calls the house.
contract HostileOwner {
    enum Behaviour {
        Reverts,
        BurnsGas,
        ReturnsMegabyte,
        Reenters
    }

    Behaviour private immutable _BEHAVIOUR;
    IClearingHouse private immutable _HOUSE;
    uint256 public calls;

    constructor(Behaviour behaviour, IClearingHouse house) {
        _BEHAVIOUR = behaviour;
        _HOUSE = house;
    }

    function act(address target, bytes calldata data) external {
        (bool success, bytes memory reason) = target.call(data);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    fallback(bytes calldata) external payable returns (bytes memory) {
        if (_BEHAVIOUR == Behaviour.Reverts) revert();
        ++calls;
        if (_BEHAVIOUR == Behaviour.BurnsGas) while (gasleft() != 0) {}
        if (_BEHAVIOUR == Behaviour.ReturnsMegabyte) return new bytes(1_000_000);
        AccountId[] memory own = new AccountId[](1);
        own[0] = accountIdOf(address(this), 0);
        _HOUSE.settle(own);
        return "";
    }
}

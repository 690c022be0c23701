// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A feed that misbehaves as told
/// @notice Answers every call but `decimals` as its behaviour says. Without access control: for tests.
contract HostileFeed {
    enum Behaviour {
        Answers,
        Reverts,
        RevertsAtLength,
        BurnsGas,
        ReturnsAtLength
    }

    /// @dev What `Answers` returns, word by word, so that each can be malformed.
    struct Words {
        uint256 roundId;
        int256 answer;
        uint256 startedAt;
        uint256 updatedAt;
        uint256 answeredInRound;
    }

    uint8 public decimals = 8;
    Behaviour private _behaviour;
    uint256 private _length;
    Words private _words;

    error HostileRevert(bytes padding);

    /// @notice Answers with these words from now on.
    function answerWith(Words calldata words) external {
        _behaviour = Behaviour.Answers;
        _words = words;
    }

    /// @notice Behaves like this from now on.
    /// @param length bytes of return data or of revert data, for the behaviours that have one
    function behave(Behaviour behaviour, uint256 length) external {
        _behaviour = behaviour;
        _length = length;
    }

    /// @notice Claims so many decimals from now on.
    function setDecimals(uint8 newDecimals) external {
        decimals = newDecimals;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        Behaviour behaviour = _behaviour;
        if (behaviour == Behaviour.Reverts) revert HostileRevert("");
        if (behaviour == Behaviour.RevertsAtLength) revert HostileRevert(new bytes(_length));
        if (behaviour == Behaviour.ReturnsAtLength) return _filled(_length);
        if (behaviour == Behaviour.BurnsGas) {
            while (gasleft() != 0) {}
        }
        return abi.encode(_words);
    }

    /// @dev `length` bytes of which the first words look like a round of now.
    function _filled(uint256 length) private view returns (bytes memory data) {
        data = new bytes(length);
        bytes memory round = abi.encode(Words(1, 2_000e8, block.timestamp, block.timestamp, 1));
        for (uint256 i = 0; i < length && i < round.length; ++i) data[i] = round[i];
    }
}

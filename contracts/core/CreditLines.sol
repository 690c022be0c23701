// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../interfaces/IClearingHouse.sol";
import {AccountId, accountIdOf} from "../types/AccountId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {Accounts} from "./Accounts.sol";
import {HouseState} from "./HouseState.sol";
import {AccountHeader} from "./Words.sol";

/// @title Credit lines as the ledger sees them
/// @notice A line is a promise of the credit vault. The ledger takes it for no more than the cash in the vault's own account, and a draw moves exactly that
/// cash: whatever the vault says, nobody else's is touched, and no token (CONS-1).
/// @dev Deployed on its own and linked: it runs in the house's storage. Only accounts with `HAS_CREDIT` get here.
library CreditLines {
    using Accounts for AccountHeader;

    /// @dev What an account may draw. D18{USD}
    function lineOf(HouseState storage state, AccountId account, MarginKind kind) external view returns (uint256) {
        uint256 line = state.credit.lineOf(account, kind);
        uint256 cash = Accounts.load(state, accountIdOf(address(state.credit), 0)).cash;
        return line < cash ? line : cash;
    }

    /// @dev Draws as much of `amountUsd` as the vault lends. The caller holds the account's header and adds the cash to it.
    /// @param header of the account, before the draw
    function draw(
        HouseState storage state,
        AccountId account,
        AccountHeader memory header,
        uint256 amountUsd
    ) external returns (uint256 drawnUsd) {
        drawnUsd = state.credit.drawFor(account, amountUsd);
        AccountId lenders = accountIdOf(address(state.credit), 0);
        AccountHeader memory source = Accounts.load(state, lenders);
        // That the vault pays no more than was asked for, or than it has, is the ledger's own rule.
        if (drawnUsd > amountUsd) drawnUsd = amountUsd;
        if (drawnUsd > source.cash) drawnUsd = source.cash;
        if (drawnUsd == 0) return 0;
        source.takeCash(drawnUsd);
        source.bump();
        Accounts.store(state, lenders, source);
        emit IClearingHouse.CreditDrawn(account, drawnUsd, header.cash + drawnUsd, header.version + 1, source.cash);
    }
}

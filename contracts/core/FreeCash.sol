// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPoint} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind, Portfolio} from "../types/Portfolio.sol";
import {Accounts} from "./Accounts.sol";
import {HAS_HELD, HouseState, MAX_EVENTS_PER_TOUCH} from "./HouseState.sol";
import {Markets} from "./Markets.sol";
import {Positions} from "./Positions.sol";
import {Work} from "./Settlement.sol";
import {AccountHeader, Leg} from "./Words.sol";

/// @title Free cash: what an account may take out
/// @notice All cash of an account without positions and negative quote legs, whatever the feeds and other accounts do (CASH-1). Otherwise
/// `min(c − losses, E − IM)`, losses with what is held for them, a market without a valid price at its last valid one in `c` and shocked against the account in `E`.
library FreeCash {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    using Accounts for AccountHeader;

    /// @dev Whether the account's free cash depends on prices: it has a size or owes a quote leg somewhere.
    function needsPrices(HouseState storage state, AccountId account) internal view returns (bool) {
        uint256 markets = Accounts.marketsOf(state, account);
        for (uint8 number; markets != 0; ++number) {
            if (markets & 1 != 0) {
                MarketId id = MarketId.wrap(number);
                Leg memory leg = Positions.effective(
                    state,
                    account,
                    id,
                    Markets.eventsOf(state.markets[id]),
                    MAX_EVENTS_PER_TOUCH
                );
                if (leg.size != 0 || leg.quote < 0) return true;
            }
            markets >>= 1;
        }
        return false;
    }

    /// @dev Free cash of an account that needs no prices. D18{USD}
    function flat(HouseState storage state, AccountId account) internal view returns (uint256) {
        return Accounts.load(state, account).marginCash();
    }

    /// @dev Free cash of a gathered account. D18{USD}, rounded down
    /// @param portfolio the account as the risk engine is to see it for initial margin
    function gathered(
        HouseState storage state,
        Work memory work,
        Portfolio memory portfolio
    ) internal view returns (uint256) {
        uint256 committed;
        bool hasHeld = work.header.flags & HAS_HELD != 0;
        for (uint256 i; i < work.holdings.length; ++i) {
            uint256 loss = (-work.holdings[i].value).positivePart();
            uint256 held = hasHeld ? state.held[work.account][work.holdings[i].book.id] : 0;
            committed += loss > held ? loss : held;
        }
        uint256 cash = work.header.marginCash();
        if (cash <= committed) return 0;
        (int256 equity, uint256 required) = state.risk.assess(portfolio, MarginKind.Initial);
        uint256 excess = (equity - required.toInt()).positivePart();
        return cash - committed < excess ? cash - committed : excess;
    }
}

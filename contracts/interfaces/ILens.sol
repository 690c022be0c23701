// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";
import {IBackstopPool} from "./IBackstopPool.sol";
import {IClearingHouse} from "./IClearingHouse.sol";
import {ICollateralAuction} from "./ICollateralAuction.sol";
import {ILiquidationEngine} from "./ILiquidationEngine.sol";
import {IRiskEngine} from "./IRiskEngine.sol";

/// @title Reading in pages
/// @notice Gathers what keepers and clients ask of the system into few calls, each at one block. Reads only; nothing depends on it.
///
/// A page never fails because of one of its items: an item that cannot be read carries the revert data of the read that failed in
/// a `…Failure` field, and zeros in the fields that depend on it. An empty `…Failure` means that the fields are true.
interface ILens {
    /* TYPES */

    /// @notice One of an account's positions.
    /// @param market where
    /// @param size D18{base}, signed, market events applied
    /// @param quote D18{USD}, signed, v
    /// @param pendingEvents market events that one call can not apply; above 0, `touch` first
    /// @param status of the price
    /// @param price D18{USD/base}, the index, or the last valid one
    /// @param valueUsd D18{USD}, unsettled value U = s·X + v
    /// @param plan what `liquidate` would do now; of a healthy account `Healthy` without asking
    /// @param planFailure why there is no plan
    /// @param takeOver what a `takeOver` of any size would do now; of a healthy account `Healthy` without asking
    /// @param takeOverFailure why there is none
    struct PositionReport {
        MarketId market;
        int256 size;
        int256 quote;
        uint256 pendingEvents;
        PriceStatus status;
        uint256 price;
        int256 valueUsd;
        ILiquidationEngine.Plan plan;
        bytes planFailure;
        ILiquidationEngine.TakeOverPlan takeOver;
        bytes takeOverFailure;
    }

    /// @notice An account, judged.
    /// @param account which
    /// @param state as stored
    /// @param positions one per market of the account, in ascending order of market
    /// @param freeCashUsd D18{USD}, what could be withdrawn now
    /// @param freeCashFailure why that is not known
    /// @param equityUsd D18{USD}, for maintenance: gains in full
    /// @param maintenanceUsd D18{USD}
    /// @param openingEquityUsd D18{USD}, for opening and withdrawing: gains as far as matured
    /// @param initialUsd D18{USD}
    /// @param health D18{1}, equity over maintenance margin, rounded down; the largest number when nothing is required and equity is not negative,
    /// 0 when equity is negative
    /// @param distress the distress clock, and how long the account's auctions have run
    /// @param distressFailure why that is not known
    /// @param takeOverWhole what `takeOverWhole` would do now, as a whole; of a healthy account `Healthy` without asking
    /// @param takeOverWholeFailure why there is none
    /// @param resolvable whether `resolve` would recognise a default now
    /// @param marginFailure why the account can not be judged; prices, values, health and plans are then missing too
    /// @param failure why nothing at all is known
    struct AccountReport {
        AccountId account;
        IClearingHouse.AccountState state;
        PositionReport[] positions;
        uint256 freeCashUsd;
        bytes freeCashFailure;
        int256 equityUsd;
        uint256 maintenanceUsd;
        int256 openingEquityUsd;
        uint256 initialUsd;
        uint256 health;
        IClearingHouse.DistressState distress;
        bytes distressFailure;
        ILiquidationEngine.TakeOverPlan takeOverWhole;
        bytes takeOverWholeFailure;
        bool resolvable;
        bytes marginFailure;
        bytes failure;
    }

    /// @notice A listed market.
    /// @param market which
    /// @param terms fixed terms
    /// @param state books
    /// @param price index price and its status
    /// @param skew D18{base}, traders' longs less shorts; the pool holds the opposite
    /// @param depthUsd D18{USD}, notional that moves the pool's price by 1 %
    /// @param poolEquityUsd D18{USD}
    /// @param poolMaintenanceUsd D18{USD}
    /// @param inventory position of the resolution account
    /// @param inventoryPlan what a `takeOver` of all of the inventory would do now
    /// @param inventoryFailure why there is none
    /// @param poolTearUp what `tearUpPool` would do now
    /// @param poolTearUpFailure why that is not known
    /// @param stress what says how fast the market is liquidated; its range is 0 while the price is missing
    /// @param tearUp position of the tear-up account
    /// @param deficit position of the deficit account
    /// @param rates margin rates as they act now
    /// @param priceFailure why price and depth are missing
    /// @param poolFailure why the pool's equity is missing
    /// @param ratesFailure why the rates are missing
    /// @param failure why nothing at all is known
    struct MarketReport {
        MarketId market;
        IClearingHouse.MarketTerms terms;
        IClearingHouse.MarketState state;
        Price price;
        int256 skew;
        uint256 depthUsd;
        int256 poolEquityUsd;
        uint256 poolMaintenanceUsd;
        IClearingHouse.PositionState inventory;
        ILiquidationEngine.TakeOverPlan inventoryPlan;
        bytes inventoryFailure;
        ILiquidationEngine.PoolPlan poolTearUp;
        bytes poolTearUpFailure;
        ILiquidationEngine.Stress stress;
        IClearingHouse.PositionState tearUp;
        IClearingHouse.PositionState deficit;
        IRiskEngine.MarginRates rates;
        bytes priceFailure;
        bytes poolFailure;
        bytes ratesFailure;
        bytes failure;
    }

    /// @notice Ways out of one position that its report leaves out.
    /// @param pacing when the next slice is possible, and how large it may be
    /// @param pacingFailure why that is not known
    /// @param backstop what the backstop pool bids for it
    /// @param backstopFailure why that is not known
    struct PositionRoutes {
        MarketId market;
        ILiquidationEngine.Pacing pacing;
        bytes pacingFailure;
        IBackstopPool.Bid backstop;
        bytes backstopFailure;
    }

    /// @notice A collateral that an account has pledged.
    /// @param amountNative {qTok}
    /// @param startedAt {s}, when its auction started; 0 without one
    /// @param expiresAt {s}, until when it can be taken
    /// @param take what taking all that is for sale would come to now
    struct CollateralReport {
        address asset;
        uint256 amountNative;
        uint256 startedAt;
        uint256 expiresAt;
        ICollateralAuction.TakePlan take;
    }

    /// @notice An account's credit. Above `valueUsd` collateral may be auctioned.
    /// @param debtUsd D18{USD}
    /// @param valueUsd D18{USD}, what is lent against the collateral in all, as it is judged for auctions
    /// @param lineUsd D18{USD}, what could be drawn now
    /// @param collateral what has been pledged
    struct CreditReport {
        uint256 debtUsd;
        uint256 valueUsd;
        uint256 lineUsd;
        CollateralReport[] collateral;
    }

    /// @notice Every way in which an account in distress can be resolved.
    /// @param report slices, take-overs and resolution among them
    /// @param positions one per market of the account, in the order of the report
    /// @param credit empty without a credit vault
    /// @param creditFailure why the credit is not known
    struct AccountRoutes {
        AccountReport report;
        PositionRoutes[] positions;
        CreditReport credit;
        bytes creditFailure;
    }

    /// @notice Every way in which what defaults left in a market can go.
    /// @param report the auction of the inventory among them
    /// @param inventory what selling to the pool and a tear-up would do
    /// @param inventoryFailure why that is not known
    /// @param backstop what the backstop pool bids for the inventory
    /// @param backstopFailure why that is not known
    struct MarketRoutes {
        MarketReport report;
        IClearingHouse.InventoryState inventory;
        bytes inventoryFailure;
        IBackstopPool.Bid backstop;
        bytes backstopFailure;
    }

    /// @notice One market's side of the reconciliation. In every market `Σv = B + L − S`.
    /// @param reserveUsd D18{USD}, B
    /// @param uncollectedLossUsd D18{USD}, L
    /// @param surplusUsd D18{USD}, S
    /// @param trancheCashUsd D18{USD}, cash of the market's own tranche, which pays first for what defaults leave in it
    /// @param quoteSumUsd D18{USD}, B + L − S: what the quote legs of all accounts must add up to
    struct MarketBooks {
        MarketId market;
        uint256 reserveUsd;
        uint256 uncollectedLossUsd;
        uint256 surplusUsd;
        uint256 trancheCashUsd;
        int256 quoteSumUsd;
    }

    /// @notice The house's books. `tokens = Σ cash + Σ B`, donations aside.
    /// @param token settlement token
    /// @param tokenDecimals its decimals
    /// @param tokensNative {qTok}, held by the house
    /// @param tokensUsd D18{USD}, the same, rounded down
    /// @param reservesUsd D18{USD}, Σ B
    /// @param cashUsd D18{USD}, tokens less reserves: what the cash of all accounts must add up to, donations aside
    /// @param insuranceCashUsd D18{USD}, cash of the insurance fund's account
    /// @param markets one per listed market
    struct HouseReport {
        address token;
        uint256 tokenDecimals;
        uint256 tokensNative;
        uint256 tokensUsd;
        uint256 reservesUsd;
        int256 cashUsd;
        uint256 insuranceCashUsd;
        MarketBooks[] markets;
    }

    /* ERRORS */

    /// @notice Thrown when a page is longer than `MAX_ACCOUNTS`.
    error PageTooLong(uint256 count, uint256 maximum);

    /// @notice In an item's `failure`: the call's gas ended before it. Ask again for this and the following accounts, with more gas or fewer accounts.
    error ReportNotReached(AccountId account);

    /// @notice In a `…Failure`: the read ended without revert data, because its gas ended or a module has no code.
    error ReadFailed();

    /// @notice In a `…Failure`: the house has no such module.
    error ModuleMissing(bytes32 module);

    /* VIEWS */

    /// @notice The house whose books are read.
    function HOUSE() external view returns (IClearingHouse);

    /// @notice Longest page of accounts.
    function MAX_ACCOUNTS() external view returns (uint256);

    /// @notice Reports on up to `MAX_ACCOUNTS` accounts, in the order asked for. Accounts are found through the house's events.
    /// @custom:rounding as the house and its risk engine round: equity down, requirements up
    function accounts(AccountId[] calldata ids) external view returns (AccountReport[] memory reports);

    /// @notice `accounts` for one, which reverts with what goes in `failure`.
    function accountReport(AccountId account) external view returns (AccountReport memory report);

    /// @notice Reports on all listed markets, in ascending order.
    function markets() external view returns (MarketReport[] memory reports);

    /// @notice `markets` for one, which reverts with what goes in `failure`.
    function marketReport(MarketId market) external view returns (MarketReport memory report);

    /// @notice Every way in which an account can be resolved, open or not, and since when or from when.
    function routesOf(AccountId account) external view returns (AccountRoutes memory routes);

    /// @notice An account's debt, collateral and auctions; empty without a credit vault.
    function creditReport(AccountId account) external view returns (CreditReport memory report);

    /// @notice Every way in which what defaults left in a market can go, open or not.
    function marketRoutesOf(MarketId market) external view returns (MarketRoutes memory routes);

    /// @notice Terms of the reconciliation of tokens, cash, reserves and quote legs.
    function house() external view returns (HouseReport memory report);
}

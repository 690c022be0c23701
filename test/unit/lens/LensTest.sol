// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ILens} from "../../../contracts/interfaces/ILens.sol";
import {ILiquidationEngine} from "../../../contracts/interfaces/ILiquidationEngine.sol";
import {IRiskEngine} from "../../../contracts/interfaces/IRiskEngine.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {MarketId} from "../../../contracts/types/MarketId.sol";
import {Exposure, MarginKind, Portfolio} from "../../../contracts/types/Portfolio.sol";
import {PriceStatus} from "../../../contracts/types/PriceStatus.sol";
import {Test} from "../../support/Test.sol";

/// @title A lens over a scripted house
/// @notice The house and its modules are stand-ins that answer what a test says: the lens is judged alone, in states a real house seldom reaches.
abstract contract LensTest is Test {
    MarketId internal constant ETH = MarketId.wrap(0);
    MarketId internal constant BTC = MarketId.wrap(5);
    uint256 internal constant BOTH = (1 << 0) | (1 << 5);

    ILens internal lens;
    address internal house;
    address internal oracle;
    address internal risk;
    address internal token;
    address internal fund;
    AccountId internal alice;

    function setUp() public virtual {
        house = makeStandIn("house");
        oracle = makeStandIn("oracle");
        risk = makeStandIn("risk");
        token = makeStandIn("token");
        fund = makeAddr("insurance fund");
        alice = accountIdOf(makeAddr("alice"), 3);
        lens = ILens(deploy("Lens", abi.encode(house)));

        answerModule("oracle", oracle);
        answerModule("risk", risk);
        answerModule("insurance", fund);
    }

    function makeStandIn(string memory name) internal returns (address standIn) {
        standIn = makeAddr(name);
        vm.etch(standIn, hex"fe"); // fails when asked what it was not told to answer
    }

    function answerModule(bytes32 name, address module) internal {
        vm.mockCall(house, abi.encodeCall(IClearingHouse.moduleOf, (name)), abi.encode(module));
    }

    /// @dev An account in ETH and BTC. Sizes 2 and −1, worth −50 and +20.
    function answerAccount(AccountId account, int256 equityUsd, uint256 maintenanceUsd) internal {
        IClearingHouse.AccountState memory state;
        state.cashUsd = 1_000e18;
        state.depositUsd = 5e18;
        state.markets = BOTH;
        state.version = 7;
        vm.mockCall(house, abi.encodeCall(IClearingHouse.accountOf, (account)), abi.encode(state));
        answerPosition(account, ETH, 2e18, -6_050e18, 4);
        answerPosition(account, BTC, -1e18, 60_020e18, 4);
        answerEvents(ETH, 4);
        answerEvents(BTC, 6);
        vm.mockCall(house, abi.encodeCall(IClearingHouse.freeCashOf, (account)), abi.encode(uint256(123e18)));

        Portfolio memory portfolio;
        portfolio.cashUsd = 995e18;
        portfolio.exposures = new Exposure[](2);
        portfolio.exposures[0].market = ETH;
        portfolio.exposures[0].status = PriceStatus.Valid;
        portfolio.exposures[0].price = 3_000e18;
        portfolio.exposures[0].valueUsd = -50e18;
        portfolio.exposures[1].market = BTC;
        portfolio.exposures[1].status = PriceStatus.Stale;
        portfolio.exposures[1].price = 60_000e18;
        portfolio.exposures[1].valueUsd = 20e18;
        vm.mockCall(
            house,
            abi.encodeCall(IClearingHouse.portfolioOf, (account, MarginKind.Maintenance)),
            abi.encode(portfolio)
        );
        vm.mockCall(
            risk,
            abi.encodeCall(IRiskEngine.assess, (portfolio, MarginKind.Maintenance)),
            abi.encode(equityUsd, maintenanceUsd)
        );
        vm.mockCall(
            house,
            abi.encodeCall(IClearingHouse.marginOf, (account, MarginKind.Initial)),
            abi.encode(int256(900e18), uint256(800e18))
        );
    }

    function answerPosition(AccountId account, MarketId market, int256 size, int256 quote, uint256 seen) internal {
        vm.mockCall(
            house,
            abi.encodeCall(IClearingHouse.positionOf, (account, market)),
            abi.encode(
                IClearingHouse.PositionState({
                    size: size,
                    quote: quote,
                    storedSize: size,
                    storedQuote: quote,
                    eventsSeen: seen
                })
            )
        );
    }

    function answerEvents(MarketId market, uint256 events) internal {
        IClearingHouse.MarketState memory state;
        state.events = events;
        answerMarket(market, state);
    }

    function answerMarket(MarketId market, IClearingHouse.MarketState memory state) internal {
        vm.mockCall(house, abi.encodeCall(IClearingHouse.marketOf, (market)), abi.encode(state));
    }

    function answerPlan(AccountId account, MarketId market, ILiquidationEngine.PlanCode code) internal {
        ILiquidationEngine.Plan memory plan;
        plan.code = code;
        plan.closeSize = 5e17;
        vm.mockCall(house, abi.encodeCall(IClearingHouse.previewLiquidation, (account, market)), abi.encode(plan));
    }
}

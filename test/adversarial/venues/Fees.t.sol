// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {IDelayedOrders} from "../../../contracts/interfaces/IDelayedOrders.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {DelayedOrdersTest} from "../../unit/venues/DelayedOrdersTest.sol";

/// @notice A5: fees of nothing, of a basis point and of the most there may be, also changed between an order's commitment and its execution.
contract Fees_adversarial_Test is DelayedOrdersTest {
    uint256 private constant MOST = 0.01e18;

    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    function _users() private view returns (AccountId[] memory users) {
        users = new AccountId[](1);
        users[0] = alice;
    }

    function _setFees(uint256 taker, uint256 maker, uint256 insuranceShare) private {
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        (terms.takerFee, terms.makerFee, terms.insuranceShare) = (taker, maker, insuranceShare);
        house.setMarketTerms(ETH, terms);
    }

    /// @dev Whatever is taken goes to pool and insurance to the unit, and nothing is taken that the terms do not say.
    function testFuzz_A5_trade_splitsTheFeeToTheUnit(uint256 fee, uint256 share, uint256 lots) public {
        fee = bound(fee, 0, 10_000) * 1e12;
        share = bound(share, 0, 1_000_000) * 1e12;
        lots = bound(lots, 126, 500_000);
        _setFees(fee, 0, share);
        _fund(alice, 1_000_000e18);
        uint256 all = _cash(alice) + _cash(pools[0]) + house.marketOf(ETH).reserveUsd;
        (uint256 price, uint256 paid) = _trade(alice, ETH, int256(lots) * 1e15);
        uint256 notional = lots * 1e15 * 2_000;
        assertApproxEqAbs(paid, (notional * fee) / 1e18, 2, "the fee");
        assertGe(paid, (notional * fee) / 1e18, "rounded for the account");
        uint256 toInsurance = all - (_cash(alice) + _cash(pools[0]) + house.marketOf(ETH).reserveUsd);
        assertApproxEqAbs(toInsurance, (paid * share) / 1e18, 1, "insurance's share");
        assertGe(toInsurance, (paid * share) / 1e18, "rounded for the pool");
        assertGt(price, 2_000e18);
        _assertConserved(_users());
    }

    function test_A5_setMarketTerms_revertsWhenAFeeIsAboveTheMost() public {
        _setFees(MOST, MOST, 1e18);
        IClearingHouse.MarketTerms memory terms = house.termsOf(ETH);
        terms.takerFee = MOST + 1;
        vm.expectRevert(
            abi.encodeWithSelector(IClearingHouse.TermsOutOfBounds.selector, bytes32("takerFee"), MOST + 1, 0, MOST)
        );
        house.setMarketTerms(ETH, terms);
    }

    /// @dev An order pays the fee of its execution: never above what code allows, and never out of margin it does not have.
    function test_A5_execute_paysTheFeeOfItsTime_whenTermsChangeInBetween() public {
        _setFees(0, 0, 0.2e18);
        _fund(alice, 100_000e18);
        uint256 id = _commit(alice, 100e18);
        _setFees(MOST, 0, 0.2e18);
        _price(ETH, 2_000);
        (, uint256 fee) = orders.execute(id, keeper);
        assertEq(fee, 2_000e18, "one per cent of 200 000");
        _setFees(0, 0, 0.2e18);
        id = _commit(alice, -100e18);
        _setFees(MOST, MOST, 0.2e18);
        _price(ETH, 2_000);
        (, fee) = orders.execute(id, keeper);
        assertEq(fee, 2_000e18, "to leave as well");
        assertEq(_size(alice, ETH), int256(0));
        _assertConserved(_users());
    }

    /// @dev With the margin for the old fee only, the order is refused and stays, and is executed when the fee is back.
    function test_A5_execute_keepsTheOrder_whenTheNewFeeTakesTheMargin() public {
        _setFees(0, 0, 0.2e18);
        // Initial margin of 100 ETH is 5 % and 0.01 % of 200 000; edge 20.
        _fund(alice, 10_000e18 + 20e18 + 20e18 + DEPOSIT_USD + MIN_FEE);
        uint256 id = _commit(alice, 100e18);
        _setFees(0.0001e18, 0, 0.2e18);
        _price(ETH, 2_000);
        _assertCode(_executeBatch(id, 1)[0], IDelayedOrders.ExecutionCode.Rejected);
        _setFees(0, 0, 0.2e18);
        (, uint256 fee) = orders.execute(id, keeper);
        assertEq(fee, 0);
        assertEq(_size(alice, ETH), int256(100e18));
        _assertConserved(_users());
    }
}

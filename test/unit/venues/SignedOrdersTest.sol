// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISignedOrders} from "../../../contracts/interfaces/ISignedOrders.sol";
import {AccountId} from "../../../contracts/types/AccountId.sol";
import {HouseScenarios} from "../../support/HouseScenarios.sol";

/// @title Base of the signed orders' tests
/// @notice alice, bob and carol let the venue trade for them and have 100 000 USD each; ETH stands at 2 000 USD.
abstract contract SignedOrdersTest is HouseScenarios {
    ISignedOrders internal orders;

    mapping(address signer => uint256 privateKey) private _keys;

    function setUp() public virtual override {
        super.setUp();
        orders = ISignedOrders(deploy("SignedOrders", abi.encode(house)));
        house.setVenue(address(orders), true);
        string[3] memory names = ["alice", "bob", "carol"];
        AccountId[] memory users = _users();
        for (uint256 i; i < 3; ++i) {
            _key(names[i]);
            _allow(users[i], address(orders), 1);
            _fund(users[i], 100_000e18);
        }
    }

    function _decimals() internal pure override returns (uint8) {
        return 18;
    }

    /* ARRANGE */

    /// @dev Makes a signer whose key the test knows.
    function _key(string memory name) internal returns (address signer) {
        uint256 privateKey;
        (signer, privateKey) = makeAccount(name);
        _keys[signer] = privateKey;
    }

    function _allow(AccountId account, address delegate, uint256 powers) internal {
        vm.prank(account.owner());
        house.setDelegate(account, delegate, powers);
    }

    /// @dev In ETH, for an hour, for anybody, signed by the account's owner.
    function _order(
        AccountId account,
        int256 size,
        uint256 price
    ) internal view returns (ISignedOrders.Order memory order) {
        order.account = account;
        order.market = ETH;
        order.size = size;
        order.limitPrice = price;
        order.expiry = vm.getBlockTimestamp() + 1 hours;
        order.nonce = 7;
        order.signer = account.owner();
    }

    function _sign(ISignedOrders.Order memory order) internal view returns (ISignedOrders.SignedOrder memory) {
        return ISignedOrders.SignedOrder({order: order, signature: _signature(order)});
    }

    function _signature(ISignedOrders.Order memory order) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[order.signer], orders.hashOf(order));
        return abi.encodePacked(r, s, v);
    }

    function _signed(
        AccountId account,
        int256 size,
        uint256 price
    ) internal view returns (ISignedOrders.SignedOrder memory) {
        return _sign(_order(account, size, price));
    }

    /* ACT */

    function _fill(ISignedOrders.SignedOrder memory maker, AccountId taker, uint256 size) internal {
        vm.prank(taker.owner());
        orders.fill(maker, taker, size);
    }

    /* EXPECT */

    /// @dev The signing is done before the error is expected: it asks the venue for the hash.
    function _expectFill(
        bytes memory reason,
        ISignedOrders.SignedOrder memory maker,
        AccountId taker,
        uint256 size
    ) internal {
        vm.expectRevert(reason);
        _fill(maker, taker, size);
    }

    function _expectRevert(bytes memory reason) internal {
        vm.expectRevert(reason);
    }

    function _filled(ISignedOrders.SignedOrder memory signed) internal view returns (uint256) {
        return orders.filledOf(orders.hashOf(signed.order));
    }
}

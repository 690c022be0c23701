// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IClearingHouse} from "../../../contracts/interfaces/IClearingHouse.sol";
import {ISignedOrders} from "../../../contracts/interfaces/ISignedOrders.sol";
import {AccountId, accountIdOf} from "../../../contracts/types/AccountId.sol";
import {SignedOrdersTest} from "../../unit/venues/SignedOrdersTest.sol";

/// @notice A wallet that answers questions about signatures in every bad way, and one good one.
contract SigningWallet {
    enum Behaviour {
        Agree,
        Refuse,
        Revert,
        Empty,
        Short,
        Junk,
        Megabyte,
        Reenter
    }

    Behaviour public behaviour;
    ISignedOrders public orders;
    bytes public again;

    function behave(Behaviour newBehaviour, ISignedOrders newOrders, bytes calldata call) external {
        (behaviour, orders, again) = (newBehaviour, newOrders, call);
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        if (behaviour == Behaviour.Refuse) return 0xffffffff;
        if (behaviour == Behaviour.Revert) revert("no");
        if (behaviour == Behaviour.Empty) _answer(0, 0);
        if (behaviour == Behaviour.Short) _answer(uint256(bytes32(IERC1271.isValidSignature.selector)), 4);
        if (behaviour == Behaviour.Junk) _answer(type(uint256).max, 32);
        if (behaviour == Behaviour.Megabyte) _answer(uint256(bytes32(IERC1271.isValidSignature.selector)) | 1, 1 << 20);
        if (behaviour == Behaviour.Reenter) {
            // What it does is lost in a static call; whether it worked is not.
            (bool done, ) = address(orders).call(again);
            if (done) return 0xffffffff;
        }
        return IERC1271.isValidSignature.selector;
    }

    function _answer(uint256 first, uint256 length) private pure {
        assembly ("memory-safe") {
            mstore(0, first)
            return(0, length)
        }
    }
}

/// @notice L1, and what others may try with a signature: replaying it elsewhere, bending it, using it for another account, twice, or after its time.
contract SignedOrders_Adversarial_Test is SignedOrdersTest {
    function _expectInvalid(ISignedOrders.SignedOrder memory maker) private {
        assertFalse(orders.isSignatureValid(maker));
        _expectFill(
            abi.encodeWithSelector(
                ISignedOrders.OrderSignatureInvalid.selector,
                orders.hashOf(maker.order),
                maker.order.signer
            ),
            maker,
            bob,
            1e18
        );
    }

    /* REPLAY */

    function test_fill_revertsWhenTheSignatureIsForAnotherChain() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        vm.chainId(4_242);
        _expectInvalid(maker);
        // Signed for this chain it is good, and the old one's fills are counted elsewhere.
        _fill(_sign(maker.order), bob, 1e18);
    }

    function test_fill_revertsWhenTheSignatureIsForAnotherVenue() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        ISignedOrders first = orders;
        orders = ISignedOrders(deploy("SignedOrders", abi.encode(house)));
        house.setVenue(address(orders), true);
        _allow(alice, address(orders), 1);
        _allow(bob, address(orders), 1);
        assertNotEq(first.hashOf(maker.order), orders.hashOf(maker.order));
        _expectInvalid(maker);
    }

    function test_fill_revertsWhenAnOrderIsUsedTwice() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        _fill(maker, bob, 10e18);
        _expectFill(
            abi.encodeWithSelector(
                ISignedOrders.SignedOrderOverfilled.selector,
                orders.hashOf(maker.order),
                uint256(0),
                uint256(10e18)
            ),
            maker,
            bob,
            10e18
        );
    }

    /* SIGNATURES */

    function test_fill_revertsWhenTheSignatureIsMirrored() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        bytes memory signature = maker.signature;
        bytes32 r;
        uint256 s;
        uint8 v = uint8(signature[64]);
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        // The other root of the same signature: (r, n − s, v̄).
        s = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141 - s;
        maker.signature = abi.encodePacked(r, s, v == 27 ? uint8(28) : uint8(27));
        _expectInvalid(maker);
    }

    function test_fill_revertsWhenTheSignatureIsCutOrEmpty() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        bytes memory good = maker.signature;
        bytes memory cut = new bytes(64);
        for (uint256 i; i < 64; ++i) cut[i] = good[i];
        maker.signature = cut;
        _expectInvalid(maker);
        maker.signature = "";
        _expectInvalid(maker);
        maker.signature = abi.encodePacked(good, uint8(0));
        _expectInvalid(maker);
        maker.signature = good;
        _fill(maker, bob, 1e18);
    }

    function test_fill_revertsWhenSomebodyElseSigned() public {
        ISignedOrders.Order memory order = _order(alice, 10e18, 2_000e18);
        order.signer = bob.owner();
        ISignedOrders.SignedOrder memory maker = _sign(order);
        // Bob says he signs for alice: he may not.
        _expectFill(
            abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, bob.owner(), uint256(1)),
            maker,
            bob,
            1e18
        );
        // Bob says alice signed: she did not.
        maker.order.signer = alice.owner();
        _expectInvalid(maker);
        maker.order.signer = address(0);
        _expectFill(
            abi.encodeWithSelector(IClearingHouse.NotAuthorized.selector, alice, address(0), uint256(1)),
            maker,
            bob,
            1e18
        );
    }

    function test_fill_revertsWhenTheOrderIsBentToAnotherAccount() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        AccountId second = accountIdOf(alice.owner(), 1);
        _allow(second, address(orders), 1);
        _fund(second, 100_000e18);
        maker.order.account = second;
        _expectInvalid(maker);
    }

    function testFuzz_fill_revertsWhenAnyBitOfTheSignatureIsTurned(uint256 bit) public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        bit = bound(bit, 0, 65 * 8 - 1);
        maker.signature[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        assertFalse(orders.isSignatureValid(maker));
        vm.expectPartialRevert(ISignedOrders.OrderSignatureInvalid.selector);
        _fill(maker, bob, 1e18);
    }

    /* CONTRACTS THAT SIGN */

    function _wallet(
        SigningWallet.Behaviour behaviour
    ) private returns (SigningWallet wallet, ISignedOrders.SignedOrder memory maker) {
        wallet = new SigningWallet();
        AccountId account = accountIdOf(address(wallet), 0);
        _allow(account, address(orders), 1);
        _fund(account, 100_000e18);
        maker.order = _order(account, 10e18, 2_000e18);
        maker.signature = "anything";
        wallet.behave(behaviour, orders, abi.encodeCall(ISignedOrders.cancelNonces, (account, 0, 1)));
    }

    function test_fill_fills_whenAContractAgrees() public {
        (, ISignedOrders.SignedOrder memory maker) = _wallet(SigningWallet.Behaviour.Agree);
        _fill(maker, bob, 4e18);
        assertEq(_size(maker.order.account, ETH), int256(4e18));
    }

    function test_fill_revertsWhenAContractDoesNotSayYes() public {
        SigningWallet.Behaviour[6] memory bad = [
            SigningWallet.Behaviour.Refuse,
            SigningWallet.Behaviour.Revert,
            SigningWallet.Behaviour.Empty,
            SigningWallet.Behaviour.Short,
            SigningWallet.Behaviour.Junk,
            SigningWallet.Behaviour.Megabyte
        ];
        for (uint256 i; i < 6; ++i) {
            (, ISignedOrders.SignedOrder memory maker) = _wallet(bad[i]);
            _expectInvalid(maker);
        }
    }

    function test_fill_fillsOnce_whenAContractReentersWhileAsked() public {
        (SigningWallet wallet, ISignedOrders.SignedOrder memory maker) = _wallet(SigningWallet.Behaviour.Reenter);
        AccountId account = maker.order.account;
        _fill(maker, bob, 4e18);
        assertEq(orders.cancelledOf(account, 0), 0, "nothing was written while it was asked");
        wallet.behave(
            SigningWallet.Behaviour.Reenter,
            orders,
            abi.encodeCall(ISignedOrders.fill, (_signed(alice, -10e18, 2_000e18), account, 1e18))
        );
        _fill(maker, bob, 4e18);
        assertEq(_filled(maker), 8e18);
        assertEq(_size(account, ETH), int256(8e18));
        assertEq(_size(alice, ETH), int256(0));
    }

    function test_fill_stops_whenAContractTakesItsSignatureBack() public {
        (SigningWallet wallet, ISignedOrders.SignedOrder memory maker) = _wallet(SigningWallet.Behaviour.Agree);
        _fill(maker, bob, 4e18);
        wallet.behave(SigningWallet.Behaviour.Refuse, orders, "");
        _expectInvalid(maker);
    }

    /* PRICES AND CASH */

    function test_fill_revertsWhenThePriceHasLeftTheBand() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_000e18);
        // 2 000 is 2.04 % above 1 960, and 2 % of 1 960 are 39.2.
        _price(ETH, 1_960);
        _expectFill(
            abi.encodeWithSelector(
                IClearingHouse.PriceOutsideBand.selector,
                ETH,
                uint256(2_000e18),
                uint256(1_920.8e18),
                uint256(1_999.2e18)
            ),
            maker,
            bob,
            1e18
        );
        _price(ETH, 1_961);
        _fill(maker, bob, 1e18);
    }

    function test_fill_revertsWhenTheMakerHasWithdrawnItsCash() public {
        ISignedOrders.SignedOrder memory maker = _signed(alice, 10e18, 2_010e18);
        _withdraw(alice, 100_000e18);
        _expectFill(
            abi.encodeWithSelector(IClearingHouse.CashTooLow.selector, alice, uint256(0), uint256(93.6e18)),
            maker,
            bob,
            9e18
        );
        assertEq(_filled(maker), 0);
    }

    /// @dev COAL-1: whatever two accounts of one owner trade with each other inside the band, together they lose the fees.
    function testFuzz_fill_gainsNothing_whenBothSidesHaveOneOwner(uint256 size, uint256 price, uint256 closing) public {
        AccountId second = accountIdOf(alice.owner(), 1);
        _allow(second, address(orders), 1);
        _fund(second, 100_000e18);
        size = bound(size, 125, 10_000) * 0.001e18;
        price = bound(price, 1_960e18, 2_040e18);
        closing = bound(closing, 1_960e18, 2_040e18);
        _fill(_signed(alice, int256(size), price), second, size);
        _fill(_signed(alice, -int256(size), closing), second, size);
        _wait(ETH, 2_000, 2 * BUCKET_SECONDS);
        _settle(alice);
        _settle(second);
        uint256 fees = 2 * ((size * 2_000 * 7) / 10_000);
        assertLe(_cash(alice) + _cash(second), 200_000e18 - fees);
        assertApproxEqAbs(_cash(alice) + _cash(second), 200_000e18 - fees, 8);
    }
}

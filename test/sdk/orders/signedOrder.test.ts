import { expect } from "chai";
import { Wallet } from "ethers";
import fc from "fast-check";
import { network } from "hardhat";
import { signedOrdersAbi } from "../../../sdk/src/abis/SignedOrders.ts";
import { accountIdOf } from "../../../sdk/src/accountId.ts";
import {
  cancellationsOf,
  type Order,
  OrderError,
  type OrderVenue,
  orderHashOf,
  orderTypedData,
  signOrder,
} from "../../../sdk/src/orders/signedOrder.ts";
import { type TypedContract, typedContract } from "../../../sdk/src/typedContract.ts";

const key = new Wallet(`0x${"11".repeat(32)}`);
const word = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const anyOrder: fc.Arbitrary<Order> = fc.record({
  account: word,
  market: fc.bigInt({ min: 0n, max: 255n }),
  size: fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n }),
  limitPrice: word,
  expiry: word,
  nonce: word,
  counterparty: word,
  signer: word.map((n) => `0x${(n >> 96n).toString(16).padStart(40, "0")}`),
  reduceOnly: fc.boolean(),
  makerOnly: fc.boolean(),
});

function orderOf(changes: Partial<Order> = {}): Order {
  return {
    account: accountIdOf(key.address),
    market: 0n,
    size: 10n ** 18n,
    limitPrice: 2_000n * 10n ** 18n,
    expiry: 2n ** 40n,
    nonce: 1n,
    counterparty: 0n,
    signer: key.address,
    reduceOnly: false,
    makerOnly: false,
    ...changes,
  };
}

describe("signed orders", () => {
  let venue: OrderVenue;
  let contract: TypedContract<typeof signedOrdersAbi>;
  let close: () => Promise<void>;

  before(async () => {
    const connection = await network.create();
    const { ethers } = connection;
    close = () => connection.close();
    const [deployer] = await ethers.getSigners();
    if (deployer === undefined) throw new Error("The network has no accounts");
    // What is asked here concerns orders and their owners' signatures only: any address does for the house.
    const orders = await ethers.deployContract("SignedOrders", [deployer.address]);
    const signedOrders = await orders.getAddress();
    const { chainId } = await ethers.provider.getNetwork();
    venue = { chainId, signedOrders };
    contract = typedContract(signedOrdersAbi, signedOrders, ethers.provider);
  });

  after(() => close());

  it("hash as the contract does", async () => {
    await fc.assert(
      fc.asyncProperty(anyOrder, async (order) => {
        expect(orderHashOf(venue, order)).to.equal(await contract.call("hashOf", [order]));
      }),
      { numRuns: 50, seed: 7 },
    );
  });

  it("are signed so that the contract accepts them, and only as they are", async () => {
    const signed = await signOrder(venue, orderOf(), key);
    expect(await contract.call("isSignatureValid", [signed])).to.equal(true);
    const bent = { ...signed, order: orderOf({ limitPrice: 1n }) };
    expect(await contract.call("isSignatureValid", [bent])).to.equal(false);
    const elsewhere = await signOrder({ ...venue, chainId: 1n }, orderOf(), key);
    expect(await contract.call("isSignatureValid", [elsewhere])).to.equal(false);
  });

  it("say what a wallet has to show", () => {
    const payload = JSON.stringify(orderTypedData(venue, orderOf({ size: -5n })));
    expect(payload).to.include('"size":"-5"');
    expect(payload).to.include('"primaryType":"Order"');
    expect(payload).to.include(venue.signedOrders.toLowerCase());
  });

  it("are not signed with another's key, or for nothing", async () => {
    const other = new Wallet(`0x${"22".repeat(32)}`);
    const failed = async (order: Order, signer: Wallet) => {
      try {
        await signOrder(venue, order, signer);
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(await failed(orderOf(), other)).to.be.instanceOf(OrderError);
    expect(await failed(orderOf({ size: 0n }), key)).to.be.instanceOf(OrderError);
  });

  it("are cancelled by words of nonces", () => {
    expect(cancellationsOf([0n, 3n, 256n, 511n])).to.deep.equal([
      { word: 0n, mask: 9n },
      { word: 1n, mask: 1n | (1n << 255n) },
    ]);
    expect(() => cancellationsOf([-1n])).to.throw(OrderError);
  });
});

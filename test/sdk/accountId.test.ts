import { expect } from "chai";
import fc from "fast-check";
import {
  accountIdOf,
  describeAccount,
  formatAccountId,
  ownerOf,
  parseAccountId,
  subOf,
} from "../../sdk/src/accountId.ts";

const OWNER = "0x694AA1769357215DE4FAC081bf1f309aDC325306";

describe("accountId", () => {
  it("puts the owner in the high 160 bits and the number in the low 96", () => {
    expect(accountIdOf(OWNER, 7n)).to.equal((BigInt(OWNER) << 96n) + 7n);
    expect(accountIdOf(OWNER)).to.equal(BigInt(OWNER) << 96n);
  });

  it("refuses a number that does not fit 96 bits", () => {
    expect(accountIdOf(OWNER, 2n ** 96n - 1n) & (2n ** 96n - 1n)).to.equal(2n ** 96n - 1n);
    expect(() => accountIdOf(OWNER, 2n ** 96n)).to.throw(RangeError);
    expect(() => accountIdOf(OWNER, -1n)).to.throw(RangeError);
    expect(() => ownerOf(2n ** 256n)).to.throw(RangeError);
  });

  it("reads an owner, owner/number and 32 bytes of hex, and nothing else", () => {
    const account = accountIdOf(OWNER, 3n);
    expect(parseAccountId(`${OWNER}/3`)).to.equal(account);
    expect(parseAccountId(OWNER)).to.equal(accountIdOf(OWNER));
    expect(parseAccountId(formatAccountId(account))).to.equal(account);
    for (const text of ["", "7", `${OWNER}/`, `${OWNER}/x`, `${OWNER}00`, OWNER.slice(0, -1)]) {
      expect(() => parseAccountId(text), text).to.throw(RangeError);
    }
  });

  it("takes apart what it put together, for any owner and number", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 160n - 1n), fc.bigInt(0n, 2n ** 96n - 1n), (raw, sub) => {
        const owner = ownerOf(raw << 96n);
        const account = accountIdOf(owner, sub);
        expect(ownerOf(account)).to.equal(owner);
        expect(subOf(account)).to.equal(sub);
        expect(parseAccountId(describeAccount(account))).to.equal(account);
        expect(parseAccountId(formatAccountId(account))).to.equal(account);
      }),
    );
  });
});

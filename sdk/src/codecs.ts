import { getAddress, isAddress } from "ethers";
import { z } from "zod";
import { formatAccountId, parseAccountId } from "./accountId.ts";
import { formatD18, parseD18 } from "./amounts.ts";

/** Values as files write them: JSON text outside, exact bigint inside. What the reader refuses becomes an issue with its reason. */
function bigintText(read: (text: string) => bigint, write: (value: bigint) => string) {
  return z.codec(z.string(), z.bigint(), {
    decode: (text, context) => {
      try {
        return read(text);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        context.issues.push({ code: "custom", input: text, message });
        return z.NEVER;
      }
    },
    encode: write,
  });
}

/** A D18, written as a plain decimal number. */
export const d18Text = bigintText(parseD18, formatD18);

/** An account id, written as 32 bytes of hex. */
export const accountIdText = bigintText(parseAccountId, formatAccountId);

/** A checksummed address; other spellings are accepted and normalised. */
export const addressText = z.codec(z.string(), z.string(), {
  decode: (text, context) => {
    if (isAddress(text)) return getAddress(text);
    context.issues.push({ code: "custom", input: text, message: `"${text}" is not an address` });
    return z.NEVER;
  },
  encode: (address) => address,
});

import { z } from "zod";
import { addressText } from "../codecs.ts";
import { OrderError, type SignedOrder } from "./signedOrder.ts";

const integerText = z
  .string("must be an integer written as a string of digits")
  .regex(/^-?\d+$/, "must be an integer written as a string of digits")
  .transform(BigInt);

function integer({ bits, signed = false }: { bits: bigint; signed?: boolean }) {
  const lowest = signed ? -(1n << (bits - 1n)) : 0n;
  const highest = signed ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  return integerText.refine(
    (value) => value >= lowest && value <= highest,
    `must fit ${signed ? "int" : "uint"}${bits}`,
  );
}

const lineSchema = z.strictObject({
  order: z.strictObject({
    account: integer({ bits: 256n }),
    market: integer({ bits: 8n }),
    size: integer({ bits: 256n, signed: true }).refine((size) => size !== 0n, "must not be 0"),
    limitPrice: integer({ bits: 256n }),
    expiry: integer({ bits: 256n }),
    nonce: integer({ bits: 256n }),
    counterparty: integer({ bits: 256n }),
    signer: addressText,
    reduceOnly: z.boolean("must be true or false"),
    makerOnly: z.boolean("must be true or false"),
  }),
  signature: z
    .string("must be 0x and hex digits")
    .regex(/^0x([0-9a-fA-F]{2})*$/, "must be 0x and hex digits"),
});

/** A signed order as one line of JSON. The order is the `message` of `orderTypedData`, as the wallet that signed it saw it: integers are texts of digits. */
export function formatOrderLine({ order, signature }: SignedOrder): string {
  const fields = Object.entries(order).map(([name, value]) => [
    name,
    typeof value === "bigint" ? value.toString() : value,
  ]);
  return JSON.stringify({ order: Object.fromEntries(fields), signature });
}

/** Reads such a line. Says all that is wrong with it; signature and fills only the chain can judge. */
export function parseOrderLine(line: string): SignedOrder {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw new OrderError("It is not JSON", { cause });
  }
  const result = lineSchema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const path = issue.path.join(".");
    return path === "" ? issue.message : `${path}: ${issue.message}`;
  });
  throw new OrderError(problems.join("; "), { cause: result.error });
}

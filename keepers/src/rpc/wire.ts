import { z } from "zod";

/** What a node says, checked: hex quantities become integers. */

const quantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]+$/)
  .transform(BigInt);
const count = z
  .string()
  .regex(/^0x[0-9a-fA-F]+$/)
  .transform(Number)
  .pipe(z.int());
const hash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform((text) => text.toLowerCase());
const hex = z.string().regex(/^0x([0-9a-fA-F]{2})*$/);

export const blockSchema = z.object({
  number: count,
  hash,
  parentHash: hash,
  timestamp: count,
  baseFeePerGas: quantity.optional(),
  logsBloom: hex.optional(),
});

export const logSchema = z.object({
  address: z.string(),
  topics: z.array(z.string()),
  data: hex,
  blockNumber: count,
  blockHash: hash,
  transactionHash: hash,
  logIndex: count,
});

export const receiptSchema = z.object({
  transactionHash: hash,
  blockNumber: count,
  blockHash: hash,
  status: quantity,
  gasUsed: quantity,
  effectiveGasPrice: quantity.optional(),
  logs: z.array(logSchema),
});

export const quantitySchema = quantity;
export const countSchema = count;
export const hexSchema = hex;
export const hashSchema = hash;

/** {s} timestamp; heights are counts. */
export type Block = z.output<typeof blockSchema>;
export type Log = z.output<typeof logSchema>;
export type Receipt = z.output<typeof receiptSchema>;

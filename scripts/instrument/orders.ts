import { z } from "zod";

/** What a worker is asked: run these suites, group by group, until one fails. */
export const orderSchema = z.object({
  marker: z.number(),
  groups: z.array(z.array(z.string())),
  except: z.string().optional(),
  traced: z.boolean(),
});
export type Order = z.infer<typeof orderSchema>;

export const replySchema = z.object({
  runs: z.array(
    z.object({
      suite: z.string(),
      seconds: z.number(),
      tests: z.number(),
      failures: z.array(z.object({ test: z.string(), reason: z.string() })),
    }),
  ),
  reports: z.array(z.number()),
});
export type Reply = z.infer<typeof replySchema>;

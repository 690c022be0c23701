import type { NeglectedAccount } from "../report/outcome.ts";
import type { AccountView } from "./observe.ts";

/** Blocks an account may be left alone although it could be acted on: a keeper sees a block when it is there, and acts in a later one. */
export const PATIENCE_BLOCKS = 5;

/** Notices accounts that could be liquidated or resolved in block after block while nobody did. */
export class NeglectWatch {
  readonly #waiting = new Map<number, { sinceBlock: number; blocks: number }>();
  readonly #neglected = new Map<number, NeglectedAccount>();

  /** Takes in how accounts stand after a block; those not named are fine. */
  see(seen: { block: number; views: readonly AccountView[]; acted: ReadonlySet<number> }): void {
    const { block, views, acted } = seen;
    const actionable = new Set(
      views.filter(({ canBeActedOn }) => canBeActedOn).map(({ accountNumber }) => accountNumber),
    );
    for (const accountNumber of [...this.#waiting.keys()]) {
      if (!actionable.has(accountNumber) || acted.has(accountNumber)) {
        this.#waiting.delete(accountNumber);
      }
    }
    for (const accountNumber of actionable) {
      if (acted.has(accountNumber)) continue;
      const { sinceBlock, blocks } = this.#waiting.get(accountNumber) ?? {
        sinceBlock: block,
        blocks: 0,
      };
      this.#waiting.set(accountNumber, { sinceBlock, blocks: blocks + 1 });
      if (blocks + 1 <= PATIENCE_BLOCKS) continue;
      const worst = this.#neglected.get(accountNumber);
      if (worst === undefined || worst.blocks <= blocks) {
        this.#neglected.set(accountNumber, { accountNumber, sinceBlock, blocks: blocks + 1 });
      }
    }
  }

  get neglected(): NeglectedAccount[] {
    return [...this.#neglected.values()];
  }
}

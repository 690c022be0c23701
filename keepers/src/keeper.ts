import { setTimeout as sleep } from "node:timers/promises";
import { type AccountId, describeAccount } from "../../sdk/src/accountId.ts";
import { explainError, type MarketNames } from "../../sdk/src/errors.ts";
import { imbalancesOf } from "../../sdk/src/reconciliation.ts";
import { BandIndex } from "./bands/bandIndex.ts";
import type { CreditDesk } from "./creditDesk.ts";
import { type Action, subjectsOf, without } from "./decide/action.ts";
import { Decider, type DecisionSettings } from "./decider.ts";
import { messageOf, RetryableError, SkippedError } from "./failures.ts";
import type { Forecaster } from "./forecast/forecaster.ts";
import type { Log } from "./log.ts";
import type { OrderFile } from "./orders/orderFile.ts";
import type { BackstopReader } from "./read/backstopReader.ts";
import type { HouseReader } from "./read/houseReader.ts";
import { indexReport, isJudged, slackOf } from "./read/judgement.ts";
import type { OrderReader } from "./read/orderReader.ts";
import type { AccountReport, Judge } from "./read/reports.ts";
import type { ChainClient } from "./rpc/chainClient.ts";
import { EndpointError, RpcError } from "./rpc/rpcError.ts";
import type { RpcPool } from "./rpc/rpcPool.ts";
import type { Block } from "./rpc/wire.ts";
import { Attempts } from "./send/attempts.ts";
import type { Dispatched, Dispatcher } from "./send/dispatcher.ts";
import type { GasBudget } from "./send/gasBudget.ts";
import type { Lane, Settled } from "./send/lane.ts";
import { type Refusal, refusalOf } from "./send/refusals.ts";
import type { ChainStore } from "./store/chainStore.ts";
import type { LogSync } from "./sync/logSync.ts";
import { type Effects, effectsOf, type LogReaders } from "./watch/effects.ts";
import { Figures } from "./watch/figures.ts";
import { MarketWatch } from "./watch/marketWatch.ts";
import type { Metrics } from "./watch/metrics.ts";
import type { KeeperStatus } from "./watch/status.ts";

export interface KeeperSettings extends DecisionSettings {
  readonly chainId: number;
  readonly pollIntervalMs: number;
  readonly auditIntervalMs: number;
  readonly pageSize: number;
  /** {s} Null: unchecked. */
  readonly maxHeadAgeSeconds: number | null;
}

export interface KeeperParts {
  readonly settings: KeeperSettings;
  readonly client: ChainClient;
  readonly pool: RpcPool;
  readonly store: ChainStore;
  readonly sync: LogSync;
  readonly judge: Judge;
  readonly house: HouseReader;
  readonly backstop: BackstopReader;
  readonly orderFile: Pick<OrderFile, "orders"> | null;
  readonly signedOrders: OrderReader;
  readonly credit: CreditDesk;
  readonly forecaster: Forecaster | null;
  readonly unpaidGas: GasBudget;
  readonly contracts: LogReaders;
  readonly dispatcher: Dispatcher;
  /** Null in a dry run. */
  readonly lane: Lane | null;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly nameOf: MarketNames;
  readonly onStatus?: (status: KeeperStatus) => void;
}

/** {ms} Without a look at the chain for so long the process is sick. */
const SICK_AFTER_MS = 120_000;
/** {blocks} Between two looks at the wallet. */
const BALANCE_PAUSE_BLOCKS = 20;

/** Follows the chain block by block: read what changed, look at whom it may concern, decide, send. */
export class Keeper {
  readonly figures = new Figures();
  readonly #parts: KeeperParts;
  readonly #decider: Decider;
  readonly #index = new BandIndex();
  readonly #watch = new MarketWatch();
  readonly #attempts = new Attempts();
  /** Last judgement of every account with a position. */
  readonly #reports = new Map<AccountId, AccountReport>();
  /** {ms} Since when each account can be liquidated or resolved. */
  readonly #actionableSince = new Map<AccountId, number>();
  /** Actions under way by hash of their first attempt. */
  readonly #underWay = new Map<string, Dispatched>();
  readonly #audit: AccountId[] = [];
  #head: Block | undefined;
  #headSeenAtMs = 0;
  #lastPriceBlock = -1;
  #lastGoodMs = performance.now();
  #lastAuditMs = performance.now();
  #lastBalanceBlock = -BALANCE_PAUSE_BLOCKS;
  #walletWei: bigint | undefined;
  #lastReceiptBlock = -1;
  #mustWorkAgain = true;
  #isIdle = false;
  #syncedBlock = -1;
  #openOrders = 0;
  /** {ms} When the first of those that wait after a failure has its turn. */
  #retryAtMs = Number.POSITIVE_INFINITY;
  #hasRetries = false;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#decider = new Decider(parts);
  }

  /** Works until told to stop. What is retryable is tried again; anything else ends the process. */
  async run(signal: AbortSignal): Promise<void> {
    await this.start();
    while (!signal.aborted) {
      let hasWorked = false;
      try {
        hasWorked = await this.tick();
        this.figures.lastError = null;
      } catch (error) {
        // A node's refusal of a read says more about the node than about the keeper.
        if (!(error instanceof RetryableError || error instanceof RpcError)) throw error;
        this.figures.lastError = messageOf(error);
        this.#mustWorkAgain = true;
        this.#isIdle = false;
        this.#parts.log.warn({
          msg: "A look at the chain failed and will be repeated",
          reason: messageOf(error),
        });
        this.#publish();
      }
      if (!hasWorked) await pause(this.#parts.settings.pollIntervalMs, signal);
    }
    this.#publish();
  }

  /** Takes up what the last process left. */
  async start(): Promise<void> {
    const { lane, store, credit, log } = this.#parts;
    if (lane !== null) {
      const { dropped, reopened } = await lane.recover();
      if (dropped + reopened > 0)
        log.info({ msg: "Took up the outbox of an earlier process", dropped, reopened });
    }
    this.#index.markDue(store.accounts());
    credit.markDue(store.creditAccounts());
  }

  /** One look at the chain. True when something was sent, so that the next look should not wait. */
  async tick(): Promise<boolean> {
    const { client, lane, store } = this.#parts;
    if (lane !== null && this.#head !== undefined) {
      for (const settled of await lane.poll(baseFeeOf(this.#head))) await this.#finish(settled);
    }
    const latest = await client.pollHead();
    const isNew = latest.hash !== this.#head?.hash;
    const isBehind =
      isNew && latest.number < this.#syncedBlock && store.hashAt(latest.number) === latest.hash;
    const mustWork =
      (isNew && !isBehind) || this.#mustWorkAgain || performance.now() >= this.#retryAtMs;
    if (!mustWork || isBehind) {
      const found = !isBehind && (await this.#auditPage(latest));
      this.#isIdle = !found && this.#isQuiet();
      this.#lastGoodMs = performance.now();
      this.#publish();
      return found;
    }
    if (isNew) this.#headSeenAtMs = performance.now();
    const stopTimer = this.#parts.metrics.tickSeconds.startTimer();
    const hasSent = await this.#work(latest);
    stopTimer();
    this.#lastGoodMs = performance.now();
    return hasSent;
  }

  status(): KeeperStatus {
    const { settings, lane } = this.#parts;
    const { figures } = this;
    return {
      chainId: settings.chainId,
      wallet: lane?.address ?? null,
      startedAt: figures.startedAt,
      syncedBlock: this.#syncedBlock,
      idle: this.#isIdle,
      lastPriceBlock: this.#lastPriceBlock,
      accounts: this.#index.size,
      hotAccounts: this.#index.hot.size,
      openOrders: this.#openOrders,
      inFlight: lane?.inFlight.length ?? 0,
      txSent: figures.txSent,
      txSucceeded: figures.txSucceeded,
      txFailed: figures.txFailed,
      outrun: figures.outrun,
      skipped: figures.skipped,
      liquidations: figures.liquidations,
      resolutions: figures.resolutions,
      ordersExecuted: figures.ordersExecuted,
      settlements: figures.settlements,
      marks: figures.marks,
      takeOvers: figures.takeOvers,
      routes: figures.routes.texts(),
      gasUsed: figures.gasUsed.toString(),
      auditMismatches: figures.auditMismatches,
      reorgs: figures.reorgs,
      priceToInclusionMs: {
        count: figures.latency.count,
        p50: figures.latency.quantile(0.5),
        p99: figures.latency.quantile(0.99),
        recent: [...figures.latency.values],
      },
      notReady: this.#notReady(),
      lastError: figures.lastError,
      recentSkips: [...figures.recentSkips],
    };
  }

  /** Why the process should be restarted; empty when it is alive. */
  unhealthy(): string[] {
    const quietMs = performance.now() - this.#lastGoodMs;
    return quietMs > SICK_AFTER_MS
      ? [`The chain was last reached ${Math.round(quietMs / 1_000)} s ago`]
      : [];
  }

  /** Everything that follows from a new head. */
  async #work(latest: Block): Promise<boolean> {
    const { sync, judge, lane, store, credit, metrics } = this.#parts;
    const { head, touched, creditTouched, rolledBackTo } = await sync.advance(latest);
    this.#mustWorkAgain = true; // until all of it is done
    this.#index.markDue(touched);
    credit.markDue(creditTouched);
    if (rolledBackTo !== null) {
      this.figures.reorgs += 1;
      await lane?.reopenAbove(rolledBackTo);
    }
    const changes = this.#watch.update(await judge.markets(head.number));
    if (changes.hasNewPrice) this.#lastPriceBlock = head.number;
    for (const market of changes.reshaped) this.#index.markMarketDue(market);
    this.#index.markDue(await credit.look(head));
    const reports = await this.#judge(head);
    const actions = await this.#decider.decide({
      reports,
      known: this.#reports,
      markets: this.#watch.reports,
      head,
    });
    this.#noteActionable(actions);
    const hasSent = await this.#send(actions, head);
    await this.#reconcile(head);
    await this.#lookAtWallet(head);
    this.#head = head;
    this.#syncedBlock = head.number;
    this.#mustWorkAgain = false;
    this.#isIdle = !hasSent && this.#isQuiet();
    for (const [market, report] of this.#watch.reports) {
      const age = head.timestamp - Number(report.price.publishedAt);
      metrics.feedAgeSeconds.set({ market: this.#parts.nameOf(BigInt(market)) }, age);
    }
    metrics.syncedBlock.set(head.number);
    metrics.unpaidGasLeft.set(Number(this.#parts.unpaidGas.leftAt(head.timestamp)));
    metrics.headLagBlocks.set(this.#parts.pool.headLag());
    metrics.accounts.set(this.#index.size);
    metrics.hotAccounts.set(this.#index.hot.size);
    this.#openOrders = store.openOrders().length;
    this.#publish();
    return hasSent;
  }

  #isQuiet(): boolean {
    return (
      (this.#parts.lane?.inFlight.length ?? 0) === 0 &&
      this.#syncedBlock >= this.#lastReceiptBlock &&
      !this.#hasRetries
    );
  }

  /** Judges everybody who has to be looked at. */
  async #judge(head: Block): Promise<AccountReport[]> {
    const { judge, metrics } = this.#parts;
    this.#index.markDue(this.#decider.accountsToJudge(head.timestamp));
    const candidates = this.#index.take({ prices: this.#watch.prices, now: head.timestamp });
    const reports = await judge.accounts(candidates, head.number);
    metrics.accountsRead.inc(reports.length);
    for (const report of reports) this.#remember(report, head);
    return [...reports];
  }

  #remember(report: AccountReport, head: Block): void {
    indexReport({
      index: this.#index,
      report,
      markets: this.#watch.reports,
      at: head.timestamp,
      reserveUsd: this.#parts.credit.reserveFor(report.account),
    });
    if (report.positions.length > 0) this.#reports.set(report.account, report);
    else this.#reports.delete(report.account);
  }

  /** Sends what is not under way already and need not wait after a failure. */
  async #send(actions: readonly Action[], head: Block): Promise<boolean> {
    const { dispatcher, log, metrics, nameOf } = this.#parts;
    let hasSent = false;
    this.#retryAtMs = Number.POSITIVE_INFINITY;
    this.#hasRetries = false;
    this.#noteRetries(actions);
    for (const proposed of actions) {
      const busy = this.#busySubjects();
      const action = without(
        proposed,
        (subject) => busy.has(subject) || this.#attempts.mustWait(subject),
      );
      if (action === null) continue;
      try {
        const dispatched = await dispatcher.dispatch(action, {
          baseFeePerGas: baseFeeOf(head),
          now: head.timestamp,
        });
        const { hash, subjects } = dispatched;
        if (hash === null) {
          log.info({ msg: "Would send (no key given)", kind: action.kind, subjects });
          continue;
        }
        hasSent = true;
        this.#underWay.set(hash, dispatched);
        this.figures.txSent += 1;
        metrics.transactions.inc({ kind: action.kind, result: "sent" });
        log.info({ msg: "Sent", kind: action.kind, subjects, txHash: hash, block: head.number });
      } catch (error) {
        if (error instanceof SkippedError) {
          const reason = `${action.kind} (${subjectsOf(action).join(", ")}): ${explainError(error, nameOf).sentence}`;
          this.figures.skip(reason);
          metrics.transactions.inc({ kind: action.kind, result: "skipped" });
          log.debug({ msg: "Skipped", kind: action.kind, reason });
        } else if (error instanceof RetryableError && !(error instanceof EndpointError)) {
          // Each subject waits on its own; the others of this block still have their turn.
          for (const subject of subjectsOf(action)) this.#attempts.failed(subject);
          this.#noteRetries([action]);
          log.warn({ msg: "Could not send", kind: action.kind, reason: messageOf(error) });
        } else throw error;
      }
    }
    return hasSent;
  }

  /** What waits after a failure is taken up again without a new block, and is not over until it has failed for good. */
  #noteRetries(actions: readonly Action[]): void {
    const waiting = actions
      .flatMap(subjectsOf)
      .filter((subject) => this.#attempts.mustWait(subject));
    for (const subject of waiting) {
      this.#retryAtMs = Math.min(
        this.#retryAtMs,
        performance.now() + this.#attempts.waitMs(subject),
      );
    }
    this.#hasRetries ||= waiting.some((subject) => !this.#attempts.isStubborn(subject));
  }

  #busySubjects(): Set<string> {
    return new Set(
      (this.#parts.lane?.inFlight ?? []).flatMap(({ subject }) => subject.split(", ")),
    );
  }

  /** Records what became of a transaction. */
  async #finish({ intent, receipt }: Settled): Promise<void> {
    const { metrics, unpaidGas } = this.#parts;
    const hashes = intent.attempts.map(({ hash }) => hash);
    const dispatched = hashes
      .map((hash) => this.#underWay.get(hash))
      .find((found) => found !== undefined);
    for (const hash of hashes) this.#underWay.delete(hash);
    const subjects = dispatched?.subjects ?? intent.subject.split(", ");
    const result = receipt === null ? "lost" : receipt.status === 1n ? "success" : "reverted";
    metrics.transactions.inc({ kind: intent.kind, result });
    for (const hash of hashes) unpaidGas.correct(hash, receipt?.gasUsed ?? 0n);
    this.#mustWorkAgain = true;
    if (receipt !== null) {
      this.#lastReceiptBlock = Math.max(this.#lastReceiptBlock, receipt.blockNumber);
      this.figures.gasUsed += receipt.gasUsed;
      metrics.gasSpentWei.inc(Number(receipt.gasUsed * (receipt.effectiveGasPrice ?? 0n)));
    }
    const ended = {
      kind: intent.kind,
      subjects,
      txHash: receipt?.transactionHash ?? hashes.at(-1),
      block: receipt?.blockNumber,
      gasUsed: receipt?.gasUsed,
    };
    if (receipt === null || result !== "success") {
      this.figures.txFailed += 1;
      for (const subject of subjects) this.#attempts.failed(subject);
      const { client, lane, nameOf } = this.#parts;
      const sender = lane?.address;
      const refusal =
        receipt === null ? null : await refusalOf({ client, sender, intent, receipt, nameOf });
      this.#logFailure({ ...ended, result }, refusal);
      return;
    }
    this.figures.txSucceeded += 1;
    const effects = effectsOf({
      receipt,
      contracts: this.#parts.contracts,
      kind: intent.kind,
      prices: this.#watch.prices,
    });
    const { affected, skips } = effects;
    this.#count(effects);
    const missed = subjects.filter((subject) => affected !== null && !affected.has(subject));
    for (const subject of subjects) {
      if (missed.includes(subject)) this.#attempts.failed(subject);
      else this.#attempts.succeeded(subject);
    }
    this.#parts.log.info({ msg: "Transaction ended", ...ended, result });
    if (missed.length > 0) this.#noteOutrun({ ...ended, subjects: missed }, skips.join(", "));
  }

  #logFailure(ended: EndedTransaction & { result: string }, refusal: Refusal | null): void {
    const reason = refusal?.text;
    if (refusal?.isOutrun) this.#noteOutrun(ended, refusal.text);
    else this.#parts.log.warn({ msg: "Transaction ended", ...ended, reason });
  }

  #noteOutrun(ended: EndedTransaction, reason: string): void {
    this.figures.outrun += 1;
    this.#parts.metrics.outrun.inc({ kind: ended.kind });
    this.#parts.log.info({ msg: "Someone else was first", ...ended, reason });
  }

  /** Counts what a receipt says was done. */
  #count(effects: Effects): void {
    const { figures } = this;
    const { metrics } = this.#parts;
    figures.liquidations += effects.liquidated.length;
    figures.resolutions += effects.resolved.length;
    figures.ordersExecuted += effects.ordersExecuted;
    figures.settlements += effects.settlements;
    figures.marks += effects.marks;
    figures.takeOvers += effects.takeOvers;
    for (const use of effects.routes) {
      figures.routes.add(use);
      metrics.routes.inc({ route: use.route });
      metrics.routeNotionalUsd.inc(
        { route: use.route },
        Number(use.notionalUsd / 10n ** 12n) / 1e6,
      );
    }
    for (const { account, rewardUsd } of effects.liquidated) {
      this.#measure(account);
      metrics.rewardsUsd.inc(Number(rewardUsd / 10n ** 12n) / 1e6);
    }
    for (const account of effects.resolved) this.#measure(account);
  }

  /** From first seeing that the account could be acted on to now, when its receipt is here. */
  #measure(account: AccountId): void {
    const since = this.#actionableSince.get(account);
    if (since === undefined) return;
    const milliseconds = performance.now() - since;
    this.#actionableSince.delete(account);
    this.figures.latency.add(milliseconds);
    this.#parts.metrics.priceToInclusionSeconds.observe(milliseconds / 1_000);
  }

  #noteActionable(actions: readonly Action[]): void {
    const now = new Set<AccountId>();
    for (const action of actions) {
      if (action.kind === "liquidate") for (const { account } of action.items) now.add(account);
      if (action.kind === "resolve") now.add(action.account);
    }
    const inFlight = this.#busySubjects();
    for (const account of this.#actionableSince.keys()) {
      const isUnderWay = inFlight.has(`account ${describeAccount(account)}`);
      if (!now.has(account) && !isUnderWay) this.#actionableSince.delete(account);
    }
    for (const account of now) {
      if (!this.#actionableSince.has(account))
        this.#actionableSince.set(account, this.#headSeenAtMs);
    }
    let oldest = performance.now();
    for (const since of this.#actionableSince.values()) oldest = Math.min(oldest, since);
    this.#parts.metrics.liquidatableAccounts.set(now.size);
    this.#parts.metrics.oldestLiquidatableAgeSeconds.set((performance.now() - oldest) / 1_000);
  }

  /** The slow check of everybody: a page now and then. True when somebody believed safe was not. */
  async #auditPage(head: Block): Promise<boolean> {
    const { settings, judge, store, log, metrics } = this.#parts;
    if (performance.now() - this.#lastAuditMs < settings.auditIntervalMs) return false;
    this.#lastAuditMs = performance.now();
    if (this.#audit.length === 0) this.#audit.push(...store.accounts());
    const page = this.#audit.splice(0, settings.pageSize);
    let hasFound = false;
    for (const report of await judge.accounts(page, head.number)) {
      const wasSafe = this.#index.isBelievedSafe(report.account);
      if (wasSafe && isJudged(report) && slackOf(report) < 0n) {
        hasFound = true;
        this.figures.auditMismatches += 1;
        metrics.auditMismatches.inc();
        log.error({
          msg: "The index believed an account safe that is not",
          account: describeAccount(report.account),
          equityUsd: report.equityUsd,
          maintenanceUsd: report.maintenanceUsd,
          block: head.number,
        });
      }
      this.#remember(report, head);
    }
    if (hasFound) this.#mustWorkAgain = true;
    return hasFound;
  }

  /** The books at the newest block. Nothing waits for it: what could not be read is looked at with the next block. */
  async #reconcile(head: Block): Promise<void> {
    const { house, metrics, log, nameOf } = this.#parts;
    try {
      const books = await house.books(this.#watch.reports.keys(), head.number);
      const imbalances = imbalancesOf(books.house, books.markets);
      metrics.bookImbalances.set(imbalances.length);
      for (const { market, term, difference } of imbalances) {
        log.error({
          msg: "The house's books do not add up",
          market: market === null ? null : nameOf(BigInt(market)),
          term,
          difference,
          block: head.number,
        });
      }
    } catch (error) {
      if (!(error instanceof RetryableError || error instanceof RpcError)) throw error;
      log.warn({ msg: "The books could not be read", reason: messageOf(error) });
    }
  }

  async #lookAtWallet(head: Block): Promise<void> {
    const { lane, client, metrics } = this.#parts;
    if (lane === null || head.number < this.#lastBalanceBlock + BALANCE_PAUSE_BLOCKS) return;
    this.#lastBalanceBlock = head.number;
    this.#walletWei = await client.balanceOf(lane.address);
    metrics.walletWei.set(Number(this.#walletWei));
  }

  /** Gates. Computing goes on when one is closed. */
  #notReady(): string[] {
    const { settings, lane, nameOf } = this.#parts;
    const reasons = this.unhealthy();
    if (this.#head === undefined) reasons.push("No block has been worked out yet");
    if (this.figures.lastError !== null) reasons.push(this.figures.lastError);
    const disputed = this.#parts.pool.disagreement();
    if (disputed.length > 0) {
      reasons.push(`Endpoints disagree about the newest block: ${disputed.join(", ")}`);
    }
    if (lane === null) reasons.push("No key is given: nothing is sent");
    if (this.#walletWei === 0n) reasons.push("The wallet has no gas money");
    const { maxHeadAgeSeconds } = settings;
    if (this.#head !== undefined && maxHeadAgeSeconds !== null) {
      const age = Math.round(Date.now() / 1_000) - this.#head.timestamp;
      if (age > maxHeadAgeSeconds) reasons.push(`The newest block is ${age} s old`);
    }
    const priced = this.#watch.prices;
    for (const market of this.#watch.reports.keys()) {
      if (!priced.has(market)) reasons.push(`Market ${nameOf(BigInt(market))} has no valid price`);
    }
    return reasons;
  }

  #publish(): void {
    this.#parts.onStatus?.(this.status());
  }
}

interface EndedTransaction {
  readonly kind: string;
  readonly subjects: readonly string[];
  readonly txHash: string | undefined;
  readonly block: number | undefined;
  readonly gasUsed: bigint | undefined;
}

/** Chains without a base fee cost only the tip. */
function baseFeeOf(block: Block): bigint {
  return block.baseFeePerGas ?? 0n;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

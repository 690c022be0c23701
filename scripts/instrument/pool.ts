import { type ChildProcess, fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Artifact } from "./compile.ts";
import { type Order, type Reply, replySchema } from "./orders.ts";

/** A worker that did not answer in time was ended. */
export class TimedOut extends Error {
  override readonly name = "TimedOut";
}

/** Processes that run tests, one order each at a time. */
export class WorkerPool {
  private readonly artifactsFile: string;
  private readonly jobs: number;

  constructor(artifacts: readonly Artifact[], artifactsFile: string, jobs: number) {
    writeFileSync(artifactsFile, JSON.stringify(artifacts));
    this.artifactsFile = artifactsFile;
    this.jobs = jobs;
  }

  /** Hands each task to the next free worker; `work` sends orders to it, one after the other. */
  async each<T>(
    tasks: readonly T[],
    work: (task: T, send: (order: Order, seconds: number) => Promise<Reply>) => Promise<void>,
  ): Promise<void> {
    const queue = tasks[Symbol.iterator]();
    await Promise.all(
      Array.from({ length: this.jobs }, async () => {
        const worker = new Worker(this.artifactsFile);
        try {
          for (const task of queue)
            await work(task, (order, seconds) => worker.send(order, seconds));
        } finally {
          worker.end();
        }
      }),
    );
  }
}

class Worker {
  private readonly artifactsFile: string;
  private child: ChildProcess | null = null;

  constructor(artifactsFile: string) {
    this.artifactsFile = artifactsFile;
  }

  async send(order: Order, seconds: number): Promise<Reply> {
    const child = this.child ?? (await this.start());
    this.child = child;
    return new Promise((done, fail) => {
      const timer = setTimeout(
        () => settle(new TimedOut(`No answer within ${seconds} s`)),
        seconds * 1_000,
      );
      const settle = (outcome: unknown): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        if (outcome instanceof Error) {
          this.end();
          fail(outcome);
        } else done(replySchema.parse(outcome));
      };
      child.once("message", settle);
      child.once("error", settle);
      child.once("exit", (code) => settle(new TimedOut(`The test runner ended with code ${code}`)));
      child.send(order);
    });
  }

  private start(): Promise<ChildProcess> {
    const child = fork(join(import.meta.dirname, "worker.ts"), [this.artifactsFile]);
    return new Promise((done, fail) => {
      child.once("message", () => {
        child.removeAllListeners();
        done(child);
      });
      child.once("error", fail);
      child.once("exit", (code) =>
        fail(new Error(`A worker ended with code ${code} at its start`)),
      );
    });
  }

  end(): void {
    this.child?.kill("SIGKILL");
    this.child = null;
  }
}

// Runs a project command on the project's own Node, in a checkout that may be brand new:
//
//   node scripts/bootstrap.mjs <script.ts | command of node_modules/.bin> [arguments…]
//
// Fetches Node 24 and the locked dependencies from the npm registry when they are missing or stale, then hands over.
// Plain JavaScript on purpose: this file alone has to run on whatever Node (18 or newer) the machine has.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_VERSION = "24.21.0";
const NODE_MAJOR = NODE_VERSION.split(".")[0];

const root = fileURLToPath(new URL("..", import.meta.url));
const runtime = join(root, ".node");
const modules = join(root, "node_modules");
const lock = join(runtime, "install.lock");
const stampFile = join(modules, ".install-stamp");

/** A failure whose message is the whole story; printed without a stack. */
class SetupError extends Error {}

/** npm names its repackaged Node binaries by platform; Apple silicon has a prefix of its own. */
function nodePackage() {
  const target = `${process.platform}-${process.arch}`;
  const prefixes = {
    "linux-x64": "node-",
    "linux-arm64": "node-",
    "darwin-x64": "node-",
    "darwin-arm64": "node-bin-",
  };
  const prefix = prefixes[target];
  if (prefix === undefined) {
    throw new SetupError(
      `This project runs on Node ${NODE_MAJOR}; here is Node ${process.versions.node} and npm offers no binary for ${target}. ` +
        `Install Node ${NODE_MAJOR} and run the command again.`,
    );
  }
  return prefix + target;
}

/** Where the project's Node is, or will be after `installNode`. A Node of the right major is used as it is. */
function nodeBinary() {
  if (process.versions.node.startsWith(`${NODE_MAJOR}.`)) return process.execPath;
  return join(runtime, "node_modules", nodePackage(), "bin", "node");
}

/** Every child finds the project's Node and tools first, including the ones that tools start themselves. */
function environment(node) {
  const env = { ...process.env, HARDHAT_DISABLE_TELEMETRY: "true" };
  const pathKey = Object.keys(env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  env[pathKey] = [dirname(node), join(modules, ".bin"), env[pathKey]]
    .filter(Boolean)
    .join(delimiter);
  return env;
}

/** What a finished install is good for: this lockfile, this platform, this Node. */
function wantedStamp() {
  const hash = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  return `${hash} ${process.platform}-${process.arch} node${NODE_MAJOR}\n`;
}

function readIfPresent(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function isReady() {
  return existsSync(nodeBinary()) && readIfPresent(stampFile) === wantedStamp();
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Runs `work` while no other process of this checkout does. The holder touches the lock, so a dead one is noticed. */
async function exclusively(work) {
  const staleAfterMs = 20_000;
  const own = `${process.pid}\n`;
  mkdirSync(runtime, { recursive: true });
  for (let announced = false; ; ) {
    try {
      writeFileSync(lock, own, { flag: "wx" });
      // Two that find a stale lock at once may each remove it; only the one whose lock stays goes on.
      await sleep(100);
      if (readIfPresent(lock) === own) break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > staleAfterMs) rmSync(lock, { force: true });
    else {
      if (!announced) console.error("Waiting for another install of this checkout to finish …");
      announced = true;
      await sleep(250);
    }
  }
  const heartbeat = setInterval(() => utimesSync(lock, new Date(), new Date()), 2_000);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(lock, { force: true });
  }
}

/** Runs npm quietly; what it printed is shown only when it fails. */
function npm(args, node) {
  const flags = [
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
  ];
  const patience = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
  return new Promise((resolve, reject) => {
    const child = spawn("npm", ["install", ...args, ...flags, ...patience], {
      cwd: root,
      env: environment(node),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => (output += chunk));
    child.on("error", (error) =>
      reject(new SetupError(`npm could not be started: ${error.message}`)),
    );
    child.on("close", (code) => {
      if (code === 0) return resolve();
      const offline =
        /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/.test(
          output,
        );
      const advice = offline
        ? "The npm registry cannot be reached. Check the network, the proxy and `npm config get registry`, then run the command again."
        : "Installing the dependencies failed. Fix what npm reports above, then run the command again.";
      reject(new SetupError(`${output.trim()}\n\n${advice}`));
    });
  });
}

async function install() {
  const started = Date.now();
  const node = nodeBinary();
  console.error(
    "Setting up: fetching Node and the dependencies from the npm registry (about a minute, once) …",
  );
  if (!existsSync(node)) {
    await npm(
      ["--prefix", runtime, "--no-package-lock", `${nodePackage()}@${NODE_VERSION}`],
      process.execPath,
    );
  }
  // Without a stamp the tree counts as unfinished, so an interrupted install is completed next time. The install has to run
  // on the project's Node: on an older one npm skips the native binaries that refuse it, without a word.
  rmSync(stampFile, { force: true });
  await npm([], node);
  writeFileSync(stampFile, wantedStamp());
  console.error(`Set up in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
}

/** Hands over: same terminal, same signals, same exit. */
function run(command, args) {
  const node = nodeBinary();
  const script = /\.[cm]?[jt]s$/.test(command) ? command : join(modules, ".bin", command);
  const child = spawn(node, [script, ...args], { stdio: "inherit", env: environment(node) });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child too; passing it on would count it twice.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => {
    console.error(`${command} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

const [command, ...args] = process.argv.slice(2);
try {
  if (command === undefined)
    throw new SetupError("usage: node scripts/bootstrap.mjs <script.ts | command> [arguments…]");
  if (!isReady()) await exclusively(async () => isReady() || install());
  run(command, args);
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
}

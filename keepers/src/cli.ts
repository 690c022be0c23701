#!/usr/bin/env node
import { Command } from "commander";
import { ManifestError } from "../../sdk/src/manifest.ts";
import { check } from "./commands/check.ts";
import { explain } from "./commands/explain.ts";
import { run } from "./commands/run.ts";
import { status } from "./commands/status.ts";
import { type Config, configSchema, flagOf, settingNames } from "./config/configSchema.ts";
import {
  ConfigError,
  type ConfigSources,
  loadConfig,
  loadStatusPlace,
} from "./config/loadConfig.ts";
import { type Censor, censorOf } from "./config/secrets.ts";
import { FatalError, messageOf } from "./failures.ts";

/** Errors show no secret, whoever wrote them. */
let censor: Censor = (text) => text;

const program = new Command("breakwater-keeper")
  .description(
    "Watches a Breakwater house: liquidates partially, executes orders, recognises defaults.",
  )
  .showHelpAfterError("(breakwater-keeper --help says more)");

withSettings(program.command("run"))
  .description("work until stopped")
  .action(async (flags) => run(configOf(flags)));

withSettings(program.command("check"))
  .description("say whether these settings work, and send nothing")
  .action(async (flags) => {
    if (!(await check(configOf(flags), print))) process.exitCode = 1;
  });

withSettings(program.command("status"))
  .description("ask a running keeper how it is")
  .action(async (flags) =>
    print(JSON.stringify(await status(loadStatusPlace(sourcesOf(flags))), null, 2)),
  );

withSettings(program.command("explain"))
  .argument("<account>", "owner, owner/number or 32 bytes")
  .description("say how an account stands and what would be done about it")
  .action(async (account: string, flags) => explain(configOf(flags), account, print));

/** Every setting is a flag, but for keys. */
function withSettings(command: Command): Command {
  command.option("-c, --config <file>", "JSON file of settings");
  for (const name of settingNames) {
    const flag = flagOf(name);
    if (flag !== null) command.option(`${flag} <value>`, descriptionOf(name));
  }
  return command;
}

function descriptionOf(name: string): string {
  const field = Object.entries(configSchema.shape).find(([key]) => key === name)?.[1];
  return field?.description ?? "";
}

function configOf(flags: Readonly<Record<string, unknown>>): Config {
  const config = loadConfig(sourcesOf(flags));
  censor = censorOf({ rpcUrls: config.rpcUrls, privateKey: config.privateKey ?? null });
  return config;
}

function sourcesOf(flags: Readonly<Record<string, unknown>>): ConfigSources {
  const { config: file, ...rest } = flags;
  return {
    flags: rest,
    environment: process.env,
    file: typeof file === "string" ? file : undefined,
  };
}

function print(line: string): void {
  process.stdout.write(`${censor(line)}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  const isPlain =
    error instanceof ConfigError ||
    error instanceof FatalError ||
    error instanceof ManifestError ||
    error instanceof RangeError;
  const text =
    isPlain || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
  process.stderr.write(`${censor(text)}\n`);
  process.exitCode = 1;
}

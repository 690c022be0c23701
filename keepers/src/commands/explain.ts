import { describeAccount, parseAccountId } from "../../../sdk/src/accountId.ts";
import { formatDecimal } from "../../../sdk/src/amounts.ts";
import { decodeRevert } from "../../../sdk/src/errors.ts";
import { safeBandOf } from "../bands/safeBand.ts";
import type { Config } from "../config/configSchema.ts";
import { connect } from "../connect.ts";
import { liquidationsOf } from "../decide/liquidations.ts";
import { bandPositionsOf, slackOf } from "../read/judgement.ts";
import { type AccountReport, lensJudge, type MarketReport, planCodeOf } from "../read/reports.ts";

/** Says how an account stands, at which prices it will be looked at again, and what would be done about it now. */
export async function explain(
  config: Config,
  accountText: string,
  print: (line: string) => void,
): Promise<void> {
  const { manifest, client, pool, nameOf } = await connect(config);
  const account = parseAccountId(accountText);
  const { number: block } = await pool.pollHead();
  const judge = lensJudge({
    address: manifest.contracts.lens,
    caller: client,
    pageSize: config.pageSize,
  });
  const markets = new Map(
    (await judge.markets(block)).map((report) => [Number(report.market), report]),
  );
  const [report] = await judge.accounts([account], block);
  if (report === undefined) throw new RangeError(`The lens said nothing about ${accountText}`);
  print(`Account      ${describeAccount(account)} at block ${block}`);
  for (const failure of [report.failure, report.marginFailure]) {
    if (failure !== "0x")
      print(`Not judged   ${decodeRevert(failure, nameOf)?.sentence ?? failure}`);
  }
  print(`Cash         ${usd(report.state.cashUsd)}, of it ${usd(report.state.depositUsd)} locked`);
  print(
    `Equity       ${usd(report.equityUsd)}; maintenance margin ${usd(report.maintenanceUsd)}, initial margin ${usd(report.initialUsd)}`,
  );
  for (const position of report.positions) {
    const name = nameOf(position.market);
    print(
      `Position     ${name}: ${amount(position.size)} at ${usd(position.price)}, worth ${usd(position.valueUsd)}`,
    );
    const code = planCodeOf(position);
    if (code === undefined) {
      print(
        `  no plan    ${decodeRevert(position.planFailure, nameOf)?.sentence ?? position.planFailure}`,
      );
    } else if (code === "Partial" || code === "Full") {
      print(
        `  plan       ${code}: close ${amount(position.plan.closeSize)} for a penalty of ${usd(position.plan.penaltyUsd)}`,
      );
    } else print(`  plan       ${code}`);
  }
  explainBand(report, markets, nameOf, print);
  const actions = liquidationsOf({ reports: [report], markets, batchSize: config.batchSize });
  const first = actions.flatMap((action) => (action.kind === "liquidate" ? action.items : []));
  if (report.resolvable) print("Now          its default would be recognised (resolve)");
  else if (first.length === 0) print("Now          nothing would be done");
  for (const { market, rewardUsd } of first) {
    print(
      `Now          liquidate in ${nameOf(BigInt(market))}, for a reward of about ${usd(rewardUsd)}`,
    );
  }
}

function explainBand(
  report: AccountReport,
  markets: ReadonlyMap<number, MarketReport>,
  nameOf: (market: bigint) => string,
  print: (line: string) => void,
): void {
  const positions = bandPositionsOf(report, markets);
  const band = positions === null ? null : safeBandOf({ slackUsd: slackOf(report), positions });
  if (band === null) {
    print("Watched      in every block");
    return;
  }
  for (const { market, below, above } of band.triggers) {
    print(
      `Looked at    when ${nameOf(BigInt(market))} is at ${usd(below)} or below, or ${usd(above)} or above`,
    );
  }
  if (band.triggers.length > 0) print(`Looked at    after ${band.recheckSeconds} s in any case`);
}

/** To a cent, rounded towards zero. */
function usd(value: bigint): string {
  return `${formatDecimal(value / 10n ** 16n, 2)} USD`;
}

function amount(value: bigint): string {
  return formatDecimal(value, 18);
}

import { formatEther } from "ethers";
import { clearingHouseAbi } from "../../../sdk/src/abis/ClearingHouse.ts";
import { type AccountId, describeAccount, ownerOf } from "../../../sdk/src/accountId.ts";
import { formatD18, formatDecimal } from "../../../sdk/src/amounts.ts";
import type { Manifest } from "../../../sdk/src/manifest.ts";
import { typedContract } from "../../../sdk/src/typedContract.ts";
import type { Config } from "../config/configSchema.ts";
import { collateralBuyingOf, takeOverTermsOf } from "../config/loadConfig.ts";
import { type Connection, connect, NOBODY } from "../connect.ts";
import { forecastTermsOf } from "../forecast/terms.ts";
import { OrderFile, venueOf } from "../orders/orderFile.ts";
import { creditReader } from "../read/creditReader.ts";
import { mapReader } from "../read/mapReader.ts";
import { lensJudge, marketModeOf, priceStatusOf } from "../read/reports.ts";

/** The bit of a delegate's powers that lets it trade. */
const TRADE = 1n;

/** Says whether a keeper with these settings could work: connection, contracts, wallet, prices. Sends nothing. False when something is missing. */
export async function check(config: Config, print: (line: string) => void): Promise<boolean> {
  const { manifest, client, pool, wallet, keeper } = await connect(config);
  const problems: string[] = [];
  const { number: headNumber } = await pool.pollHead();
  print(`Chain      ${manifest.chainId} (${manifest.network}), block ${headNumber}`);
  for (const { label, headNumber: head, available } of pool.health()) {
    print(
      `Endpoint   ${label}: ${available ? `block ${head}` : head < 0 ? "does not answer" : `behind, block ${head}`}`,
    );
    if (!available) problems.push(`Endpoint ${label} is not usable now`);
  }
  print(`House      ${manifest.contracts.clearingHouse}, since block ${manifest.startBlock}`);
  if (wallet === null) {
    print("Wallet     none: dry run (give BREAKWATER_PRIVATE_KEY or privateKeyFile to send)");
  } else {
    const balance = await client.balanceOf(wallet.address);
    print(`Wallet     ${wallet.address}, ${formatEther(balance)} of the gas token`);
    if (balance === 0n) problems.push("The wallet has no gas money");
  }
  print(`Earns in   ${describeAccount(keeper)}`);
  const judge = lensJudge({
    address: manifest.contracts.lens,
    caller: client,
    pageSize: config.pageSize,
  });
  const terms = takeOverTermsOf(config);
  if (terms !== null) {
    const { account, maxInventoryUsd } = terms;
    print(`Takes over ${describeAccount(account)}, up to ${formatD18(maxInventoryUsd)} USD`);
    problems.push(...(await missingPowersOf({ manifest, client, wallet, account })));
  }
  problems.push(...checkOrderFile(config, manifest, print));
  const buying = collateralBuyingOf(config, wallet?.address ?? NOBODY);
  if (buying !== null && wallet !== null) {
    const { payableNative } = await creditReader(manifest, client).funds(
      { wallet: wallet.address, recipient: buying.recipient, assets: [] },
      headNumber,
    );
    print(
      `Buys       collateral for ${buying.recipient} up to ${formatD18(buying.budgetUsd)} USD; ${formatDecimal(payableNative, manifest.token.decimals)} ${manifest.token.symbol} can be paid now`,
    );
    if (payableNative === 0n)
      problems.push(
        `The wallet has no ${manifest.token.symbol} that the credit vault, ${manifest.contracts.creditVault}, may take: pay it in, and call approve`,
      );
  }
  const forecast = forecastTermsOf(config, manifest);
  if (forecast !== null) {
    const { source, intervalSeconds, horizonSeconds, raiseAbove } = forecast;
    print(
      `Forecasts  cascades every ${intervalSeconds} s, ${horizonSeconds / 3_600} h ahead, from the ${source}; R is raised ${raiseAbove === null ? "never" : `from a probability of ${raiseAbove} on`}`,
    );
    const refusal =
      raiseAbove === null || wallet === null
        ? null
        : await mapReader(manifest, client).refusalToRaise(wallet.address, headNumber);
    if (refusal !== null) problems.push(refusal);
  }
  for (const report of await judge.markets(headNumber)) {
    const symbol =
      manifest.markets.find(({ id }) => id === Number(report.market))?.symbol ??
      String(report.market);
    const status = priceStatusOf(report);
    print(
      `Market     ${symbol}: ${marketModeOf(report)}, ${formatD18(report.price.price)} USD, price ${status}`,
    );
    if (status !== "Valid") problems.push(`The price of ${symbol} may not be acted on: ${status}`);
  }
  for (const problem of problems) print(`Problem    ${problem}`);
  print(problems.length === 0 ? "Ready." : "Not ready.");
  return problems.length === 0;
}

/** Says how many signed orders there are, and which lines are none. */
function checkOrderFile(
  { signedOrders: file }: Config,
  manifest: Manifest,
  print: (line: string) => void,
): string[] {
  if (file === undefined) return [];
  const problems: string[] = [];
  const orderFile = new OrderFile({
    file,
    venue: venueOf(manifest),
    onBadLines: (badLines) => {
      for (const { line, reason } of badLines)
        problems.push(line === 0 ? `${file}: ${reason}` : `${file}, line ${line}: ${reason}`);
    },
  });
  print(`Orders     ${orderFile.orders().length} signed orders in ${file}`);
  return problems;
}

/** Taking over needs the wallet's power to trade for the account, unloading the venue's. */
async function missingPowersOf({
  manifest,
  client,
  wallet,
  account,
}: Pick<Connection, "manifest" | "client" | "wallet"> & { account: AccountId }): Promise<string[]> {
  const { clearingHouse, delayedOrders } = manifest.contracts;
  const house = typedContract(clearingHouseAbi, clearingHouse, client);
  const owner = ownerOf(account);
  const name = describeAccount(account);
  const canTrade = async (delegate: string) =>
    owner === delegate || ((await house.call("powersOf", [account, delegate])) & TRADE) !== 0n;
  const missing: string[] = [];
  if (wallet !== null && !(await canTrade(wallet.address)))
    missing.push(`The wallet may not trade for ${name}: its owner calls setDelegate first`);
  if (!(await canTrade(delayedOrders)))
    missing.push(
      `The venue of orders, ${delayedOrders}, may not trade for ${name}, so that it could not be unloaded: its owner calls setDelegate first`,
    );
  return missing;
}

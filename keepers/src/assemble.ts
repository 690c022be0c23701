import { clearingHouseAbi } from "../../sdk/src/abis/ClearingHouse.ts";
import { creditVaultAbi } from "../../sdk/src/abis/CreditVault.ts";
import { delayedOrdersAbi } from "../../sdk/src/abis/DelayedOrders.ts";
import { typedContract } from "../../sdk/src/typedContract.ts";
import type { Config } from "./config/configSchema.ts";
import { collateralBuyingOf, takeOverTermsOf } from "./config/loadConfig.ts";
import { type Connection, NOBODY } from "./connect.ts";
import { CreditDesk } from "./creditDesk.ts";
import { FatalError } from "./failures.ts";
import { Forecaster } from "./forecast/forecaster.ts";
import { forecastTermsOf } from "./forecast/terms.ts";
import { Keeper } from "./keeper.ts";
import type { Log } from "./log.ts";
import { OrderFile, venueOf } from "./orders/orderFile.ts";
import { backstopReader } from "./read/backstopReader.ts";
import { creditReader } from "./read/creditReader.ts";
import { houseReader } from "./read/houseReader.ts";
import { mapReader } from "./read/mapReader.ts";
import { orderReader } from "./read/orderReader.ts";
import { lensJudge } from "./read/reports.ts";
import { actionEncoder } from "./send/actionCall.ts";
import { Dispatcher } from "./send/dispatcher.ts";
import { GasBudget } from "./send/gasBudget.ts";
import { Lane } from "./send/lane.ts";
import { ChainStore } from "./store/chainStore.ts";
import { Database } from "./store/database.ts";
import { Outbox } from "./store/outbox.ts";
import { houseEvents } from "./sync/houseEvents.ts";
import { LogSync } from "./sync/logSync.ts";
import type { Metrics } from "./watch/metrics.ts";
import type { KeeperStatus } from "./watch/status.ts";

export interface AssembleOptions {
  readonly config: Config;
  readonly connection: Connection;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onStatus?: (status: KeeperStatus) => void;
}

/** Puts a keeper together. `close` ends what it holds. */
export async function assemble(
  options: AssembleOptions,
): Promise<{ keeper: Keeper; close: () => void }> {
  const { config, connection, log, metrics, onStatus } = options;
  const { manifest, client, pool, wallet, nameOf } = connection;
  const database = new Database(config.database ?? `out/keeper/${manifest.chainId}.sqlite`);
  const store = new ChainStore(database);
  if (store.bindTo(await deploymentOf(connection))) {
    log.warn({ msg: "The database belonged to another deployment and was emptied" });
  }
  const limits = { maxFeePerGas: config.maxFeeGwei, minPriorityFeePerGas: config.priorityFeeGwei };
  const lane =
    wallet === null
      ? null
      : new Lane({
          chain: client,
          outbox: new Outbox({ database, signer: wallet.address }),
          wallet,
          chainId: manifest.chainId,
          limits,
          replaceAfterMs: config.replaceAfterMs,
          log,
        });
  const forecast = forecastTermsOf(config, manifest);
  const unpaidGas = new GasBudget(BigInt(config.unpaidGasPerHour));
  const keeper = new Keeper({
    settings: {
      chainId: manifest.chainId,
      pollIntervalMs: config.pollIntervalMs,
      auditIntervalMs: config.auditIntervalMs,
      pageSize: config.pageSize,
      batchSize: config.batchSize,
      settleAboveUsd: config.settleAboveUsd,
      distributeAboveUsd: config.distributeAboveUsd,
      housekeeping: config.housekeeping,
      tripBreaker: config.tripBreaker,
      takeOver: takeOverTermsOf(config),
      mark: config.mark,
      backstop: config.backstop,
      maxHeadAgeSeconds: config.maxHeadAgeSeconds ?? null,
    },
    client,
    pool,
    store,
    sync: new LogSync({
      chain: client,
      store,
      events: houseEvents(manifest, client),
      startBlock: manifest.startBlock,
      logRange: config.logRange,
      onReorg: ({ depth, ancestor }) => {
        metrics.reorgDepth.observe(depth);
        log.warn({ msg: "The chain was reorganised", depth, ancestor });
      },
    }),
    judge: lensJudge({
      address: manifest.contracts.lens,
      caller: client,
      pageSize: config.pageSize,
    }),
    house: houseReader(manifest, client),
    backstop: backstopReader(manifest, client),
    orderFile:
      config.signedOrders === undefined
        ? null
        : new OrderFile({
            file: config.signedOrders,
            venue: venueOf(manifest),
            onBadLines: (badLines) =>
              log.warn({ msg: "Lines of the file of signed orders are skipped", badLines }),
          }),
    signedOrders: orderReader(manifest, client),
    credit: new CreditDesk({
      reader: creditReader(manifest, client),
      acts: config.collateral,
      buying: collateralBuyingOf(config, wallet?.address ?? NOBODY),
      wallet: wallet?.address ?? null,
      settlementDecimals: manifest.token.decimals,
      heartbeats: new Map(
        manifest.collateral.map(({ priceMarket, feed }) => [priceMarket, feed.heartbeatSeconds]),
      ),
    }),
    forecaster:
      forecast === null
        ? null
        : new Forecaster({
            terms: forecast,
            reader: mapReader(manifest, client),
            house: manifest.contracts.clearingHouse,
            wallet: wallet?.address ?? null,
            ...{ log, metrics, nameOf },
          }),
    unpaidGas,
    contracts: {
      house: typedContract(clearingHouseAbi, manifest.contracts.clearingHouse, client),
      orders: typedContract(delayedOrdersAbi, manifest.contracts.delayedOrders, client),
      vault: typedContract(creditVaultAbi, manifest.contracts.creditVault, client),
    },
    dispatcher: new Dispatcher({
      client,
      encode: actionEncoder({ manifest, caller: client, keeper: connection.keeper }),
      lane,
      from: wallet?.address ?? NOBODY,
      minProfitUsd: config.minProfitUsd ?? null,
      nativeTokenUsd: config.nativeTokenUsd ?? null,
      unpaidGas,
      nameOf,
    }),
    lane,
    log,
    metrics,
    nameOf,
    ...(onStatus === undefined ? {} : { onStatus }),
  });
  return { keeper, close: () => database.close() };
}

/** What tells one deployment from another: a local chain started anew has the same id and the same addresses, but not the same blocks. */
async function deploymentOf({ manifest, client }: Connection): Promise<string> {
  const block = await client.block(manifest.startBlock);
  if (block === null) {
    throw new FatalError(
      `The chain has no block ${manifest.startBlock}, where the manifest's deployment starts. Wait until the endpoint is in step, or use the manifest of this chain`,
    );
  }
  return `${manifest.chainId} ${manifest.contracts.clearingHouse} ${block.hash}`;
}

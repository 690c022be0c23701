// Connects a wallet that announces itself (EIP-6963), and deposits, previews and trades with it.

import { accountIdOf } from "breakwater-sdk/accountId.js";
import { formatD18, formatDecimal, parseD18, parseDecimal } from "breakwater-sdk/amounts.js";
import { contractsOf } from "breakwater-sdk/contracts.js";
import { explainError } from "breakwater-sdk/errors.js";
import { parseManifest } from "breakwater-sdk/manifest.js";
import { previewTrade } from "breakwater-sdk/preview/trade.js";
import { RefusedError, send } from "breakwater-sdk/send.js";
import { BrowserProvider } from "ethers";

const element = (id) => document.getElementById(id);
const manifest = parseManifest(await (await fetch("manifest.json")).text(), "manifest.json");
const [market] = manifest.markets;
const KEEPER_FEE_USD = parseD18("1");
/** 2 %: how far beyond the previewed price the fill may be. */
const TOLERANCE = 50n;

/** Wallets by the id under which they announced themselves. */
const wallets = new Map();
/** What is known once a wallet is connected. */
let session;

window.addEventListener("eip6963:announceProvider", ({ detail }) => {
  if (wallets.has(detail.info.uuid)) return;
  wallets.set(detail.info.uuid, detail.provider);
  element("wallet").append(new Option(detail.info.name, detail.info.uuid));
});
window.dispatchEvent(new Event("eip6963:requestProvider"));

function onClick(id, act) {
  element(id).addEventListener("click", () => {
    element("message").textContent = "";
    return attempt(act);
  });
}

/** What goes wrong is shown, with what to do about it. */
async function attempt(act) {
  try {
    await act();
  } catch (error) {
    const known = error instanceof RefusedError ? error.explanation : explainError(error);
    const { sentence, hint } = known;
    element("message").textContent = hint === undefined ? sentence : `${sentence}. ${hint}`;
  }
}

function connected() {
  if (session === undefined) throw new Error("Connect a wallet first");
  return session;
}

onClick("connect", async () => {
  const injected = wallets.get(element("wallet").value);
  if (injected === undefined)
    throw new Error("No wallet has announced itself; install one and reload");
  const provider = new BrowserProvider(injected);
  const { chainId } = await provider.getNetwork();
  if (chainId !== BigInt(manifest.chainId)) {
    throw new Error(
      `The wallet is on chain ${chainId}; switch it to ${manifest.chainId} (${manifest.network})`,
    );
  }
  const signer = await provider.getSigner();
  await session?.provider.removeAllListeners("block");
  session = {
    provider,
    signer,
    account: accountIdOf(signer.address),
    ...contractsOf(manifest, provider),
  };
  await showAccount();
  await provider.on("block", () => attempt(showAccount));
});

onClick("deposit", async () => {
  const { signer, account, token, clearingHouse } = connected();
  const cashNative = parseDecimal(element("cash").value, manifest.token.decimals);
  await send(signer, token, "approve", [clearingHouse.address, cashNative]);
  await send(signer, clearingHouse, "deposit", [account, cashNative]);
  await showAccount();
});

onClick("preview", async () => {
  const { price, feeUsd, edgeUsd } = await previewed(parseD18(element("size").value));
  element("previewed").textContent =
    `Price ${formatD18(price)} USD, fee ${formatD18(feeUsd)} USD\n` +
    `Given up against the index: ${formatD18(edgeUsd)} USD`;
});

onClick("trade", async () => {
  const { provider, signer, account, clearingHouse, delayedOrders } = connected();
  const sizeDelta = parseD18(element("size").value);
  const { price } = await previewed(sizeDelta);
  const { timestamp } = await provider.getBlock("latest");
  const order = {
    account,
    market: BigInt(market.id),
    sizeDelta,
    limitPrice: sizeDelta > 0n ? price + price / TOLERANCE : price - price / TOLERANCE,
    reduceOnly: false,
    trigger: 0n,
    triggerPrice: 0n,
    keeperFeeUsd: KEEPER_FEE_USD,
    expiry: BigInt(timestamp) + 600n,
  };
  const powers = await clearingHouse.call("powersOf", [account, delayedOrders.address]);
  if ((powers & 1n) === 0n) {
    await send(signer, clearingHouse, "setDelegate", [account, delayedOrders.address, powers | 1n]);
  }
  await send(signer, delayedOrders, "commit", [order]);
  element("previewed").textContent = "Committed: a keeper executes it at the next price";
});

async function previewed(sizeDelta) {
  const { lens } = connected();
  return previewTrade(await lens.call("marketReport", [BigInt(market.id)]), sizeDelta);
}

async function showAccount() {
  const { signer, account, lens, token } = connected();
  const { state, positions, health } = await lens.call("accountReport", [account]);
  const balance = await token.call("balanceOf", [signer.address]);
  const held = positions.find((position) => position.market === BigInt(market.id))?.size ?? 0n;
  element("account").textContent =
    `${signer.address}\n` +
    `In the wallet ${formatDecimal(balance, manifest.token.decimals)} ${manifest.token.symbol}, in the house ${formatD18(state.cashUsd)} USD\n` +
    `Holds ${formatD18(held)} ${market.symbol}${held === 0n ? "" : `, health ${formatD18(health)}`}`;
}

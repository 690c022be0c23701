// A browser with one wallet, as far as the example's page needs them, and somebody who uses the page. Prints what is shown after each step.

import { readFileSync } from "node:fs";

const [url, address, manifestFile] = process.argv.slice(2);
const PATIENCE_MS = 20_000;
const POLL_MS = 20;

class Element extends EventTarget {
  textContent = "";

  constructor(value) {
    super();
    this.value = value;
  }

  append(option) {
    this.value ||= option.value;
  }
}

const html = readFileSync("index.html", "utf8");
const elements = new Map(
  [...html.matchAll(/<\w+[^>]* id="(\w+)"(?:[^>]* value="([^"]*)")?/g)].map(
    ([, id, value = ""]) => [id, new Element(value)],
  ),
);

/** The node's own accounts, as a wallet offers them. */
const wallet = {
  async request({ method, params = [] }) {
    if (method === "eth_requestAccounts" || method === "eth_accounts") return [address];
    const response = await ask(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { result, error } = await response.json();
    if (error !== undefined) throw Object.assign(new Error(error.message), error);
    return result;
  },
};

const ask = fetch;
globalThis.fetch = async () => ({ text: async () => readFileSync(manifestFile, "utf8") });
globalThis.Option = class {
  constructor(text, value) {
    this.text = text;
    this.value = value;
  }
};
globalThis.document = { getElementById: (id) => elements.get(id) };
globalThis.window = new EventTarget();
window.addEventListener("eip6963:requestProvider", () => {
  const detail = { info: { uuid: "1", name: "A wallet" }, provider: wallet };
  window.dispatchEvent(Object.assign(new Event("eip6963:announceProvider"), { detail }));
});

await import(new URL("page.mjs", import.meta.url));

/** Fills in, clicks, waits until `shownIn` shows what is expected, and prints what it shows. */
async function step({ fill = {}, click, shownIn, expected }) {
  for (const [id, value] of Object.entries(fill)) elements.get(id).value = value;
  if (click !== undefined) elements.get(click).dispatchEvent(new Event("click"));
  const until = Date.now() + PATIENCE_MS;
  while (!elements.get(shownIn).textContent.includes(expected) && Date.now() < until) {
    await new Promise((wait) => setTimeout(wait, POLL_MS));
  }
  console.log(JSON.stringify(elements.get(shownIn).textContent));
}

await step({ click: "deposit", shownIn: "message", expected: "Connect" });
await step({ click: "connect", shownIn: "account", expected: "Holds" });
const tooFine = { size: "0.1234567890123456789" };
await step({ fill: tooFine, click: "preview", shownIn: "message", expected: "decimals" });
await step({ fill: { size: "0.5" }, click: "preview", shownIn: "previewed", expected: "Price" });
const tooMuch = { cash: "1000000" };
await step({ fill: tooMuch, click: "deposit", shownIn: "message", expected: "of the token" });
const all = { cash: "1000" };
await step({ fill: all, click: "deposit", shownIn: "account", expected: "house 1000 USD" });
await step({ click: "trade", shownIn: "previewed", expected: "Committed" });
await step({ shownIn: "account", expected: "Holds 0.5" });
process.exit();

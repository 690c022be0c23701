import { dollars } from "../format.ts";
import type { Report } from "../report/report.ts";
import { ROUTES } from "../report/routes.ts";
import { circumstances, ROUTE_LABELS } from "../report/table.ts";
import { element, escapeText } from "./markup.ts";

const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --card: #f6f7f9; --ink: #1b2330; --dim: #667187; --grid: #e7eaf0;
  --main: #2766d6; --second: #d98618; --distressed: #d23f4b; --liquidated: #7650cf; --slices: #12909f;
  --insurance: #18935f; --pool: #50617c; --bad: #d23f4b; --loss: #c08a00; }
@media (prefers-color-scheme: dark) { :root { --paper: #0f141c; --card: #18202b; --ink: #e8ecf3; --dim: #93a0b5;
  --grid: #242e3c; --main: #6fa3ff; --second: #ffb357; --distressed: #ff6d78; --liquidated: #ab8ef7; --slices: #4fc7d5;
  --insurance: #4dc48b; --pool: #a3b4ce; --bad: #ff6d78; --loss: #f2c14b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 32px 24px 40px; }
h1 { margin: 0; font-size: 26px; line-height: 1.25; letter-spacing: -0.01em; overflow-wrap: anywhere; }
.subtitle { margin: 4px 0 22px; color: var(--dim); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(158px, 1fr)); gap: 10px; margin: 0 0 22px; padding: 0; }
.cards div { padding: 10px 14px 12px; border-radius: 10px; background: var(--card); }
.cards dt { color: var(--dim); font-size: 12.5px; }
.cards dd { margin: 0; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
.cards small { display: block; color: var(--dim); font-size: 12.5px; font-weight: 400; }
.failed { margin: 0 0 22px; padding: 12px 16px 12px 34px; border-left: 4px solid var(--bad); border-radius: 6px; background: var(--card); }
.marks { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 0 0 6px; color: var(--dim); font-size: 13px; }
.marks b { font-weight: 400; }
.marks .bankruptcy b { color: var(--bad); }
.marks .loss b { color: var(--loss); }
svg { display: block; width: 100%; height: auto; font-size: 12px; font-variant-numeric: tabular-nums; }
text { fill: var(--ink); }
.tick, .unit { fill: var(--dim); }
.tick.day { fill: var(--ink); font-weight: 600; }
.unit { font-size: 11px; }
.legend { font-size: 13px; }
.legend .value { font-weight: 600; }
.grid { stroke: var(--grid); shape-rendering: crispEdges; }
.curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.curve.second { stroke-width: 1.4; }
.curve.slices { stroke-dasharray: 4 3; stroke-linecap: butt; stroke-width: 1.5; }
.fill { opacity: 0.16; }
.main { --c: var(--main); } .second { --c: var(--second); } .distressed { --c: var(--distressed); }
.liquidated { --c: var(--liquidated); } .slices { --c: var(--slices); } .insurance { --c: var(--insurance); } .pool { --c: var(--pool); }
.curve { stroke: var(--c); } .fill, .swatch, .point { fill: var(--c); }
.callout { font-weight: 600; paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
.moment rect { fill: transparent; }
.moment line { stroke: var(--dim); visibility: hidden; pointer-events: none; }
.moment:hover line { visibility: visible; }
.event line { stroke-width: 1; opacity: 0.35; pointer-events: none; }
.event text { font-size: 10.5px; }
.event.bankruptcy line { stroke: var(--bad); } .event.bankruptcy path, .event.bankruptcy text { fill: var(--bad); }
.event.loss line { stroke: var(--loss); } .event.loss path, .event.loss text { fill: var(--loss); }
.routes { margin-top: 22px; border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; }
.routes caption { margin-bottom: 4px; color: var(--dim); text-align: left; white-space: nowrap; }
.routes th { padding: 2px 28px 2px 0; font-weight: 400; text-align: left; }
.routes td { padding: 2px 0 2px 28px; text-align: right; }
.untaken { color: var(--dim); }
footer { margin-top: 18px; color: var(--dim); font-size: 13px; }
footer p { margin: 0 0 4px; max-width: 90ch; overflow-wrap: anywhere; }
`;

/** The document around a plot: heading, key figures, marks explained, source. */
export function renderPage({ report, plot }: { report: Report; plot: string }): string {
  const { title, policy, accounts, seed, source } = report;
  const how =
    policy === "partial"
      ? "closing only as much of an account as restores it"
      : "closing the whole position at once, the first-generation baseline";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(`${title}: ${policy} liquidation`)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeText(title)}</h1>
<p class="subtitle">${escapeText(`${accounts} accounts, seed ${seed}, ${policy} liquidation: ${how}.`)}<br>${escapeText(circumstances(report))}</p>
${renderFailures(report)}${element("dl", { class: "cards" }, ...keyFigures(report).map(renderCard))}
<p class="marks">${renderMark("bankruptcy", "▼", "an account could not pay")}${renderMark("loss", "◆", "winners shared a loss")}</p>
${plot}
${renderRoutes(report)}
<footer>
<p>Point at the chart for the figures of a moment, at a mark for what happened.</p>
<p>${escapeText(`Prices: ${source}.`)}</p>
</footer>
</main>
</body>
</html>
`;
}

interface KeyFigure {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
}

function keyFigures(report: Report): KeyFigure[] {
  const { liquidations, insurance } = report;
  const share = liquidations.notionalPerAccountMedianPct;
  return [
    {
      label: "Liquidations",
      value: liquidations.count.toLocaleString("en-US"),
      detail: `${liquidations.partial} partial, ${liquidations.full} full`,
    },
    {
      label: "Accounts touched",
      value: `${liquidations.accountsTouched} of ${report.accounts}`,
      detail: `${report.accountsWipedOut} wiped out`,
    },
    {
      label: "Liquidated",
      value: wholeDollars(liquidations.notionalUsd),
      detail: share === null ? "nobody" : `median ${share.toFixed(0)} % of what an account opened`,
    },
    {
      label: "Bad debt",
      value: wholeDollars(report.badDebtUsd),
      detail: `${wholeDollars(insurance.paidUsd)} paid by insurance`,
    },
    {
      label: "Shared by winners",
      value: wholeDollars(report.socializedUsd),
      detail: `${wholeDollars(report.uncollectedLossUsd)} not yet collected`,
    },
    {
      label: "Checks",
      value: report.failedChecks.length === 0 ? "all hold" : `${report.failedChecks.length} failed`,
      detail: `conservation off by ${dollars(report.conservation.differenceUsd.toFixed(2))}`,
    },
  ];
}

function renderCard({ label, value, detail }: KeyFigure): string {
  return element(
    "div",
    {},
    element("dt", {}, escapeText(label)),
    element("dd", {}, escapeText(value), element("small", {}, escapeText(detail))),
  );
}

/** Every route, also those that nobody took. */
function renderRoutes({ routes }: Report): string {
  const rows = ROUTES.map((route) => {
    const { count, notionalUsd } = routes[route];
    const cells = [
      element("th", { scope: "row" }, escapeText(ROUTE_LABELS[route])),
      element("td", {}, count === 0 ? "–" : count.toLocaleString("en-US")),
      element("td", {}, count === 0 ? "" : wholeDollars(notionalUsd)),
    ];
    return element("tr", count === 0 ? { class: "untaken" } : {}, ...cells);
  });
  const caption = element("caption", {}, "Which way positions found somebody else");
  return element("table", { class: "routes" }, caption, ...rows);
}

function renderFailures({ failedChecks }: Report): string {
  if (failedChecks.length === 0) return "";
  const items = failedChecks.map((sentence) => element("li", {}, escapeText(sentence)));
  return `${element("ul", { class: "failed" }, ...items)}\n`;
}

function renderMark(kind: "bankruptcy" | "loss", sign: string, meaning: string): string {
  return element("span", { class: kind }, element("b", {}, sign), ` ${meaning}`);
}

function wholeDollars(amountUsd: number): string {
  return dollars(amountUsd.toFixed(0));
}

import { enums } from "../../../sdk/src/abis/enums.ts";
import { formatDecimal } from "../../../sdk/src/amounts.ts";
import { decodeRevert, type MarketNames } from "../../../sdk/src/errors.ts";
import { BID_REFUSALS } from "../../../sdk/src/preview/backstop.ts";
import { type BackstopWait, backstopOpensAt, isDeep } from "../decide/backstop.ts";
import type { MatchPlan } from "../decide/matches.ts";
import { isJudged } from "../read/judgement.ts";
import {
  type AccountReport,
  type AccountRoutes,
  isActing,
  planCodeOf,
  takeOverCodeOf,
} from "../read/reports.ts";

/** What a line says besides its label. */
export interface RouteLine {
  readonly label: string;
  readonly text: string;
  readonly isOpen: boolean;
}

export interface RouteQuestion {
  readonly routes: AccountRoutes;
  readonly nameOf: MarketNames;
  /** {s} */
  readonly now: number;
  /** How long the backstop waits for others, by market. */
  readonly backstopWaits: ReadonlyMap<number, BackstopWait>;
  /** Signed orders that the house would match; null where the keeper has no file of them. */
  readonly matches: readonly MatchPlan[] | null;
}

/** Every way out of an account that fails: open, from when on, or why not. */
export function describeRoutes(question: RouteQuestion): RouteLine[] {
  const { report } = question.routes;
  const credit = creditLines(question);
  if (!isJudged(report) || report.equityUsd >= report.maintenanceUsd) return credit;
  return [
    ...sliceLines(question),
    ...orderLines(question),
    wholeLine(report),
    ...backstopLines(question),
    resolutionLine(report),
    ...credit,
  ];
}

function sliceLines({ routes, nameOf, now }: RouteQuestion): RouteLine[] {
  return routes.report.positions.map((position, i) => {
    const code = planCodeOf(position);
    const isOpen = isActing(code);
    const pacing = routes.positions[i]?.pacing;
    const next =
      pacing !== undefined && routes.positions[i]?.pacingFailure === "0x" && !isOpen
        ? `; pacing leaves ${usd(pacing.roomUsd)} now, ${nextOf(pacing.nextAt, now)}`
        : "";
    const why = code ?? `no plan (${sentenceOf(position.planFailure, nameOf)})`;
    return {
      label: "Slice",
      isOpen,
      text: `${nameOf(position.market)}: ${isOpen ? `open, ${why}` : why}${next}`,
    };
  });
}

function nextOf(at: bigint, now: number): string {
  if (at > 2n ** 40n) return "and never a lot";
  const seconds = Number(at) - now;
  return seconds <= 0 ? "enough for a lot" : `a lot in ${seconds} s`;
}

function orderLines({ matches, nameOf }: RouteQuestion): RouteLine[] {
  const label = "Order";
  if (matches === null) return [{ label, isOpen: false, text: "no file of signedOrders is given" }];
  if (matches.length === 0)
    return [{ label, isOpen: false, text: "no signed order pays more than the pool for a slice" }];
  return matches.map(({ candidate, plan }) => ({
    label,
    isOpen: true,
    text: `${nameOf(BigInt(candidate.market))}: open, ${formatDecimal(plan.closeSize, 18)} at ${usd(plan.price)} (${candidate.order.hash})`,
  }));
}

function wholeLine({ takeOverWhole, takeOverWholeFailure }: AccountReport): RouteLine {
  const code = takeOverWholeFailure === "0x" ? takeOverCodeOf(takeOverWhole) : undefined;
  const isOpen = isActing(code);
  return {
    label: "Whole",
    isOpen,
    text: isOpen
      ? `all of it is for sale, at discounts of ${usd(takeOverWhole.discountUsd)}`
      : code === "NotDeep"
        ? "from a third of the maintenance margin down"
        : (code ?? "not known"),
  };
}

function backstopLines({ routes, nameOf, now, backstopWaits }: RouteQuestion): RouteLine[] {
  const { report } = routes;
  return routes.positions.map(({ market, backstop, backstopFailure }) => {
    const name = nameOf(market);
    const line = (text: string, isOpen = false) => ({
      label: "Backstop",
      isOpen,
      text: `${name}: ${text}`,
    });
    if (backstopFailure !== "0x") return line(sentenceOf(backstopFailure, nameOf));
    const refusal = enums.BidRefusal[Number(backstop.refusal)] ?? String(backstop.refusal);
    if (refusal === "None")
      return line(
        `open, ${formatDecimal(backstop.plan.takeSize, 18)} at ${usd(backstop.plan.price)}`,
        true,
      );
    if (refusal !== "Plan") return line(BID_REFUSALS[refusal] ?? refusal);
    if (report.distress.startedAt === 0n) return line("once the account has been marked");
    if (!isDeep(report)) return line("from two thirds of the maintenance margin down");
    const opensAt = backstopOpensAt(report, backstopWaits.get(Number(market)), now);
    if (opensAt > now && Number.isFinite(opensAt)) return line(`in ${opensAt - now} s`);
    const code = takeOverCodeOf(backstop.plan);
    return line(code ?? "not known");
  });
}

function resolutionLine({ resolvable, equityUsd }: AccountReport): RouteLine {
  return {
    label: "Resolution",
    isOpen: resolvable,
    text: resolvable
      ? "open: its default can be recognised"
      : equityUsd < 0n
        ? "once its negative equity stands, or its markets have valid prices"
        : `when its equity is negative; it is ${usd(equityUsd)}`,
  };
}

function creditLines({ routes, nameOf, now }: RouteQuestion): RouteLine[] {
  const { credit, creditFailure } = routes;
  const label = "Collateral";
  if (creditFailure !== "0x")
    return [{ label, isOpen: false, text: sentenceOf(creditFailure, nameOf) }];
  const pledged = credit.collateral.filter(({ amountNative }) => amountNative !== 0n);
  if (credit.debtUsd === 0n && pledged.length === 0) return [];
  const isAbove = credit.debtUsd > credit.valueUsd;
  const line = {
    label,
    isOpen: isAbove,
    text: `owes ${usd(credit.debtUsd)}, ${usd(credit.valueUsd)} are lent against what it has pledged${isAbove ? ": above its line" : ""}`,
  };
  const auctions = pledged
    .filter(({ startedAt }) => startedAt !== 0n)
    .map(({ asset, startedAt, expiresAt, take }) => ({
      label,
      isOpen: take.amountNative !== 0n,
      text:
        BigInt(now) > expiresAt
          ? `the auction of ${asset} is over; it can be started again`
          : `the auction of ${asset} runs for ${now - Number(startedAt)} s and asks ${usd(take.price)} for ${take.amountNative} units`,
    }));
  const startable =
    isAbove && auctions.length === 0
      ? [
          {
            label,
            isOpen: true,
            text:
              pledged.length === 0
                ? "nothing is left to sell: it can be written off"
                : "its auction can be started",
          },
        ]
      : [];
  return [line, ...auctions, ...startable];
}

function sentenceOf(failure: string, nameOf: MarketNames): string {
  return decodeRevert(failure, nameOf)?.sentence ?? failure;
}

/** To a cent, rounded towards zero. */
function usd(value: bigint): string {
  return `${formatDecimal(value / 10n ** 16n, 2)} USD`;
}

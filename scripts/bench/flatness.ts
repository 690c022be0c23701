import { type Chain, openChain } from "./chain.ts";
import { FLATNESS_USAGE, wantsHelp } from "./cli.ts";
import { type House, openHouse } from "./house.ts";
import { main } from "./main.ts";
import { expectEvents, gasOf } from "./receipts.ts";
import { bookLoss, reconcileMarket, tearUp, tearUpPool, windDown } from "./routes.ts";
import { change } from "./scenes.ts";

const ETH = 0;
const CROWDS = [10, 1_000, 10_000] as const;
/** Accounts opened in one transaction, well within a block's gas. */
const BATCH = 25;
const CASH_NATIVE = 100_000_000n;
const POSITION_USD = 300;
/** Percent by which a figure may differ: prices, times and addresses differ a little. */
const TOLERANCE = 0.5;

type Measure = (chain: Chain, house: House) => Promise<number>;
type Crowd = Awaited<ReturnType<typeof gather>>;

/** What must cost the same however many others have positions in the market. */
const measuresOf = (crowd: Crowd): Readonly<Record<string, Measure>> => ({
  "book a tear-up for inventory": tearUp,
  "book a tear-up for a pool": tearUpPool,
  "book a loss that waited": bookLoss,
  "wind a market down": windDown,
  "reconciliation view of a market": reconcileMarket,
  "apply a tear-up to one account": (chain, house) => touchAfterTearUp(chain, house, crowd),
  "execute: increase, having missed no event": (chain, house) => change(chain, house, 5_000),
});

/** What it costs to bring one of the crowd, a long, up to date after its side was torn up. */
async function touchAfterTearUp(chain: Chain, tools: House, crowd: Crowd): Promise<number> {
  await tearUp(chain, tools);
  const account = await crowd.accountAt(0);
  const before = (await tools.house.positionOf(account, ETH)).storedSize;
  const touch = tools.house.connect(tools.stranger).touch;
  const receipt = await chain.send((o) => touch(account, ETH, 16, o));
  expectEvents(tools.house, receipt, "EventsApplied", 1);
  const after = (await tools.house.positionOf(account, ETH)).storedSize;
  if (after >= before) throw new Error("the account was not torn up");
  return gasOf(receipt);
}

await main(async () => {
  if (wantsHelp(process.argv.slice(2), FLATNESS_USAGE)) return console.log(FLATNESS_USAGE);
  const chain = await openChain();
  try {
    const house = await openHouse(chain);
    const figures = await measureCrowds(chain, house);
    console.log(tableOf(figures));
    for (const [label, gas] of figures) {
      const [least, most] = [Math.min(...gas), Math.max(...gas)];
      if ((most - least) * 100 > least * TOLERANCE) {
        throw new Error(`"${label}" takes ${least} to ${most} gas: it depends on the crowd`);
      }
    }
    console.log(`\nFlat: no figure moves by more than ${TOLERANCE} %.`);
  } finally {
    await chain.close();
  }
});

/** Gas of each measure at each size of the crowd. */
async function measureCrowds(chain: Chain, tools: House): Promise<Map<string, number[]>> {
  const crowd = await gather(chain, tools);
  const measures = Object.entries(measuresOf(crowd));
  const figures = new Map<string, number[]>(measures.map(([label]) => [label, []]));
  for (const size of CROWDS) {
    const seconds = await crowd.growTo(size);
    console.error(`${size} accounts have positions (${seconds} s to open them)`);
    for (const [label, measure] of measures) {
      const gas = await chain.undone(() => measure(chain, tools));
      figures.get(label)?.push(gas);
    }
  }
  return figures;
}

/** A crowd in the first market that can grow. */
async function gather({ ethers, send, tick }: Chain, { house, token, sizeOf }: House) {
  await tick();
  const crowd = await ethers.deployContract("Crowd", [house, ETH]);
  await send((o) => token.mint(crowd, CASH_NATIVE * BigInt(Math.max(...CROWDS)), o));
  await send((o) => house.setVenue(crowd, true, o));
  return {
    accountAt: (index: number) => crowd.accountAt(index),
    async growTo(size: number): Promise<number> {
      const started = Date.now();
      for (let count = Number(await crowd.count()); count < size; ) {
        const more = Math.min(BATCH, size - count);
        const receipt = await send((o) =>
          crowd.open(more, CASH_NATIVE, sizeOf(ETH, POSITION_USD), o),
        );
        expectEvents(house, receipt, "Traded", more);
        count += more;
      }
      return Math.round((Date.now() - started) / 1_000);
    },
  };
}

function tableOf(figures: ReadonlyMap<string, readonly number[]>): string {
  const width = Math.max(...[...figures.keys()].map((label) => label.length)) + 2;
  const cell = (value: number) => value.toLocaleString("en-US").padStart(12);
  const head = `${"accounts with positions".padEnd(width)}${CROWDS.map(cell).join("")}`;
  const rows = [...figures].map(
    ([label, gas]) => `${label.padEnd(width)}${gas.map(cell).join("")}`,
  );
  return [head, ...rows].join("\n");
}

import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect } from "chai";

const PAGES = globSync(["*.md", "{docs,sdk,examples}/**/*.md"], {
  exclude: (path) => path.includes("node_modules"),
});

/** Prose of a page: what stands in code is no link and no heading. */
function proseOf(page: string): string {
  return readFileSync(page, "utf8")
    .replace(/^```[\s\S]*?^```/gm, "")
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ""));
}

/** Anchors of a page's headings, as Git hosts make them. */
function anchorsOf(page: string): Set<string> {
  const headings = [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title);
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Why a link of a page leads nowhere; undefined when it leads somewhere, or out of the repository. */
function problemOf(page: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : normalize(join(dirname(page), path));
  if (!existsSync(target)) return `${page}: there is no ${target} (${link})`;
  if (anchor === undefined || !target.endsWith(".md") || statSync(target).isDirectory()) {
    return undefined;
  }
  return anchorsOf(target).has(anchor) ? undefined : `${page}: ${target} has no #${anchor}`;
}

describe("links and commands of pages", () => {
  for (const page of PAGES) {
    it(`of ${page} lead somewhere`, () => {
      const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
      expect(links.flatMap((link) => problemOf(page, link) ?? [])).to.deep.equal([]);
    });
  }

  it("name commands that there are", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
    const named = PAGES.flatMap((page) =>
      [...readFileSync(page, "utf8").matchAll(/npm run ([\w:]+)/g)].map(([, script = ""]) => ({
        page,
        script,
      })),
    );
    expect(named.length).to.be.greaterThan(20);
    expect(named.filter(({ script }) => !(script in scripts))).to.deep.equal([]);
  });

  it("are found, and what leads nowhere is named", () => {
    expect(PAGES).to.include.members(["README.md", "docs/errors.md", "sdk/README.md"]);
    expect(problemOf("README.md", "docs/nowhere.md")).to.match(/^README\.md: there is no docs/);
    expect(problemOf("README.md", "docs/errors.md#nosucherror")).to.match(/has no #nosucherror$/);
    expect(problemOf("docs/glossary.md", "errors.md#cashtoolow")).to.equal(undefined);
    expect(problemOf("README.md", "https://example.org/#x")).to.equal(undefined);
  });
});

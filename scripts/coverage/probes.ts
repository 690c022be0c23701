import { lineOf, oneLine, type Wrap, wrapParts } from "../instrument/edits.ts";
import { importProbe } from "../instrument/probe.ts";
import { placeOf, type SyntaxNode, walk } from "../instrument/syntax.ts";

/** A condition that decides something: each of its outcomes is a branch. */
export interface Branch {
  readonly file: string;
  readonly line: number;
  /** "Contract.function". */
  readonly place: string;
  readonly condition: string;
  readonly outcome: boolean;
  /** What instrumented code reports. */
  readonly id: number;
}

/** Lines whose statements run one after the other whenever the first does, as long as nothing reverts. */
export interface Stretch {
  readonly file: string;
  readonly lines: readonly number[];
  readonly id: number;
}

export interface Probed {
  readonly text: string;
  readonly branches: readonly Branch[];
  readonly stretches: readonly Stretch[];
}

/** Writes probes into a file: one at each condition, one at the start of each stretch of statements. Ids count from `firstId`. */
export function writeProbes(
  file: string,
  source: Buffer,
  tree: SyntaxNode,
  firstId: number,
): Probed {
  const wraps: Wrap[] = [];
  const branches: Branch[] = [];
  const stretches: Stretch[] = [];
  let id = firstId;
  walk(tree, (node, path) => {
    if (!isCode(path)) return;
    for (const leaf of conditionsOf(node, path)) {
      const about = {
        file,
        line: lineOf(source, leaf.start),
        place: placeOf(path),
        condition: oneLine(source.toString("utf8", leaf.start, leaf.end)),
      };
      branches.push({ ...about, outcome: true, id }, { ...about, outcome: false, id: id + 1 });
      wraps.push({ start: leaf.start, end: leaf.end, before: `sawOutcome(${id}, `, after: ")" });
      id += 2;
    }
    for (const stretch of stretchesOf(node)) {
      const [first] = stretch.statements;
      if (first === undefined) continue;
      const lines = [...new Set(stretch.statements.map(({ start }) => lineOf(source, start)))];
      stretches.push({ file, lines, id });
      wraps.push({
        start: first.start,
        end: stretch.isBare ? endOf(first, source) : first.start,
        before: `${stretch.isBare ? "{ " : ""}sawStatement(${id}); `,
        after: stretch.isBare ? " }" : "",
      });
      id += 1;
    }
  });
  const text = wraps.length === 0 ? source.toString("utf8") : wrapParts(source, wraps);
  const imported = importProbe(file, ["sawOutcome", "sawStatement"]);
  return { text: wraps.length === 0 ? text : `${text}\n${imported}\n`, branches, stretches };
}

function isCode(path: readonly SyntaxNode[]): boolean {
  const types = path.map(({ type }) => type);
  const isFunction = types.includes("FunctionDefinition") || types.includes("ModifierDefinition");
  return isFunction && !types.includes("InlineAssembly");
}

/** The conditions a node asks, each without the && and || that join them. Operands of && and || are asked wherever they stand. */
function conditionsOf(node: SyntaxNode, path: readonly SyntaxNode[]): SyntaxNode[] {
  if (isJunction(node)) {
    // The outermost one answers for all that it joins.
    return isJunction(above(path)) ? [] : leavesOf(node);
  }
  const condition = node.child("condition");
  return condition === null || isJunction(bare(condition)) ? [] : leavesOf(condition);
}

/** What stands around, parentheses and negations aside. */
function above(path: readonly SyntaxNode[]): SyntaxNode | undefined {
  return path.findLast((node) => !isParenthesis(node) && node.text("operator") !== "!");
}

function leavesOf(condition: SyntaxNode): SyntaxNode[] {
  const node = bare(condition);
  if (!isJunction(node)) return [condition];
  const sides = [node.child("leftExpression"), node.child("rightExpression")];
  return sides.flatMap((side) => (side === null ? [] : leavesOf(side)));
}

/** The expression within parentheses and negations. */
function bare(node: SyntaxNode): SyntaxNode {
  const [only] = isParenthesis(node) ? node.list("components") : [];
  const inner = node.text("operator") === "!" ? node.child("subExpression") : only;
  return inner === null || inner === undefined ? node : bare(inner);
}

function isParenthesis(node: SyntaxNode): boolean {
  return node.type === "TupleExpression" && node.list("components").length === 1;
}

function isJunction(node: SyntaxNode | undefined): boolean {
  return node !== undefined && ["&&", "||"].includes(node.text("operator"));
}

/** Statements directly below a node, cut where one may be the last to run. A bare one stands where only one statement may. */
function stretchesOf(node: SyntaxNode): { statements: SyntaxNode[]; isBare: boolean }[] {
  if (node.type === "Block" || node.type === "UncheckedBlock") {
    const stretches: { statements: SyntaxNode[]; isBare: boolean }[] = [];
    let isCut = true;
    for (const statement of node.list("statements")) {
      if (statement.type === "Block" || statement.type === "UncheckedBlock") {
        isCut = true;
        continue;
      }
      if (isCut) stretches.push({ statements: [], isBare: false });
      stretches.at(-1)?.statements.push(statement);
      isCut = mayEnd(statement);
    }
    return stretches;
  }
  return ["trueBody", "falseBody", "body"].flatMap((key) => {
    const body = node.child(key);
    const isBlock = body === null || body.type === "Block" || body.type === "UncheckedBlock";
    return isBlock ? [] : [{ statements: [body], isBare: true }];
  });
}

/** Whether what follows a statement may not run although it does. */
function mayEnd(statement: SyntaxNode): boolean {
  if (!["ExpressionStatement", "VariableDeclarationStatement"].includes(statement.type))
    return true;
  let calls = false;
  walk(statement, (node) => {
    calls ||= node.type === "FunctionCall" && node.text("kind") === "functionCall";
  });
  return calls;
}

function endOf(statement: SyntaxNode, source: Buffer): number {
  const rest = source.toString("utf8", statement.end, statement.end + 64);
  const match = /^\s*;/.exec(rest);
  return match === null ? statement.end : statement.end + Buffer.byteLength(match[0]);
}

import { lineOf, oneLine, replaceWithin } from "../instrument/edits.ts";
import { placeOf, type SyntaxNode, walk } from "../instrument/syntax.ts";

/** One possible change of the code: a part of a file, and what would stand there instead. */
export interface Site {
  readonly file: string;
  readonly line: number;
  /** "Contract.function". */
  readonly place: string;
  readonly operator: Operator;
  /** What a reader compares: the changed expression or statement, on one line. */
  readonly original: string;
  readonly mutated: string;
  /** What is chosen at run time: a value by `?:`, or a statement by `if`. */
  readonly form: "value" | "statement";
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

export type Operator =
  | "arithmetic"
  | "bits"
  | "comparison"
  | "logic"
  | "negation"
  | "condition"
  | "constant"
  | "statement"
  | "assignment"
  | "rounding"
  | "extreme"
  | "return";

/** What each binary operator becomes. */
const SWAPPED = new Map<string, readonly [Operator, readonly string[]]>([
  ["+", ["arithmetic", ["-"]]],
  ["-", ["arithmetic", ["+"]]],
  ["*", ["arithmetic", ["/"]]],
  ["/", ["arithmetic", ["*"]]],
  ["%", ["arithmetic", ["/"]]],
  ["<<", ["bits", [">>"]]],
  [">>", ["bits", ["<<"]]],
  ["&", ["bits", ["|"]]],
  ["|", ["bits", ["&"]]],
  ["^", ["bits", ["|"]]],
  ["<", ["comparison", ["<=", ">"]]],
  ["<=", ["comparison", ["<", ">="]]],
  [">", ["comparison", [">=", "<"]]],
  [">=", ["comparison", [">", "<="]]],
  ["==", ["comparison", ["!="]]],
  ["!=", ["comparison", ["=="]]],
  ["&&", ["logic", ["||"]]],
  ["||", ["logic", ["&&"]]],
]);

const SWAPPED_ASSIGNMENT = new Map([
  ["+=", "-="],
  ["-=", "+="],
  ["*=", "/="],
  ["/=", "*="],
  ["|=", "&="],
  ["&=", "|="],
]);

const ENDINGS = [
  ["Up", "Down"],
  ["Floor", "Ceil"],
] as const;

interface Part {
  readonly start: number;
  readonly end: number;
}

/** All that a file offers to mutate. */
export function findSites(
  file: string,
  source: Buffer,
  tree: SyntaxNode,
  declarations: Declarations,
): Site[] {
  const sites: Site[] = [];
  walk(tree, (node, path) => {
    if (!isCode(path)) return;
    for (const change of changesOf(node, path, source, declarations)) {
      const target = targetOf(change, node, path, source);
      if (target === null) continue;
      const { part, form, shown } = target;
      sites.push({
        file,
        line: lineOf(source, node.start),
        place: placeOf(path),
        operator: change.operator,
        original: oneLine(source.toString("utf8", shown.start, shown.end)),
        mutated: oneLine(replaceWithin(source, shown, change.part, change.text)).replace(
          /^;?$/,
          "(nothing)",
        ),
        form,
        start: part.start,
        end: part.end,
        replacement: replaceWithin(source, part, change.part, change.text),
      });
    }
  });
  return sites;
}

/** What the trees declare, by the compiler's numbers. */
export class Declarations {
  private readonly constants = new Set<number>();
  private readonly scopeOf = new Map<number, number>();
  private readonly names = new Map<number, Set<string>>();

  constructor(trees: Iterable<SyntaxNode>) {
    for (const tree of trees) walk(tree, (node) => this.note(node));
  }

  private note(node: SyntaxNode): void {
    const id = node.number("id");
    if (id === null) return;
    if (node.type === "VariableDeclaration") {
      const isFixed = node.flag("constant") || node.text("mutability") === "immutable";
      if (isFixed && /^u?int\d+$/.test(node.valueType)) this.constants.add(id);
    }
    if (node.type === "FunctionDefinition") {
      const scope = node.number("scope") ?? -1;
      this.scopeOf.set(id, scope);
      this.names.set(scope, (this.names.get(scope) ?? new Set()).add(node.text("name")));
    }
  }

  isConstant(id: number | null): boolean {
    return id !== null && this.constants.has(id);
  }

  /** Whether a function stands beside the one of this number. */
  hasSibling(id: number | null, name: string): boolean {
    const scope = id === null ? undefined : this.scopeOf.get(id);
    return scope !== undefined && this.names.get(scope)?.has(name) === true;
  }
}

/** A change of the text of a part of a node. */
interface Change {
  readonly operator: Operator;
  readonly part: Part;
  readonly text: string;
  /** Whether the change is of a statement, and not of a value. */
  readonly ofStatement: boolean;
  /** The expression that is changed, where it is not the visited node or around it. */
  readonly holder?: SyntaxNode;
}

/** Only what runs: bodies of functions and modifiers; no assembly, and no declarations of constants. */
function isCode(path: readonly SyntaxNode[]): boolean {
  const types = path.map(({ type }) => type);
  return (
    (types.includes("FunctionDefinition") || types.includes("ModifierDefinition")) &&
    types.includes("Block") &&
    !types.includes("InlineAssembly") &&
    !types.some((type) => type.endsWith("TypeName"))
  );
}

function changesOf(
  node: SyntaxNode,
  path: readonly SyntaxNode[],
  source: Buffer,
  declarations: Declarations,
): Change[] {
  switch (node.type) {
    case "BinaryOperation":
      return binaryChanges(node, source);
    case "UnaryOperation":
      return unaryChanges(node);
    case "IfStatement":
    case "WhileStatement":
    case "ForStatement":
    case "Conditional":
      return conditionChanges(node, source);
    case "Literal":
      return node.text("kind") === "number" ? nudges(node, source, node.text("value") !== "0") : [];
    case "Identifier":
      return declarations.isConstant(node.number("referencedDeclaration"))
        ? nudges(node, source, true)
        : [];
    case "ExpressionStatement":
      return statementChanges(node, path, source);
    case "RevertStatement":
    case "Continue":
    case "Break":
      return [{ operator: "statement", part: node, text: "", ofStatement: true }];
    case "Return":
      return returnChanges(node, source);
    case "FunctionCall":
      return callChanges(node, declarations);
    default:
      return [];
  }
}

function binaryChanges(node: SyntaxNode, source: Buffer): Change[] {
  const left = node.child("leftExpression");
  const right = node.child("rightExpression");
  const sign = node.text("operator");
  const [operator, others] = SWAPPED.get(sign) ?? [];
  if (left === null || right === null || operator === undefined || others === undefined) return [];
  if (isNumberOfSource(node)) return [];
  const between = source.toString("utf8", left.end, right.start);
  const at = left.end + Buffer.byteLength(between.slice(0, between.indexOf(sign)));
  const part = { start: at, end: at + sign.length };
  return others.map((text) => ({ operator, part, text, ofStatement: false }));
}

function unaryChanges(node: SyntaxNode): Change[] {
  const sign = node.text("operator");
  if (isNumberOfSource(node) || (sign !== "!" && sign !== "-")) return [];
  const part = { start: node.start, end: node.start + sign.length };
  return [{ operator: "negation", part, text: "", ofStatement: false }];
}

/** Where `==`, `!=` and `!` decide, turning them round is the same change. */
function conditionChanges(node: SyntaxNode, source: Buffer): Change[] {
  const condition = node.child("condition");
  if (condition === null) return [];
  if (["==", "!=", "!"].includes(condition.text("operator"))) return [];
  const text = `!(${source.toString("utf8", condition.start, condition.end)})`;
  return [{ operator: "condition", part: condition, text, ofStatement: false, holder: condition }];
}

function nudges(node: SyntaxNode, source: Buffer, hasLess: boolean): Change[] {
  const text = source.toString("utf8", node.start, node.end);
  const signs = hasLess ? ["+", "-"] : ["+"];
  return signs.map((sign) => ({
    operator: "constant",
    part: node,
    text: `(${text} ${sign} 1)`,
    ofStatement: false,
  }));
}

function statementChanges(node: SyntaxNode, path: readonly SyntaxNode[], source: Buffer): Change[] {
  const expression = node.child("expression");
  if (expression === null || isStepOfLoop(node, [node, ...path.toReversed()])) return [];
  const changes: Change[] = [{ operator: "statement", part: node, text: "", ofStatement: true }];
  const other = SWAPPED_ASSIGNMENT.get(expression.text("operator"));
  const left = expression.child("leftHandSide");
  const right = expression.child("rightHandSide");
  if (other !== undefined && left !== null && right !== null) {
    const between = source.toString("utf8", left.end, right.start);
    const sign = expression.text("operator");
    const at = left.end + Buffer.byteLength(between.slice(0, between.indexOf(sign)));
    const part = { start: at, end: at + sign.length };
    changes.push({ operator: "assignment", part, text: other, ofStatement: true });
  }
  return changes;
}

function returnChanges(node: SyntaxNode, source: Buffer): Change[] {
  const value = node.child("expression");
  if (value === null) return [{ operator: "statement", part: node, text: "", ofStatement: true }];
  if (isNumberOfSource(value)) return [];
  const text = source.toString("utf8", value.start, value.end);
  const change = { operator: "return", part: value, ofStatement: false, holder: value } as const;
  if (value.valueType === "bool") {
    if (["==", "!=", "!"].includes(value.text("operator"))) return [];
    return [{ ...change, text: `!(${text})` }];
  }
  if (!/^u?int\d+$/.test(value.valueType)) return [];
  return [{ ...change, text: `${value.valueType}(0)` }];
}

function callChanges(node: SyntaxNode, declarations: Declarations): Change[] {
  const callee = node.child("expression");
  if (callee === null) return [];
  const name = callee.text("memberName") || callee.text("name");
  const part = { start: callee.end - Buffer.byteLength(name), end: callee.end };
  return counterparts(name)
    .filter(([, text]) => declarations.hasSibling(callee.number("referencedDeclaration"), text))
    .map(([operator, text]) => ({ operator, part, text, ofStatement: false }));
}

function counterparts(name: string): (readonly [Operator, string])[] {
  if (name === "min") return [["extreme", "max"]];
  if (name === "max") return [["extreme", "min"]];
  return ENDINGS.flatMap(([one, other]) => {
    if (name.endsWith(one)) return [["rounding", name.slice(0, -one.length) + other] as const];
    if (name.endsWith(other)) return [["rounding", name.slice(0, -other.length) + one] as const];
    return [];
  });
}

/** What is wrapped for a change: the smallest expression around it that has a value at run time, else its statement. */
function targetOf(change: Change, node: SyntaxNode, path: readonly SyntaxNode[], source: Buffer) {
  const around = [...path, node, ...(change.holder === undefined ? [] : [change.holder])].reverse();
  const statement = around.find(isStatement);
  if (statement === undefined) return null;
  if (change.ofStatement) {
    const part = { start: statement.start, end: endOfStatement(statement, source) };
    return { part, form: "statement" as const, shown: part };
  }
  const holder = around.find(
    (one) => isInside(change.part, one) && isValue(one, statement, around),
  );
  if (holder === undefined) {
    if (!COPIED.has(statement.type) || isStepOfLoop(statement, around)) return null;
    const part = { start: statement.start, end: endOfStatement(statement, source) };
    return { part, form: "statement" as const, shown: part };
  }
  const wider = around.find((one) => one !== holder && isInside(holder, one) && isShown(one));
  const shown = wider !== undefined && isInside(wider, statement) ? wider : holder;
  return { part: holder, form: "value" as const, shown };
}

/** Statements that can stand twice, one of them changed. */
const COPIED = new Set(["ExpressionStatement", "Return", "RevertStatement", "EmitStatement"]);

function isStatement({ type }: SyntaxNode): boolean {
  return type.endsWith("Statement") || ["Return", "Continue", "Break"].includes(type);
}

/** The third part of `for (…; …; …)`, which no other statement can replace. */
function isStepOfLoop(statement: SyntaxNode, around: readonly SyntaxNode[]): boolean {
  const parent = around[around.indexOf(statement) + 1];
  return parent?.type === "ForStatement" && parent.child("body")?.start !== statement.start;
}

function isInside(inner: Part, outer: Part): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

/** Expressions that show a reader enough of what is around. */
function isShown({ type }: SyntaxNode): boolean {
  return type === "BinaryOperation" || type === "FunctionCall" || type === "Assignment";
}

const VALUES = new Set([
  "BinaryOperation",
  "UnaryOperation",
  "Conditional",
  "FunctionCall",
  "Identifier",
  "IndexAccess",
  "MemberAccess",
  "Literal",
]);

/** Whether a choice by `?:` can stand in this expression's place. */
function isValue(node: SyntaxNode, statement: SyntaxNode, around: readonly SyntaxNode[]): boolean {
  if (!VALUES.has(node.type) || node.flag("lValueRequested")) return false;
  const type = node.valueType;
  const parent = around[around.indexOf(node) + 1];
  if (parent === undefined) return false;
  // A declaration takes a bare number too.
  if (isNumberOfSource(node)) return parent.type === "VariableDeclarationStatement";
  if (type === "" || /^(tuple|function|type|modifier|module|error|mapping)\b/.test(type))
    return false;
  // Nothing takes the value of an expression that makes up a statement.
  if (COPIED.has(parent.type) && parent.type !== "Return") return false;
  return isInside(node, statement);
}

/** A number that only the compiler sees: `5`, `2 * 3 days`. */
function isNumberOfSource(node: SyntaxNode): boolean {
  return /^(int_const|rational_const)\b/.test(node.valueType);
}

/** A statement's text may end before its semicolon. */
function endOfStatement(statement: SyntaxNode, source: Buffer): number {
  const rest = source.toString("utf8", statement.end, statement.end + 64);
  const match = /^\s*;/.exec(rest);
  return match === null ? statement.end : statement.end + Buffer.byteLength(match[0]);
}

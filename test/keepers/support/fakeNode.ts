import { createServer, type ServerResponse } from "node:http";

/** What a fake node does with a request: an answer, or something a node should not do. */
export type Reply =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } }
  | { readonly http: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly text: string }
  | "silence"
  | "hangup";

export interface FakeNode {
  readonly url: string;
  /** Methods asked for, in order. */
  readonly asked: string[];
  reply: (method: string, params: readonly unknown[]) => Reply;
  close(): Promise<void>;
}

/** A JSON-RPC node that misbehaves on demand. */
export async function startFakeNode(reply: FakeNode["reply"]): Promise<FakeNode> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const { id, method, params } = JSON.parse(body);
      asked.push(method);
      send(response, id, node.reply(method, params));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port");
  const node: FakeNode = {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    reply,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return node;
}

function send(response: ServerResponse, id: unknown, reply: Reply): void {
  if (reply === "silence") return;
  if (reply === "hangup") {
    response.socket?.destroy();
    return;
  }
  if ("http" in reply) {
    response.writeHead(reply.http, reply.headers);
    response.end("");
    return;
  }
  response.writeHead(200, { "content-type": "application/json" });
  response.end("text" in reply ? reply.text : JSON.stringify({ jsonrpc: "2.0", id, ...reply }));
}

export function hashOf(number: number, fork = 0): string {
  return `0x${fork.toString(16).padStart(8, "0")}${number.toString(16).padStart(56, "0")}`;
}

/** A block as nodes write it. */
export function rawBlock(number: number, fork = 0) {
  return {
    number: `0x${number.toString(16)}`,
    hash: hashOf(number, fork),
    parentHash: hashOf(number - 1, fork),
    timestamp: `0x${(1_700_000_000 + 12 * number).toString(16)}`,
    baseFeePerGas: "0x3b9aca00",
  };
}

/** Replaces every known secret in a text before anybody sees it. */
export type Censor = (text: string) => string;

/** Endpoints carry their keys in path, query or user part: only the host may be shown. */
export function endpointLabel(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "(not a URL)";
}

interface Secrets {
  readonly rpcUrls: readonly string[];
  readonly privateKey: string | null;
}

export function censorOf({ rpcUrls, privateKey }: Secrets): Censor {
  const replacements = new Map<string, string>();
  if (privateKey !== null) {
    replacements.set(privateKey, "[private key]");
    replacements.set(privateKey.replace(/^0x/, ""), "[private key]");
  }
  for (const url of rpcUrls) {
    for (const secret of secretsOfUrl(url)) replacements.set(secret, "[secret]");
  }
  const ordered = [...replacements].sort(([a], [b]) => b.length - a.length);
  return (text) =>
    ordered.reduce((censored, [secret, label]) => censored.replaceAll(secret, label), text);
}

/** User, password, and whatever in path and query is long enough to be a key. */
function secretsOfUrl(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const url = new URL(text);
  const parts = [
    url.username,
    url.password,
    ...url.pathname.split("/"),
    ...url.searchParams.values(),
  ];
  return parts.flatMap((part) => [part, decoded(part)]).filter((part) => part.length >= 8);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a lone % sign: shown as it is
  }
}

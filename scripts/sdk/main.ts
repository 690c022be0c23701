// npm run pack:sdk [-- --out DIRECTORY]: the SDK as a package, ready to be published or installed from the file.

import { InputError } from "../demo/input-error.ts";
import { readOptions } from "../options.ts";
import { PackError, packSdk } from "./packSdk.ts";

const USAGE = `usage: npm run pack:sdk -- [--out DIRECTORY]

  --out DIRECTORY   where the tarball is written; out/sdk without it`;

try {
  const { out = "out/sdk" } = readOptions(process.argv.slice(2), USAGE, {
    out: { type: "string" },
  });
  const { tarball, size, files } = await packSdk(out);
  console.log(`${tarball}: ${files.length} files, ${Math.ceil(size / 1024)} kB packed`);
  console.log(`Install it with: npm install ${tarball} ethers`);
} catch (error) {
  if (!(error instanceof InputError) && !(error instanceof PackError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

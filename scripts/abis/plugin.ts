import { definePlugin } from "hardhat/plugins";

/** Writes `sdk/src/abis/` after every build, so clients and contracts cannot drift apart. */
export const abiGenerator = definePlugin({
  id: "breakwater-abis",
  hookHandlers: { solidity: () => import("./hooks.ts") },
});

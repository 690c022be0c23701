import { definePlugin } from "hardhat/plugins";

/** Writes `sdk/src/abis/` after every build, so clients and contracts cannot drift apart, and keeps warnings about other people's sources quiet. */
export const abiGenerator = definePlugin({
  id: "breakwater-abis",
  hookHandlers: { solidity: () => import("./hooks.ts") },
});

import { concat, type Signer } from "ethers";

/** The bytes of a contract that passes every call on to one address, value included, and takes no coins itself: what comes back to it is refused. */
function closedCode(target: string): string {
  const refuse = "0x3615603c57"; // calldatasize == 0 ? jump to the end
  const copy = "0x3660006000" + "37"; // calldatacopy(0, 0, calldatasize)
  const call = concat(["0x60006000366000" + "3473", target, "0x5af1"]); // call(gas, target, value, …)
  const answer = "0x3d60006000" + "3e" + "603757" + "3d6000fd" + "5b3d6000f3"; // its answer, or its error
  return concat([refuse, copy, call, answer, "0x5b60006000fd"]);
}

/** A contract that calls `target` for whoever calls it, and cannot be paid. */
export async function deployClosedCaller(signer: Signer, target: string): Promise<string> {
  const code = closedCode(target);
  const size = ((code.length - 2) / 2).toString(16).padStart(2, "0");
  // codecopy(0, 10, size), return(0, size)
  const creation = concat([`0x60${size}600a5f3960${size}5ff3`, code]);
  const sent = await signer.sendTransaction({ data: creation });
  const receipt = await sent.wait();
  if (receipt?.contractAddress == null) throw new Error("The caller was not deployed");
  return receipt.contractAddress;
}

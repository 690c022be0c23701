import { posix } from "node:path";

/** Instrumented code asks the environment, where the test runner's configuration puts a number: `block.coinbase`. Nothing in the contracts reads it. */
export const TRACE = 0xffff_ffffn;

/** What the test runner listens to. */
const LISTENER = "0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE";

export const PROBE_SOURCE = "contracts/Probe.sol";

/**
 * `mutantIs(id)` is true while that mutant runs, and reports to the listener while the reach of sites is traced. `sawOutcome` reports which way a condition
 * went, `sawStatement` that a statement was reached. They are usable in pure functions, which cannot read the environment, by a function pointer.
 */
export const PROBE_CODE = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

function _report(uint256 id) view {
    assembly ("memory-safe") {
        mstore(0, id)
        pop(staticcall(gas(), ${LISTENER}, 0, 32, 0, 0))
    }
}

function _readMutant(uint256 id) view returns (bool isActive) {
    uint256 active = uint160(address(block.coinbase));
    if (active == ${TRACE}) _report(id);
    return active == id;
}

function _asPure(function(uint256) view returns (bool) read) pure returns (function(uint256) pure returns (bool) pretended) {
    assembly ("memory-safe") {
        pretended := read
    }
}

function _asPureReport(function(uint256) view report) pure returns (function(uint256) pure pretended) {
    assembly ("memory-safe") {
        pretended := report
    }
}

function mutantIs(uint256 id) pure returns (bool) {
    return _asPure(_readMutant)(id);
}

function sawStatement(uint256 id) pure {
    _asPureReport(_report)(id);
}

function sawOutcome(uint256 id, bool outcome) pure returns (bool) {
    _asPureReport(_report)(outcome ? id : id + 1);
    return outcome;
}
`;

/** The import of probes into a file. */
export function importProbe(file: string, names: readonly string[]): string {
  const relative = posix.relative(posix.dirname(file), PROBE_SOURCE);
  const path = relative.startsWith(".") ? relative : `./${relative}`;
  return `import {${names.join(", ")}} from "${path}";`;
}

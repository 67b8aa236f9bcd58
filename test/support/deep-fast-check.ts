import * as real from "fast-check";

const factor = Number(process.env["AUTOSD_TEST_RUNS_FACTOR"] ?? "1");
const usualRuns = 100;

/** `fc.assert` with the runs of the test multiplied: a number that a test names itself is, too. */
function assertDeeply<Ts>(
  property: real.IRawProperty<Ts>,
  parameters: real.Parameters<Ts> = {},
): Promise<void> | void {
  const numRuns = (parameters.numRuns ?? usualRuns) * factor;
  return real.assert(property, { ...parameters, numRuns });
}

/** Stands in for fast-check in `npm run test:deep`; all but `assert` is fast-check's own. */
export default { ...real, assert: assertDeeply };

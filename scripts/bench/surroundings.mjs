/**
 * What measured processes are given, and what else the machine did meanwhile: figures are worth
 * something only beside both.
 */
import { readFileSync } from "node:fs";
import { cpus, getPriority, homedir, loadavg, release, tmpdir, totalmem } from "node:os";

/** More load than this at the beginning, or more processors that others kept busy, show in figures. */
const quiet = { load: 1, busyProcessors: 0.25 };
/** What npm needs to reach its registry, where that is behind something; Node reads none of it. */
const ofInstalls = /^(npm_config_.*|(https?|no)_proxy)$/i;
/** Of which /proc counts in hundredths of a second wherever Node.js is built for Linux. */
const ticksPerSecond = 100;

/**
 * The whole environment of each measured process, the floor's too; rows add what they are about.
 * NODE_OPTIONS, NODE_EXTRA_CA_CERTS and the like would be measured with it: Node reads certificates
 * before any program starts.
 */
export const measuredEnvironment = Object.freeze({
  PATH: process.env["PATH"] ?? "",
  HOME: homedir(),
  TMPDIR: tmpdir(),
  LANG: "C.UTF-8",
  NO_COLOR: "1",
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => ofInstalls.test(name))),
});

/** Begins to watch the machine; the answer, asked at the end, is what a reader has to know. */
export function watchMachine() {
  const loadBefore = loadavg()[0];
  const startedAt = performance.now();
  const before = busySeconds();
  return () => {
    const after = busySeconds();
    const seconds = (performance.now() - startedAt) / 1_000;
    const others = (after.all - after.own - before.all + before.own) / seconds;
    return {
      node: process.version,
      v8: process.versions.v8,
      system: `${process.platform} ${release()} ${process.arch}`,
      cpus: cpus().map(({ model }) => model),
      memoryBytes: totalmem(),
      niceness: getPriority(),
      loadBefore,
      loadAfter: loadavg()[0],
      // Null where the system does not say.
      othersBusyProcessors: Number.isNaN(others) ? null : Math.max(0, others),
      environment: Object.keys(measuredEnvironment).sort(),
    };
  };
}

/** Processor time since the machine's start, and of it what this process and its ended children took. */
function busySeconds() {
  try {
    const [user, nice, system, , , irq, softirq] = readFileSync("/proc/stat", "utf8")
      .split("\n", 1)[0]
      .split(/ +/)
      .slice(1)
      .map(Number);
    // After the name of the program, which may hold anything: the eleventh to the fourteenth field.
    const own = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1).split(" ");
    const sum = (numbers) => numbers.reduce((total, one) => total + Number(one), 0);
    return {
      all: sum([user, nice, system, irq, softirq]) / ticksPerSecond,
      own: sum(own.slice(11, 15)) / ticksPerSecond,
    };
  } catch {
    return { all: Number.NaN, own: Number.NaN };
  }
}

/** The lines above a table of figures: machine, Node.js, load, environment. */
export function headOf(machine) {
  const { cpus: models, othersBusyProcessors: others } = machine;
  return [
    `machine: ${models.length} x ${models[0]}, ${(machine.memoryBytes / 1e9).toFixed(1)} GB, ${machine.system}`,
    `Node.js: ${machine.node} (V8 ${machine.v8}), niceness ${machine.niceness}`,
    `load: ${machine.loadBefore.toFixed(2)} at the beginning, ${machine.loadAfter.toFixed(2)} at the end (with this benchmark's own)` +
      (others === null ? "" : `; others kept ${others.toFixed(2)} processors busy`),
    `environment of what is measured: ${machine.environment.join(", ")}, and what a row is about`,
  ].join("\n");
}

/** Why the figures may be those of something else; undefined when nothing speaks against them. */
export function warningOf({ loadBefore, othersBusyProcessors: others }) {
  const reasons = [
    ...(loadBefore > quiet.load ? [`the load was ${loadBefore.toFixed(2)} at the beginning`] : []),
    ...(others !== null && others > quiet.busyProcessors
      ? [`others kept ${others.toFixed(2)} processors busy`]
      : []),
  ];
  return reasons.length === 0
    ? undefined
    : `warning: ${reasons.join(" and ")}: times are too long, take them again on a quiet machine`;
}

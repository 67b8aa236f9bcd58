import { isYarnClassic, type PackageManager } from "../../delivery/verification/package-manager.ts";
import {
  managerPrograms,
  type DependencyRequest,
} from "../../delivery/verification/dependency-store.port.ts";
import { bunPackage } from "./bun-package.ts";

/**
 * Fetches one program with npm, from where npm is told to; npm holds it against what the registry says.
 * Where the project says what it must digest to, the archive is held against that as well.
 */
const fetchScript = `npm install --ignore-scripts --no-audit --no-fund --no-save --no-package-lock "$1" || exit 1
[ -z "$2" ] && exit 0
npm pack --silent --ignore-scripts --pack-destination . "$1" > /dev/null || exit 1
node -e '
  const [want, file] = process.argv.slice(1);
  const [kind, hex] = want.split(".");
  const found = require("crypto").createHash(kind).update(require("fs").readFileSync(file)).digest("hex");
  if (found !== hex.toLowerCase()) {
    console.error("Integrity: the program that packageManager names does not digest to what it says there");
    process.exit(1);
  }
' "$2" ./*.tgz && rm -f ./*.tgz`;

/** The request that puts a package manager's program into the store: another installed package. */
export function programRequest(manager: PackageManager, mayInstall: boolean): DependencyRequest {
  const digest = hasArchiveDigest(manager) ? (manager.digest ?? "") : "";
  return {
    mayInstall,
    readText: async () => undefined,
    profile: {
      id: "node",
      gates: [],
      testFiles: [],
      install: {
        lockfile: undefined,
        command: ["sh", "-c", fetchScript, "sh", packageOf(manager), digest],
        folder: "node_modules",
        egress: [],
        files: { "package.json": '{"private":true}\n' },
      },
    },
  };
}

/** The digest of a newer yarn is one of a file that only its own site has. */
function hasArchiveDigest(manager: PackageManager): boolean {
  return manager.name !== "yarn" || isYarnClassic(manager);
}

function packageOf(manager: PackageManager): string {
  const { name, version } = manager;
  if (name === "bun") return `bun@npm:${bunPackage()}@${version}`;
  if (name === "yarn" && !isYarnClassic(manager)) return `@yarnpkg/cli-dist@${version}`;
  return `${name}@${version}`;
}

/** Tells the manager about registry and caches, then becomes it. */
const startScript = `bin="$1"; cache="$2"; kind="$3"; shift 3
registry="$(cd / && npm config get registry)" || exit 1
export PATH="$bin:$PATH" npm_config_registry="$registry"
case "$kind" in
pnpm) set -- "$@" --store-dir "$cache/pnpm" ;;
classic)
  set -- "$@" --cache-folder "$cache/yarn-classic" --network-timeout 45000
  # Its lockfile names where each package came from; npm would ask its own registry for them as well.
  sed -e "s#https://registry\\.yarnpkg\\.com/#$registry#" -e "s#https://registry\\.npmjs\\.org/#$registry#" yarn.lock > yarn.lock.new && mv yarn.lock.new yarn.lock || exit 1 ;;
yarn)
  export YARN_NPM_REGISTRY_SERVER="\${registry%/}" YARN_IGNORE_PATH=1 YARN_ENABLE_TELEMETRY=0 YARN_ENABLE_SCRIPTS=false
  export YARN_NODE_LINKER=node-modules YARN_ENABLE_GLOBAL_CACHE=true YARN_GLOBAL_FOLDER="$cache/yarn"
  export YARN_ENABLE_PROGRESS_BARS=false YARN_HTTP_RETRY=1 YARN_HTTP_TIMEOUT=45000
  [ -z "\${HTTP_PROXY-}" ] || export YARN_HTTP_PROXY="$HTTP_PROXY"
  [ -z "\${HTTPS_PROXY-}" ] || export YARN_HTTPS_PROXY="$HTTPS_PROXY"
  case "$registry" in http:*) host="\${registry#http://}"; export YARN_UNSAFE_HTTP_WHITELIST="\${host%%[:/]*}" ;; esac ;;
bun) export BUN_INSTALL_CACHE_DIR="$cache/bun" BUN_CONFIG_REGISTRY="$registry" ;;
esac
exec "$@"`;

/** An install by that manager; its program lies at `packageManagerPath`, its caches at `cachePath`. */
export function startedBy(
  manager: PackageManager,
  command: readonly string[],
  cachePath: string,
): readonly [string, ...string[]] {
  const kind = isYarnClassic(manager) ? "classic" : manager.name;
  return ["sh", "-c", startScript, "sh", managerPrograms(manager), cachePath, kind, ...command];
}

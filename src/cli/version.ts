/** Put in by the bundler. */
declare const __AUTOSD_VERSION__: string | undefined;

/** Version of the package; `0.0.0-source` when autosd runs from its sources. */
export const version = typeof __AUTOSD_VERSION__ === "string" ? __AUTOSD_VERSION__ : "0.0.0-source";

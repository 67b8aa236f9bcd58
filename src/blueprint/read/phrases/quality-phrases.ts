import type { QualityAspect, TimedOperation } from "../../model/quality.ts";

/** Words of requirements on the whole product. Patterns are tested on the lower-cased words; linear time. */

/** Kinds of nonfunctional requirements. */
export type QualityKind =
  | "performance"
  | "security"
  | "reliability"
  | "usability"
  | "operability"
  | "compatibility"
  | "legal";

/** Qualities that the generated service has anyway; others are gaps. */
export const qualities: readonly (readonly [pattern: RegExp, kind: QualityKind])[] = [
  [
    /\b(within|under|below|less than|in|at most|than) (\d[\d,.]*|a|one|half a|two|three|five) ?(milliseconds?|ms|seconds?|s)\b/,
    "performance",
  ],
  [/\b(fast|quick|quickly|slow|responsive|response times?|snappy|performance)\b/, "performance"],
  [
    /\b\d[\d.,]*k? (requests?|users?|operations?|writes?|reads?|calls?|searches|clients?) (per|a|an|each|every|at) /,
    "performance",
  ],
  [
    /\b(restarts?|restarted|power cuts?|power failures?|crash(es|ed)?|reboots?|durable|durably|no data (is|may be|must be) lost|never lose|not lose|must not be lost|not get lost|survives?|still there after|permanently stored|stored permanently|persist\w*)\b/,
    "reliability",
  ],
  [
    /\b(error (messages?|texts?|answers?|responses?)|errors? (are|is|must|should|say|name)|(refusals?|rejections?|mistakes?|messages?) (names?|says?|tells?|explains?|must|should|is|are)|wrong (input|values?|data)|invalid (input|values?|data|requests?|entries)|clear (message|error|explanation|answer)|understandable|which field|unknown fields?|bad (input|requests?|data|values?)|incorrect (input|data|values?))\b/,
    "usability",
  ],
  [
    /\b(logs?|logging|health|metrics|monitor\w*|docker|containers?|environment variables?|configur\w+|shut ?down|shuts down|shutting down|graceful\w*|sigterm|single (file|binary|machine|server)|one (machine|server|process)|small server|install\w*|deploy\w*|operat(e|ed|ions)|no (external )?database server|raspberry)\b/,
    "operability",
  ],
  [
    /\b(openapi|swagger|api (is )?document\w*|documented|documentation|json over http|rest|restful|http api|json api|standard http|utf-8|unicode|umlauts?|accents?|iso 8601|utc|time ?zones?|programs can use|as json)\b/,
    "compatibility",
  ],
  [
    /\b(tokens?|secrets?|injection|attack\w*|secure|securely|security|safely|https?|tls|hardened)\b/,
    "security",
  ],
  [/\b(requests?|bod(y|ies)|payload|content)\b.{0,40}\b\d[\d.,]* ?[km]i?b\b/, "security"],
  [/\b(reliable|reliably|robust|stable|dependable|always work|fault[- ]tolerant)\b/, "reliability"],
  [
    /\b(easy to (use|learn|understand)|user[- ]friendly|simple to use|intuitive|pleasant|convenient)\b/,
    "usability",
  ],
  [
    /\b(maintainable|easy to (maintain|change|extend|run)|well[- ]tested|clean code)\b/,
    "operability",
  ],
  [/\b(legal|law|laws|licen[cs]es?|compliant|compliance)\b/, "legal"],
];

const amount = "\\d[\\d.,]*|a|an|one|half a|two|three|five|ten|a few";
const unit = "milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?";

/** A limit of time: `within 200 ms`, `in less than a second`. */
export const timeLimit = new RegExp(
  `\\b(?:within|under|below|less than|in under|in less than|in at most|in no more than|at most|no more than|not more than|no longer than|not longer than|faster than|not slower than|in|up to|max(?:imum)?(?: of)?|than) (${amount}) ?(${unit})\\b`,
  "u",
);

/** How many of what there are: `with 10,000 bookmarks`, `over 5k records`. */
export const recordCount =
  /\b(?:even )?(?:with|for|of|at|over|among|across|holding|containing|when there are|if there are|in a list of) (?:up to |about |around |at least |as many as |more than )?(\d[\d.,]*)( ?k| thousand)? ([\p{L}-]+(?: [\p{L}-]+)?)/u;

/** What is timed, by its words. `all`: whatever is asked of the service. */
export const timedWords: readonly (readonly [pattern: RegExp, of: TimedOperation | "all"])[] = [
  [/\b(full[- ]text )?(search(es|ing)?( results?)?|quer(y|ies)|look-?ups?|finding)\b/u, "search"],
  [/\b(filter(s|ed|ing)?)\b/u, "filter"],
  [/\b(sort(s|ed|ing)?)\b/u, "sort"],
  [/\b(lists?|listings?|overviews?|pages?)\b/u, "list"],
  [/\b(sav(e|es|ing)|add(s|ing)?|creat(e|es|ing|ion)|writ(e|es|ing)|stor(e|es|ing))\b/u, "create"],
  [/\b(updat(e|es|ing)|chang(e|es|ing)|edit(s|ing)?)\b/u, "update"],
  [/\b(delet(e|es|ing|ion)|remov(e|es|ing|al))\b/u, "delete"],
  [/\b(count(s|ing)?)\b/u, "count"],
  [/\b(open(s|ing)|show(s|ing)|view(s|ing)|reading)\b/u, "read"],
  [
    /\b(requests?|responses?|response times?|answers?|operations?|calls?|endpoints?|everything|service|api|system|app|application|backend|it|actions?)\b/u,
    "all",
  ],
];

/** Words that tell of answering in time and of nothing else. */
export const timingWords = new Set(
  (
    "a an the all each every any of to in on at for with by from its our than and or as even also still usually always typically normally " +
    "must should shall will can may is are be has have takes take taking need needs needed " +
    "answer answers answered answering respond responds responded response responses return returns returned reply replies replied complete completes completed finish finishes finished " +
    "load loads loaded show shows shown appear appears come comes back done served serves deliver delivers delivered run runs work works " +
    "time times result results request requests service api system app application backend operation operations call calls endpoint endpoints it everything action actions user users people reader readers client clients " +
    "p95 p99 percentile percent median average mean 95th 99th 90th cases case out ideally possible if one single fast quickly quick performance speed latency waiting wait no more longer most that there"
  ).split(" "),
);

/** A figure with a unit: what can be measured. */
export const figure =
  /\b\d[\d.,]*(?:k| thousand)? ?(?:ms|milliseconds?|s|seconds?|minutes?|hours?|%|percent|kb|kib|mb|mib|gb|gib|megabytes?|kilobytes?|(?:requests?|users?|operations?|writes?|reads?|calls?|connections?|searches|clients?)(?: (?:per|a|an|each|every|at) [\p{L} ]{1,20})?)(?![\p{L}])/u;

/** Wordings that leave it open whether the requirement has to be met. */
export const optionalWords =
  /\b(should|ideally|if possible|nice to have|preferably|would be nice|hopefully|may|might|could|ought to|as far as possible|where possible|about|roughly|usually|typically|normally)\b/u;

/** What can be held against a running service, by the words of one part of a sentence. */
export const aspectPatterns: readonly (readonly [
  pattern: RegExp,
  aspect: (part: string) => QualityAspect,
])[] = [
  [
    /\b(restart\w*|reboot\w*|crash\w*|kill\w*|power (cuts?|failures?|outages?|loss)|outages?|durable|durably|durability|no data (is|may be|must be|gets?) lost|never loses?|not loses?|(must|may|can) not be lost|not get lost|survives?|still there after|permanently stored|stored permanently|persist\w*)\b/,
    (part) => ({ kind: "durability", power: /\b(power|outages?|unplug\w*)\b/.test(part) }),
  ],
  [
    /\b(which field|(errors?|refusals?|rejections?|mistakes?|messages?|answers?|responses?|it|service)\b.{0,40}\b(names?|says?|tells?|explains?|points? (to|out))|(names?|says?|tells?|explains?) (why|what|which|the (wrong )?field)|error (messages?|texts?)|(clear|understandable|helpful|useful|readable) (errors?|messages?|explanations?|answers?|refusals?|texts?)|(wrong|invalid|bad|incorrect) (input|values?|data|requests?|entries)\b.{0,60}\b(refused|rejected|answered|reported|named|explained)|unknown fields? (are|is|must be) (refused|rejected))\b/,
    () => ({ kind: "named-faults" }),
  ],
  [/\b(health|healthy|liveness|readiness|well-being)\b/, () => ({ kind: "health" })],
  [/\b(metrics|prometheus|measured|monitor\w*)\b/, () => ({ kind: "metrics" })],
  [
    /\b(shuts? down|shutdown|shutting down|requests? (that are )?(in flight|under way)|running requests|drain\w*|sigterm|graceful\w*|stops? cleanly|stopped cleanly)\b/,
    () => ({ kind: "graceful-stop" }),
  ],
  [/\b(environment variables?|settings|configur\w+|configuration)\b/, () => ({ kind: "settings" })],
  [
    /\b(logs?|logged|logging|log files?)\b/,
    (part) => ({
      kind: "logs",
      withoutSecrets:
        /\b(tokens?|secrets?|passwords?|credentials?|keys?|sensitive|personal)\b/.test(part),
    }),
  ],
  [
    /\b(openapi|swagger|api (is )?(fully |well )?document\w*|api description|documented|documentation)\b/,
    () => ({ kind: "api-document" }),
  ],
  [/\b(json|rest|restful|http api|programs can use)\b/, () => ({ kind: "json" })],
  [
    /\b(utf-?8|unicode|umlauts?|accents?|accented|foreign (letters|characters)|emojis?)\b/,
    () => ({ kind: "every-letter" }),
  ],
  [/\b(utc|iso 8601|time ?zones?)\b/, () => ({ kind: "times-in-utc" })],
  [/\b(injection|attack\w*)\b/, () => ({ kind: "no-injection" })],
  [
    /\b(tokens?\b.{0,40}\b(only|must|needs?|requires?|required|every|each|all|without)|(only|must|needs?|requires?|every|each|all|without)\b.{0,40}\btokens?)\b/,
    (part) =>
      /\blogs?\b/.test(part) ? { kind: "logs", withoutSecrets: true } : { kind: "tokens" },
  ],
];

import { PhraseTable, phrases } from "../phrase-table.ts";

/** What an operation does; `view` and `find` depend on what follows them. */
export type Verb =
  | "create"
  | "read"
  | "list"
  | "view"
  | "search"
  | "find"
  | "filter"
  | "sort"
  | "update"
  | "delete"
  | "manage"
  | "export"
  | "import"
  | "count";

/** `view` reads one or lists many, `find` searches or filters: what follows decides. */
export const verbPhrases = new PhraseTable<Verb>([
  [
    "create | add | save | record | enter | register | store | log | capture | submit | write down | put in | note down | note | make | set up | plan | schedule | enroll | insert | keep track of | keep | report | jot down | file | place | post | draft | start a new | write | book | define | add new | create new | open a new | open new | raise",
    "create",
  ],
  [
    "look at one | look at a single | look at | look up one | open one | see one | view one | show one | get one | fetch one | retrieve one | read one | see the details of | view the details of | show the details of | see details of | view details of | see a single | view a single | get a single | fetch a single | retrieve a single | look up a single | inspect | call up",
    "read",
  ],
  [
    "list | browse | see all | view all | show all | get all | page through | leaf through | retrieve all | fetch all | list all | see a list of | get a list of | view a list of | show a list of | see the list of | an overview of | get an overview of | see an overview of | have an overview of | overview of | go through | scroll through | a list of all | a list of | retrieve a list of | display all | fetch a list of | browse through",
    "list",
  ],
  [
    "see | view | show | get | read | retrieve | fetch | display | open | read back | consult | look through | look over",
    "view",
  ],
  [
    "search | search for | search in | search through | search within | full-text search | full text search | do a full-text search | text search | search over | search across | run a search | keyword search",
    "search",
  ],
  ["find | look for | look up | find again", "find"],
  [
    "filter | narrow | narrow down | restrict | limit | select | filter for | filter the list of | narrow the list of | filters",
    "filter",
  ],
  ["sort | order | rank | arrange | sort the list of | order the list of", "sort"],
  [
    "update | change | edit | modify | correct | amend | rename | alter | revise | adjust | rewrite | fix | change the details of | edit the details of | maintain",
    "update",
  ],
  [
    "delete | remove | erase | throw away | get rid of | drop | discard | clear out | take out | destroy | delete again",
    "delete",
  ],
  [
    "manage | administer | have full control over | full control over | crud | crud operations for | crud operations on | crud for | crud on | look after | take care of | full crud for | full crud on | administrate",
    "manage",
  ],
  [
    "export | download | back up | dump | save a copy of | get an export of | take out all",
    "export",
  ],
  ["import | upload | load | bulk import | read in | bring in | load in", "import"],
  [
    "count | see how many | know how many | show how many | see the number of | get the number of | show the number of | see counts of | get counts of | how many | the number of | a count of | see a count of | number of | counts of | count how many | find out how many | view how many | know the number of | tell how many | report how many | get how many | view the number of | a summary of how many | an overview of how many",
    "count",
  ],
]);

/** Verbs in the passive: `bookmarks can be listed`. */
export const participles = new PhraseTable<Verb>([
  [
    "created | added | saved | recorded | entered | registered | stored | logged | submitted | captured | planned | scheduled | kept | noted | reported",
    "create",
  ],
  [
    "looked at | opened | looked at one by one | viewed one by one | viewed individually | inspected",
    "read",
  ],
  [
    "listed | browsed | shown as a list | listed page by page | shown in a list | paged through",
    "list",
  ],
  ["seen | viewed | shown | read | retrieved | fetched | displayed | looked up", "view"],
  ["searched | searched for | searchable", "search"],
  ["found", "find"],
  ["filtered | narrowed | narrowed down | filterable", "filter"],
  ["sorted | ordered | sortable | arranged", "sort"],
  [
    "updated | changed | edited | modified | corrected | amended | renamed | editable | altered | adjusted",
    "update",
  ],
  ["deleted | removed | erased | thrown away | discarded", "delete"],
  ["managed | administered", "manage"],
  ["exported | downloaded | backed up | exportable", "export"],
  ["imported | uploaded | loaded | read in | importable", "import"],
  ["counted", "count"],
]);

/** Features named by a noun: `Search by title`, `CSV export`. */
export const nominals = new PhraseTable<Verb>([
  [
    "full-text search | full text search | search | text search | a search | a full-text search | keyword search | searching | the search",
    "search",
  ],
  ["filtering | filters | a filter | filter | filters for", "filter"],
  ["sorting | ordering | sort order | sort", "sort"],
  ["export | an export | exports | data export | exporting", "export"],
  ["import | an import | imports | data import | importing | bulk import", "import"],
  ["listing | a list of | list of | an overview of | overview of | listing of", "list"],
  ["finding | looking for | looking up", "find"],
  ["creating | adding | creation of | entering | recording | saving | registering", "create"],
  ["editing | changing | updating | renaming", "update"],
  ["deleting | removing | deletion of | removal of", "delete"],
  ["managing | management of", "manage"],
  ["viewing | looking at | showing", "view"],
  ["counting | counts | statistics on how many | a count of | number of | the number of", "count"],
]);

/** Verbs that set a flag or a status. `value` false takes it back. */
export interface ActionWord {
  readonly verb: string;
  /** What is true of the thing afterwards. */
  readonly state: string;
  readonly undo: boolean;
}

function actions(words: string, undo = false): readonly (readonly [string, ActionWord])[] {
  return words.split(" ; ").map((entry) => {
    const [verbs = "", state = ""] = entry.split(" = ");
    const verb = verbs.split(" | ")[0] ?? verbs;
    return [verbs, { verb, state, undo }] as const;
  });
}

const doing =
  "archive = archived ; complete = completed ; finish = finished ; close = closed ; publish = published ; pin = pinned ; star = starred ; favorite = favorite ; approve = approved ; reject = rejected ; activate = active ; " +
  "deactivate = inactive ; hide = hidden ; cancel = canceled ; resolve = resolved ; confirm = confirmed ; lock = locked ; accept = accepted ; retire = retired ; suspend = suspended ; pause = paused ; tick off = done ; check off = done ; return = returned ; give back = returned ; discontinue = discontinued ; verify = verified ; block = blocked ; pay = paid ; flag = flagged ; check in = checked in ; check out = checked out ; stop = stopped ; start = started ; escalate = escalated ; withdraw = withdrawn ; fulfil = fulfilled ; ship = shipped ; review = reviewed";
const undoing =
  "unarchive | bring back | take out of the archive | restore from the archive | restore = archived ; reopen | re-open = closed ; unpublish | withdraw from publication = published ; unpin = pinned ; unstar = starred ; unfavorite = favorite ; reactivate = inactive ; unhide = hidden ; unlock = locked ; unblock = blocked ; uncomplete = completed ; resume = paused ; unflag = flagged";
const participlesOf =
  "archived = archived ; completed = completed ; finished = finished ; closed = closed ; published = published ; pinned = pinned ; starred = starred ; favorited = favorite ; approved = approved ; rejected = rejected ; activated = active ; " +
  "deactivated = inactive ; hidden = hidden ; canceled = canceled ; resolved = resolved ; confirmed = confirmed ; locked = locked ; accepted = accepted ; retired = retired ; paused = paused ; ticked off = done ; checked off = done ; returned = returned ; given back = returned ; paid = paid ; verified = verified ; blocked = blocked ; flagged = flagged";
const undoneParticiples =
  "unarchived | brought back | restored = archived ; reopened | re-opened = closed ; unpublished = published ; unpinned = pinned ; unstarred = starred ; reactivated = inactive ; unlocked = locked ; unblocked = blocked";

/** Verbs that change a state: `archive`, `reopen`. */
export const actionVerbs = new PhraseTable<ActionWord>([
  ...actions(doing),
  ...actions(undoing, true),
]);

const verbOfState = new Map<string, string>(
  [...actions(doing)].map(([, action]) => [action.state, action.verb]),
);
const undoOfState = new Map<string, string>(
  [...actions(undoing, true)].map(([, action]) => [action.state, action.verb]),
);
/** The same in the passive: `can be archived`. */
export const actionParticiples = new PhraseTable<ActionWord>([
  ...actions(participlesOf).map(
    ([words, action]) =>
      [words, { ...action, verb: verbOfState.get(action.state) ?? action.verb }] as const,
  ),
  ...actions(undoneParticiples, true).map(
    ([words, action]) =>
      [words, { ...action, verb: undoOfState.get(action.state) ?? action.verb }] as const,
  ),
]);

/** `mark a bookmark as read`. */
export const markVerbs = phrases(
  "mark | flag | set | tag | move | put | declare | label | tick | change the status of | set the status of",
);
/** `can be marked as read`. */
export const markParticiples = phrases("marked | flagged | set | declared | ticked | moved");

/** Between verb and object: who or how many. */
export const quantifiers = phrases(
  "a | an | the | all | any | all the | all of the | every | each | their | our | his | her | my | its | one | single | a single | individual | existing | new | some | several | these | those | only | just | both | all existing | the whole list of | the list of | list of | lists of | the details of | details of | a list of | more | more than one | given | a given | particular | certain | specific | at once | many | multiple | just the | only the | any of the | one of the | the number of | the complete | complete | whole | the full list of | full details of | already existing | other | a new | stored | saved | recorded | of | an existing",
);

/** Ends of clauses that change nothing that is built. */
export const harmless = phrases(
  "is needed | are needed | is required | are required | is wanted | are wanted | at any time | any time | later | later on | again | again later | easily | quickly | one by one | by id | by its id | by their id | by its identifier | by identifier | individually | when needed | if needed | if necessary | when necessary | too | as well | also | afterwards | in the list | in a list | as a list | in one go | at once | together | " +
    "with all its fields | with all their fields | with all details | with all its details | with all their details | in detail | with its details | with their details | in full | there | page by page | in pages | paged | with paging | with pagination | by page | from the list | that are stored | that are saved | that i saved | i saved | that exist | they want | i want | i like | as often as they like | no longer needed | that are no longer needed | i no longer need | they no longer need | that is no longer needed | that was entered by mistake | that were opened by mistake | that were entered by mistake | that were created by mistake | that were added by mistake | that was opened by mistake | that was created by mistake | opened by mistake | created by mistake | added by mistake | that were recorded by mistake | entered by mistake | that were opened by mistake | that were entered by mistake | that were created by mistake | that were added by mistake | that was opened by mistake | that was created by mistake | opened by mistake | created by mistake | added by mistake | that were recorded by mistake | at a time | once more | as needed | on request | on demand | for themselves | first | so | themselves | in the system | in the service | in the app | to the list | to the collection | for later | " +
    "to my collection | to the catalog | in the catalog | from the catalog | via the api | through the api | over http | over the api | using the api | via http | without any trouble | in a simple way | in any order | manually | and so on | back | from it | i do not need any more | anymore | any more | any longer | in between | about it | right away | immediately | accordingly | separately | instead | if i want | when i want | whenever i want | whenever they want | of them | of it | when it is wrong | when something is wrong | as a whole | after the fact | when plans change | when something changes | ( crud ) | when things change | that i entered | i entered | as they like | as i like | with it | in it",
);

/** Formats of import and export. */
export const formats = new PhraseTable<"json" | "csv">([
  ["json | json file | json files | a json file | json format", "json"],
  [
    "csv | csv file | csv files | a csv file | csv format | comma-separated values | comma separated values | a spreadsheet file ( csv )",
    "csv",
  ],
]);

/** How a record that is already there is treated by an import. */
export const duplicatePhrases = new PhraseTable<"skip" | "update" | "reject">([
  [
    "skipped | skip | ignored | ignore | left out | left alone | passed over | not imported again | not imported twice | are not imported | is not imported | left as they are | left as it is | left untouched | skipping | ignoring",
    "skip",
  ],
  [
    "updated | update | overwritten | overwrite | replaced | replace | updating | overwriting | replacing | brought up to date",
    "update",
  ],
  [
    "rejected | reject | refused | refuse | reported as an error | an error | rejecting | reported as errors | turned down",
    "reject",
  ],
]);

/** Orders of a list, with the key that some of them imply. */
export const directions = new PhraseTable<"ascending" | "descending">([
  [
    "newest first | most recent first | latest first | descending | highest first | largest first | most expensive first | best first | z to a | in descending order | from high to low | high to low | reverse order | best rated first | highest rated first | longest first | newest at the top | newest on top | most recent on top | most recent at the top | last added first | newest to oldest | latest on top | the newest come first | the newest first | the newest comes first | the most recent first | the most recent come first | the latest first | the latest come first | newest come first | the newest on top | the best first | the best come first | desc | most important first",
    "descending",
  ],
  [
    "oldest first | ascending | lowest first | smallest first | cheapest first | soonest first | a to z | alphabetically | alphabetical | in alphabetical order | in ascending order | from low to high | low to high | earliest first | shortest first | next first | by alphabet | oldest to newest | the oldest come first | the oldest first | the earliest first | soonest on top | the soonest first | the earliest come first | the next one first | nearest first | the soonest come first | upcoming first | the cheapest first | alphabetic order | asc",
    "ascending",
  ],
]);

/** What a sort by time of entry is called. */
export const createdPhrases = phrases(
  "the date they were added | date they were added | the date it was added | date added | date of adding | the date added | creation date | date created | date of creation | the time of creation | creation time | time added | when they were added | when it was added | when they were created | the date they were created | the date of creation | the creation date | the date of entry | date of entry | age of the entry | the time they were added | the time they were created | created date | the date they were entered | when they were entered | date entered | date saved | the date they were saved | when they were saved | added date",
);
/** What a sort by time of the last change is called. */
export const updatedPhrases = phrases(
  "last change | the last change | the date of the last change | last update | the last update | date of the last change | when they were changed | when they were last changed | last changed | modification date | update date | the date they were changed | the date they were last changed | last modified | date changed",
);

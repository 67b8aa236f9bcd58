import { PhraseTable, phrases } from "../phrase-table.ts";

/** What a phrase says about a field, apart from numbers and values that follow it. */
export type FlagRule =
  | "required"
  | "optional"
  | "unique"
  | "unique-ignoring-case"
  | "lower-case"
  | "multiline"
  | "not-negative"
  | "positive"
  | "past-or-today"
  | "today-or-future"
  | "read-only";

/** Add a phrase here to have it understood wherever rules of fields are read. */
export const flagPhrases = new PhraseTable<FlagRule>([
  [
    "required | must be given | must be filled in | must be filled | must be present | must be provided | must be set | " +
      "must not be empty | may not be empty | can not be empty | should not be empty | must not be blank | " +
      "can not be blank | must not be left empty | can not be left empty | not empty | never empty | non-empty | not blank | not null | " +
      "can not be missing | must not be missing | is needed | always given | always there | always needed | " +
      "has to be given | have to be given | has to be filled in | must be entered | has to be present | must have one | is a must",
    "required",
  ],
  [
    "optional | optionally | not required | not needed | may be left empty | can be left empty | may be empty | can be empty | " +
      "may be missing | can be missing | may be left out | can be left out | may be blank | can be blank | can be omitted | " +
      "may be omitted | if known | when known | if any | if there is one | where known | if available | when available | " +
      "nullable | need not be given | does not have to be given | may be left blank | can be left blank | may stay empty | can stay empty",
    "optional",
  ],
  [
    "unique | must be unique | only once | not used twice | never twice | different for every one | no duplicates | without duplicates",
    "unique",
  ],
  [
    "unique ignoring case | unique regardless of case | ignoring case | regardless of case | case-insensitive | case insensitive | " +
      "unique without regard to case | ignoring upper and lower case",
    "unique-ignoring-case",
  ],
  ["in lower case | lower case | lower-case | in lower-case | in small characters", "lower-case"],
  [
    "several lines | multiple lines | multi-line | multiline | long text | of any length | any length | longer text | rich length | " +
      "with line breaks | more than one line",
    "multiline",
  ],
  [
    "not negative | non-negative | never negative | zero or more | # or greater than zero | can not be negative | must not be negative | " +
      "may not be negative | not below zero | not less than zero | never below zero | not be negative",
    "not-negative",
  ],
  ["positive | greater than zero | more than zero | above zero | larger than zero", "positive"],
  [
    "not in the future | in the past | in the past or today | today or earlier | never in the future | not after today | not later than today | not be in the future",
    "past-or-today",
  ],
  [
    "not in the past | in the future | today or later | never in the past | not before today | not earlier than today | not be in the past | in the future or today",
    "today-or-future",
  ],
  [
    "set by the service | set by the system | set automatically | automatic | automatically | filled in by the service | read-only | read only | " +
      "can not be changed by hand | not editable",
    "read-only",
  ],
]);

/** Which end of a range a phrase sets; `below` and `above` exclude the number. */
export type BoundEnd = "minimum" | "maximum" | "below" | "above" | "exact";

/** Phrases before a number. */
export const boundBefore = new PhraseTable<BoundEnd>([
  [
    "not be longer than | never be longer than | not be more than | not be greater than | not be higher than | not be over | not be above | be no longer than | be no more than | never exceed | out of | at most | up to | no more than | not more than | never more than | maximum | maximum of | a maximum of | maximum length | maximum length of | " +
      "not longer than | no longer than | limited to | <= | not above | not over | not greater than | no greater than | not exceed | not exceeding | may have up to | " +
      "length at most | length up to | not higher than | no higher than | as many as | to a maximum of | must not exceed | can not exceed",
    "maximum",
  ],
  [
    "not be shorter than | not be less than | not be lower than | not be below | not be fewer than | be no less than | at least | minimum | minimum of | a minimum of | minimum length | minimum length of | no less than | not less than | no fewer than | not fewer than | " +
      "not below | >= | not shorter than | not lower than | no shorter than",
    "minimum",
  ],
  ["less than | fewer than | below | under | shorter than | smaller than | <", "below"],
  ["more than | greater than | above | over | longer than | larger than | >", "above"],
  ["exactly | of exactly", "exact"],
]);

/** Phrases after a number: `5 or more`. */
export const boundAfter = new PhraseTable<BoundEnd>([
  [
    "or later | or newer | or more | or greater | or higher | and up | or above | and more | at least | minimum",
    "minimum",
  ],
  [
    "or earlier | or older | or less | or fewer | or lower | or below | at most | maximum | or shorter | and no more",
    "maximum",
  ],
]);

/** Nouns that say what a number counts. */
export const measures = new PhraseTable<"characters" | "items" | "value">([
  [
    "characters long | characters in length | characters each | characters | in length | characters or so",
    "characters",
  ],
  ["items | entries | of them | elements | values", "items"],
  [
    "words long | stars | points | minutes | hours | seconds | days | weeks | months | years | pages | euros | euro | dollars | dollar | pounds | " +
      "eur | usd | gbp | kg | kilograms | grams | g | cm | m | km | meters | metres | centimeters | centimetres | liters | litres | ml | people | persons | degrees | % | percent | € | $ | £ | pieces",
    "value",
  ],
]);

/** Words that only join rules and say nothing by themselves. */
export const ruleFillers = new Set(
  (
    "and but or it they is are be must should has have to which that who a an the of with also long always only each value values kept stored " +
    "given as so will can may at , ; ( ) : - = in written must' its their this these for every one itself being entered field text' field's length " +
    "then again too please rule rules does do choice"
  ).split(" "),
);

/** Stand before a default value. */
export const defaultPhrases = phrases(
  "by default | default is | defaults to | default to | default value is | default value of | default of | default : | default = | default value : | default | " +
    "starts as | start as | starts at | start at | starts with | starts out as | start out as | initially | unless told otherwise it is | starting at | starting as | is first | begins as | begin as | beginning as | set to",
);

/** Follow a value: `open by default`. */
export const defaultAfter = phrases(
  "by default | unless told otherwise | unless stated otherwise | unless otherwise stated | unless something else is given | if nothing is given | when nothing is given | " +
    "if none is given | when none is given | if not given | when not given | if nothing else is given | when left out | if left out | as default | as the default | is the default | " +
    "( default ) | at first | to begin with | to start with | when it is created | if omitted | when omitted",
);

/** Default values that are the time of creation. */
export const nowPhrases = phrases(
  "today | now | the current date | the current time | current date | current time | the day of entry | the day it is added | the time of creation | today's date",
);

/** Stand before the values of a choice. */
export const choicePhrases = phrases(
  "which can be | that can be | which may be | which is either | one of | either | any of | one of the following | one of these | one of the values | a choice of | choice of | choice between | a choice between | possible values | possible values are | allowed values | values are | options are | " +
    "options | can be one of | must be one of | is one of | enum | enumeration | selected from | chosen from",
);

import { PhraseTable, phrases } from "../phrase-table.ts";

/** `A bookmark has a title`: how an entity and its fields are joined, and what that says about the fields. */
export const havePhrases = new PhraseTable<"plain" | "must" | "may">([
  [
    "has | have | consists of | consist of | contains | contain | includes | include | comes with | come with | is made up of | comprises | carries | carry | is described by | are described by | " +
      "has got | has the following fields | has these fields | is defined by | is made of | also has | also have | always has | always have | will have | has exactly | is stored with | are stored with | is kept with | is recorded with | are recorded with | is given | are given | bears | shows",
    "plain",
  ],
  [
    "must have | should have | must contain | must always have | must also have | has to have | have to have | must include | should include | should contain | need | must need | must carry | must come with | requires | should also have | must be given",
    "must",
  ],
  [
    "may have | can have | might have | may also have | can also have | could have | may contain | can contain | may carry | can carry | may include | can include | optionally has | may be given | can be given",
    "may",
  ],
]);

/** Also join an entity and its fields, but only when the entity is known from elsewhere. */
export const keepPhrases = phrases(
  "keeps | keep | stores | store | holds | hold | records | record | gets | get | knows | tracks",
);

/** `For each bookmark we keep the title`. */
export const perEntity = phrases(
  "for each | for every | for any | of each | of every | about each | about every | for a | for an | for all | of all | about a | about an | with each | with every | on each",
);
/** Who keeps something, before a list of fields. */
export const keeperVerbs = phrases(
  "we keep | we store | we record | we note | we save | we need | we want to keep | we want to know | we want to record | we want to store | we track | we write down | we have | we know | i want to keep | i keep | i want to record | i want to note | i note | i record | " +
    "the system stores | the system keeps | the system records | the service keeps | the service stores | the service records | the app stores | the app keeps | it stores | it keeps | it records | it must store | it should store | is kept | are kept | is stored | are stored | is recorded | are recorded | we also keep | we also store | " +
    "the following is kept | the following is stored | the following are stored | the following information is kept | the following information is stored | one can enter | users can enter | a user can enter | you can enter | we must know | i need | i want to store | the system must store | the system should store | the service must keep | the service should keep | the service must store",
);

/** Words for fields in general. */
export const fieldNouns = new Set(
  "field fields attribute attributes property properties data detail details information column columns values fields:".split(
    " ",
  ),
);

/** Words that a list of fields may be announced with; no field is called so. */
export const announcement = phrases(
  "the following fields | the following attributes | the following properties | the following data | the following information | the following details | the following | these fields | these attributes | these properties | these details | following fields | following attributes | following | fields | attributes",
);

/** Subjects that are never things to keep. */
export const notThings = new Set(
  (
    "user person people system service app application product software api client server data request response token reader everyone everybody anyone it they we i you there this that " +
    "version document team error search one field name these those nothing somebody someone who which he she requirement story criterion following tool website site platform program solution change mistake answer message-text " +
    "each all any both others rest none other thing something anything way access operation action call caller endpoint key page customer-facing"
  ).split(" "),
);

/** Between an actor and what the actor can do. */
export const modalPhrases = phrases(
  "can | may | must be able to | should be able to | will be able to | is able to | are able to | need to be able to | needs to be able to | has to be able to | have to be able to | want to | wants to | would like to | like to | must | should | will | can also | may also | wish to | need to | want to be able to | is allowed to | are allowed to | could | can then | can always | must also be able to | should also be able to | get to | is to | are to | have to | has to | also want to | am able to | can only | want",
);

/** Before something that can be done, without an actor or with one in general. */
export const possibilityPhrases = phrases(
  "it is possible to | it should be possible to | it must be possible to | it must also be possible to | it should also be possible to | it will be possible to | there is a way to | there should be a way to | there must be a way to | " +
    "one can | you can | we can | people can | users can | i can | let me | lets me | let us | let users | lets users | let people | lets people | allow users to | allows users to | allow people to | allows people to | allow to | allows to | allow me to | allows me to | it lets users | it lets people | it lets me | " +
    "support | supports | provide | provides | offer | offers | there is | there are | there must be | there should be | enable users to | enables users to | lets you | let you | the ability to | ability to | the option to | being able to | be able to | able to | help me | help me to | helps me to | helps people to | so i can | a way to | we want to | we need to | we would like to | i want to | i need to | i would like to | we also want to | i also want to",
);

/** Words at the start of a sentence that only join it to the one before. */
export const connectives = phrases(
  "also | in addition | additionally | furthermore | moreover | besides | of course | please | finally | then | and | but | so | however | in general | generally | naturally | normally | usually | to start with | first | second | third | next | lastly | for this | if possible | ideally | obviously | in short | similarly | likewise | importantly | note that | for that | in particular | beyond that | on top of that | apart from that | equally | afterwards | later | later on | at any time | again",
);

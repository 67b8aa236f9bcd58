/**
 * Words by which a sentence asks for something, and the few frames in which they ask for nothing.
 * Patterns are tested on the lower-cased sentence; none may repeat what it repeats (linear time).
 */

/** Modal and wishing words: where one stands, somebody wants something to be so. */
export const wishWords =
  /\b(must|should|shall|can|can't|cannot|could|may|might|ought|will|won't|would|want|wants|wanted|wanting|wish|wishes|wishing|hope|hopes|hoping|dream|dreams|dreaming|long for|longs for|longing for|expect|expects|expected|expecting|insist|insists|prefer|prefers|demand|demands|require|requires|required|need|needs|needed|need to|has to|have to|able to|allow|allows|allowed|enable|enables|let|lets|let's|make sure|makes sure|making sure|ensure|ensures|see to it|please|love to|like to|looking for|on the lookout for|in need of|the ability|ability to|possible|(?:great|nice|perfect|good|better|happy|glad|happier) (?:if|when)|\p{L}+'d (like|love|prefer|rather))\b/u;

/** Of these, the ones that ask for something even in a sentence on how things are today. */
export const strongWishWords =
  /\b(should|shall|want|wants|wanting|wish|wishes|wishing|hope|hopes|hoping|dream|dreams|dreaming|long for|longs for|expects?|insists?|prefers?|demands?|would (really |very much |also |so )?(like|love|prefer|want)|\p{L}+'d (like|love|prefer|rather)|make sure|makes sure|ensure|ensures|let's|please|looking for|in need of)\b/u;

/** How things are, and were until now. */
export const statusQuo =
  /^(today|currently|at the moment|until now|so far|right now|at present|in the past|nowadays|these days|for years|over the years|last (year|month|week|spring|summer|autumn|winter)|for now|as of now|up to now)\b/;

/** What somebody cannot do yet is a complaint: it says why, not what. */
export const complaint =
  /^(nobody|no one|we|i|people|they|everyone|everybody|most of us|some of us|my \p{L}+|our \p{L}+)( \p{L}+)? (can|could|can't|cannot|can never|can hardly|could never|could not|may never) (never|hardly|not|no longer|barely|find|remember|say|tell|see|keep|know)\b/u;

/** A product, as people call one. */
export const productNoun =
  "service|services|app|application|system|product|tool|api|program|programme|software|solution|backend|back end|platform|website|site|list|register|catalog|catalogue|diary|tracker|store|collection|database|assistant|thing|something|one|archive|index|log|inventory|directory|organizer|organiser|notebook|board|place";

/** Verbs of a summary: what a service with records does anyway, so that its features say it in full. */
export const summaryVerbs = new Set(
  (
    "keep keeps keeping store stores storing hold holds holding remember remembers remembering collect collects collecting gather gathers gathering record records recording track tracks tracking replace replaces replacing " +
    "know knows manage manages managing organize organizes organise organises find finds finding note notes list lists search searches look write add adds edit save saves handle handles contain contains concern concerns " +
    "help helps is are was serve serves support supports be do does belong belongs"
  ).split(" "),
);

/** Adverbs and such between a subject and its verb. */
export const betweenSubjectAndVerb = new Set(
  "also just then simply only always never often already still usually therefore really actually to not".split(
    " ",
  ),
);

/** What follows a product and is no verb of it. */
export const noVerbs = new Set(
  (
    "for of in on at with by from about and or but so as than like to if when while because since until before after without between where " +
    "we i you they he she it people everybody nobody there here has had have been being were could would should can must may might will shall now today yet instead again"
  ).split(" "),
);

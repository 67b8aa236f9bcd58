/**
 * Kinds of sentences from which no feature comes. Patterns are tested on the lower-cased sentence;
 * none may repeat what it repeats (linear time).
 */

/** What an API service on one machine cannot do, with the reason that is reported. First match wins. */
export const beyondReach: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /\b(e-?mails?|e-?mailed|newsletter|mailing)\b/,
    "sends or receives e-mail: nothing outside the service is reached",
  ],
  [
    /\b(sms|text messages?|push|notif\w*|remind\w*|alert\w*|whatsapp|slack|telegram|webhooks?)\b/,
    "notifies somebody: nothing outside the service is reached",
  ],
  [
    /\b(payments?|pay by|credit cards?|paypal|stripe|checkout|invoic\w+|billing|bank)\b/,
    "moves money: no payment service is reached",
  ],
  [
    /\b(log ?in|sign ?up|sign ?in|passwords?|user accounts?|oauth|single sign-on|sso|two-factor|ldap|register(s|ed)? with)\b/,
    "needs accounts of people: access is by token only",
  ],
  [
    /\b(roles?|permissions?|administrators?|admins?|moderators?|their own|his own|her own|my own|only the (owner|author|creator)|other people's|per user|belongs to the user)\b/,
    "tells people apart: whoever has a token may do everything",
  ],
  [
    /\b(shar(e|es|ed|ing)|invit\w+|collaborat\w+|follow(er)?s?|friends?|social|public link)\b/,
    "is shared between people: people are not told apart",
  ],
  [
    /\b(offline|mobile|phones?|tablets?|android|ios|app store|desktop)\b/,
    "needs an application on people's devices: the product is a service",
  ],
  [
    /\b(web ?pages?|website|screens?|buttons?|colou?rs? scheme|dark mode|dashboards?|user interface|gui|drag|drop-?down|click\w*|browser|layout|logo|kanban|theme|form on)\b/,
    "is part of a user interface: the product is a service without one",
  ],
  [
    /\b(uploads?|attach(ed|ments?)|photos?|pictures?|images?|videos?|audio|pdf|files? attached|scan\w*|barcodes?|qr)\b/,
    "handles files or pictures: only data in fields is kept",
  ],
  [
    /\b(excel|xlsx|xml|word documents?|ical\w*|calendar feed|rss|printed|print|printing)\b/,
    "asks for a format other than JSON and CSV",
  ],
  [
    /\b(machine learning|artificial intelligence|\bai\b|recommend\w*|suggest\w*|predict\w*|classif\w+ automatically|translat\w+|summari[sz]\w+|similar)\b/,
    "needs judgement: the service stores and finds data",
  ],
  [
    /\b(every (night|day|week|month|hour|morning)|nightly|daily|weekly|monthly|hourly|schedul\w+|automatically|after \d+ days|recurr\w+|repeat\w*|in the background|cron)\b/,
    "happens by itself at some time: the service only answers requests",
  ],
  [
    /\b(histor(y|ies)|audit|versions? of|undo|previous values?|who changed|changelog|trash|recycle bin|soft[- ]delete\w*)\b/,
    "keeps former states: only the present state of a record is kept",
  ],
  [
    /\b(sum|sums|total(s|led)?|average\w*|mean|median|statistics|charts?|graphs?|reporting|calculat\w+|comput\w+|convert\w*|multipl\w+|percentages? of|revenue|turnover)\b/,
    "calculates over records: only counting per value of a field is built",
  ],
  [
    /\b(maps?|gps|geocod\w+|nearby|near me|route)\b/,
    "works with places on a map: no such service is reached",
  ],
  [
    /\b(real[- ]?time|live|websockets?|stream\w*|chat|sync\w*|synchroni[sz]\w*)\b/,
    "needs a lasting connection: the service answers single requests",
  ],
  [
    /\b(integrat\w+|third[- ]party|external (service|system|api)|fetch\w* (the|from)|download\w* (the|from)|crawl\w*|scrap\w+|import\w* from (google|the web|another)|look(s|ed)? up (on|in) the (web|internet))\b/,
    "reaches a system outside the service",
  ],
  [
    /\b(languages?|translations?|multilingual|currenc(y|ies))\b/,
    "needs several languages or currencies: values are kept as they are given",
  ],
  [
    /\b(encrypt\w*|gdpr|hipaa|anonymi[sz]\w*|consent|certif\w+|iso \d+|wcag|accessib\w+)\b/,
    "asks for a property that the service cannot prove",
  ],
  [
    /\b(99[.,]?\d* ?%|always available|never be down|high availability|failover|replicat\w+|clusters?|load balanc\w+|multiple (servers|regions)|data cent(er|re)s?|around the clock|backups?|backed up)\b/,
    "needs more than one machine or somebody to run it",
  ],
  [
    /\b(million|billion|thousands of (users|people|requests))\b/,
    "asks for a size that one machine with one database file has not been shown to carry",
  ],
  [
    /\b(overdue|expired|expir\w+|upcoming|due (today|soon|this week|tomorrow)|this week|next week|today's|running low|low on|out of stock|runs out|availab\w+)\b/,
    "depends on the present day or on a comparison between fields: filters compare a field with a given value",
  ],
  [
    /\b(overlap\w*|double[- ]book\w*|conflicts? with|at the same time|same time)\b/,
    "compares records with each other: rules hold within one record",
  ],
];

/** The sentence says that something is not to be built. */
export const outOfScope =
  /\b(out of scope|not part of|not in scope|not in this version|not in the first version|not needed (yet|now|for now|at the moment|in this)|no need (for|to)|(do|does) not need|(is|are) not needed|not planned|not wanted|later version|next version|future version|(for|until|at) another time|left for later|left out (for now|on purpose|deliberately)|^not yet\b|(is|are) not yet (planned|needed|wanted|supported|included|possible|offered|part)|not yet(?=[.!]?$)|for now without|(will|shall) not be (supported|built|offered|possible|included)|are not supported|is not supported|not required in|do not want|don't want|does not (send|offer|support|handle|know|provide|include|have)|there (is|are|will be) no|no (e-?mails?|accounts?|user accounts?|login|notifications?|payments?|user interface|web pages?|sharing|attachments?|reminders?|photos?|images?|files?|passwords?|roles?) (is|are|need|will|for)|nothing (is|gets) sent|can wait(?=[.!]?$| for now| until | for later)|explicitly excluded|(is|are) not included(?=[.!]?$| in (this|the first|version|scope))|not covered here|not a goal|no (web|mobile|user) (interface|app|page)s?\b|comes? later)\b|^no [\p{L} -]{1,40} (is|are) \p{L}{3,20}[.!]?$/u;

/** Who or what a product is for, how things are today: nothing to build. */
export const background: readonly RegExp[] = [
  /^(today|currently|at the moment|until now|so far|right now|at present|in the past|nowadays|these days|for years|over the years|last year|now and then|sometimes|often|every (day|week|year|month|morning|spring|summer|so often))\b/,
  /^(this|the) (document|file|page|text|list|section|chapter|following|specification|brief)\b/,
  /^(we|i|they) (are|am|have|had|used to|run|lend|own|work|keep|sell|grow|lose|forget|often|currently|do not know|spend|bought|started|meet|organi[sz]e|all|write|cook|collect|love|get|manage|lent|make|look after|help|use|always|never|tend|read|offer|hire|share|rent|teach|repair|live)\b/,
  /^(our|my) [\p{L} -]{1,60} (is|are|has|have|was|were|use|uses|keep|keeps|works?|grows?|gets?|come|lives?|runs?|meets?|forgets?|needs)\b/u,
  /^(we|i) (need|want|would like|are looking for|wish for) (a|an|some|one|something)\b(?! way to)/,
  /^(build |make |create )?(a|an|the|this|our)? ?([\p{L}-]+ ){0,5}(app|application|service|api|tool|system|backend|web service)( (for|to|that|in which|with which) [^.]{1,80})?\.?$/u,
  /^(purpose|goal|aim|summary|about|vision|why|problem|idea|background|motivation) ?[:–—-]/,
  /\bwould (help|be (nice|great|good|a relief)|save|make (my|our|life))\b/,
  /^(thanks|thank you|hello|hi|dear|best regards|kind regards|regards)\b/,
  /^(the )?(goal|aim|purpose|idea|point|intention|problem|motivation|vision|reason|hope|trouble) (is|of|behind|was)\b/,
  /^(people|many people|nobody|somebody|everybody|anyone who|some of us|one of us|most of us|each of us|members|volunteers|customers|staff|colleagues) (who|have|often|currently|today|forget|lose|write|call|use|keep|do not|know|come|are|look|send|bring|cannot|want to know|now)\b/,
  /^(that|this|it) (is|was|has become|takes|leads|costs|works|makes|gets|no longer|means) (a |an |the |very |too |why |how |what |hard|slow|no |not |far |annoying|tedious|time|well|much|enough|of|us|error|badly|long|confusing|mistakes|that )/,
];

/** What the product is in a sentence; believed in the introduction only. */
export const introduction =
  /^(\p{Lu}?[\p{L}\p{N}' -]{1,60}?) (is|are|helps?|keeps?|remembers?|supports?|replaces|makes?|knows|shows|tells|finds|gives|collects?|brings?|stores?|holds?|records?|tracks?|serves?|will be|should be|shall be|must be|will help|should help|will replace|should replace)\b/u;

/** Everything under such a heading is not to be built. */
export const outOfScopeHeading =
  /\b(out of scope|not in (this|scope)|non-?goals?|not now|not included|not part|later|won'?t|excluded|exclusions?|future|what we do not|what it does not|leave out|left out|not (needed|planned|wanted|yet)|limits of scope|not do)\b/;
/** Sections that explain rather than ask. */
export const backgroundHeading =
  /\b(background|introduction|intro|context|why|motivation|problem|overview|summary|about|purpose|vision|goals?|glossary|situation|in short|the idea|story so far|history|preface|today)\b/;
/** Sections about people. */
export const personaHeading =
  /\b(personas?|who (uses|will|is it for|works)|audience|actors?|stakeholders?|target group|users)\b/;
/** Sections whose sentences are assumptions. */
export const assumptionHeading = /\b(assumptions?|we assume|taken for granted)\b/;
/** Sections about the whole product. */
export const qualityHeading =
  /\b(non-?functional|quality|qualities|performance|reliability|how well|operations?|operational|expectations|technical|service levels?)\b/;

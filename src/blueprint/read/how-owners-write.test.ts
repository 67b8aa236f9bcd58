import { describe, expect, it } from "vitest";
import { readDocument } from "../../delivery/requirements/read-document.ts";
import { readProduct } from "./read-product.ts";

type Place = "introduction" | "body" | "start" | "whole";
type Case = readonly [place: Place, expected: string, text: string];

const core =
  "## Notes\n\nA note has a title (required) and a text.\n\nPeople can add, list, change and delete notes.\n";

const documentIn: Readonly<Record<Place, (text: string) => string>> = {
  introduction: (text) => `# Notes\n\n${text}\n\n${core}`,
  body: (text) => `# Notes\n\n${core}\n${text}\n`,
  start: (text) => `${text}\n\n# Notes\n\n${core}`,
  whole: (text) => text,
};

const read = (text: string) =>
  readDocument({ source: "test", bytes: new TextEncoder().encode(text) });
const always = new Set(read(`# Notes\n\n${core}`).sentences.map((sentence) => sentence.text));

/** What each sentence of the text came to, in order: a story, a gap, or the kind of context that it is. */
function verdictsOf(place: Place, text: string): string {
  const document = read(documentIn[place](text));
  const { features, notUnderstood, context } = readProduct(document);
  return document.sentences
    .filter((sentence) => !always.has(sentence.text))
    .map(({ id }) => {
      if (notUnderstood.some((one) => one.sentence === id)) return "gap";
      if (features.some((feature) => feature.sentences.includes(id))) return "story";
      return context.find((one) => one.sentence === id)?.kind ?? "dropped";
    })
    .join("+");
}

const cases: Readonly<Record<string, readonly Case[]>> = {
  "a wish in the introduction": [
    ["introduction", "gap", "I would love the thing to remind me on Fridays."],
    ["introduction", "gap", "We want people to be able to share a list."],
    ["introduction", "gap", "Our team would really like a nudge when somebody changes a note."],
    ["introduction", "gap", "I wish the notes could talk to each other."],
    ["introduction", "gap", "My hope is that notes sort themselves."],
    ["introduction", "gap", "It would be great if notes showed up on the fridge."],
    ["introduction", "gap", "It'd be nice to have stickers on notes."],
    ["introduction", "gap", "We dream of notes that read themselves aloud."],
    [
      "introduction",
      "gap",
      "Everybody in the office expects notes to open instantly in the hallway.",
    ],
    ["introduction", "gap", "I'd prefer that old notes fade away."],
    ["introduction", "gap", "We are hoping for a way to colour notes."],
    ["introduction", "gap", "My boss insists that notes carry a signature."],
    ["introduction", "gap", "We need something that wakes us when a note is late."],
    ["introduction", "gap", "I am looking for a tool that prints notes on Mondays."],
    ["introduction", "gap", "Please make sure notes cannot be seen by strangers."],
    ["introduction", "gap", "Ideally the app greets me by name."],
    ["introduction", "gap", "Notes is a small service that e-mails me every morning."],
    ["introduction", "gap", "Notes is a tool which reads handwriting."],
    ["introduction", "gap", "Notes helps teams vote on ideas."],
    ["introduction", "gap", "Notes remembers who wrote what."],
    ["introduction", "gap", "It tells us who has read a note."],
    ["introduction", "gap", "The purpose of the tool is to pin notes onto a wall."],
    ["introduction", "gap", "Goal: people see each other's notes."],
    [
      "introduction",
      "gap",
      "Today I have to stand up and shout, and the tool should do that for me.",
    ],
    [
      "introduction",
      "gap",
      "Currently everything is on paper, but we want it to beep when a note is due.",
    ],
    ["introduction", "gap", "Sometimes a note must be glued to another."],
    ["introduction", "gap", "Our notes need to be stapled together."],
    ["introduction", "gap", "People often forget notes, so the service nudges them."],
    ["introduction", "gap", "This document describes a tool that can fold notes into birds."],
    ["introduction", "gap", "Without fireworks on every saved note nobody here will use it."],
    ["introduction", "gap", "What I really want is a button that eats notes."],
    ["introduction", "gap", "A note that glows in the dark would make our life easier."],
  ],
  background: [
    ["introduction", "background", "Our notes are scattered over many papers."],
    ["introduction", "background", "We are a small bakery in the mountains."],
    ["introduction", "background", "Notes is a small service for people who write a lot."],
    ["introduction", "background", "Today everything lives on paper."],
    ["introduction", "background", "We lose about three notes a week."],
    ["introduction", "background", "Last year we tried a whiteboard and gave up."],
    ["introduction", "background", "My colleagues write notes on napkins."],
    ["introduction", "background", "The problem is that nobody finds anything again."],
  ],
  "a question": [
    ["introduction", "gap", "Could it also whistle?"],
    ["body", "gap", "Should notes be archived?"],
    ["body", "gap", "Can people pin a note?"],
    ["body", "gap", "Do we need tags?"],
  ],
  "what may come later": [
    ["body", "out-of-scope", "Sharing notes can wait."],
    ["body", "out-of-scope", "Voting comes later."],
    ["body", "gap", "Maybe notes can be dictated."],
    ["body", "gap", "Later on, a note should sing."],
    ["body", "out-of-scope+out-of-scope", "## Out of scope\n\n- Voting on notes\n- Handwriting"],
    ["body", "out-of-scope", "## Later\n\nNotes can be shared."],
  ],
  "what is left out, and what is not": [
    ["body", "gap", "Sharing is out of scope, but a note must be readable aloud."],
    ["body", "gap", "Nothing is sent by post; a note must be readable aloud."],
    ["body", "gap", "There is no login and notes are faxed on demand."],
  ],
  "a prohibition": [
    ["body", "gap", "A note must not contain swear words."],
    ["body", "gap", "Nobody may delete a note that is pinned."],
    ["body", "gap", "Notes must never leave the building."],
    ["body", "gap", "Don't let anyone change a note after noon."],
    ["body", "gap", "It is forbidden to copy notes."],
    ["body", "gap", "A note does not need a text."],
  ],
  "two wishes in one sentence": [
    ["body", "gap", "People can delete notes and throw confetti."],
    ["body", "gap", "People can search notes by title and have them read aloud."],
    ["body", "gap", "Notes can be listed, and the oldest one is framed on the wall."],
    ["body", "gap", "People can add notes, which are then faxed to the moon."],
    ["body", "gap", "People can delete notes after a priest has blessed them."],
    ["body", "gap", "Adding a note plays a jingle."],
    ["body", "gap", "Notes can be exported as CSV and as origami."],
    ["body", "gap", "A note has a colour, and the colour changes at sunset."],
    ["body", "gap", "People can list notes (and hum along)."],
    ["body", "gap", "When somebody deletes a note, a bell rings."],
  ],
  "a wish in any place of the document": [
    ["body", "gap", "## Notes fly\n"],
    ["body", "gap+gap", "### People can juggle notes\n\n## End\n"],
    ["body", "gap", "> Notes should hum."],
    ["body", "gap", "```\nnotes must hum\n```"],
    ["body", "gap", "    notes must hum"],
    ["body", "gap", "<!-- notes must hum -->"],
    ["body", "gap", "<details><summary>More</summary>Notes must hum.</details>"],
    ["body", "gap", "- [ ] Notes hum"],
    ["body", "gap", "- [x] Notes hum loudly"],
    ["body", "story", "- [ ] People can search notes by title"],
    ["body", "gap", "| Wish |\n|---|\n| Notes hum |"],
    ["body", "gap", "| Feature | Description |\n|---|---|\n| Humming | Notes hum in the morning |"],
    ["body", "gap+gap", "Notes are quiet[^1].\n\n[^1]: Except that they must hum on Sundays."],
    ["body", "gap", "![Notes must hum](hum.png)"],
    ["body", "gap", "[Notes must hum](https://example.org)"],
    ["body", "gap", '[hum]: https://example.org "Notes must hum"'],
    ["body", "story+gap", "People can list notes[^1].\n\n[^1]: And hum to them."],
    ["start", "background+gap", "---\ntitle: Notes\nwish: notes must hum\n---"],
    ["body", "gap", "1. Notes hum\n"],
    ["body", "out-of-scope", "~~Notes must hum~~"],
    ["body", "gap", "## Background\n\nWe want notes to hum."],
    ["body", "gap", "## Background\n\nNotes should hum when touched."],
    ["body", "gap", "## Users\n\nLibrarians want to see who wrote a note."],
    ["body", "persona", "## Users\n\nLibrarians who write many notes a day."],
    ["body", "gap", "## Assumptions\n\nThe service must e-mail the owner of a note."],
    ["body", "assumption", "## Assumptions\n\nNotes are short."],
    ["body", "gap", "## Goals\n\n- Notes hum on Fridays"],
    ["body", "nonfunctional", "The service must be fast."],
    ["body", "gap", "The service should answer in French."],
  ],
  "another language": [
    [
      "whole",
      "gap+gap+gap",
      "# Notizen\n\nEine Notiz hat einen Titel und einen Text.\n\nMan kann Notizen anlegen, suchen und wieder löschen.\n\nDie Suche muss schnell sein.",
    ],
    [
      "whole",
      "gap+gap",
      "# Notes\n\nUne note a un titre obligatoire et un texte.\n\nLes personnes peuvent ajouter, lister et supprimer des notes.",
    ],
    ["body", "gap", "A note that does not have a title is refused."],
    ["body", "gap", "If the search does not have results, an empty page is framed."],
    ["body", "gap", "There is no note without a stamp."],
    ["body", "gap", "No notes are lost on the way."],
    ["body", "gap", "It will not be possible to delete a note that is pinned."],
    ["body", "gap", "Archived notes are not included in the list."],
    ["body", "out-of-scope", "There is no user interface."],
    ["body", "out-of-scope", "Voting and dictation are not part of this version."],
    ["body", "out-of-scope", "We do not need logins, and printing is out of scope."],
    ["body", "out-of-scope", "~~Notes must hum~~"],
    [
      "body",
      "out-of-scope+gap",
      "## Out of scope\n\nVoting is not planned. However, notes must be sealed with wax.",
    ],
    ["body", "gap+background", "## Readers can hum a note\n\nThey are tiny."],
    ["body", "gap+gap", "## As a reader I want to hum notes\n\n- It is loud"],
    ["body", "story", "## What readers can do\n\n- search notes by title"],
    ["body", "gap", "Notes not yet signed are shown first."],
    ["body", "gap+story", "Every Friday, readers can:\n\n- list notes"],
    ["body", "story", "The text is not needed."],
    ["body", "gap+story", "Every note must glow, and readers can:\n\n- list notes"],
    ["body", "gap", "Die Notizen müssen am Freitag gedruckt werden."],
    ["body", "gap", "ノートは削除できます。"],
    ["body", "gap", "Заметки можно удалять."],
    ["body", "gap", "Les notes doivent être imprimées."],
    ["body", "story", "A note has a résumé and a façade."],
  ],
  "a wish in passing": [
    ["introduction", "gap", "We're a team of five and we'd love to vote on notes."],
    ["introduction", "gap", "The tool is great if it reads my notes to me."],
    ["introduction", "background", "I need a small tool for my notes."],
    ["introduction", "background", "We want a simple service that keeps our notes."],
    ["introduction", "gap", "I need a small tool that keeps my notes and sings them to me."],
    ["introduction", "gap", "A bell rings whenever a note is added."],
    ["introduction", "gap", "Nothing would make me happier than notes that dance."],
    ["introduction", "background", "Thank you for reading this."],
    [
      "introduction",
      "gap",
      "Our customers are used to seeing a smiley on each note, so there has to be one.",
    ],
    ["introduction", "gap", "My wish: notes that fold themselves."],
    ["introduction", "gap", "It goes without saying that notes are stamped."],
    ["introduction", "gap", "The app: it greets people by name."],
    ["introduction", "gap", "In an ideal world a robot would fetch the note."],
    ["introduction", "gap", "One thing I keep asking for is a map of notes."],
    ["introduction", "gap", "Users get a medal for ten notes."],
    ["introduction", "gap", "No more lost notes: the service files them into drawers."],
    ["body", "gap", "As a bonus, notes glow."],
    ["body", "gap", "TODO: notes fly"],
    ["body", "gap", "Notes (which should also be waterproof) can be deleted."],
    ["body", "gap", "People can add notes; deleting one needs two signatures."],
    ["body", "gap", "Only the moon may delete a note."],
    ["body", "gap", "People can delete notes unless it rains."],
    ["body", "gap", "People can list notes every second Tuesday."],
    ["body", "gap", "People can delete notes, but only twice."],
    ["body", "gap", "Either notes can be deleted or they burn after a week."],
    ["body", "gap", "> **Note:** notes must squeak."],
    ["body", "story", "- **Search:** people can search notes by title"],
    ["body", "gap", "| Must | Notes squeak |\n|---|---|"],
  ],
};

describe.each(Object.entries(cases))("%s", (_, table) => {
  it.each(table)("%s: %s: %s", (place, expected, text) => {
    expect(verdictsOf(place, text)).toBe(expected);
  });
});

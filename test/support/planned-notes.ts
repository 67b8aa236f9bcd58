import type { RequirementsDocument } from "../../src/delivery/requirements/document.ts";
import { readDocument } from "../../src/delivery/requirements/read-document.ts";

/** Requirements of four sentences. */
export function notesDocument(): RequirementsDocument {
  const text = [
    "# Notes",
    "",
    "Notes is a service for people who forget. A note has a title of at most 80 characters.",
    "A reader can delete a note. It should feel nice.",
    "",
  ].join("\n");
  return readDocument({ source: "notes.md", bytes: new TextEncoder().encode(text) });
}

type Draft = Readonly<Record<string, unknown>> & { readonly stories: readonly unknown[] };

const set = {
  id: "ST-1",
  title: "Set the project up",
  asA: "developer",
  iWant: "a service that starts",
  soThat: "stories have a place",
  criteria: [{ given: "a checkout", when: "GET /health is asked", then: "200 is answered" }],
  sentences: [],
  dependsOn: [],
  points: 3,
  priority: "must",
};
const create = {
  ...set,
  id: "ST-2",
  title: "Create a note",
  criteria: [
    { given: "no notes", when: "a note with a title is sent", then: "201 is answered" },
    { given: "no notes", when: "a title of 81 characters is sent", then: "400 is answered" },
  ],
  sentences: ["S2"],
  dependsOn: ["ST-1"],
};
const remove = {
  ...create,
  id: "ST-3",
  title: "Delete a note",
  criteria: [{ given: "a note", when: "it is deleted", then: "204 is answered" }],
  sentences: ["S3"],
  dependsOn: ["ST-2"],
};

/** An answer to `refine` for the notes document that nothing is wrong with. */
export const notesDraft: Draft = {
  title: "Notes",
  brief: "A service that keeps notes.",
  personas: [{ name: "reader", needs: "to find what was forgotten" }],
  stories: [set, create, remove],
  nonfunctional: [],
  ambiguities: [],
  contradictions: [],
  missingConstraints: ["How many notes there may be is not said."],
  edgeCases: [{ text: "A note that is deleted twice", stories: ["ST-3"] }],
  externalDependencies: [],
  assumptions: [],
  stack: [],
  notCovered: [
    { sentence: "S1", kind: "context", reason: "says what it is" },
    { sentence: "S4", kind: "gap", reason: "nobody can test what feels nice" },
  ],
};

export const notesPlatform = {
  platform: "api_service",
  why: "ST-2 is asked over HTTP",
  startCommands: ["npm ci", "PORT=3000 npm start"],
  components: [{ name: "HTTP layer", role: "routes and validation" }],
} as const;

export const notesDesign = {
  context: "A small service.",
  data: [{ name: "Note", fields: [{ name: "title", type: "text", rules: "1 to 80 characters" }] }],
  operations: [
    { name: "POST /notes", behaviour: "keeps a note", stories: ["ST-2"] },
    { name: "DELETE /notes/:id", behaviour: "takes it out", stories: ["ST-3"] },
  ],
  errorHandling: ["A refusal names the field."],
  security: ["Sizes are bounded."],
  storage: "One SQLite file.",
  decisions: [],
} as const;

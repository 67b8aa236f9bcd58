import { expect, it } from "vitest";
import { secretInCommand } from "./secret-in-command.ts";

// In two parts: the sources hold nothing that looks like a secret.
const address = ["https://me:hunter2pass", "host.example/"].join("@");
const generic = `ghp_${"aB3dE5fG7hI9".repeat(3)}`;

it.each<[readonly string[], string]>([
  [["agent", "--api-key=hunter2"], "api-key"],
  [["agent", "--password", "hunter2"], "--password"],
  [["env", "MY_TOKEN=hunter2", "agent"], "MY_TOKEN"],
  [["agent", "--url", address], "url-password"],
  [["agent", generic], "github-token"],
])("names where the secret of %j stands, and not the secret", (command, where) => {
  expect(secretInCommand(command)).toBe(where);
});

it.each([
  [["agent", "--acp", "--model", "a-model", "--max-tokens"]],
  [["agent", "--auth", "api-key"]],
  [["agent", "--token", "--acp"]],
  [["env", "MODE=fast", "agent"]],
])("finds none in %j", (command) => {
  expect(secretInCommand(command)).toBeUndefined();
});

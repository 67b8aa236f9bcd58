import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deniedAction } from "./denied-action.ts";
import { shellStatements } from "./shell-statements.ts";

describe("a shell command", () => {
  it.each([
    ["git push", "git push"],
    ["git -C lib -c a=b push origin main", "git push"],
    ["npm test && GIT_SSH=x git push --force", "git push"],
    ["npm test; cd lib\ngit push || true", "git push"],
    ["if true; then sudo git push; fi", "git push"],
    ["(cd lib && /usr/bin/git push)", "git push"],
    ["timeout 30 git push", "git push"],
    ["nice -n 5 git push", "git push"],
    ["bash -c 'npm run build && git push'", "git push"],
    ["sh -euc \"git push\" -c 'git push'", "git push"],
    ["echo $(git push)", "git push"],
    ["git \\\n push", "git push"],
    ["cat <<EOF > a\ntext\nEOF\nnpm publish --access public", "npm publish"],
    ["gh pr create --fill", "gh"],
    ["kubectl apply -f deploy.yaml", "kubectl"],
    ["ssh host uptime", "ssh"],
    ["autosd push --project shop", "autosd"],
  ])("that acts on the world is denied: %s", (command, action) => {
    expect(deniedAction(command)).toMatchObject({ code: "AUTOSD-ACTION-DENIED", action });
  });

  it.each([
    "git status && git log --grep push",
    "git commit -m 'git push'",
    "echo git push",
    "grep -rn 'git push' . # git push",
    'printf "run\\n\\"git push\\"; git push" > README.md',
    "cat > release.sh <<'EOF'\ngit push\nnpm publish\nEOF\nchmod +x release.sh",
    "cat <<-A <<B\ngit push\n\tA\nnpm publish\nB\ntrue",
    "npm run publish",
    "npm publish --dry-run",
    "gh --version",
    "git stash push",
    "node push.js; docker build .",
    "terraform plan",
    "toString --help; constructor x; __proto__ push",
    "",
    "'",
    "<<",
    "\\",
  ])("that only looks like it is not: %s", (command) => {
    expect(deniedAction(command)).toBeUndefined();
  });

  it("is read to its end whatever it is, and a push behind it is seen", () => {
    const piece = fc.constantFrom(
      "'a'",
      '"b c"',
      " ",
      "\n",
      "&&",
      "x=1",
      "$(",
      ")",
      "# c\n",
      "> f",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const command = `${pieces.join("")}\ngit push`;
        expect(deniedAction(command)?.action).toBe("git push");
      }),
    );
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(...Array.from("ab<>\\'\"#;&|\n ()`-$\u00e9\ud800")),
          maxLength: 200,
        }),
        (text) => {
          expect(shellStatements(text).every((words) => words.length > 0)).toBe(true);
          deniedAction(text);
        },
      ),
    );
  });

  it("of the longest kind is read in no time", () => {
    for (const piece of ["<<A\n", "$(sh -c '", "git ", "a;", "\\\n", '"'])
      expect(deniedAction(piece.repeat(20_000 / piece.length))).toBeUndefined();
  });
});

import type { z } from "zod";

/** What is wrong with the shape of an answer, a sentence each, with the place of the member. */
export function draftProblems(error: z.ZodError): readonly string[] {
  return error.issues.map((issue) => {
    const place = issue.path.map(String).join(".");
    return place === "" ? issue.message : `${place}: ${issue.message}`;
  });
}

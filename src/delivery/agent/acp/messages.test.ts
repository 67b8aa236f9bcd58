import type {
  InitializeResponse,
  NewSessionResponse,
  PromptResponse,
  RequestPermissionRequest,
  SessionNotification,
} from "@agentclientprotocol/sdk";
import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import {
  type initializedSchema,
  type permissionSchema,
  type sessionSchema,
  type stoppedSchema,
  updateSchema,
} from "./messages.ts";

test("everything that the protocol's own library sends can be read", () => {
  expectTypeOf<InitializeResponse>().toExtend<z.input<typeof initializedSchema>>();
  expectTypeOf<NewSessionResponse>().toExtend<z.input<typeof sessionSchema>>();
  expectTypeOf<PromptResponse>().toExtend<z.input<typeof stoppedSchema>>();
  expectTypeOf<RequestPermissionRequest>().toExtend<z.input<typeof permissionSchema>>();
  const update: SessionNotification = {
    sessionId: "s",
    update: {
      sessionUpdate: "tool_call",
      toolCallId: "t",
      title: "Run",
      rawInput: { command: "x" },
    },
  };
  expect(updateSchema.parse(update).update).toMatchObject({ title: "Run" });
});

import type {
  CancelNotification,
  InitializeRequest,
  InitializeResponse,
  NewSessionRequest,
  PromptRequest,
  RequestPermissionResponse,
  NewSessionResponse,
  PromptResponse,
  RequestPermissionRequest,
  SessionNotification,
} from "@agentclientprotocol/sdk";
import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import {
  cancelNotice,
  type initializedSchema,
  initializeRequest,
  newSessionRequest,
  permissionAnswer,
  promptRequest,
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

test("everything that is said is what the protocol's own library takes", () => {
  expectTypeOf(initializeRequest).returns.toExtend<InitializeRequest>();
  expectTypeOf(newSessionRequest).returns.toExtend<NewSessionRequest>();
  expectTypeOf(promptRequest).returns.toExtend<PromptRequest>();
  expectTypeOf(cancelNotice).returns.toExtend<CancelNotification>();
  expectTypeOf(permissionAnswer).returns.toExtend<RequestPermissionResponse>();
  // Nothing of autosd's own is lent to an agent.
  expect(initializeRequest("1").clientCapabilities).toEqual({
    fs: { readTextFile: false, writeTextFile: false },
    terminal: false,
  });
});

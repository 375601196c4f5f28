/** Ask the server in GraphQL; a failure is the server's own sentence. */

import type { Operation } from "./operations";

const ADDRESS = "/graphql";
const SILENT = "The server does not answer. Check that it is still running, then try again.";

/** The server said no, or nothing; the message is a sentence for people. */
export class AskingFailed extends Error {
  override readonly name = "AskingFailed";
}

interface Answered<Answer> {
  data?: Answer | null;
  errors?: { message: string }[];
  error?: { message?: string };
}

/** Give the answer to an operation, or throw `AskingFailed`. An aborted question throws the browser's AbortError. */
export async function ask<Answer, Variables>(
  operation: Operation<Answer, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await send(JSON.stringify({ query: operation.text, variables }), signal);
  const answered = await read<Answer>(response);
  const sentence = answered.errors?.[0]?.message ?? answered.error?.message;
  if (sentence !== undefined) throw new AskingFailed(sentence);
  if (!response.ok || !answered.data) throw new AskingFailed(`The server answered with status ${response.status}.`);
  return answered.data;
}

async function send(body: string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(ADDRESS, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body,
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new AskingFailed(SILENT);
  }
}

async function read<Answer>(response: Response): Promise<Answered<Answer>> {
  try {
    return (await response.json()) as Answered<Answer>;
  } catch {
    return {};
  }
}

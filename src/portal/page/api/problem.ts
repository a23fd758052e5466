import type { Static } from 'typebox'
import type { problemAnswer } from '../../../api/http/problem.ts'

/** problem+json of the API, or what this page itself says when there was no answer (`status` 0). */
export type Problem = Static<typeof problemAnswer>

/** Thrown by every call that does not succeed. */
export class ApiProblem extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** The problem of anything that was thrown: a fault of this page is shown too, never swallowed. */
export const problemFrom = (error: unknown): Problem =>
  error instanceof ApiProblem
    ? error.problem
    : {
        type: 'about:blank',
        title: 'This page has met a fault of its own',
        status: 0,
        code: 'page_fault',
        detail: error instanceof Error ? error.message : String(error),
        traceId: null,
      }

/** Doorbell did not answer at all. */
export const unreachable = (): Problem => ({
  type: 'about:blank',
  title: 'Doorbell cannot be reached',
  status: 0,
  code: 'unreachable',
  detail: 'There was no answer. Check your connection; your work on this page is kept.',
  traceId: null,
})

/** What is wrong with each field, by its JSON Pointer: `/url`, `/retry/firstDelayMs`. */
export const faultsOf = (problem: Problem | null): ReadonlyMap<string, string> =>
  new Map((problem?.errors ?? []).map(({ pointer, detail }) => [pointer, detail]))

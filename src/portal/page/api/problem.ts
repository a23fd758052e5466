import type { Static } from 'typebox'
import type { problemAnswer } from '../../../api/http/problem.ts'

/** A problem+json of the API, or a problem that this page reports itself because there was no answer (`status` 0). */
export type Problem = Static<typeof problemAnswer>

/** Thrown by every call that does not succeed. */
export class ApiProblem extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** The problem of any thrown value. An error of the page itself is shown as well, never swallowed. */
export const problemFrom = (error: unknown): Problem =>
  error instanceof ApiProblem
    ? error.problem
    : {
        type: 'about:blank',
        title: 'This page has an error',
        status: 0,
        code: 'page_fault',
        detail: error instanceof Error ? error.message : String(error),
        traceId: null,
      }

/** The problem of a request without an answer. */
export const unreachable = (): Problem => ({
  type: 'about:blank',
  title: 'Doorbell is not reachable',
  status: 0,
  code: 'unreachable',
  detail: 'Doorbell did not answer. Check your connection. What you entered on this page is kept.',
  traceId: null,
})

/** What is wrong with each field, by JSON Pointer: `/url`, `/retry/firstDelayMs`. */
export const faultsOf = (problem: Problem | null): ReadonlyMap<string, string> =>
  new Map((problem?.errors ?? []).map(({ pointer, detail }) => [pointer, detail]))

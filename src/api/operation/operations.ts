import type Router from '@koa/router'
import type { RouterMiddleware } from '@koa/router'
import { answerWith } from './answer.ts'
import type { CallMiddleware, Handler } from './call.ts'
import type { Operation } from './operation.ts'

/** The calls that are served. */
export interface Operations {
  add<const O extends Operation>(operation: O, handle: Handler<O>): void
  /** All that were added, in their order. */
  readonly all: readonly Operation[]
}

/** Adds operations to the router that each belongs to, behind the middleware that it needs. */
export const createOperations = (
  routerOf: (operation: Operation) => Router,
  pipeline: (operation: Operation) => readonly CallMiddleware[],
): Operations => {
  const all: Operation[] = []
  return {
    all,
    add: (operation, handle) => {
      all.push(operation)
      const { method, path } = operation
      const steps = [...pipeline(operation), answerWith(operation, handle)] as readonly RouterMiddleware[]
      routerOf(operation)[method](path.replaceAll(/\{(\w+)\}/g, ':$1'), ...steps)
    },
  }
}

import { errorText } from '../src/domain/error-text.ts'
import { Failure } from '../src/domain/failure.ts'

/** What a log line has of an error. */
export interface ErrorFields {
  readonly name: string
  readonly message: string
  readonly code?: unknown
  readonly codeName?: unknown
  /** The command that MongoDB refused, and its collection. */
  readonly command?: unknown
  readonly collection?: unknown
  /** What a Failure keeps from clients. */
  readonly internal?: string | undefined
  readonly stack?: string
  readonly cause?: ErrorFields
}

/** An error's class, codes and place in the code, and the same of its cause. No message of another system is shown: it may hold what it is about. */
export const errorFields = (error: unknown, depth = 3): ErrorFields => {
  if (!(error instanceof Error)) return { name: typeof error, message: errorText(error) }
  const { name, cause } = error
  const { code, codeName, command, collection } = error as unknown as Record<string, unknown>
  return {
    name,
    message: error instanceof Failure ? error.message : errorText(error),
    code,
    codeName,
    command,
    collection,
    ...(error instanceof Failure ? { internal: error.internal } : {}),
    stack: placesOf(error.stack ?? '').join('\n'),
    ...(cause === undefined || depth === 0 ? {} : { cause: errorFields(cause, depth - 1) }),
  }
}

/** A stack begins with the message, which may have several lines. */
const placesOf = (stack: string): readonly string[] => stack.split('\n').filter(line => /^\s+at /.test(line))

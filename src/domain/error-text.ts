import { Failure } from './failure.ts'

/** Errors whose message the engine writes about our code, not about data. */
const ofTheEngine: readonly string[] = ['TypeError', 'RangeError', 'ReferenceError']

/**
 * An error in a line: what we say of our own, and the class and codes of any other. The message of another system is data: MongoDB's holds the
 * refused document, a parser's the text that it read.
 */
export const errorText = (error: unknown): string => {
  if (error instanceof Failure) return `${error.code}: ${error.message}`
  if (!(error instanceof Error)) return typeof error
  const { code, codeName, syscall } = error as { code?: unknown; codeName?: unknown; syscall?: unknown }
  if (code === undefined && ofTheEngine.includes(error.name)) return `${error.name}: ${error.message}`
  return [error.name, code, codeName, syscall]
    .filter(part => (typeof part === 'string' && part !== '') || typeof part === 'number')
    .join(' ')
}

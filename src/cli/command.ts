import { Failure } from '../domain/failure.ts'

/** One verb of a command, e.g. `keys` of `doorbell keys rotate`. */
export interface Verb {
  readonly name: string
  /** One line for the list of verbs. */
  readonly summary: string
  /** What `--help` prints. */
  readonly usage: string
  /** Runs with the arguments that follow the verb. Resolves with the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>
}

/** A fault that the user can fix. Its message is printed without a stack. */
export class UserError extends Error {}

const helpFlags: readonly (string | undefined)[] = ['--help', '-h']

/** Runs the verb that the arguments name. Resolves with the exit code: 2 for a verb or an option that does not exist. */
export const runCommand = async (verbs: readonly Verb[], args: readonly string[]): Promise<number> => {
  const [name, ...rest] = args[0] === 'help' ? [...args.slice(1, 2), '--help'] : args
  if (name === undefined || helpFlags.includes(name)) return print(listOf(verbs))
  const verb = verbs.find(each => each.name === name)
  if (verb === undefined) return complain(`doorbell has no verb "${name}".\n\n${listOf(verbs)}`, 2)
  if (rest.some(arg => helpFlags.includes(arg))) return print(verb.usage)
  try {
    return await verb.run(rest)
  } catch (error) {
    if (isWrongOption(error)) return complain(`${error.message}\nAll options: doorbell ${name} --help\n`, 2)
    if (error instanceof UserError || error instanceof Failure) return complain(`${error.message.trimEnd()}\n`, 1)
    throw error
  }
}

const print = (text: string): number => {
  process.stdout.write(text)
  return 0
}

const complain = (text: string, exitCode: number): number => {
  process.stderr.write(text)
  return exitCode
}

const listOf = (verbs: readonly Verb[]): string => {
  const width = Math.max(...verbs.map(({ name }) => name.length)) + 3
  const lines = verbs.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}\n`)
  return `Usage: doorbell <verb> [options]\n\n${lines.join('')}\nOptions of a verb: doorbell <verb> --help\n`
}

const isWrongOption = (error: unknown): error is Error =>
  error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS_')

import type { Parser } from './parsers.ts'

/** One setting, written once: its name in the environment, its meaning, and how its text becomes a value. */
export interface Setting<T> {
  readonly name: string
  /** What `--help` prints. */
  readonly meaning: string
  /** The default as `--help` prints it. */
  readonly defaultText: string
  /** The texts that it accepts, e.g. `0–65535`; absent where the meaning says it. */
  readonly accepts: string | undefined
  /** True: its value is never printed. */
  readonly isSecret: boolean
  /** The value of a text, or the default of a setting that is not given. Throws as its parser does. */
  readonly read: (text: string | undefined) => T
}

export type ValueOf<S> = S extends Setting<infer T> ? T : never

interface Undocumented<T> {
  doc(meaning: string): Setting<T>
  secret(meaning: string): Setting<T>
}

/** A setting with a default, which is written as in the environment. */
export const setting = <T>(name: string, parser: Parser<T>, defaultText: string): Undocumented<T> =>
  named(name, defaultText || 'none', parser.accepts, text => parser(text ?? defaultText))

/** A setting that is null unless it is given. `defaultText` says what happens then. */
export const optional = <T>(name: string, parser: Parser<T>, defaultText: string): Undocumented<T | null> =>
  named(name, defaultText, parser.accepts, text => (text === undefined ? null : parser(text)))

const named = <T>(
  name: string,
  defaultText: string,
  accepts: string | undefined,
  read: Setting<T>['read'],
): Undocumented<T> => ({
  doc: meaning => ({ name, meaning, defaultText, accepts, isSecret: false, read }),
  secret: meaning => ({ name, meaning, defaultText, accepts, isSecret: true, read }),
})

import { stripVTControlCharacters } from 'node:util'

/** A test as a run reported it. */
export interface ReportedTest {
  /** Its file: `test/delivery/check-in.test.ts` */
  readonly file: string
  readonly title: string
}

export interface Report {
  readonly passed: readonly ReportedTest[]
  readonly skipped: readonly ReportedTest[]
  readonly failed: number
}

/** Terminals without Unicode get other marks. */
const marks = {
  passed: /^ +[✔√] (.*)$/gm,
  skipped: /^ +- \[skip\] (.*)$/gm,
  failed: /^ +[✘×] \[(fail|unexpected pass)\]/gm,
}

/** Reads what ava printed: one line for each test, with its file's folders, its title, and its time if that was long. */
export const readReport = (output: string): Report => {
  const text = stripVTControlCharacters(output)
  const all = (mark: RegExp) => [...text.matchAll(mark)].map(([, line = '']) => reportedTest(line))
  return { passed: all(marks.passed), skipped: all(marks.skipped), failed: [...text.matchAll(marks.failed)].length }
}

/** `test › delivery › check-in › a batch … (1.2s)`. A run of a single file names none. */
const reportedTest = (line: string): ReportedTest => {
  const parts = line.replace(/ \((?:\d+m )?[\d.]+m?s\)$/, '').split(' › ')
  return { file: `${parts.slice(0, -1).join('/')}.test.ts`, title: parts.at(-1) ?? '' }
}

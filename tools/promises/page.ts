import { basename } from 'node:path'
import { filesNotForUsers, groups } from './groups.ts'
import type { Report, ReportedTest } from './report.ts'

export const promisesPath = 'docs/promises.md'

const introduction = `# Promises

Each line is the title of a test that passed when this page was written, with a link to it. \`npm test\` writes the page at the end of a
whole run in which nothing failed, and a run fails when a line no longer has a test that passes. The other pages explain; what Doorbell
promises stands here.
`

/** The folder of `test/` that a promise belongs to; undefined if the test promises nothing to a user. */
const groupOf = ({ file }: ReportedTest): string | undefined => {
  const [top, folder = ''] = file.split('/')
  return top === 'test' && folder in groups && !filesNotForUsers.some(other => file.startsWith(other))
    ? folder
    : undefined
}

const lineOf = ({ file, title }: ReportedTest): string =>
  `- ${title[0]?.toUpperCase() ?? ''}${escaped(title.slice(1))} ([${basename(file, '.test.ts')}](../${file}))`

/** The title as text: without this, some characters would be read as Markdown. */
const escaped = (title: string): string => title.replaceAll(/[*_<[\]|\\]/g, String.raw`\$&`)

const linesOf = (tests: readonly ReportedTest[], group: string): string[] =>
  tests
    .filter(test => groupOf(test) === group)
    .map(lineOf)
    .toSorted()

/** The page of everything that these tests show to be true: a section for each folder of `test/`, a line for each test. */
export const promisesPage = (passed: readonly ReportedTest[]): string =>
  [
    introduction,
    ...Object.entries(groups).flatMap(([group, heading]) => {
      const lines = linesOf(passed, group)
      return lines.length === 0 ? [] : [`## ${heading}\n\n${lines.join('\n')}\n`]
    }),
  ].join('\n')

/** Lines of the page whose test did not pass: it was removed, renamed, or failed. What this machine had to skip may be true. */
export const brokenPromises = (page: string, { passed, skipped }: Pick<Report, 'passed' | 'skipped'>): string[] => {
  const kept = new Set([...passed, ...skipped].map(lineOf))
  return page.split('\n').filter(line => line.startsWith('- ') && !kept.has(line))
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** The text of a page of the documentation, by its path in the repository. */
export const page = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The rows of the first table below a heading of a page, cell by cell, without the table's own head. Throws if there is none. */
export const documentedTable = (path: string, heading: string): readonly (readonly string[])[] => {
  const lines = page(path).split('\n')
  const from = lines.findIndex(line => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading)
  const first = lines.findIndex((line, index) => index > from && line.startsWith('|'))
  if (from === -1 || first === -1) throw new Error(`${path} has no table below "${heading}"`)
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'))
  return lines.slice(first + 2, end === -1 ? undefined : end).map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim()),
  )
}

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'

const root = join(import.meta.dirname, '../..')
const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
const sources = tracked.filter(path =>
  /\.(ts|js|mjs|css|yml|yaml|sh|py|go|java|rb)$|Dockerfile$|^\.ci\/run$/.test(path),
)
const comments = /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$|(?<=^|\s)#.*$/gm

test('no comment names a document that is not in the repository, or an invariant or issue by its number', t => {
  t.true(sources.length > 300)
  const isThere = (name: string) => tracked.some(path => `/${path}`.endsWith(`/${name}`))
  const named = sources.flatMap(path =>
    [...readFileSync(join(root, path), 'utf8').matchAll(comments)].flatMap(([comment]) => [
      ...(comment.match(/\b(?:invariant|issue)s? \d+/gi) ?? []).map(number => `${path}: ${number}`),
      ...(comment.match(/\b[\w/.-]+\.md\b/g) ?? []).filter(name => !isThere(name)).map(name => `${path}: ${name}`),
    ]),
  )
  t.deepEqual(named, [])
})

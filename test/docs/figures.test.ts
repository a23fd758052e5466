import test from 'ava'
import { page } from '../support/documented-table.ts'
import { notPromised, promised } from './figures.ts'

/** The text of a page with one line for each paragraph, without code; of the API's description, what its readers see. */
const proseOf = (path: string): string =>
  (path.endsWith('.json') ? descriptionsIn(JSON.parse(page(path))).join('\n\n') : page(path))
    .replaceAll(/```[\s\S]*?```/g, '')
    .replaceAll(/`[^`\n]*`/g, '')
    .replaceAll(/\n(?=[^\n|#>-])/g, ' ')
    .replaceAll(/ +/g, ' ')

const descriptionsIn = (value: unknown): string[] =>
  Object.entries(value ?? {}).flatMap(([name, member]) => {
    if (typeof member === 'object') return descriptionsIn(member)
    return name === 'description' || name === 'summary' ? [String(member)] : []
  })

const units =
  '(?:µs|ms|s|min|h|KiB|MiB|GiB|KB|MB|GB|seconds?|minutes?|hours?|days?|weeks?|months?|years?|bytes|characters|attempts|times|rows|messages|items|partitions|subscriptions|requests|events)'
const spelt = 'two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty'
const figure = new RegExp(
  String.raw`(?:\b\d[\d,.]*(?: ?– ?\d[\d,.]*)?|\b(?:${spelt})) ${units}\b(?!/)|\b(?:a|an|one) (?:second|minute|hour|day|week|month|year)\b`,
  'giu',
)

for (const [path, sentences] of Object.entries(promised)) {
  test(`${path} has each figure that the code decides as the code has it`, t => {
    const prose = proseOf(path)
    t.deepEqual(
      sentences.filter(sentence => !prose.includes(sentence)),
      [],
      'change the page, or the sentence in figures.ts if its words changed',
    )
  })

  // Source files also hold figures that no user reads.
  if (path.endsWith('.ts')) continue

  test(`${path} has no figure that is neither compared with the code nor known to promise nothing`, t => {
    const others = [...sentences, ...(notPromised[path] ?? [])]
    const rest = others.reduce<string>((text, known) => text.replaceAll(asGlobal(known), ' … '), proseOf(path))
    const unknown = [...rest.matchAll(figure)].map(({ 0: found, index }) =>
      rest.slice(Math.max(0, index - 60), index + found.length + 30),
    )
    t.deepEqual(unknown, [], 'add the sentence to figures.ts')
  })
}

test('what is known to promise nothing stands in its page', t => {
  for (const [path, others] of Object.entries(notPromised))
    for (const known of others) t.regex(proseOf(path), asRegExp(known), `${path}: remove it from figures.ts`)
})

const asRegExp = (known: string | RegExp): RegExp =>
  known instanceof RegExp ? known : new RegExp(known.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
const asGlobal = (known: string | RegExp): RegExp => new RegExp(asRegExp(known), 'g')

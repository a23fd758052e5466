/** A metric in a PromQL expression, with the labels of its matchers. */
export interface Selector {
  readonly metric: string
  readonly labels: readonly string[]
}

export interface Names {
  readonly selectors: readonly Selector[]
  /** Labels that the expression groups by. */
  readonly grouped: readonly string[]
}

const words: ReadonlySet<string> = new Set(
  (
    'sum min max avg count topk rate increase histogram_quantile avg_over_time vector absent and or unless by without on ignoring ' +
    'group_left group_right bool offset inf nan'
  ).split(' '),
)

/** Strings and windows hold no names, and a variable of Grafana stands for a value. */
const withoutTexts = (expr: string): string => expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(/\[[^\]]*\]/g, '')

const labelsIn = (text: string): string[] => text.match(/[A-Za-z_]\w*/g) ?? []

export const namesIn = (expr: string): Names => {
  const grouped: string[] = []
  const bare = withoutTexts(expr).replaceAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g, (_, inner: string) => {
    grouped.push(...labelsIn(inner))
    return ' '
  })
  const selectors = [...bare.matchAll(/([A-Za-z_:][\w:]*)\s*(?:\{([^}]*)\})?/g)]
    .map(([, metric = '', inner = '']) => ({ metric, labels: labelsIn(inner) }))
    .filter(({ metric }) => !words.has(metric))
  return { selectors, grouped }
}

/** The labels that a legend or a link of Grafana names. */
export const labelsShown = (text: string): string[] => [
  ...[...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name = '']) => name),
  ...[...text.matchAll(/\$\{__field\.labels\.(\w+)\}/g)].map(([, name = '']) => name),
]

/** The labels of each exposed metric, by its name. */
export const exposedIn = (text: string): Map<string, Set<string>> => {
  const exposed = new Map<string, Set<string>>()
  for (const line of text.split('\n')) {
    const [, name, inner = ''] = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? []
    if (name === undefined) continue
    const labels = exposed.get(name) ?? new Set<string>()
    for (const [, key = ''] of inner.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) labels.add(key)
    exposed.set(name, labels)
  }
  return exposed
}

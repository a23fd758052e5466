import type { CpuProfile } from './inspector.ts'

const width = 1_600
const rowHeight = 17
/** Narrower frames would be unreadable. */
const leastWidth = 1.5

interface Frame {
  readonly name: string
  readonly kind: string
  timeUs: number
  readonly calls: Map<string, Frame>
}

/** Draws a profile as an SVG with callers above. A frame's width is the time of the function and its callees; idle time is left out. */
export const flameGraph = (profile: CpuProfile): string => {
  const root = treeOf(profile)
  const boxes: string[] = []
  let depth = 0
  const draw = (frame: Frame, x: number, level: number) => {
    const wide = (frame.timeUs / root.timeUs) * width
    if (wide < leastWidth) return
    depth = Math.max(depth, level)
    boxes.push(box(frame, { x, level, wide, share: frame.timeUs / root.timeUs }))
    let at = x
    for (const inner of [...frame.calls.values()].toSorted((a, b) => b.timeUs - a.timeUs)) {
      draw(inner, at, level + 1)
      at += (inner.timeUs / root.timeUs) * width
    }
  }
  draw(root, 0, 0)
  const height = (depth + 1) * rowHeight
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11"><style>.own{fill:#f6a04d}.package{fill:#8fb8de}.node{fill:#b9d7a8}.v8{fill:#d9d2c5}</style>\n${boxes.join('\n')}\n</svg>\n`
}

const treeOf = ({ nodes, samples, timeDeltas }: CpuProfile): Frame => {
  const byId = new Map(nodes.map(node => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map(child => [child, id] as const)))
  const root: Frame = { name: 'all', kind: 'v8', timeUs: 0, calls: new Map() }
  samples.forEach((id, n) => {
    const stack = []
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const node = byId.get(at)
      if (node !== undefined) stack.unshift(node.callFrame)
    }
    if (stack.at(-1)?.functionName === '(idle)') return
    const timeUs = timeDeltas[n] ?? 0
    root.timeUs += timeUs
    let frame = root
    for (const { functionName, url } of stack.slice(1)) {
      const name = functionName === '' ? '(anonymous)' : functionName
      const key = `${name} ${url}`
      const inner: Frame = frame.calls.get(key) ?? { name, kind: kindOf(url), timeUs: 0, calls: new Map() }
      inner.timeUs += timeUs
      frame.calls.set(key, inner)
      frame = inner
    }
  })
  return root
}

const kindOf = (url: string): string => {
  if (url.includes('/node_modules/')) return 'package'
  if (url.startsWith('node:')) return 'node'
  return url === '' ? 'v8' : 'own'
}

const box = (
  { name, kind }: Frame,
  { x, level, wide, share }: { x: number; level: number; wide: number; share: number },
): string => {
  const place = `x="${x.toFixed(1)}" y="${level * rowHeight}" width="${wide.toFixed(1)}" height="${rowHeight - 1}"`
  const letters = Math.floor((wide - 4) / 6)
  const text = letters < 3 ? '' : name.length > letters ? `${name.slice(0, letters - 1)}…` : name
  const label =
    text === '' ? '' : `<text x="${(x + 3).toFixed(1)}" y="${level * rowHeight + 12}">${escaped(text)}</text>`
  return `<g><title>${escaped(name)}: ${(share * 100).toFixed(1)} %</title><rect class="${kind}" ${place}/>${label}</g>`
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** What happened in a run, one line for each step that a person would want to read. */
export interface Trace {
  /** Adds a line: who, and what happened, in a few words. */
  note(who: string, what: string): void
  lines(): readonly string[]
  /** A number that differs when any line differs. */
  digest(): string
}

export const createTrace = (now: () => number, start: number): Trace => {
  const lines: string[] = []
  let hash = 0x811c9dc5
  return {
    note: (who, what) => {
      const line = `${((now() - start) / 1_000).toFixed(3).padStart(9)}  ${who.padEnd(10)} ${what}`
      for (let at = 0; at < line.length; at += 1) hash = Math.imul(hash ^ line.charCodeAt(at), 0x01000193)
      lines.push(line)
    },
    lines: () => lines,
    digest: () => `${(hash >>> 0).toString(16).padStart(8, '0')}-${lines.length}`,
  }
}

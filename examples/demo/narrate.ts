import { styleText } from 'node:util'

let startedAt = performance.now()

export const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Starts a chapter, whose steps show the time since its start. */
export const chapter = (title: string): void => {
  say(`\n${styleText('bold', title)}`)
  startedAt = performance.now()
}

/** One step of a chapter: who does what. */
export const step = (who: string, what: string): void => {
  const tookMs = (performance.now() - startedAt).toFixed(0).padStart(6)
  say(`  ${styleText('dim', `${tookMs} ms`)}  ${styleText('bold', who.padEnd(12))} ${what}`)
}

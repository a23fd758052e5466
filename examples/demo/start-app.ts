import { fork } from 'node:child_process'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { step } from './narrate.ts'

/** What the app reports to the demo. */
export interface Report {
  readonly type: 'subscribed' | 'arrived' | 'notified' | 'rejected'
  readonly subscriptionId?: string
  readonly eventId?: string
  readonly attempt?: string
  readonly down?: boolean
  readonly text?: string
  readonly reason?: string
}

const waitLimitMs = 60_000

/** Starts the customer's app as a process. `until` resolves to the app's next report of a type. */
export const startApp = (environment: Record<string, string>) => {
  const child = fork(join(import.meta.dirname, 'receiver.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
  })
  const waiting: { type: Report['type']; resolve: (report: Report) => void }[] = []
  child.on('message', message => {
    const report = message as Report
    narrate(report)
    for (const { resolve } of waiting.filter(({ type }) => type === report.type)) resolve(report)
  })
  const until = (type: Report['type']): Promise<Report> =>
    new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`the app did not report "${type}" in time`)), waitLimitMs)
      waiting.push({ type, resolve: report => (clearTimeout(limit), resolve(report)) })
    })
  return { child, until }
}

const narrate = ({ type, down = false, attempt, reason }: Report): void => {
  if (type === 'arrived')
    step('app', down ? `is down and answers 503 to attempt ${attempt}` : `receives attempt ${attempt}`)
  if (type === 'rejected') step('app', styleText('red', `rejects the request: ${reason}`))
}

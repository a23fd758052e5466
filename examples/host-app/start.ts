import { styleText } from 'node:util'
import { startHostApp } from './host-app.ts'
import { Explained, readSettings } from './settings.ts'

/** `npm run doorbell -- host-app` starts a customer's app and a front desk, which use a running Doorbell. */
const say = (text: string): void => void process.stderr.write(`${text}\n`)
const styled = (style: 'bold' | 'yellow' | 'red', text: string) => styleText(style, text, { stream: process.stderr })

const main = async (): Promise<void> => {
  const settings = await readSettings(process.env)
  const app = await startHostApp(settings, text => say(styled('yellow', text)))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void app.stop().then(() => process.exit(0)))
  const lines = [
    ['app', `${app.url}/`],
    ['front desk', `${app.url}/front-desk`],
    ['Doorbell', `${settings.doorbellUrl} (tenant ${app.registration.tenant}, ${app.registration.subscriptionId})`],
    ['test', `a signed test event arrived and was verified in ${app.testTookMs} ms`],
  ] as const
  for (const [name, value] of lines) say(`${styled('bold', name.padEnd(16))}${value}`)
}

main().catch((error: unknown) => {
  const text = error instanceof Explained ? error.message : String(error instanceof Error ? error.stack : error)
  say(styled('red', text))
  process.exit(1)
})

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { ExecutionContext } from 'ava'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** The Chromium of this machine: CHROMIUM_PATH, or one on PATH; null where there is none. */
export const findChromium = (): string | null => {
  const named = process.env['CHROMIUM_PATH']
  if (named !== undefined) return named
  for (const name of names) {
    try {
      const path = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
      if (existsSync(path)) return path
    } catch {
      // The next name.
    }
  }
  return null
}

/** A headless browser of a test's own, which talks to this machine only. */
export const startBrowser = async (t: ExecutionContext): Promise<Browser> => {
  const browser = await chromium.launch({
    executablePath: findChromium() ?? '',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  })
  t.teardown(() => browser.close())
  return browser
}

import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const places = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The path of this machine’s Chromium; null if there is none, and then tests of the page are skipped. */
export const chromiumPath: string | null = places.find(path => path !== undefined && existsSync(path)) ?? null

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath ?? '', headless: true, args: flags })

export interface Opening {
  /** The address of the service. */
  readonly url: string
  /** The part of the address after `#`. */
  readonly at?: string
  /** The token to be signed in with; without one the sign-in is shown. */
  readonly token?: string
  /** The chosen tenant, for the operator’s token. */
  readonly tenant?: string
  readonly scheme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

export interface OpenPage {
  readonly page: Page
  /** Uncaught errors of the page, and what its Content-Security-Policy blocked. A test expects none at its end. */
  readonly faults: readonly string[]
}

/** Opens the page in a browser context of its own. The caller closes the browser. */
export const openPage = async (
  browser: Browser,
  { url, at = '/', token, tenant, scheme = 'light', width = 1280, height = 860 }: Opening,
): Promise<OpenPage> => {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: 'reduce',
  })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  if (token !== undefined)
    await context.addInitScript(
      `sessionStorage.setItem('doorbell.token', ${JSON.stringify(token)});` +
        (tenant === undefined ? '' : `sessionStorage.setItem('doorbell.tenant', ${JSON.stringify(tenant)});`),
    )
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', error => faults.push(error.stack ?? error.message))
  page.on('console', message => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text())
  })
  await page.goto(`${url}/#${at}`)
  return { page, faults }
}

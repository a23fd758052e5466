/** `npm run generate -- screenshots` takes pictures of the page’s main views, with invented data, and writes them to docs/images/. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { chromiumPath, launchBrowser, type Opening, openPage } from './chromium.ts'
import { type Invented, startInvented } from './invented.ts'

const folder = join(import.meta.dirname, '../../docs/images')
/** A reader of the README loads all pictures. */
const limitBytes = 150 * 1_024

interface Shot {
  readonly name: string
  readonly at: (invented: Invented) => string
  readonly opening?: Partial<Opening>
  /** Resolves when the view is loaded. */
  readonly ready: (page: Page, invented: Invented) => Promise<unknown>
}

const hasDrawn = (page: Page) => page.locator('.plot canvas').nth(1).waitFor()

const shots: readonly Shot[] = [
  {
    name: 'portal-subscriptions',
    at: () => '/subscriptions',
    ready: page => page.getByText('Circuit open').waitFor(),
  },
  {
    name: 'portal-subscription',
    at: ({ subscriptions }) => `/subscriptions/${subscriptions.badges}`,
    opening: { width: 1_200, height: 800 },
    ready: hasDrawn,
  },
  {
    name: 'portal-subscription-dark',
    at: ({ subscriptions }) => `/subscriptions/${subscriptions.access}`,
    opening: { scheme: 'dark', width: 1_200, height: 800 },
    ready: async page => {
      await hasDrawn(page)
      await page.getByRole('button', { name: 'Send test event' }).click()
      await page.getByText('Your endpoint accepted the event').waitFor()
      await page.evaluate('scrollTo(0, 0)')
    },
  },
  {
    name: 'portal-retries',
    at: ({ subscriptions }) => `/subscriptions/${subscriptions.access}/edit`,
    ready: async page => {
      await page.getByRole('heading', { name: 'Retries' }).click()
      await page.getByText('In clock times').click()
      await page.getByText('Growing delay').click()
      await page.getByText('up to 8 attempts').waitFor()
      await page.locator('.timeline figcaption').getByText('8 attempts', { exact: true }).waitFor()
      await page.locator('.timeline').evaluate(`node => node.scrollIntoView({ block: 'center' })`)
    },
  },
  {
    name: 'portal-deliveries',
    at: () => '/deliveries',
    ready: page => page.getByText('visit-2').first().waitFor(),
  },
  {
    name: 'portal-delivery',
    at: ({ subscriptions }) => `/deliveries?subscriptionId=${subscriptions.badges}&status=pending`,
    ready: async page => {
      await page.getByRole('link', { name: 'visit.checked_in' }).first().click()
      await page.getByText('503').first().waitFor()
      await page.getByRole('heading', { name: 'Attempts' }).waitFor()
    },
  },
  {
    name: 'portal-event-dark',
    at: () => '/deliveries',
    opening: { scheme: 'dark', width: 1_200, height: 800 },
    ready: async page => {
      await page.getByText('visit-2').first().waitFor()
      await page.getByRole('listitem').filter({ hasText: 'Badge printer' }).first().getByRole('link').click()
      await page.locator('.facts').getByRole('link', { name: /^evt_/ }).click()
      await page.getByText('The subscription lists visit.created').waitFor()
    },
  },
  {
    name: 'portal-audit',
    at: () => '/audit',
    opening: { width: 1_200, height: 800 },
    ready: page => page.getByText('paused a subscription').last().waitFor(),
  },
  {
    name: 'portal-phone',
    at: () => '/subscriptions',
    opening: { width: 390, height: 780 },
    ready: page => page.getByText('Circuit open').waitFor(),
  },
]

/** Shows the endpoints at an address such as a customer’s. */
const disguise = (page: Page, { receiverUrl }: Invented) =>
  page.route('**/v1/**', async route => {
    if (route.request().url().includes('/live')) return route.continue()
    const response = await route.fetch()
    const text = await response.text()
    return route.fulfill({ response, body: text.replaceAll(receiverUrl, 'https://hooks.acme.example') })
  })

const take = async (invented: Invented): Promise<void> => {
  const browser = await launchBrowser()
  try {
    for (const { name, at, opening, ready } of shots) {
      const { url, token, tenant } = invented
      const { page } = await openPage(browser, { url, token, tenant, at: '/tokens', ...opening })
      await page.getByRole('heading', { name: 'Tokens' }).waitFor()
      await disguise(page, invented)
      await page.goto(`${url}/#${at(invented)}`)
      await ready(page, invented)
      await page.evaluate('document.fonts.ready')
      await page.evaluate('document.activeElement?.blur()')
      const path = join(folder, `${name}.png`)
      await page.screenshot({ path, animations: 'disabled' })
      const { size } = await stat(path)
      process.stdout.write(`${name}.png  ${Math.round(size / 1_024)} KiB\n`)
      if (size > limitBytes) throw new Error(`${name}.png is larger than ${limitBytes / 1_024} KiB`)
      await page.context().close()
    }
  } finally {
    await browser.close()
  }
}

if (chromiumPath === null) throw new Error('No Chromium found. Install it, or set CHROMIUM_PATH to its path.')
const invented = await startInvented()
try {
  await take(invented)
} finally {
  await invented.stop()
}

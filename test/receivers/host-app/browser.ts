import test, { type ExecutionContext } from 'ava'
import type { Locator, Page } from 'playwright-core'
import type { HostApp } from '../../../examples/host-app/host-app.ts'
import { chromiumPath, launchBrowser } from '../../portal/browser.ts'

/** A test that needs a browser. */
export const inBrowser = chromiumPath === null ? test.skip : test.serial

export const phone = { viewport: { width: 390, height: 844 } }
const tablet = { viewport: { width: 1180, height: 820 } }

/** Opens the pages of one app in a browser. `problems` collects the errors of the pages, including violations of their security policy. */
export const browse = async (t: ExecutionContext, { url }: HostApp) => {
  const browser = await launchBrowser()
  t.teardown(() => browser.close())
  const problems: string[] = []
  const open = async (path: string, options: object, permissions: string[] = []): Promise<Page> => {
    const context = await browser.newContext(options)
    await context.grantPermissions(permissions, { origin: url })
    const page = await context.newPage()
    page.on('pageerror', error => problems.push(`${path}: ${error.message}`))
    page.on('console', message => {
      // The browser logs a refused request as an error.
      if (message.type() === 'error' && !/status of 4/.test(message.text())) problems.push(`${path}: ${message.text()}`)
    })
    await page.goto(url + path)
    return page
  }
  return {
    problems,
    openApp: () => open('/', phone),
    openFrontDesk: () => open('/front-desk', tablet),
    /** Logs a host in on a phone. */
    logIn: async (name: string, permissions?: string[]): Promise<Page> => {
      const page = await open('/', phone, permissions)
      const live = page.waitForResponse(answer => answer.url().includes('/api/live'))
      await page.getByRole('button', { name }).click()
      await live
      return page
    },
  }
}

/** Invites a contact for the suggested time. */
export const invite = async (page: Page, name: string) => {
  await page.getByRole('button', { name: 'Contacts' }).click()
  await page.getByRole('button', { name: `Invite ${name}` }).click()
  await page.getByRole('button', { name: 'Send invitation' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

export const toasts = (page: Page): Locator => page.locator('.toast')
export const card = (page: Page, name: string): Locator => page.locator('.view.visits .card').filter({ hasText: name })

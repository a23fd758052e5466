import axe from 'axe-core'
import test, { type ExecutionContext } from 'ava'
import type { Page } from 'playwright-core'
import { chromiumPath, launchBrowser, type Opening, type OpenPage, openPage } from './chromium.ts'

export { chromiumPath, launchBrowser, openPage } from './chromium.ts'

/** A test that needs a browser; one after the other, since each has a Chromium of its own. */
export const inBrowser = chromiumPath === null ? test.skip : test.serial

/** The page for one test, closed with it; the test fails when the page did something wrong. */
export const openFor = async (t: ExecutionContext, opening: Opening): Promise<OpenPage> => {
  const browser = await launchBrowser()
  t.teardown(() => browser.close())
  return openPage(browser, opening)
}

/** axe-core’s violations of what is shown, each with where it is. */
export const violationsOf = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe.source)
  return page.evaluate<string[]>(`axe.run(document).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) => nodes.map(node => [id, help, node.html, node.failureSummary].join(' · '))))`)
}

import axe from 'axe-core'
import test, { type ExecutionContext } from 'ava'
import type { Page } from 'playwright-core'
import { chromiumPath, launchBrowser, type Opening, type OpenPage, openPage } from './chromium.ts'

export { chromiumPath, launchBrowser, openPage } from './chromium.ts'

/** A test that needs a browser. They run one after another, because each starts its own Chromium. */
export const inBrowser = chromiumPath === null ? test.skip : test.serial

/** Opens the page for one test, which closes it at its end. */
export const openFor = async (t: ExecutionContext, opening: Opening): Promise<OpenPage> => {
  const browser = await launchBrowser()
  t.teardown(() => browser.close())
  return openPage(browser, opening)
}

/** axe-core’s violations in the current state of the page, each with its element: of these rules, or else of all. */
export const violationsOf = async (page: Page, rules?: readonly string[]): Promise<readonly string[]> => {
  await page.evaluate(axe.source)
  const options = JSON.stringify(rules === undefined ? {} : { runOnly: rules })
  return page.evaluate<string[]>(`axe.run(document, ${options}).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) => nodes.map(node => [id, help, node.html, node.failureSummary].join(' · '))))`)
}

import test from 'ava'
import type { VNode } from 'preact'
import { html } from './html.ts'

/** Called by hand, since a formatter would move the line breaks. */
const childrenOf = (strings: readonly string[], ...values: unknown[]): unknown => {
  const node: VNode = html(strings as unknown as TemplateStringsArray, ...values)
  return (node.props as { children?: unknown }).children
}

test('a line break beside text is a space, between elements it is nothing', t => {
  t.deepEqual(childrenOf(['<p>\n  of\n  ', '\n  today</p>'], 'Ada'), [' of ', 'Ada', ' today'])
  t.is((childrenOf(['<ul>\n  <li>one</li>\n  <li>two</li>\n</ul>']) as unknown[]).length, 2)
})

test('a component’s only child stays a function across line breaks', t => {
  const child = childrenOf(
    ['<', '>\n  ', '\n<//>'],
    () => null,
    (given: string) => given,
  )
  t.is(typeof child, 'function')
})

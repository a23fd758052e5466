import test from 'ava'
import type { VNode } from 'preact'
import { html } from './html.ts'

/** Calls the tag by hand: the formatter would move the line breaks of a template. */
const childrenOf = (strings: readonly string[], ...values: unknown[]): unknown => {
  const node: VNode = html(strings as unknown as TemplateStringsArray, ...values)
  return (node.props as { children?: unknown }).children
}

test('a line break next to text counts as a space, and between elements as nothing', t => {
  t.deepEqual(childrenOf(['<p>\n  of\n  ', '\n  today</p>'], 'Ada'), [' of ', 'Ada', ' today'])
  t.is((childrenOf(['<ul>\n  <li>one</li>\n  <li>two</li>\n</ul>']) as unknown[]).length, 2)
})

test('the only child of a component stays a function across line breaks', t => {
  const child = childrenOf(
    ['<', '>\n  ', '\n<//>'],
    () => null,
    (given: string) => given,
  )
  t.is(typeof child, 'function')
})

import type { Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Notice } from '../../parts/notice.ts'

type Warning = Required<Subscription>['warnings'][number]

/** A warning as a sentence: `The url is the url of sub_… too, …`. */
export const sentenceOf = ({ pointer, detail }: Warning): string =>
  `The ${pointer.slice(1).replace('headers/', 'header ')} ${detail}.`

/** What was saved and is most likely not meant. */
export const Warnings = ({ of: { warnings = [] } }: { of: Subscription }) =>
  warnings.map(
    warning =>
      html`<${Notice} tone="warn" title="Please check" key=${warning.pointer}><p>${sentenceOf(warning)}</p><//>`,
  )

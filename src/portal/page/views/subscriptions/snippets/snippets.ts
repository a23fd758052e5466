import { html } from '../../../html.ts'
import { CodeBlock } from '../../../parts/code-block.ts'
import { Tabs } from '../../../parts/tabs.ts'
import { snippetsFor } from './verification-snippets.ts'

/** Who signs: what receivers compare `iss` with, and where the key set is. */
export const issuer = (): string =>
  document.querySelector<HTMLMetaElement>('meta[name="doorbell-issuer"]')?.content ?? location.origin

/** How an endpoint verifies, with this subscription filled in. */
export const Snippets = ({ subscriptionId }: { subscriptionId: string }) =>
  html`<${Tabs}
    label="Language"
    tabs=${Object.values(snippetsFor(issuer(), subscriptionId)).map(({ label, before, code }) => ({
      label,
      content: html`<div class="snippet">
        <p class="hint">${before}</p>
        <${CodeBlock} code=${code} what=${`the ${label} snippet`} />
      </div>`,
    }))}
  />`

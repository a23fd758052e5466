import { html } from '../../../html.ts'
import { CodeBlock } from '../../../parts/code-block.ts'
import { Tabs } from '../../../parts/tabs.ts'
import { snippetsFor } from './verification-snippets.ts'

/** Doorbell’s issuer: receivers compare `iss` with it, and find the key set below it. */
const issuer = (): string =>
  document.querySelector<HTMLMetaElement>('meta[name="doorbell-issuer"]')?.content ?? location.origin

/** Code that verifies the webhooks of a subscription, in five languages. */
export const Snippets = ({ subscriptionId }: { subscriptionId: string }) =>
  html`<${Tabs}
    label="Language"
    tabs=${Object.values(snippetsFor(issuer(), subscriptionId)).map(({ label, install, code }) => ({
      label,
      content: html`<div class="snippet">
        <p class="hint">${install}</p>
        <${CodeBlock} code=${code} what=${`the ${label} snippet`} />
      </div>`,
    }))}
  />`

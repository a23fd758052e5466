import { useState } from 'preact/hooks'
import { ofTenant } from '../../api/client.ts'
import type { Token } from '../../api/shapes.ts'
import { usePages } from '../../hooks/use-pages.ts'
import { html } from '../../html.ts'
import { EmptyState } from '../../parts/empty-state.ts'
import { Icon } from '../../parts/icon.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { Paged } from '../../parts/paged.ts'
import { type Column, Table } from '../../parts/table.ts'
import { TokenCreation } from './token-creation.ts'
import { TokenRevocation } from './token-revocation.ts'
import { TokenRow } from './token-row.ts'

const columns: readonly Column[] = [
  { text: 'Token' },
  { text: 'State' },
  { text: 'Scopes' },
  { text: 'Last used' },
  { text: 'Expires' },
  { text: 'Actions', isHidden: true },
]

/** The tokens that may call the API for this tenant. */
export const TokenList = () => {
  const pages = usePages<Token>(ofTenant('/tokens'))
  const [isCreating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<Token | null>(null)
  const create = html`<button type="button" class="button primary" onClick=${() => setCreating(true)}>
    <${Icon} name="plus" />New token
  </button>`
  return html`<${PageFrame}
    title="Tokens"
    lead="Your systems call the API with tokens, and you sign in to this page with one. Doorbell shows a token only once, when it is created."
    actions=${pages.items !== null && pages.items.length > 0 && create}
  >
    <${Paged}
      of=${pages}
      empty=${html`<${EmptyState} title="No tokens yet" actions=${create}>
        Create a token for each system. Its scopes say what the system may do, and you can revoke it without affecting
        the others.
      <//>`}
    >
      ${(items: readonly Token[]) =>
        html`<${Table} label="Tokens" columns=${columns} className="tokens">
          ${items.map(token => html`<${TokenRow} key=${token.id} token=${token} onRevoke=${() => setRevoking(token)} />`)}
        <//>`}
    <//>
    ${isCreating && html`<${TokenCreation} onClose=${() => setCreating(false)} onCreated=${pages.reload} />`}
    ${revoking !== null && html`<${TokenRevocation} token=${revoking} onClose=${() => setRevoking(null)} onDone=${pages.reload} />`}
  <//>`
}

import { useState } from 'preact/hooks'
import { call, ofTenant } from '../../api/client.ts'
import { faultsOf } from '../../api/problem.ts'
import type { NewToken, Scope, Token } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Dialog } from '../../parts/dialog.ts'
import { EmptyState } from '../../parts/empty-state.ts'
import { Icon } from '../../parts/icon.ts'
import { TextInput } from '../../parts/inputs.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { Paged } from '../../parts/paged.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { toast } from '../../parts/toast.ts'
import { useAction } from '../../hooks/use-action.ts'
import { usePages } from '../../hooks/use-pages.ts'
import { When } from '../../parts/when.ts'
import { may, session } from '../../session/session-state.ts'
import { Secret } from '../../parts/secret.ts'

/** Who may call the API for this tenant. */
export const TokenList = () => {
  const pages = usePages<Token>(ofTenant('/tokens'))
  const [isMaking, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<Token | null>(null)
  const create = html`<button type="button" class="button primary" onClick=${() => setMaking(true)}>
    <${Icon} name="plus" />New token
  </button>`
  return html`<${PageFrame}
    title="Tokens"
    lead="What your systems, and you on this page, call the API with. A token is shown once, when it is made."
    actions=${pages.items !== null && pages.items.length > 0 && create}
  >
    <${Paged}
      of=${pages}
      empty=${html`<${EmptyState} title="No token yet" actions=${create}>
        Make one for each system: it may do what its scopes say, and can be revoked without a stop for the others.
      <//>`}
    >
      ${(items: readonly Token[]) => html`<${Table} items=${items} onRevoke=${setRevoking} />`}
    <//>
    ${isMaking && html`<${NewTokenDialog} onClose=${() => setMaking(false)} onMade=${pages.reload} />`}
    ${revoking !== null && html`<${Revocation} token=${revoking} onClose=${() => setRevoking(null)} onDone=${pages.reload} />`}
  <//>`
}

const Table = ({ items, onRevoke }: { items: readonly Token[]; onRevoke: (token: Token) => void }) =>
  html`<div class="table-wrap" tabindex="0" role="region" aria-label="Tokens">
    <table class="tokens">
      <thead>
        <tr>
          <th scope="col">Token</th>
          <th scope="col">State</th>
          <th scope="col">May</th>
          <th scope="col">Last used</th>
          <th scope="col">Expires</th>
          <th scope="col"><span class="visually-hidden">Actions</span></th>
        </tr>
      </thead>
      <tbody>
        ${items.map(token => html`<${Row} key=${token.id} token=${token} onRevoke=${onRevoke} />`)}
      </tbody>
    </table>
  </div>`

const Row = ({ token, onRevoke }: { token: Token; onRevoke: (token: Token) => void }) => {
  const { id, description, scopes, createdAt, createdBy, expiresAt, lastUsedAt, revokedAt } = token
  const isExpired = expiresAt !== null && Date.parse(expiresAt) <= Date.now()
  const isValid = revokedAt === null && !isExpired
  return html`<tr class=${isValid ? '' : 'over'}>
    <td>
      <span class="token-name">${description ?? 'Unnamed token'}</span>
      <span class="quiet small"
        >made <${When} at=${createdAt} />${createdBy === undefined ? '' : ` by ${createdBy}`}</span
      >
    </td>
    <td>
      ${
        revokedAt !== null
          ? html`<${StatusBadge} tone="quiet">Revoked<//>`
          : isExpired
            ? html`<${StatusBadge} tone="quiet">Expired<//>`
            : html`<${StatusBadge} tone="ok">Valid<//>`
      }
    </td>
    <td><span class="chips">${scopes.map(scope => html`<code class="chip" key=${scope}>${scope}</code>`)}</span></td>
    <td data-label="used">
      ${lastUsedAt === null ? html`<span class="quiet">never</span>` : html`<${When} at=${lastUsedAt} />`}
    </td>
    <td data-label="expires">
      ${expiresAt === null ? html`<span class="quiet">never</span>` : html`<${When} at=${expiresAt} />`}
    </td>
    <td class="number">
      ${
        isValid &&
        html`<button
          type="button"
          class="button small danger"
          aria-label=${`Revoke ${description ?? id}`}
          onClick=${() => onRevoke(token)}
        >
          Revoke
        </button>`
      }
    </td>
  </tr>`
}

const meanings: readonly (readonly [Scope, string])[] = [
  ['events:write', 'Tell of events: for the system at your front desk'],
  ['subscriptions:read', 'See subscriptions and the audit'],
  ['subscriptions:write', 'Create, change, pause, test and delete subscriptions'],
  ['deliveries:read', 'See deliveries and events'],
  ['deliveries:write', 'Send again, cancel, replay'],
  ['tokens:write', 'Make and revoke tokens'],
]

const dayMs = 24 * 3_600_000
const lives = [
  { label: 'in 90 days', days: 90 },
  { label: 'in 30 days', days: 30 },
  { label: 'in a year', days: 365 },
  { label: 'never', days: 0 },
]

/** No token may be given what its maker has not; the operator, and users of the portal, may let a system publish. */
const canGive = (scope: Scope): boolean => {
  const state = session.value
  return may(scope) || (scope === 'events:write' && state.phase === 'signed-in' && state.me.kind === 'user')
}

const NewTokenDialog = ({ onClose, onMade }: { onClose: () => void; onMade: () => void }) => {
  const [description, setDescription] = useState('')
  const [scopes, setScopes] = useState<readonly Scope[]>([])
  const [days, setDays] = useState(90)
  const [made, setMade] = useState<NewToken | null>(null)
  const [isMissing, setMissing] = useState(false)
  const making = useAction(async () => {
    const expiresAt = days === 0 ? undefined : new Date(Date.now() + days * dayMs).toISOString()
    const { body } = await call<NewToken>(ofTenant('/tokens'), {
      method: 'POST',
      body: {
        scopes,
        ...(description.trim() === '' ? {} : { description: description.trim() }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      },
    })
    setMade(body)
    onMade()
  })
  if (made !== null)
    return html`<${Dialog}
      key="made"
      title="Your token"
      stays
      isWide
      onClose=${onClose}
      actions=${html`<button type="button" class="button primary" onClick=${onClose}>I have kept it</button>`}
    >
      <${Secret} value=${made.token} what="the token">It is shown this once: Doorbell keeps its hash alone.<//>
    <//>`
  const faults = faultsOf(making.problem)
  const submit = () => {
    setMissing(scopes.length === 0)
    if (scopes.length > 0) void making.run()
  }
  return html`<${Dialog}
    key="ask"
    title="New token"
    onClose=${onClose}
    onSubmit=${submit}
    actions=${html`
      <button type="button" class="button ghost" onClick=${onClose}>Cancel</button>
      <button type="submit" class="button primary" disabled=${making.isBusy}>Make token</button>
    `}
  >
    <${TextInput}
      label="What it is for"
      isOptional
      value=${description}
      error=${faults.get('/description')}
      placeholder="e.g. front desk, publishes"
      onChange=${setDescription}
    />
    <fieldset class="scopes">
      <legend>It may</legend>
      ${isMissing && scopes.length === 0 && html`<p class="error" role="alert">Choose at least one.</p>`}
      ${meanings
        .filter(([scope]) => canGive(scope))
        .map(
          ([scope, meaning]) =>
            html`<label class="toggle" key=${scope}>
              <input
                type="checkbox"
                checked=${scopes.includes(scope)}
                onChange=${(event: Event) =>
                  setScopes(
                    (event.target as HTMLInputElement).checked
                      ? [...scopes, scope]
                      : scopes.filter(one => one !== scope),
                  )}
              />
              <span><code>${scope}</code><span class="hint">${meaning}</span></span>
            </label>`,
        )}
    </fieldset>
    <div class="field">
      <label for="token-life">It expires</label>
      <select
        id="token-life"
        value=${String(days)}
        onChange=${(event: Event) => setDays(Number((event.target as HTMLSelectElement).value))}
      >
        ${lives.map(life => html`<option key=${life.days} value=${String(life.days)}>${life.label}</option>`)}
      </select>
    </div>
    ${making.problem !== null && html`<${ProblemNotice} problem=${making.problem} />`}
  <//>`
}

const Revocation = ({ token, onClose, onDone }: { token: Token; onClose: () => void; onDone: () => void }) => {
  const revoking = useAction(async () => {
    await call(ofTenant(`/tokens/${token.id}`), { method: 'DELETE' })
    toast('Revoked.')
    onClose()
    onDone()
  })
  const state = session.value
  const isOwn = state.phase === 'signed-in' && state.me.id === token.id
  return html`<${Dialog}
    title="Revoke this token?"
    onClose=${onClose}
    onSubmit=${() => revoking.run()}
    actions=${html`
      <button type="button" class="button ghost" onClick=${onClose}>Keep it</button>
      <button type="submit" class="button primary danger" disabled=${revoking.isBusy}>Revoke</button>
    `}
  >
    <p>Whatever calls with <b>${token.description ?? token.id}</b> is refused within seconds. This cannot be undone.</p>
    ${isOwn && html`<p class="error">You are signed in with this very token: you will be signed out.</p>`}
    ${revoking.problem !== null && html`<${ProblemNotice} problem=${revoking.problem} />`}
  <//>`
}

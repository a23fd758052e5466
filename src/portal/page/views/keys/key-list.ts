import { get } from '../../api/client.ts'
import type { SigningKey } from '../../api/shapes.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { now } from '../../parts/clock.ts'
import { CopyButton } from '../../parts/copy-button.ts'
import { Copyable } from '../../parts/copyable.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { When } from '../../parts/when.ts'
import { may } from '../../session/session-state.ts'
import { KeyRotation } from './key-rotation.ts'

/** The public part of a key. Only the operator also sees how it is used. */
type ShownKey = Pick<SigningKey, 'kid' | 'alg'> & Partial<SigningKey>

const refreshMs = 30_000
const keySetPath = '/.well-known/jwks.json'
const uses = ['current', 'next', 'retired']

/** The keys that sign every request, and how receivers use them. */
export const KeyList = () => {
  const isOperator = may('operator')
  const load = useLoad<readonly ShownKey[]>(
    async signal => {
      if (!isOperator) return (await get<{ keys: readonly ShownKey[] }>(keySetPath, { signal })).keys
      return (await get<{ items: readonly SigningKey[] }>('/v1/keys', { signal })).items
    },
    [],
    { refreshMs },
  )
  const keys = (load.data ?? []).toSorted((one, other) => uses.indexOf(one.use ?? '') - uses.indexOf(other.use ?? ''))
  const next = keys.find(({ use }) => use === 'next')
  return html`<${PageFrame}
    title="Keys"
    lead="Doorbell signs every request. Receivers fetch the public keys below by themselves, and verify the signature with them."
    actions=${isOperator && load.data !== null && html`<${KeyRotation} usableAt=${next?.usableAt} onDone=${load.put} />`}
  >
    <${Card} title="Key set">
      <div class="key-set">
        <a href=${keySetPath} target="_blank" rel="noopener"><code>${location.origin}${keySetPath}</code></a>
        <${CopyButton} text=${`${location.origin}${keySetPath}`} what="the address of the key set" label="Copy" />
      </div>
      <ol class="receiver-steps">
        <li>
          Read <code>kid</code> from the protected header of <code>webhook-jws</code>, and find the key with this id in
          the set.
        </li>
        <li>Keep the set for up to ten minutes. Fetch it again at once if it does not contain a <code>kid</code>.</li>
        <li>
          Verify the signature over the body. Check that <code>iss</code> is Doorbell, that <code>aud</code> is the id
          of your subscription, and that <code>iat</code> is at most a few minutes old.
        </li>
      </ol>
      <p class="hint">The page of each subscription has code for this in five languages.</p>
    <//>
    <${Card} title="Keys" isBare>
      <${Loaded} of=${load}>
        ${() =>
          html`<ul class="rows" aria-label="Signing keys">
            ${keys.map(key => html`<${KeyRow} key=${key.kid} signing=${key} />`)}
          </ul>`}
      <//>
    <//>
  <//>`
}

const badges: Readonly<Record<string, readonly [string, string]>> = {
  current: ['ok', 'Current'],
  next: ['busy', 'Next'],
  retired: ['quiet', 'Retired'],
}

const KeyRow = ({ signing }: { signing: ShownKey }) => {
  const { kid, alg, use } = signing
  const [tone, word] = badges[use ?? ''] ?? ['quiet', 'Published']
  return html`<li class="row badged key">
    <${StatusBadge} tone=${tone}>${word}<//>
    <div>
      <${Copyable} text=${kid} what="the key id" />
      <p>${alg}<${Age} signing=${signing} /></p>
    </div>
  </li>`
}

/** The times that matter for the key’s use. */
const Age = ({ signing: { use, createdAt = '', usableAt = '', currentSince, retiredAt } }: { signing: ShownKey }) => {
  if (use === 'current' && currentSince) return html` · signing since <${When} at=${currentSince} />`
  if (use === 'next')
    return html` · published <${When} at=${createdAt} /> ·
      ${Date.parse(usableAt) > now.value ? html`ready to sign <${When} at=${usableAt} />, when every receiver knows it` : 'ready to sign: every receiver knows it'}`
  if (use === 'retired' && retiredAt)
    return html` · signed until <${When} at=${retiredAt} /> · stays published for a week, for receivers that are working
      through a backlog`
  return null
}

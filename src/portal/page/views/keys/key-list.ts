import { useState } from 'preact/hooks'
import { call, get } from '../../api/client.ts'
import type { SigningKey } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { now } from '../../parts/clock.ts'
import { CopyButton } from '../../parts/copy-button.ts'
import { Dialog } from '../../parts/dialog.ts'
import { Icon } from '../../parts/icon.ts'
import { Toggle } from '../../parts/inputs.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { StatusBadge } from '../../parts/status-badge.ts'
import { toast } from '../../parts/toast.ts'
import { useAction } from '../../hooks/use-action.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { When } from '../../parts/when.ts'
import { may } from '../../session/session-state.ts'

/** What is public of a key; the operator sees its use too. */
type Shown = Pick<SigningKey, 'kid' | 'alg'> & Partial<SigningKey>

const refreshMs = 30_000
const keySetPath = '/.well-known/jwks.json'
const uses = ['current', 'next', 'retired']

/** The keys that sign every request, and what a receiver does with them. */
export const KeyList = () => {
  const isOperator = may('operator')
  const load = useLoad<readonly Shown[]>(
    async signal => {
      if (!isOperator) return (await get<{ keys: readonly Shown[] }>(keySetPath, { signal })).keys
      return (await get<{ items: readonly SigningKey[] }>('/v1/keys', { signal })).items
    },
    [],
    { refreshMs },
  )
  const keys = (load.data ?? []).toSorted((one, other) => uses.indexOf(one.use ?? '') - uses.indexOf(other.use ?? ''))
  return html`<${PageFrame}
    title="Keys"
    lead="Every request is signed. Receivers check it with the public keys below, which they fetch by themselves."
    actions=${isOperator && load.data !== null && html`<${Rotation} keys=${keys} onDone=${load.put} />`}
  >
    <section class="card">
      <h2>Key set</h2>
      <div class="card-body">
        <div class="key-set">
          <a href=${keySetPath} target="_blank" rel="noopener"><code>${location.origin}${keySetPath}</code></a>
          <${CopyButton} text=${`${location.origin}${keySetPath}`} what="the key set’s address" label="Copy" />
        </div>
        <ol class="receiver-steps">
          <li>
            Take <code>kid</code> from the protected header of <code>webhook-jws</code>, and its key from this set.
          </li>
          <li>Keep the set for up to five minutes; fetch it again at once when a <code>kid</code> is not in it.</li>
          <li>
            Check the signature over the body, that <code>iss</code> is Doorbell, that <code>aud</code> is your
            subscription’s id, and that <code>iat</code> is a few minutes old at most.
          </li>
        </ol>
        <p class="hint">Code for five languages is on the page of each subscription.</p>
      </div>
    </section>
    <section class="card">
      <h2>Keys</h2>
      <${Loaded} of=${load}>
        ${() =>
          html`<ul class="keys" aria-label="Signing keys">
            ${keys.map(key => html`<${Key} key=${key.kid} signing=${key} />`)}
          </ul>`}
      <//>
    </section>
  <//>`
}

const badges: Readonly<Record<string, readonly [string, string]>> = {
  current: ['ok', 'Signs now'],
  next: ['busy', 'Next'],
  retired: ['quiet', 'Retired'],
}

const Key = ({ signing }: { signing: Shown }) => {
  const { kid, alg, use } = signing
  const [tone, word] = badges[use ?? ''] ?? ['quiet', 'Published']
  return html`<li class="key">
    <${StatusBadge} tone=${tone}>${word}<//>
    <div>
      <span class="with-copy"><code>${kid}</code><${CopyButton} text=${kid} what="the key’s id" /></span>
      <p>${alg}<${Age} signing=${signing} /></p>
    </div>
  </li>`
}

/** How old it is, in what matters of its use. */
const Age = ({ signing: { use, createdAt = '', usableAt = '', currentSince, retiredAt } }: { signing: Shown }) => {
  if (use === 'current' && currentSince) return html` · signs since <${When} at=${currentSince} />`
  if (use === 'next')
    return html` · published <${When} at=${createdAt} /> ·
      ${Date.parse(usableAt) > now.value ? html`every receiver knows it <${When} at=${usableAt} />` : 'known to every receiver, ready to sign'}`
  if (use === 'retired' && retiredAt)
    return html` · signed until <${When} at=${retiredAt} /> · stays published for a week, for whoever works through a
      backlog`
  return null
}

const Rotation = ({ keys, onDone }: { keys: readonly Shown[]; onDone: (keys: readonly SigningKey[]) => void }) => {
  const [isAsking, setAsking] = useState(false)
  const [isForced, setForced] = useState(false)
  const usableAt = keys.find(({ use }) => use === 'next')?.usableAt
  const isReady = usableAt !== undefined && Date.parse(usableAt) <= now.value
  const rotating = useAction(async () => {
    const body = isReady ? {} : { force: isForced }
    const answer = await call<{ items: readonly SigningKey[] }>('/v1/keys/rotate', { method: 'POST', body })
    close()
    onDone(answer.body.items)
    toast('Rotated: the next key signs now.')
  })
  const close = () => {
    setAsking(false)
    setForced(false)
    rotating.clear()
  }
  return html`<button type="button" class="button" onClick=${() => setAsking(true)}>
      <${Icon} name="replays" />Rotate keys
    </button>
    ${
      isAsking &&
      html`<${Dialog}
        title="Sign with the next key from now on?"
        onClose=${close}
        onSubmit=${() => rotating.run()}
        actions=${html`
          <button type="button" class="button" onClick=${close}>Not now</button>
          <button
            type="submit"
            class=${isReady ? 'button primary' : 'button danger primary'}
            disabled=${rotating.isBusy || (!isReady && !isForced)}
          >
            ${rotating.isBusy ? 'Rotating…' : 'Rotate'}
          </button>
        `}
      >
        <p>
          The key that signs now is retired and stays published for a week; a new next one is made and published. It is
          for all tenants.
        </p>
        ${
          isReady
            ? html`<p>Every receiver that reads the key set knows the next key already. None of them notices.</p>`
            : html`<div class="notice warn">
                  <${Icon} name="alert" />
                  <div class="notice-body">
                    <p class="notice-title">The next key is too young</p>
                    <p>
                      Receivers that keep the key set may not know it
                      yet${usableAt !== undefined && html`; all do <${When} at=${usableAt} />`}. Until then some refuse
                      what is signed with it, and get it again by retries.
                    </p>
                  </div>
                </div>
                <${Toggle}
                  label="Rotate now all the same"
                  hint="For a key that leaked."
                  isOn=${isForced}
                  onChange=${setForced}
                />`
        }
        ${rotating.problem && html`<${ProblemNotice} problem=${rotating.problem} />`}
      <//>`
    }`
}

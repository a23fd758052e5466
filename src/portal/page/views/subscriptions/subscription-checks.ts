import { useState } from 'preact/hooks'
import { call, ofTenant } from '../../api/client.ts'
import type { Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Dialog } from '../../parts/dialog.ts'
import { Icon, type IconName } from '../../parts/icon.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import type { Tone } from '../../parts/status-badge.ts'
import { useAction } from '../../hooks/use-action.ts'
import { When } from '../../parts/when.ts'
import { may } from '../../session/session-state.ts'
import { Secret } from '../../parts/secret.ts'
import { Snippets } from './snippets/snippets.ts'

interface CheckProps {
  subscription: Subscription
  onChange: () => void
}

/** Whether the endpoint is who it should be, and looks at signatures; and the secret that some of them are made with. */
export const SubscriptionChecks = ({ subscription, onChange }: CheckProps) => {
  const { id, verification, probe, previousSecretValidUntil } = subscription
  const [isRotating, setRotating] = useState(false)
  const verifying = useAction(async () => {
    await call(ofTenant(`/subscriptions/${id}/verify`), { method: 'POST', body: {} })
    onChange()
  })
  return html`<section class="card">
    <h2>Trust</h2>
    <div class="card-body">
      <ul class="checks" aria-live="polite">
        <${Check}
          tone=${verification === undefined ? 'quiet' : ({ verified: 'ok', failed: 'bad', unverified: 'warn' } as const)[verification.state]}
          title=${verification === undefined ? 'Endpoint not verified yet' : ({ verified: 'Endpoint verified', failed: 'Endpoint did not verify', unverified: 'Endpoint waits to be verified' } as const)[verification.state]}
          detail=${verification?.detail ?? 'A signed challenge tells whether it is its owner’s will to be called.'}
          at=${verification?.at}
        />
        <${Check}
          tone=${probe === undefined || probe.accepted === null ? 'quiet' : probe.accepted ? 'bad' : 'ok'}
          title=${probe === undefined ? 'Signature check not probed yet' : probe.accepted === null ? 'The probe found nothing out' : probe.accepted ? 'Takes wrong signatures' : 'Refuses wrong signatures'}
          detail=${probe?.detail ?? 'An event with a wrong signature tells whether your endpoint looks at signatures.'}
          at=${probe?.at}
        />
      </ul>
      ${verifying.problem !== null && html`<${ProblemNotice} problem=${verifying.problem} />`}
      ${
        may('subscriptions:write') &&
        html`<div class="actions">
          <button type="button" class="button" disabled=${verifying.isBusy} onClick=${() => verifying.run()}>
            <${Icon} name="shield" />${verifying.isBusy ? 'Asking the endpoint…' : 'Verify endpoint'}
          </button>
          <button type="button" class="button" onClick=${() => setRotating(true)}>
            <${Icon} name="replays" />Rotate secret
          </button>
        </div>`
      }
      ${
        previousSecretValidUntil !== undefined &&
        Date.parse(previousSecretValidUntil) > Date.now() &&
        html`<p class="hint">The secret before signs too, until <${When} at=${previousSecretValidUntil} both />.</p>`
      }
      <details class="how">
        <summary>How to verify in your endpoint</summary>
        <${Snippets} subscriptionId=${id} />
      </details>
    </div>
    ${isRotating && html`<${Rotation} id=${id} onClose=${() => setRotating(false)} onChange=${onChange} />`}
  </section>`
}

const icons: Readonly<Record<Tone, IconName>> = {
  ok: 'check',
  bad: 'alert',
  warn: 'alert',
  quiet: 'clock',
  busy: 'clock',
}

const Check = ({ tone, title, detail, at }: { tone: Tone; title: string; detail: string; at?: string }) =>
  html`<li class=${`check ${tone}`}>
    <${Icon} name=${icons[tone]} />
    <div>
      <b>${title}</b>
      <p>${detail.replace('POST …/verify, once the endpoint is ready', 'press Verify endpoint once it is ready')}</p>
      ${at !== undefined && html`<p class="quiet"><${When} at=${at} /></p>`}
    </div>
  </li>`

const hourMs = 3_600_000
const overlaps = [
  { label: 'a day', ms: 24 * hourMs },
  { label: 'an hour', ms: hourMs },
  { label: 'a week', ms: 7 * 24 * hourMs },
  { label: 'not at all: it leaked', ms: 0 },
]

const Rotation = ({ id, onClose, onChange }: { id: string; onClose: () => void; onChange: () => void }) => {
  const [overlapMs, setOverlapMs] = useState(24 * hourMs)
  const [made, setMade] = useState<{ secret: string; previousValidUntil: string } | null>(null)
  const rotating = useAction(async () => {
    const { body } = await call<{ secret: string; previousValidUntil: string }>(
      ofTenant(`/subscriptions/${id}/rotate-secret`),
      { method: 'POST', body: { overlapMs } },
    )
    setMade(body)
    onChange()
  })
  if (made !== null)
    return html`<${Dialog}
      key="made"
      title="The new secret"
      stays
      isWide
      onClose=${onClose}
      actions=${html`<button type="button" class="button primary" onClick=${onClose}>I have kept it</button>`}
    >
      <${Secret} value=${made.secret} what="the new secret">It is shown this once.<//>
      <p>
        ${
          overlapMs === 0
            ? 'The one before is void from now on.'
            : html`The one before signs beside it until <${When} at=${made.previousValidUntil} both />: change your
                endpoint by then.`
        }
      </p>
    <//>`
  return html`<${Dialog}
    key="ask"
    title="Rotate the secret"
    onClose=${onClose}
    onSubmit=${() => rotating.run()}
    actions=${html`
      <button type="button" class="button ghost" onClick=${onClose}>Cancel</button>
      <button type="submit" class="button primary" disabled=${rotating.isBusy}>Make a new secret</button>
    `}
  >
    <p>Meanwhile both sign, so that your endpoint refuses nothing while it changes over.</p>
    <div class="field">
      <label for="overlap">The old secret goes on signing for</label>
      <select
        id="overlap"
        value=${String(overlapMs)}
        onChange=${(event: Event) => setOverlapMs(Number((event.target as HTMLSelectElement).value))}
      >
        ${overlaps.map(({ label, ms }) => html`<option key=${ms} value=${String(ms)}>${label}</option>`)}
      </select>
    </div>
    ${rotating.problem !== null && html`<${ProblemNotice} problem=${rotating.problem} />`}
  <//>`
}

import { useState } from 'preact/hooks'
import { call, ofTenant } from '../../api/client.ts'
import type { Subscription } from '../../api/shapes.ts'
import { useAction } from '../../hooks/use-action.ts'
import { html } from '../../html.ts'
import { serverNow } from '../../format/server-clock.ts'
import { Card } from '../../parts/card.ts'
import { Icon, type IconName } from '../../parts/icon.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import type { Tone } from '../../parts/status-badge.ts'
import { When } from '../../parts/when.ts'
import { may } from '../../session/session-state.ts'
import { SecretRotation } from './secret-rotation.ts'
import { Snippets } from './snippets/snippets.ts'

interface ChecksProps {
  subscription: Subscription
  onChange: () => void
}

/** Whether the endpoint is verified and checks signatures; its secret; and how to verify a webhook. */
export const SubscriptionChecks = ({ subscription, onChange }: ChecksProps) => {
  const { id, verification, probe, previousSecretValidUntil } = subscription
  const [isRotating, setRotating] = useState(false)
  const verifying = useAction(async () => {
    await call(ofTenant(`/subscriptions/${id}/verify`), { method: 'POST', body: {} })
    onChange()
  })
  return html`<${Card} title="Verification">
    <ul class="checks" aria-live="polite">
      <${Check} ...${verificationCheck(verification)} />
      <${Check} ...${probeCheck(probe)} />
    </ul>
    ${verifying.problem !== null && html`<${ProblemNotice} problem=${verifying.problem} />`}
    ${
      may('subscriptions:write') &&
      html`<div class="actions">
        <button type="button" class="button" disabled=${verifying.isBusy} onClick=${() => verifying.run()}>
          <${Icon} name="shield" />${verifying.isBusy ? 'Calling the endpoint…' : 'Verify endpoint'}
        </button>
        <button type="button" class="button" onClick=${() => setRotating(true)}>
          <${Icon} name="replays" />Rotate secret
        </button>
      </div>`
    }
    ${
      previousSecretValidUntil !== undefined &&
      Date.parse(previousSecretValidUntil) > serverNow() &&
      html`<p class="hint">
        The previous secret also signs requests until <${When} at=${previousSecretValidUntil} both />.
      </p>`
    }
    <details class="how">
      <summary>How to verify webhooks in your endpoint</summary>
      <${Snippets} subscriptionId=${id} />
    </details>
    ${isRotating && html`<${SecretRotation} id=${id} onClose=${() => setRotating(false)} onChange=${onChange} />`}
  <//>`
}

interface CheckProps {
  tone: Tone
  title: string
  detail: string
  at?: string | undefined
}

const verificationCheck = (verification: Subscription['verification']): CheckProps => {
  if (verification === undefined)
    return {
      tone: 'quiet',
      title: 'Endpoint not verified yet',
      detail: 'Doorbell sends a signed challenge, which only an endpoint that wants your events will answer.',
    }
  const { tone, title } = verificationStates[verification.state]
  return { tone, title, detail: verification.detail, at: verification.at }
}

const verificationStates = {
  verified: { tone: 'ok', title: 'Endpoint verified' },
  failed: { tone: 'bad', title: 'Endpoint verification failed' },
  unverified: { tone: 'warn', title: 'Endpoint waiting for verification' },
} as const

const probeCheck = (probe: Subscription['probe']): CheckProps => {
  if (probe === undefined)
    return {
      tone: 'quiet',
      title: 'Signature check not tested yet',
      detail: 'Doorbell sends an event with a wrong signature, which your endpoint should reject.',
    }
  const { accepted, detail, at } = probe
  if (accepted === null) return { tone: 'quiet', title: 'Signature check could not be tested', detail, at }
  return accepted
    ? { tone: 'bad', title: 'Accepts wrong signatures', detail, at }
    : { tone: 'ok', title: 'Rejects wrong signatures', detail, at }
}

const icons: Readonly<Record<Tone, IconName>> = {
  ok: 'check',
  bad: 'alert',
  warn: 'alert',
  quiet: 'clock',
  busy: 'clock',
}

const Check = ({ tone, title, detail, at }: CheckProps) =>
  html`<li class=${`check ${tone}`}>
    <${Icon} name=${icons[tone]} />
    <div>
      <b>${title}</b>
      <p>${forThePage(detail)}</p>
      ${at !== undefined && html`<p class="quiet"><${When} at=${at} /></p>`}
    </div>
  </li>`

/** The API’s sentence names its own call, which on this page is a button. */
const forThePage = (detail: string): string => detail.replace('call POST …/verify', 'press Verify endpoint')

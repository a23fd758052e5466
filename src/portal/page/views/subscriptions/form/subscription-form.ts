import { useState } from 'preact/hooks'
import { faultsOf, type Problem } from '../../../api/problem.ts'
import { html } from '../../../html.ts'
import type { FaultAt } from '../../../parts/field.ts'
import { Choice, TextInput, Toggle } from '../../../parts/inputs.ts'
import { ProblemNotice } from '../../../parts/problem-notice.ts'
import { EventTypePicker } from './event-type-picker.ts'
import { FilterRows, HeaderRows } from './pair-rows.ts'
import { RetryTimeline } from './retry-timeline.ts'
import { readDraft, type Settings, type SettingsDraft } from './settings-draft.ts'

interface FormProps {
  draft: SettingsDraft
  onDraft: (draft: SettingsDraft) => void
  onSave: (settings: Settings) => void
  /** What the API said of it. */
  problem: Problem | null
  isBusy: boolean
  saveLabel: string
  cancelHref: string
  /** What stands above the buttons, e.g. that somebody else changed it. */
  children?: unknown
}

/** All that an administrator may set of a subscription. */
export const SubscriptionForm = (props: FormProps) => {
  const { draft, onDraft, onSave, problem, isBusy, saveLabel, cancelHref, children } = props
  const [typed, setTyped] = useState<ReadonlyMap<string, string>>(new Map())
  const [isOpen, setOpen] = useState<Readonly<Record<string, boolean>>>({})
  const faults = new Map([...faultsOf(problem), ...typed])
  const set: SetDraft = change => onDraft({ ...draft, ...change })
  const faultAt: FaultAt = pointer =>
    faults.get(pointer) ?? [...faults].find(([at]) => at.startsWith(`${pointer}/`))?.[1]

  const submit = (event: Event) => {
    event.preventDefault()
    const { settings, faults: wrong } = readDraft(draft)
    setTyped(wrong)
    if (wrong.size === 0) onSave(settings)
    else focusFirstFault()
  }
  const section = (name: string, pointers: readonly string[]) => ({
    isOpen: isOpen[name] === true || pointers.some(pointer => faultAt(pointer) !== undefined),
    onToggle: (next: boolean) => setOpen(before => ({ ...before, [name]: next })),
  })
  const shared = { draft, set, faultAt }
  // What stands at its field need not stand here too.
  const isAtFields = (problem?.errors ?? []).length > 0
  return html`<form class="form" novalidate onSubmit=${submit}>
    <section class="form-section">
      <div class="form-about">
        <h2>Endpoint</h2>
        <p>Where events are posted to. Only an answer with a 2xx status counts as delivered.</p>
      </div>
      <div class="form-fields">
        <${TextInput}
          label="Address"
          isMono
          type="url"
          placeholder="https://example.com/webhooks"
          value=${draft.url}
          error=${faultAt('/url')}
          onChange=${(url: string) => set({ url })}
        />
        <${TextInput}
          label="Description"
          isOptional
          hint="What it does, for whoever looks at this page."
          value=${draft.description}
          error=${faultAt('/description')}
          onChange=${(description: string) => set({ description })}
        />
      </div>
    </section>
    <section class="form-section">
      <div class="form-about">
        <h2>Events</h2>
        <p>What it wants to hear. Each type shows a sample of what your endpoint gets.</p>
      </div>
      <div class="form-fields">
        <${EventTypePicker}
          value=${draft.eventTypes}
          error=${faultAt('/eventTypes')}
          onChange=${(eventTypes: readonly string[]) => set({ eventTypes })}
        />
        <${FilterRows}
          rows=${draft.filter}
          faultAt=${faultAt}
          onChange=${(filter: SettingsDraft['filter']) => set({ filter })}
        />
      </div>
    </section>
    <${Foldable} title="Retries" about=${retriesInWords(draft)} ...${section('retry', ['/retry', '/expiresAfterMs'])}>
      <${RetryFields} ...${shared} />
    <//>
    <${Foldable}
      title="Pace and order"
      about=${paceInWords(draft)}
      ...${section('pace', ['/timeoutMs', '/ratePerSecond', '/maxInFlight', '/ordering'])}
    >
      <${PaceFields} ...${shared} />
    <//>
    <${Foldable}
      title="Request and security"
      about=${requestInWords(draft)}
      ...${section('request', ['/payload', '/headers', '/auth', '/propagateTrace', '/requireVerification'])}
    >
      <${RequestFields} ...${shared} />
    <//>
    ${children} ${problem !== null && !isAtFields && html`<${ProblemNotice} problem=${problem} />`}
    ${
      (isAtFields || typed.size > 0) &&
      html`<p class="error" role="alert">
        Not saved yet: ${faults.size === 1 ? 'one field needs' : `${faults.size} fields need`} a change.
      </p>`
    }
    <div class="form-foot actions">
      <button type="submit" class="button primary" disabled=${isBusy}>${isBusy ? 'Saving…' : saveLabel}</button>
      <a class="button ghost" href=${cancelHref}>Cancel</a>
    </div>
  </form>`
}

export type SetDraft = (change: Partial<SettingsDraft>) => void
interface FieldsProps {
  draft: SettingsDraft
  set: SetDraft
  faultAt: FaultAt
}

/** Once the fields have their faults. */
export const focusFirstFault = (): void => {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
}

interface FoldableProps {
  title: string
  /** Its settings in words, so that it need not be opened to be known. */
  about: string
  isOpen: boolean
  onToggle: (isOpen: boolean) => void
  children?: unknown
}

const Foldable = ({ title, about, isOpen, onToggle, children }: FoldableProps) =>
  html`<details
    class="form-section"
    open=${isOpen}
    onToggle=${(event: Event) => onToggle((event.currentTarget as HTMLDetailsElement).open)}
  >
    <summary>
      <span class="form-about"
        ><h2>${title}</h2>
        <span>${about}</span></span
      >
    </summary>
    <div class="form-fields">${children}</div>
  </details>`

const RetryFields = ({ draft, set, faultAt }: FieldsProps) => {
  const { retry } = readDraft(draft).settings
  return html`
    <${Choice}
      legend="When an attempt fails"
      name="retryKind"
      value=${draft.retryKind}
      onChange=${(retryKind: SettingsDraft['retryKind']) => set({ retryKind })}
      options=${[
        { value: 'recommended', label: 'As recommended', hint: '12 attempts over about three days' },
        { value: 'growth', label: 'Growing delay', hint: 'Each wait a multiple of the one before' },
        { value: 'list', label: 'Own list', hint: 'Each wait as you say' },
      ]}
    />
    ${
      draft.retryKind === 'growth' &&
      html`<div class="form-row">
        <${TextInput}
          label="Attempts at most"
          value=${draft.maxAttempts}
          error=${faultAt('/retry/maxAttempts')}
          inputMode="numeric"
          onChange=${(maxAttempts: string) => set({ maxAttempts })}
        />
        <${TextInput}
          label="First wait"
          value=${draft.firstDelay}
          error=${faultAt('/retry/firstDelayMs')}
          onChange=${(firstDelay: string) => set({ firstDelay })}
        />
        <${TextInput}
          label="Factor"
          value=${draft.factor}
          error=${faultAt('/retry/factor')}
          inputMode="decimal"
          onChange=${(factor: string) => set({ factor })}
        />
        <${TextInput}
          label="Longest wait"
          value=${draft.maxDelay}
          error=${faultAt('/retry/maxDelayMs')}
          onChange=${(maxDelay: string) => set({ maxDelay })}
        />
        <${TextInput}
          label="Give up after"
          value=${draft.giveUpAfter}
          error=${faultAt('/retry/giveUpAfterMs')}
          onChange=${(giveUpAfter: string) => set({ giveUpAfter })}
        />
      </div>`
    }
    ${
      draft.retryKind === 'list' &&
      html`<${TextInput}
        label="Waits"
        hint="Separated by commas; three waits make four attempts. Units: s, min, h, d."
        value=${draft.delays}
        error=${faultAt('/retry/delaysMs')}
        onChange=${(delays: string) => set({ delays })}
      />`
    }
    ${draft.retryKind !== 'list' || faultAt('/retry') === undefined || html`<p class="error">${faultAt('/retry')}</p>`}
    ${retry && html`<${RetryTimeline} retry=${retry} />`}
    <${TextInput}
      label="Expires after"
      isOptional
      hint="An event that could not be delivered within this time is not sent any more, e.g. 15 min for opening a door. Left empty: never."
      value=${draft.expiresAfter}
      error=${faultAt('/expiresAfterMs')}
      onChange=${(expiresAfter: string) => set({ expiresAfter })}
    />
  `
}

const PaceFields = ({ draft, set, faultAt }: FieldsProps) => html`
  <div class="form-row">
    <${TextInput}
      label="Timeout"
      hint="1 s to 30 s, from connect to the last byte."
      value=${draft.timeout}
      error=${faultAt('/timeoutMs')}
      onChange=${(timeout: string) => set({ timeout })}
    />
    <${TextInput}
      label="Attempts a second"
      isOptional
      hint="At most. Left empty: no limit."
      inputMode="decimal"
      value=${draft.ratePerSecond}
      error=${faultAt('/ratePerSecond')}
      onChange=${(ratePerSecond: string) => set({ ratePerSecond })}
    />
    <${TextInput}
      label="Attempts at once"
      hint="1 to 500. Fewer while your endpoint is slow."
      inputMode="numeric"
      value=${draft.maxInFlight}
      error=${faultAt('/maxInFlight')}
      onChange=${(maxInFlight: string) => set({ maxInFlight })}
    />
  </div>
  <${Choice}
    legend="Order"
    name="ordering"
    value=${draft.ordering}
    onChange=${(ordering: SettingsDraft['ordering']) => set({ ordering })}
    options=${[
      {
        value: 'none',
        label: 'As fast as possible',
        hint: 'Events may overtake one another; each has a sequence number',
      },
      { value: 'visit', label: 'In order for each visit', hint: 'A check-out never arrives before its check-in' },
    ]}
  />
`

const RequestFields = ({ draft, set, faultAt }: FieldsProps) => html`
  <${Choice}
    legend="Payload"
    name="payload"
    value=${draft.payload}
    onChange=${(payload: SettingsDraft['payload']) => set({ payload })}
    options=${[
      { value: 'full', label: 'Full', hint: 'The whole event, with visitor and host' },
      { value: 'thin', label: 'Thin', hint: 'Ids alone: your system fetches the rest. Nobody’s name leaves Doorbell' },
    ]}
  />
  <${HeaderRows}
    rows=${draft.headers}
    faultAt=${faultAt}
    onChange=${(headers: SettingsDraft['headers']) => set({ headers })}
  />
  <${Choice}
    legend="Authorization"
    name="authKind"
    value=${draft.authKind}
    onChange=${(authKind: SettingsDraft['authKind']) => set({ authKind })}
    options=${[
      { value: 'none', label: 'None', hint: 'The signature says who it was' },
      { value: 'bearer', label: 'Bearer token' },
      { value: 'basic', label: 'User and password' },
    ]}
  />
  ${
    draft.authKind === 'bearer' &&
    html`<${TextInput}
      label="Token"
      isMono
      hint="Kept encrypted, and not shown again. *** leaves it as it is."
      value=${draft.authToken}
      error=${faultAt('/auth')}
      onChange=${(authToken: string) => set({ authToken })}
    />`
  }
  ${
    draft.authKind === 'basic' &&
    html`<div class="form-row">
      <${TextInput}
        label="User"
        value=${draft.authUsername}
        error=${faultAt('/auth/username')}
        onChange=${(authUsername: string) => set({ authUsername })}
      />
      <${TextInput}
        label="Password"
        hint="Kept encrypted, and not shown again. *** leaves it as it is."
        value=${draft.authPassword}
        error=${faultAt('/auth/password')}
        onChange=${(authPassword: string) => set({ authPassword })}
      />
    </div>`
  }
  <${Toggle}
    label="Verify the endpoint first"
    hint="Events are held until it has answered a signed challenge."
    isOn=${draft.requireVerification}
    onChange=${(requireVerification: boolean) => set({ requireVerification })}
  />
  <${Toggle}
    label="Send trace context"
    hint=${html`Your endpoint gets <code>traceparent</code>, and its own spans join the trace of the check-in.`}
    isOn=${draft.propagateTrace}
    onChange=${(propagateTrace: boolean) => set({ propagateTrace })}
  />
`

const retriesInWords = ({ retryKind, maxAttempts, giveUpAfter, delays, expiresAfter }: SettingsDraft): string => {
  const policy = {
    recommended: '12 attempts over about three days',
    growth: `up to ${maxAttempts} attempts, given up after ${giveUpAfter}`,
    list: `${delays.split(/[,;\n]/).filter(text => text.trim() !== '').length + 1} attempts`,
  }[retryKind]
  return expiresAfter.trim() === '' ? policy : `${policy}; expires after ${expiresAfter}`
}

const paceInWords = ({ timeout, ratePerSecond, maxInFlight, ordering }: SettingsDraft): string =>
  [
    `${timeout} timeout`,
    ratePerSecond.trim() === '' ? 'no rate limit' : `${ratePerSecond} a second`,
    `${maxInFlight} at once`,
    ordering === 'visit' ? 'in order for each visit' : 'in any order',
  ].join(', ')

const requestInWords = ({ payload, headers, authKind, requireVerification, propagateTrace }: SettingsDraft): string =>
  [
    `${payload} payload`,
    headers.length === 0 ? null : `${headers.length} ${headers.length === 1 ? 'header' : 'headers'}`,
    { none: null, bearer: 'bearer token', basic: 'user and password' }[authKind],
    requireVerification ? 'verified first' : null,
    propagateTrace ? 'trace context' : null,
  ]
    .filter(part => part !== null)
    .join(', ')

import { useEffect, useRef, useState } from 'preact/hooks'
import { call, newIdempotencyKey, ofTenant } from '../../api/client.ts'
import { faultsOf } from '../../api/problem.ts'
import type { Replay, Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { durationText } from '../../format/duration.ts'
import { Field, type Tied } from '../../parts/field.ts'
import { Icon } from '../../parts/icon.ts'
import { Choice, TextInput } from '../../parts/inputs.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { ProblemNotice } from '../../parts/problem-notice.ts'
import { useAction } from '../../hooks/use-action.ts'
import { goTo, linkTo, place } from '../../router.ts'
import { spans } from '../deliveries/delivery-query.ts'
import { localTime, readLocalTime } from '../../format/local-time.ts'
import { counted, selections } from './replay-words.ts'
import { titleOf } from '../subscriptions/subscription-state.ts'
import { useSubscriptions } from '../subscriptions/use-subscriptions.ts'

interface Draft {
  readonly subscriptionId: string
  readonly status: string
  /** In the reader’s own clock. */
  readonly from: string
  readonly to: string
  readonly perSecond: string
}

const dayMs = 86_400_000
const defaultPerSecond = '20'

/** A link may have it filled in. */
const firstDraft = (): Draft => {
  const { query } = place.peek()
  const now = Date.now()
  const moment = (name: string, otherwise: number) => localTime(Date.parse(query.get(name) ?? '') || otherwise)
  return {
    subscriptionId: query.get('subscriptionId') ?? '',
    status: query.get('status') ?? 'dead',
    from: moment('from', now - dayMs),
    to: moment('to', now),
    perSecond: defaultPerSecond,
  }
}

/** Sends a range of deliveries again: it counts first, so that nobody sends ten thousand by mistake. */
export const ReplayCreate = () => {
  const subscriptions = useSubscriptions()
  const [draft, setDraft] = useState(firstDraft)
  const [faults, setFaults] = useState<ReadonlyMap<string, string>>(new Map())
  const [count, setCount] = useState<number | null>(null)
  const foot = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (count !== null) foot.current?.scrollIntoView({ block: 'nearest' })
  }, [count])
  const path = ofTenant('/replays')
  const counting = useAction(async () => {
    const { body } = await call<{ count: number }>(path, { method: 'POST', body: { ...bodyOf(draft), dryRun: true } })
    setCount(body.count)
  })
  // The same for another try, so that an answer that was lost makes no second replay.
  const attemptKey = useRef(newIdempotencyKey())
  const starting = useAction(async () => {
    const wanted = { method: 'POST', body: bodyOf(draft), idempotencyKey: attemptKey.current } as const
    goTo(`/replays/${(await call<Replay>(path, wanted)).body.id}`)
  })
  const change = (part: Partial<Draft>) => {
    setDraft(before => ({ ...before, ...part }))
    attemptKey.current = newIdempotencyKey()
    setCount(null)
    setFaults(new Map())
    counting.clear()
    starting.clear()
  }
  const submit = (event: Event) => {
    event.preventDefault()
    const found = faultsIn(draft)
    setFaults(found)
    if (found.size === 0) void counting.run()
  }
  const problem = counting.problem ?? starting.problem
  const wrong = new Map([...faults, ...faultsOf(problem)])
  return html`<${PageFrame}
    title="New replay"
    lead="It goes to the subscription’s url of now, signed with the key of now, and is marked as a replay."
    back=${{ href: linkTo('/replays'), label: 'Replays' }}
  >
    <form class="replay-form" novalidate onSubmit=${submit}>
      <${SubscriptionField}
        value=${draft.subscriptionId}
        error=${wrong.get('/subscriptionId')}
        subscriptions=${subscriptions}
        onChange=${(subscriptionId: string) => change({ subscriptionId })}
      />
      <${Choice}
        legend="Which deliveries"
        name="selection"
        value=${draft.status}
        options=${selections}
        onChange=${(status: string) => change({ status })}
      />
      <fieldset>
        <legend>That came in</legend>
        <div class="replay-spans">
          ${Object.entries(spans).map(
            ([key, { label, ms }]) =>
              html`<button
                type="button"
                class="button small"
                key=${key}
                onClick=${() => change({ from: localTime(Date.now() - ms), to: localTime(Date.now()) })}
              >
                ${label}
              </button>`,
          )}
        </div>
        <div class="replay-range">
          <${TextInput}
            label="From"
            type="datetime-local"
            value=${draft.from}
            error=${wrong.get('/from')}
            onChange=${(from: string) => change({ from })}
          />
          <${TextInput}
            label="To"
            type="datetime-local"
            value=${draft.to}
            error=${wrong.get('/to')}
            onChange=${(to: string) => change({ to })}
          />
        </div>
      </fieldset>
      <div class="replay-pace">
        <${TextInput}
          label="At most a second"
          hint="0.1 to 1,000. New events go on meanwhile, so leave them room."
          inputMode="decimal"
          value=${draft.perSecond}
          error=${wrong.get('/perSecond')}
          onChange=${(perSecond: string) => change({ perSecond })}
        />
      </div>
      ${problem && html`<${ProblemNotice} problem=${problem} />`}
      <div role="status">${count !== null && html`<${Counted} count=${count} draft=${draft} />`}</div>
      <div class="actions" ref=${foot}>
        ${
          count === null || count === 0
            ? html`<button type="submit" class="button primary" disabled=${counting.isBusy}>
                ${counting.isBusy ? 'Counting…' : 'Count them'}
              </button>`
            : html`<button
                type="button"
                class="button primary"
                disabled=${starting.isBusy}
                onClick=${() => starting.run()}
              >
                <${Icon}
                  name="replays"
                />${starting.isBusy ? 'Starting…' : `Send ${counted(count, 'delivery', 'deliveries')} again`}
              </button>`
        }
        <a class="button ghost" href=${linkTo('/replays')}>Not now</a>
      </div>
    </form>
  <//>`
}

const Counted = ({ count, draft }: { count: number; draft: Draft }) =>
  count === 0
    ? html`<div class="notice warn">
        <${Icon} name="alert" />
        <div class="notice-body">
          <p class="notice-title">Nothing in this range</p>
          <p>Widen the time, or choose other deliveries.</p>
        </div>
      </div>`
    : html`<div class="notice ok">
        <${Icon} name="check" />
        <div class="notice-body">
          <p class="notice-title">
            ${counted(count, draft.status === 'missing' ? 'event' : 'delivery', draft.status === 'missing' ? 'events' : 'deliveries')}
          </p>
          <p>
            At ${draft.perSecond} a second ${count === 1 ? 'it is' : 'they are'} on the way within about
            ${durationText(Math.max(1_000, (count / Number(draft.perSecond)) * 1_000))}. Nothing was sent yet.
          </p>
        </div>
      </div>`

interface SubscriptionFieldProps {
  value: string
  error: string | undefined
  subscriptions: ReadonlyMap<string, Subscription> | null
  onChange: (id: string) => void
}

/** Of the known ones; who may not read them enters an id. */
const SubscriptionField = ({ value, error, subscriptions, onChange }: SubscriptionFieldProps) => {
  if (subscriptions?.size === 0)
    return html`<${TextInput}
      label="Subscription"
      isMono
      placeholder="sub_…"
      value=${value}
      error=${error}
      onChange=${onChange}
    />`
  return html`<${Field} label="Subscription" error=${error}>
    ${(tied: Tied) =>
      html`<select
        ...${tied}
        value=${value}
        onChange=${(event: Event) => onChange((event.target as HTMLSelectElement).value)}
      >
        <option value="" selected=${value === ''}>Choose one</option>
        ${[...(subscriptions?.values() ?? [])].map(
          one => html`<option key=${one.id} value=${one.id} selected=${one.id === value}>${titleOf(one)}</option>`,
        )}
      </select>`}
  <//>`
}

const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text.replace(',', '.')))

const bodyOf = ({ subscriptionId, status, from, to, perSecond }: Draft) => ({
  subscriptionId,
  status,
  from: readLocalTime(from),
  to: readLocalTime(to),
  perSecond: numberOf(perSecond),
})

const faultsIn = ({ subscriptionId, from, to, perSecond }: Draft): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  if (subscriptionId.trim() === '') found.set('/subscriptionId', 'Choose where they go.')
  if (readLocalTime(from) === undefined) found.set('/from', 'Enter a day and a time.')
  if (readLocalTime(to) === undefined) found.set('/to', 'Enter a day and a time.')
  const rate = numberOf(perSecond)
  if (!(rate >= 0.1 && rate <= 1_000)) found.set('/perSecond', 'Enter a number from 0.1 to 1,000.')
  return found
}

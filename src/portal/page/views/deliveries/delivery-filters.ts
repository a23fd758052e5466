import { get } from '../../api/client.ts'
import type { EventType, Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Icon } from '../../parts/icon.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { absoluteTime } from '../../parts/when.ts'
import { type DeliveryQuery, isNarrowed, narrow, spans, statuses } from './delivery-query.ts'
import { localTime, readLocalTime } from '../../format/local-time.ts'
import { titleOf } from '../subscriptions/subscription-state.ts'

interface FiltersProps {
  query: DeliveryQuery
  /** Null where the token may not read them, and until they are there. */
  subscriptions: ReadonlyMap<string, Subscription> | null
}

const between = 'between'

/** What the list is narrowed to; each choice stands in the address. */
export const DeliveryFilters = ({ query, subscriptions }: FiltersProps) => {
  const types = useLoad(signal => get<{ items: readonly EventType[] }>('/v1/event-types', { signal }), [])
  const hasRange = query.from !== undefined || query.to !== undefined
  const known = types.data?.items.map(({ type }) => type) ?? []
  return html`<div class="filters" role="group" aria-label="Filters">
    <${Select}
      label="Status"
      all="Any status"
      value=${query.status}
      options=${statuses.map(status => [status, `${status.charAt(0).toUpperCase()}${status.slice(1)}`])}
      onChange=${(status?: string) => narrow({ status })}
    />
    <${Select}
      label="Event type"
      all="Any event type"
      value=${query.type}
      options=${withOwn(known, query.type).map(type => [type, type])}
      onChange=${(type?: string) => narrow({ type })}
    />
    <${Select}
      label="Subscription"
      all="Any subscription"
      value=${query.subscriptionId}
      options=${withOwn([...(subscriptions?.keys() ?? [])], query.subscriptionId).map(id => {
        const subscription = subscriptions?.get(id)
        return [id, subscription === undefined ? id : titleOf(subscription)]
      })}
      onChange=${(subscriptionId?: string) => narrow({ subscriptionId })}
    />
    <${Select}
      label="Time"
      all="Any time"
      value=${hasRange ? between : query.within}
      options=${[...Object.entries(spans).map(([key, { label }]) => [key, label]), [between, 'Between …']]}
      onChange=${chooseTime}
    />
    ${hasRange && html`<${Range} query=${query} />`}
    <${Chips} query=${query} />
    ${
      isNarrowed(query) &&
      html`<button type="button" class="button ghost small" onClick=${() => narrow(everything)}>Clear filters</button>`
    }
  </div>`
}

const everything = {
  visitId: undefined,
  eventId: undefined,
  subscriptionId: undefined,
  status: undefined,
  type: undefined,
  within: undefined,
  from: undefined,
  to: undefined,
}

/** A link may ask for what is not among the choices, e.g. a subscription that was deleted. */
const withOwn = (known: readonly string[], own: string | undefined): readonly string[] =>
  own === undefined || known.includes(own) ? known : [...known, own]

const dayMs = 86_400_000

const chooseTime = (chosen?: string): void => {
  const none = { within: undefined, from: undefined, to: undefined }
  if (chosen !== between) return narrow({ ...none, within: chosen })
  return narrow({ ...none, from: new Date(Date.now() - dayMs).toISOString() })
}

interface SelectProps {
  label: string
  all: string
  value: string | undefined
  options: readonly (readonly [string, string])[]
  onChange: (chosen?: string) => void
}

const Select = ({ label, all, value = '', options, onChange }: SelectProps) =>
  html`<select
    class=${value === '' ? 'filter' : 'filter chosen'}
    aria-label=${label}
    value=${value}
    onChange=${(event: Event) => onChange((event.target as HTMLSelectElement).value || undefined)}
  >
    <option value="" selected=${value === ''}>${all}</option>
    ${options.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}
  </select>`

/** From and to, in the time of the reader. */
const Range = ({ query: { from, to } }: { query: DeliveryQuery }) =>
  html`<span class="range">
    <${Moment} label="From" value=${from} onChange=${(at?: string) => narrow({ from: at, within: undefined })} />
    <span aria-hidden="true">–</span>
    <${Moment} label="To" value=${to} onChange=${(at?: string) => narrow({ to: at, within: undefined })} />
  </span>`

interface MomentProps {
  label: string
  value: string | undefined
  onChange: (at?: string) => void
}

const Moment = ({ label, value, onChange }: MomentProps) =>
  html`<input
    type="datetime-local"
    step="1"
    aria-label=${label}
    title=${value === undefined ? label : `${label} ${absoluteTime(Date.parse(value))}`}
    value=${value === undefined ? '' : localTime(Date.parse(value))}
    onChange=${(event: Event) => onChange(readLocalTime((event.target as HTMLInputElement).value))}
  />`

const Chips = ({ query }: { query: DeliveryQuery }) =>
  (['visit', 'event'] as const).map(name => {
    const value = query[`${name}Id`]
    return (
      value !== undefined &&
      html`<span class="filter-chip" key=${name}>
        ${name} <code>${value}</code>
        <button
          type="button"
          aria-label=${`Remove the ${name} ${value}`}
          onClick=${() => narrow({ [`${name}Id`]: undefined })}
        >
          <${Icon} name="close" />
        </button>
      </span>`
    )
  })

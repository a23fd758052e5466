import { get } from '../../api/client.ts'
import type { EventType } from '../../api/shapes.ts'
import { readLocalTime, localTime } from '../../format/local-time.ts'
import { capitalized } from '../../format/text.ts'
import { absoluteTime } from '../../format/time.ts'
import { dayMs } from '../../format/units.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { serverNow } from '../../format/server-clock.ts'
import { RemovableChip } from '../../parts/chips.ts'
import { valueOf } from '../../parts/field.ts'
import { ClearFilters, Filters, FilterSelect } from '../../parts/filters.ts'
import { nameOf, type Subscriptions } from '../subscriptions/use-subscriptions.ts'
import { clearQuery, type DeliveryQuery, isNarrowed, narrow, spans, statuses } from './delivery-query.ts'

interface FiltersProps {
  query: DeliveryQuery
  subscriptions: Subscriptions
}

const between = 'between'

/** The filters above the list of deliveries. */
export const DeliveryFilters = ({ query, subscriptions }: FiltersProps) => {
  const types = useLoad(signal => get<{ items: readonly EventType[] }>('/v1/event-types', { signal }), [])
  const hasRange = query.from !== undefined || query.to !== undefined
  const knownTypes = types.data?.items.map(({ type }) => type) ?? []
  return html`<${Filters}>
    <${FilterSelect}
      label="Status"
      all="Any status"
      value=${query.status}
      options=${statuses.map(status => [status, capitalized(status)])}
      onChange=${(status?: string) => narrow({ status })}
    />
    <${FilterSelect}
      label="Event type"
      all="Any event type"
      value=${query.type}
      options=${withOwn(knownTypes, query.type).map(type => [type, type])}
      onChange=${(type?: string) => narrow({ type })}
    />
    <${FilterSelect}
      label="Subscription"
      all="Any subscription"
      value=${query.subscriptionId}
      options=${withOwn([...(subscriptions?.keys() ?? [])], query.subscriptionId).map(id => [id, nameOf(subscriptions, id)])}
      onChange=${(subscriptionId?: string) => narrow({ subscriptionId })}
    />
    <${FilterSelect}
      label="Time"
      all="Any time"
      value=${hasRange ? between : query.within}
      options=${[...Object.entries(spans).map(([key, { label }]) => [key, label]), [between, 'Between …']]}
      onChange=${chooseTime}
    />
    ${hasRange && html`<${Range} query=${query} />`}
    <${IdFilter} name="visit" value=${query.visitId} onRemove=${() => narrow({ visitId: undefined })} />
    <${IdFilter} name="event" value=${query.eventId} onRemove=${() => narrow({ eventId: undefined })} />
    ${isNarrowed(query) && html`<${ClearFilters} onClear=${clearQuery} />`}
  <//>`
}

/** A link may filter by a value that is not among the options, e.g. by a subscription that was deleted. */
const withOwn = (known: readonly string[], own: string | undefined): readonly string[] =>
  own === undefined || known.includes(own) ? known : [...known, own]

const chooseTime = (chosen?: string): void => {
  const none = { within: undefined, from: undefined, to: undefined }
  if (chosen !== between) return narrow({ ...none, within: chosen })
  return narrow({ ...none, from: new Date(serverNow() - dayMs).toISOString() })
}

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

/** A time in the reader’s time zone. */
const Moment = ({ label, value, onChange }: MomentProps) =>
  html`<input
    type="datetime-local"
    step="1"
    aria-label=${label}
    title=${value === undefined ? label : `${label} ${absoluteTime(Date.parse(value))}`}
    value=${value === undefined ? '' : localTime(Date.parse(value))}
    onChange=${(event: Event) => onChange(readLocalTime(valueOf(event)))}
  />`

const IdFilter = ({ name, value, onRemove }: { name: string; value: string | undefined; onRemove: () => void }) =>
  value !== undefined &&
  html`<${RemovableChip} removeLabel=${`Remove the ${name} ${value}`} onRemove=${onRemove}
    >${name} <code>${value}</code><//
  >`

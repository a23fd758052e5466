import type { SettableField, Subscription } from '../../api/shapes.ts'
import { durationText } from '../../format/duration.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { Chips } from '../../parts/chips.ts'
import { Copyable } from '../../parts/copyable.ts'
import { Fact, Facts } from '../../parts/facts.ts'
import { When } from '../../parts/when.ts'
import { isRecommended, recommendedText } from './form/model/retry.ts'
import type { Settings } from './form/model/setting.ts'

/** The settings of a subscription, to be read. */
export const SubscriptionFacts = ({ subscription }: { subscription: Subscription }) => {
  const { id, createdAt, updatedAt } = subscription
  return html`<${Card} title="Settings">
    <${Facts} isNarrow>
      ${[...factsOf(subscription)].map(
        ([term, parts]) => html`<${Fact} key=${term} term=${term}>${parts.map(part => html`<div>${part}</div>`)}<//>`,
      )}
      <${Fact} term="Id"><${Copyable} text=${id} what="the id" /><//>
      <${Fact} term="Created"><${When} at=${createdAt} /><//>
      <${Fact} term="Changed"><${When} at=${updatedAt} /><//>
    <//>
  <//>`
}

/** The term under which a field is shown, and its value in words; false shows nothing. */
interface SettingFact<F extends SettableField> {
  readonly term: string
  readonly show: (value: NonNullable<Settings[F]>) => unknown
}

const retryText = (retry: NonNullable<Settings['retry']>): string => {
  if (isRecommended(retry)) return recommendedText
  if ('delaysMs' in retry)
    return retry.delaysMs.length === 0
      ? 'none'
      : `${retry.delaysMs.length + 1} attempts: after ${retry.delaysMs.map(durationText).join(', ')}`
  const { maxAttempts, firstDelayMs, factor, maxDelayMs, giveUpAfterMs } = retry
  return `up to ${maxAttempts} attempts: from ${durationText(firstDelayMs)} growing × ${factor} to ${durationText(maxDelayMs)}, given up after ${durationText(giveUpAfterMs)}`
}

/** Every settable field: tsc reports one that is neither shown here nor in the title of the view. */
const facts: { readonly [F in SettableField]: SettingFact<F> | 'in the title' } = {
  url: 'in the title',
  description: 'in the title',
  eventTypes: { term: 'Events', show: types => html`<${Chips} texts=${types} />` },
  filter: {
    term: 'Filter',
    show: filter =>
      Object.entries(filter).map(
        ([field, values]) => html`<div key=${field}><code>${field}</code> is ${values.join(' or ')}</div>`,
      ),
  },
  retry: { term: 'Retries', show: retryText },
  expiresAfterMs: { term: 'Retries', show: ms => `expires after ${durationText(ms)}` },
  timeoutMs: { term: 'Pace', show: ms => `${durationText(ms)} timeout` },
  maxInFlight: { term: 'Pace', show: count => `${count} in parallel` },
  ratePerSecond: { term: 'Pace', show: rate => `at most ${rate} per second` },
  ordering: { term: 'Order', show: order => (order === 'visit' ? 'in order per visit' : 'as fast as possible') },
  payload: { term: 'Payload', show: payload => (payload === 'thin' ? 'thin: only ids' : 'full') },
  headers: {
    term: 'Request',
    show: headers => Object.keys(headers).map(name => html`<div key=${name}><code>${name}</code></div>`),
  },
  auth: {
    term: 'Request',
    show: auth => (auth.type === 'bearer' ? 'bearer token' : `user ${auth.username} with password`),
  },
  requireVerification: { term: 'Also', show: isOn => isOn && 'verified first' },
  propagateTrace: { term: 'Also', show: isOn => isOn && 'sends trace context' },
}

/** The values to show, by their terms. */
const factsOf = (settings: Settings): ReadonlyMap<string, readonly unknown[]> => {
  const byTerm = new Map<string, readonly unknown[]>()
  for (const field of Object.keys(facts) as SettableField[]) {
    const fact = facts[field]
    if (fact === 'in the title' || settings[field] === undefined) continue
    const shown = fact.show(settings[field] as never)
    if (shown !== false) byTerm.set(fact.term, [...(byTerm.get(fact.term) ?? []), shown])
  }
  return byTerm
}

import { get, ofTenant } from '../../api/client.ts'
import type { Retention } from '../../api/shapes.ts'
import { counted } from '../../format/text.ts'
import { useLoad } from '../../hooks/use-load.ts'
import { html } from '../../html.ts'
import { Card } from '../../parts/card.ts'
import { Fact, Facts } from '../../parts/facts.ts'
import { Loaded } from '../../parts/loaded.ts'
import { PageFrame } from '../../parts/page-frame.ts'
import { may } from '../../session/session-state.ts'
import { RetentionForm } from './retention-form.ts'
import { VisitorErasure } from './visitor-erasure.ts'

/** How long visitors’ data is kept, and the erasure of one visitor. */
export const Privacy = () => {
  const load = useLoad(signal => get<Retention>(ofTenant('/retention'), { signal }), [])
  return html`<${PageFrame}
    title="Privacy"
    lead="How long Doorbell keeps visitors’ data, and how to erase the data of one visitor."
  >
    <${Card} title="Retention">
      <${Loaded} of=${load} lines=${3}>
        ${(retention: Retention) =>
          may('deliveries:write')
            ? html`<${RetentionForm}
                key=${`${retention.payloadDays}.${retention.logDays}`}
                retention=${retention}
                onSaved=${load.put}
              />`
            : html`<${RetentionFacts} retention=${retention} />`}
      <//>
    <//>
    <${VisitorErasure} />
  <//>`
}

const RetentionFacts = ({ retention: { payloadDays, logDays } }: { retention: Retention }) =>
  html`<${Facts}>
    <${Fact} term="Content">${counted(payloadDays, 'day', 'days')}: events, requests and responses<//>
    <${Fact} term="Delivery log">${counted(logDays, 'day', 'days')}: what happened when, with ids only<//>
  <//>`

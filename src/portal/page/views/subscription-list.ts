import { ofTenant } from '../api/client.ts'
import type { Subscription } from '../api/shapes.ts'
import { html } from '../html.ts'
import { EmptyState } from '../parts/empty-state.ts'
import { PageFrame } from '../parts/page-frame.ts'
import { Paged } from '../parts/paged.ts'
import { StatusBadge } from '../parts/status-badge.ts'
import { usePages } from '../parts/use-pages.ts'

/** Every endpoint of the tenant, and how it is. */
export const SubscriptionList = () => {
  const pages = usePages<Subscription>(ofTenant('/subscriptions'))
  return html`<${PageFrame} title="Subscriptions" lead="Where your events go, and how each endpoint is.">
    <${Paged} of=${pages} empty=${html`<${EmptyState} title="No endpoint yet">Nothing is delivered yet.<//>`}>
      ${(items: readonly Subscription[]) =>
        html`<div class="table-wrap">
          <table>
            <thead>
              <tr>
                <th>Endpoint</th>
                <th>Status</th>
              </tr>
            </thead>
            <tbody>
              ${items.map(
                ({ id, url, status }) =>
                  html`<tr key=${id}>
                    <td><code>${url}</code></td>
                    <td><${StatusBadge} tone=${status === 'active' ? 'ok' : 'warn'}>${status}<//></td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>`}
    <//>
  <//>`
}

import { useSignal } from '@preact/signals'
import type { Tenant } from '../api/shapes.ts'
import { html } from '../html.ts'
import { EmptyState } from '../parts/empty-state.ts'
import { Icon } from '../parts/icon.ts'
import { Loaded } from '../parts/loaded.ts'
import { Mark } from '../parts/mark.ts'
import { useLoad } from '../hooks/use-load.ts'
import { chooseTenant, listTenants, signOut } from './session.ts'

/** From how many on a list is easier searched than read. */
const searchedFrom = 8

/** The operator says whose webhooks they look at. */
export const TenantChoice = ({ token }: { token: string }) => {
  const load = useLoad(() => listTenants(token), [token])
  return html`<main class="alone">
    <div class="sign-in">
      <${Mark} />
      <h1>Choose a tenant</h1>
      <p class="lead">You are here as the operator. Everything you do is noted in the tenant’s audit as yours.</p>
      <${Loaded} of=${load}>${(tenants: readonly Tenant[]) => html`<${TenantList} tenants=${tenants} />`}<//>
      <button type="button" class="button ghost" onClick=${() => signOut()}>Sign out</button>
    </div>
  </main>`
}

const TenantList = ({ tenants }: { tenants: readonly Tenant[] }) => {
  const search = useSignal('')
  const wanted = search.value.trim().toLowerCase()
  const found = tenants.filter(({ id, name }) => `${id} ${name}`.toLowerCase().includes(wanted))
  if (tenants.length === 0)
    return html`<${EmptyState} title="There is no tenant yet">
      Make one with <code>PUT /v1/tenants/acme</code> and <code>${'{"name": "Acme"}'}</code>, then reload.
    <//>`
  return html`
    ${
      tenants.length >= searchedFrom &&
      html`<input
        type="search"
        aria-label="Search tenants"
        placeholder="Search by name or id"
        value=${search.value}
        onInput=${(event: InputEvent) => (search.value = (event.target as HTMLInputElement).value)}
      />`
    }
    <ul class="choices">
      ${found.map(
        tenant =>
          html`<li key=${tenant.id}>
            <button type="button" onClick=${() => chooseTenant(tenant)}>
              <span class="choice-name">${tenant.name}</span><code>${tenant.id}</code><${Icon} name="next" />
            </button>
          </li>`,
      )}
    </ul>
    ${found.length === 0 && html`<p class="quiet">No tenant has “${search.value}” in its name or id.</p>`}
  `
}

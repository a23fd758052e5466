import { useSignal } from '@preact/signals'
import type { Tenant } from '../api/shapes.ts'
import { useLoad } from '../hooks/use-load.ts'
import { html } from '../html.ts'
import { EmptyState } from '../parts/empty-state.ts'
import { valueOf } from '../parts/field.ts'
import { Icon } from '../parts/icon.ts'
import { Loaded } from '../parts/loaded.ts'
import { Mark } from '../parts/mark.ts'
import { chooseTenant, listTenants, signOut } from './session.ts'

/** From this length on, searching a list is quicker than reading it. */
const searchedFrom = 8

/** Lets the operator choose the tenant to work on. */
export const TenantChoice = ({ token }: { token: string }) => {
  const load = useLoad(() => listTenants(token), [token])
  return html`<main class="alone">
    <div class="sign-in">
      <${Mark} />
      <h1>Choose a tenant</h1>
      <p class="lead">You are signed in as the operator. The tenant’s audit records every change that you make.</p>
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
    return html`<${EmptyState} title="No tenants yet">
      Create one with <code>PUT /v1/tenants/acme</code> and <code>${'{"name": "Acme"}'}</code>, then reload this page.
    <//>`
  return html`
    ${
      tenants.length >= searchedFrom &&
      html`<input
        type="search"
        aria-label="Search tenants"
        placeholder="Search by name or id"
        value=${search.value}
        onInput=${(event: Event) => (search.value = valueOf(event))}
      />`
    }
    <ul class="rows choices">
      ${found.map(
        tenant =>
          html`<li class="row" key=${tenant.id}>
            <button type="button" onClick=${() => chooseTenant(tenant)}>
              <span class="choice-name">${tenant.name}</span><code>${tenant.id}</code><${Icon} name="next" />
            </button>
          </li>`,
      )}
    </ul>
    ${found.length === 0 && html`<p class="quiet">No tenant has “${search.value}” in its name or id.</p>`}
  `
}

import { html } from './html.ts'
import { Layout } from './layout.ts'
import { ProblemNotice } from './parts/problem-notice.ts'
import { restore, signOut } from './session/session.ts'
import { session } from './session/session-state.ts'
import { SignIn } from './session/sign-in.ts'
import { TenantChoice } from './session/tenant-choice.ts'

/** The whole page: the sign-in, the choice of a tenant, or the layout with a view. */
export const App = () => {
  const state = session.value
  switch (state.phase) {
    case 'signed-out':
      return html`<${SignIn} problem=${state.problem} />`
    case 'restoring':
      return state.problem === null
        ? html`<p class="starting">Doorbell</p>`
        : html`<main class="alone">
            <${ProblemNotice} problem=${state.problem} onRetry=${restore} />
            <button type="button" class="button ghost" onClick=${() => signOut()}>Sign out</button>
          </main>`
    case 'choosing':
      return html`<${TenantChoice} token=${state.token} />`
    case 'signed-in':
      return html`<${Layout} key=${state.tenant.id} me=${state.me} tenant=${state.tenant} />`
  }
}

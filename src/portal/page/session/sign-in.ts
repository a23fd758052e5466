import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Problem } from '../api/problem.ts'
import { html } from '../html.ts'
import { Field, type Tied } from '../parts/field.ts'
import { Mark } from '../parts/mark.ts'
import { ProblemNotice } from '../parts/problem-notice.ts'
import { useAction } from '../hooks/use-action.ts'
import { signIn } from './session.ts'
import { ThemeSwitch } from '../theme/theme-switch.ts'

/** The first view of who has not been here: a token is all it takes. `problem` says why somebody was signed out. */
export const SignIn = ({ problem }: { problem: Problem | null }) => {
  const token = useSignal('')
  const missing = useSignal(false)
  const entering = useAction(() => signIn(token.value.trim()))
  useEffect(() => {
    document.title = 'Sign in · Doorbell'
  }, [])
  const submit = (event: Event) => {
    event.preventDefault()
    missing.value = token.value.trim() === ''
    if (!missing.value) void entering.run()
  }
  const shown = entering.problem ?? problem
  return html`<main class="alone">
    <form class="sign-in" novalidate onSubmit=${submit}>
      <${Mark} />
      <h1>Sign in to Doorbell</h1>
      <p class="lead">
        Webhooks for visitor check-ins: signed, retried, and traced from the front desk to your endpoint.
      </p>
      ${shown && html`<${ProblemNotice} problem=${shown} />`}
      <${Field}
        label="Access token"
        hint="It is kept in this tab only, and forgotten when you close it."
        error=${missing.value ? 'Enter a token: your operator, or an administrator of your tenant, makes them.' : undefined}
      >
        ${(tied: Tied) =>
          html`<input
            ...${tied}
            class="mono"
            type="password"
            name="token"
            autocomplete="current-password"
            spellcheck=${false}
            autofocus
            placeholder="dbt_…"
            value=${token.value}
            onInput=${(event: InputEvent) => (token.value = (event.target as HTMLInputElement).value)}
          />`}
      <//>
      <button type="submit" class="button primary" disabled=${entering.isBusy}>
        ${entering.isBusy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
    <footer class="alone-foot">
      <a href="/docs">API reference</a><a href="/.well-known/jwks.json">Key set</a><${ThemeSwitch} />
    </footer>
  </main>`
}

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Problem } from '../api/problem.ts'
import { useAction } from '../hooks/use-action.ts'
import { html } from '../html.ts'
import { Field, type Tied, valueOf } from '../parts/field.ts'
import { Mark } from '../parts/mark.ts'
import { ProblemNotice } from '../parts/problem-notice.ts'
import { ThemeSwitch } from '../theme/theme-switch.ts'
import { signIn } from './session.ts'

/** The sign-in form. `problem` says why the previous session ended. */
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
        hint="The token stays in this tab only and is forgotten when you close it."
        error=${missing.value ? 'Enter a token. Your operator or an administrator of your tenant can create one.' : undefined}
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
            onInput=${(event: Event) => (token.value = valueOf(event))}
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

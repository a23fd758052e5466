import type { Scope } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Toggle } from '../../parts/toggle.ts'
import { may, session } from '../../session/session-state.ts'

interface ScopeChoiceProps {
  scopes: readonly Scope[]
  error: string | undefined
  onChange: (scopes: readonly Scope[]) => void
}

const meanings: readonly (readonly [Scope, string])[] = [
  ['events:write', 'Publish events, for the system at your front desk'],
  ['subscriptions:read', 'See subscriptions and the audit'],
  ['subscriptions:write', 'Create, change, pause, test and delete subscriptions'],
  ['deliveries:read', 'See deliveries and events'],
  ['deliveries:write', 'Send again, cancel and replay deliveries'],
  ['tokens:write', 'Create and revoke tokens'],
]

/** A token cannot have a scope that its creator does not have. Users of the portal may also allow a system to publish events. */
const canGrant = (scope: Scope): boolean => {
  const state = session.value
  return may(scope) || (scope === 'events:write' && state.phase === 'signed-in' && state.me.kind === 'user')
}

/** The scopes of a new token. */
export const ScopeChoice = ({ scopes, error, onChange }: ScopeChoiceProps) =>
  html`<fieldset class="scopes">
    <legend>Scopes</legend>
    ${error !== undefined && html`<p class="error" role="alert">${error}</p>`}
    ${meanings
      .filter(([scope]) => canGrant(scope))
      .map(
        ([scope, meaning]) =>
          html`<${Toggle}
            key=${scope}
            label=${html`<code>${scope}</code>`}
            hint=${meaning}
            isOn=${scopes.includes(scope)}
            onChange=${(isOn: boolean) => onChange(isOn ? [...scopes, scope] : scopes.filter(one => one !== scope))}
          />`,
      )}
  </fieldset>`

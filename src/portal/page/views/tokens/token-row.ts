import type { Token } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { serverNow } from '../../format/server-clock.ts'
import { Chips } from '../../parts/chips.ts'
import { StatusBadge, type Tone } from '../../parts/status-badge.ts'
import { When } from '../../parts/when.ts'

/** A token in the list. */
export const TokenRow = ({ token, onRevoke }: { token: Token; onRevoke: () => void }) => {
  const { id, description, scopes, createdAt, createdBy, expiresAt, lastUsedAt } = token
  const { tone, word } = stateOf(token)
  return html`<tr class=${tone === 'ok' ? '' : 'over'}>
    <td>
      <span class="token-name">${description ?? 'Unnamed token'}</span>
      <span class="quiet small"
        >created <${When} at=${createdAt} />${createdBy === undefined ? '' : ` by ${createdBy}`}</span
      >
    </td>
    <td><${StatusBadge} tone=${tone}>${word}<//></td>
    <td><${Chips} texts=${scopes} /></td>
    <td data-label="used"><${WhenOrNever} at=${lastUsedAt} /></td>
    <td data-label="expires"><${WhenOrNever} at=${expiresAt} /></td>
    <td class="number">
      ${
        tone === 'ok' &&
        html`<button
          type="button"
          class="button small danger"
          aria-label=${`Revoke ${description ?? id}`}
          onClick=${onRevoke}
        >
          Revoke
        </button>`
      }
    </td>
  </tr>`
}

const stateOf = ({ revokedAt, expiresAt }: Token): { readonly tone: Tone; readonly word: string } => {
  if (revokedAt !== null) return { tone: 'quiet', word: 'Revoked' }
  if (expiresAt !== null && Date.parse(expiresAt) <= serverNow()) return { tone: 'quiet', word: 'Expired' }
  return { tone: 'ok', word: 'Valid' }
}

const WhenOrNever = ({ at }: { at: string | null }) =>
  at === null ? html`<span class="quiet">never</span>` : html`<${When} at=${at} />`

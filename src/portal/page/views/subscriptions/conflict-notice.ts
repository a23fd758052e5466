import { useEffect } from 'preact/hooks'
import type { Answer } from '../../api/client.ts'
import type { Subscription } from '../../api/shapes.ts'
import { html } from '../../html.ts'
import { Notice } from '../../parts/notice.ts'

/** Another person has changed the subscription since it was read. */
export interface Conflict {
  /** The subscription as that person saved it. */
  readonly theirs: Answer<Subscription>
  /** Names of the settings that they changed. */
  readonly changed: readonly string[]
  /** Those of them that were changed here too. */
  readonly both: readonly string[]
}

interface ConflictProps {
  conflict: Conflict
  onKeepMine: () => void
  onTakeTheirs: () => void
}

/** Says what another person has changed, and lets this person decide whose changes to keep. */
export const ConflictNotice = ({ conflict: { changed, both }, onKeepMine, onTakeTheirs }: ConflictProps) => {
  useEffect(() => document.querySelector<HTMLElement>('[data-conflict] button')?.focus(), [])
  return html`<div data-conflict>
    <${Notice}
      tone="warn"
      role="alert"
      title=${`Another person changed this subscription while you were editing: ${changed.join(', ')}`}
      foot=${html`
        <button type="button" class="button" onClick=${onKeepMine}>Apply my changes to theirs</button>
        <button type="button" class="button ghost" onClick=${onTakeTheirs}>Discard mine and show theirs</button>
      `}
    >
      <p>
        Nothing was saved.
        ${
          both.length === 0
            ? ' You changed other settings, so nothing is lost if you apply yours to theirs.'
            : ` You also changed ${both.join(', ')}: your values would replace theirs.`
        }
      </p>
    <//>
  </div>`
}

import { useSignal } from '@preact/signals'
import type { EventType } from '../../../../api/shapes.ts'
import { capitalized } from '../../../../format/text.ts'
import { html } from '../../../../html.ts'
import { CodeBlock, prettyJson } from '../../../../parts/code-block.ts'
import { isChecked } from '../../../../parts/toggle.ts'

interface TypeRowProps {
  type: EventType
  isOn: boolean
  /** True: the whole family is selected. */
  isImplied: boolean
  toggle: (pattern: string, isOn: boolean) => void
}

const details = ['sample', 'schema'] as const

/** One event type with its checkbox, its sample and its schema. */
export const TypeRow = ({ type: { type, description, schema, sample }, isOn, isImplied, toggle }: TypeRowProps) => {
  const shown = useSignal<'none' | (typeof details)[number]>('none')
  return html`<li class="event-type">
    <div class="event-type-line">
      <label>
        <input
          type="checkbox"
          checked=${isOn || isImplied}
          disabled=${isImplied}
          onChange=${(event: Event) => toggle(type, isChecked(event))}
        />
        <span><code>${type}</code><span class="hint">${description}</span></span>
      </label>
      <span class="event-type-more">
        ${details.map(
          detail =>
            html`<button
              type="button"
              class="button ghost small"
              key=${detail}
              aria-expanded=${shown.value === detail}
              aria-label=${`${capitalized(detail)} of ${type}`}
              onClick=${() => (shown.value = shown.value === detail ? 'none' : detail)}
            >
              ${capitalized(detail)}
            </button>`,
        )}
      </span>
    </div>
    ${shown.value === 'sample' && html`<${CodeBlock} code=${prettyJson(sample)} what=${`the sample of ${type}`} />`}
    ${shown.value === 'schema' && html`<${CodeBlock} code=${prettyJson(schema)} what=${`the schema of ${type}`} />`}
  </li>`
}

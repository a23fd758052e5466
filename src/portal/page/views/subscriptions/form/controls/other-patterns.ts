import { useSignal } from '@preact/signals'
import type { EventType } from '../../../../api/shapes.ts'
import { html } from '../../../../html.ts'
import { RemovableChip } from '../../../../parts/chips.ts'
import { valueOf } from '../../../../parts/field.ts'

interface OtherPatternsProps {
  value: readonly string[]
  known: readonly EventType[]
  toggle: (pattern: string, isOn: boolean) => void
}

/** Selected patterns that have no checkbox: `*`, or a type that is not in the catalogue. */
export const OtherPatterns = ({ value, known, toggle }: OtherPatternsProps) => {
  const typed = useSignal('')
  const withCheckbox = new Set(known.flatMap(({ type }) => [type, `${type.split('.')[0]}.*`]))
  const others = value.filter(pattern => !withCheckbox.has(pattern))
  const add = () => {
    const pattern = typed.value.trim()
    if (pattern !== '') toggle(pattern, true)
    typed.value = ''
  }
  return html`<div class="event-others">
    ${others.map(
      pattern =>
        html`<${RemovableChip}
          key=${pattern}
          removeLabel=${`Remove ${pattern}`}
          onRemove=${() => toggle(pattern, false)}
        >
          <code>${pattern}</code>
        <//>`,
    )}
    <input
      class="mono"
      aria-label="Another pattern"
      placeholder="another pattern, e.g. *"
      value=${typed.value}
      onInput=${(event: Event) => (typed.value = valueOf(event))}
      onKeyDown=${(event: KeyboardEvent) => {
        if (event.key !== 'Enter') return
        event.preventDefault()
        add()
      }}
    />
    <button type="button" class="button" disabled=${typed.value.trim() === ''} onClick=${add}>Add</button>
  </div>`
}

import { useId, useState } from 'preact/hooks'
import { html } from '../html.ts'

interface TabsProps {
  /** Names the group for a screen reader. */
  label: string
  tabs: readonly { readonly label: string; readonly content: unknown }[]
}

/** Shows one of several contents at a time. The arrow keys move between the tabs (WAI-ARIA, tabs with automatic activation). */
export const Tabs = ({ label, tabs }: TabsProps) => {
  const [chosen, choose] = useState(0)
  const id = useId()
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -chosen, End: tabs.length - 1 - chosen }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = (chosen + step + tabs.length) % tabs.length
    choose(next)
    document.querySelector<HTMLElement>(`[id="${id}-tab-${next}"]`)?.focus()
  }
  return html`<div class="tabs">
    <div role="tablist" aria-label=${label} onKeyDown=${move}>
      ${tabs.map(
        (tab, index) =>
          html`<button
            type="button"
            role="tab"
            key=${tab.label}
            id=${`${id}-tab-${index}`}
            aria-selected=${index === chosen ? 'true' : 'false'}
            aria-controls=${`${id}-panel`}
            tabindex=${index === chosen ? 0 : -1}
            onClick=${() => choose(index)}
          >
            ${tab.label}
          </button>`,
      )}
    </div>
    <div role="tabpanel" id=${`${id}-panel`} aria-labelledby=${`${id}-tab-${chosen}`}>${tabs[chosen]?.content}</div>
  </div>`
}

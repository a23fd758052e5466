import { html } from '../html.ts'

interface ToggleProps {
  label: unknown
  hint?: unknown
  isOn: boolean
  onChange: (isOn: boolean) => void
}

/** A setting that is on or off. */
export const Toggle = ({ label, hint, isOn, onChange }: ToggleProps) =>
  html`<label class="toggle">
    <input type="checkbox" checked=${isOn} onChange=${(event: Event) => onChange(isChecked(event))} />
    <span><b>${label}</b>${hint && html`<span class="hint">${hint}</span>`}</span>
  </label>`

/** Whether a checkbox is checked after an event. */
export const isChecked = (event: Event): boolean => (event.target as HTMLInputElement).checked

import { useState } from 'preact/hooks'
import { html } from '../../../html.ts'
import type { ControlProps } from './controls/control.ts'
import type { Section } from './sections.ts'

/** One section of the form. A folded section opens by itself when one of its fields has a fault. */
export const FormSection = ({ section, shared }: { section: Section; shared: ControlProps }) => {
  const { title, about, summary, controls } = section
  const [isOpen, setOpen] = useState(false)
  const fields = html`<div class="fields">
    ${Object.entries(controls).map(([field, Control]) => html`<${Control} key=${field} ...${shared} />`)}
  </div>`
  if (summary === undefined)
    return html`<section class="form-section">
      <div class="form-about">
        <h2>${title}</h2>
        <p>${about}</p>
      </div>
      ${fields}
    </section>`
  const hasFault = Object.keys(controls).some(field => shared.faultAt(`/${field}`) !== undefined)
  return html`<details
    class="form-section"
    open=${isOpen || hasFault}
    onToggle=${(event: Event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}
  >
    <summary>
      <span class="form-about"
        ><h2>${title}</h2>
        <span>${summary(shared.draft)}</span></span
      >
    </summary>
    ${fields}
  </details>`
}

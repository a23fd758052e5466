import { get } from '../../../../api/client.ts'
import type { EventType } from '../../../../api/shapes.ts'
import { useLoad } from '../../../../hooks/use-load.ts'
import { html } from '../../../../html.ts'
import { Loaded } from '../../../../parts/loaded.ts'
import { isChecked } from '../../../../parts/toggle.ts'
import { OtherPatterns } from './other-patterns.ts'
import { TypeRow } from './type-row.ts'

interface PickerProps {
  value: readonly string[]
  onChange: (value: readonly string[]) => void
  error?: string | undefined
}

/** Selects or removes a pattern. */
type TogglePattern = (pattern: string, isOn: boolean) => void

/** Chooses event types of the catalogue, whole families of types, and other patterns. */
export const EventTypePicker = ({ value, onChange, error }: PickerProps) => {
  const load = useLoad(async signal => (await get<{ items: EventType[] }>('/v1/event-types', { signal })).items, [])
  const toggle: TogglePattern = (pattern, isOn) => {
    const others = value.filter(one => one !== pattern)
    onChange(isOn ? [...others, pattern] : others)
  }
  return html`<fieldset class="event-types" aria-describedby=${error === undefined ? undefined : 'event-types-error'}>
    <legend class="visually-hidden">Event types</legend>
    ${error !== undefined && html`<p class="error" id="event-types-error">${error}</p>`}
    <${Loaded} of=${load}>
      ${(catalogue: readonly EventType[]) => html`
        ${familiesOf(catalogue).map(
          family => html`<${FamilyOfTypes} key=${family.prefix} ...${family} value=${value} toggle=${toggle} />`,
        )}
        <${OtherPatterns} value=${value} known=${catalogue} toggle=${toggle} />
      `}
    <//>
  </fieldset>`
}

interface Family {
  readonly prefix: string
  readonly title: string
  readonly types: readonly EventType[]
}

const titles: Readonly<Record<string, string>> = { visit: 'Visits', webhook: 'Your subscriptions' }

const familiesOf = (catalogue: readonly EventType[]): readonly Family[] => {
  const prefixes = [...new Set(catalogue.map(({ type }) => type.split('.')[0] ?? ''))]
  return prefixes.map(prefix => ({
    prefix,
    title: titles[prefix] ?? prefix,
    types: catalogue.filter(({ type }) => type.startsWith(`${prefix}.`)),
  }))
}

interface FamilyProps extends Family {
  value: readonly string[]
  toggle: TogglePattern
}

const FamilyOfTypes = ({ prefix, title, types, value, toggle }: FamilyProps) => {
  const all = `${prefix}.*`
  // The pattern * stands for all types of visits, and for no others.
  const isImplied = prefix === 'visit' && value.includes('*')
  const hasAll = value.includes(all) || isImplied
  return html`<div class="event-family">
    <div class="event-family-head">
      <h3>${title}</h3>
      <label>
        <input
          type="checkbox"
          checked=${hasAll}
          disabled=${isImplied}
          onChange=${(event: Event) => toggle(all, isChecked(event))}
        />
        all, including future types <code>${all}</code>
      </label>
    </div>
    <ul>
      ${types.map(
        type =>
          html`<${TypeRow}
            key=${type.type}
            type=${type}
            isImplied=${hasAll}
            isOn=${value.includes(type.type)}
            toggle=${toggle}
          />`,
      )}
    </ul>
  </div>`
}

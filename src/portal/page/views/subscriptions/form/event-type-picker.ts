import { useSignal } from '@preact/signals'
import { get } from '../../../api/client.ts'
import type { EventType } from '../../../api/shapes.ts'
import { html } from '../../../html.ts'
import { CodeBlock, prettyJson } from '../../../parts/code-block.ts'
import { Icon } from '../../../parts/icon.ts'
import { Loaded } from '../../../parts/loaded.ts'
import { useLoad } from '../../../hooks/use-load.ts'

interface PickerProps {
  value: readonly string[]
  onChange: (value: readonly string[]) => void
  error?: string | undefined
}

/** Types of the catalogue, whole families of them, and any pattern that is not among them. */
export const EventTypePicker = ({ value, onChange, error }: PickerProps) => {
  const load = useLoad(async signal => (await get<{ items: EventType[] }>('/v1/event-types', { signal })).items, [])
  const toggle = (pattern: string, isOn: boolean) =>
    onChange(isOn ? [...value.filter(one => one !== pattern), pattern] : value.filter(one => one !== pattern))
  return html`<fieldset class="event-types" aria-describedby=${error === undefined ? undefined : 'event-types-error'}>
    <legend class="visually-hidden">Event types</legend>
    ${error !== undefined && html`<p class="error" id="event-types-error">${error}</p>`}
    <${Loaded} of=${load}>
      ${(catalogue: readonly EventType[]) => html`
        ${families(catalogue).map(
          ({ prefix, title, types }) =>
            html`<${Family}
              key=${prefix}
              prefix=${prefix}
              title=${title}
              types=${types}
              value=${value}
              toggle=${toggle}
            />`,
        )}
        <${OtherPatterns} value=${value} known=${catalogue} toggle=${toggle} />
      `}
    <//>
  </fieldset>`
}

const titles: Readonly<Record<string, string>> = { visit: 'Visits', webhook: 'About your subscriptions' }

const families = (catalogue: readonly EventType[]) => {
  const prefixes = [...new Set(catalogue.map(({ type }) => type.split('.')[0] ?? ''))]
  return prefixes.map(prefix => ({
    prefix,
    title: titles[prefix] ?? prefix,
    types: catalogue.filter(({ type }) => type.startsWith(`${prefix}.`)),
  }))
}

interface FamilyProps {
  prefix: string
  title: string
  types: readonly EventType[]
  value: readonly string[]
  toggle: (pattern: string, isOn: boolean) => void
}

const Family = ({ prefix, title, types, value, toggle }: FamilyProps) => {
  const all = `${prefix}.*`
  const hasAll = value.includes(all) || (prefix === 'visit' && value.includes('*'))
  return html`<div class="event-family">
    <div class="event-family-head">
      <h3>${title}</h3>
      <label>
        <input
          type="checkbox"
          checked=${hasAll}
          disabled=${prefix === 'visit' && value.includes('*')}
          onChange=${(event: Event) => toggle(all, (event.target as HTMLInputElement).checked)}
        />
        all, also future ones <code>${all}</code>
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

interface TypeRowProps {
  type: EventType
  isOn: boolean
  /** By the whole family. */
  isImplied: boolean
  toggle: (pattern: string, isOn: boolean) => void
}

const TypeRow = ({ type: { type, description, schema, sample }, isOn, isImplied, toggle }: TypeRowProps) => {
  const shown = useSignal<'none' | 'sample' | 'schema'>('none')
  const show = (what: 'sample' | 'schema') => () => {
    shown.value = shown.value === what ? 'none' : what
  }
  return html`<li class="event-type">
    <div class="event-type-line">
      <label>
        <input
          type="checkbox"
          checked=${isOn || isImplied}
          disabled=${isImplied}
          onChange=${(event: Event) => toggle(type, (event.target as HTMLInputElement).checked)}
        />
        <span><code>${type}</code><span class="hint">${description}</span></span>
      </label>
      <span class="event-type-more">
        ${(['sample', 'schema'] as const).map(
          what =>
            html`<button
              type="button"
              class="button ghost small"
              aria-expanded=${shown.value === what}
              aria-label=${`${what === 'sample' ? 'Sample' : 'Schema'} of ${type}`}
              onClick=${show(what)}
            >
              ${what === 'sample' ? 'Sample' : 'Schema'}
            </button>`,
        )}
      </span>
    </div>
    ${shown.value === 'sample' && html`<${CodeBlock} code=${prettyJson(sample)} what=${`the sample of ${type}`} />`}
    ${shown.value === 'schema' && html`<${CodeBlock} code=${prettyJson(schema)} what=${`the schema of ${type}`} />`}
  </li>`
}

interface OtherProps {
  value: readonly string[]
  known: readonly EventType[]
  toggle: (pattern: string, isOn: boolean) => void
}

/** Patterns that no box above stands for: `*`, or a type that the catalogue does not have (any more). */
const OtherPatterns = ({ value, known, toggle }: OtherProps) => {
  const typed = useSignal('')
  const boxes = new Set(known.flatMap(({ type }) => [type, `${type.split('.')[0]}.*`]))
  const others = value.filter(pattern => !boxes.has(pattern))
  const add = () => {
    const pattern = typed.value.trim()
    if (pattern !== '') toggle(pattern, true)
    typed.value = ''
  }
  return html`<div class="event-others">
    ${others.map(
      pattern =>
        html`<span class="chip removable" key=${pattern}>
          ${pattern}
          <button type="button" aria-label=${`Remove ${pattern}`} onClick=${() => toggle(pattern, false)}>
            <${Icon} name="close" />
          </button>
        </span>`,
    )}
    <input
      class="mono"
      aria-label="Another pattern"
      placeholder="another pattern, e.g. *"
      value=${typed.value}
      onInput=${(event: Event) => (typed.value = (event.target as HTMLInputElement).value)}
      onKeyDown=${(event: KeyboardEvent) => {
        if (event.key !== 'Enter') return
        event.preventDefault()
        add()
      }}
    />
    <button type="button" class="button" disabled=${typed.value.trim() === ''} onClick=${add}>Add</button>
  </div>`
}

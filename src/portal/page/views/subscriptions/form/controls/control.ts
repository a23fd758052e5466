import type { SettableField } from '../../../../api/shapes.ts'
import { html } from '../../../../html.ts'
import { Choice, type ChoiceOption } from '../../../../parts/choice.ts'
import type { FaultAt } from '../../../../parts/field.ts'
import { TextInput, type TextInputProps } from '../../../../parts/text-input.ts'
import { Toggle } from '../../../../parts/toggle.ts'
import type { SettingsDraft } from '../model/draft.ts'

export interface ControlProps {
  draft: SettingsDraft
  set: (change: Partial<SettingsDraft>) => void
  faultAt: FaultAt
}

/** Renders the inputs of one field. */
export type SettingControl = (props: ControlProps) => unknown

/** Controls for some of the fields, in the order in which they are shown. */
export type SettingControls<F extends SettableField> = { readonly [Field in F]: SettingControl }

/** The names of the draft’s values of this type, e.g. of all texts. */
type DraftOf<T> = { [Name in keyof SettingsDraft]: T extends SettingsDraft[Name] ? Name : never }[keyof SettingsDraft]

/** One line of text. `pointer` names the value in a fault of the API. */
export const textControl =
  (
    name: DraftOf<string>,
    pointer: string,
    input: Omit<TextInputProps, 'value' | 'error' | 'onChange'>,
  ): SettingControl =>
  ({ draft, set, faultAt }) =>
    html`<${TextInput}
      ...${input}
      value=${draft[name]}
      error=${faultAt(pointer)}
      onChange=${(text: string) => set({ [name]: text })}
    />`

export const choiceControl =
  (
    name: 'retryKind' | 'ordering' | 'payload' | 'authKind',
    legend: string,
    options: readonly ChoiceOption[],
  ): SettingControl =>
  ({ draft, set }) =>
    html`<${Choice}
      legend=${legend}
      name=${name}
      value=${draft[name]}
      onChange=${(value: string) => set({ [name]: value })}
      options=${options}
    />`

export const toggleControl =
  (name: DraftOf<boolean>, label: string, hint: unknown): SettingControl =>
  ({ draft, set }) =>
    html`<${Toggle}
      label=${label}
      hint=${hint}
      isOn=${draft[name]}
      onChange=${(isOn: boolean) => set({ [name]: isOn })}
    />`

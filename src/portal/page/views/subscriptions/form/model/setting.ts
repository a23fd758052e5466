import type { SettableField, SubscriptionSettings } from '../../../../api/shapes.ts'
import { readDuration } from '../../../../format/duration.ts'
import type { SettingsDraft } from './draft.ts'

/** Settings in the form in which the API takes them. A field that the person left open is absent. */
export type Settings = Partial<SubscriptionSettings>

/** How the form handles one field. */
export interface SettingModel<F extends SettableField> {
  /** Names the field in a sentence: "timeout". */
  readonly name: string
  /** The part of the draft that shows a stored value; the value is undefined if it is not set. */
  readonly toDraft: (value: Settings[F]) => Partial<SettingsDraft>
  /** The value that the draft stands for; undefined if the person left it open. Reports what has no meaning as a fault. */
  readonly fromDraft: (draft: SettingsDraft, faults: Faults) => Settings[F]
}

/** A model for some of the fields. */
export type SettingModels<F extends SettableField> = { readonly [Field in F]: SettingModel<Field> }

/** Collects what is wrong in a draft, by the JSON Pointers that the API would use. */
export class Faults {
  readonly byPointer = new Map<string, string>()

  add(pointer: string, detail: string): void {
    this.byPointer.set(pointer, detail)
  }

  durationMs(pointer: string, text: string): number {
    const ms = readDuration(text)
    if (ms === null) this.add(pointer, 'Enter a duration such as 30 s, 5 min or 2 h.')
    return ms ?? 0
  }

  number(pointer: string, text: string): number {
    const value = Number(text.replace(',', '.'))
    if (text.trim() === '' || !Number.isFinite(value)) this.add(pointer, 'Enter a number.')
    return value
  }
}

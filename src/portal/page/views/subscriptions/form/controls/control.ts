import type { FaultAt } from '../../../../parts/field.ts'
import type { SettingsDraft } from '../model/draft.ts'
import type { SettableField } from '../../../../api/shapes.ts'

export interface ControlProps {
  draft: SettingsDraft
  set: (change: Partial<SettingsDraft>) => void
  faultAt: FaultAt
}

/** Renders the inputs of one field. */
export type SettingControl = (props: ControlProps) => unknown

/** Controls for some of the fields, in the order in which they are shown. */
export type SettingControls<F extends SettableField> = { readonly [Field in F]: SettingControl }
